"""What an office types about itself: what is taken, and that every fault names its field and a fix."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.office_setup import read_hold_over, read_identifier, read_location, read_payer, read_practice
from claimwright.billing.office_setup import read_provider as provider_of
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.billing.policy_cells import BY_NAME, cells_of, read_policies
from tests.lib.builders import a_billing_provider

PRACTICE = {
    "name": "Lakeside Family Medicine", "line1": "100 Main Street", "city": "Madison", "state": "WI",
    "postal_code": "53703-1234", "phone": "(608) 555-0100", "taxonomy": "207Q00000X",
}  # fmt: skip
PAYER = {"name": "Carrier", "payer_id": "12345", "filing_indicator": "ci", "usual_pay_days": "21", "warning_days": "14"}


def fields(faults) -> set[str]:
    assert all(fault.says and fault.fix for fault in faults)
    return {fault.field for fault in faults}


def test_every_policy_has_its_row_and_comes_back_as_it_was():
    assert set(BY_NAME) == {field.name for field in msgspec.structs.fields(Policies)}
    assert read_policies(cells_of(DEFAULT_POLICIES)) == ({}, ())
    changed = msgspec.structs.replace(
        DEFAULT_POLICIES, nsf_fee_amount=Decimal("30.00"), sequestration_share=Decimal("0.035"),
        dunning_reminder_days=(20, 40), dormancy_months={"CA": 36}, hold_payments_over_amount=Decimal("2500.00"),
        assistance_tiers=((150, 100),), medicare_questionnaire_required=True, schedule_sources=("EHR",),
    )  # fmt: skip
    kept, faults = read_policies(cells_of(changed))
    assert faults == () and len(kept) == 8
    assert msgspec.convert(kept, Policies, strict=False) == changed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nsf_fee_amount", "-1"), ("nsf_fee_amount", "1.234"), ("nsf_fee_amount", "NaN"), ("statement_cycle_days", "0"),
        ("sequestration_share", "101"), ("dunning_reminder_days", "60, 30"), ("dunning_reminder_days", "30, 100"),
        ("contact_from_hour", "7"), ("contact_until_hour", "9"), ("dormancy_months", "California: 3"),
        ("assistance_tiers", "300: 50, 200: 100"), ("assistance_tiers", "200: 101"), ("agency_review_days", "99"),
        ("write_off_manager_limit_amount", "100"), ("duplicate_patients_searched", "perhaps"),
        ("identified_overpayment_days", "61"), ("plan_grace_days", "٣"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_is_told_and_nothing_is_kept(name: str, text: str):
    kept, faults = read_policies(cells_of(DEFAULT_POLICIES) | {name: text})
    assert kept == {} and fields(faults) == {name}


def test_a_practice_is_read_and_keeps_its_numbers():
    before = a_billing_provider()
    record, faults = read_practice(PRACTICE, before)
    assert faults == ()
    assert (record.provider.npi, record.provider.tax_id, record.provider.phone) == (
        before.npi,
        before.tax_id,
        "6085550100",
    )
    assert record.provider.address.postal_code == "537031234" and record.pay_to is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"), ({"line1": "PO Box 7"}, "line1"), ({"postal_code": "53703"}, "postal_code"),
        ({"state": "ZZ"}, "state"), ({"phone": "555"}, "phone"), ({"taxonomy": "FAMILY"}, "taxonomy"),
        ({"pay_to_line1": "PO Box 7"}, "pay_to_city"), ({"name": "x" * 61}, "name"), ({"email": "a\u0007b"}, "email"),
    ],
)  # fmt: skip
def test_a_practice_that_no_claim_could_carry_is_refused(changes: dict, field: str):
    assert field in fields(read_practice(PRACTICE | changes, a_billing_provider())[1])


@pytest.mark.parametrize(
    ("kind", "value", "good"),
    [("NPI", "1000000004", True), ("NPI", "1000000005", False), ("EI", "39-1234567", True), ("EI", "123", False),
     ("CLIA", "52D1234567", True), ("CLIA", "1234567890", False), ("XX", "1", False)],
)  # fmt: skip
def test_an_identifier_is_proved_by_its_own_rule(kind: str, value: str, good: bool):
    (_, kept), faults = read_identifier({"kind": kind, "value": value})
    assert (faults == ()) is good and "-" not in kept


def test_a_provider_a_location_and_a_payer_are_read():
    (provider, aliases), faults = provider_of(
        {"npi": "1000000004", "last_name": "Reed", "first_name": "Ann", "aliases": "EHR-7; EHR-7\nREED A"}
    )
    assert (faults, provider.name, aliases) == ((), "Ann Reed", ("EHR-7", "REED A"))
    assert fields(provider_of({"npi": "1"})[1]) == {"npi", "last_name", "first_name"}
    place, faults = read_location({"code": "MAIN", "name": "Main", "place_of_service": "11"})
    assert (faults, place.facility) == ((), None)
    assert fields(read_location({"code": "a b", "name": "x", "place_of_service": "1", "npi": "1000000004"})[1]) == {
        "code", "place_of_service", "line1",
    }  # fmt: skip
    payer, faults = read_payer(PAYER | {"original_count": "12", "original_unit": "months"}, None, {})
    assert faults == () and payer.timely_filing and payer.timely_filing.original
    assert (payer.timely_filing.original.period.count, payer.timely_filing.original.runs_from) == (12, "service_from")
    assert fields(read_payer(PAYER | {"aliases": "Other", "original_count": "0"}, None, {"OTHER": "Other Plan"})[1]) == {
        "aliases", "original_count",
    }  # fmt: skip
    assert read_hold_over({"hold_over_amount": "2,500"})[0] == Decimal("2500.00")
    assert read_hold_over({"hold_over_amount": ""}) == (None, ()) and read_hold_over({"hold_over_amount": "x"})[1]
