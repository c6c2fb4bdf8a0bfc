"""Medicare's payment: sequestration by date, and the three amounts of a secondary payment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.pricing.medicare import expected_payment, secondary_payment, sequestered


def test_after_deductible_and_coinsurance():
    """Allowed 100, deductible 50: 40.00 less 2 % is 39.20."""
    found = expected_payment(Decimal("100.00"), on=date(2026, 9, 1), deductible_remaining=Decimal("50.00"))
    assert (found.paid, found.deductible, found.coinsurance, found.sequestered) == (
        Decimal("39.20"), Decimal("50.00"), Decimal("10.00"), Decimal("0.80"),
    )  # fmt: skip
    assert found.patient == Decimal("60.00")


def test_the_first_scenario_of_the_books():
    """Allowed 130, deductible met: 104.00 less 2.08."""
    found = expected_payment(Decimal("130.00"), on=date(2026, 9, 1))
    assert (found.paid, found.sequestered, found.patient) == (Decimal("101.92"), Decimal("2.08"), Decimal("26.00"))


@pytest.mark.parametrize(
    ("on", "taken"),
    [
        (date(2013, 3, 31), "0.00"), (date(2013, 4, 1), "2.00"), (date(2020, 4, 30), "2.00"), (date(2020, 5, 1), "0.00"),
        (date(2022, 3, 31), "0.00"), (date(2022, 4, 1), "1.00"), (date(2022, 6, 30), "1.00"), (date(2022, 7, 1), "2.00"),
    ],
)  # fmt: skip
def test_sequestration_by_date_of_service(on, taken):
    assert sequestered(Decimal("100.00"), on) == Decimal(taken)


def test_a_therapy_assistant_is_paid_85_percent_of_the_payment():
    found = expected_payment(Decimal("100.00"), on=date(2026, 9, 1), modifiers=("GP", "CQ"))
    assert (found.paid, found.sequestered, found.coinsurance) == (Decimal("66.64"), Decimal("1.36"), Decimal("20.00"))
    before = expected_payment(Decimal("100.00"), on=date(2021, 12, 31), modifiers=("GP", "CQ"))
    assert before.paid == Decimal("80.00")


def secondary(**changed):
    figures = {
        "charge": "500", "obligated": "400", "primary_paid": "300", "primary_allowed": "380", "medicare_allowed": "340",
        "normal_payment": "272",
    } | changed  # fmt: skip
    amount, steps = secondary_payment(**{name: Decimal(text) for name, text in figures.items() if text})
    assert steps[-1].amount == amount
    return amount


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({}, "80"),  # 100, 272, 80
        ({"primary_allowed": "450"}, "100"),  # 100, 272, 150
        ({"obligated": ""}, "80"),  # 200, 272, 80
        ({"normal_payment": "50"}, "50"),
        ({"primary_paid": "420"}, "0"),  # never below zero
        ({"obligated": "600"}, "80"),  # the charge is less than what was agreed
    ],
)
def test_the_lowest_of_three_is_paid(changed, amount):
    assert secondary(**changed) == Decimal(amount)
