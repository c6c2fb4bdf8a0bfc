"""Where each locator of the UB-04 stands, and our own drawing of the form.

The printed form has 63 lines of six to the inch and 82 columns of ten to the inch. The official form's artwork and words
belong to the NUBC and are not here: numbers, lines and short captions are our own. Positions are those that practice
systems print to in public sources; a printer's own tolerance is what the offset is for.
"""

from __future__ import annotations

from typing import Any

from claimwright.documents.paper import POINTS_PER_CHARACTER, POINTS_PER_LINE, Pen, Place, Sheet

LEFT, BASELINE = 11.5, 8.5  # points: left edge of column 1; line n has its baseline BASELINE + 12 n from the top
EDGE_LEFT, EDGE_RIGHT = 8.5, 604.5
FIRST_LINE, LAST_LINE = 1, 63
SERVICE_LINE, SERVICE_LINES = 18, 22
TOTAL_LINE = 40
PAYER_LINE, INSURED_LINE, NUMBER_LINE = 42, 46, 50
DIAGNOSIS_LINE = 53
CONDITION, SPAN = 34.4, 41.7  # columns: where locators 18 and 35 begin
DIAGNOSIS, CAUSE, DIAGNOSIS_WIDTH = (
    2.45,
    49.8,
    8,
)  # columns of locators 67 and 72, columns from one diagnosis to the next


def _date(line: float, column: float) -> Place:
    return Place(line, column, 6)


def _money(line: float, box: str, column: float, characters: int) -> dict[str, Place]:
    """Dollars up to the rule, cents behind it."""
    return {
        box: Place(line, column, characters, "right"), f"{box}.cents": Place(line, column + characters + 0.6, 2),
    }  # fmt: skip


def _head() -> dict[str, Place]:
    return {
        **{f"1.{at}": Place(at, 2.2, 23) for at in range(1, 5)}, **{f"2.{at}": Place(at, 27.2, 23) for at in range(1, 5)},
        "3a": Place(1, 55.3, 22), "3b": Place(2, 55.3, 22), "4": Place(2, 78.6, 4),
        "5": Place(4, 50.7, 10), "6.from": Place(4, 61.4, 6), "6.through": Place(4, 68.4, 6),
        "8a": Place(5, 12.3, 17), "8b": Place(6, 2.4, 27),
        "9a": Place(5, 42.3, 38), "9b": Place(6, 32.3, 30), "9c": Place(6, 65.3, 2), "9d": Place(6, 69.3, 10),
        "9e": Place(6, 80.2, 2),
        "10": Place(8, 1, 8), "11": Place(8, 10.2, 1), "12": Place(8, 12.3, 6), "13": Place(8, 19.2, 2),
        "14": Place(8, 22.2, 1), "15": Place(8, 25.2, 1), "16": Place(8, 28.2, 2), "17": Place(8, 31.2, 2),
        **{str(18 + at): Place(8, CONDITION + 3 * at, 2) for at in range(11)}, "29": Place(8, 67.4, 2),
    }  # fmt: skip


def _events() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for row, letter in enumerate("ab"):
        line = 10 + row
        for at in range(4):
            places[f"{31 + at}{letter}"] = Place(line, 1.2 + 10 * at, 2)
            places[f"{31 + at}{letter}.date"] = _date(line, 4.4 + 10 * at)
        for at in range(2):
            places[f"{35 + at}{letter}"] = Place(line, 41.2 + 17.1 * at, 2)
            places[f"{35 + at}{letter}.from"] = _date(line, 44.4 + 17 * at)
            places[f"{35 + at}{letter}.through"] = _date(line, 51.4 + 17 * at)
    places |= {f"38.{at}": Place(11 + at, 2.8, 38) for at in range(1, 6)}
    for row, letter in enumerate("abcd"):
        for at in range(3):
            box, column = f"{39 + at}{letter}", 44.4 + 13 * at
            places[box] = Place(13 + row, column, 2)
            places[f"{box}.amount"] = Place(13 + row, column + 3.1, 7, "right")
            places[f"{box}.cents"] = Place(13 + row, column + 10.5, 2)
    return places


