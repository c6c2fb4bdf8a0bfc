"""One regular expression a segment shape: it matches only segments in which nothing at all is wrong.

It is sound and not complete. What it refuses may still be right (an amount written ".5", 30 February's neighbour the
29th, a date range): `elements.Checker` then looks again, element by element, and says what is wrong if anything is.
What it accepts needs no second look. A test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count

from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.guides.rows import Row, Shape
from claimwright.x12.segments import Delimiters

DATE = "(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"
TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
MONEY, FORMAT, FORMATTED, BYTES = "782", "1250", "1251", "B"
DECIMALS = 3  # of a quantity; more are rare enough for the second look
PLAIN_MONEY = "(?:-(?!0)|)[0-9]{1,10}(?:\\.[0-9]{1,2}|)"  # below ten billion, and never minus nothing
NOTHING = "(?!)"  # matches never: leaves the case to the second look


def maybe(pattern: str) -> str:
    """The pattern or nothing. A branch, not a question mark, which costs this engine several times as much."""
    return f"(?:{pattern}|)"


class Unit:
    """Neighbouring elements that must be judged together: one, a pair, or the three of an adjustment.

    `filled` matches them with the separators between them; `required` says that they may not be left out.
    """

    __slots__ = ("filled", "hollow", "required", "size")

    def __init__(self, filled: str, required: bool, size: int = 1, hollow: str = "") -> None:
        self.filled, self.required, self.size, self.hollow = filled, required, size, hollow


def matcher(shape: Shape, delimiters: Delimiters) -> Callable[[str], object]:
    """Whether a segment's text, without terminator, is right in every element; a false answer proves nothing."""
    return re.compile(SegmentPattern(shape, delimiters).text()).fullmatch


class SegmentPattern:
    """The expression of one shape. `captures` names groups for elements, `tail` one for what follows the highest."""

    def __init__(
        self,
        shape: Shape,
        delimiters: Delimiters,
        names: Iterator[int] | None = None,
        captures: Mapping[int, str] | None = None,
        tail: str = "",
    ) -> None:
        """`names` numbers the groups that the expression needs for itself, so that several can be put together."""
        self.shape = shape
        self.captures, self.tail = captures or {}, tail
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
        self._names = names or count(1)
        self.end = f"(?![^{re.escape(delimiters.terminator)}])"  # at the terminator, or at the end of the text
        self.pairs, self.triples, self.barred = self._syntax()

    def text(self) -> str:
        if self.never:
            return NOTHING
        units = self._units()
        needed = max((at for at, unit in enumerate(units) if unit.required), default=-1)
        last = self._last_captured(units)
        head = "".join(self._piece(unit) for unit in units[: needed + 1])
        rest = ""
        for at in range(len(units) - 1, needed, -1):
            if at == last:
                rest = self._tailed(rest)
            rest = maybe(self._piece(units[at]) + rest)
        if last <= needed:
            rest = self._tailed(rest)
        return f"{re.escape(self.shape.id)}{head}{rest}(?<!{self.element})"

    def _tailed(self, rest: str) -> str:
        return f"(?P<{self.tail}>{rest})" if self.tail else rest

    def _last_captured(self, units: list[Unit]) -> int:
        position, last = 1, -1
        for at, unit in enumerate(units):
            if any(position + more in self.captures for more in range(unit.size)):
                last = at
            position += unit.size
        return last

    def _piece(self, unit: Unit) -> str:
        if unit.required:
            return self.element + unit.filled
        if unit.size == 1:
            return self.element + maybe(unit.filled) if unit.filled != NOTHING else self.element
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
                return Unit(f"{both}(?:{self.element}{maybe(last)}|{self.end})", False, 3, self.element * 2)
        filled = NOTHING if row is None or position in self.barred else self._filled(position)
        return Unit(filled, row is not None and row.usage == "R")

    def _dated(self, row: Row, after: Row) -> Unit:
        """A format and the date in it; a range of one day only, since a pattern cannot tell which day comes first."""
        if not self.barred.isdisjoint((row.position, after.position)):
            return Unit(NOTHING, "R" in (row.usage, after.usage), 2, self.element)
        known = [f"D8{self.element}{self._captured(after.position, DATE)}"] if "D8" in row.codes else []
        if "RD8" in row.codes and after.position not in self.captures:
            name = f"d{next(self._names)}"
            known.append(f"RD8{self.element}(?P<{name}>{DATE})-(?P={name})")
        return Unit(
            "(?:" + "|".join(known) + ")" if known else NOTHING, "R" in (row.usage, after.usage), 2, self.element
        )

    def _filled(self, position: int) -> str:
        row = self.rows[position]
        one = self._composite(position) if position in self.parts else self._simple(row)
        if row.repeats > 1:
            one = f"{one}(?:{self.repetition}{one}){{0,{row.repeats - 1}}}"
        return self._captured(position, one)

    def _captured(self, position: int, pattern: str) -> str:
        name = self.captures.get(position)
        return f"(?P<{name}>{pattern})" if name else pattern

    def _composite(self, position: int) -> str:
        rows = {row.component: row for row in self.parts[position]}
        highest = max(rows)
        needed = max((number for number, row in rows.items() if row.usage == "R"), default=0)
        text, rest = "", ""
        for number in range(highest, 0, -1):
            row = rows.get(number)
            filled = self._simple(row) if row is not None else ""
            optional = maybe(filled) if filled else ""
            before = self.component if number > 1 else ""
            if number <= needed:
                text = before + (filled if row is not None and row.usage == "R" else optional) + text
            else:
                rest = maybe(before + optional + rest)
        return f"(?:{text}{rest})(?<!{self.component})(?<!{self.element})(?<!{self.repetition})"

    def _simple(self, row: Row) -> str:
        if row.codes and not row.code_set:
            return _alternatives(row.codes)
        kind, shortest, longest = ELEMENTS.get(row.element, ("AN", 1, 999))
        if kind == "DT" and shortest == 8:
            return DATE
        if kind == BYTES:
            return NOTHING
        if kind == "TM":
            return TIME if shortest <= 4 else NOTHING
        if kind == "R":
            if shortest > 1:
                return NOTHING
            if row.element == MONEY:
                return PLAIN_MONEY
            decimals = min(DECIMALS, longest - 1)
            whole = max(longest - decimals, 1)
            return f"-?[0-9]{{1,{whole}}}" + (maybe(f"\\.[0-9]{{1,{decimals}}}") if decimals else "")
        if kind.startswith("N") or kind == "DT":
            return f"-?[0-9]{{{shortest},{longest}}}"
        return f"[{self.solid}][{self.any}]{{{max(shortest - 1, 0)},{longest - 1}}}(?<! )"

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
