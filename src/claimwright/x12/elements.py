"""Element checks compiled from guide rows: type, length, characters, dates, code values, syntax rules.

A segment that is right costs one call per filled element. Only one that is wrong is looked at again, to say why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import msgspec

from claimwright.x12 import guides
from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.guides.rows import Row, Shape
from claimwright.x12.segments import Delimiters, Segment

Check = Callable[[str], object]
EARLIEST_YEAR = "1800"  # nobody billed is older; 0001 and 1001 are blanks of some system
MONEY = "782"
BYTES = "B"  # the kind of BIN02: any bytes, as many as the element before says
FORMAT, FORMATTED = "1250", "1251"

MISSING, CONDITIONAL, TOO_MANY, SHORT, LONG, CHARACTER = "1", "2", "3", "4", "5", "6"
CODE, DATE, TIME, EXCLUDED, REPEATS, COMPONENTS = "7", "8", "9", "10", "12", "13"
NOT_IN_GUIDE, NOT_USED = "I6", "I10"


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with one element; `code` is the 999's IK403."""

    id: str
    code: str
    message: str
    element: int
    component: int = 0
    repeat: int = 0
    value: str = ""
    snip: int = 1


def is_date(value: str) -> bool:
    """CCYYMMDD of a real day."""
    if value in _SEEN_DATES:
        return True
    if len(value) != 8 or not (value.isascii() and value.isdigit()):
        return False
    if value[:4] < EARLIEST_YEAR:
        return False
    try:
        date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return False
    if len(_SEEN_DATES) < 20_000:
        _SEEN_DATES.add(value)
    return True


_SEEN_DATES: set[str] = set()
_TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d([0-5]\d(\d{1,2})?)?", re.ASCII)


def is_time(value: str) -> bool:
    return _TIME.fullmatch(value) is not None


def _is_date_range(value: str) -> bool:
    first, dash, last = value.partition("-")
    return bool(dash) and is_date(first) and is_date(last) and first <= last


FORMATS: dict[str, Check] = {
    "D8": is_date,
    "RD8": _is_date_range,
    "TM": is_time,
    "DT": lambda value: len(value) in (12, 14) and is_date(value[:8]) and is_time(value[8:]),
}


class ElementRule:
    """One element of one shape, or one component."""

    __slots__ = ("components", "fits", "highest", "kind", "longest", "required", "row", "shortest")

    def __init__(self, row: Row, components: dict[int, ElementRule]) -> None:
        self.row = row
        self.components = components
        self.highest = max(components, default=0)
        self.required = row.usage == "R"
        self.kind, self.shortest, self.longest = ELEMENTS.get(row.element, ("AN", 1, 999))
        self.fits: Check = bool


class ShapeRule:
    """A shape ready to check segments with. `checks[n]` answers for a filled element n."""

    __slots__ = ("binary", "checks", "dates", "highest", "needed", "required", "rules", "syntax")

    def __init__(self, shape: Shape, checker: Checker) -> None:
        self.rules: dict[int, ElementRule] = {}
        for row in shape.rows:
            if row.component == 0:
                parts = {
                    part.component: ElementRule(part, {})
                    for part in shape.rows
                    if part.position == row.position and part.component
                }
                self.rules[row.position] = ElementRule(row, parts)
        self.highest = max(self.rules, default=0)
        self.checks: list[Check] = [_never] * (self.highest + 1)
        self.checks[0] = _always
        for position, rule in self.rules.items():
            for part in rule.components.values():
                part.fits = checker.simple(part)
            rule.fits = checker.composite(rule) if rule.components else checker.simple(rule)
            self.checks[position] = rule.fits
        self.required = tuple(position for position, rule in self.rules.items() if rule.required)
        self.needed = max(self.required, default=0)
        self.binary = next((position for position, rule in self.rules.items() if rule.kind == BYTES), 0)
        self.syntax = tuple((text[0], tuple(_pairs(text[1:]))) for text in shape.syntax)
        self.dates = tuple(
            (position - 1, position)
            for position, rule in self.rules.items()
            if rule.row.element == FORMATTED and position - 1 in self.rules
        )


