"""Anesthesia: (base units + time units) x conversion factor, then the part that the direction modifier leaves.

Source: 42 CFR 414.46; CMS Pub. 100-04 chapter 12, 50. Medicare counts a unit for fifteen minutes, to one decimal.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

import msgspec

from claimwright.billing.pricing.words import Step, Unpriced, percent, plain
from claimwright.codes.money import money

DIRECTION = frozenset(("AA", "AD", "QK", "QX", "QY", "QZ"))
SUPERVISED = "AD"
SUPERVISED_BASE_UNITS = Decimal(3)  # a physician who directs more than four: chapter 12, 50.D
INDUCTION_UNITS = Decimal(1)
DAILY_MANAGEMENT = frozenset(("01996",))  # paid by the day, without minutes
FIRST_CODE, LAST_CODE = "00100", "01999"

TENTH, WHOLE_UP, WHOLE_NEAREST, EXACT = "tenth", "whole_up", "whole_nearest", "exact"
ROUNDINGS = (TENTH, WHOLE_UP, WHOLE_NEAREST, EXACT)


class AnesthesiaRule(msgspec.Struct, frozen=True, kw_only=True):
    """A payer's way of counting time. `factor` is its own price of a unit; None takes Medicare's of the locality.

    `status_units` are the extra units a payer adds for a physical status modifier (P3, P4, P5); Medicare adds none.
    """

    minutes_a_unit: Decimal = Decimal(15)
    rounding: str = TENTH
    factor: Decimal | None = None
    status_units: dict[str, Decimal] = {}


def is_anesthesia(code: str) -> bool:
    return FIRST_CODE <= code <= LAST_CODE and code.isdigit()


def time_units(minutes: Decimal, rule: AnesthesiaRule) -> Decimal:
    """Minutes as units, rounded as the payer does. Raises ValueError for a rounding that is not known."""
    units = minutes / rule.minutes_a_unit
    if rule.rounding == TENTH:
        return units.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if rule.rounding == WHOLE_UP:
        return units.quantize(Decimal(1), ROUND_CEILING)
    if rule.rounding == WHOLE_NEAREST:
        return units.quantize(Decimal(1), ROUND_HALF_UP)
    if rule.rounding == EXACT:
        return units
    raise ValueError(f"a rounding of anesthesia time is one of {', '.join(ROUNDINGS)}")


def anesthesia_price(
    *,
    base_units: Decimal,
    minutes: Decimal,
    factor: Decimal,
    modifiers: tuple[str, ...],
    fractions: dict[str, Decimal],
    rule: AnesthesiaRule | None = None,
    present_at_induction: bool = False,
) -> tuple[Decimal, tuple[Step, ...]]:
    """Dollars for the service and the working. `fractions` is what each direction modifier leaves (QK 0.5).

    Raises Unpriced without exactly one direction modifier.
    """
    rule = rule or AnesthesiaRule()
    directions = [modifier for modifier in modifiers if modifier in DIRECTION]
    if len(directions) != 1:
        told = "none" if not directions else " and ".join(directions)
        raise Unpriced(f"anesthesia is priced by one of AA, AD, QK, QX, QY, QZ; the line has {told}: correct it")
    direction = directions[0]
    if direction == SUPERVISED:
        units = SUPERVISED_BASE_UNITS + (INDUCTION_UNITS if present_at_induction else 0)
        told = " and one for presence at induction" if present_at_induction else ""
        amount = money(units * factor)
        return amount, (Step(f"AD: three base units{told} x {factor}", amount),)
    time = time_units(minutes, rule)
    status = sum((rule.status_units.get(modifier, Decimal(0)) for modifier in modifiers), Decimal(0))
    units = base_units + time + status
    amount = money(units * factor)
    extra = f" + {plain(status)} for physical status" if status else ""
    steps = [
        Step(f"{plain(minutes)} minutes / {plain(rule.minutes_a_unit)} = {plain(time)} time units"),
        Step(
            f"({plain(base_units)} base units + {plain(time)} time units{extra}) x {factor} = {plain(units)} x {factor}",
            amount,
        ),
    ]
    fraction = fractions.get(direction, Decimal(1))
    if fraction != 1:
        amount = money(amount * fraction)
        steps.append(Step(f"{direction}: {percent(fraction)}", amount))
    return amount, tuple(steps)
