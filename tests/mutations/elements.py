"""Levels 1 and 2 of elements: wherever a guide's row says something of an element, that is broken there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.guides.rows import Row
from claimwright.x12.states import Compiled, qualifier_values
from tests.mutations.files import Mutant, Sample, Spot

Kind = Callable[[Sample, Spot], Iterator[Mutant]]
MONEY, FORMAT, FORMATTED = "782", "1250", "1251"
LONGEST_TRIED = 300
# What a qualifier decides is told as the segment's misfortune: it is then another segment, or none of this loop.
MISPLACED = frozenset(
    ("SNIP2-SEGMENT-UNEXPECTED", "SNIP2-SEGMENT-MISPLACED", "SNIP2-SEGMENT-TOO-MANY", "SNIP2-LOOP-TOO-MANY",
     "SNIP2-SEGMENT-MISSING", "SNIP2-LOOP-MISSING", "SNIP2-HL-PARENT")
)  # fmt: skip
STRAY = "what the qualifier had opened or filled is now missing, and what followed it has lost its place"
CONSEQUENCES = {
    "SNIP1-SYNTAX": "the element is one of a pair",
    "SNIP1-DATE": "the element is the format of the next one",
    "SNIP1-TIME": "the element is the format of the next one",
    "SNIP2-HL-*": "levels are known by their numbers, which the levels below name",
    "SNIP2-LX-SEQUENCE": "lines are counted",
}


def named(
    kind: str, snip: int, sample: Sample, spot: Spot, data: bytes, ids: str, position: int, component: int = 0,
    also: dict[str, str] | None = None,
) -> Mutant:  # fmt: skip
    at = f"{spot.loop.id} {spot.shape.id}{position:02d}" + (f"-{component}" if component else "")
    return Mutant(
        kind, snip, data, frozenset(ids.split()), spot.number, position, component, spot.shape.id,
        also={**CONSEQUENCES, **HIGHER, **(also or {})}, sample=repr(sample), place=f"{at} @{spot.number}",
    )  # fmt: skip


HIGHER = {
    "SNIP3-*": "a sum of which the element is a part",
    "SNIP4-*": "a situation of which the element is a part",
    "SNIP5-*": "the value is no longer a word of its list",
}


def filled(spot: Spot) -> Iterator[tuple[Row, int, int, str]]:
    """Each row of the segment that has a value: row, position, component (0 = simple element), value."""
    rows = spot.rows()
    for (position, component), row in rows.items():
        value = spot.value(position)
        if not value:
            continue
        composite = any((position, n) in rows for n in range(1, 20))
        if component:
            parts = value.split(spot.state.compiled.delimiters.repetition)[0]
            inner = parts.split(spot.state.compiled.delimiters.component)
            if component <= len(inner) and inner[component - 1]:
                yield row, position, component, inner[component - 1]
        elif not composite and spot.state.compiled.delimiters.repetition not in value:
            yield row, position, 0, value


def _composites(spot: Spot) -> Iterator[tuple[int, list[Row]]]:
    for row in spot.shape.rows:
        if not row.component and spot.value(row.position):
            parts = [one for one in spot.shape.rows if one.position == row.position and one.component]
            if parts:
                yield row.position, parts


def _names(spot: Spot, row: Row) -> bool:
    """Whether the row's value decides where the segment belongs, or which guide it is read by."""
    return bool(row.codes) and (spot.told_apart or spot.shape.id in ("BHT", "HL"))


def _free(row: Row) -> bool:
    """A row that takes any text of its element's type."""
    return not row.codes or bool(row.code_set)


def _codes_like(value: str) -> Iterator[str]:
    yield from (letter * len(value) for letter in "QJ7V3")
    yield "QJX7"


def _all_codes(spot: Spot, position: int, component: int) -> frozenset[str]:
    """What any segment of that id may hold there, in any loop of the guide: another one of them is another segment."""
    return _codes_of(spot.state.compiled, spot.shape.id, position, component)


