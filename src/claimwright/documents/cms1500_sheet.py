"""Where each box of the CMS-1500 (02/12) stands, and our own drawing of its boxes.

The printed form has 66 lines of six to the inch and ten characters to the inch. The official form's artwork and words
belong to the NUCC and are not here: numbers, lines and short captions are our own. Positions are those that practice
systems print to in public sources; a printer's own tolerance is what the offset is for.
"""

from __future__ import annotations

from typing import Any

from claimwright.documents.paper import POINTS_PER_CHARACTER, Pen, Place, Sheet

LEFT, BASELINE = 24.0, 22.5  # points: left edge of column 1; line n has its baseline BASELINE + 12 n from the top
EDGE_LEFT, EDGE_RIGHT = 21.5, 592.0
MIDDLE, PERSON = 372.0, 231.0  # where the right third begins; where box 3 begins
BESIDE_17 = 222.0  # where boxes 15 and 17a begin
TOP, ROW = 98.0, 24.0
LINES_TOP, LINES = 530.0, 6
FOOT = 758.0
BY_LETTER = 13  # columns from one diagnosis to the next


def _date(line: float, box: str, columns: tuple[float, float, float], year: int = 4) -> dict[str, Place]:
    month, day, last = columns
    return {
        f"{box}.month": Place(line, month, 2), f"{box}.day": Place(line, day, 2), f"{box}.year": Place(line, last, year),
    }  # fmt: skip


def _person(line: float, box: str, column: float, state: float, area: float) -> dict[str, Place]:
    """An address block of three rows: street, city and state, postal code and telephone."""
    return {
        box: Place(line, column, 28), f"{box}.city": Place(line + 2, column, 23),
        f"{box}.state": Place(line + 2, state, 3), f"{box}.zip": Place(line + 4, column, 12),
        f"{box}.area": Place(line + 4, area, 3), f"{box}.phone": Place(line + 4, area + 4, 9),
    }  # fmt: skip


def _service(row: int) -> dict[str, Place]:
    box, upper, lower = f"24.{row + 1}", 43 + 2 * row, 44 + 2 * row
    return {
        f"{box}.shaded": Place(upper, 1, 61), f"{box}.H.reason": Place(upper, 62.4, 2), f"{box}.I": Place(upper, 65, 2),
        f"{box}.J.other": Place(upper, 68, 11), **_date(lower, f"{box}.A.from", (1, 4, 7), 2),
        **_date(lower, f"{box}.A.to", (10, 13, 16), 2), f"{box}.B": Place(lower, 19, 2), f"{box}.C": Place(lower, 22, 2),
        f"{box}.D": Place(lower, 25, 6), f"{box}.D.1": Place(lower, 33, 2), f"{box}.D.2": Place(lower, 36, 2),
        f"{box}.D.3": Place(lower, 39, 2), f"{box}.D.4": Place(lower, 42, 2), f"{box}.E": Place(lower, 45, 4),
        f"{box}.F": Place(lower, 49.3, 6, "right"), f"{box}.F.cents": Place(lower, 56, 2),
        f"{box}.G": Place(lower, 58.9, 3, "right"), f"{box}.H": Place(lower, 62.9, 1), f"{box}.J": Place(lower, 68, 10),
    }  # fmt: skip


