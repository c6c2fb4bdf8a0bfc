"""The four balances of an 835. A payment that fails one is not posted; the message names the segment and the cents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Adjustment, ClaimPayment, Noun, Remittance


class Imbalance(Noun, frozen=True, kw_only=True):
    """One sum that does not agree. `warns` only: post, and say so."""

    code: str
    segment: int
    difference: Decimal
    says: str
    warns: bool = False


def total(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((adjustment.amount for adjustment in adjustments), ZERO)


def _claim(claim: ClaimPayment) -> Iterator[Imbalance]:
    line_adjustments = ZERO
    for line in claim.lines:
        adjusted = total(line.adjustments)
        line_adjustments += adjusted
        if difference := line.charge - adjusted - line.paid:
            yield Imbalance(
                code="LINE_BALANCE",
                segment=line.segment,
                difference=difference,
                says=f"SVC at segment {line.segment}: charge less adjustments differs from paid by {difference}",
            )
    claim_level = total(claim.adjustments)
    place = f"CLP at segment {claim.segment}"
    if difference := claim.charge - claim_level - line_adjustments - claim.paid:
        yield Imbalance(
            code="CLAIM_BALANCE",
            segment=claim.segment,
            difference=difference,
            says=f"{place}: charge less all adjustments differs from paid by {difference}",
        )
    if claim.lines:
        if difference := sum((line.charge for line in claim.lines), ZERO) - claim.charge:
            yield Imbalance(
                code="CLAIM_CHARGE",
                segment=claim.segment,
                difference=difference,
                says=f"{place}: the service charges differ from the claim's charge by {difference}",
            )
        if difference := sum((line.paid for line in claim.lines), ZERO) - claim_level - claim.paid:
            yield Imbalance(
                code="CLAIM_PAID",
                segment=claim.segment,
                difference=difference,
                says=f"{place}: the service payments less claim adjustments differ from paid by {difference}",
            )
    patient = sum((adj.amount for adj in all_adjustments(claim) if adj.group == "PR"), ZERO)
    if claim.patient_responsibility is not None and claim.patient_responsibility != patient:
        difference = claim.patient_responsibility - patient
        yield Imbalance(
            code="PATIENT_SHARE",
            segment=claim.segment,
            difference=difference,
            says=f"{place}: the stated patient share differs from its adjustments by {difference}",
            warns=True,
        )


def all_adjustments(claim: ClaimPayment) -> tuple[Adjustment, ...]:
    """Claim level first, then line by line."""
    return (*claim.adjustments, *(adj for line in claim.lines for adj in line.adjustments))


def imbalances(remittance: Remittance) -> tuple[Imbalance, ...]:
    """Every sum of the payment that does not agree, warnings too."""
    found = [fault for claim in remittance.claims for fault in _claim(claim)]
    paid = sum((claim.paid for claim in remittance.claims), ZERO)
    withheld = sum((adjustment.amount for adjustment in remittance.provider_adjustments), ZERO)
    if difference := paid - withheld - remittance.amount:
        found.append(
            Imbalance(
                code="PAYMENT_BALANCE",
                segment=2,
                difference=difference,
                says=f"BPR02: claim payments less provider adjustments differ from the payment by {difference}",
            )
        )
    if remittance.amount < 0:
        found.append(
            Imbalance(
                code="PAYMENT_NEGATIVE",
                segment=2,
                difference=remittance.amount,
                says=f"BPR02 is negative by {-remittance.amount}: a payer carries that forward with FB",
            )
        )
    return tuple(found)
