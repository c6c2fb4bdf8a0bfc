"""What two files say differently: by segment and element, whatever separators and line breaks they came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.x12.cutting import BINARY
from claimwright.x12.flow import Flow, Placed, placed
from claimwright.x12.segments import Segment

WINDOW = 400  # segments looked ahead in each file for where they meet again
CHANGED, REMOVED, ADDED = "changed", "removed", "added"
COMPONENT, REPETITION = "\x1d", "\x1e"
CONTROL_NUMBERS = {"ISA": (13,), "IEA": (2,), "GS": (6,), "GE": (2,), "ST": (2,), "SE": (2,)}
TIMES = {"ISA": (9, 10), "GS": (4, 5)}
SEPARATORS = {"ISA": (11, 16)}


class Change(msgspec.Struct, frozen=True):
    """One element that differs. `component` 0 = the whole element; "" where one file has none."""

    element: int
    component: int
    before: str
    after: str


class Difference(msgspec.Struct, frozen=True):
    """A segment that differs. `before` and `after` are its place in each file, None where the file has none."""

    kind: str  # changed, removed, added
    segment_id: str
    loop: str
    changes: tuple[Change, ...]
    before: Segment | None
    after: Segment | None


class _Line:
    """A segment as it is compared: `key` is its elements in neutral separators, without what is not looked at."""

    __slots__ = ("key", "one")

    def __init__(self, one: Placed, ignored: dict[str, set[int]]) -> None:
        self.one = one
        self.key = _key(one.segment, ignored)


def _key(segment: Segment, ignored: dict[str, set[int]]) -> tuple[str, ...]:
    name, marks = segment.elements[0], segment.delimiters
    passed_over, binary = ignored.get(name, ()), BINARY.get(name, 0)
    values = [name]
    for index, value in enumerate(segment.elements[1:], 1):
        if index in passed_over:
            value = ""
        elif name == "ISA":
            value = value.strip()
        elif index != binary:
            value = value.replace(marks.component, COMPONENT).replace(marks.repetition, REPETITION)
        values.append(value)
    while len(values) > 1 and not values[-1]:
        values.pop()
    return tuple(values)


def ignored_elements(control_numbers: bool, times: bool) -> dict[str, set[int]]:
    """Which elements are not compared: separators always; control numbers and the envelope's times unless asked."""
    found: dict[str, set[int]] = {}
    for table, asked in ((SEPARATORS, False), (CONTROL_NUMBERS, control_numbers), (TIMES, times)):
        if not asked:
            for name, positions in table.items():
                found.setdefault(name, set()).update(positions)
    return found


def differences(
    before: Path | BinaryIO | bytes,
    after: Path | BinaryIO | bytes,
    *,
    control_numbers: bool = False,
    times: bool = False,
) -> Iterator[Difference]:
    """The differences in file order; none = both say the same.

    Separators, line breaks, padding and trailing separators never count; control numbers and the times of ISA and GS
    only when asked for. Holds a few hundred segments of each file: what moved further than that is told as removed
    and added.
    """
    ignored = ignored_elements(control_numbers, times)
    left, right = (_Ahead(source, ignored) for source in (before, after))
    while True:
        while left.fill(1) and right.fill(1) and left.lines[0].key == right.lines[0].key:
            left.drop(1)
            right.drop(1)
        if not any([left.fill(WINDOW), right.fill(WINDOW)]):
            return
        ours = theirs = 0
        for before_lines, after_lines, *ends in _blocks(left.lines, right.lines):
            yield from _paired(before_lines, after_lines)
            ours, theirs = ends
        left.drop(ours)
        right.drop(theirs)


Block = tuple[Sequence["_Line"], Sequence["_Line"], int, int]


def _blocks(left: Sequence[_Line], right: Sequence[_Line]) -> Iterator[Block]:
    """The stretches that differ in the windows, and where each ends. What comes after the first half of a window, or
    touches its end, may find its like further on, so it is left for the next; the first stretch never is."""
    matcher = SequenceMatcher(None, [line.key for line in left], [line.key for line in right], autojunk=False)
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag != "equal":
            if min(a, b) and (a_end == len(left) or b_end == len(right)) and max(len(left), len(right)) >= WINDOW:
                return
            yield left[a:a_end], right[b:b_end], a_end, b_end
        elif max(a, b) > WINDOW // 2:
            return


