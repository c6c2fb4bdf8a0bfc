"""One regular expression a segment shape: it matches only segments in which nothing at all is wrong.

It is sound and not complete. What it refuses may still be right (an amount written ".5", 30 February's neighbour the
29th, a date range): `elements.Checker` then looks again, element by element, and says what is wrong if anything is.
What it accepts needs no second look. A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, groupby

from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.guides.rows import Row, Shape
from claimwright.x12.segments import Delimiters

DATE = "(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
MONEY, FORMAT, FORMATTED = "782", "1250", "1251"
DECIMALS = 3  # of a quantity; more are rare enough for the second look
NOTHING = "(?!)"  # matches never: leaves the case to the second look


class Unit:
    """Neighbouring elements that must be judged together: one, a pair, or the three of an adjustment.

    `filled` matches them with the separators between them; `required` says that they may not be left out.
    """

    __slots__ = ("filled", "hollow", "required", "size")

    def __init__(self, filled: str, required: bool, size: int = 1, hollow: str = "") -> None:
        self.filled, self.required, self.size, self.hollow = filled, required, size, hollow


def matcher(shape: Shape, delimiters: Delimiters) -> Callable[[str], object]:
    """Whether a segment's text, without terminator, is right in every element; a false answer proves nothing."""
    return re.compile(_Writer(shape, delimiters).pattern()).fullmatch


def loop_matcher(
    trigger: Shape, uses: Sequence[tuple[Shape, int, bool, int]], delimiters: Delimiters, separator: str
) -> Callable[[str, int], re.Match[str] | None]:
    """Matches a loop's own segments from its first one on, as far as they are right in themselves, in order and in
    number. `uses` are the segments that may follow: shape, position, whether it is required, most uses (0 = any).

    Uses of one position may come in any order, but those of one use together.
    """
    ending = re.escape(separator)
    groups = count(1)
    text = _Writer(trigger, delimiters, groups).pattern() + ending
    for _, same in groupby(uses, key=lambda use: use[1]):
        alike = list(same)
        if len(alike) == 1:
            shape, _, required, most = alike[0]
            text += f"(?:{_Writer(shape, delimiters, groups).pattern()}{ending}){_times(most, required)}"
        else:
            text += _in_any_order(alike, delimiters, ending, groups)
    return re.compile(text).match


def _in_any_order(
    uses: Sequence[tuple[Shape, int, bool, int]], delimiters: Delimiters, ending: str, groups: Iterator[int]
) -> str:
    """Each use once, in any order: a group that has matched is barred by its number, so groups count in text order."""
    element = re.escape(delimiters.element)
    needed: list[int] = []
    guarded = []
    for segment_id in dict.fromkeys(shape.id for shape, *_ in uses):
        branches = []
        for shape, _, required, most in uses:
            if shape.id != segment_id:
                continue
            number = next(groups)
            pattern = _Writer(shape, delimiters, groups).pattern()
            branches.append(f"(?({number})(?!)|((?:{pattern}{ending}){_times(most, True)}))")
            if required:
                needed.append(number)
        guarded.append(f"(?={re.escape(segment_id)}{element})(?:{'|'.join(branches)})")
    return f"(?:{'|'.join(guarded)})*" + "".join(f"(?({number})|(?!))" for number in needed)


def _times(most: int, required: bool) -> str:
    if most == 1:
        return "" if required else "?"
    least = 1 if required else 0
    return f"{{{least},{most}}}" if most else ("+" if required else "*")


