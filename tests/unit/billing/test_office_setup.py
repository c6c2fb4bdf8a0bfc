"""What an office types about itself: what is taken, and that every fault names its field and a fix."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.office_setup import (
    read_enrolment,
    read_hold_over,
    read_identifier,
    read_location,
    read_new_payer,
    read_new_practice,
    read_payer,
    read_practice,
)
from claimwright.billing.office_setup import read_provider as provider_of
from claimwright.billing.payer_starts import STARTS
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
    assert fields(provider_of({"npi": "1", "aliases": "a\u0007"})[1]) == {"npi", "last_name", "first_name", "aliases"}
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


NEW = PRACTICE | {
    "entity": "organization", "npi": "1000000004", "tax_id_kind": "EI", "tax_id": "39-1234567", "start": "01/01/2026",
}  # fmt: skip


def test_a_new_practice_is_read_with_its_numbers_and_its_first_day():
    (record, start), faults = read_new_practice(NEW)
    assert (faults, start, record.provider.npi, record.provider.tax_id) == (
        (),
        date(2026, 1, 1),
        "1000000004",
        "391234567",
    )
    (record, _), faults = read_new_practice(
        NEW | {"entity": "person", "name": "", "last_name": "Reed", "first_name": "Ann", "tax_id_kind": "SY", "tax_id": "123-45-6789"}
    )  # fmt: skip
    assert faults == () and (record.provider.is_organization, record.provider.name) == (False, "Ann Reed")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"npi": "1000000005"}, "npi"), ({"npi": ""}, "npi"), ({"tax_id": "00-1234567"}, "tax_id"), ({"tax_id": "39"}, "tax_id"),
        ({"tax_id_kind": "SY", "tax_id": "123-45-6789"}, "tax_id_kind"), ({"tax_id_kind": "X"}, "tax_id_kind"),
        ({"taxonomy": ""}, "taxonomy"), ({"taxonomy": "207Q00000Y"}, "taxonomy"), ({"start": "2/30/2026"}, "start"),
        ({"postal_code": "53703"}, "postal_code"), ({"postal_code": "53703-0000"}, "postal_code"), ({"name": ""}, "name"),
        ({"entity": "person", "last_name": "Reed"}, "first_name"), ({"entity": "?"}, "entity"), ({"line1": "P.O. Box 9"}, "line1"),
    ],
)  # fmt: skip
def test_a_new_practice_that_could_not_bill_is_told_field_and_fix(changes: dict, field: str):
    faults = read_new_practice(NEW | changes)[1]
    assert field in fields(faults) and len({(one.field, one.says) for one in faults}) == len(faults)


def test_a_new_payer_has_a_key_of_its_own_and_an_id_shared_only_on_purpose():
    taken = {"87726": "Other Plan", "OTHER": "Other Plan"}
    (key, record), faults = read_new_payer(PAYER | {"connection": "c1", "appeal_days": "90"}, None, taken, ["c1"])
    assert (faults, key, record.connection, record.appeal_days) == ((), "12345", "c1", 90)
    shared = PAYER | {"payer_id": "87726"}
    assert fields(read_new_payer(shared, None, taken, [])[1]) == {"payer_id"}
    assert fields(read_new_payer(shared | {"shares_id": "on"}, None, taken, [])[1]) == {
        "key"
    }  # the key would be the id
    assert read_new_payer(shared | {"shares_id": "on", "key": "other_hmo"}, None, taken, [])[1] == ()
    wrong = {"key": "a b", "connection": "c9", "appeal_days": "0"}
    assert fields(read_new_payer(PAYER | wrong, None, taken, ["c1"])[1]) == {"key", "connection", "appeal_days"}


def test_a_kind_of_payer_brings_the_laws_limits_and_no_example_of_anybodys():
    limits = {like: start.profile.timely_filing for like, start in STARTS.items()}
    assert {like for like, known in limits.items() if known} == {"medicare", "tricare"}
    for start in STARTS.values():
        assert start.words and start.says and start.profile.filing_indicators
        assert not start.profile.authorization_rules and not start.profile.authorization_number_pattern


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, set()), ({"status": "approved"}, {"start"}), ({"status": "approved", "start": "01/01/2026"}, set()),
        ({"status": "termed", "start": "01/01/2026", "end": "01/01/2026"}, {"end"}), ({"status": "termed"}, {"end"}),
        ({"transaction": "participation"}, {"npi"}), ({"transaction": "participation", "npi": "1000000004"}, set()),
        ({"npi": "1", "tax_id": "1"}, {"npi", "tax_id"}), ({"transaction": "834", "status": "?"}, {"transaction", "status"}),
        ({"start": "soon"}, {"start"}),
    ],
)  # fmt: skip
def test_an_enrolment_says_whose_it_is_and_from_when(changes: dict, wrong: set):
    assert fields(read_enrolment({"transaction": "837", "status": "submitted"} | changes)[1]) == wrong
