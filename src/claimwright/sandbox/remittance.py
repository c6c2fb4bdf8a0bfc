"""The sandbox's 835: settlements in, bytes out, and a refusal to write what does not balance at three levels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO
from claimwright.sandbox.answers import envelope
from claimwright.sandbox.plan import Clearinghouse, Payer
from claimwright.sandbox.records import Biller, Cut, LineResult, Person, Record, Result
from claimwright.sandbox.wire import Answer
from claimwright.x12 import InterchangeBuilder, Segment

GUIDE = "005010X221A1"
TRIPLES_PER_CAS = 6
PAIRS_PER_PLB = 6
# CLP06 as the guide's list has it, where the 837's SBR09 says something else.
FILING_INDICATORS = {"CI": "12", "BL": "12", "": "12"}


class Unbalanced(AssertionError):
    """A remittance whose sums do not hold; never written. The message names level and place, no patient."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One CLP. `sign` -1 makes it a reversal of `result`."""

    control_number: str
    result: Result
    icn: str
    patient: Person
    member_id: str
    subscriber: Person
    place_of_service: str = ""
    frequency: str = ""
    rendering: Person = Person()
    sign: int = 1
    status: str = ""
    original_icn: str = ""
    received: date | None = None
    interest: Decimal = ZERO
    forwarded_name: str = ""
    forwarded_id: str = ""
    record: int = 0  # key of the record it decides, 0 for one of nobody here

    @property
    def charge(self) -> Decimal:
        return self.sign * sum((row.line.charge for row in self.result.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        return self.sign * self.result.paid


class Offset(msgspec.Struct, frozen=True):
    """One PLB pair: negative raises, positive lowers the payment."""

    code: str
    reference: str
    amount: Decimal


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One ST..SE: one payment to one payee."""

    payer: Payer
    payee: Biller
    trace: str
    paid_on: date
    settlements: tuple[Settlement, ...]
    offsets: tuple[Offset, ...] = ()

    @property
    def amount(self) -> Decimal:
        return sum((s.paid for s in self.settlements), ZERO) - sum((o.amount for o in self.offsets), ZERO)


def settle(
    record: Record, result: Result, *, sign: int = 1, original_icn: str = "", interest: Decimal = ZERO
) -> Settlement:
    """The CLP for a record's decision; a reversal keeps the number it reverses."""
    claim = record.claim
    return Settlement(
        control_number=claim.control_number,
        result=result,
        icn=record.icn,
        patient=claim.patient,
        member_id=record.member_id,
        subscriber=claim.subscriber,
        place_of_service=claim.place_of_service,
        frequency=claim.frequency,
        rendering=claim.rendering,
        sign=sign,
        status="22" if sign < 0 else result.status,
        original_icn=original_icn,
        received=record.received,
        interest=interest,
        record=record.key,
    )


def check_balance(payment: Payment) -> None:
    """Line: charge - cuts = paid. Claim: sums of lines. Transaction: claims - PLB = BPR02, and that is not negative."""
    for at, settlement in enumerate(payment.settlements, 1):
        for line_at, row in enumerate(settlement.result.lines, 1):
            if row.line.charge - sum((cut.amount for cut in row.cuts), ZERO) != row.paid:
                raise Unbalanced(f"claim {at}, line {line_at}: charge less adjustments is not the payment")
            if any(cut.amount == 0 for cut in row.cuts):
                raise Unbalanced(f"claim {at}, line {line_at}: an adjustment of zero")
        total = sum((cut.amount for row in settlement.result.lines for cut in row.cuts), ZERO)
        if settlement.charge - settlement.sign * total != settlement.paid:
            raise Unbalanced(f"claim {at}: charge less adjustments is not the payment")
    if payment.amount < 0:
        raise Unbalanced("the payment is negative: the rest must be carried forward")


def write_file(
    payments: Sequence[Payment], middle: Clearinghouse, receiver: str, control_number: int, usage: str = "T"
) -> bytes:
    """One interchange, one group, one ST for each payment."""
    day = payments[0].paid_on
    builder = InterchangeBuilder(
        envelope(middle, receiver, usage), control_number, datetime.combine(day, time(6)), line_break="\n"
    )
    sets = [transaction(payment, f"{at:04d}") for at, payment in enumerate(payments, 1)]
    builder.add_group("835", control_number, GUIDE, sets)
    return builder.build()


def transaction(payment: Payment, control_number: str) -> list[Segment]:
    """The segments of one 835; raises Unbalanced rather than write one that is off."""
    check_balance(payment)
    out = Answer("835", control_number, "")
    _header(out, payment)
    out.add("LX", "1") if payment.settlements else None
    for settlement in payment.settlements:
        _claim(out, settlement, payment.payer)
    for at in range(0, len(payment.offsets), PAIRS_PER_PLB):
        pairs: list[object] = []
        for offset in payment.offsets[at : at + PAIRS_PER_PLB]:
            pairs += [(offset.code, offset.reference), offset.amount]
        out.add("PLB", payment.payee.npi or payment.payee.tax_id, date(payment.paid_on.year, 12, 31), *pairs)  # type: ignore[arg-type]
    return out.build()


def _header(out: Answer, payment: Payment) -> None:
    payer, payee, amount = payment.payer, payment.payee, payment.amount
    method = payer.method if amount else "NON"
    if method == "ACH":
        sender = ("01", "999999992", "DA", "1000200030", payer.company_id, "", "01", "999988880", "DA", "4000500060")
        out.add("BPR", "I", amount, "C", "ACH", "CCP", *sender, payment.paid_on)
    else:
        handling = "I" if amount else "H"
        out.add("BPR", handling, amount, "C", method, *([""] * 11), payment.paid_on)
    out.add("TRN", "1", payment.trace, payer.company_id)
    out.add("DTM", "405", payment.paid_on)
    out.add("N1", "PR", payer.name)
    out.add("N3", payer.street)
    out.add("N4", payer.city, payer.state, payer.zip_code)
    out.add("REF", "2U", payer.id)
    out.add("PER", "BL", "PROVIDER SERVICES", "TE", "8005550100")
    if payee.npi:
        out.add("N1", "PE", _name(payee), "XX", payee.npi)
    else:
        out.add("N1", "PE", _name(payee), "FI", payee.tax_id)
    if payee.street and payee.city:
        out.add("N3", payee.street)
        out.add("N4", payee.city, payee.state, payee.zip_code)
    if payee.npi and payee.tax_id:
        out.add("REF", "TJ", payee.tax_id)


def _name(payee: Biller) -> str:
    return payee.name if payee.is_organization else f"{payee.name} {payee.first}".strip()


def _claim(out: Answer, settlement: Settlement, payer: Payer) -> None:
    result, sign = settlement.result, settlement.sign
    responsibility: Decimal | None = sign * result.patient_responsibility
    if not responsibility or (sign < 0 and not payer.reversal_shows_responsibility):
        responsibility = None
    indicator = FILING_INDICATORS.get(payer.filing_indicator, payer.filing_indicator)
    out.add(
        "CLP",
        settlement.control_number,
        settlement.status,
        settlement.charge,
        settlement.paid,
        responsibility,
        indicator,
        settlement.icn,
        settlement.place_of_service,
        settlement.frequency,
    )
    patient = settlement.patient
    member = ("MI", settlement.member_id) if settlement.member_id else ()
    out.add("NM1", "QC", "1", patient.last, patient.first, patient.middle, "", "", *member)
    if settlement.subscriber != patient and settlement.member_id:
        holder = settlement.subscriber
        kind = "2" if holder.is_organization else "1"
        out.add("NM1", "IL", kind, holder.last, holder.first, holder.middle, "", "", "MI", settlement.member_id)
    if settlement.rendering.member_id:
        who = settlement.rendering
        kind = "2" if who.is_organization else "1"
        out.add("NM1", "82", kind, who.last, who.first, who.middle, "", "", "XX", who.member_id)
    if settlement.forwarded_id and sign > 0:
        name = settlement.forwarded_name or settlement.forwarded_id
        out.add("NM1", "TT", "2", name, "", "", "", "", "PI", settlement.forwarded_id)
    if result.remarks:
        out.add("MOA", "", "", *result.remarks)
    if settlement.original_icn:
        out.add("REF", "F8", settlement.original_icn)
    if settlement.received:
        out.add("DTM", "050", settlement.received)
    if settlement.interest:
        out.add("AMT", "I", settlement.interest)
    for row in result.lines:
        _line(out, row, sign)


def _line(out: Answer, row: LineResult, sign: int) -> None:
    line = row.line
    paid_units, billed_units = line.units, None
    if row.denied:
        paid_units, billed_units = Decimal(0), line.units
    units = (paid_units, None, billed_units) if sign > 0 else ()
    out.add("SVC", line.procedure, sign * line.charge, sign * row.paid, "", *units)
    if line.date_from and line.date_to and line.date_to != line.date_from:
        out.add("DTM", "150", line.date_from)
        out.add("DTM", "151", line.date_to)
    elif line.date_from:
        out.add("DTM", "472", line.date_from)
    for group in dict.fromkeys(cut.group for cut in row.cuts):
        cuts = [cut for cut in row.cuts if cut.group == group]
        for at in range(0, len(cuts), TRIPLES_PER_CAS):
            out.add("CAS", group, *_triples(cuts[at : at + TRIPLES_PER_CAS], sign))
    if line.control_number:
        out.add("REF", "6R", line.control_number)
    if row.allowed and sign > 0 and not row.denied:
        out.add("AMT", "B6", row.allowed)
    for remark in row.remarks:
        out.add("LQ", "HE", remark)


def _triples(cuts: Iterable[Cut], sign: int) -> list[str | Decimal | None]:
    elements: list[str | Decimal | None] = []
    for cut in cuts:
        elements += [cut.reason, sign * cut.amount, None]
    return elements
