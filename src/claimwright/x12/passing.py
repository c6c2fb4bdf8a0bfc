"""One pass over a source: envelopes, loops, judgement and records, in the memory of one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.balance import balance_rules
from claimwright.x12.cutting import Cutter, Run, Source
from claimwright.x12.elements import checker_for
from claimwright.x12.envelope import EnvelopeCheck
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.loops import Loop, Walk, guide_of
from claimwright.x12.reader import CONTROL, Nester, forget, is_wrapped, read, texts
from claimwright.x12.segments import Delimiters, Document, Segment, Transaction
from claimwright.x12.situations import CLAIM_LOOPS, ClaimNumbers, check_claim_number, header_rules_for, rules_for
from claimwright.x12.structure import Rule, Watch
from claimwright.x12.vocabulary import Vocabulary
from claimwright.x12.words import word_rules

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
    looked at. `ended` is called at the end of each transaction of a known guide, with its root, which has its own
    segments and what does not repeat. Never raises on content and never stops at a fault. A Document is judged as it
    stands, changes and all.
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
        self.ended: Callable[[Loop, Transaction, Guide], None] | None = None
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
        self._cutter: Cutter | None = None
        if isinstance(source, Document):
            self._reading.faults.extend(source.faults)
            self._runs: Iterator[Run | Segment] = iter(source.segments)
        else:
            self._cutter = Cutter(Source(texts(source)), self._reading)
            self._runs = self._cutter.runs()

    def __iter__(self) -> Iterator[Record]:
        for run in self._runs:
            if isinstance(run, Segment):
                self.segments += 1
                if self._cutter is not None:
                    self._cutter.last = run
                record = self._one(run)
                if record is not None:
                    self.records += 1
                    yield record
                self._note_reading(run)
            else:
                self.segments += run.count
                for record in self._run(run):
                    self.records += 1
                    yield record
                self._note_reading(None)
        record = self._end_walk()
        if record is not None:
            self.records += 1
            yield record
        self._note_reading(None)
        if self._level:
            self._envelope.finish()

    def _run(self, run: Run) -> Iterator[Record]:
        """Text with many segments: whole loops where they can be recognized, else segment by segment."""
        text, separator, element = run.text, run.separator, run.delimiters.element
        gap, size = len(separator), len(text)
        position, ordinal = 0, run.ordinal
        segment: Segment | None = None
        while position < size:
            walk = self._walk
            if walk is not None:
                stop = walk.take_loops(run, position, ordinal)
                if stop > position:
                    self._nester.took(walk.took)
                    ordinal += walk.took
                    position = stop
                    if walk.record is not None:
                        yield self._record(walk)
                    continue
            stop = text.find(separator, position)
            segment = Segment(
                text[position:stop].split(element), run.delimiters, 0, ordinal, run.offset + position,
                run.line + (ordinal - run.ordinal if run.down else 0), "", run.trail,
            )  # fmt: skip
            position = stop + gap
            ordinal += 1
            record = self._one(segment)
            if record is not None:
                yield record
        if self._cutter is not None:
            self._cutter.last = (
                segment if segment is not None and segment.ordinal == ordinal - 1 else _last_of(run, ordinal - 1)
            )

    def faults(self) -> Iterator[Fault]:
        """All faults, in the order of their places within each transaction; nothing is kept."""
        for _ in self:
            if self.findings.faults:
                yield from self.findings.take()
        yield from self.findings.take()

    def _one(self, segment: Segment) -> Record | None:
        """One segment, wherever it stands; the record that it ends, if any."""
        nester = self._nester
        transaction = nester.transaction
        name = segment.elements[0]
        if transaction is not None and name not in CONTROL:
            if self._starting is not None:
                st, self._starting = self._starting, None
                self._begin_walk(transaction, st, segment)
            walk, record = self._walk, None
            if walk is not None:
                walk.take([segment])
                record = self._record(walk) if walk.record is not None else None
            if name == "SE":
                record = self._end_walk() or record
            nester.add(segment)
            if name == "SE":
                self._turn()
            return record
        record = self._end_walk()
        nester.add(segment)
        self._starting = segment if nester.transaction is not None else None
        self.transactions += self._starting is not None
        self._turn()
        return record

    def _record(self, walk: Walk) -> Record:
        transaction, guide = self._nester.transaction, self._guide
        assert walk.record is not None and transaction is not None and guide is not None
        return Record(walk.record, walk.root, transaction, guide)

    def _begin_walk(self, transaction: Transaction, st: Segment, second: Segment) -> None:
        self._guide = guide = guide_of(transaction, second) if self._inside else None
        if guide is None:
            return
        watch = watch_for(guide, st.delimiters, self.findings, self._level, self._vocabulary) if self._level else None
        self._walk = Walk(guide, st.delimiters, watch, forgets=True)
        self._walk.take([st])

    def _end_walk(self) -> Record | None:
        """Close what is open in the transaction; the record that this ends, where its SE is missing."""
        walk, self._walk = self._walk, None
        if walk is None:
            return None
        before = walk.record
        walk.end()
        if self.ended is not None and self._nester.transaction is not None and self._guide is not None:
            self.ended(walk.root, self._nester.transaction, self._guide)
        return self._record(walk) if walk.record is not None and walk.record is not before else None

    def _turn(self) -> None:
        if self._level:
            self._envelope.turn(self._nester)
        forget(self._kept)

    def _note_reading(self, segment: Segment | None) -> None:
        """What the reader found at fault; and, once, that a segment was wrapped over lines."""
        if not self._level:
            return
        if self._reading.faults:
            self.findings.faults.extend(self._reading.faults)
            self._reading.faults.clear()
        if segment is not None and segment.as_read is not None and not self._wrapped:
            self._wrapped = True
            self.findings.add(
                "SNIP1-LINE-BREAK", "A line break inside the segment was ignored", segment, severity=Severity.WARN
            )


def watch_for(
    guide: Guide, delimiters: Delimiters, findings: Findings, level: int, vocabulary: Vocabulary | None
) -> Watch:
    """What judges one transaction: its elements and structure, and the rules of the levels asked for."""
    rules: dict[str, tuple[Rule, ...]] = {} if level >= SITUATIONS else dict(header_rules_for(guide))
    if level >= BALANCE:
        situated = rules_for(guide) if level >= SITUATIONS else {}
        numbered = _claim_numbers() if level >= SITUATIONS and guide.set_id in NUMBERED_SETS else {}
        worded = word_rules(guide, vocabulary) if level >= WORDS and vocabulary is not None else {}
        for more in (situated, balance_rules(guide), numbered, worded):
            for loop_id, found in more.items():
                rules[loop_id] = (*rules.get(loop_id, ()), *found)
    return Watch(checker_for(delimiters), findings, rules)


def _claim_numbers() -> dict[str, tuple[Rule, ...]]:
    numbers = ClaimNumbers()
    return dict.fromkeys(
        CLAIM_LOOPS, (lambda loop, findings: check_claim_number(loop, numbers, findings),)
    )  # fmt: skip


def _last_of(run: Run, ordinal: int) -> Segment:
    start = run.text.rfind(run.separator, 0, -len(run.separator))
    return run.segments(0 if start < 0 else start + len(run.separator), None, ordinal)[-1]


def stream_records(source: Path | BinaryIO | bytes) -> Iterator[Record]:
    """Each record of a source in turn (claim, claim payment, member, inquiry...), holding one at a time even where
    one ST is the whole file. Nothing is judged."""
    return iter(Pass(source, level=0))


def stream_claims(source: Path | BinaryIO | bytes) -> Iterator[Record]:
    """Each claim of the 837s and each claim payment of the 835s of a source in turn."""
    for record in stream_records(source):
        if record.guide.set_id in NUMBERED_SETS:
            yield record