class Checker:
    """Checks for one set of delimiters: no simple element may hold any of them."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        separators = delimiters.component + delimiters.repetition + delimiters.element + delimiters.terminator
        self._characters = "".join(re.escape(chr(code)) for code in range(32, 127) if chr(code) not in separators)
        self._rules: dict[int, ShapeRule] = {}
        self._shapes: list[Shape] = []  # keeps the shapes alive, since they are known by identity
        self._patterns: dict[str, Check] = {}

    def rule(self, shape: Shape) -> ShapeRule:
        found = self._rules.get(id(shape))
        if found is None:
            found = self._rules[id(shape)] = ShapeRule(shape, self)
            self._shapes.append(shape)
        return found

    def simple(self, rule: ElementRule) -> Check:
        if rule.row.codes and not rule.row.code_set:
            return frozenset(rule.row.codes).__contains__
        element = rule.row.element
        if element not in self._patterns:
            self._patterns[element] = self._typed(element, rule.kind, rule.shortest, rule.longest)
        return self._patterns[element]

    def _typed(self, element: str, kind: str, shortest: int, longest: int) -> Check:
        if kind == "DT" and shortest == 8:
            return is_date
        if kind == BYTES:
            return _always
        if kind == "TM":
            return lambda value: shortest <= len(value) <= longest and is_time(value)
        if kind == "R":
            pattern = rf"-?(?=(?:\.?[0-9]){{{shortest},{longest}}}\.?$)(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
            if element == MONEY:
                pattern = rf"-?(?=(?:\.?[0-9]){{{shortest},{longest}}}\.?$)(?:[0-9]+(?:\.[0-9]{{0,2}})?|\.[0-9]{{1,2}})"
        elif kind.startswith("N") or kind == "DT":
            pattern = rf"-?[0-9]{{{shortest},{longest}}}"
        else:
            pattern = rf"(?! *$)[{self._characters}]{{{shortest},{longest}}}"
        return re.compile(pattern).fullmatch

    def composite(self, rule: ElementRule) -> Check:
        separator, repetition = self.delimiters.component, self.delimiters.repetition
        highest = rule.highest
        checks = [_always] + [
            rule.components[n].fits if n in rule.components else _never for n in range(1, highest + 1)
        ]
        required = [n - 1 for n, part in rule.components.items() if part.required]

        def fits(value: str) -> bool:
            if repetition in value:
                return False
            parts = value.split(separator)
            if len(parts) > highest:
                return False
            for part, check in zip(parts, checks[1:], strict=False):
                if part and not check(part):
                    return False
            return all(n < len(parts) and parts[n] for n in required) and parts[-1] != ""

        return fits

    def fits(self, elements: list[str], rule: ShapeRule) -> bool:
        """Whether nothing at all is wrong with a segment's elements."""
        count = len(elements)
        if count > rule.highest + 1 or count <= rule.needed:
            return False
        for value, check in zip(elements, rule.checks, strict=False):
            if value and not check(value):
                return False
        for position in rule.required:
            if not elements[position]:
                return False
        if rule.syntax and _broken_syntax(elements, rule):
            return False
        for given, position in rule.dates:
            if position < count and elements[position]:
                known = FORMATS.get(elements[given])
                if known is not None and not known(elements[position]):
                    return False
        if rule.binary and not _is_as_long_as_said(elements, rule.binary):
            return False
        return elements[-1] != "" or count == 1

    def flaws(self, segment: Segment, rule: ShapeRule) -> Iterator[Flaw]:
        """All that is wrong with the segment's elements, in order."""
        elements = segment.elements
        longest = _longest(elements[0])
        for position in range(rule.highest + 1, len(elements)):
            if not elements[position]:
                continue
            if position > longest:
                yield Flaw(
                    "SNIP1-ELEMENT-TOO-MANY", TOO_MANY, f"The segment has no element {position:02d}", position, snip=1
                )
                break
            yield _not_used(position, elements[position])
        for position, one in sorted(rule.rules.items()):
            value = elements[position] if position < len(elements) else ""
            if value:
                yield from self._element_flaws(one, value, position)
            elif one.required:
                yield Flaw("SNIP2-ELEMENT-MISSING", MISSING, "A required element is empty", position, snip=2)
        for position in range(1, min(rule.highest + 1, len(elements))):
            if elements[position] and position not in rule.rules:
                yield _not_used(position, elements[position])
        for kind, positions in _broken_syntax(elements, rule):
            yield _syntax_flaw(kind, positions, elements)
        for given, position in rule.dates:
            if position < len(elements) and elements[position]:
                known = FORMATS.get(elements[given])
                if known is not None and not known(elements[position]):
                    yield Flaw(
                        "SNIP1-DATE",
                        DATE,
                        f"Not a date or time in format {elements[given]}",
                        position,
                        value=elements[position],
                    )
        if rule.binary and not _is_as_long_as_said(elements, rule.binary):
            yield Flaw(
                "SNIP1-BINARY-LENGTH", LONG, f"Element {rule.binary - 1:02d} does not say how many bytes follow", rule.binary
            )  # fmt: skip
        if len(elements) > 1 and elements[-1] == "":
            yield Flaw("SNIP1-TRAILING-SEPARATOR", "", "Empty elements at the end are not sent", len(elements) - 1)

    def _element_flaws(self, rule: ElementRule, value: str, position: int) -> Iterator[Flaw]:
        if rule.kind == BYTES:
            return
        repeats = value.split(self.delimiters.repetition)
        if len(repeats) > rule.row.repeats:
            yield Flaw(
                "SNIP1-REPEATS", REPEATS, f"The element may come {rule.row.repeats} times", position, 0, len(repeats)
            )
        for index, one in enumerate(repeats, 1):
            repeat = index if len(repeats) > 1 else 0
            if rule.components:
                yield from self._composite_flaws(rule, one, position, repeat)
            elif self.delimiters.component in one:
                yield Flaw("SNIP1-COMPONENTS", COMPONENTS, "The element has no components", position, 2, repeat)
            elif one and not rule.fits(one):
                yield self._simple_flaw(rule, one, position, 0, repeat)

    def _composite_flaws(self, rule: ElementRule, value: str, position: int, repeat: int) -> Iterator[Flaw]:
        parts = value.split(self.delimiters.component)
        for number, part in enumerate(parts, 1):
            one = rule.components.get(number)
            if number > rule.highest:
                if part:
                    yield Flaw(
                        "SNIP1-COMPONENTS", COMPONENTS, f"No component {number} here", position, number, repeat, part
                    )
            elif one is None:
                if part:
                    yield Flaw(
                        "SNIP2-ELEMENT-NOT-USED",
                        NOT_USED,
                        "The guide does not use this component",
                        position,
                        number,
                        repeat,
                        part,
                        2,
                    )
            elif part and not one.fits(part):
                yield self._simple_flaw(one, part, position, number, repeat)
        for number, one in sorted(rule.components.items()):
            if one.required and (number > len(parts) or not parts[number - 1]):
                yield Flaw(
                    "SNIP2-ELEMENT-MISSING", MISSING, "A required component is empty", position, number, repeat, snip=2
                )
        if len(parts) > 1 and parts[-1] == "":
            yield Flaw(
                "SNIP1-TRAILING-SEPARATOR", "", "Empty components at the end are not sent", position, len(parts), repeat
            )

    def _simple_flaw(self, rule: ElementRule, value: str, position: int, component: int, repeat: int) -> Flaw:
        def flaw(fault_id: str, code: str, message: str, snip: int = 1) -> Flaw:
            return Flaw(fault_id, code, message, position, component, repeat, value, snip)

        if any(not " " <= character <= "~" for character in value):
            return flaw("SNIP1-CHARACTER", CHARACTER, "A character outside the basic and extended sets")
        if rule.row.codes and not rule.row.code_set:
            listed = " ".join(rule.row.codes) if len(rule.row.codes) <= 12 else f"one of {len(rule.row.codes)}"
            return flaw("SNIP2-CODE", CODE, f"The guide allows {listed}", 2)
        size = (
            len(value.replace("-", "").replace(".", ""))
            if rule.kind == "R"
            else len(value.lstrip("-"))
            if rule.kind[0] == "N"
            else len(value)
        )
        if rule.kind == "DT":
            return flaw("SNIP1-DATE", DATE, "Not a date as CCYYMMDD")
        if rule.kind == "TM":
            return flaw("SNIP1-TIME", TIME, "Not a time as HHMM, HHMMSS or HHMMSSDD")
        if size < rule.shortest:
            return flaw("SNIP1-ELEMENT-SHORT", SHORT, f"Shorter than {rule.shortest}")
        if size > rule.longest:
            return flaw("SNIP1-ELEMENT-LONG", LONG, f"{size} long, at most {rule.longest} allowed")
        if rule.row.element == MONEY and re.fullmatch(r"-?[0-9]*\.[0-9]{3,}", value):
            return flaw("SNIP1-AMOUNT-DECIMALS", CHARACTER, "A money amount has at most two decimals")
        if rule.kind == "R" or rule.kind[0] == "N":
            return flaw("SNIP1-NUMBER", CHARACTER, "Not a number as X12 writes it: digits, a point, a leading minus")
        return flaw("SNIP1-CHARACTER", CHARACTER, "Only blanks, or a separator inside the value")


