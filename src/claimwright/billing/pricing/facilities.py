"""Facility rates of Medicare: hospital outpatient (OPPS Addendum B) and surgery centres (ASC Addenda AA and BB).

Source: 42 CFR 419.32 and 419.43 (60 % of the outpatient rate is labour), 42 CFR 416.172 (50 % in a surgery centre).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.billing.pricing.contracts import Terms
from claimwright.billing.pricing.tables import PriceTables
from claimwright.billing.pricing.words import Step, Unpriced, percent, plain
from claimwright.codes.fee_files import OutpatientRate, SurgeryCenterRate
from claimwright.codes.money import money

OUTPATIENT_LABOR = Decimal("0.60")
SURGERY_CENTER_LABOR = Decimal("0.50")
# Status indicators of Addendum D1. Drugs, blood and brachytherapy are not adjusted by wages.
_ADJUSTED = frozenset(("J1", "P", "S", "T", "V", "X"))
_PLAIN = frozenset(("G", "K", "K1", "K2", "K3", "K4", "R", "U"))
_PACKAGED = frozenset("N")
REDUCED, COMPREHENSIVE = "T", "J1"
# Paid beside a comprehensive service: pass-through drugs, brachytherapy.
BESIDE_COMPREHENSIVE = frozenset(("G", "U"))
_REASONS = {
    "A": "is paid by another schedule (laboratory, therapy, ambulance ...)",
    "B": "is not accepted on a hospital outpatient bill: another code says the same",
    "C": "is paid for inpatients only",
    "D": "is deleted",
    "E1": "is not covered by Medicare",
    "E2": "has no price yet",
    "F": "is paid at cost",
    "H": "is a pass-through device, paid at cost",
    "J2": "may be paid as a comprehensive service: it depends on the whole claim",
    "L": "is a vaccine, paid at cost",
    "M": "is not billed to the hospital's contractor",
    "Q1": "may be packaged: it depends on the whole claim",
    "Q2": "may be packaged: it depends on the whole claim",
    "Q3": "may be part of a composite: it depends on the whole claim",
    "Q4": "may be packaged: it depends on the whole claim",
    "Y": "is equipment, billed to the equipment contractor",
}

Price = tuple[Decimal, list[Step], str]


def wage_adjusted(rate: Decimal, labor: Decimal, wage_index: Decimal) -> Decimal:
    """The rate in a place where wages are `wage_index` times the nation's."""
    return rate * (labor * wage_index + 1 - labor)


def outpatient_price(code: str, units: Decimal, on: date, terms: Terms, tables: PriceTables) -> Price:
    """Dollars, working, and the status indicator, which says how it stands beside others. A packaged service is paid 0.00.

    Raises Unpriced where the table, the code or the facility's wage index is missing, or the whole claim decides.
    """
    row: OutpatientRate | None = tables.need("outpatient_rates", on).find((code,), on)
    if row is None:
        raise Unpriced(f"{code or 'a line without a procedure'} is not in OPPS Addendum B of {on}: check the code")
    indicator = row.status_indicator
    if indicator in _PACKAGED:
        return (
            Decimal("0.00"),
            [Step(f"{code} (status {indicator}) is packaged into the services it goes with", Decimal("0.00"))],
            "N",
        )
    if indicator not in _ADJUSTED | _PLAIN:
        raise Unpriced(f"{code} (status {indicator}) {_REASONS.get(indicator, 'has no rate of its own')}")
    if row.rate is None:
        raise Unpriced(f"{code} (status {indicator}) has no rate in Addendum B of {on}")
    steps = [Step(f"Outpatient rate of {code} (status {indicator})", row.rate)]
    rate = row.rate
    if indicator in _ADJUSTED:
        rate = _in_place(rate, OUTPATIENT_LABOR, terms, steps)
    return _times(rate, units, steps, indicator)


def surgery_center_price(code: str, units: Decimal, on: date, terms: Terms, tables: PriceTables) -> Price:
    """As `outpatient_price`, for a surgery centre."""
    row: SurgeryCenterRate | None = tables.need("surgery_center_rates", on).find((code,), on)
    if row is None:
        raise Unpriced(f"{code} is not paid in a surgery centre on {on}: check the code")
    if row.payment_indicator == "N1":
        return (
            Decimal("0.00"),
            [Step(f"{code} (indicator N1) is packaged into the services it goes with", Decimal("0.00"))],
            "N",
        )
    if row.rate is None:
        raise Unpriced(f"{code} (indicator {row.payment_indicator}) has no surgery centre rate on {on}")
    steps = [Step(f"Surgery centre rate of {code} (indicator {row.payment_indicator})", row.rate)]
    rate = _in_place(row.rate, SURGERY_CENTER_LABOR, terms, steps)
    return _times(rate, units, steps, REDUCED if row.is_discounted else "")


def _in_place(rate: Decimal, labor: Decimal, terms: Terms, steps: list[Step]) -> Decimal:
    if terms.wage_index is None:
        raise Unpriced("the facility's wage index is not known: add it to the contract's terms")
    adjusted = money(wage_adjusted(rate, labor, terms.wage_index))
    steps.append(Step(f"{percent(labor)} of it is labour, at the wage index {terms.wage_index}", adjusted))
    return adjusted


def _times(rate: Decimal, units: Decimal, steps: list[Step], indicator: str) -> Price:
    amount = rate * units
    if units != 1:
        steps.append(Step(f"{rate} x {plain(units)} units", money(amount)))
    return amount, steps, indicator