class _Writer:
    def __init__(self, shape: Shape, delimiters: Delimiters, groups: Iterator[int] | None = None) -> None:
        self.shape = shape
        self.element, self.component = re.escape(delimiters.element), re.escape(delimiters.component)
        self.repetition = re.escape(delimiters.repetition)
        kept = [chr(code) for code in range(32, 127)]
        marks = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.terminator)
        self.any = "".join(re.escape(one) for one in kept if one not in marks)
        self.solid = "".join(re.escape(one) for one in kept[1:] if one not in marks)
        self.rows = {row.position: row for row in shape.rows if not row.component}
        self.parts: dict[int, list[Row]] = {}
        for row in shape.rows:
            if row.component:
                self.parts.setdefault(row.position, []).append(row)
        self.highest = max(self.rows, default=0)
        self.never = False
        self._groups = groups or count(1)
        self.end = f"(?![^{re.escape(delimiters.terminator)}])"  # at the terminator, or at the end of the text
        self.pairs, self.triples, self.barred = self._syntax()

    def pattern(self) -> str:
        if self.never:
            return NOTHING
        units = self._units()
        needed = max((at for at, unit in enumerate(units) if unit.required), default=-1)
        text = "".join(self._piece(unit) for unit in units[: needed + 1])
        rest = ""
        for unit in reversed(units[needed + 1 :]):
            rest = f"(?:{self._piece(unit)}{rest})?"
        return f"{re.escape(self.shape.id)}{text}{rest}(?<!{self.element})"

    def _piece(self, unit: Unit) -> str:
        if unit.required:
            return self.element + unit.filled
        if unit.size == 1:
            return f"{self.element}(?:{unit.filled})?" if unit.filled != NOTHING else self.element
        return f"{self.element}(?:{unit.filled}|{unit.hollow})"

    def _units(self) -> list[Unit]:
        units = []
        position = 1
        while position <= self.highest:
            unit = self._unit(position)
            units.append(unit)
            position += unit.size
        return units

    def _unit(self, position: int) -> Unit:
        following = position + 1
        row, after = self.rows.get(position), self.rows.get(following)
        if row is not None and after is not None:
            barred = not self.barred.isdisjoint((position, following))
            if row.element == FORMAT and after.element == FORMATTED:
                return self._dated(row, after)
            if (position, following) in self.pairs:
                both = NOTHING if barred else f"{self._filled(position)}{self.element}{self._filled(following)}"
                return Unit(both, "R" in (row.usage, after.usage), 2, self.element)
            if position in self.triples:
                last = self._filled(position + 2)
                both = f"{self._filled(position)}{self.element}{self._filled(following)}"
                return Unit(f"{both}(?:{self.element}(?:{last})?|{self.end})", False, 3, self.element * 2)
        filled = NOTHING if row is None or position in self.barred else self._filled(position)
        return Unit(filled, row is not None and row.usage == "R")

    def _dated(self, row: Row, after: Row) -> Unit:
        """A format and the date in it; a range of one day only, since a pattern cannot tell which day comes first."""
        known = [f"D8{self.element}{DATE}"] if "D8" in row.codes else []
        if "RD8" in row.codes:
            name = f"d{next(self._groups)}"
            known.append(f"RD8{self.element}(?P<{name}>{DATE})-(?P={name})")
        return Unit(
            "(?:" + "|".join(known) + ")" if known else NOTHING, "R" in (row.usage, after.usage), 2, self.element
        )

    def _filled(self, position: int) -> str:
        row = self.rows[position]
        one = self._composite(position) if position in self.parts else self._simple(row)
        if row.repeats > 1:
            return f"{one}(?:{self.repetition}{one}){{0,{row.repeats - 1}}}"
        return one

    def _composite(self, position: int) -> str:
        rows = {row.component: row for row in self.parts[position]}
        highest = max(rows)
        needed = max((number for number, row in rows.items() if row.usage == "R"), default=0)
        text, rest = "", ""
        for number in range(highest, 0, -1):
            row = rows.get(number)
            filled = self._simple(row) if row is not None else ""
            optional = f"(?:{filled})?" if filled else ""
            before = self.component if number > 1 else ""
            if number <= needed:
                text = before + (filled if row is not None and row.usage == "R" else optional) + text
            else:
                rest = f"(?:{before}{optional}{rest})?"
        return f"(?:{text}{rest})(?<!{self.component})(?<!{self.element})(?<!{self.repetition})"

    def _simple(self, row: Row) -> str:
        if row.codes and not row.code_set:
            return _alternatives(row.codes)
        kind, shortest, longest = ELEMENTS.get(row.element, ("AN", 1, 999))
        if kind == "DT" and shortest == 8:
            return DATE
        if kind == "TM":
            return TIME if shortest <= 4 else NOTHING
        if kind == "R":
            if shortest > 1:
                return NOTHING
            decimals = 2 if row.element == MONEY else min(DECIMALS, longest - 1)
            whole = max(longest - decimals, 1)
            return f"-?[0-9]{{1,{whole}}}" + (f"(?:\\.[0-9]{{1,{decimals}}})?" if decimals else "")
        if kind.startswith("N") or kind == "DT":
            return f"-?[0-9]{{{shortest},{longest}}}"
        return f"[{self.solid}][{self.any}]{{{max(shortest - 1, 0)},{longest - 1}}}"

    def _syntax(self) -> tuple[set[tuple[int, int]], set[int], set[int]]:
        """Syntax rules as pairs and triples of neighbours; elements that a rule hangs on otherwise are barred."""
        pairs: set[tuple[int, int]] = set()
        triples: set[int] = set()
        barred: set[int] = set()
        live = [
            (rule[0], [int(rule[at : at + 2]) for at in range(1, len(rule), 2)]) for rule in self.shape.syntax
        ]  # fmt: skip
        for kind, places in live:
            if kind == "L" and len(places) == 3 and places == [places[0], places[0] + 1, places[0] + 2]:
                if all(place in self.rows and place not in self.parts for place in places):
                    triples.add(places[0])
        for kind, places in live:
            used = [place for place in places if place in self.rows]
            required = {place for place in used if self.rows[place].usage == "R"}
            if kind == "P" and set(places) != required and used:
                if len(used) == len(places) == 2 and places[1] == places[0] + 1:
                    pairs.add((places[0], places[1]))
                else:
                    barred |= set(used) - required
            elif kind == "C" and places[0] in self.rows and not set(places[1:]) <= required:
                if not any(places == [first + more, first] for first in triples for more in (1, 2)):
                    barred.add(places[0])
            elif kind == "L" and places[0] in self.rows and places[0] not in triples:
                if not required & set(places[1:]):
                    barred.add(places[0])
            elif kind == "E" and len(used) > 1:
                barred |= set(used[1:])
            elif kind == "R" and not required:
                self.never = True  # one of several is needed: no single element can be asked for
        return pairs, triples, barred


def _alternatives(codes: Iterable[str]) -> str:
    listed = list(dict.fromkeys(codes))
    if all(len(code) == 1 for code in listed):
        return f"[{''.join(re.escape(code) for code in listed)}]"
    return "(?:" + "|".join(re.escape(code) for code in sorted(listed, key=lambda code: (-len(code), code))) + ")"
