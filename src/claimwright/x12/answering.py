"""What a receiver answers to a file: TA1 for each interchange, 999 for its groups, 277CA for its claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from claimwright.x12.acknowledge import functional_acknowledgement, ta1
from claimwright.x12.claim_acknowledge import Batch, batches_of, claim_acknowledgement
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.flow import Flow
from claimwright.x12.reader import CONTROL, Nester
from claimwright.x12.segments import Document, Interchange, Segment, Transaction
from claimwright.x12.writer import Envelope, InterchangeBuilder

HEAD = 4  # segments of a transaction that its 999 needs: up to the TRN of an 835
LEVELS_OF_999 = 2
REJECTED = "R"
MOST_PARTY_CHARACTERS = 15
UNKNOWN_PARTY = "UNKNOWN"
SEPARATORS = "*~^:"  # those the answer is written with
PARTY_QUALIFIERS = frozenset(("01", "14", "20", "27", "28", "29", "30", "33", "ZZ"))


class Answer(msgspec.Struct):
    """The answer to one interchange. Bytes are empty where there is nothing to answer."""

    control_number: str
    interchange_code: str  # TA104: A, E, R
    interchange_note: str
    ta1: bytes
    functional: bytes = b""  # 999
    claims: bytes = b""  # 277CA
    transactions_accepted: int = 0
    transactions_rejected: int = 0
    claims_accepted: int = 0
    claims_rejected: int = 0

    @property
    def accepted(self) -> bool:
        """Whether nothing of the interchange was rejected."""
        return self.interchange_code != REJECTED and not self.transactions_rejected and not self.claims_rejected


def skeleton(source: Path | BinaryIO | bytes) -> Document:
    """The envelopes of a source, and of each transaction its first segments and its last: what a 999 is made from."""
    document = Document()
    nester = Nester(document.interchanges, keep=False)
    open_one: Transaction | None = None
    last: Segment | None = None
    for segment in Flow(source):
        before = nester.transaction
        nester.add(segment)
        if before is not None and nester.transaction is not before and segment.elements[0] in CONTROL:
            _end(before, last)  # no SE came
        current = nester.transaction
        if current is not None and current is not open_one:
            open_one = current
        elif current is not None and len(current.segments) < HEAD:
            current.segments.append(segment)
        last = segment
    if nester.transaction is not None:
        _end(nester.transaction, last)
    return document


def _end(transaction: Transaction, last: Segment | None) -> None:
    if last is not None and last is not transaction.segments[-1]:
        transaction.segments.append(last)


def answers(
    envelopes: Document,
    source: Path | BinaryIO | bytes,
    faults: Sequence[Fault],
    *,
    when: datetime,
    control_number: int = 1,
    as_source: str = "PR",
) -> Iterator[Answer]:
    """An answer to each interchange of the source, whose `skeleton` is given; control numbers count up by three.

    An interchange that its TA1 rejects gets no 999; a transaction that its 999 rejects gets no 277CA. Faults of SNIP
    level 3 and above reject single claims. `as_source` is PR to answer as a payer, AY as a clearinghouse.
    """
    batches = batches_of(source, [fault for fault in faults if fault.snip > LEVELS_OF_999])
    rejected = _rejected(envelopes, faults)
    batch = next(batches, None)
    number = control_number
    for interchange in envelopes.interchanges:
        mine: list[Batch] = []
        for transaction in interchange.transactions():
            if transaction.set_id == "837" and batch is not None:
                if transaction.st.ordinal not in rejected:
                    mine.append(batch)
                batch = next(batches, None)
        yield _answer(interchange, faults, mine, rejected, when, number, as_source)
        number += 3


def _rejected(envelopes: Document, faults: Iterable[Fault]) -> set[int]:
    """The ordinals of the ST of the transactions that a 999 rejects."""
    spans = [
        (transaction.segments[0].ordinal, transaction.segments[-1].ordinal) for transaction in envelopes.transactions()
    ]
    grave = sorted(
        {fault.ordinal for fault in faults if fault.severity is Severity.REJECT and fault.snip <= LEVELS_OF_999 and
         fault.segment}
    )  # fmt: skip
    found: set[int] = set()
    at = 0
    for first, last in spans:
        while at < len(grave) and grave[at] < first:
            at += 1
        if at < len(grave) and grave[at] <= last:
            found.add(first)
    return found


def _answer(
    interchange: Interchange,
    faults: Sequence[Fault],
    batches: list[Batch],
    rejected: set[int],
    when: datetime,
    number: int,
    as_source: str,
) -> Answer:
    envelope = answering_envelope(interchange.isa)
    told = ta1(interchange, faults)
    builder = InterchangeBuilder(envelope, number, when)
    builder.add_ta1(*told)
    answer = Answer(interchange.control_number, told[3], told[4], builder.build())
    if told[3] == REJECTED:
        return answer
    alone = Document()
    alone.interchanges.append(interchange)
    if any(group.gs is not None and group.gs[1] != "FA" for group in interchange.groups):
        answer.functional = functional_acknowledgement(
            alone, faults, envelope=envelope, control_number=number + 1, when=when
        )
    for transaction in interchange.transactions():
        if transaction.st.ordinal in rejected:
            answer.transactions_rejected += 1
        else:
            answer.transactions_accepted += 1
    batches = [batch for batch in batches if batch.claims]
    if batches:
        answer.claims = claim_acknowledgement(
            batches, envelope=envelope, control_number=number + 2, when=when, source=as_source
        )
    for batch in batches:
        taken, _, refused, _ = batch.totals(batch.claims)
        answer.claims_accepted += taken
        answer.claims_rejected += refused
    return answer


def answering_envelope(isa: Segment | None) -> Envelope:
    """The envelope back to the sender of an ISA."""
    if isa is None:
        return Envelope(sender_id=UNKNOWN_PARTY, receiver_id=UNKNOWN_PARTY)
    return Envelope(
        sender_id=_party(isa[8]),
        receiver_id=_party(isa[6]),
        sender_qualifier=_qualifier(isa[7]),
        receiver_qualifier=_qualifier(isa[5]),
        usage=isa[15] if isa[15] in ("P", "T") else "P",
    )


def _party(text: str) -> str:
    """A party's id as it came, less what would be a separator or no character of the answer."""
    kept = "".join(character for character in text if " " <= character <= "~" and character not in SEPARATORS)
    return kept.strip()[:MOST_PARTY_CHARACTERS] or UNKNOWN_PARTY


def _qualifier(text: str) -> str:
    return text if text in PARTY_QUALIFIERS else "ZZ"
