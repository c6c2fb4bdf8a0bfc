"""What Medicare pays of what it allows: deductible, coinsurance, sequestration, and Medicare as secondary payer.

Source: 42 CFR 410.152 (80 %), 42 CFR 411.33(a) (secondary payment), Pub. L. 112-25 and its successors (sequestration).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.pricing.modifiers import PAYMENT, modifier_factor
from claimwright.billing.pricing.reductions import reduction
from claimwright.billing.pricing.words import Step, percent
from claimwright.codes.money import ZERO, money

PART_B_COINSURANCE = Decimal("0.20")


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars of one line or claim: what the payer pays, what the patient owes, what is sequestered (CO-253)."""

    paid: Decimal
    deductible: Decimal = ZERO
    coinsurance: Decimal = ZERO
    sequestered: Decimal = ZERO
    working: tuple[Step, ...] = ()

    @property
    def patient(self) -> Decimal:
        return self.deductible + self.coinsurance


def sequestration_fraction(on: date) -> Decimal:
    """The fraction that is taken of Medicare's payment for services of that day; 0 where none is."""
    return reduction("sequestration", on, "1") or Decimal(0)


def sequestered(payment: Decimal, on: date) -> Decimal:
    """Dollars taken of a Medicare payment, after the patient's share and any primary payer."""
    return money(payment * sequestration_fraction(on))


def expected_payment(
    allowed: Decimal,
    *,
    on: date,
    deductible_remaining: Decimal = ZERO,
    coinsurance: Decimal = PART_B_COINSURANCE,
    modifiers: tuple[str, ...] = (),
) -> Payment:
    """Medicare's payment of an allowed amount. `coinsurance` is the patient's share as a fraction (0 for preventive care).

    Services of a therapy assistant (CO, CQ) are paid, not allowed, at 85 %.
    """
    deductible = min(deductible_remaining, allowed)
    share = money((allowed - deductible) * coinsurance)
    payment = allowed - deductible - share
    steps = [Step(f"Allowed {allowed} less deductible {deductible} and coinsurance {share}", payment)]
    for modifier in modifiers:
        factor = modifier_factor(modifier, on)
        if factor is not None and factor.kind == PAYMENT and factor.fraction is not None:
            payment = money(payment * factor.fraction)
            steps.append(Step(f"Modifier {modifier}: {percent(factor.fraction)} of the payment", payment))
    taken = sequestered(payment, on)
    if taken:
        steps.append(
            Step(f"Sequestration: {percent(sequestration_fraction(on))} of the payment, {taken}", payment - taken)
        )
    return Payment(
        paid=payment - taken, deductible=deductible, coinsurance=share, sequestered=taken, working=tuple(steps)
    )


def secondary_payment(
    *,
    charge: Decimal,
    primary_paid: Decimal,
    primary_allowed: Decimal,
    medicare_allowed: Decimal,
    normal_payment: Decimal,
    obligated: Decimal | None = None,
) -> tuple[Decimal, tuple[Step, ...]]:
    """Medicare's payment as secondary payer, before sequestration: the lowest of three amounts, never below zero.

    `obligated` is what the provider must accept from the primary as payment in full (CN1*09), when below the charge;
    `normal_payment` what Medicare would pay as primary: its allowed less deductible and coinsurance.
    """
    ceiling = charge if obligated is None else min(charge, obligated)
    unpaid = ceiling - primary_paid
    higher = max(medicare_allowed, primary_allowed) - primary_paid
    steps = (
        Step(
            f"(a) the lesser of charge and obligated amount, {ceiling}, less paid by the primary {primary_paid}", unpaid
        ),
        Step("(b) what Medicare would pay as primary", normal_payment),
        Step(
            f"(c) the higher allowed, {max(medicare_allowed, primary_allowed)}, less paid by the primary {primary_paid}",
            higher,
        ),
    )
    lowest = max(ZERO, min(unpaid, normal_payment, higher))
    return lowest, (*steps, Step("The lowest of the three is paid", lowest))
