"""A source as one flow of segments, envelopes and all, each with the loop it stands in: what rewrites a file reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.cutting import Source, batches
from claimwright.x12.guides import Guide
from claimwright.x12.loops import Loop, Walk, Watcher, guide_of
from claimwright.x12.reader import CONTROL, Nester, forget, texts
from claimwright.x12.segments import Document, Segment, Transaction


class Flow:
    """The segments of a source in turn, in the memory of a few. Iterate once.

    `preamble` is the text before the first segment and `remainder` what follows the last one; both are complete when
    the iteration is. Preamble, each `Segment.text()` and remainder, put together, are the source to the byte.
    """

    def __init__(self, source: Path | BinaryIO | bytes) -> None:
        self._document = Document()
        self._texts = texts(source)

    @property
    def preamble(self) -> str:
        return self._document.preamble

    @property
    def remainder(self) -> str:
        return self._document.remainder

    def __iter__(self) -> Iterator[Segment]:
        held: Segment | None = None  # what follows a batch may belong to its last segment, so that one waits
        for batch in batches(Source(self._texts), self._document):
            if held is not None:
                yield held
            yield from batch[:-1]
            held = batch[-1]
            self._document.faults.clear()
        if held is not None:
            yield held

    def pieces(self) -> Iterator[str]:
        """The source again, piece by piece."""
        first = True
        for segment in self:
            if first:
                first = False
                yield self.preamble
            yield segment.text()
        yield self.remainder


class Placed:
    """A segment where it stands. `loop` is None outside a transaction, and in one whose guide is not known here.

    `opens` says that the segment is the first of its loop. `transaction` has its ST alone.
    """

    __slots__ = ("guide", "loop", "opens", "segment", "transaction")

    def __init__(
        self, segment: Segment, transaction: Transaction | None, loop: Loop | None, guide: Guide | None
    ) -> None:
        self.segment, self.transaction, self.loop, self.guide = segment, transaction, loop, guide
        self.opens = loop is not None and bool(loop.segments) and loop.segments[0] is segment

    @property
    def depth(self) -> int:
        """How many loops the segment lies in: 0 for the envelope, 1 for ST, BHT, BPR ..., 2 for 1000A and so on."""
        loop, depth = self.loop, 0
        while loop is not None:
            loop, depth = loop.parent, depth + 1
        return depth


class _Silent(Watcher):
    """A walk that nobody listens to."""


def placed(segments: Iterator[Segment]) -> Iterator[Placed]:
    """Each segment with its loop. Holds one record and what stands around it."""
    document = Document()
    nester = Nester(document.interchanges, keep=False)
    walk: Walk | None = None
    guide: Guide | None = None
    starting: Segment | None = None
    for segment in segments:
        name = segment.elements[0]
        inside = nester.transaction if name not in CONTROL else None
        if starting is not None:
            st, starting = starting, None
            transaction = nester.transaction
            assert transaction is not None
            guide = guide_of(transaction, segment if inside is not None else None)
            walk = Walk(guide, st.delimiters, _Silent(), forgets=True) if guide is not None else None
            if walk is not None:
                walk.take([st])
            yield Placed(st, transaction, walk.loop if walk is not None else None, guide)
        if inside is None:
            nester.add(segment)
            walk = None
            if name == "ST" and nester.transaction is not None:
                starting = segment
            else:
                yield Placed(segment, None, None, None)
            forget(document)
            continue
        loop = None
        if walk is not None:
            walk.take([segment])
            loop = _home(walk.loop, segment)
        yield Placed(segment, inside, loop, guide)
        nester.add(segment)
        if name == "SE":
            walk = None
    if starting is not None and nester.transaction is not None:
        yield Placed(starting, nester.transaction, None, None)


def _home(loop: Loop, segment: Segment) -> Loop:
    """The loop that a segment just placed is kept in: the walk's own, or one above where it came too late for it."""
    at: Loop | None = loop
    while at is not None:
        if at.segments and at.segments[-1] is segment:
            return at
        at = at.parent
    return loop


def stream(source: Path | BinaryIO | bytes) -> Iterator[Placed]:
    """Each segment of a source with its loop."""
    return placed(iter(Flow(source)))
