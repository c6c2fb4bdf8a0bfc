"""Expected allowed by contract: rates, modifiers, reductions, lesser of charge, case, stop-loss; reasons where no price is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.pricing import contracts as c
from claimwright.billing.pricing.contracts import Contract, ContractVersion, Rate, StopLoss, Terms, medicare_contract
from claimwright.billing.pricing.expected import expected_allowed
from claimwright.billing.pricing.tables import Locality, PriceTables
from claimwright.claims.institutional import Institutional
from claimwright.claims.nouns import Claim, Line, Provider
from claimwright.codes.dates import OverlapError
from claimwright.codes.fee_files import (
    BaseUnits,
    BaseUnitsTable,
    EquipmentFee,
    EquipmentFees,
    LaboratoryFee,
    LaboratoryFees,
    OutpatientRate,
    OutpatientRates,
    SurgeryCenterRate,
    SurgeryCenterRates,
)
from claimwright.codes.relative_values import RelativeValues
from tests.lib.fee_files import relative_value, relative_values_2024

DAY = date(2024, 8, 15)
ALABAMA = Locality("10112", "00")
SURGERY = [
    relative_value("11111", multiple_procedure="2", bilateral="1", work="5"),
    relative_value("22222", multiple_procedure="2", bilateral="0", work="3"),
    relative_value("33333", multiple_procedure="2", bilateral="3", work="2"),
    relative_value("44444", multiple_procedure="0", global_days="ZZZ", work="1"),
    relative_value("55555", multiple_procedure="2", bilateral="2", work="1",
                   preoperative="0.10", intraoperative="0.69", postoperative="0.21"),
]  # fmt: skip


def line(code, charge="5000", *modifiers, units="1", number=1, on=DAY, **more):
    return Line(
        number=number, control_number=f"L{number}", procedure_code=code, modifiers=modifiers, charge=Decimal(charge),
        units=Decimal(units), date_from=on, **more,
    )  # fmt: skip


def claim(*lines, place="11", **more):
    numbered = tuple(
        msgspec.structs.replace(one, number=at, control_number=f"L{at}") for at, one in enumerate(lines, 1)
    )
    total = sum((one.charge for one in lines), Decimal(0))
    return Claim(lines=numbered, place_of_service=place, total_charge=total, **more)


def contract(*rates, start=date(2020, 1, 1), end=None, **terms):
    version = ContractVersion(start=start, end=end, terms=Terms(**terms), rates=rates)
    return Contract(payer_id="60054", tax_id="391234567", versions=(version,))


def rate(first="", amount=None, percent=None, **more):
    return Rate(
        first=first,
        amount=None if amount is None else Decimal(amount),
        percent=None if percent is None else Decimal(percent),
        **more,
    )


def tables(rows=SURGERY, **more):
    return PriceTables({"relative_values": RelativeValues.of(rows, start=date(2020, 1, 1)), **more})


def allowed(found):
    return [None if one.allowed is None else str(one.allowed) for one in found.lines]


class TestMultipleProcedures:
    RATES = (
        rate("11111", "1000"),
        rate("22222", "600"),
        rate("33333", "400"),
        rate("44444", "200"),
        rate("55555", "100"),
    )

    def test_1000_600_400_is_1500(self):
        found = expected_allowed(claim(line("33333"), line("11111"), line("22222")), contract(*self.RATES), tables())
        assert allowed(found) == ["200.00", "1000.00", "300.00"]
        assert found.total == Decimal("1500.00")

    def test_the_rank_goes_by_allowed_and_not_by_charge(self):
        lines = (line("33333", "9000"), line("11111", "1200"), line("22222", "700"))
        assert expected_allowed(claim(*lines), contract(*self.RATES), tables()).total == Decimal("1500.00")

    def test_an_add_on_is_paid_in_full_and_takes_no_rank(self):
        found = expected_allowed(claim(line("11111"), line("44444"), line("22222")), contract(*self.RATES), tables())
        assert allowed(found) == ["1000.00", "200.00", "300.00"]

    def test_an_exempt_code_takes_no_rank(self):
        terms = contract(*self.RATES, exempt_codes=("22222",))
        assert allowed(expected_allowed(claim(line("11111"), line("22222")), terms, tables())) == ["1000.00", "600.00"]

    def test_the_sixth_is_by_report(self):
        lines = [line("11111", units="5"), line("22222")]
        found = expected_allowed(claim(*lines), contract(*self.RATES), tables())
        assert allowed(found) == ["3000.00", None]  # 1,000 and four halves
        assert "by report" in found.lines[1].reason
        assert found.total is None

    def test_days_are_apart(self):
        lines = (line("11111"), line("22222", on=date(2024, 8, 16)))
        assert allowed(expected_allowed(claim(*lines), contract(*self.RATES), tables())) == ["1000.00", "600.00"]

    def test_a_contract_may_pay_less_or_turn_it_off(self):
        steep = contract(*self.RATES, multiple_procedure=(Decimal(1), Decimal("0.5"), Decimal("0.25")))
        found = expected_allowed(claim(line("11111"), line("22222"), line("33333")), steep, tables())
        assert allowed(found) == ["1000.00", "300.00", "100.00"]
        off = contract(*self.RATES, multiple_procedure=())
        assert expected_allowed(claim(line("11111"), line("22222")), off, tables()).total == Decimal("1600.00")

    def test_without_relative_values_two_surgeries_have_no_price(self):
        found = expected_allowed(claim(line("11111"), line("22222")), contract(*self.RATES), PriceTables())
        assert allowed(found) == [None, None]
        assert "import the PPRRVU file" in found.lines[0].reason
        assert expected_allowed(claim(line("11111")), contract(*self.RATES), PriceTables()).total == Decimal("1000.00")


class TestEndoscopy:
    RATES = (
        rate("45378", "400"),
        rate("45380", "480"),
        rate("45385", "600"),
        rate("43239", "300"),
        rate("43235", "250"),
    )
    HELD = PriceTables({"relative_values": relative_values_2024()})

    def test_of_a_family_the_base_is_paid_once(self):
        """600 whole, 480 less the base 400."""
        found = expected_allowed(claim(line("45380"), line("45385")), contract(*self.RATES), self.HELD)
        assert allowed(found) == ["80.00", "600.00"]

    def test_the_base_beside_its_family_is_within_it(self):
        found = expected_allowed(claim(line("45378"), line("45385")), contract(*self.RATES), self.HELD)
        assert allowed(found) == ["0.00", "600.00"]
        assert any("is within the others" in step.says for step in found.lines[0].working)

    def test_a_family_counts_as_one_procedure_beside_another(self):
        """The colon family is 680 whole; the other endoscopy 300 by half."""
        found = expected_allowed(claim(line("43239"), line("45380"), line("45385")), contract(*self.RATES), self.HELD)
        assert allowed(found) == ["150.00", "80.00", "600.00"]

    def test_a_base_without_a_rate_leaves_no_price(self):
        found = expected_allowed(
            claim(line("45380"), line("45385")), contract(rate("45380", "480"), rate("45385", "600")), self.HELD
        )
        assert allowed(found) == [None, "600.00"]
        assert "45378" in found.lines[0].reason

    def test_medicare_subtracts_its_own_base(self):
        """Alabama, office, 2024: 45385 421.44..., 45380 and 45378 from the same table."""
        medicare = medicare_contract(ALABAMA)
        alone = {
            code: expected_allowed(claim(line(code)), medicare, self.HELD).total for code in ("45378", "45380", "45385")
        }
        first, second = sorted(("45380", "45385"), key=lambda code: -alone[code])
        found = expected_allowed(claim(line(first), line(second)), medicare, self.HELD)
        assert [one.allowed for one in found.lines] == [alone[first], alone[second] - alone["45378"]]


class TestModifiers:
    @pytest.mark.parametrize(
        ("code", "modifiers", "amount"),
        [
            ("11111", ("50",), "1500.00"),
            ("22222", ("50",), "1000.00"),  # indicator 0
            ("33333", ("50",), "2000.00"),  # indicator 3: each side in full
            ("55555", ("50",), "1000.00"),  # indicator 2: both sides are in the price
            ("11111", ("80",), "160.00"),
            ("11111", ("81",), "160.00"),
            ("11111", ("82",), "160.00"),
            ("11111", ("AS",), "136.00"),
            ("11111", ("62",), "625.00"),
            ("11111", ("50", "62"), "937.50"),
            ("11111", ("RT", "59"), "1000.00"),
            ("55555", ("54",), "790.00"),
            ("55555", ("55",), "210.00"),
            ("55555", ("56",), "100.00"),
            ("55555", ("78",), "690.00"),
        ],
    )
    def test_factors(self, code, modifiers, amount):
        found = expected_allowed(claim(line(code, "9000", *modifiers)), contract(rate(code, "1000")), tables())
        assert allowed(found) == [amount]

    @pytest.mark.parametrize("modifier", ["22", "52", "53", "66"])
    def test_what_a_person_prices(self, modifier):
        found = expected_allowed(claim(line("11111", "9000", modifier)), contract(rate("11111", "1000")), tables())
        assert allowed(found) == [None]
        assert "by report" in found.lines[0].reason

    def test_a_contract_may_set_its_own(self):
        own = contract(
            rate("11111", "1000"), factors={"80": Decimal("0.20"), "52": Decimal("0.5"), "26": Decimal("0.4")}
        )
        for modifier, amount in (("80", "200.00"), ("52", "500.00"), ("26", "400.00")):
            assert allowed(expected_allowed(claim(line("11111", "9000", modifier)), own, tables())) == [amount]

    def test_both_sides_in_two_units_is_no_format(self):
        found = expected_allowed(
            claim(line("11111", "9000", "50", units="2")), contract(rate("11111", "1000")), tables()
        )
        assert "bill one unit" in found.lines[0].reason

    def test_a_part_needs_its_own_rate(self):
        whole = contract(rate("71046", "50"))
        assert (
            "no rate for 71046 26"
            in expected_allowed(claim(line("71046", "90", "26")), whole, tables()).lines[0].reason
        )
        with_part = contract(rate("71046", "50"), rate("71046", "15", modifier="26"))
        assert allowed(expected_allowed(claim(line("71046", "90", "26")), with_part, tables())) == ["15.00"]


class TestMedicare:
    HELD = PriceTables({"relative_values": relative_values_2024()})
    MEDICARE = medicare_contract(ALABAMA)

    def price(self, *lines, **more):
        return expected_allowed(claim(*lines, **more), self.MEDICARE, self.HELD)

    def test_the_place_decides_the_setting(self):
        """99213 in Alabama: (1.30 + 1.33 x .869 + .1 x .575) x 33.2875 = 83.66; facility .56: 61.39."""
        assert allowed(self.price(line("99213"))) == ["83.66"]
        assert allowed(self.price(line("99213"), place="22")) == ["61.39"]
        assert allowed(self.price(line("99213"), place="10")) == ["83.66"]  # telehealth at home
        assert allowed(self.price(line("99213", place_of_service="02"))) == ["61.39"]

    def test_a_nurse_practitioner_is_paid_85_percent(self):
        found = self.price(line("99213"), rendering=Provider(taxonomy="363LF0000X"))
        assert allowed(found) == ["71.11"]  # 83.66 x .85 = 71.111
        assert "nurse practitioner" in found.lines[0].working[-1].says

    def test_a_social_worker_is_paid_75_percent(self):
        alone = self.price(line("90837")).total
        found = self.price(line("90837"), rendering=Provider(taxonomy="1041C0700X")).total
        assert found == (alone * Decimal("0.75")).quantize(Decimal("0.01"))

    def test_units_multiply(self):
        assert allowed(self.price(line("99213", units="2"))) == ["167.32"]

    def test_therapy_pays_half_the_expense_beyond_the_first_unit(self):
        """97530 .65 is the day's highest expense. 97110 2 units: each loses .42 x .869 x 33.2875 / 2 = 6.0746...

        97110 alone (.45 + .42 x .869 + .01 x .575) x 33.2875 = 27.32; 54.64 - 12.1493 = 42.49.
        """
        found = self.price(line("97110", "200", "GP", units="2"), line("97530", "200", "GP"))
        assert allowed(found) == ["42.49", allowed(self.price(line("97530", "200", "GP")))[0]]

    def test_one_therapy_unit_is_whole(self):
        assert allowed(self.price(line("97110", "200", "GP"))) == ["27.32"]

    def test_imaging_pays_half_the_technical_and_95_percent_of_the_professional_part(self):
        """Of the lesser of two scans. 70450 in Alabama: whole 97.52, TC 59.78, 26 37.74.

        97.52 - 59.78 x .5 - 37.74 x .05 = 65.743.
        """
        spine = self.price(line("72148")).total
        found = self.price(line("72148"), line("70450"))
        assert allowed(self.price(line("70450"))) == ["97.52"]
        assert [one.allowed for one in found.lines] == [spine, Decimal("65.74")]
        told = [step.says for step in found.lines[1].working]
        assert any("technical part 59.78" in text and "50 %" in text for text in told)
        assert any("professional part" in text and "95 %" in text for text in told)

    def test_two_technical_parts(self):
        """TC of 70450 2.08 total at 50 %, that of 72148 whole."""
        high, low = self.price(line("72148", "900", "TC")).total, self.price(line("70450", "900", "TC")).total
        found = self.price(line("70450", "900", "TC"), line("72148", "900", "TC"))
        assert [one.allowed for one in found.lines] == [(low / 2).quantize(Decimal("0.01"), "ROUND_HALF_UP"), high]

    def test_two_professional_parts(self):
        low = self.price(line("70450", "900", "26")).total
        found = self.price(line("70450", "900", "26"), line("72148", "900", "26"))
        assert found.lines[0].allowed == (low * Decimal("0.95")).quantize(Decimal("0.01"), "ROUND_HALF_UP")

    def test_a_plain_film_is_in_no_imaging_family(self):
        alone = self.price(line("71046")).total
        assert self.price(line("71046"), line("73560")).lines[0].allowed == alone

    def test_anesthesia(self):
        units = BaseUnitsTable.of([BaseUnits(code="00790", units=Decimal(7))])
        held = PriceTables({"relative_values": relative_values_2024(), "anesthesia_base_units": units})
        minutes = line("00790", "900", "QK", units="95", unit_basis="MJ")
        # (7 + 6.3) x 19.77 = 262.941 -> 262.94, half 131.47
        assert allowed(expected_allowed(claim(minutes), self.MEDICARE, held)) == ["131.47"]
        without = msgspec.structs.replace(minutes, unit_basis="UN")
        assert "minutes" in expected_allowed(claim(without), self.MEDICARE, held).lines[0].reason

    def test_laboratory_and_equipment(self):
        held = PriceTables(
            {
                "relative_values": relative_values_2024(),
                "laboratory_fees": LaboratoryFees.of(
                    [LaboratoryFee(code="80053", rate=Decimal("10.56")), LaboratoryFee(code="0001U")]
                ),
                "equipment_fees": EquipmentFees.of(
                    [EquipmentFee(code="E0601", modifier="RR", amounts="AL=49.81/52.10")]
                ),
            }
        )
        medicare = medicare_contract(ALABAMA, state="AL")
        lines = (line("80053", "40", "QW"), line("E0601", "90", "RR", "KX"), line("0001U", "90"))
        found = expected_allowed(claim(*lines), medicare, held)
        assert allowed(found) == ["10.56", "49.81", None]
        assert "priced by the carrier" not in found.lines[0].reason
        assert "without a rate" in found.lines[2].reason
        assert "priced by state" in expected_allowed(claim(lines[1]), self.MEDICARE, held).lines[0].reason

    def test_a_percent_of_an_earlier_years_medicare(self):
        earlier = contract(
            rate(percent="120", method=c.MEDICARE, medicare_on=DAY), locality=ALABAMA, nonphysician_fraction=False
        )
        found = expected_allowed(claim(line("99213", on=date(2026, 9, 1))), earlier, self.HELD)
        assert allowed(found) == ["100.39"]  # 83.66 x 1.2 = 100.392

    def test_no_locality_is_a_reason(self):
        found = expected_allowed(claim(line("99213")), contract(rate(percent="100", method=c.MEDICARE)), self.HELD)
        assert "carrier and locality" in found.lines[0].reason


class TestFacilities:
    RATES = OutpatientRates.of(
        [
            OutpatientRate(code="G0105", status_indicator="T", rate=Decimal("1000.00")),
            OutpatientRate(code="G0121", status_indicator="T", rate=Decimal("600.00")),
            OutpatientRate(code="A4550", status_indicator="N"),
            OutpatientRate(code="J9999", status_indicator="K", rate=Decimal("50.00")),
            OutpatientRate(code="C9600", status_indicator="J1", rate=Decimal("9000.00")),
            OutpatientRate(code="G0283", status_indicator="Q1", rate=Decimal("20.00")),
        ]
    )
    SURGERY_RATES = SurgeryCenterRates.of(
        [SurgeryCenterRate(code="G0105", payment_indicator="A2", rate=Decimal("500.00"), is_discounted=True)]
    )

    def outpatient(self, *lines, wage_index="1.10"):
        terms = contract(
            rate(percent="100", method=c.MEDICARE),
            wage_index=Decimal(wage_index) if wage_index else None,
            lesser_of_charge=False,
        )
        made = claim(*lines, kind="I", institutional=Institutional(facility_type="13"))
        return expected_allowed(made, terms, tables(outpatient_rates=self.RATES))

    def test_wages_and_the_second_procedure(self):
        """1000 x (.6 x 1.1 + .4) = 1060; 600 -> 636, by half 318."""
        assert allowed(self.outpatient(line("G0105"), line("G0121"))) == ["1060.00", "318.00"]

    def test_packaged_drugs_and_what_depends_on_the_claim(self):
        found = self.outpatient(line("A4550"), line("J9999", units="3"), line("G0283"))
        assert allowed(found) == ["0.00", "150.00", None]
        assert "whole claim" in found.lines[2].reason

    def test_a_comprehensive_service_takes_in_the_others(self):
        assert allowed(self.outpatient(line("C9600"), line("G0105"))) == ["9540.00", "0.00"]

    def test_no_wage_index_is_a_reason(self):
        assert "wage index" in self.outpatient(line("G0105"), wage_index="").lines[0].reason

    def test_a_surgery_center(self):
        terms = contract(rate(percent="100", method=c.MEDICARE), wage_index=Decimal("1.10"))
        made = claim(line("G0105"), place="24", billing_provider=Provider(taxonomy="261QA1903X"))
        assert allowed(expected_allowed(made, terms, tables(surgery_center_rates=self.SURGERY_RATES))) == ["525.00"]


class TestRates:
    def test_the_closest_rate_holds(self):
        terms = contract(
            rate(percent="50", method=c.CHARGE),
            rate("99200", "90", last="99499"),
            rate("99211", "30", last="99215"),
            rate("99213", "80"),
            rate("99213", "70", place=c.FACILITY),
            rate("99213", "60", modifier="95"),
        )
        lines = (
            line("99213", "200"),
            line("99213", "200", "95"),
            line("99214", "200"),
            line("99291", "200"),
            line("J1100", "9"),
        )
        assert allowed(expected_allowed(claim(*lines), terms, tables())) == ["80.00", "60.00", "30.00", "90.00", "4.50"]
        assert allowed(expected_allowed(claim(line("99213", "200"), place="21"), terms, tables())) == ["70.00"]

    def test_category_two_codes_are_in_no_range_of_numbers(self):
        found = expected_allowed(claim(line("1000F", "9")), contract(rate("00100", "90", last="99999")), tables())
        assert "no rate for 1000F" in found.lines[0].reason

    def test_fixed_goes_by_service_and_per_unit_by_what_is_counted(self):
        fixed, by_unit = contract(rate("97110", "30"), therapy=False), contract(rate("00790", "2", method=c.PER_UNIT))
        assert allowed(expected_allowed(claim(line("97110", "200", units="3")), fixed, tables())) == ["90.00"]
        minutes = line("00790", "900", "AA", units="95", unit_basis="MJ")
        assert allowed(expected_allowed(claim(minutes), by_unit, tables())) == ["190.00"]
        flat = contract(rate("00790", "400"))
        assert allowed(expected_allowed(claim(minutes), flat, tables())) == ["400.00"]

    def test_the_lesser_of_charge_and_rate(self):
        lines = (line("99213", "70"),)
        assert allowed(expected_allowed(claim(*lines), contract(rate("99213", "80")), tables())) == ["70.00"]
        whole = contract(rate("99213", "80"), lesser_of_charge=False)
        assert allowed(expected_allowed(claim(*lines), whole, tables())) == ["80.00"]
        assert allowed(expected_allowed(claim(line("99213", "0")), contract(rate("99213", "80")), tables())) == [
            "80.00"
        ]

    def test_capitated_and_carved_out(self):
        terms = contract(
            rate("99201", last="99499", method=c.CAPITATED),
            rate("20610", "100"),
            rate("90785", last="90899", method=c.CARVED_OUT, note="Behavioral Health Partners"),
            rate("G0000", last="G9999", method=c.NOT_COVERED),
        )
        found = expected_allowed(claim(line("99213", "150"), line("20610", "180")), terms, tables())
        assert allowed(found) == [None, "100.00"]
        assert found.lines[0].capitated
        assert "encounter" in found.lines[0].reason
        assert found.total == Decimal("100.00")
        found = expected_allowed(claim(line("90837", "150"), line("G0101", "50")), terms, tables())
        assert "bill Behavioral Health Partners" in found.lines[0].reason
        assert "not covered" in found.lines[1].reason
        assert found.total is None

    def test_a_case_rate_takes_in_all_but_carve_outs(self):
        terms = contract(
            rate("27447", "9000", method=c.CASE),
            rate("L8699", "1500", carve_out=True),
            rate(percent="50", method=c.CHARGE),
        )
        lines = (line("27447", "20000"), line("99221", "300"), line("L8699", "4000"))
        found = expected_allowed(claim(*lines), terms, tables())
        assert allowed(found) == ["9000.00", "0.00", "1500.00"]
        assert found.total == Decimal("10500.00")

    def test_a_revenue_code_has_a_rate_by_the_day(self):
        terms = contract(rate("0120", "1200", method=c.PER_UNIT))
        days = line("", "9000", units="3", unit_basis="DA", revenue_code="0120")
        made = claim(days, kind="I", institutional=Institutional(facility_type="11"))
        assert allowed(expected_allowed(made, terms, tables())) == ["3600.00"]

    @pytest.mark.parametrize(
        ("basis", "amounts"), [(c.EXCESS, ["11400.00", "3600.00"]), (c.ALL, ["24000.00", "6000.00"])]
    )
    def test_stop_loss(self, basis, amounts):
        """Charges 50,000 above 40,000: 60 % of 10,000 is added to 9,000, or 60 % of all is paid; spread 40,000 : 10,000."""
        rule = StopLoss(threshold=Decimal(40000), percent=Decimal(60), basis=basis)
        terms = contract(rate("A1111", "6600"), rate("A2222", "2400"), stop_loss=rule)
        found = expected_allowed(claim(line("A1111", "40000"), line("A2222", "10000")), terms, tables())
        assert allowed(found) == amounts
        below = expected_allowed(claim(line("A1111", "20000"), line("A2222", "10000")), terms, tables())
        assert allowed(below) == ["6600.00", "2400.00"]
        assert "exceed 40000" in found.working[0].says


class TestVersions:
    def test_the_version_of_the_date_of_service(self):
        old = ContractVersion(start=date(2024, 1, 1), end=date(2024, 8, 15), rates=(rate("99213", "80"),))
        new = ContractVersion(start=date(2024, 8, 15), rates=(rate("99213", "90"),))
        both = Contract(payer_id="60054", versions=(old, new))
        lines = (line("99213", "200", on=date(2024, 8, 14)), line("99213", "200", on=date(2024, 8, 15)))
        assert allowed(expected_allowed(claim(*lines), both, tables())) == ["80.00", "90.00"]

    def test_a_day_without_a_version_or_a_contract_is_a_reason(self):
        ended = contract(rate("99213", "80"), end=date(2024, 1, 1))
        assert "no version for 2024-08-15" in expected_allowed(claim(line("99213")), ended, tables()).lines[0].reason
        assert "no contract" in expected_allowed(claim(line("99213")), None, tables()).lines[0].reason
        undated = expected_allowed(claim(line("99213", on=None)), contract(rate("99213", "80")), tables())
        assert "no date of service" in undated.lines[0].reason
        assert allowed(
            expected_allowed(claim(line("99213", on=None)), contract(rate("99213", "80")), tables(), DAY)
        ) == ["80.00"]

    def test_two_versions_on_one_day_are_refused(self):
        versions = [ContractVersion(start=date(2024, 1, 1)), ContractVersion(start=date(2025, 1, 1))]
        with pytest.raises(OverlapError, match="2025-01-01"):
            c.check_versions(versions)
        c.check_versions([ContractVersion(start=date(2024, 1, 1), end=date(2025, 1, 1)), versions[1]])


def test_every_priced_line_ends_its_working_with_the_allowed():
    lines = (line("33333"), line("11111", "9000", "50"), line("22222", "100"))
    for found in expected_allowed(claim(*lines), contract(*TestMultipleProcedures.RATES), tables()).lines:
        assert found.working[-1].amount == found.allowed
