"""The claim payments of an 835 whose loops come as rows, read quickly: the same noun as `remittance` gives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from claimwright.claims.from_x12.quick import NOT_PLAIN, NotPlain, adjustments, whole
from claimwright.claims.nouns import Adjustment, ClaimPayment, Person, RemittanceLine
from claimwright.x12.amounts import DAYS, dollars
from claimwright.x12.loops import Loop, row_of

NOBODY = Person()


def quick_payment(loop: Loop) -> ClaimPayment | None:
    """The claim payment of a 2100; None where something asks to be read with care."""
    try:
        return _payment(loop)
    except NOT_PLAIN:
        return None


def _payment(loop: Loop) -> ClaimPayment:
    row: Any = row_of(loop)
    if row is None:
        raise NotPlain
    (
        number, status, charge, paid, share, indicator, payer_number, facility, frequency,
        *adjusted, last, first, middle, suffix, patient_id, subscriber_id, provider_qualifier, provider,
        kind_1, reference_1, kind_2, reference_2, date_1, day_1, date_2, day_2, received,
        of_1, amount_1, of_2, amount_2, of_3, amount_3,
    ) = row  # fmt: skip
    sums = loop.sums or (dollars(charge), dollars(paid))
    dates = {date_2: day_2, date_1: day_1} if date_2 else {date_1: day_1}
    amounts = {of_3: amount_3, of_2: amount_2, of_1: amount_1} if of_1 else {}
    allowed, interest, start, end = amounts.get("AU"), amounts.get("I"), dates.get("232"), dates.get("233")
    return ClaimPayment(
        control_number=number,
        status=status,
        charge=sums[0],
        paid=sums[1],
        patient_responsibility=dollars(share) if share else None,
        filing_indicator=indicator,
        payer_claim_number=payer_number,
        facility_code=facility or "",
        frequency=frequency or "",
        patient=Person(last_name=last or "", first_name=first or "", middle_name=middle or "", suffix=suffix or ""),
        patient_id=patient_id or "",
        subscriber_id=subscriber_id or "",
        rendering_npi=provider if provider_qualifier == "XX" else "",
        original_reference=(reference_1 if kind_1 == "F8" else reference_2 if kind_2 == "F8" else "") or "",
        adjustments=_adjustments(adjusted, sums, loop) if adjusted[0] else (),
        lines=tuple([_line(line) for line in loop.loops]),
        date_from=DAYS[start] if start else None,
        date_to=DAYS[end] if end else None,
        received_date=DAYS[received] if received else None,
        allowed=dollars(allowed) if allowed else None,
        interest=dollars(interest) if interest else None,
        segment=loop.number,
    )


def _line(loop: Loop) -> RemittanceLine:
    row: Any = row_of(loop)
    if row is None or loop.run is None or loop.id != "2110":
        raise NotPlain
    (
        code, charge, paid, units_paid, original, units_billed, date_1, day_1, date_2, day_2,
        *adjusted, control_number, of_1, amount_1, of_2, amount_2, list_1, remark_1, list_2, remark_2, list_3, remark_3,
    ) = row  # fmt: skip
    if original or (date_2 and date_2 == date_1):
        raise NotPlain
    sums = loop.sums or (dollars(charge), dollars(paid))
    parts = code.split(loop.run.delimiters.component)
    start, end = day_1, None
    if date_2 or date_1 == "151":
        dates = {date_1: day_1, date_2: day_2}
        start, end = dates.get("472") or dates.get("150"), dates.get("151")
    allowed = amount_1 if of_1 == "B6" else amount_2 if of_2 == "B6" else None
    remarks: tuple[str, ...] = ()
    if list_1:
        listed = ((list_1, remark_1), (list_2, remark_2), (list_3, remark_3))
        remarks = tuple([remark for kind, remark in listed if kind == "HE"])
    return RemittanceLine(
        procedure_code=parts[1],
        procedure_qualifier=parts[0],
        modifiers=tuple([part for part in parts[2:6] if part]) if len(parts) > 2 else (),
        charge=sums[0],
        paid=sums[1],
        units_paid=whole(units_paid) if units_paid else None,
        units_billed=whole(units_billed) if units_billed else None,
        date_from=DAYS[start] if start else None,
        date_to=DAYS[end] if end else None,
        control_number=control_number or "",
        allowed=dollars(allowed) if allowed else None,
        adjustments=_adjustments(adjusted, sums, loop) if adjusted[0] else (),
        remarks=remarks,
        segment=loop.number,
    )


def _adjustments(columns: list[Any], sums: tuple[Decimal, ...], loop: Loop) -> tuple[Adjustment, ...]:
    """Groups of four columns: group, reason, amount, and what follows; what is longer is cut out of the segments.

    `sums` has the amounts from the third on, where the check of balances has read them.
    """
    if columns[3] or columns[7] or len(columns) > 8 and (columns[11] or columns[15]):
        return tuple([one for row in loop.rows() if row[0] == "CAS" for one in adjustments(row)])
    if len(sums) > 3 and columns[8] is None:
        return (
            Adjustment(group=columns[0], reason=columns[1], amount=sums[2]),
            Adjustment(group=columns[4], reason=columns[5], amount=sums[3]),
        )
    if len(sums) > 2 and columns[4] is None:
        return (Adjustment(group=columns[0], reason=columns[1], amount=sums[2]),)
    return tuple([
        Adjustment(group=columns[at], reason=columns[at + 1], amount=dollars(columns[at + 2]))
        for at in range(0, len(columns), 4) if columns[at] is not None
    ])  # fmt: skip
