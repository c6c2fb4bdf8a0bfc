"""What is left before the first claim: each lack is told once, where it is put right, and whether claims stay in."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from claimwright.billing.first_claim import (
    PayerStanding,
    RegisteredStanding,
    Standing,
    WayStanding,
    named,
    what_is_left,
)
from claimwright.claims.nouns import Address
from claimwright.edits.records import RegistryEntry
from tests.lib.builders import a_billing_provider

PAYER = PayerStanding(id="p1", name="Carrier", way="w1", has_filing_limit=True)
ASKING = msgspec.structs.replace(PAYER, id="p2", name="Medicare", requires_enrolment=True, requires_taxonomy=True)
WAY = WayStanding(id="w1", name="Clearinghouse")
PROVIDER = a_billing_provider(
    npi="1000000004", tax_id="391234567", taxonomy="207Q00000X", contact_name="Office", phone="6085550142",
    address=Address(line1="4 Long Street", city="Madison", state="WI", postal_code="537031234"),
)  # fmt: skip
COMPLETE = Standing(
    provider=PROVIDER, numbers=frozenset(("NPI", "EI")), locations=1, renders=("Ann Reed",), payers=(PAYER,), ways=(WAY,),
    prices=1,
)  # fmt: skip


def left(**changes) -> dict[str, bool]:
    """Keys of what is left, with whether claims stay in; provider fields by `of_`."""
    provider = {name[3:]: value for name, value in changes.items() if name.startswith("of_")}
    rest = {name: value for name, value in changes.items() if not name.startswith("of_")}
    standing = msgspec.structs.replace(COMPLETE, provider=msgspec.structs.replace(PROVIDER, **provider), **rest)
    needs = what_is_left(standing)
    assert all(need.says and need.fix and need.page for need in needs) and len({need.key for need in needs}) == len(
        needs
    )
    return {need.key: need.stops for need in needs}


def one_payer(**changes) -> dict[str, bool]:
    return left(payers=(msgspec.structs.replace(PAYER, **changes),))


def one_way(**changes) -> dict[str, bool]:
    return left(ways=(msgspec.structs.replace(WAY, **changes),))


def test_nothing_is_left_of_a_complete_practice():
    assert left() == {}


@pytest.mark.parametrize(
    ("told", "due"),
    [
        (lambda: left(of_npi="1000000005"), {"npi": True}),
        (lambda: left(numbers=frozenset(("EI",))), {"npi": True}),
        (lambda: left(numbers=frozenset(("NPI", "CLIA"))), {"tax_id": True}),
        (lambda: left(of_address=Address(line1="PO Box 7", city="Madison", state="WI", postal_code="53703")),
         {"address": True, "zip": True}),
        (lambda: left(of_taxonomy=""), {"taxonomy": False}),
        (lambda: one_payer(requires_taxonomy=True), {}),
        (lambda: left(of_taxonomy="", payers=(msgspec.structs.replace(PAYER, requires_taxonomy=True),)), {"taxonomy": True}),
        (lambda: left(of_phone=""), {"contact": False}),
        (lambda: left(renders=(), locations=0), {"providers": True, "locations": False}),
        (lambda: left(renders=(), shared=3), {"providers": False}),
        (lambda: left(without_taxonomy=("Ann Reed",)), {"provider_taxonomy": False}),
        (lambda: left(unseen_by=2), {"people": False}),
        (lambda: left(payers=()), {"payers": True}),
        (lambda: left(ways=()), {"connections": True}),
        (lambda: one_payer(way=""), {"ways": True}),
        (lambda: left(payers=(PAYER, msgspec.structs.replace(PAYER, id="p3", way=""))), {"ways": False}),
        (lambda: one_payer(has_filing_limit=False, has_contract=False), {"filing_limits": False, "contracts": False}),
        (lambda: one_way(active=False, tried=False), {"connection": True}),
        (lambda: one_way(proves_server=False), {"connection": True}),
        (lambda: one_way(says_who=False), {"connection": True}),
        (lambda: one_way(tried=False), {"connection": False}),
        (lambda: one_way(production=False), {"connection": False}),
        (lambda: left(ways=(WAY, msgspec.structs.replace(WAY, id="w2", active=False))), {}),  # nobody is billed over it
        (lambda: one_payer(requires_enrolment=True), {"enrolment_none": True}),
        (lambda: one_payer(requires_enrolment=True, claims="submitted", asked_for=True),
         {"enrolment_submitted": True, "enrolment_835": False}),
        (lambda: one_payer(claims="termed", remittances="approved", asked_for=True), {"enrolment_termed": False}),
        (lambda: one_payer(requires_enrolment=True, claims="approved", remittances="approved", asked_for=True), {}),
        (lambda: one_payer(requires_enrolment=True, way=""), {"ways": True}),  # paper asks for none: BIL08
        (lambda: left(uncovered=("ICD-10-CM",), unlisted=("CPT",)), {"code_sets": True, "code_lists": False}),
        (lambda: left(prices=0, lacks_terms=True), {"prices": False, "terms": False}),
    ],
)  # fmt: skip
def test_each_lack_is_told_and_whether_claims_stay_in(told, due):
    assert told() == due


@pytest.mark.parametrize(
    ("entry", "says", "stops"),
    [
        ({"entity_type": "1"}, "NPI of a person", True),
        ({"deactivated_on": date(2026, 1, 1)}, "deactivated", True),
        ({"deactivated_on": date(2026, 1, 1), "reactivated_on": date(2026, 2, 1)}, "", False),
        ({"excluded_on": date(2020, 1, 1)}, "excluded", True),
        ({"entity_type": "2", "taxonomy": "208D00000X", "other_taxonomies": ("207Q00000X",)}, "", False),
        ({"entity_type": "2", "taxonomy": "208D00000X"}, "does not list", False),
    ],
)  # fmt: skip
def test_what_the_lists_of_providers_say_of_the_npi_is_told(entry, says, stops):
    known = RegisteredStanding(provider=PROVIDER, entry=RegistryEntry(npi=PROVIDER.npi, **entry))
    needs = what_is_left(msgspec.structs.replace(COMPLETE, registered=(known,), today=date(2026, 9, 30)))
    assert [(says in need.says, need.stops, need.page) for need in needs] == (
        [(True, stops, "practice")] if says else []
    )


def test_only_enrolled_payers_count_where_there_are_any():
    unasked = msgspec.structs.replace(ASKING, has_filing_limit=False)
    enrolled = msgspec.structs.replace(PAYER, asked_for=True, claims="approved", remittances="approved")
    assert left(payers=(enrolled, unasked)) == {}
    assert left(payers=(PAYER, unasked)) == {"enrolment_none": True, "filing_limits": False}


def test_what_stops_claims_comes_first_and_long_lists_are_counted():
    needs = what_is_left(msgspec.structs.replace(COMPLETE, locations=0, renders=(), prices=0))
    assert [need.stops for need in needs] == [True, False, False]
    assert named(["A", "B", "C"]) == "A, B, C" and named(["A", "B", "C", "D", "E"]) == "A, B, C and 2 more"
