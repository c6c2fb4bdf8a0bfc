"""Segments to loops, leniently: whatever a transaction holds, each of its segments ends in some loop of the tree."""

from __future__ import annotations

from collections import deque

from claimwright.x12 import guides
from claimwright.x12.cutting import Run
from claimwright.x12.guides import Guide
from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Segment, Transaction
from claimwright.x12.states import HOT, Move, State, compiled
from claimwright.x12.trees import Loop, Oddity, take_apart
from claimwright.x12.watching import MISPLACED, ORPHAN, UNEXPECTED, UNKNOWN, Noting, Watcher

__all__ = [
    "MISPLACED", "ORPHAN", "UNEXPECTED", "UNKNOWN", "Loop", "Noting", "Oddity", "Walk", "Watcher", "guide_of", "parse",
]  # fmt: skip

ROOT = "ST_LOOP"
NO_RECORD: Loop | None = None  # a checker that took it for None for ever would be wrong: loops close meanwhile
HELD = 2  # turns for which a loop that a stream has passed is kept whole
HEAD = 40  # characters at which a loop is recognized: an HL has its level by then, all others their qualifier
ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA"))


def guide_of(transaction: Transaction, second: Segment | None = None) -> Guide | None:
    """The guide the transaction names, or the only one there is for its kind when it names none that fits.

    ST03 wins over GS08. A 997 carries no guide; an 835 or 999 of another version is read as ours. `second` is the
    segment after ST where the transaction does not hold it: BHT02 tells a request from its response.
    """
    if second is None and len(transaction.segments) > 1:
        second = transaction.segments[1]
    purpose = second[2] if second is not None and second.elements[0] == "BHT" else ""
    if not transaction.set_id:
        return None
    for name in (transaction.st[3], transaction.group.gs[8] if transaction.group.gs else ""):
        guide = guides.find(name, transaction.set_id, purpose) or guides.find(name, transaction.set_id)
        if guide is not None:
            return guide
    return guides.of_set(transaction.set_id) if transaction.set_id in FALLBACKS else None


FALLBACKS = ("835", "997", "999")  # sets of one guide each, which a file may leave unnamed


def parse(transaction: Transaction, guide: Guide | None = None) -> Loop:
    """The loop tree of a transaction. Never raises. Without a guide all segments stay in the root."""
    chosen = guide or guide_of(transaction)
    if chosen is None:
        return Loop(ROOT, None, None, list(transaction.segments))
    walk = Walk(chosen, transaction.st.delimiters)
    walk.take(transaction.segments)
    return walk.root


def row_of(loop: Loop) -> tuple[str | None, ...] | None:
    """The columns of a loop (see `columns`); None where it has to be read segment by segment.

    Not a method of Loop, for compiled code cannot be one: it is asked of every loop of a stream.
    """
    found = loop._row
    if found is None:
        match, block = loop.match, loop.block
        if match is None or block is None or not block.columns or loop.run is None:
            return None
        for group in block.others:
            if match[group] is not None:
                return None
        found = loop._row = match.group(*block.columns)
    return found