def _is_as_long_as_said(elements: list[str], position: int) -> bool:
    """Whether the bytes at `position` are as many as the element before says; so where there are none."""
    if position >= len(elements) or not elements[position]:
        return True
    return elements[position - 1].lstrip("0") == str(len(elements[position]))


def _not_used(position: int, value: str) -> Flaw:
    return Flaw(
        "SNIP2-ELEMENT-NOT-USED", NOT_USED, "The guide does not use this element", position, value=value, snip=2
    )


def _longest(segment_id: str) -> int:
    """The highest element that any guide uses of a segment: what is beyond is in no standard that is known here."""
    if not _LONGEST:
        pending = [guide.root for guide in guides.all_guides()]
        while pending:
            rows = pending.pop()
            pending.extend(inner.loop for inner in rows.loops)
            for use in rows.segments:
                highest = max((row.position for row in use.shape.rows), default=0)
                _LONGEST[use.shape.id] = max(highest, _LONGEST.get(use.shape.id, 0))
    return _LONGEST.get(segment_id, 0)


_LONGEST: dict[str, int] = {}
_CHECKERS: dict[Delimiters, Checker] = {}
MOST_CHECKERS = 16


def checker_for(delimiters: Delimiters) -> Checker:
    """The checks for a set of separators. Few sets exist in practice; odd ones do not pile up."""
    found = _CHECKERS.get(delimiters)
    if found is None:
        if len(_CHECKERS) >= MOST_CHECKERS:
            _CHECKERS.clear()
        found = _CHECKERS[delimiters] = Checker(delimiters)
    return found


