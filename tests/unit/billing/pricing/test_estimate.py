"""What the patient will owe: exact where all is known, a range that says what it lacks where not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.pricing.estimate import Benefits, benefits_of, estimate
from claimwright.claims.eligibility import Benefit, EligibilityResponse, PatientEligibility


def benefits(deductible="100", coinsurance="0.2", copay="0", limit="110", **more):
    figures = (deductible, coinsurance, copay, limit)
    values = [None if text is None else Decimal(text) for text in figures]
    return Benefits(
        deductible_remaining=values[0],
        coinsurance=values[1],
        copay=values[2],
        out_of_pocket_remaining=values[3],
        **more,
    )


@pytest.mark.parametrize(
    ("given_benefits", "owed"),
    [
        (benefits(), "110.00"),  # 100 + 28 = 128, capped
        (benefits(limit="5000"), "128.00"),
        (benefits(deductible="0", limit="5000"), "48.00"),
        (benefits(deductible="900", limit="5000"), "240.00"),  # never more than allowed
        (benefits(copay="25", limit="5000"), "25.00"),  # the copay alone
        (benefits(copay="25", limit="5000", applies_both=True), "153.00"),
        (benefits(copay="25", limit="10"), "10.00"),
        (benefits(copay="300", limit="5000"), "240.00"),
        (benefits(deductible=None, copay="25", limit="5000"), "25.00"),  # what is unknown does not matter here
        (benefits(deductible="0", coinsurance="0", limit="5000"), "0.00"),
    ],
)
def test_all_is_known(given_benefits, owed):
    found = estimate(Decimal("240.00"), given_benefits)
    assert (found.low, found.high, found.label) == (Decimal(owed), Decimal(owed), "estimate")
    assert found.is_exact
    assert found.working


@pytest.mark.parametrize(
    ("given_benefits", "low", "high", "lacks"),
    [
        (benefits(deductible=None, limit="5000"), "48.00", "240.00", "the remaining deductible"),
        (benefits(coinsurance=None, limit="5000"), "100.00", "240.00", "the coinsurance"),
        (benefits(copay=None, limit="5000"), "0.00", "240.00", "the copay"),  # a copay alone may be small
        (benefits(copay=None, limit="5000", applies_both=True), "128.00", "240.00", "the copay"),
        (benefits(limit=None), "0.00", "128.00", "out-of-pocket maximum"),
        (Benefits(), "0.00", "240.00", "the remaining deductible"),
        (benefits(deductible=None), "48.00", "110.00", "the remaining deductible"),  # the cap bounds it
    ],
)
def test_what_is_not_stated_makes_a_range(given_benefits, low, high, lacks):
    found = estimate(Decimal("240.00"), given_benefits)
    assert (found.low, found.high) == (Decimal(low), Decimal(high))
    assert found.label.startswith("range: ")
    assert lacks in found.label
    assert not found.is_exact


def test_without_an_allowed_amount_the_charge_bounds_it():
    found = estimate(None, benefits(limit="5000"), charge=Decimal("300.00"))
    assert (found.low, found.high) == (Decimal("0.00"), Decimal("140.00"))
    assert "the allowed amount" in found.label
    with pytest.raises(ValueError, match="at least the charge"):
        estimate(None, benefits())


def test_an_amount_below_zero_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        estimate(Decimal("240.00"), benefits(deductible="-1"))


AMOUNTS = st.none() | st.decimals(0, 2000, places=2)


@given(
    allowed=st.decimals(0, 2000, places=2), deductible=AMOUNTS, copay=AMOUNTS, limit=AMOUNTS,
    share=st.none() | st.decimals(0, 1, places=2), both=st.booleans(),
)  # fmt: skip
def test_a_range_holds_every_answer_that_the_unknown_could_give(allowed, deductible, copay, limit, share, both):
    known = Benefits(
        deductible_remaining=deductible,
        coinsurance=share,
        copay=copay,
        out_of_pocket_remaining=limit,
        applies_both=both,
    )
    found = estimate(allowed, known)
    assert 0 <= found.low <= found.high <= allowed
    for fill in (Decimal(0), Decimal("0.001"), Decimal("0.5"), Decimal(1)):
        filled = Benefits(
            deductible_remaining=fill * 2000 if deductible is None else deductible,
            coinsurance=fill if share is None else share,
            copay=fill * 2000 if copay is None else copay,
            out_of_pocket_remaining=(1 - fill) * 4000 if limit is None else limit,
            applies_both=both,
        )
        exact = estimate(allowed, filled)
        assert exact.is_exact
        assert found.low <= exact.low <= found.high


def answer(*more, network="Y"):
    stated = (
        Benefit(
            kind="C",
            coverage_level="IND",
            service_types=("30",),
            period="29",
            amount=Decimal("100"),
            in_network=network,
        ),
        Benefit(
            kind="G",
            coverage_level="IND",
            service_types=("30",),
            period="29",
            amount=Decimal("110"),
            in_network=network,
        ),
        Benefit(kind="A", coverage_level="IND", service_types=("98",), percent=Decimal(".2"), in_network=network),
        *more,
    )
    return EligibilityResponse(patients=(PatientEligibility(benefits=stated),))


def test_from_the_payers_answer():
    told = answer(Benefit(kind="B", service_types=("98",), amount=Decimal("0"), in_network="W"))
    found = benefits_of(told, service_type="98", on=date(2026, 9, 1))
    assert estimate(Decimal("240.00"), found).high == Decimal("110.00")
    assert estimate(Decimal("240.00"), found).is_exact
    assert not found.notes


def test_what_the_payer_leaves_out_is_unknown_and_not_zero():
    found = benefits_of(answer(), service_type="98", on=date(2026, 9, 1))
    assert found.copay is None
    assert any("copay" in note for note in found.notes)
    assert not estimate(Decimal("240.00"), found).is_exact


def test_the_other_network_is_not_taken():
    found = benefits_of(answer(network="N"), service_type="98", on=date(2026, 9, 1))
    assert (found.deductible_remaining, found.coinsurance) == (None, None)


def test_a_family_deductible_that_is_nearly_met_is_the_lower():
    told = answer(
        Benefit(
            kind="C", coverage_level="FAM", service_types=("30",), period="29", amount=Decimal("40"), in_network="Y"
        )
    )
    assert benefits_of(told, service_type="98", on=date(2026, 9, 1)).deductible_remaining == Decimal("40")
