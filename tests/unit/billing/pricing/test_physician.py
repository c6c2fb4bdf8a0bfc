"""Medicare's physician fee against figures worked by hand, and the reasons why a code has no price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from claimwright.billing.pricing.physician import Setting, physician_fee
from claimwright.billing.pricing.tables import Locality, PriceTables
from claimwright.billing.pricing.words import Unpriced
from claimwright.codes.fee_files import CarrierFees, CostIndex, CostIndices, LocalFee, OutpatientCaps
from claimwright.codes.relative_values import RelativeValues
from tests.lib.fee_files import relative_value, relative_values_2024

CASES = yaml.safe_load((Path(__file__).parent / "fees_2024.yml").read_text())
AUGUST = date(2024, 8, 15)
SAN_FRANCISCO = Locality("01112", "05")
YEAR_2026 = RelativeValues.of(
    [relative_value("99213", work="1.30", nonfacility_expense="1.46", facility_expense="0.33", malpractice="0.09")],
    start=date(2026, 1, 1),
    end=date(2027, 1, 1),
)


def tables(rows=None, **more):
    values = (
        relative_values_2024()
        if rows is None
        else RelativeValues.of(rows, start=date(2024, 1, 1), end=date(2025, 1, 1))
    )
    return PriceTables({"relative_values": values, **more})


def fee(code, *modifiers, facility=False, on=AUGUST, locality=SAN_FRANCISCO, held=None, **setting):
    return physician_fee(
        code, modifiers, Setting(on=on, locality=locality, facility=facility, **setting), held or tables()
    )


def test_there_are_at_least_forty_hand_worked_pairs():
    assert (
        len({(case["code"], case["modifier"], case["place"], case["carrier"], case["locality"]) for case in CASES})
        >= 40
    )
    assert len({(case["carrier"], case["locality"]) for case in CASES}) >= 30


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['code']}{case['modifier']}-{case['carrier']}-{case['locality']}"
)
def test_the_fee_of_2024(case):
    found = fee(
        case["code"],
        *filter(None, (case["modifier"],)),
        facility=case["place"] == "facility",
        locality=Locality(case["carrier"], case["locality"]),
    )
    assert found.amount == Decimal(case["fee"])
    assert found.steps[-1].amount == found.amount


@pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case['code']}{case['modifier']}-{case['carrier']}-{case['locality']}"
)
def test_the_working_shows_the_figures_it_was_made_of(case):
    """The inputs as they were copied by hand stand in the working, so a wrong look-up cannot pass by chance."""
    found = fee(
        case["code"],
        *filter(None, (case["modifier"],)),
        facility=case["place"] == "facility",
        locality=Locality(case["carrier"], case["locality"]),
    )
    told = " ".join(step.says for step in found.steps)
    indices = (
        f"work {case['work_index']}",
        f"expense {case['expense_index']}",
        f"malpractice {case['malpractice_index']}",
    )
    assert all(text in told for text in indices)
    assert f"work {case['work']}, practice expense {case['expense']}" in told
    assert "33.2875" in told


@pytest.mark.parametrize(("facility", "amount"), [(False, "117.58"), (True, "64.37")])
def test_99213_in_san_francisco_in_2026(facility, amount):
    held = PriceTables({"relative_values": YEAR_2026})
    assert fee("99213", facility=facility, on=date(2026, 7, 1), held=held).amount == Decimal(amount)


def test_a_qualifying_participant_has_another_factor_in_2026():
    held = PriceTables({"relative_values": YEAR_2026})
    # 3.52035 x 33.5675 = 118.1693...
    assert fee("99213", on=date(2026, 7, 1), held=held, qualifying=True).amount == Decimal("118.17")


@pytest.mark.parametrize(("on", "amount"), [(date(2024, 3, 8), "32.74"), (date(2024, 3, 9), "33.29")])
def test_the_factor_goes_by_the_date_of_service(on, amount):
    held = tables([relative_value("99213", work="1")], cost_indices=flat_indices())
    assert fee("99213", on=on, held=held).amount == Decimal(amount)


def flat_indices():
    return CostIndices.of([CostIndex(carrier="01112", locality="05")])


def test_half_a_cent_is_rounded_up():
    """10 x 32.3465 = 323.465, which rounding half to even would make 323.46."""
    values = RelativeValues.of([relative_value("99213", work="10")], start=date(2025, 1, 1))
    held = PriceTables({"relative_values": values, "cost_indices": flat_indices()})
    assert fee("99213", on=date(2025, 6, 1), held=held).amount == Decimal("323.47")


class TestNoPrice:
    @pytest.mark.parametrize(
        ("code", "told"),
        [
            ("A0021", "not accepted by Medicare"),  # status I
            ("G0008", "not a physician service"),  # status X
            ("J0129", "average sales price"),  # status E
        ],
    )
    def test_a_status_without_a_price_says_why(self, code, told):
        with pytest.raises(Unpriced, match=told):
            fee(code)

    def test_a_date_without_a_release(self):
        with pytest.raises(Unpriced, match="import the PPRRVU file"):
            fee("99213", on=date(2024, 10, 1))

    def test_a_code_that_is_not_in_the_file(self):
        with pytest.raises(Unpriced, match="not in the relative values"):
            fee("99999")

    def test_a_locality_that_is_none(self):
        with pytest.raises(Unpriced, match="no payment locality"):
            fee("99213", locality=Locality("01112", "99"))

    def test_the_technical_part_in_a_facility_is_not_the_physicians(self):
        with pytest.raises(Unpriced, match="the facility bills it"):
            fee("71046", facility=True)
        assert fee("71046", "26", facility=True).amount > 0

    def test_a_part_that_the_code_does_not_have(self):
        with pytest.raises(Unpriced, match="no part TC"):
            fee("99213", "TC")

    def test_a_code_that_the_carrier_prices(self):
        rows = [relative_value("0042T", status="C")]
        with pytest.raises(Unpriced, match="priced by the carrier"):
            fee("0042T", held=tables(rows))
        held = CarrierFees.of([LocalFee(carrier="01112", locality="05", code="0042T", nonfacility=Decimal("80.00"))])
        assert fee("0042T", held=tables(rows, carrier_fees=held)).amount == Decimal("80.00")


def test_imaging_is_capped_at_the_outpatient_rate():
    row = relative_value(
        "70450",
        "TC",
        nonfacility_expense="3.00",
        outpatient_nonfacility_expense="2.00",
        outpatient_malpractice="0.01",
        pc_tc="1",
    )
    held = tables([row], cost_indices=flat_indices())
    assert fee("70450", "TC", held=held).amount == Decimal("66.91")  # 2.01 x 33.2875 = 66.907875, below 99.86
    cap = OutpatientCaps.of(
        [LocalFee(carrier="01112", locality="05", code="70450", modifier="TC", nonfacility=Decimal("60.00"))]
    )
    assert fee("70450", "TC", held=tables([row], cost_indices=flat_indices(), outpatient_caps=cap)).amount == Decimal(
        "60.00"
    )


def test_surgery_that_is_rarely_done_in_an_office_says_so():
    found = fee("27447")
    assert any("rarely done outside a facility" in step.says for step in found.steps)
