"""Segments to loops, leniently: whatever a transaction holds, each of its segments ends in some loop of the tree."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from claimwright.x12 import guides
from claimwright.x12.guides import Guide
from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Segment, Transaction
from claimwright.x12.states import Move, Place, State, compiled

ROOT = "ST_LOOP"
UNKNOWN = "unknown"  # the guide has no such segment
UNEXPECTED = "unexpected"  # the guide has it, not here
MISPLACED = "misplaced"  # here, but earlier than what went before
ORPHAN = "orphan"  # an HL whose parent is not there or not of the right level
ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA"))


class Oddity:
    """A segment that did not fit: what is odd about it, and the loop it was kept in."""

    __slots__ = ("kind", "loop", "segment")

    def __init__(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.kind, self.segment, self.loop = kind, segment, loop


class Loop(msgspec.Struct, eq=False):
    """One loop as read. `seen` has the bits of the guide's rows and loops that have come (see `State`), `counts` how
    often where that is more than once. `oddities` is filled on the root only.
    """

    id: str
    parent: Loop | None
    state: State | None
    segments: list[Segment] = []
    loops: list[Loop] = []
    seen: int = 0
    last_position: int = 0
    counts: dict[int, int] | None = None
    oddities: list[Oddity] = []

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


def guide_of(transaction: Transaction, second: Segment | None = None) -> Guide | None:
    """The guide the transaction names, or the only one there is for its kind when it names none that fits.

    ST03 wins over GS08. A 997 carries no guide; an 835 or 999 of another version is read as ours. `second` is the
    segment after ST where the transaction does not hold it: BHT02 tells a request from its response.
    """
    if second is None and len(transaction.segments) > 1:
        second = transaction.segments[1]
    purpose = second[2] if second is not None and second.elements[0] == "BHT" else ""
    for name in (transaction.st[3], transaction.group.gs[8] if transaction.group.gs else ""):
        guide = guides.find(name, transaction.set_id, purpose) or guides.find(name, transaction.set_id)
        if guide is not None:
            return guide
    return _FALLBACK.get(transaction.set_id)


_FALLBACK: dict[str, Guide] = {guide.set_id: guide for guide in guides.GUIDES if guide.set_id in ("835", "997", "999")}


def parse(transaction: Transaction, guide: Guide | None = None) -> Loop:
    """The loop tree of a transaction. Never raises. Without a guide all segments stay in the root."""
    chosen = guide or guide_of(transaction)
    if chosen is None:
        return Loop(ROOT, None, None, list(transaction.segments))
    walk = Walk(chosen, transaction.st.delimiters)
    walk.take(transaction.segments)
    return walk.root


class Watcher:
    """What a walk tells as it goes; this one takes no notice. See `structure.Watch` for the one that judges."""

    judges = False

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        """A segment that did not fit."""

    def wrong(self, segment: Segment, place: Place, loop: Loop) -> None:
        """A segment whose elements may be wrong."""

    def repeated(self, segment: Segment, most: int, loop: Loop, opens: State | None) -> None:
        """One use too many of a place, or of a loop in `loop` where `opens` is given."""

    def headless(self, segment: Segment, loop: Loop) -> None:
        """The loop was entered by `segment`, without the LX or HL that opens it."""

    def level(self, segment: Segment, loop: Loop) -> None:
        """An HL has opened the loop."""

    def close(self, loop: Loop) -> None:
        """Nothing more will come in the loop."""


class Noting(Watcher):
    """Notes what did not fit on the root."""

    def __init__(self, root: Loop) -> None:
        self.root = root

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.root.oddities.append(Oddity(kind, segment, loop))


class Walk:
    """Places the segments of one transaction; `loop` is where the last one went.

    With `forgets`, loops that another of their kind has followed are let go once they lie outside a record, so that a
    transaction of any size takes little memory; `record` is then the record (claim, payment, member) that `take` has
    just come to the end of.
    """

    __slots__ = ("_forgets", "_number", "_watcher", "loop", "record", "root")

    def __init__(
        self,
        guide: Guide,
        delimiters: Delimiters = DEFAULT_DELIMITERS,
        watcher: Watcher | None = None,
        forgets: bool = False,
    ) -> None:
        self.root = self.loop = Loop(ROOT, None, compiled(guide, delimiters).root)
        self.record: Loop | None = None
        self._watcher = watcher or Noting(self.root)
        self._forgets = forgets
        self._number = 0

    def take(self, segments: list[Segment], texts: list[str] | None = None, at: int = 0) -> int:
        """Place segments from index `at` on. Answers the index at which it stopped: behind the SE, at another envelope
        segment, behind the segment that ended a record, or at the end of the list.

        `texts` are the segments' own texts, needed where the watcher judges.
        """
        loop = self.loop
        moves = loop.state.moves  # type: ignore[union-attr]  # every loop of a walk has its state
        number = self._number
        watcher = self._watcher
        judged = texts if watcher.judges else None
        self.record = None
        for index in range(at, len(segments)):
            segment = segments[index]
            elements = segment.elements
            try:
                position, table = moves[elements[0]]
                move = table[elements[position]]
            except (KeyError, IndexError):
                if elements[0] in ENVELOPE and (number or elements[0] != "ST") and elements[0] != "SE":
                    self.loop, self._number = loop, number
                    return index
                found = self._look(loop, segment)
                if found is None:
                    number += 1
                    segment.number = number
                    loop.segments.append(segment)
                    known = elements[0] in loop.state.compiled.segment_ids  # type: ignore[union-attr]
                    watcher.odd(UNEXPECTED if known else UNKNOWN, segment, loop)
                    continue
                move = found
            number += 1
            segment.number = number
            place = move.place
            if move.stays:
                bit = place.bit
                if loop.seen & bit:
                    if place.most:
                        self._repeat(loop, bit, place.most, segment, None)
                else:
                    loop.seen |= bit
                if place.position < loop.last_position:
                    watcher.odd(MISPLACED, segment, loop)
                else:
                    loop.last_position = place.position
                loop.segments.append(segment)
            else:
                loop = self._change(loop, segment, move)
                moves = loop.state.moves  # type: ignore[union-attr]
            if judged is not None and not place.fits(judged[index]):
                watcher.wrong(segment, place, loop)
            if self.record is not None or elements[0] == "SE":
                self.loop, self._number = loop, number
                return index + 1
        self.loop, self._number = loop, number
        return len(segments)

    def end(self) -> None:
        """Close all loops: the transaction is over."""
        loop: Loop | None = self.loop
        while loop is not None:
            self._close(loop)
            loop = loop.parent
        self.loop = self.root

    def _look(self, loop: Loop, segment: Segment) -> Move | None:
        """Where a segment goes that the quick tables do not tell of."""
        assert loop.state is not None
        choice = loop.state.choice(segment.elements[0])
        return choice.pick(segment) if choice is not None else None

    def _change(self, loop: Loop, segment: Segment, move: Move) -> Loop:
        """Leave and open loops as the move says, put the segment in its place, and return its loop."""
        watcher = self._watcher
        for _ in range(move.up):
            self._close(loop)
            loop = loop.parent or loop
        place = move.place
        for child in move.opens:
            if child.position < loop.last_position:
                watcher.odd(MISPLACED, segment, loop)
            loop.last_position = child.position
            if loop.seen & child.bit:
                if child.most:
                    self._repeat(loop, child.bit, child.most, segment, child)
                if self._forgets and child.passes:
                    loop.loops = [one for one in loop.loops if one.state is not child]
            else:
                loop.seen |= child.bit
            opened = Loop(child.id, loop, child)
            loop.loops.append(opened)
            loop = opened
            if child is not move.opens[-1]:
                loop.seen |= child.trigger.bit
                watcher.headless(segment, loop)
        if place.position < loop.last_position and not move.opens:
            watcher.odd(MISPLACED, segment, loop)
        else:
            loop.last_position = place.position
        if loop.seen & place.bit:
            if place.most:
                self._repeat(loop, place.bit, place.most, segment, None)
        else:
            loop.seen |= place.bit
        loop.segments.append(segment)
        if move.opens and segment.elements[0] == "HL":
            self._level(segment, loop)
        return loop

    def _level(self, segment: Segment, loop: Loop) -> None:
        """An HL belongs under the level its HL02 names: the one it was put under by its kind, or none."""
        above = loop.parent
        while above is not None and not (above.segments and above.segments[0].elements[0] == "HL"):
            above = above.parent
        if segment[2] != (above.segments[0][1] if above is not None else ""):
            self._watcher.odd(ORPHAN, segment, loop)
        self._watcher.level(segment, loop)

    def _repeat(self, loop: Loop, bit: int, most: int, segment: Segment, opens: State | None) -> None:
        counts = loop.counts
        if counts is None:
            counts = loop.counts = {}
        count = counts[bit] = counts.get(bit, 1) + 1
        if count > most:
            self._watcher.repeated(segment, most, loop, opens)

    def _close(self, loop: Loop) -> None:
        state = loop.state
        assert state is not None
        self._watcher.close(loop)
        if state.record and self._forgets:
            self.record = loop