class _Ahead:
    """A file's segments with a look ahead."""

    def __init__(self, source: Path | BinaryIO | bytes, ignored: dict[str, set[int]]) -> None:
        self._lines = (_Line(one, ignored) for one in placed(iter(Flow(source))))
        self.lines: list[_Line] = []

    def fill(self, count: int) -> bool:
        """Have that many at hand, or as many as there are; whether there is any."""
        if len(self.lines) < count:
            self.lines.extend(islice(self._lines, max(count - len(self.lines), 0)))
        return bool(self.lines)

    def drop(self, count: int) -> None:
        del self.lines[:count]


def _paired(before: Sequence[_Line], after: Sequence[_Line]) -> Iterator[Difference]:
    """Segments of the same id and qualifier are one that changed; the others were removed or added."""
    ours, theirs = [_names(line) for line in before], [_names(line) for line in after]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for _, a, a_end, b, b_end in matcher.get_opcodes():
        if a_end - a == b_end - b and ours[a:a_end] == theirs[b:b_end]:
            for one, other in zip(before[a:a_end], after[b:b_end], strict=True):
                yield _changed(one, other)
        else:
            yield from (_alone(REMOVED, line) for line in before[a:a_end])
            yield from (_alone(ADDED, line) for line in after[b:b_end])


def _names(line: _Line) -> tuple[str, ...]:
    """What a segment is recognized by: its id, and its qualifier where it has one."""
    return line.key[:2] if line.key[0] not in UNQUALIFIED else line.key[:1]


# Segments whose first element is a value, not a qualifier: they are recognized by their id.
UNQUALIFIED = frozenset(
    [
        "BIN",
        "BPR",
        "CAS",
        "CLM",
        "CLP",
        "CN1",
        "CL1",
        "CTP",
        "CUR",
        "DN1",
        "DN2",
        "DSB",
        "ENT",
        "GE",
        "GS",
        "HCP",
        "HCR",
        "HD",
        "HL",
        "HLH",
        "HSD",
        "IEA",
        "INS",
        "ISA",
        "K3",
        "LX",
        "MIA",
        "MOA",
        "MPI",
        "MSG",
        "N2",
        "N3",
        "N4",
        "OI",
        "PAT",
        "PLB",
        "PS1",
        "RMR",
        "SBR",
        "SE",
        "ST",
        "STC",
        "SV1",
        "SV2",
        "SV3",
        "SV5",
        "SVC",
        "SVD",
        "TA1",
        "TOO",
        "TS2",
        "TS3",
        "UM",
        "AK1",
        "AK2",
        "AK9",
        "IK3",
        "IK4",
        "IK5",
        "BHT",
        "BGN",
    ]
)


def _alone(kind: str, line: _Line) -> Difference:
    one = line.one
    segment = one.segment
    values = tuple(
        Change(index, 0, *((value, "") if kind == REMOVED else ("", value)))
        for index, value in enumerate(segment.elements[1:], 1)
        if value
    )
    removed = kind == REMOVED
    return Difference(
        kind, segment.id, one.loop.id if one.loop else "", values, segment if removed else None,
        None if removed else segment,
    )  # fmt: skip


def _changed(one: _Line, other: _Line) -> Difference:
    changes: list[Change] = []
    size = max(len(one.key), len(other.key))
    ours, theirs = (key + ("",) * (size - len(key)) for key in (one.key, other.key))
    for index in range(1, size):
        if ours[index] != theirs[index]:
            changes.extend(_element(index, ours[index], theirs[index]))
    loop = other.one.loop or one.one.loop
    return Difference(CHANGED, one.key[0], loop.id if loop else "", tuple(changes), one.one.segment, other.one.segment)


def _element(index: int, before: str, after: str) -> Iterator[Change]:
    if REPETITION in before + after or COMPONENT not in before + after:
        yield Change(index, 0, _shown(before), _shown(after))
        return
    ours, theirs = before.split(COMPONENT), after.split(COMPONENT)
    size = max(len(ours), len(theirs))
    ours, theirs = (parts + [""] * (size - len(parts)) for parts in (ours, theirs))
    for component, (one, other) in enumerate(zip(ours, theirs, strict=True), 1):
        if one != other:
            yield Change(index, component, one, other)


def _shown(value: str) -> str:
    return value.replace(COMPONENT, ":").replace(REPETITION, "^")
