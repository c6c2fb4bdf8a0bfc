"""Units through the life of a claim: reserved, used, given back; once however often; and never below zero by two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import uuid4

import msgspec
import pytest

from tests.lib import world
from tests.lib.practices import work_items
from tests.web.authorizations.conftest import a_visit, again, asking, on_file, open_findings, register, taken

NOTHING, RESERVED, USED = (0, 0), (1, 0), (0, 1)


def scrubbed(version):
    from claimwright.web.submissions.services import scrub

    scrub(version_ids=[version.pk])
    return again(version)


def step(version, *triggers):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.services import move

    for trigger in triggers:
        move(version=version, trigger=Trigger(trigger))
    return again(version)


@pytest.fixture
def ready(inside):
    """(authorization, version): the claim stands READY and has its unit."""
    held = on_file(register(inside))
    version = scrubbed(a_visit(inside))
    assert version.state == "READY" and taken(held) == RESERVED
    return held, version


def test_ready_reserves_sending_uses_and_rejection_gives_back(ready):
    held, version = ready
    step(version, "batch")
    assert taken(held) == RESERVED
    step(version, "send_confirmed")
    assert taken(held) == USED
    step(version, "file_accept", "ch_accept")
    assert taken(held) == USED
    step(version, "payer_reject")
    assert taken(held) == NOTHING
    assert list(held.entries.order_by("ordinal").values_list("movement", "cause")) == [
        ("reserve", "ready"), ("use", "sent"), ("return", "payer_rejected"),
    ]  # fmt: skip


def test_a_rejected_file_keeps_the_unit_for_the_next_one(ready):
    held, version = ready
    step(version, "batch", "send_confirmed", "file_reject")
    assert taken(held) == RESERVED
    step(version, "fixed")
    assert taken(held) == RESERVED


@pytest.mark.parametrize("trigger", ["edited", "finding", "cancel"])
def test_what_leaves_ready_unsent_gives_back(ready, trigger):
    held, version = ready
    step(version, trigger)
    assert taken(held) == NOTHING


def test_a_hold_keeps_the_place(ready):
    from claimwright.web.submissions.services import hold, release

    held, version = ready
    hold(version=version, reason="waits")
    assert taken(held) == RESERVED
    release(version=again(version), reason="came")
    assert taken(held) == RESERVED and held.entries.count() == 1


def test_a_void_gives_back(ready):
    held, version = ready
    step(version, "batch", "send_confirmed", "remittance")
    assert taken(held) == USED
    step(version, "void_sent")
    assert taken(held) == USED
    step(version, "void_confirmed")
    assert taken(held) == NOTHING


def test_settling_again_writes_nothing(ready):
    from claimwright.web.submissions.authorizing import settle_claims

    held, version = ready
    step(version, "batch", "send_confirmed")
    before = held.entries.count()
    for _ in range(3):
        assert settle_claims(claim_ids=[version.claim_id]) == []
    assert held.entries.count() == before


def test_a_denied_line_gives_its_unit_back_and_an_overturned_one_takes_it_again(ready):
    from claimwright.web.submissions.authorizing import settle_claims, settle_decided

    held, version = ready
    step(version, "batch", "send_confirmed", "remittance")
    line = version.content["lines"][0]["control_number"]
    settle_decided({version.pk: frozenset({line})})
    assert taken(held) == NOTHING
    settle_claims(claim_ids=[version.claim_id])
    assert taken(held) == NOTHING, "the ledger remembers that it was denied"
    settle_decided({version.pk: frozenset()})
    assert taken(held) == USED
    settle_claims(claim_ids=[version.claim_id])
    assert taken(held) == USED
    assert [one.cause for one in held.entries.order_by("ordinal")][2:] == ["denied", "paid"]


def test_a_replacement_uses_what_the_original_used_once(ready):
    from claimwright.web.submissions.versions import replace_claim

    held, version = ready
    step(version, "batch", "send_confirmed", "remittance")
    version.payer_claim_number = "ICN1"
    version.save()
    second = replace_claim(version=again(version), reason="a modifier")
    scrubbed(second)
    step(
        again(second),
        *(["batch", "send_confirmed"] if again(second).state == "READY" else ["passed", "batch", "send_confirmed"]),
    )
    assert taken(held) == USED
    step(version, "replacement_adjudicated")
    assert taken(held) == USED


def test_a_denial_in_a_remittance_gives_back_through_posting(tenant, clinic):
    """A raw 835 with CO-197 through the inbox; then the reversal and the paid correction."""
    from claimwright.claims.nouns import Adjustment
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post
    from claimwright.web.operations.receive import receive
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from tests.faults.office import payment

    with tenant_scope(tenant):
        asking(clinic)
        Payer.objects.filter(key="NMUT").update(aliases=[world.PAYER_TRACE_ID])
        held = on_file(register(clinic))
        version = scrubbed(a_visit(clinic, dos_from="2026-09-01"))
    submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        assert taken(held) == USED
        version = ClaimVersion.objects.select_related("claim__patient", "claim__encounter").get(pk=version.pk)
    charge = Decimal("40.00")
    nothing = payment(version, paid="0.00", patient="0.00")
    denied = msgspec.structs.replace(
        nothing,
        lines=(
            msgspec.structs.replace(
                nothing.lines[0], adjustments=(Adjustment(group="CO", reason="197", amount=charge),)
            ),
        ),
    )

    def deliver(number, *claims):
        file = world.as_file([world.remittance(list(claims), trace=f"T{number}")], control_number=number)
        (clinic.incoming / f"{number}.835").write_bytes(file)
        receive(tenant=tenant)
        post(tenant=tenant)

    corrected = payment(version, paid="30.00", patient="5.00")
    deliver(1, denied)
    with tenant_scope(tenant):
        assert again(version).outcome == "DENIED"
        assert taken(held) == NOTHING
    back = msgspec.structs.replace(
        denied, status="22", charge=-charge, patient_responsibility=None,
        lines=(
            msgspec.structs.replace(
                denied.lines[0], charge=-charge, adjustments=(Adjustment(group="CO", reason="197", amount=-charge),)
            ),
        ),
    )  # fmt: skip
    deliver(2, back, corrected)
    with tenant_scope(tenant):
        assert again(version).outcome == "PAID"
        assert taken(held) == USED


def test_the_last_unit_goes_to_one_claim_of_a_run(inside):
    from claimwright.web.submissions.services import scrub

    held = on_file(register(inside), units_approved=Decimal(1))
    first = a_visit(inside)
    second = a_visit(inside, 2, dos_from="2026-09-02", auth="A1")
    scrub()
    states = [again(one).state for one in (first, second)]
    assert states == ["READY", "EDIT_HOLD"]
    assert "A1 has 0 units left and 1 are billed" in open_findings(second)["AUT03"]
    assert taken(held) == RESERVED


def test_the_last_unit_goes_to_one_of_two_runs_at_once(tenant, clinic):
    from django.db import connections

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        asking(clinic)
        held = on_file(register(clinic), units_approved=Decimal(1))
        versions = [a_visit(clinic, n, dos_from=f"2026-09-0{n}", auth="A1") for n in (1, 2, 3)]

    def run(version):
        try:
            with tenant_scope(tenant):
                scrub(version_ids=[version.pk])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, versions))
    with tenant_scope(tenant):
        assert sorted(again(one).state for one in versions) == ["EDIT_HOLD", "EDIT_HOLD", "READY"]
        assert taken(held) == RESERVED
        assert all("AUT03" in open_findings(one) for one in versions if one.state == "EDIT_HOLD")


def test_two_settlements_at_once_write_one_entry(tenant, clinic):
    from django.db import connections

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.authorizing import settle_claims
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(tenant):
        asking(clinic)
        held = on_file(register(clinic))
        version = a_visit(clinic)
        scrubbed(version)
        held.refresh_from_db()
        ClaimVersion.objects.filter(pk=version.pk).update(state="BATCHED")
        ClaimVersion.objects.filter(pk=version.pk).update(state="SENT")
        assert taken(held) == RESERVED

    def settle(_):
        try:
            with tenant_scope(tenant):
                settle_claims(claim_ids=[version.claim_id])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(settle, range(4)))
    with tenant_scope(tenant):
        assert taken(held) == USED and held.entries.count() == 2


def test_a_claim_that_went_without_cover_takes_nothing_and_is_listed(inside):
    held = on_file(register(inside), units_approved=Decimal(1))
    first = scrubbed(a_visit(inside))
    second = a_visit(inside, 2, dos_from="2026-09-02", auth="A1")
    step(first, "batch", "send_confirmed")
    step(second, "passed", "batch", "send_confirmed")
    assert taken(held) == USED
    assert work_items(worklist="authorization_problems") == [("authorization_problems", "AUTHORIZATION")]
    from claimwright.web.authorizations.services import change_authorization
    from claimwright.web.submissions.authorizing import settle_claims

    change_authorization(authorization=held, changes={"units_approved": Decimal(2)}, note="by phone")
    settle_claims(claim_ids=[second.claim_id])
    assert taken(held) == (0, 2) and work_items(worklist="authorization_problems") == []


# Scheduling ----------------------------------------------------------------------------------------------------------


def test_a_scheduled_visit_keeps_its_unit_and_its_claim_takes_it_over(inside):
    from claimwright.web.authorizations.services import AuthorizationRefused, reserve_for_visit

    held = on_file(register(inside), units_approved=Decimal(1), visits_approved=1)
    version = a_visit(inside)
    encounter = version.claim.encounter_id
    for _ in range(2):
        reserve_for_visit(authorization=held, encounter_id=encounter, units=Decimal(1))
    assert taken(held) == RESERVED and held.entries.count() == 2, "a unit and a visit"
    with pytest.raises(AuthorizationRefused, match="0 left"):
        reserve_for_visit(authorization=held, encounter_id=uuid4(), units=Decimal(1))
    assert scrubbed(version).state == "READY"
    assert taken(held) == RESERVED
    from claimwright.web.authorizations.selectors import standings

    assert standings(authorization_ids=[held.pk])[held.pk].visits.reserved == 1
    subjects = set(held.entries.filter(movement="reserve").values_list("subject", flat=True))
    assert f"encounter:{encounter}" in subjects and version.content["lines"][0]["control_number"] in subjects


def test_a_cancelled_visit_gives_back(inside):
    from claimwright.web.authorizations.services import release_visit, reserve_for_visit

    held, visit = on_file(register(inside)), uuid4()
    reserve_for_visit(authorization=held, encounter_id=visit, units=Decimal(2))
    assert taken(held) == (2, 0)
    assert (release_visit(encounter_id=visit), release_visit(encounter_id=visit)) == (1, 0)
    assert taken(held) == NOTHING


def test_more_than_is_left_needs_a_supervisor_with_a_reason(inside):
    from claimwright.web.authorizations.services import AuthorizationRefused, reserve_for_visit

    held, visit = on_file(register(inside)), uuid4()
    with pytest.raises(AuthorizationRefused, match="2 left"):
        reserve_for_visit(authorization=held, encounter_id=visit, units=Decimal(3))
    with pytest.raises(AuthorizationRefused, match="supervisor"):
        reserve_for_visit(authorization=held, encounter_id=visit, units=Decimal(3), override_reason="payer agreed")
    (entry,) = reserve_for_visit(
        authorization=held, encounter_id=visit, units=Decimal(3), override_reason="payer agreed", supervisor=True
    )
    assert entry.override_reason == "payer agreed" and taken(held) == (3, 0)


def test_visits_are_counted_by_day(inside):
    from claimwright.web.authorizations.selectors import standings

    held = on_file(register(inside), units_approved=None, visits_approved=1, codes=[])
    version = scrubbed(a_visit(inside))
    assert version.state == "READY"
    assert standings(authorization_ids=[held.pk])[held.pk].visits.reserved == 1
    second = scrubbed(a_visit(inside, 2, dos_from="2026-09-02", auth="A1"))
    assert "0 visits left" in open_findings(second)["AUT03"]


def test_entries_are_only_ever_added(ready):
    from django.db import Error, transaction

    held, _ = ready
    with pytest.raises(Error), transaction.atomic():
        held.entries.update(quantity=Decimal(9))
    with pytest.raises(Error), transaction.atomic():
        held.entries.all().delete()


def test_the_worked_table_of_the_page(inside):
    """docs/how-it-works/authorizations.md, step by step."""
    from claimwright.web.submissions.authorizing import settle_decided

    held = on_file(register(inside))
    first = scrubbed(a_visit(inside))
    assert taken(held) == (1, 0)
    step(first, "batch", "send_confirmed")
    assert taken(held) == (0, 1)
    second = scrubbed(a_visit(inside, 2, dos_from="2026-09-02", auth="A1"))
    assert (second.state, taken(held)) == ("READY", (1, 1))
    third = scrubbed(a_visit(inside, 3, dos_from="2026-09-03", auth="A1"))
    assert "A1 has 0 units left and 1 are billed" in open_findings(third)["AUT03"]
    step(first, "remittance")
    line = first.content["lines"][0]["control_number"]
    settle_decided({first.pk: frozenset({line})})
    assert taken(held) == (1, 0)
    assert scrubbed(third).state == "READY" and taken(held) == (2, 0)
    settle_decided({first.pk: frozenset()})
    assert taken(held) == (2, 0)
    assert work_items(worklist="authorization_problems") == [("authorization_problems", "AUTHORIZATION")]