class Walk:
    """Places the segments of one transaction; `loop` is where the last one went.

    With `forgets`, loops that another of their kind has followed are let go once they lie outside a record, so that a
    transaction of any size takes little memory; `record` is then the record (claim, payment, member) that `take` has
    just come to the end of.
    """

    __slots__ = ("_forgets", "_number", "_passed", "_watched", "_watcher", "loop", "record", "root", "took")

    def __init__(
        self,
        guide: Guide,
        delimiters: Delimiters = DEFAULT_DELIMITERS,
        watcher: Watcher | None = None,
        forgets: bool = False,
    ) -> None:
        self.root = self.loop = Loop(ROOT, None, compiled(guide, delimiters).root, [])
        self.record: Loop | None = None
        self._watcher = watcher or Noting(self.root)
        self._watched = self._watcher.closes
        self._forgets = forgets
        self._passed: deque[list[Loop]] = deque()
        self._number = 0
        self.took = 0

    def take(self, segments: list[Segment], at: int = 0) -> int:
        """Place segments from index `at` on. Answers the index at which it stopped: behind the SE, at another envelope
        segment, behind the segment that ended a record, or at the end of the list.
        """
        loop = self.loop
        moves = loop.state.moves  # type: ignore[union-attr]  # every loop of a walk has its state
        number = self._number
        watcher = self._watcher
        judges = watcher.judges
        self.record = NO_RECORD
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
                    if loop.run is not None:
                        loop.settle()
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
                if loop.run is not None:
                    loop.settle()
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
            if judges and not place.fits(segment.delimiters.element.join(elements)):
                watcher.wrong(segment, place, loop)
            if self.record is not None or elements[0] == "SE":
                self.loop, self._number = loop, number
                return index + 1
        self.loop, self._number = loop, number
        return len(segments)

    def take_loops(self, run: Run, position: int, ordinal: int) -> int:
        """Place whole loops from `position` of the run on, as long as each can be recognized at once. Answers where it
        stopped: at a segment that `take` must look at, behind a record's end, or at the end of the run; `took` is then
        how many segments that were.

        `ordinal` is that of the segment at `position`.
        """
        text, separator, element = run.text, run.separator, run.delimiters.element
        loop, number, watcher = self.loop, self._number, self._watcher
        count_of = text.count
        self.record = NO_RECORD
        size, before = len(text), number
        while position < size:
            head = text[position : position + HEAD].split(element, 4)
            try:
                at, table = loop.state.moves[head[0]]  # type: ignore[union-attr]  # every loop of a walk has its state
                move = table[head[at]]
            except (KeyError, IndexError):
                break
            block = move.block.get(separator)
            if block is None:
                if len(move.opens) != 1 or move.opens[0].hot <= HOT:
                    break
                block = move.opens[0].learn(separator)
            match = block.match(text, position)
            if match is None or match.end() == position:
                break
            for _ in range(move.up):
                self._close(loop)
                loop = loop.parent or loop
            child = move.opens[0]
            end = match.end()
            opened = Loop(child.id, loop, child, None, run, match, block, number + 1, ordinal, child.block_seen)
            if child.position < loop.last_position:
                watcher.odd(MISPLACED, opened.segments[0], loop)
            loop.last_position = child.position
            if loop.seen & child.bit:
                if child.most:
                    self._repeat(loop, child.bit, child.most, opened, child)
                if child.passes and self._forgets:
                    self._pass_on(loop, child)
            else:
                loop.seen |= child.bit
            loop.loops.append(opened)
            loop = opened
            count = count_of(separator, position, end)
            number += count
            ordinal += count
            position = end
            if head[0] == "HL":
                self._level(head[1], head[2], opened)
            if self.record is not None:
                break
        self.loop, self._number, self.took = loop, number, number - before
        return position

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
        if move.backward and not move.opens:
            return self._late(loop, segment, move)
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
                if child.passes and self._forgets:
                    self._pass_on(loop, child)
            else:
                loop.seen |= child.bit
            opened = Loop(child.id, loop, child, [])
            loop.loops.append(opened)
            loop = opened
            if child is not move.opens[-1]:
                loop.seen |= child.trigger.bit
                watcher.headless(segment, loop)
        if loop.run is not None:
            loop.settle()
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
            self._level(segment[1], segment[2], loop)
        return loop

    def _late(self, loop: Loop, segment: Segment, move: Move) -> Loop:
        """A segment of a loop above that comes too late: it is kept there, and what follows goes on where it was."""
        above = loop
        for _ in range(move.up):
            above = above.parent or above
        place = move.place
        if above.run is not None:
            above.settle()
        self._watcher.odd(MISPLACED, segment, above)
        if above.seen & place.bit and place.most:
            self._repeat(above, place.bit, place.most, segment, None)
        above.seen |= place.bit
        above.segments.append(segment)
        return loop

    def _level(self, number: str, named: str, loop: Loop) -> None:
        """An HL belongs under the level its HL02 names: the one it was put under by its kind, or none."""
        above = loop.parent
        while above is not None and not above.level:
            above = above.parent
        loop.level = number
        if named != (above.level if above is not None else ""):
            self._watcher.odd(ORPHAN, loop.segments[0], loop)
        self._watcher.level(number, loop)

    def _repeat(self, loop: Loop, bit: int, most: int, at: Segment | Loop, opens: State | None) -> None:
        counts = loop.counts
        if counts is None:
            counts = loop.counts = {}
        count = counts[bit] = counts.get(bit, 1) + 1
        if count > most:
            self._watcher.repeated(at.segments[0] if isinstance(at, Loop) else at, most, loop, opens)

    def _pass_on(self, loop: Loop, child: State) -> None:
        """Let go of what has come of `child` in the loop. It is taken apart two such turns later: until then whoever
        takes records one by one still has it in hand."""
        passed = [one for one in loop.loops if one.state is child]
        loop.loops = [one for one in loop.loops if one.state is not child]
        self._passed.append(passed)
        if len(self._passed) > HELD:
            take_apart(self._passed.popleft())

    def _close(self, loop: Loop) -> None:
        state = loop.state
        assert state is not None
        if state.required & ~loop.seen or state.id in self._watched:
            self._watcher.close(loop)
        if state.hot <= HOT:
            state.warm(loop.seen)
        if state.record and self._forgets:
            self.record = loop
