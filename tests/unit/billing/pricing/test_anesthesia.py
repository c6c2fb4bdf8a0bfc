"""Anesthesia units, roundings and direction modifiers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.pricing.anesthesia import (
    EXACT,
    TENTH,
    WHOLE_NEAREST,
    WHOLE_UP,
    AnesthesiaRule,
    anesthesia_price,
    is_anesthesia,
    time_units,
)
from claimwright.billing.pricing.modifiers import modifier_fractions
from claimwright.billing.pricing.words import Unpriced


def price(*modifiers, base="7", minutes="95", factor="22.00", **more):
    amount, steps = anesthesia_price(
        base_units=Decimal(base),
        minutes=Decimal(minutes),
        factor=Decimal(factor),
        modifiers=modifiers,
        fractions=modifier_fractions(date(2026, 6, 1)),
        **more,
    )
    assert steps[-1].amount == amount
    return amount


@pytest.mark.parametrize(
    ("modifier", "amount"),
    [("AA", "292.60"), ("QZ", "292.60"), ("QK", "146.30"), ("QX", "146.30"), ("QY", "146.30"), ("AD", "66.00")],
)
def test_what_each_direction_is_paid(modifier, amount):
    """7 + 95/15 = 13.3 units x 22.00 = 292.60; AD is three base units."""
    assert price(modifier) == Decimal(amount)


def test_presence_at_induction_adds_a_unit_under_supervision():
    assert price("AD", present_at_induction=True) == Decimal("88.00")


@pytest.mark.parametrize("modifiers", [(), ("P3",), ("AA", "QK")])
def test_one_direction_is_needed(modifiers):
    with pytest.raises(Unpriced, match="priced by one of"):
        price(*modifiers)


@pytest.mark.parametrize(
    ("rounding", "units"), [(TENTH, "6.3"), (WHOLE_UP, "7"), (WHOLE_NEAREST, "6"), (EXACT, "6.333")]
)
def test_roundings_of_time(rounding, units):
    found = time_units(Decimal(95), AnesthesiaRule(rounding=rounding))
    assert found.quantize(Decimal("0.001")) == Decimal(units)


def test_a_tenth_is_rounded_half_up():
    assert time_units(Decimal("66.75"), AnesthesiaRule()) == Decimal("4.5")  # 4.45


def test_an_unknown_rounding_is_a_fault():
    with pytest.raises(ValueError, match="one of"):
        time_units(Decimal(15), AnesthesiaRule(rounding="down"))


def test_a_payer_may_count_ten_minutes_and_add_units_for_status():
    rule = AnesthesiaRule(minutes_a_unit=Decimal(10), rounding=WHOLE_UP, status_units={"P3": Decimal(1)})
    assert price("AA", "P3", rule=rule) == Decimal("396.00")  # (7 + 10 + 1) x 22.00


def test_codes():
    assert is_anesthesia("00100")
    assert is_anesthesia("01999")
    assert not is_anesthesia("02000")
    assert not is_anesthesia("0042T")
