"""Referrals and authorizations: what a payer asks for, what fits, and the words a biller reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.edits.authorizations import Service, misfits
from claimwright.edits.engine import run
from claimwright.edits.families.aut import EDITS
from claimwright.edits.payer_profile import CodeRange, PayerProfile
from claimwright.edits.payers.blue import BLUE
from claimwright.edits.payers.commercial_hmo import COMMERCIAL_HMO, PRIMARY_CARE
from claimwright.edits.payers.medicaid import MEDICAID
from claimwright.edits.payers.medicare_b import MEDICARE_B
from claimwright.edits.records import Authorization
from tests.edits.cases import claim_of, facts_of

MRI = {"lines[0].procedure_code": "72148"}


def said(profile: PayerProfile, changes: dict[str, Any], *held: Authorization) -> dict[str, str]:
    facts = msgspec.structs.replace(facts_of(), payer=profile, authorizations=held)
    return {one.edit_id: one.message for one in run(claim_of("primary", changes), facts, EDITS)}


def test_the_words_name_code_payer_rule_and_what_is_on_file() -> None:
    held = (
        Authorization(number="A1", codes=(CodeRange(first="72141", last="72158"),), end=date(2026, 8, 1)),
        Authorization(number="A2", codes=(CodeRange(first="70551"),)),
        Authorization(number="A3", codes=(CodeRange(first="72148"),), units_left=Decimal("0.000")),
    )
    words = said(BLUE, MRI, *held)["AUT01"]
    for part in (
        "72148 needs a prior authorization of Blue plan", "CT, MR and nuclear imaging",
        "A1 ran out on 2026-07-31, before the service of 2026-08-31", "A2 is for 70551, not 72148",
        "A3 has 0 units left and 1 are billed",
    ):  # fmt: skip
        assert part in words
    assert "none is on file" in said(BLUE, MRI)["AUT01"]
    fits = Authorization(number="A9", codes=(CodeRange(first="72148"),))
    assert "on file: A9 fits" in said(BLUE, MRI, *held, fits)["AUT01"]


def test_a_specialist_of_an_hmo_needs_a_referral_and_primary_care_does_not() -> None:
    member = {"coverage.payer.filing_indicator": "HM", "rendering.taxonomy": "207RC0000X"}
    assert "99213 needs a referral for this plan of Commercial HMO" in said(COMMERCIAL_HMO, member)["AUT05"]
    assert said(COMMERCIAL_HMO, member | {"referral": "R12345"}) == {}
    for taxonomy in PRIMARY_CARE[:3]:
        assert said(COMMERCIAL_HMO, member | {"rendering.taxonomy": taxonomy}) == {}
    assert said(COMMERCIAL_HMO, member | {"coverage.payer.filing_indicator": "CI"}) == {}


@pytest.mark.parametrize("profile", [BLUE, COMMERCIAL_HMO, MEDICAID, MEDICARE_B])
def test_every_rule_of_the_example_payers_has_its_source(profile: PayerProfile) -> None:
    assert all(rule.source for rule in profile.authorization_rules)
    assert profile.sources


def test_part_b_asks_for_no_authorization() -> None:
    assert said(MEDICARE_B, MRI) == {}


def test_an_inpatient_stay_is_asked_by_its_type_of_bill() -> None:
    bill = {
        "kind": "I",
        "institutional": {"facility_type": "11"},
        "lines[0].procedure_code": "",
        "lines[0].revenue_code": "0120",
    }
    assert "0120 needs a prior authorization" in said(BLUE, bill)["AUT01"]
    assert said(BLUE, bill | {"institutional": {"facility_type": "13"}}) == {}


SERVICE = Service(
    code="72148", on=date(2026, 8, 31), through=date(2026, 8, 31), providers=("1234567893", "1000000004"), place="11",
    diagnoses=("M5450",), units=Decimal(2),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, []),
        ({"codes": (CodeRange(first="72148"),), "places": ("11", "22"), "diagnoses": ("M54",)}, []),
        ({"provider_npis": ("1000000004",)}, []),
        ({"start": date(2026, 8, 31), "end": date(2026, 9, 1)}, []),
        ({"status": "partial", "units_left": Decimal(2), "visits_left": 1}, []),
        ({"status": "expired", "end": date(2026, 9, 1)}, []),
        ({"status": "expired"}, ["dates"]),
        ({"status": "denied"}, ["status"]),
        ({"status": "retro_requested"}, ["pending"]),
        ({"end": date(2026, 8, 31)}, ["dates"]),
        ({"start": date(2026, 9, 1)}, ["dates"]),
        ({"codes": (CodeRange(first="72148", modifiers=("26",)),)}, ["code"]),
        (
            {"provider_npis": ("1999999984",), "places": ("22",), "diagnoses": ("G89",)},
            ["provider", "place", "diagnosis"],
        ),
        ({"units_left": Decimal("1.999")}, ["units"]),
        ({"visits_left": 0}, ["units"]),
    ],
)
def test_what_does_not_fit(changes: dict[str, Any], kinds: list[str]) -> None:
    found = misfits(Authorization(number="A1", **changes), SERVICE)
    assert [one.kind for one in found] == kinds and all(one.words for one in found)


def test_unknown_provider_and_place_are_not_compared() -> None:
    bare = Service(code="72148")
    record = Authorization(
        number="A1", provider_npis=("1999999984",), places=("22",), diagnoses=("G89",), end=date(2020, 1, 1)
    )
    assert misfits(record, bare) == ()


def test_of_two_that_fit_none_is_linked_unasked() -> None:
    from claimwright.edits.apply import apply

    rules = {"payer.authorization_rules": [{"codes": [{"first": "99213"}]}]}
    held = {"authorizations": [{"number": "A1"}, {"number": "A2"}]}
    claim, facts = claim_of("primary"), facts_of(rules | held)
    (finding,) = run(claim, facts, EDITS)
    assert apply(claim, facts, finding) is None
