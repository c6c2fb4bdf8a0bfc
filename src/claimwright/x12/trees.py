"""The loop tree: one loop with its segments, the loops below it, and how a stream lets go of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from sys import getrefcount

import msgspec

from claimwright.x12.blocks import Block
from claimwright.x12.cutting import Run
from claimwright.x12.segments import Segment
from claimwright.x12.states import State


class Oddity:
    """A segment that did not fit: what is odd about it, and the loop it was kept in."""

    __slots__ = ("kind", "loop", "segment")

    def __init__(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.kind, self.segment, self.loop = kind, segment, loop


class Loop(msgspec.Struct, eq=False):
    """One loop as read. `segments` are its own, `loops` those directly below, in the order of the file.

    The segments of a loop that was recognized as a whole (`match` in the text of `run`) are cut out when somebody asks
    for them. `seen` has the bits of the guide's rows and loops that have come (see `State`), `counts` how often where
    that is more than once. `level` is the HL01 of a loop that an HL opened. `sums` are amounts that the check of
    balances has read, for readers to take.
    """

    id: str
    parent: Loop | None
    state: State | None
    _segments: list[Segment] | None = None
    run: Run | None = None
    match: re.Match[str] | None = None
    block: Block | None = None
    number: int = 0
    ordinal: int = 0
    seen: int = 0
    loops: list[Loop] = []
    last_position: int = 0
    counts: dict[int, int] | None = None
    level: str = ""
    sums: tuple[Decimal, ...] | None = None
    _rows: list[list[str]] | None = None
    _row: tuple[str | None, ...] | None = None
    _oddities: list[Oddity] | None = None

    @property
    def oddities(self) -> list[Oddity]:
        """What did not fit in the transaction; filled on the root only, and not where a watcher takes note of it."""
        if self._oddities is None:
            self._oddities = []
        return self._oddities

    @property
    def segments(self) -> list[Segment]:
        found = self._segments
        if found is None:
            found = self._segments = self._cut()
        return found

    def _cut(self) -> list[Segment]:
        run, match = self.run, self.match
        if run is None or match is None:
            return []
        return run.segments(match.start(), match.end(), self.ordinal, self.number)

    def rows(self) -> list[list[str]]:
        """The elements of each of its segments; quicker than the segments where nobody has asked for those yet."""
        found = self._segments
        if found is not None:
            return [segment.elements for segment in found]
        rows = self._rows
        if rows is None:
            run, match = self.run, self.match
            assert run is not None and match is not None
            element = run.delimiters.element
            pieces = match[0].split(run.separator)
            pieces.pop()
            rows = self._rows = [piece.split(element) for piece in pieces]
        return rows

    def settle(self) -> None:
        """Catch up with what the segments of a loop recognized as a whole have `seen`, for more are about to come."""
        state = self.state
        if self.run is None or state is None:
            return
        found = self.segments
        self.run = self._row = None
        met: dict[int, int] = {}
        for segment in found[1:]:
            place = state.place_of(segment)
            if place is not None:
                met[place.bit] = met.get(place.bit, 0) + 1
                self.seen |= place.bit
                self.last_position = max(self.last_position, place.position)
        self.counts = {**(self.counts or {}), **{bit: count for bit, count in met.items() if count > 1}}

    def first(self, segment_id: str, qualifier: str | None = None) -> Segment | None:
        """The first such segment of this loop itself; `qualifier` is its element 1."""
        for segment in self.segments:
            if segment.elements[0] == segment_id and (qualifier is None or segment[1] == qualifier):
                return segment
        return None

    def all(self, segment_id: str, qualifier: str | None = None) -> list[Segment]:
        return [
            segment
            for segment in self.segments
            if segment.elements[0] == segment_id and (qualifier is None or segment[1] == qualifier)
        ]

    def find(self, loop_id: str) -> Loop | None:
        """The first direct child of that id."""
        for loop in self.loops:
            if loop.id == loop_id:
                return loop
        return None

    def loops_of(self, loop_id: str) -> list[Loop]:
        """All direct children of that id."""
        return [loop for loop in self.loops if loop.id == loop_id]

    def descend(self, loop_id: str) -> Iterator[Loop]:
        """All loops of that id at any depth, in file order. Does not look inside a loop it yields."""
        stack = list(reversed(self.loops))
        while stack:
            loop = stack.pop()
            if loop.id == loop_id:
                yield loop
            else:
                stack.extend(reversed(loop.loops))

    def ancestor(self, loop_id: str) -> Loop | None:
        """The nearest loop above of that id."""
        above = self.parent
        while above is not None and above.id != loop_id:
            above = above.parent
        return above

    def __repr__(self) -> str:
        return f"<Loop {self.id} segments={len(self.segments)} loops={len(self.loops)}>"


def take_apart(loops: list[Loop]) -> None:
    """Cut the ties from inner loops to outer ones where nobody else holds any of them, so that they are freed at once.

    Loops that know each other wait for the garbage collector, and with them the text they were cut from: in a stream
    that comes to tens of megabytes. Where reference counts cannot be told, or somebody holds a loop, nothing is done.
    """
    if all(_is_free(loop, len(loop.loops) + OWN_REFERENCES) for loop in loops):
        for loop in loops:
            _cut_ties(loop)


def _is_free(loop: Loop, references: int) -> bool:
    if getrefcount(loop) > references:
        return False
    for inner in loop.loops:  # noqa: SIM110 - no generator here: it would hold one reference more
        if not _is_free(inner, len(inner.loops) + OWN_REFERENCES):
            return False
    return True


def _cut_ties(loop: Loop) -> None:
    for inner in loop.loops:
        if inner.loops:
            _cut_ties(inner)
        inner.parent = None


OWN_REFERENCES = 4  # the list, the two loops above that go over it, and the count's own argument
