"""What answers a file of claims: TA1 and 999 for its syntax, a 277CA for each claim in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import msgspec

from claimwright.claims.inquiries import provider_party
from claimwright.claims.nouns import (
    Claim,
    ClaimAcknowledgement,
    ClaimStatus,
    InterchangeAcknowledgement,
    TransactionAcknowledgement,
)
from claimwright.claims.parties import Party, Period, Reference
from claimwright.claims.synthetic.claims import cents, money
from claimwright.claims.synthetic.messages import clearinghouse, submitter
from claimwright.claims.synthetic.streams import LINE_BREAK, InterchangeFile, OpenTransaction, st_number
from claimwright.claims.to_x12.acknowledgements import GroupWriter, ReportWriter, add_interchange_acknowledgement
from claimwright.claims.to_x12.parties import Code
from claimwright.x12.writer import Envelope, InterchangeBuilder

ACCEPTED = ClaimStatus(category="A2", code="20", entity="PR")
RECEIVED = ClaimStatus(category="A1", code="19", entity="PR")
REFUSED = ClaimStatus(category="A3", code="116", entity="PR")
RECEIVER_LEVEL = 2  # HL01 of the receiver; the source is 1


class Verdict(msgspec.Struct, frozen=True):
    """What the front door says of one claim. A refused one has no payer claim number."""

    claim: Claim
    accepted: bool
    payer_claim_number: str
    served: date
    served_through: date

    def noun(self, on: date) -> ClaimAcknowledgement:
        """The claim's part of a 277CA."""
        claim = self.claim
        patient = claim.patient
        bill = (Reference(qualifier="BLT", value=claim.type_of_bill[1:]),) if claim.institutional else ()
        return ClaimAcknowledgement(
            control_number=claim.control_number,
            accepted=self.accepted,
            statuses=(ACCEPTED if self.accepted else REFUSED,),
            charge=claim.total_charge,
            payer_claim_number=self.payer_claim_number,
            clearinghouse_trace=claim.clearinghouse_trace,
            effective_date=on,
            provider=provider_party(claim.billing_provider, "85"),
            patient=Party(
                role="QC",
                last_name=patient.last_name,
                first_name=patient.first_name,
                middle_name=patient.middle_name,
                id_qualifier="MI",
                identifier=claim.coverage.member_id,
            ),
            references=bill,
            service=Period(
                qualifier="472",
                start=self.served,
                end=self.served_through if self.served_through != self.served else None,
            ),
        )


class Tally(msgspec.Struct):
    """Claims and charges that go on and that stop."""

    accepted: int = 0
    rejected: int = 0
    accepted_cents: int = 0
    rejected_cents: int = 0

    def add(self, verdict: Verdict) -> None:
        charge = cents(verdict.claim.total_charge)
        if verdict.accepted:
            self.accepted += 1
            self.accepted_cents += charge
        else:
            self.rejected += 1
            self.rejected_cents += charge


class ClaimAcknowledgementStream:
    """One 277CA: claims come in groups by provider, the totals of the whole stand before them."""

    def __init__(self, transaction: OpenTransaction, reference: str, on: date) -> None:
        self.transaction, self.reference, self.on = transaction, reference, on
        self.writer = _Writer(transaction.builder)
        self.writer.level = RECEIVER_LEVEL
        self.tally = Tally()

    def add(self, verdicts: Sequence[Verdict]) -> Iterator[ClaimAcknowledgement]:
        """Write claims in a row, yielding each; neighbours of one billing provider share a level."""
        for provider, group in groupby(verdicts, lambda verdict: verdict.claim.billing_provider):
            own, nouns = Tally(), []
            for verdict in group:
                own.add(verdict)
                self.tally.add(verdict)
                nouns.append(verdict.noun(self.on))
            self.writer.group(provider_party(provider, "85"), _totals("provider", "0", None, own), nouns)
            self.transaction.drain()
            yield from nouns

    def close(self) -> None:
        """The head, now that the totals are known, and the end."""
        self.writer.head(self.reference, self.on, _totals("receiver", self.reference, self.on, self.tally))
        self.transaction.close(self.transaction.take(), **msgspec.structs.asdict(self.tally))


class _Writer(ReportWriter):
    """Writes the parts of a 277CA out of order: claims first, the head when its totals are known."""

    def head(self, reference: str, on: date, totals: ClaimAcknowledgement) -> None:
        self.level = 0
        self.beginning("0085", "08", f"CA{reference}", on, "0930", "TH")
        top = self.hierarchy(0, "20", "1")
        self.party_name(clearinghouse())
        self.add("TRN", "1", Code(f"CA{reference}"))
        self.day("050", on)
        self.day("009", on)
        self.hierarchy(top, "21", "1")
        self.party_name(submitter())
        self.item(totals, "2", "90", "AA")

    def group(self, provider: Party, totals: ClaimAcknowledgement, claims: Sequence[ClaimAcknowledgement]) -> None:
        level = self.hierarchy(RECEIVER_LEVEL, "19", "1")
        self.party_name(provider)
        self.item(totals, "1", "QA", "QC")
        for claim in claims:
            self.hierarchy(level, "PT", "")
            if claim.patient is not None:
                self.party_name(claim.patient)
            self.item(claim, "2", "", "")


def _totals(level: str, number: str, on: date | None, tally: Tally) -> ClaimAcknowledgement:
    """What is said of a whole file or provider: received, with how much of it goes on."""
    return ClaimAcknowledgement(
        level=level,
        control_number=number,
        accepted=True,
        statuses=(RECEIVED,),
        charge=money(tally.accepted_cents + tally.rejected_cents),
        effective_date=on,
        accepted_count=Decimal(tally.accepted) if tally.accepted else None,
        rejected_count=Decimal(tally.rejected) if tally.rejected else None,
        accepted_amount=money(tally.accepted_cents) if tally.accepted else None,
        rejected_amount=money(tally.rejected_cents) if tally.rejected else None,
    )


def write_ta1(path: Path, envelope: Envelope, control_number: int, answered: InterchangeFile, when: datetime) -> bytes:
    """An interchange with nothing but the TA1 that accepts `answered`."""
    builder = InterchangeBuilder(envelope, control_number, when, line_break=LINE_BREAK)
    sent = answered.when
    noun = InterchangeAcknowledgement(
        control_number=f"{answered.control_number:09d}",
        interchange_date=f"{sent:%y%m%d}",
        interchange_time=f"{sent:%H%M}",
        code="A",
        note="000",
    )
    add_interchange_acknowledgement(builder, noun)
    data = builder.build()
    path.write_bytes(data)
    return data


def add_999(file: InterchangeFile, answered: InterchangeFile, functional_id: str) -> None:
    """One ST that accepts every transaction of the answered file's group; they were numbered and closed in order."""
    transaction = file.transaction()
    writer = GroupWriter(transaction.builder)
    writer.add("AK1", functional_id, answered.control_number, answered.guide)
    count = answered.closed
    for number in range(1, count + 1):
        accepted = TransactionAcknowledgement(set_id=answered.set_id, control_number=st_number(number), code="A")
        writer.transaction(accepted, answered.guide)
        transaction.drain()
    writer.add("AK9", "A", count, count, count)
    transaction.close(accepted=count)