def _services() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for row in range(SERVICE_LINES):
        line, number = SERVICE_LINE + row, row + 1
        places |= {
            f"42.{number}": Place(line, 1, 4), f"43.{number}": Place(line, 6, 24), f"44.{number}": Place(line, 31, 14),
            f"45.{number}": Place(line, 46, 6), f"46.{number}": Place(line, 53, 7, "right"),
            **_money(line, f"47.{number}", 60.6, 7), **_money(line, f"48.{number}", 70.6, 7),
        }  # fmt: skip
    return places | {
        "42.total": Place(TOTAL_LINE, 1, 4), "43.page": Place(TOTAL_LINE, 10, 3, "right"),
        "43.pages": Place(TOTAL_LINE, 17, 3, "right"), "45.created": Place(TOTAL_LINE, 46, 6),
        **_money(TOTAL_LINE, "47.total", 60.6, 7), **_money(TOTAL_LINE, "48.total", 70.6, 7),
    }  # fmt: skip


def _payers() -> dict[str, Place]:
    places = {"56": Place(PAYER_LINE - 1, 68.2, 14)}
    for row, letter in enumerate("ABC"):
        payer, insured, number = PAYER_LINE + row, INSURED_LINE + row, NUMBER_LINE + row
        places |= {
            f"50{letter}": Place(payer, 1.4, 22), f"51{letter}": Place(payer, 24.4, 14), f"52{letter}": Place(payer, 39.2, 1),
            f"53{letter}": Place(payer, 42.2, 1), **_money(payer, f"54{letter}", 43.6, 7),
            f"57{letter}": Place(payer, 68.2, 14),
            f"58{letter}": Place(insured, 1.4, 24), f"59{letter}": Place(insured, 27.2, 2),
            f"60{letter}": Place(insured, 30.2, 19), f"61{letter}": Place(insured, 50.2, 14),
            f"62{letter}": Place(insured, 65.2, 17),
            f"63{letter}": Place(number, 1.4, 29), f"64{letter}": Place(number, 32.2, 25),
            f"65{letter}": Place(number, 58.4, 24),
        }  # fmt: skip
    return places


def _diagnosis(line: float, box: str, column: float) -> dict[str, Place]:
    """The code, and at its right the letter that says whether it was present on admission."""
    return {box: Place(line, column, 7), f"{box}.poa": Place(line, column + 7, 1)}


def _coded() -> dict[str, Place]:
    names = ["67", *(f"67{letter}" for letter in "ABCDEFGHIJKLMNOPQ")]
    places = {"66": Place(DIAGNOSIS_LINE + 1, 1, 1)}
    for at, box in enumerate(names):
        row, column = divmod(at, 9)
        places |= _diagnosis(DIAGNOSIS_LINE + row, box, DIAGNOSIS + DIAGNOSIS_WIDTH * column)
    places |= {"69": Place(55, 5.2, 7)}
    places |= {f"70{letter}": Place(55, 17 + 7.1 * at, 7) for at, letter in enumerate("abc")}
    places |= {"71": Place(55, 42.4, 4)}
    for at, letter in enumerate("abc"):
        places |= _diagnosis(55, f"72{letter}", CAUSE + DIAGNOSIS_WIDTH * at)
    for at, box in enumerate(("74", "74a", "74b", "74c", "74d", "74e")):
        row, column = divmod(at, 3)
        places[box] = Place(57 + 2 * row, 1.4 + 15 * column, 7)
        places[f"{box}.date"] = _date(57 + 2 * row, 9.4 + 15 * column)
    return places


def _people() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for at, box in enumerate(("76", "77", "78", "79")):
        line = 56 + 2 * at
        places |= {
            f"{box}.kind": Place(line, 55.6, 2), f"{box}.npi": Place(line, 59.6, 10), f"{box}.qualifier": Place(line, 71.6, 2),
            f"{box}.id": Place(line, 74.2, 9), f"{box}.last": Place(line + 1, 53.6, 16), f"{box}.first": Place(line + 1, 71.6, 11),
        }  # fmt: skip
    places |= {f"80.{at + 1}": Place(60 + at, 7 if at == 0 else 2, 18 if at == 0 else 23) for at in range(4)}
    for at, letter in enumerate("abcd"):
        places |= {
            f"81{letter}.qualifier": Place(60 + at, 26.8, 2), f"81{letter}.code": Place(60 + at, 29.2, 10),
            f"81{letter}.value": Place(60 + at, 39.6, 12),
        }  # fmt: skip
    return places


PLACES: dict[str, Place] = {**_head(), **_events(), **_services(), **_payers(), **_coded(), **_people()}


def _x(column: float) -> float:
    return LEFT + (column - 1) * POINTS_PER_CHARACTER


def _top(line: float) -> float:
    """The upper edge of a line, in points from the page's top."""
    return BASELINE + 2 + (line - 1) * POINTS_PER_LINE