@cache
def _codes_of(compiled: Compiled, segment_id: str, position: int, component: int) -> frozenset[str]:
    found: set[str] = set()
    pending = [compiled.root]
    while pending:
        state = pending.pop()
        pending.extend(state.children)
        for place in state.places:
            if place.shape.id == segment_id:
                found.update(qualifier_values(place.shape, position, component))
    return frozenset(found)


# --- level 1


def element_too_long(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        kind, _, longest = ELEMENTS.get(row.element, ("AN", 1, 999))
        if not _free(row) or longest > LONGEST_TRIED or kind in ("DT", "TM") or spot.shape.id == "BIN":
            continue
        long = "9" * (longest + 1) if kind[0] in "RN" else (value + "X" * longest)[: longest + 1]
        yield named(
            "element-too-long", 1, sample, spot, sample.with_element(spot, position, long, component),
            "SNIP1-ELEMENT-LONG SNIP1-DATE", position, component,
        )  # fmt: skip


def element_too_short(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        kind, shortest, _ = ELEMENTS.get(row.element, ("AN", 1, 999))
        if not _free(row) or shortest < 2 or kind in ("DT", "TM"):
            continue
        yield named(
            "element-too-short", 1, sample, spot,
            sample.with_element(spot, position, value[: shortest - 1].strip() or "X", component),
            "SNIP1-ELEMENT-SHORT", position, component,
        )  # fmt: skip


def _numbers(spot: Spot) -> Iterator[tuple[int, int, str]]:
    for row, position, component, value in filled(spot):
        kind = ELEMENTS.get(row.element, ("AN", 1, 999))[0]
        if kind[0] in "RN" and _free(row) and spot.shape.id != "BIN":
            yield position, component, value


def _number_as(name: str, spoil: Callable[[str], str]) -> Kind:
    def made(sample: Sample, spot: Spot) -> Iterator[Mutant]:
        for position, component, value in _numbers(spot):
            if spoil(value) != value:
                yield named(
                    name, 1, sample, spot, sample.with_element(spot, position, spoil(value), component),
                    "SNIP1-NUMBER SNIP1-ELEMENT-LONG SNIP2-CODE", position, component,
                )  # fmt: skip

    return made


number_with_letter = _number_as("number-with-letter", lambda value: value[:-1] + "A")
number_with_plus = _number_as("number-with-plus", lambda value: "+" + value)
number_with_comma = _number_as("number-with-comma", lambda value: value[:1] + "," + value[1:])
number_with_exponent = _number_as("number-with-exponent", lambda value: value[:1] + "E1")
number_with_dollar = _number_as("number-with-dollar", lambda value: "$" + value)
number_with_blank = _number_as("number-with-blank", lambda value: " " + value)


def money_of_three_decimals(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        if row.element == MONEY and len(value) < 14:
            whole = value.partition(".")[0]
            yield named(
                "money-of-three-decimals", 1, sample, spot,
                sample.with_element(spot, position, f"{whole}.123", component),
                "SNIP1-AMOUNT-DECIMALS", position, component,
            )  # fmt: skip


def _dates(spot: Spot) -> Iterator[tuple[int, int, str, str]]:
    """Each element that holds a date or a time: position, component, its format and its value."""
    rows = spot.rows()
    for row, position, component, value in filled(spot):
        kind, shortest, _ = ELEMENTS.get(row.element, ("AN", 1, 999))
        if kind == "DT" and shortest == 8:
            yield position, component, "D8", value
        elif kind == "TM":
            yield position, component, "TM!", value
        elif row.element == FORMATTED and not component and (position - 1, 0) in rows:
            yield position, component, spot.value(position - 1), value


def _date_as(name: str, formats: str, spoil: Callable[[str], str], ids: str = "SNIP1-DATE") -> Kind:
    def made(sample: Sample, spot: Spot) -> Iterator[Mutant]:
        for position, component, given, value in _dates(spot):
            if given in formats.split() and spoil(value) != value:
                yield named(
                    name, 1, sample, spot, sample.with_element(spot, position, spoil(value), component), ids,
                    position, component,
                )  # fmt: skip

    return made


date_of_month_thirteen = _date_as("date-of-month-thirteen", "D8", lambda value: value[:4] + "1301")
date_of_february_thirty = _date_as("date-of-february-thirty", "D8", lambda value: value[:4] + "0230")
date_of_no_leap_year = _date_as("date-of-no-leap-year", "D8", lambda value: "20230229")
date_of_day_zero = _date_as("date-of-day-zero", "D8", lambda value: value[:6] + "00")
date_of_six_digits = _date_as("date-of-six-digits", "D8", lambda value: value[2:])
date_with_dashes = _date_as("date-with-dashes", "D8", lambda value: f"{value[:4]}-{value[4:6]}-{value[6:]}")
date_month_first = _date_as("date-month-first", "D8", lambda value: value[4:] + value[:4])
date_of_year_one = _date_as("date-of-year-one", "D8", lambda value: "0001" + value[4:])
range_reversed = _date_as(
    "range-reversed", "RD8",
    lambda value: value if value[:8] == value[9:] else "-".join(reversed(value.split("-"))),
)  # fmt: skip
range_of_one_date = _date_as("range-of-one-date", "RD8", lambda value: value[:8])
range_with_impossible_date = _date_as("range-with-impossible-date", "RD8", lambda value: value[:15] + "32")
time_of_hour_25 = _date_as("time-of-hour-25", "TM TM!", lambda value: "25" + value[2:], "SNIP1-TIME SNIP1-DATE")
time_of_minute_61 = _date_as(
    "time-of-minute-61", "TM TM!", lambda value: value[:2] + "61" + value[4:], "SNIP1-TIME SNIP1-DATE"
)
moment_impossible = _date_as("moment-impossible", "DT", lambda value: value[:8] + "2500")


def _text_as(name: str, spoil: Callable[[str], str]) -> Kind:
    def made(sample: Sample, spot: Spot) -> Iterator[Mutant]:
        for row, position, component, value in filled(spot):
            kind, _, longest = ELEMENTS.get(row.element, ("AN", 1, 999))
            new = spoil(value)
            if kind in ("AN", "ID") and row.element != FORMATTED and len(new) <= longest and spot.shape.id != "BIN":
                if row.codes and _names(spot, row):
                    continue
                data = sample.with_element(spot, position, new, component)
                ids = "SNIP1-CHARACTER SNIP2-CODE"
                if not new.strip() and data.decode("latin-1").count(new + sample.terminator):
                    ids += " SNIP1-TRAILING-SEPARATOR"  # blanks before a terminator are passed over
                also = {"SNIP2-ELEMENT-MISSING": "blanks before a terminator are passed over"}
                yield named(name, 1, sample, spot, data, ids, position, component, also)

    return made


character_of_control = _text_as("character-of-control", lambda value: value[:-1] + "\x07")
character_beyond_ascii = _text_as("character-beyond-ascii", lambda value: value[:-1] + "\xe9")
character_tab = _text_as("character-tab", lambda value: "\t" + value[1:])
only_blanks = _text_as("only-blanks", lambda value: " " * max(2, len(value)))


def repeated_element(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row in spot.shape.rows:
        value = spot.value(row.position)
        if row.component or not value or row.repeats != 1 or spot.shape.id == "BIN" or _names(spot, row):
            continue
        if sample.repetition.isalnum():
            continue  # a 997 of version 4010 knows no repeats
        also = {"SNIP2-CODE": "read as one value where the row lists codes"}
        yield named(
            "repeated-element", 1, sample, spot,
            sample.with_element(spot, row.position, value + sample.repetition + value),
            "SNIP1-REPEATS", row.position, 0, also,
        )  # fmt: skip


def component_in_simple_element(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        if not component and spot.shape.id not in ("BIN", "HL") and not _names(spot, row):
            yield named(
                "component-in-simple-element", 1, sample, spot,
                sample.with_element(spot, position, value + sample.component + "X"),
                "SNIP1-COMPONENTS", position,
            )  # fmt: skip


def too_many_components(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for position, parts in _composites(spot):
        highest = max(part.component for part in parts)
        yield named(
            "too-many-components", 1, sample, spot, sample.with_element(spot, position, "X", highest + 1),
            "SNIP1-COMPONENTS", position, highest + 1,
        )  # fmt: skip


def too_many_elements(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    """One more than the guide uses, which the standard may have; and one more than any segment has."""
    highest = max(row.position for row in spot.shape.rows)
    if spot.shape.id != "BIN":
        yield named(
            "one-element-too-many", 1, sample, spot, sample.with_element(spot, highest + 1, "X"),
            "SNIP1-ELEMENT-TOO-MANY SNIP2-ELEMENT-NOT-USED", highest + 1,
        )  # fmt: skip
        yield named(
            "element-99", 1, sample, spot, sample.with_element(spot, 99, "X"), "SNIP1-ELEMENT-TOO-MANY", 0
        )  # fmt: skip


def trailing_separator(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    if spot.shape.id != "BIN":
        data = sample.with_line(spot.index, sample.lines[spot.index] + sample.element)
        position = len(spot.elements)
        yield named("trailing-separator", 1, sample, spot, data, "SNIP1-TRAILING-SEPARATOR", position)


def trailing_component_separator(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for position, parts in _composites(spot):
        value = spot.value(position)
        if value.count(sample.component) + 1 < max(part.component for part in parts):
            data = sample.with_element(spot, position, value + sample.component)
            yield named("trailing-component-separator", 1, sample, spot, data, "SNIP1-TRAILING-SEPARATOR", position)


def syntax_rule_broken(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for rule in spot.shape.syntax:
        positions = [int(rule[at : at + 2]) for at in range(1, len(rule), 2)]
        filled = [one for one in positions if spot.value(one)]
        rows = spot.rows()
        parts = [*spot.elements, *[""] * 40]
        if rule[0] == "P" and len(filled) == len(positions):
            parts[positions[-1]] = ""
        elif rule[0] == "R" and len(filled) > 0:
            for one in positions:
                parts[one] = ""
        elif rule[0] == "E" and len(filled) == 1:
            other = next(one for one in positions if one != filled[0])
            if (other, 0) not in rows:
                continue
            parts[other] = "1"
        elif rule[0] in "CL" and spot.value(positions[0]) and len(filled) > 1:
            for one in positions[1:]:
                parts[one] = ""
        else:
            continue
        if spot.told_apart and any(_names(spot, rows[one, 0]) for one in positions if (one, 0) in rows):
            continue
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        yield named(
            f"syntax-{rule[0]}-broken", 1, sample, spot, sample.with_line(spot.index, sample.element.join(parts)),
            "SNIP1-SYNTAX", 0, 0,
            {"SNIP2-ELEMENT-MISSING": "the row requires one of the pair", "SNIP2-CODE": "what was put in",
             "SNIP1-ELEMENT-SHORT": "what was put in", "SNIP1-DATE": "what was put in"},
        )  # fmt: skip


def binary_length_wrong(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    """BIN01 says one byte more, or less, than BIN02 has."""
    if spot.shape.id == "BIN":
        for more in (1, -1):
            data = sample.with_element(spot, 1, str(int(spot.value(1)) + more))
            yield named("binary-length-wrong", 1, sample, spot, data, "SNIP1-BINARY-LENGTH", 0)


# --- level 2


def required_element_emptied(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row in spot.shape.rows:
        if row.usage != "R" or row.component or not spot.value(row.position) or spot.shape.id == "BIN":
            continue
        parts = len([one for one in spot.shape.rows if one.position == row.position]) > 1
        name = "required-composite-emptied" if parts else "required-element-emptied"
        ids, position = "SNIP2-ELEMENT-MISSING", row.position
        also: dict[str, str] = {}
        if any(_names(spot, one) for one in spot.shape.rows if one.position == row.position):
            ids, also, position = " ".join(("SNIP2-ELEMENT-MISSING", *MISPLACED)), _stray(), 0
        yield named(name, 2, sample, spot, sample.with_element(spot, row.position, ""), ids, position, 0, also)


def required_component_emptied(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, _ in filled(spot):
        if component and row.usage == "R":
            ids, also = "SNIP2-ELEMENT-MISSING", {}
            data = sample.with_element(spot, position, "", component)
            repeats = spot.value(position).split(sample.repetition)
            if not any(part for n, part in enumerate(repeats[0].split(sample.component), 1) if n != component):
                continue  # that would leave out the whole composite
            if _names(spot, row):
                ids, also = " ".join(("SNIP2-ELEMENT-MISSING", *MISPLACED)), _stray()
            yield named(
                "required-component-emptied", 2, sample, spot, data, ids,
                0 if _names(spot, row) else position, 0, also,
            )  # fmt: skip


def _stray() -> dict[str, str]:
    return {"SNIP2-*": STRAY, "SNIP1-*": STRAY, "SNIP3-*": STRAY, "SNIP4-*": STRAY, "SNIP5-*": STRAY}


def unused_element_filled(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    rows = spot.rows()
    highest = max(position for position, _ in rows)
    for position in range(1, highest):
        if (position, 0) not in rows:
            yield named(
                "unused-element-filled", 2, sample, spot, sample.with_element(spot, position, "1"),
                "SNIP2-ELEMENT-NOT-USED", position,
            )  # fmt: skip


def unused_component_filled(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for position, parts in _composites(spot):
        used = {part.component for part in parts}
        for component in range(1, max(used)):
            if component not in used:
                yield named(
                    "unused-component-filled", 2, sample, spot, sample.with_element(spot, position, "1", component),
                    "SNIP2-ELEMENT-NOT-USED", position, component,
                )  # fmt: skip


def code_not_listed(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        if not row.codes or row.code_set:
            continue
        code = next(one for one in _codes_like(value) if one not in _all_codes(spot, position, component))
        ids, also, at = "SNIP2-CODE", {"SNIP2-*": "the rest of the segment hangs on the code"}, position
        if _names(spot, row):
            ids, also, at = " ".join(("SNIP2-CODE", *MISPLACED)), _stray(), 0
        if (spot.shape.id, position) in (("ST", 1), ("BHT", 2)):
            continue
        yield named(
            "code-not-listed", 2, sample, spot, sample.with_element(spot, position, code, component), ids, at,
            component if at else 0, also,
        )  # fmt: skip


def code_in_lower_case(sample: Sample, spot: Spot) -> Iterator[Mutant]:
    for row, position, component, value in filled(spot):
        if row.codes and not row.code_set and value.lower() not in row.codes and not _names(spot, row):
            yield named(
                "code-in-lower-case", 2, sample, spot, sample.with_element(spot, position, value.lower(), component),
                "SNIP2-CODE", position, component,
            )  # fmt: skip


ELEMENT_KINDS: tuple[Kind, ...] = (
    element_too_long, element_too_short, number_with_letter, number_with_plus, number_with_comma,
    number_with_exponent, number_with_dollar, number_with_blank, money_of_three_decimals, date_of_month_thirteen,
    date_of_february_thirty, date_of_no_leap_year, date_of_day_zero, date_of_six_digits, date_with_dashes,
    date_month_first, date_of_year_one, range_reversed, range_of_one_date, range_with_impossible_date,
    time_of_hour_25, time_of_minute_61, moment_impossible, character_of_control, character_beyond_ascii,
    character_tab, only_blanks, repeated_element, component_in_simple_element, too_many_components,
    too_many_elements, trailing_separator, trailing_component_separator, syntax_rule_broken, binary_length_wrong,
    required_element_emptied, required_component_emptied, unused_element_filled, unused_component_filled,
    code_not_listed, code_in_lower_case,
)  # fmt: skip