PLACES: dict[str, Place] = {
    **{f"carrier.{at}": Place(1 + at, 41, 38) for at in range(1, 5)},
    "1a": Place(8, 50, 29),
    "2": Place(10, 1, 28), **_date(10, "3", (31, 34, 37)), "4": Place(10, 50, 29),
    **_person(12, "5", 1, 26, 15), **_person(12, "7", 50, 74, 65),
    "9": Place(18, 1, 28), "11": Place(18, 50, 29),
    "9a": Place(20, 1, 28), **_date(20, "11a", (53, 56, 59)),
    "10b.state": Place(22, 45, 2), "11b.qualifier": Place(22, 50, 2), "11b": Place(22, 53.5, 25),
    "11c": Place(24, 50, 29),
    "9d": Place(26, 1, 28), "10d": Place(26, 30, 19),
    "12": Place(29, 7, 21), "13": Place(29, 57, 21),
    **_date(32, "14", (2, 5, 8)), "14.qualifier": Place(32, 16, 3),
    "15.qualifier": Place(32, 31, 3), **_date(32, "15", (37, 40, 43)),
    **_date(32, "16.from", (54, 57, 60)), **_date(32, "16.to", (68, 71, 74)),
    "17a.qualifier": Place(33, 30.2, 2), "17a": Place(33, 33, 16),
    "17.qualifier": Place(34, 1, 2), "17": Place(34, 4, 24), "17b": Place(34, 33, 10),
    **_date(34, "18.from", (54, 57, 60)), **_date(34, "18.to", (68, 71, 74)),
    "19": Place(36, 1, 48), "20.charge": Place(36, 61.3, 8, "right"), "20.cents": Place(36, 70, 2),
    "21.version": Place(37, 42, 1),
    **{
        f"21.{letter}": Place(38 + at // 4, 3 + BY_LETTER * (at % 4), 7) for at, letter in enumerate("ABCDEFGHIJKL")
    },
    "22": Place(38, 50, 11), "22.reference": Place(38, 62, 17), "23": Place(40, 50, 29),
    **{box: place for row in range(LINES) for box, place in _service(row).items()},
    "25": Place(56, 1, 15), "26": Place(56, 23, 14),
    "28": Place(56, 50.3, 7, "right"), "28.cents": Place(56, 58, 2),
    "29": Place(56, 61.3, 6, "right"), "29.cents": Place(56, 68, 2),
    "31": Place(59, 1, 21), "31.name": Place(60, 1, 21), "31.date": Place(61, 12.8, 8),
    **{f"32.{at}": Place(57 + at, 23, 26) for at in range(1, 4)}, "32a": Place(61, 24, 10), "32b": Place(61, 36, 13),
    "33.area": Place(57, 66, 3), "33.phone": Place(57, 70, 9),
    **{f"33.{at}": Place(57 + at, 50, 29) for at in range(1, 4)}, "33a": Place(61, 51, 10), "33b": Place(61, 63, 16),
}  # fmt: skip


def _yes_no(line: float, yes: float, no: float) -> dict[str, Place]:
    return {"YES": Place(line, yes, 1), "NO": Place(line, no, 1)}


CHOICES: dict[str, dict[str, Place]] = {
    "1": {
        value: Place(8, column, 1)
        for value, column in (
            ("MEDICARE", 1), ("MEDICAID", 8), ("TRICARE", 15), ("CHAMPVA", 24), ("GROUP", 31), ("FECA", 39), ("OTHER", 45),
        )
    },
    "3.sex": {"M": Place(10, 42, 1), "F": Place(10, 47, 1)},
    "6": {
        "SELF": Place(12, 33, 1), "SPOUSE": Place(12, 38, 1), "CHILD": Place(12, 42, 1), "OTHER": Place(12, 47, 1),
    },
    "10a": _yes_no(20, 35, 41), "10b": _yes_no(22, 35, 41), "10c": _yes_no(24, 35, 41),
    "11a.sex": {"M": Place(20, 68, 1), "F": Place(20, 75, 1)},
    "11d": _yes_no(26, 52, 57), "20": _yes_no(36, 52, 57),
    "25.kind": {"SSN": Place(56, 17, 1), "EIN": Place(56, 19, 1)},
    "27": _yes_no(56, 38, 43),
}  # fmt: skip
BESIDE = {"MEDICARE": "Medicare", "MEDICAID": "Medicaid", "TRICARE": "Tricare", "CHAMPVA": "Champva", "GROUP": "Group",
          "FECA": "Feca", "OTHER": "Other", "SELF": "Self", "SPOUSE": "Spouse", "CHILD": "Child", "M": "M", "F": "F",
          "YES": "Yes", "NO": "No", "SSN": "SSN", "EIN": "EIN"}  # fmt: skip


def _at(column: float) -> float:
    return LEFT + (column - 1) * POINTS_PER_CHARACTER


# Captions: left edge, row counted from box 1, words.
CAPTIONS: tuple[tuple[float, float, str], ...] = (
    (EDGE_LEFT, 0, "1  Program"), (MIDDLE, 0, "1a  Member number"),
    (EDGE_LEFT, 1, "2  Patient (last, first, middle)"), (PERSON, 1, "3  Patient born"), (_at(41.5), 1, "Sex"),
    (MIDDLE, 1, "4  Insured (last, first, middle)"),
    (EDGE_LEFT, 2, "5  Patient street"), (PERSON, 2, "6  Patient is the insured's"), (MIDDLE, 2, "7  Insured street"),
    (EDGE_LEFT, 3, "City"), (_at(25.4), 3, "State"), (PERSON, 3, "8  Reserved"), (MIDDLE, 3, "City"),
    (_at(73.4), 3, "State"),
    (EDGE_LEFT, 4, "ZIP"), (_at(14.2), 4, "Telephone"), (MIDDLE, 4, "ZIP"), (_at(64.2), 4, "Telephone"),
    (EDGE_LEFT, 5, "9  Other insured"), (PERSON, 5, "10  Condition comes from"), (MIDDLE, 5, "11  Group or FECA number"),
    (EDGE_LEFT, 6, "9a  Other policy or group"), (PERSON, 6, "10a  Work"), (MIDDLE, 6, "11a  Insured born"),
    (_at(65), 6, "Sex"),
    (EDGE_LEFT, 7, "9b  Reserved"), (PERSON, 7, "10b  Auto accident"), (_at(44), 7, "State"),
    (MIDDLE, 7, "11b  Other claim number"),
    (EDGE_LEFT, 8, "9c  Reserved"), (PERSON, 8, "10c  Other accident"), (MIDDLE, 8, "11c  Plan"),
    (EDGE_LEFT, 9, "9d  Other plan"), (PERSON, 9, "10d  Claim codes"), (MIDDLE, 9, "11d  Another health plan"),
    (EDGE_LEFT, 10, "12  Patient lets records be released to settle the claim"),
    (MIDDLE, 10, "13  Insured lets the plan pay the provider"),
    (EDGE_LEFT, 12, "14  Illness, injury or last period began"), (BESIDE_17, 12, "15  Other date"),
    (MIDDLE, 12, "16  Unable to work"),
    (EDGE_LEFT, 13, "17  Referring, ordering or supervising"), (MIDDLE, 13, "18  In hospital"),
    (EDGE_LEFT, 14, "19  More about the claim"), (MIDDLE, 14, "20  Outside laboratory"), (_at(62), 14, "Charge $"),
    (EDGE_LEFT, 15, "21  Diagnoses"), (_at(37.4), 15, "ICD"), (MIDDLE, 15, "22  Resubmission"),
    (_at(61.4), 15, "Payer's claim number"), (MIDDLE, 16, "23  Authorization number"),
    (EDGE_LEFT, 24, "25  Tax id"), (_at(22.4), 24, "26  Account"), (_at(37.4), 24, "27  Assignment"),
    (MIDDLE, 24, "28  Total $"), (_at(60.4), 24, "29  Paid $"), (_at(70.4), 24, "30  Reserved"),
    (EDGE_LEFT, 25, "31  Signed"), (_at(22.4), 25, "32  Place of service"), (MIDDLE, 25, "33  Billing provider"),
)  # fmt: skip

# Upright lines: where, from row, to row.
UPRIGHTS: tuple[tuple[float, float, float], ...] = (
    (EDGE_LEFT, 0, 27.5), (EDGE_RIGHT, 0, 27.5), (MIDDLE, 0, 17), (MIDDLE, 24, 27.5), (PERSON, 1, 10), (_at(25.2), 3, 4),
    (_at(73.2), 3, 4), (_at(14), 4, 5), (_at(64), 4, 5), (BESIDE_17, 12, 14), (_at(22.2), 24, 27.5),
    (_at(37.2), 24, 25), (_at(60.2), 24, 25), (_at(70.2), 24, 25), (_at(35.2), 27, 27.5), (_at(62.2), 27, 27.5),
    (_at(61.2), 15, 16), (_at(14.5), 12, 13),
)  # fmt: skip

# Box 24: where each part begins, and its caption.
PARTS: tuple[tuple[float, str, str], ...] = (
    (EDGE_LEFT, "24 A", "From        To"), (_at(18.6), "B", "Place"), (_at(21.5), "C", "Emg"),
    (_at(24.4), "D", "Procedure      Modifiers"), (_at(44.6), "E", "Dx"), (MIDDLE, "F", "Charge $"), (_at(58.5), "G", "Units"),
    (_at(62.2), "H", "EPSDT"), (_at(64.7), "I", "Id"), (_at(67.6), "J", "Rendering provider"),
)  # fmt: skip


def _draw(canvas: Any) -> None:
    pen = Pen(canvas)
    pen.caption(EDGE_LEFT, 40, "HEALTH CLAIM, CMS-1500 (02/12) BOXES", 9, bold=True)
    pen.caption(EDGE_LEFT, 49, "Drawn by Claimwright; not the printed original, which some payers require.", 6)
    _rows(pen)
    for x, row, text in CAPTIONS:
        pen.caption(x + 2, TOP + row * ROW + 6, text)
    for x, first, last in UPRIGHTS:
        pen.down(x, TOP + first * ROW, TOP + last * ROW)
    for box, values in CHOICES.items():
        for value, place in values.items():
            _cross_box(pen, place, BESIDE[value], above=box == "25.kind" or (box, value) == ("6", "OTHER"))
    _small(pen)
    _service_lines(pen)


def _rows(pen: Pen) -> None:
    full = (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 17, 18, 24, 25, 27.5)
    for row in full:
        pen.across(TOP + row * ROW, EDGE_LEFT, EDGE_RIGHT)
    for row, start, end in ((4, EDGE_LEFT, PERSON), (4, MIDDLE, EDGE_RIGHT), (16, MIDDLE, EDGE_RIGHT)):
        pen.across(TOP + row * ROW, start, end)
    pen.across(TOP + 13.5 * ROW, BESIDE_17, MIDDLE)
    pen.across(TOP + 27 * ROW, _at(22.2), EDGE_RIGHT)


def _small(pen: Pen) -> None:
    """Captions within a row."""
    for row, text, column in ((12, "Qual", 14.55), (12, "Qual", 28.8), (12, "From", 51), (12, "To", 65.4),
                              (13, "From", 51), (13, "To", 65.4)):  # fmt: skip
        pen.caption(_at(column), TOP + row * ROW + 19, text)
    pen.caption(BESIDE_17 + 1, TOP + 13 * ROW + 8, "17a")
    pen.caption(BESIDE_17 + 1, TOP + 13.5 * ROW + 8, "17b NPI")
    for at, letter in enumerate("ABCDEFGHIJKL"):
        pen.caption(_at(1.2 + BY_LETTER * (at % 4)), BASELINE + (38 + at // 4) * 12, f"{letter}.", 7)
    for column, text in ((22.4, "a"), (35.4, "b"), (49.4, "a"), (62.4, "b")):
        pen.caption(_at(column), TOP + 27 * ROW + 6, text)
    pen.caption(_at(10), TOP + 27 * ROW + 8, "Date")
    pen.caption(_at(1), TOP + 11 * ROW + 6, "Signed")
    pen.caption(_at(51), TOP + 11 * ROW + 6, "Signed")
    for column, first, last in ((55.5, LINES_TOP, LINES_TOP + 144), (57.6, LINES_TOP + 144, LINES_TOP + 168),
                                (67.6, LINES_TOP + 144, LINES_TOP + 168)):  # fmt: skip
        pen.down(_at(column), first, last, dotted=True)


def _cross_box(pen: Pen, place: Place, beside: str, *, above: bool) -> None:
    x, foot = _at(place.column), BASELINE + place.line * 12
    pen.square(x - 0.6, foot - 7.9, 8.4, 9.2)
    if above:
        pen.caption(x - 0.6, foot - 9.4, beside)
    else:
        pen.caption(x + 9, foot - 1.5, beside)


def _service_lines(pen: Pen) -> None:
    for x, letter, text in PARTS:
        pen.caption(x + 2, LINES_TOP - ROW + 7, letter, 6)
        pen.caption(x + 2, LINES_TOP - 4, text)
        if x != EDGE_LEFT:
            pen.down(x, LINES_TOP - ROW, LINES_TOP + LINES * ROW)
    for row in range(LINES):
        top = LINES_TOP + row * ROW
        pen.shade(EDGE_LEFT + 0.3, top + 0.3, EDGE_RIGHT - EDGE_LEFT - 0.6, ROW / 2 - 0.6)
        pen.across(top + ROW, EDGE_LEFT, EDGE_RIGHT)
        pen.caption(EDGE_LEFT - 7, top + 21, str(row + 1), 6)
        pen.caption(_at(64.9), top + 21, "NPI")
    for x, _, _ in PARTS[-3:]:
        pen.down(x, LINES_TOP, LINES_TOP + LINES * ROW)


SHEET = Sheet(
    name="CMS-1500 (02/12)", left=LEFT, baseline=BASELINE, places=PLACES, choices=CHOICES, draw=_draw
)  # fmt: skip