# Captions: column, line, words; they stand at the top of the line.
CAPTIONS: tuple[tuple[float, float, str], ...] = (
    (0.8, 1, "1"), (25.8, 1, "2"), (50.8, 1, "3a Control no."), (50.8, 2, "b Record no."), (78.2, 1, "4 Bill type"),
    (50.8, 3, "5 Tax no."), (61.2, 3, "6 Statement from"), (68.4, 3, "through"), (75.4, 3, "7"),
    (0.8, 5, "8 Patient"), (9.6, 5, "a id"), (0.8, 6, "b"), (31, 5, "9 Patient's address"), (41, 5, "a"), (31, 6, "b"),
    (64, 6, "c"), (68.2, 6, "d"), (79.2, 6, "e"),
    (0.8, 7, "10 Born"), (9.6, 7, "11 Sex"), (12.2, 7, "12 Admitted"), (18.9, 7, "13 Hr"), (21.6, 7, "14 Type"),
    (24.6, 7, "15 From"), (27.6, 7, "16 D hr"), (30.6, 7, "17 Status"), (33.9, 7, "18-28 Condition codes"),
    (66.8, 7, "29 State"), (70.2, 7, "30"),
    (0.8, 9, "31 Occurrence"), (10.8, 9, "32 Occurrence"), (20.8, 9, "33 Occurrence"), (30.8, 9, "34 Occurrence"),
    (40.8, 9, "35 Span   from / through"), (57.9, 9, "36 Span   from / through"), (75, 9, "37"),
    (0.8, 12, "38"), (43.8, 12, "39 Value, amount"), (56.8, 12, "40 Value, amount"), (69.8, 12, "41 Value, amount"),
    (0.8, 17, "42 Rev."), (5.6, 17, "43 Description"), (30.6, 17, "44 Code, rate"), (45.6, 17, "45 Date"),
    (52.6, 17, "46 Units"), (60.4, 17, "47 Charges"), (70.4, 17, "48 Not covered"), (80.4, 17, "49"),
    (6, TOTAL_LINE, "Page"), (14.2, TOTAL_LINE, "of"), (31, TOTAL_LINE, "Created"), (53, TOTAL_LINE, "Total"),
    (0.8, 41, "50 Payer"), (23.8, 41, "51 Plan id"), (38.4, 41, "52 Rel."), (41.4, 41, "53 Asg."), (44.4, 41, "54 Paid before"),
    (54.2, 41, "55 Due"), (64.2, 41, "56 NPI"), (64.2, 42, "57"),
    (0.8, 45, "58 Insured"), (26.2, 45, "59 Rel."), (29.6, 45, "60 Insured's id"), (49.6, 45, "61 Group"),
    (64.6, 45, "62 Group no."),
    (0.8, 49, "63 Authorization"), (31.4, 49, "64 Payer's claim no."), (57.8, 49, "65 Employer"),
    (0.7, 53, "66"), (0.8, 55, "69 Adm."), (13, 55, "70 Reason"), (38.6, 55, "71 DRG"), (46.6, 55, "72 Cause"),
    (74, 55, "73"), (74.7, 53, "68"),
    (0.8, 56, "74 Principal procedure"), (15.8, 56, "a Procedure"), (30.8, 56, "b Procedure"), (0.8, 58, "c Procedure"),
    (15.8, 58, "d Procedure"), (30.8, 58, "e Procedure"), (46.2, 56, "75"),
    (50.6, 56, "76 Attending"), (50.6, 58, "77 Operating"), (50.6, 60, "78 Other"), (50.6, 62, "79 Other"),
    *((58, line, "NPI") for line in (56, 58, 60, 62)), *((70, line, "Id") for line in (56, 58, 60, 62)),
    *((50.6, line, "Last") for line in (57, 59, 61, 63)), *((69.6, line, "First") for line in (57, 59, 61, 63)),
    (0.8, 60, "80 Remarks"), (25.6, 60, "81"), *((25.6, 61 + at, letter) for at, letter in enumerate("bcd")),
)  # fmt: skip