def _always(_: str) -> bool:
    return True


def _never(_: str) -> bool:
    return False


def _pairs(text: str) -> Iterator[int]:
    for start in range(0, len(text), 2):
        yield int(text[start : start + 2])


def _broken_syntax(elements: list[str], rule: ShapeRule) -> list[tuple[str, tuple[int, ...]]]:
    """The syntax rules the segment breaks: P all or none, R at least one, E at most one, C and L: if the first, then
    all or any of the others."""
    broken = []
    count = len(elements)
    for kind, positions in rule.syntax:
        if kind != "R" and positions[0] >= count:
            continue
        filled = [n < count and elements[n] != "" for n in positions]
        if (
            (kind == "P" and any(filled) and not all(filled))
            or (kind == "R" and not any(filled))
            or (kind == "E" and sum(filled) > 1)
            or (kind == "C" and filled[0] and not all(filled))
            or (kind == "L" and filled[0] and not any(filled[1:]))
        ):
            broken.append((kind, positions))
    return broken


def _syntax_flaw(kind: str, positions: tuple[int, ...], elements: list[str]) -> Flaw:
    named = " ".join(f"{position:02d}" for position in positions)
    if kind == "E":
        return Flaw("SNIP1-SYNTAX", EXCLUDED, f"Only one of elements {named} may be filled", positions[-1])
    absent = next((n for n in positions if n >= len(elements) or not elements[n]), positions[-1])
    says = {
        "P": f"Elements {named} go together",
        "R": f"One of elements {named} is needed",
        "C": f"Element {positions[0]:02d} needs the others of {named}",
        "L": f"Element {positions[0]:02d} needs one of the others of {named}",
    }[kind]
    return Flaw("SNIP1-SYNTAX", CONDITIONAL, says, absent)
