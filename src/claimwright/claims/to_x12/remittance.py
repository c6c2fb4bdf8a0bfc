"""Remittance to 835, 005010X221A1: writes what the noun holds, balanced or not; judging is not the writer's part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from claimwright.claims.nouns import ClaimPayment, Person, ProviderAdjustment, Remittance, RemittanceLine
from claimwright.claims.to_x12.parties import Code, PolicyWriter, Words
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Envelope, InterchangeBuilder, TransactionBuilder

GUIDE = "005010X221A1"
PAIRS_PER_PLB = 6


def build_transaction(remittance: Remittance, *, control_number: str = "") -> list[Segment]:
    """One ST..SE. `control_number` overrides the noun's own ST02."""
    number = control_number or remittance.transaction_control_number or "0001"
    writer = RemittanceWriter(TransactionBuilder("835", number, GUIDE))
    writer.header(remittance)
    if remittance.claims:
        writer.add("LX", 1)
    for claim in remittance.claims:
        writer.claim(claim)
    writer.provider_adjustments(remittance.provider_adjustments)
    return writer.builder.build()


def build_interchange(
    remittances: Sequence[Remittance],
    *,
    envelope: Envelope,
    control_number: int,
    group_control_number: int,
    when: datetime,
    line_break: str = "",
) -> bytes:
    """One ISA..IEA with one GS; each remittance is one ST, numbered from 0001."""
    interchange = InterchangeBuilder(envelope, control_number, when, line_break=line_break)
    transactions = [build_transaction(one, control_number=f"{at:04d}") for at, one in enumerate(remittances, 1)]
    interchange.add_group("835", group_control_number, GUIDE, transactions)
    return interchange.build()


class RemittanceWriter(PolicyWriter):
    """Writes the loops of the 835 in their order."""

    def header(self, remittance: Remittance) -> None:
        electronic = remittance.method == "ACH"
        bank = ("01", "999999992", "DA", "123456") if electronic else ("", "", "", "")
        self.add(
            "BPR",
            remittance.handling,
            remittance.amount,
            remittance.credit_debit,
            remittance.method,
            "CCP" if electronic else "",
            *bank,
            Code(remittance.trace_payer_id) if electronic else "",
            "",
            *bank,
            remittance.payment_date,
        )
        self.add("TRN", "1", remittance.trace_number, Code(remittance.trace_payer_id))
        if remittance.currency not in ("", "USD"):
            self.add("CUR", "PR", remittance.currency)
        if remittance.production_date:
            self.add("DTM", "405", remittance.production_date)
        self.add("N1", "PR", Words(remittance.payer.name))
        self.address(remittance.payer.address)
        if remittance.payer.payer_id:
            self.add("REF", "2U", Code(remittance.payer.payer_id))
        self.add("PER", "BL", Words("PROVIDER SERVICES"), "TE", "8005550100")
        by_npi = bool(remittance.payee_npi)
        self.add(
            "N1",
            "PE",
            Words(remittance.payee_name),
            "XX" if by_npi else "FI",
            Code(remittance.payee_npi or remittance.payee_tax_id),
        )
        if by_npi and remittance.payee_tax_id:
            self.add("REF", "TJ", Code(remittance.payee_tax_id))

    def claim(self, claim: ClaimPayment) -> None:
        self.control_number = claim.control_number
        self.add(
            "CLP",
            claim.control_number,
            claim.status,
            claim.charge,
            claim.paid,
            claim.patient_responsibility,
            claim.filing_indicator,
            claim.payer_claim_number,
            claim.facility_code,
            claim.frequency,
        )
        self.adjustments(claim.adjustments)
        self.claim_names(claim)
        if claim.remarks:
            self.add("MOA", "", "", *claim.remarks)
        if claim.original_reference:
            self.add("REF", "F8", claim.original_reference)
        for qualifier, day in (("232", claim.date_from), ("233", claim.date_to), ("050", claim.received_date)):
            self.dated(qualifier, day)
        if claim.allowed is not None:
            self.add("AMT", "AU", claim.allowed)
        if claim.interest is not None:
            self.add("AMT", "I", claim.interest)
        for line in claim.lines:
            self.line(line)

    def claim_names(self, claim: ClaimPayment) -> None:
        self.named("QC", claim.patient, claim.patient_id)
        if claim.subscriber_id:
            self.add("NM1", "IL", "1", "", "", "", "", "", "MI", Code(claim.subscriber_id))
        if claim.corrected_insured is not None or claim.corrected_member_id:
            self.named("74", claim.corrected_insured or Person(), claim.corrected_member_id, "C")
        if claim.rendering_npi:
            self.add("NM1", "82", "1", "", "", "", "", "", "XX", Code(claim.rendering_npi))
        for entity, payer in (("TT", claim.forwarded_to), ("PR", claim.priority_payer)):
            if payer is not None:
                name, number = Words(payer.name), Code(payer.payer_id)
                self.add("NM1", entity, "2", name, "", "", "", "", payer.id_qualifier, number)

    def named(self, entity: str, person: Person, number: str, qualifier: str = "MI") -> None:
        names = (Words(person.last_name), Words(person.first_name), Words(person.middle_name), "", Words(person.suffix))
        self.add("NM1", entity, "1", *names, qualifier if number else "", Code(number))

    def line(self, line: RemittanceLine) -> None:
        self.add(
            "SVC",
            (line.procedure_qualifier, Code(line.procedure_code), *line.modifiers),
            line.charge,
            line.paid,
            "",
            line.units_paid,
            (line.procedure_qualifier, Code(line.original_procedure_code), *line.original_modifiers)
            if line.original_procedure_code
            else "",
            line.units_billed,
        )
        if line.date_to is None or line.date_to == line.date_from:
            self.dated("472", line.date_from)
        else:
            self.dated("150", line.date_from)
            self.dated("151", line.date_to)
        self.adjustments(line.adjustments)
        if line.control_number:
            self.add("REF", "6R", line.control_number)
        if line.allowed is not None:
            self.add("AMT", "B6", line.allowed)
        for remark in line.remarks:
            self.add("LQ", "HE", remark)

    def dated(self, qualifier: str, day: date | None) -> None:
        if day is not None:
            self.add("DTM", qualifier, day)

    def provider_adjustments(self, adjustments: Sequence[ProviderAdjustment]) -> None:
        """PLB by provider and fiscal period, at most six pairs in one segment."""
        for (provider, period), members in _by_provider(adjustments):
            pairs: list[object] = []
            for item in members:
                pairs += [(item.code, item.reference) if item.reference else (item.code,), item.amount]
            self.add("PLB", Code(provider), period, *pairs)  # type: ignore[arg-type]


def _by_provider(
    adjustments: Sequence[ProviderAdjustment],
) -> Iterator[tuple[tuple[str, date | None], list[ProviderAdjustment]]]:
    for key in dict.fromkeys((item.provider_id, item.fiscal_period_end) for item in adjustments):
        members = [item for item in adjustments if (item.provider_id, item.fiscal_period_end) == key]
        for at in range(0, len(members), PAIRS_PER_PLB):
            yield key, members[at : at + PAIRS_PER_PLB]