# Upright lines: column, first line, line after the last.
UPRIGHTS: tuple[tuple[float, float, float], ...] = (
    (25.6, 1, 5), (50.5, 1, 5), (77.8, 1, 3), (61, 3, 5), (68.2, 4, 5), (75.2, 3, 5), (30.6, 5, 7),
    *((column, 7, 9) for column in (9.5, 12, 18.7, 21.4, 24.4, 27.4, 30.4, 33.8, 66.6, 70)),
    *((33.8 + 3 * at, 8, 9) for at in range(1, 11)),
    *((column, 9, 12) for column in (10.6, 20.6, 30.6, 40.6, 57.7, 74.8)),
    *((3.8 + 10 * at, 10, 12) for at in range(4)), *((column, 10, 12) for column in (43.9, 51, 60.9, 68)),
    *((column, 12, 17) for column in (43.6, 56.6, 69.6)), *((column, 13, 17) for column in (46.9, 59.9, 72.9)),
    *((column, 17, TOTAL_LINE + 1) for column in (5.4, 30.4, 45.4, 52.4, 60.3, 70.3, 80.2)),
    *((column, 41, 45) for column in (23.6, 38.2, 41.2, 44.2, 54, 64)),
    *((column, 45, 49) for column in (26, 29.4, 49.4, 64.4)), *((column, 49, 53) for column in (31.2, 57.6)),
    *((column, 53, 55) for column in (2.38, 74.5)), *((column, 55, 56) for column in (12.8, 38.4, 46.4, 73.8)),
    *((column, 56, 60) for column in (15.6, 30.6, 46)), (50.4, 56, 64), (25.4, 60, 64),
    *((column, first, first + 1) for first in (56, 58, 60, 62) for column in (57.8, 69.8, 71.4, 74.1)),
    *((69.4, first, first + 1) for first in (57, 59, 61, 63)), *((column, 60, 64) for column in (29, 39.3)),
)  # fmt: skip

# Lines across: line above which they stand, from column, to column (0 and 99: from edge to edge).
ACROSS: tuple[tuple[float, float, float], ...] = (
    *((line, 0, 99) for line in (1, 5, 7, 8, 9, 10, 11, 12, 17, 18, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55,
                                 56, 60, 64)),
    (2, 50.5, 99), (3, 50.5, 99), (4, 50.5, 75.2), (6, 9.4, 30.6), (6, 30.6, 99), *((line, 43.6, 99) for line in (13, 14, 15, 16)),
    (54, 2.38, 99), *((line, 0, 46) for line in (57, 58, 59)), *((line, 50.4, 99) for line in (57, 58, 59, 61, 62, 63)),
    *((line, 25.4, 50.4) for line in (61, 62, 63)),
)  # fmt: skip
CENTS_RULES = ((67.9, SERVICE_LINE, TOTAL_LINE + 1), (77.9, SERVICE_LINE, TOTAL_LINE + 1), (50.9, 42, 45),
               (54.6, 13, 17), (67.6, 13, 17), (80.6, 13, 17))  # fmt: skip


def _draw(canvas: Any) -> None:
    pen = Pen(canvas)
    for row in range(1, SERVICE_LINES, 2):
        pen.shade(EDGE_LEFT, _top(SERVICE_LINE + row), EDGE_RIGHT - EDGE_LEFT, POINTS_PER_LINE)
    for top, start, count, lines in ((DIAGNOSIS_LINE, DIAGNOSIS, 9, 2), (55, CAUSE, 3, 1)):
        for at in range(count):  # where it says whether the diagnosis was present on admission
            edge = _x(start + DIAGNOSIS_WIDTH * at + 7)
            pen.shade(edge, _top(top), POINTS_PER_CHARACTER, lines * POINTS_PER_LINE)
    for line, first_column, end in ACROSS:
        pen.across(_top(line), max(EDGE_LEFT, _x(first_column)), min(EDGE_RIGHT, _x(end)))
    for edge in (EDGE_LEFT, EDGE_RIGHT):
        pen.down(edge, _top(FIRST_LINE), _top(LAST_LINE + 1))
    for column, first, last in UPRIGHTS:
        pen.down(_x(column), _top(first), _top(last))
    for column, first, last in CENTS_RULES:
        pen.down(_x(column), _top(first), _top(last), dotted=True)
    for column, line, text in CAPTIONS:
        pen.caption(_x(column), _top(line) + 5, text, 4.6)
    for row in range(SERVICE_LINES):
        pen.caption(2.5, _top(SERVICE_LINE + row) + 9, str(row + 1), 4.6)
    for row, letter in enumerate("ABC"):
        for block in (PAYER_LINE, INSURED_LINE, NUMBER_LINE):
            pen.caption(3, _top(block + row) + 9, letter, 5.5)
    pen.caption(EDGE_LEFT, _top(LAST_LINE + 1) + 7, "UB-04 locators, drawn by Claimwright; not the printed original, "
                "which some payers require.", 5)  # fmt: skip


SHEET = Sheet(name="UB-04", left=LEFT, baseline=BASELINE, places=PLACES, choices={}, draw=_draw)
