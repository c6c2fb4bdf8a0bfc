"""Segments to loops, leniently: whatever a transaction holds, each of its segments ends in some loop of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12 import guides
from claimwright.x12.guides import Guide
from claimwright.x12.reader import stream_segments
from claimwright.x12.segments import Segment, Transaction
from claimwright.x12.states import Choice, Move, Place, State, compiled

ROOT = "ST_LOOP"
UNKNOWN = "unknown"  # the guide has no such segment
UNEXPECTED = "unexpected"  # the guide has it, not here
MISPLACED = "misplaced"  # here, but earlier than what went before
ORPHAN = "orphan"  # an HL whose parent is not there or not of the right level


class Oddity:
    """A segment that did not fit: what is odd about it, and the loop it was kept in."""

    __slots__ = ("kind", "loop", "segment")

    def __init__(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.kind, self.segment, self.loop = kind, segment, loop


class Loop:
    """One loop as read. `places` stands beside `segments`: the guide's row for each, None for one that does not fit.

    `oddities` is filled on the root only.
    """

    __slots__ = ("id", "last_position", "loops", "oddities", "parent", "places", "segments", "state")

    def __init__(self, loop_id: str, parent: Loop | None, state: State | None) -> None:
        self.id = loop_id
        self.parent = parent
        self.state = state
        self.segments: list[Segment] = []
        self.places: list[Place | None] = []
        self.loops: list[Loop] = []
        self.last_position = 0
        self.oddities: list[Oddity] = []

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


def guide_of(transaction: Transaction) -> Guide | None:
    """The guide the transaction names, or the only one there is for its kind when it names none that fits.

    ST03 wins over GS08. A 997 carries no guide; an 835 or 999 of another version is read as ours.
    """
    for name in (transaction.st[3], transaction.group.gs[8] if transaction.group.gs else ""):
        guide = guides.find(name, transaction.set_id)
        if guide is not None and guide.set_id == transaction.set_id:
            return guide
    return _FALLBACK.get(transaction.set_id)


_FALLBACK: dict[str, Guide] = {guide.set_id: guide for guide in guides.GUIDES if guide.set_id in ("835", "997", "999")}


def parse(transaction: Transaction, guide: Guide | None = None) -> Loop:
    """The loop tree of a transaction. Never raises. Without a guide all segments stay in the root."""
    chosen = guide or guide_of(transaction)
    if chosen is None:
        root = Loop(ROOT, None, None)
        root.segments = list(transaction.segments)
        root.places = [None] * len(root.segments)
        return root
    walk = Walk(chosen)
    for segment in transaction.segments:
        walk.step(segment)
    return walk.root


class Walk:
    """Places segments one by one; `loop` is where the last one went."""

    __slots__ = ("_levels", "loop", "root")

    def __init__(self, guide: Guide) -> None:
        state = compiled(guide).root
        self.root = self.loop = Loop(ROOT, None, state)
        self._levels: dict[str, Loop] = {}

    def step(self, segment: Segment) -> Loop:
        """Put the segment into its loop, opening and leaving loops as its guide says, and return that loop."""
        loop = self.loop
        elements = segment.elements
        name = elements[0]
        state = loop.state
        assert state is not None
        try:
            choice = state.choices[name]
        except KeyError:
            choice = state.choice(name)
        move = _pick(choice, segment) if choice is not None else None
        if move is None:
            return self._keep(segment, UNEXPECTED if _known(self.root, name) else UNKNOWN)
        for _ in range(move.up):
            loop = loop.parent or loop
        place = move.place
        if name == "HL" and move.opens:
            return self._open_level(segment, loop, move)
        for child in move.opens:
            if child.position < loop.last_position:
                self.root.oddities.append(Oddity(MISPLACED, segment, loop))
            loop.last_position = child.position
            loop = _open(loop, child)
        if place.position < loop.last_position and not move.opens:
            self.root.oddities.append(Oddity(MISPLACED, segment, loop))
        else:
            loop.last_position = place.position
        loop.segments.append(segment)
        loop.places.append(place)
        self.loop = loop
        return loop

    def forget(self) -> None:
        """Let go of loops beside the path to the current one that another of their kind has followed."""
        self.root.oddities.clear()
        path: Loop | None = self.loop
        kept: set[int] = set()
        while path is not None:
            kept.add(id(path))
            above = path.parent
            if above is not None:
                above.loops = [one for one in above.loops if one is path or one.state is not path.state]
            path = above
        self._levels = {name: level for name, level in self._levels.items() if id(level) in kept}

    def _keep(self, segment: Segment, kind: str) -> Loop:
        self.loop.segments.append(segment)
        self.loop.places.append(None)
        self.root.oddities.append(Oddity(kind, segment, self.loop))
        return self.loop

    def _open_level(self, segment: Segment, loop: Loop, move: Move) -> Loop:
        """An HL goes under the level its HL02 names, when that is of the right kind; else where it stands."""
        for child in move.opens[:-1]:
            loop.last_position = child.position
            loop = _open(loop, child)
        named = self._levels.get(segment[2]) if segment[2] else None
        wanted = move.opens[-1].parent
        odd = ""
        if named is not None and named.state is wanted:
            loop = named
        elif segment[2] or (wanted is not None and wanted.parent is not None):
            odd = ORPHAN
        if move.opens[-1].position < loop.last_position:
            odd = odd or MISPLACED
        loop.last_position = max(loop.last_position, move.opens[-1].position)
        opened = _open(loop, move.opens[-1])
        opened.segments.append(segment)
        opened.places.append(move.place)
        opened.last_position = move.place.position
        if odd:
            self.root.oddities.append(Oddity(odd, segment, opened))
        self._levels[segment[1]] = opened
        self.loop = opened
        return opened


def _open(parent: Loop, state: State) -> Loop:
    loop = Loop(state.id, parent, state)
    parent.loops.append(loop)
    return loop


def _pick(choice: Choice, segment: Segment) -> Move | None:
    if not choice.position:
        return choice.otherwise
    if choice.component:
        value = segment.component(choice.position, choice.component)
    else:
        value = segment[choice.position]
    return choice.by_value.get(value, choice.otherwise)


def _known(root: Loop, segment_id: str) -> bool:
    return root.state is not None and segment_id in root.state.compiled.segment_ids


class ClaimView:
    """One claim with what stands around it. `claim` is the 2300 or 2100 loop; the loops above it hold the billing
    provider, subscriber and patient (`claim.ancestor("2000A")`) or the payer and payee (`root`).

    `transaction` has its ST, group and interchange, not its segments.
    """

    __slots__ = ("claim", "guide", "root", "transaction")

    def __init__(self, claim: Loop, root: Loop, transaction: Transaction, guide: Guide) -> None:
        self.claim, self.root, self.transaction, self.guide = claim, root, transaction, guide


CLAIM_LOOPS = {"837": "2300", "835": "2100"}


def stream_claims(source: Path | BinaryIO | bytes) -> Iterator[ClaimView]:
    """Each claim of the 837s and 835s of a file in turn, holding one claim at a time even where one ST is the file."""
    current: Transaction | None = None
    guide: Guide | None = None
    walk: Walk | None = None
    claim: Loop | None = None
    for transaction, segment in stream_segments(source):
        if transaction is not current:
            if claim is not None and walk is not None and current is not None and guide is not None:
                yield ClaimView(claim, walk.root, current, guide)
            current, claim = transaction, None
            guide = guide_of(transaction)
            walk = Walk(guide) if guide is not None and guide.set_id in CLAIM_LOOPS else None
        if walk is None or guide is None:
            continue
        before = walk.loop
        after = walk.step(segment)
        if after is before:
            continue
        standing = _claim_around(after, CLAIM_LOOPS[guide.set_id])
        if claim is not None and standing is not claim:
            yield ClaimView(claim, walk.root, transaction, guide)
        if standing is not claim:
            claim = standing
            walk.forget()
    if claim is not None and walk is not None and current is not None and guide is not None:
        yield ClaimView(claim, walk.root, current, guide)


def _claim_around(loop: Loop | None, claim_id: str) -> Loop | None:
    while loop is not None and loop.id != claim_id:
        loop = loop.parent
    return loop
