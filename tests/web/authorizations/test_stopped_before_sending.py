"""The denials that practices see most are stopped before the claim goes out, in words that say what to do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.lib.practices import work_items
from tests.web.authorizations.conftest import a_visit, again, asking, on_file, open_findings, register


def scrubbed(version):
    from claimwright.web.submissions.services import scrub

    scrub(version_ids=[version.pk])
    return again(version)


def test_a_missing_authorization_stops_the_claim_and_says_what_is_on_file(inside):
    patient = register(inside)
    on_file(patient, "OLD1", through=date(2026, 8, 30))
    version = scrubbed(a_visit(inside))
    assert version.state == "EDIT_HOLD"
    words = open_findings(version)["AUT01"]
    for part in (
        "87880 needs a prior authorization of NORTHERN MUTUAL",
        "NMUT list 2026-07",
        "OLD1 ran out on 2026-08-30",
    ):
        assert part in words
    assert work_items() == [("edit_holds", "AUT01")]


def test_a_missing_referral_stops_the_claim(inside):
    version = scrubbed(a_visit(inside, cpt="99214", charge="210.00"))
    assert version.state == "EDIT_HOLD"
    words = open_findings(version)["AUT05"]
    assert "99214 needs a referral for this plan of NORTHERN MUTUAL" in words and "NMUT plan booklet" in words


def test_the_same_service_twice_stops_the_second(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.sending import submit_ready

    with tenant_scope(tenant):
        first = scrubbed(a_visit(clinic, cpt="99213", charge="150.00"))
        assert first.state == "READY"
    submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        second = scrubbed(a_visit(clinic, 2, cpt="99213", charge="150.00"))
        assert second.state == "EDIT_HOLD"
        assert first.control_number in open_findings(second)["DUP01"]


def test_a_claim_whose_payer_asks_for_nothing_goes(inside):
    assert scrubbed(a_visit(inside, cpt="99213", charge="150.00")).state == "READY"


def test_the_only_one_that_fits_goes_on_the_claim_by_itself(inside):
    on_file(register(inside), "A1")
    version = scrubbed(a_visit(inside))
    assert version.content["prior_authorization"] == "A1"
    assert version.state == "READY"


def test_of_two_that_fit_a_person_chooses(inside):
    from claimwright.web.submissions.authorizing import needed, put_on_claim, suggestions

    patient = register(inside)
    first, second = on_file(patient, "A1"), on_file(patient, "A2")
    on_file(patient, "A3", codes=[], units_approved=Decimal(0))
    version = scrubbed(a_visit(inside))
    assert version.state == "EDIT_HOLD" and "prior_authorization" not in version.content
    assert needed(version) == [(0, "authorization", "NMUT list 2026-07")]
    found = suggestions(version)
    assert [(one.number, one.fits, one.chosen) for one in found] == [
        ("A1", (0,), False),
        ("A2", (0,), False),
        ("A3", (), False),
    ]
    assert found[2].reasons == ("87880: it has 0 units left and 1 are billed",)
    put_on_claim(version=version, authorization=second, reason="the newer one")
    assert scrubbed(version).state == "READY"
    assert [one.chosen for one in suggestions(again(version))] == [False, True, False]
    assert first.entries.count() == 0 and second.entries.count() == 1


def test_another_patients_authorization_is_not_put_on_a_claim(inside):
    from claimwright.claims.nouns import Patient
    from claimwright.web.patients.services import save_patient
    from claimwright.web.submissions.authorizing import put_on_claim

    other = save_patient(
        practice=inside.practice,
        patient=Patient(last_name="ELSE", first_name="BO", birth_date=date(1970, 1, 1), record_number="M9"),
    )
    version = a_visit(inside)
    with pytest.raises(ValueError, match="another patient"):
        put_on_claim(version=version, authorization=on_file(other, "A7"), reason="x")


def test_a_number_from_the_interface_stays(inside):
    on_file(register(inside), "A1")
    version = a_visit(inside, auth="THEIRS1")
    assert version.content["prior_authorization"] == "THEIRS1"


def test_a_paper_payer_with_a_connection_is_held(tenant, clinic):
    import msgspec

    from claimwright.edits.payer_profile import PayerProfile
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    with tenant_scope(tenant):
        payer = Payer.objects.get(key="NMUT")
        profile = msgspec.convert(payer.profile, PayerProfile)
        payer.profile = msgspec.to_builtins(msgspec.structs.replace(profile, electronic=False))
        payer.save()
        version = scrubbed(a_visit(clinic, cpt="99213", charge="150.00"))
        assert "on paper only" in open_findings(version)["PAY02"]
        payer.connection = None
        payer.save()
        assert scrubbed(version).state == "READY"


def test_a_protected_patient_with_an_open_balance_holds_the_claim(tenant, clinic):
    from claimwright.ledger.accounts import receivable
    from claimwright.ledger.transfers import EntryType, Transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        version = a_visit(clinic, cpt="99213", charge="150.00")
        patient = version.claim.patient
        patient.flags = ["nsa"]
        patient.save()
        assert scrubbed(version).state == "READY"
        line = version.content["lines"][0]["control_number"]
        post_transfers(
            transfers=[
                Transfer(
                    debit=receivable(line, "PAT"), credit=receivable(line, "INS1"), amount=Decimal("20.00"),
                    entry_type=EntryType.XFER, key="t1", effective_date=date(2026, 9, 1),
                )
            ]
        )  # fmt: skip
        assert "NSA" in open_findings(scrubbed(version))["PAY12"]
        assert again(version).state == "EDIT_HOLD"


def test_the_facts_cost_the_same_number_of_queries_for_one_claim_and_for_many(
    tenant, clinic, django_assert_num_queries=None
):
    import msgspec
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.claims.nouns import Claim
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.on_file import OnFile

    with tenant_scope(tenant):
        asking(clinic)
        on_file(register(clinic), "A1")
        for number in range(1, 5):
            a_visit(clinic, number)
        versions = list(ClaimVersion.objects.select_related("claim__payer", "claim__patient"))

        def queries(chosen):
            with CaptureQueriesContext(connection) as caught:
                loaded = OnFile(chosen)
                for version in chosen:
                    assert loaded.facts(version, msgspec.convert(version.content, Claim))["authorizations"]
            return len(caught)

        assert queries(versions[:1]) == queries(versions) <= 8
