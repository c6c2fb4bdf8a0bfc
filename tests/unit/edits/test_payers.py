"""The example payers: their own rules fire through the profile alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from claimwright.claims.nouns import Claim
from claimwright.codes.dates import medicare_filing_deadline
from claimwright.codes.identifiers import Mbi
from claimwright.edits.engine import run
from claimwright.edits.filing import filing_deadline
from claimwright.edits.payer_profile import CodeRange, PayerProfile
from claimwright.edits.payers.commercial import COMMERCIAL
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.edits.tables import FILING_INDICATORS
from tests.edits.cases import claim_of, facts_of

MEDICARE_CLAIM = {"coverage.member_id": "1EG4TE5MK73", "coverage.payer.filing_indicator": "MB"}


def found(profile: PayerProfile, claim: Claim, **facts: Any) -> set[str]:
    given = {"enrolments": [{"payer_id": profile.payer_id, "status": "approved"}], **facts}
    base = facts_of(given)
    return {f.edit_id for f in run(claim, type(base)(**{**_fields(base), "payer": profile}))}


def _fields(facts: Any) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__struct_fields__}


def test_a_clean_medicare_claim_passes() -> None:
    assert found(MEDICARE_B, claim_of("primary", MEDICARE_CLAIM)) == set()


@pytest.mark.parametrize(
    ("changes", "edit_id"),
    [
        ({"coverage.member_id": "1SG4TE5MK73"}, "SUB01"),
        ({"coverage.payer.filing_indicator": "MA"}, "SUB08"),
        ({"coverage.relationship": "01"}, "SUB07"),
        ({"frequency": "7"}, "PAY04"),
        ({"rendering.is_organization": True}, "PRV02"),
        ({"patient_paid": "10.00"}, "COB15"),
        ({"lines[0].procedure_code": "98941"}, "DAT09"),
        ({"lines[0].procedure_code": "11720", "lines[0].modifiers": ["Q8"]}, "DAT09"),
        ({"lines[0].procedure_code": "G0127", "lines[0].modifiers": ["Q7"]}, "DAT09"),
    ],
)
def test_what_medicare_forbids_is_found(changes: dict[str, Any], edit_id: str) -> None:
    assert edit_id in found(MEDICARE_B, claim_of("primary", MEDICARE_CLAIM | changes))


def test_painful_nails_without_a_systemic_disease_need_no_day_of_another_doctor() -> None:
    assert "DAT09" not in found(MEDICARE_B, claim_of("primary", MEDICARE_CLAIM | {"lines[0].procedure_code": "11720"}))


def test_medicares_limit_is_the_one_of_the_law() -> None:
    for day in (date(2024, 2, 29), date(2026, 8, 31), date(2025, 12, 31)):
        claim = claim_of("primary", {"lines[0].date_from": day})
        facts = facts_of()
        changed = {**_fields(facts), "payer": MEDICARE_B, "today": date(2026, 12, 31)}
        limit = filing_deadline(claim, type(facts)(**changed))
        assert limit == medicare_filing_deadline(day)


def test_medicares_pattern_agrees_with_the_identifier_type() -> None:
    for text in ("1EG4TE5MK73", "1EG4TE5MK7", "0EG4TE5MK73", "1SG4TE5MK73", "1EG4-TE5-MK73", "1EG4TE5MKB3", ""):
        assert MEDICARE_B.accepts_member_id(text) == Mbi(text).is_valid


def test_profiles_use_values_of_the_guide() -> None:
    for profile in (MEDICARE_B, MEDICAID, COMMERCIAL):
        assert set(profile.filing_indicators) <= FILING_INDICATORS
        assert profile.sources and profile.timely_filing is not None
        for rule in profile.date_rules:
            assert rule.field in Claim.__struct_fields__ and rule.source


def test_a_secondary_limit_runs_from_the_primarys_latest_decision() -> None:
    facts = facts_of()
    claim = claim_of("secondary", {"lines[1].adjudications[0].adjudication_date": date(2026, 9, 6)})
    assert filing_deadline(claim, facts) == date(2026, 12, 5)


def test_no_rule_and_nothing_to_run_from_give_no_deadline() -> None:
    assert filing_deadline(claim_of("primary", {"lines": []}), facts_of()) is None
    assert filing_deadline(claim_of(), facts_of({"payer": None})) is None
    assert filing_deadline(claim_of("primary", {"lines[0].date_from": date(9999, 12, 31)}), facts_of()) is None


def test_code_ranges_hold_their_ends_and_nothing_of_another_length() -> None:
    codes = CodeRange(first="98940", last="98942", modifiers=("AT",))
    assert codes.holds("98940", ("AT",)) and codes.holds("98942", ("25", "AT"))
    assert not codes.holds("98943", ("AT",)) and not codes.holds("98940") and not codes.holds("9894", ("AT",))
    assert CodeRange(first="A0425").holds("A0425") and not CodeRange(first="A0425").holds("A0426")
