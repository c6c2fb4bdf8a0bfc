"""One pass over a source: envelopes, loops, judgement and records, in the memory of one record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.balance import balance_rules
from claimwright.x12.cutting import Batch, Source, batches
from claimwright.x12.elements import checker_for
from claimwright.x12.envelope import EnvelopeCheck
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.loops import Loop, Walk, guide_of
from claimwright.x12.reader import CONTROL, Nester, forget, is_wrapped, read, texts
from claimwright.x12.segments import Delimiters, Document, Segment, Transaction
from claimwright.x12.situations import CLAIM_LOOPS, ClaimNumbers, check_claim_number, rules_for
from claimwright.x12.structure import Rule, Watch
from claimwright.x12.vocabulary import Vocabulary
from claimwright.x12.words import check_loop_words

NUMBERED_SETS = ("837", "835")
BALANCE, SITUATIONS, WORDS = 3, 4, 5  # SNIP levels


class Record:
    """One record of a transaction (a claim, a claim payment, a member...) with what stands around it.

    `loop` is the 2300, 2100 ... ; the loops above it hold the billing provider, subscriber and patient
    (`loop.ancestor("2000A")`) or the payer and payee (`root`). `transaction` has its ST, group and interchange, not
    its segments. What is above the record is complete as far as it has come.
    """

    __slots__ = ("guide", "loop", "root", "transaction")

    def __init__(self, loop: Loop, root: Loop, transaction: Transaction, guide: Guide) -> None:
        self.loop, self.root, self.transaction, self.guide = loop, root, transaction, guide

    @property
    def claim(self) -> Loop:
        return self.loop


class Pass:
    """Reads a source once. Iterate for its records; `findings` fills on the way.

    `level` is the highest SNIP level looked at: 0 = read only, else 1 to 5 (levels 1 and 2 are one); 5 needs a
    vocabulary. `transactions`, `records` and `segments` count what has come. Without `inside` the envelopes alone are
    looked at. Never raises on content and never stops at a fault. A Document is judged as it stands, changes and all.
    """

    def __init__(
        self,
        source: Path | BinaryIO | bytes | Document,
        vocabulary: Vocabulary | None = None,
        level: int = 5,
        inside: bool = True,
    ) -> None:
        self.findings = Findings()
        self.transactions = self.records = self.segments = 0
        self._level, self._inside = level, inside
        self._vocabulary = vocabulary if level >= WORDS else None
        self._reading = Document()  # takes what the reader finds at fault
        self._kept = Document()  # the open interchange, group and transaction, and no more
        self._nester = Nester(self._kept.interchanges, keep=False)
        self._envelope = EnvelopeCheck(self.findings)
        self._walk: Walk | None = None
        self._guide: Guide | None = None
        self._starting: Segment | None = None  # an ST, until the segment after it has told the guide
        self._wrapped = False
        if isinstance(source, bytes) and is_wrapped(source):
            source = read(source)
        if isinstance(source, Document):
            self._reading.faults.extend(source.faults)
            self._batches: Iterator[Batch] = iter([_batch_of(source)])
        else:
            self._batches = batches(Source(texts(source)), self._reading)

    def __iter__(self) -> Iterator[Record]:
        for segments, pieces in self._batches:
            self.segments += len(segments)
            at = 0
            while at < len(segments):
                if self._walk is not None and segments[at].elements[0] not in CONTROL:
                    at, record = self._placed(self._walk, segments, pieces, at)
                else:
                    record = self._one(segments[at], pieces[at])
                    at += 1
                if record is not None:
                    self.records += 1
                    yield record
            self._note_reading(segments)
        self._end_walk()
        self._note_reading([])
        if self._level:
            self._envelope.finish()

    def faults(self) -> Iterator[Fault]:
        """All faults, in the order of their places within each transaction; nothing is kept."""
        for _ in self:
            if self.findings.faults:
                yield from self.findings.take()
        yield from self.findings.take()

    def _placed(self, walk: Walk, segments: list[Segment], pieces: list[str], at: int) -> tuple[int, Record | None]:
        """Put segments of the open transaction into loops: up to the end of a record, of the set, or of the batch."""
        transaction, guide = self._nester.transaction, self._guide
        assert transaction is not None and guide is not None
        stop = walk.take(segments, pieces, at)
        last = segments[stop - 1]
        record = Record(walk.record, walk.root, transaction, guide) if walk.record is not None else None
        if last.elements[0] == "SE":
            self._nester.took(stop - at - 1)
            self._end_walk()
            self._nester.add(last)
            self._turn()
        else:
            self._nester.took(stop - at)
        return stop, record

    def _one(self, segment: Segment, piece: str) -> Record | None:
        """A segment of the envelope, the first behind an ST, or one of a transaction whose guide is not known."""
        nester = self._nester
        transaction = nester.transaction
        if transaction is not None and segment.elements[0] not in CONTROL:
            if self._starting is not None:
                st, self._starting = self._starting, None
                self._begin_walk(transaction, st, segment)
                if self._walk is not None:
                    return self._placed(self._walk, [segment], [piece], 0)[1]
            nester.add(segment)
            if segment.elements[0] == "SE":
                self._turn()
            return None
        record = self._end_walk()
        nester.add(segment)
        self._starting = segment if nester.transaction is not None else None
        self.transactions += self._starting is not None
        self._turn()
        return record

    def _begin_walk(self, transaction: Transaction, st: Segment, second: Segment) -> None:
        self._guide = guide = guide_of(transaction, second) if self._inside else None
        if guide is None:
            return
        watch = watch_for(guide, st.delimiters, self.findings, self._level, self._vocabulary) if self._level else None
        self._walk = Walk(guide, st.delimiters, watch, forgets=True)
        self._walk.take([st], [st.delimiters.element.join(st.elements)])

    def _end_walk(self) -> Record | None:
        """Close what is open in the transaction; the record that this ends, where its SE is missing."""
        walk, self._walk = self._walk, None
        transaction, guide = self._nester.transaction, self._guide
        if walk is None or transaction is None or guide is None:
            return None
        before = walk.record
        walk.end()
        if walk.record is None or walk.record is before:
            return None
        return Record(walk.record, walk.root, transaction, guide)

    def _turn(self) -> None:
        if self._level:
            self._envelope.turn(self._nester)
        forget(self._kept)

    def _note_reading(self, segments: list[Segment]) -> None:
        """What the reader found at fault; and, once, that segments were wrapped over lines."""
        if not self._level:
            return
        if self._reading.faults:
            self.findings.faults.extend(self._reading.faults)
            self._reading.faults.clear()
        if not self._wrapped:
            wrapped = next((segment for segment in segments if segment.as_read is not None), None)
            if wrapped is not None:
                self._wrapped = True
                self.findings.add(
                    "SNIP1-LINE-BREAK", "A line break inside the segment was ignored", wrapped, severity=Severity.WARN
                )


def watch_for(
    guide: Guide, delimiters: Delimiters, findings: Findings, level: int, vocabulary: Vocabulary | None
) -> Watch:
    """What judges one transaction: its elements and structure, and the rules of the levels asked for."""
    rules: dict[str, tuple[Rule, ...]] = {}
    if level >= BALANCE:
        rules.update(balance_rules(guide))
    if level >= SITUATIONS:
        numbered = _claim_numbers() if guide.set_id in NUMBERED_SETS else {}
        for more in (rules_for(guide), numbered):
            for loop_id, found in more.items():
                rules[loop_id] = (*rules.get(loop_id, ()), *found)
    every = None if vocabulary is None or level < WORDS else _words(vocabulary)
    return Watch(checker_for(delimiters), findings, rules, every)


def _words(vocabulary: Vocabulary) -> Rule:
    return lambda loop, findings: check_loop_words(loop, vocabulary, findings)


def _claim_numbers() -> dict[str, tuple[Rule, ...]]:
    numbers = ClaimNumbers()
    return dict.fromkeys(
        CLAIM_LOOPS, (lambda loop, findings: check_claim_number(loop, numbers, findings),)
    )  # fmt: skip


def _batch_of(document: Document) -> Batch:
    segments = document.segments
    return segments, [segment.delimiters.element.join(segment.elements) for segment in segments]


def stream_records(source: Path | BinaryIO | bytes) -> Iterator[Record]:
    """Each record of a source in turn (claim, claim payment, member, inquiry...), holding one at a time even where
    one ST is the whole file. Nothing is judged."""
    return iter(Pass(source, level=0))


def stream_claims(source: Path | BinaryIO | bytes) -> Iterator[Record]:
    """Each claim of the 837s and each claim payment of the 835s of a source in turn."""
    for record in stream_records(source):
        if record.guide.set_id in NUMBERED_SETS:
            yield record
