"""What answers a file of claims: TA1 and 999 for its syntax, a 277CA for each claim in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec

from claimwright.claims.nouns import Claim, Provider
from claimwright.claims.parties import Party, provider_party
from claimwright.claims.synthetic.claims import cents, money
from claimwright.claims.synthetic.messages import CLEARINGHOUSE_ID, CLEARINGHOUSE_NAME, submitter
from claimwright.claims.synthetic.streams import LINE_BREAK, InterchangeFile, OpenTransaction
from claimwright.claims.to_x12.parties import Code
from claimwright.claims.to_x12.transactions import TransactionWriter
from claimwright.x12.writer import Envelope, InterchangeBuilder

ACCEPTED, RECEIVED, REFUSED = ("A2", "20", "PR"), ("A1", "19", "PR"), ("A3", "116", "PR")
TAKEN, STOPPED = "WQ", "U"


class Verdict(msgspec.Struct, frozen=True):
    """What the front door says of one claim. A refused one has no payer claim number."""

    claim: Claim
    accepted: bool
    payer_claim_number: str
    served: date
    served_through: date


class ClaimAcknowledgementStream:
    """One 277CA: claims come in groups by provider, the totals of the whole stand before them."""

    def __init__(self, transaction: OpenTransaction, reference: str, on: date) -> None:
        self.transaction, self.reference, self.on = transaction, reference, on
        self.writer = _Writer(transaction.builder)
        self.writer.level = 2  # the source and the receiver stand above
        self.accepted = self.refused = self.accepted_charge = self.refused_charge = 0

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Claims in a row; neighbours of one billing provider share a level."""
        start = 0
        for at in range(1, len(verdicts) + 1):
            first = verdicts[start].claim.billing_provider
            if at == len(verdicts) or verdicts[at].claim.billing_provider != first:
                self._provider(first, verdicts[start:at])
                start = at
        self.transaction.drain()

    def _provider(self, provider: Provider, verdicts: Sequence[Verdict]) -> None:
        taken = [cents(one.claim.total_charge) for one in verdicts if one.accepted]
        stopped = [cents(one.claim.total_charge) for one in verdicts if not one.accepted]
        self.accepted += len(taken)
        self.refused += len(stopped)
        self.accepted_charge += sum(taken)
        self.refused_charge += sum(stopped)
        self.writer.provider(provider_party(provider, "85"), taken, stopped)
        for verdict in verdicts:
            self.writer.claim(verdict, self.on)

    def close(self) -> None:
        """The head, now that the totals are known, and the end."""
        self.writer.head(
            self.reference, self.on, self.accepted, self.refused, self.accepted_charge, self.refused_charge
        )
        self.transaction.close(
            self.transaction.take(),
            accepted=self.accepted,
            rejected=self.refused,
            accepted_cents=self.accepted_charge,
            rejected_cents=self.refused_charge,
        )


class _Writer(TransactionWriter):
    def head(self, reference: str, on: date, taken: int, stopped: int, taken_charge: int, stopped_charge: int) -> None:
        self.add("BHT", "0085", "08", Code(f"CA{reference}"), on, "0930", "TH")
        self.add("HL", 1, "", "20", "1")
        self.party_name(_organization("AY", CLEARINGHOUSE_NAME, CLEARINGHOUSE_ID))
        self.add("TRN", "1", Code(f"CA{reference}"))
        self.add("DTP", "050", "D8", on)
        self.add("DTP", "009", "D8", on)
        self.add("HL", 2, 1, "21", "1")
        self.party_name(submitter())
        self.add("TRN", "2", Code(reference))
        self.add("STC", RECEIVED, on, TAKEN, money(taken_charge + stopped_charge))
        for quantity, count in (("90", taken), ("AA", stopped)):
            if count:
                self.add("QTY", quantity, count)
        for amount, charge in (("YU", taken_charge), ("YY", stopped_charge)):
            if charge:
                self.add("AMT", amount, money(charge))

    def provider(self, party: Party, taken: Sequence[int], stopped: Sequence[int]) -> None:
        self.hierarchy(2, "19", "1")
        self.parent = self.level
        self.party_name(party)
        self.add("TRN", "1", "0")
        self.add("STC", RECEIVED, "", TAKEN, money(sum(taken) + sum(stopped)))
        for quantity, found in (("QA", taken), ("QC", stopped)):
            if found:
                self.add("QTY", quantity, len(found))
        for amount, found in (("YU", taken), ("YY", stopped)):
            if found:
                self.add("AMT", amount, money(sum(found)))

    def claim(self, verdict: Verdict, on: date) -> None:
        claim = verdict.claim
        patient = claim.patient
        self.hierarchy(self.parent, "PT", "")
        self.party_name(
            Party(
                role="QC",
                last_name=patient.last_name,
                first_name=patient.first_name,
                middle_name=patient.middle_name,
                id_qualifier="MI",
                identifier=claim.coverage.member_id,
            )
        )
        self.add("TRN", "2", Code(claim.control_number))
        said, action = (ACCEPTED, TAKEN) if verdict.accepted else (REFUSED, STOPPED)
        self.add("STC", said, on, action, claim.total_charge)
        if verdict.payer_claim_number:
            self.add("REF", "1K", Code(verdict.payer_claim_number))
        if claim.clearinghouse_trace:
            self.add("REF", "D9", Code(claim.clearinghouse_trace))
        if claim.institutional is not None:
            self.add("REF", "BLT", Code(claim.type_of_bill[1:]))
        first, last = verdict.served, verdict.served_through
        if first == last:
            self.add("DTP", "472", "D8", first)
        else:
            self.add("DTP", "472", "RD8", f"{first:%Y%m%d}-{last:%Y%m%d}")


def _organization(role: str, name: str, number: str) -> Party:
    return Party(role=role, is_organization=True, last_name=name, id_qualifier="46", identifier=number)


def write_ta1(path: Path, envelope: Envelope, control_number: int, answered: InterchangeFile, when: datetime) -> bytes:
    """An interchange with nothing but the TA1 that accepts `answered`."""
    builder = InterchangeBuilder(envelope, control_number, when, line_break=LINE_BREAK)
    sent = answered.when
    builder.add_ta1(f"{answered.control_number:09d}", f"{sent:%y%m%d}", f"{sent:%H%M}", "A", "000")
    data = builder.build()
    path.write_bytes(data)
    return data


def add_999(file: InterchangeFile, answered: InterchangeFile, functional_id: str) -> None:
    """One ST that accepts every transaction of the answered file's group."""
    transaction = file.transaction()
    builder = transaction.builder
    builder.add("AK1", functional_id, str(answered.control_number), answered.guide)
    for one in answered.transactions:
        builder.add("AK2", answered.set_id, one["control_number"], answered.guide)
        builder.add("IK5", "A")
        transaction.drain()
    count = str(len(answered.transactions))
    builder.add("AK9", "A", count, count, count)
    transaction.close(accepted=len(answered.transactions))
