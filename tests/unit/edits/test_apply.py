"""One-key fixes: what they change is told, the finding is gone, nothing else is found, and what is not safe is left."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from claimwright.claims.nouns import Claim, to_json
from claimwright.edits.apply import Change, Mend, apply, can_apply, differences
from claimwright.edits.catalogue import BY_ID, CATALOGUE
from claimwright.edits.engine import run
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import REJECT, Finding
from tests.edits.cases import case_file, claim_of, facts_of

BILLING = {"line1": "400 MAIN ST", "city": "MADISON", "state": "WI", "postal_code": "537031234"}

# Edit, base claim and its patches, patches of the facts, and what changes: path, before, after.
MENDED: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, str, str]]]] = [
    (
        "PX26",
        {"lines[0].modifiers": ["25", "95", "52"]},
        {},
        [("lines[0].modifiers", "25 95 52", "52 25 95")],
    ),
    (
        "PX32",
        {"lines[0].procedure_code": "98940", "lines[0].modifiers": ["51", "AT"]},
        {"payer.refuses_modifier_51": True},
        [("lines[0].modifiers", "51 AT", "AT")],
    ),
    ("LIN01", {"total_charge": "149.99"}, {}, [("total_charge", "149.99", "150.00")]),
    (
        "DX05",
        {
            "diagnoses": [
                {"code": "J069", "qualifier": "ABK"},
                {"code": "J069", "qualifier": "ABF"},
                {"code": "I10", "qualifier": "ABF"},
            ],
            "lines[0].diagnosis_pointers": [2, 3, 1],
        },
        {},
        [
            ("diagnoses[1].code", "J069", "I10"),
            ("diagnoses[2]", "I10 ABF", ""),
            ("lines[0].diagnosis_pointers", "2 3 1", "1 2"),
        ],
    ),
    (
        "BIL09",
        {"pay_to_address": BILLING},
        {},
        [("pay_to_address", "400 MAIN ST MADISON WI 537031234", "")],
    ),
    (
        "COB15",
        {"patient_paid": "20.00"},
        {"payer.patient_paid_may_split_payment": True},
        [("patient_paid", "20.00", "")],
    ),
    (
        "PRV12",
        {"facility": {"npi": "1000000004", "is_organization": True, "last_name": "LAKESIDE", "address": BILLING}},
        {},
        [],
    ),
    (
        "SUB08",
        {"coverage.payer.filing_indicator": "BL"},
        {"payer.filing_indicators": ["CI"]},
        [("coverage.payer.filing_indicator", "BL", "CI")],
    ),
    (
        "AUT01",
        {"lines[0].procedure_code": "87880"},
        {
            "payer.authorization_rules": [{"codes": [{"first": "87880"}]}],
            "authorizations": [{"number": "A1", "codes": [{"first": "87880"}]}, {"number": "A2", "status": "denied"}],
        },
        [("lines[0].prior_authorization", "", "A1")],
    ),
    (
        "AUT05",
        {},
        {
            "payer.authorization_rules": [{"kind": "referral", "codes": [{"first": "99213"}]}],
            "authorizations": [{"kind": "referral", "number": "R1", "visits_left": 1}],
        },
        [("lines[0].referral", "", "R1")],
    ),
    (
        "PAY10",
        {},
        {"expected_prices": {"L1001": {"line_control_number": "L1001", "capitated": True}}},
        [("transaction_type", "CH", "RP")],
    ),
    (
        "LIN02",
        {"lines[0].charge": "0.00", "total_charge": "0.00"},
        {},
        [("total_charge", "0.00", "150.00"), ("lines[0].charge", "0.00", "150.00")],
    ),
    (
        "LIN13",
        {"lines[0].drug": {"ndc": "0409-3795-01", "quantity": "1", "unit": "ML"}},
        {},
        [("lines[0].drug.ndc", "0409-3795-01", "00409379501")],
    ),
    (
        "PRV07",
        {"referring": {"npi": "1234567893", "last_name": "HALVORSON", "first_name": "INGRID"}},
        {"registry": {"1234567893": {"npi": "1234567893", "last_name": "HALVORSEN", "first_name": "INGRID"}}},
        [("referring.last_name", "HALVORSON", "HALVORSEN")],
    ),
    (
        "PRV09",
        {"lines[0].referring": {"npi": "1234567893", "last_name": "HALVORSEN", "first_name": "INGRID"}},
        {},
        [
            ("referring", "", "1234567893 False HALVORSEN INGRID EI"),
            ("lines[0].referring", "1234567893 False HALVORSEN INGRID EI", ""),
        ],
    ),
    (
        "COB10",
        {
            "coverage.sequence": "S",
            "prior_payments": [
                {"coverage": {"payer": {"payer_id": "87726"}, "member_id": "F5550001"}, "paid_amount": "85.00"}
            ],
            "lines[0].adjudications": [
                {
                    "payer_id": "87726",
                    "paid_amount": "85.00",
                    "procedure_code": "99213",
                    "adjudication_date": "2026-09-04",
                    "adjustments": [
                        {"group": "CO", "reason": "45", "amount": "40.00"},
                        {"group": "PR", "reason": "3", "amount": "25.00"},
                    ],
                }
            ],
        },
        {"payer.obligated_amount_when_secondary": True},
        [("lines[0].obligated_amount", "", "110.00"), ("obligated_amount", "", "110.00")],
    ),
    (
        "LIN09",
        {
            "lines[1]": {
                "number": 2,
                "control_number": "L1001",
                "procedure_code": "87880",
                "charge": "40.00",
                "diagnosis_pointers": [1],
                "date_from": "2026-08-31",
            },
            "total_charge": "190.00",
        },
        {},
        [("lines[1].control_number", "L1001", "CW1001L2")],
    ),
]


def found(claim: Claim, facts: Facts, edit_id: str) -> Finding:
    return next(finding for finding in run(claim, facts) if finding.edit_id == edit_id)


def mended(claim: Claim, facts: Facts, edit_id: str) -> Mend:
    mend = apply(claim, facts, found(claim, facts, edit_id))
    assert mend is not None
    return mend


@pytest.mark.parametrize(("edit_id", "patches", "facts_given", "changes"), MENDED, ids=[row[0] for row in MENDED])
def test_the_finding_is_gone_and_no_new_one_appears(
    edit_id: str, patches: dict[str, Any], facts_given: dict[str, Any], changes: list[tuple[str, str, str]]
) -> None:
    claim, facts = claim_of("primary", patches), facts_of(facts_given)
    before, as_it_was = run(claim, facts), to_json(claim)
    mend = mended(claim, facts, edit_id)
    assert {f.edit_id for f in run(mend.claim, facts)} == {f.edit_id for f in before} - {edit_id}
    assert to_json(claim) == as_it_was
    assert mend.edit_id == edit_id and mend.changes
    if changes:
        assert mend.changes == tuple(Change(*change) for change in changes)


def test_every_edit_with_a_fix_is_proved_above() -> None:
    assert {each.id for each in CATALOGUE if each.mends is not None} == {row[0] for row in MENDED}


@pytest.mark.parametrize("edit_id", [row[0] for row in MENDED])
def test_every_fail_case_is_mended_or_left_alone(edit_id: str) -> None:
    for case in case_file(edit_id).failing:
        claim, facts = claim_of(case.base, case.claim), facts_of(case.facts)
        for finding in run(claim, facts, (BY_ID[edit_id],)):
            mend = apply(claim, facts, finding)
            if mend is not None:
                counts = len(run(claim, facts, (BY_ID[edit_id],)))
                assert len(run(mend.claim, facts, (BY_ID[edit_id],))) < counts, case.name
                assert tuple(differences(claim, mend.claim)) == mend.changes


def test_two_faults_of_one_edit_are_mended_one_by_one_or_together() -> None:
    lines = {"procedure_code": "73030", "modifiers": ["LT", "26"], "charge": "1.00", "date_from": "2026-08-31"}
    claim, facts = claim_of("primary", {"lines[0].modifiers": ["25", "52"], "lines[1]": lines}), facts_of()
    first = mended(claim, facts, "PX26")
    assert [change.path for change in first.changes] == ["lines[0].modifiers"]
    second = mended(first.claim, facts, "PX26")
    assert [change.path for change in second.changes] == ["lines[1].modifiers"]
    assert not [f for f in run(second.claim, facts) if f.edit_id == "PX26"]


def test_what_a_person_must_decide_has_no_fix() -> None:
    claim, facts = claim_of("primary", {"patient.sex": ""}), facts_of()
    finding = found(claim, facts, "SUB04")
    assert not can_apply(finding) and apply(claim, facts, finding) is None


def test_a_fix_that_would_break_something_else_is_not_offered() -> None:
    elsewhere = {
        "place_of_service": "22",
        "facility": {"npi": "1000000004", "is_organization": True, "address": BILLING},
    }
    claim, facts = claim_of("primary", elsewhere), facts_of()
    finding = found(claim, facts, "PRV12")
    assert can_apply(finding)
    assert apply(claim, facts, finding) is None  # without the facility PRV11 would miss it


def test_a_payer_with_two_indicators_leaves_the_choice_to_a_person() -> None:
    claim, facts = claim_of("primary", {"coverage.payer.filing_indicator": "BL"}), facts_of()
    assert apply(claim, facts, found(claim, facts, "SUB08")) is None


def test_a_name_that_may_be_another_persons_and_an_ndc_that_may_be_three_are_left() -> None:
    registry = {"1234567893": {"npi": "1234567893", "last_name": "HALVORSEN", "first_name": "INGRID"}}
    facts = facts_of({"registry": registry})
    for last, first in (("OLSEN", "INGRID"), ("HALVORSON", "BERIT")):
        claim = claim_of("primary", {"referring": {"npi": "1234567893", "last_name": last, "first_name": first}})
        assert apply(claim, facts, found(claim, facts, "PRV07")) is None
    drug = {"ndc": "0409379501", "quantity": "1", "unit": "ML"}
    claim = claim_of("primary", {"lines[0].procedure_code": "J1885", "lines[0].drug": drug})
    assert apply(claim, facts_of(), found(claim, facts_of(), "LIN13")) is None
    known = {"hcpcs": "J1885", "ndc": "00409379501", "package_quantity": 1, "units_per_package": 1}
    facts = facts_of({"drugs": {"rows": [known]}})
    assert mended(claim, facts, "LIN13").changes == (Change("lines[0].drug.ndc", "0409379501", "00409379501"),)


def test_a_charge_without_a_price_and_referrals_by_several_are_left() -> None:
    claim, facts = claim_of("primary", {"lines[0].charge": "0.00"}), facts_of({"charge_master": {}})
    assert apply(claim, facts, found(claim, facts, "LIN02")) is None
    several = {"lines[0].referring": {"npi": "1234567893"}, "lines[1].referring": {"npi": "1000000004"}}
    claim, facts = claim_of("secondary", several), facts_of()
    assert apply(claim, facts, found(claim, facts, "PRV09")) is None


def test_totals_and_line_numbers_that_a_payer_has_seen_are_left() -> None:
    facts = facts_of()
    claim = claim_of("secondary", {"total_charge": "189.00"})
    assert apply(claim, facts, found(claim, facts, "LIN01")) is None
    claim = claim_of("secondary", {"lines[1].control_number": "L1001"})
    assert apply(claim, facts, found(claim, facts, "LIN09")) is None


def test_duplicate_diagnoses_that_differ_otherwise_are_left() -> None:
    twice = [
        {"code": "J069", "qualifier": "ABK", "present_on_admission": "Y"},
        {"code": "J069", "qualifier": "ABF", "present_on_admission": "N"},
    ]
    claim, facts = claim_of("primary", {"diagnoses": twice}), facts_of()
    assert apply(claim, facts, found(claim, facts, "DX05")) is None


def test_a_new_line_number_is_free_and_fits_its_element() -> None:
    lines = {
        f"lines[{n}]": {"number": 2, "control_number": number, "charge": "0.01", "procedure_code": "87880"}
        for n, number in ((1, "L1001"), (2, "C" * 28 + "L2"))
    }
    claim = claim_of("primary", {"control_number": "C" * 38, **lines})
    mend = BY_ID["LIN09"].mends
    assert mend is not None
    after = mend(claim, facts_of(), Finding(edit_id="LIN09", severity=REJECT))
    assert after is not None
    numbers = [line.control_number for line in after.lines]
    assert len(set(numbers)) == 3 and all(len(number) <= 30 for number in numbers)


def test_a_finding_of_another_version_is_left() -> None:
    facts = facts_of()
    old = claim_of("primary", {"total_charge": "149.99"})
    finding = found(old, facts, "LIN01")
    assert apply(claim_of(), facts, finding) is None
    beyond = msgspec.structs.replace(found(claim_of("primary", MENDED[0][1]), facts, "PX26"), path="lines[7].modifiers")
    assert apply(claim_of("primary", MENDED[0][1]), facts, beyond) is None


def test_an_edit_that_could_not_run_is_nothing_to_mend() -> None:
    finding = Finding(edit_id="LIN01", severity=REJECT, could_not_run=True)
    assert not can_apply(finding) and apply(claim_of(), facts_of(), finding) is None
    assert not can_apply(Finding(edit_id="XX99", severity=REJECT))
    assert apply(claim_of(), facts_of(), Finding(edit_id="XX99", severity=REJECT)) is None


def test_differences_name_what_came_and_what_went() -> None:
    claim = claim_of("primary", {"facility": {"npi": "1", "last_name": "CLINIC"}, "prior_authorization": "A1"})
    other = msgspec.structs.replace(claim, facility=None, prior_authorization="", referral="R1")
    told = {change.path: (change.before, change.after) for change in differences(claim, other)}
    assert told["prior_authorization"] == ("A1", "") and told["referral"] == ("", "R1")
    assert told["facility"][1] == "" and "CLINIC" in told["facility"][0]
    assert list(differences(claim, claim)) == []
