"""Claims: edits hold them, people let them go, files take them out, corrections become new versions."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from tests.lib import pyx12_oracle
from tests.lib.killing import KILLED, run_and_die
from tests.lib.practices import states, superbill_row, take_in, visits, work_items


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def only():
    from claimwright.web.submissions.models import ClaimVersion

    return ClaimVersion.objects.select_related("claim").get()


def noun(version):
    from claimwright.claims.nouns import Claim

    return msgspec.convert(version.content, Claim)


def triggers(version):
    return list(version.events.order_by("ordinal").values_list("trigger", "to_state"))


def test_a_finding_holds_a_claim_and_running_again_changes_nothing(inside):
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.services import scrub

    take_in(inside, superbill_row(zip="53703", member_id="1", dob="2027-01-01"))
    report = scrub()
    assert (report.claims, report.held, report.ready) == (1, 1, 0)
    version = only()
    assert (version.state, version.edit_held) == ("EDIT_HOLD", True)
    assert [worklist for worklist, _ in work_items()] == ["edit_holds"]
    findings = list(EditFinding.objects.values_list("edit_id", "path", "open"))
    events = triggers(version)
    scrub()
    assert list(EditFinding.objects.values_list("edit_id", "path", "open")) == findings
    assert triggers(only()) == events == [("charges_locked", "DRAFT"), ("finding", "EDIT_HOLD")]


def test_a_revised_claim_passes_and_its_item_closes(inside):
    from claimwright.web.submissions.services import ContentRefused, revise_unsent, scrub

    take_in(inside, superbill_row(dob="2027-01-01"))
    scrub()
    version = only()
    content = noun(version)
    born = date(1980, 5, 17)
    right = msgspec.structs.replace(
        content,
        patient=msgspec.structs.replace(content.patient, birth_date=born),
        coverage=msgspec.structs.replace(
            content.coverage, subscriber=msgspec.structs.replace(content.coverage.subscriber, birth_date=born)
        ),
    )
    with pytest.raises(ContentRefused):
        revise_unsent(version=version, content=msgspec.structs.replace(right, lines=()), reason="x")
    revise_unsent(version=version, content=right, reason="birth date from the card")
    scrub()
    assert (only().state, only().touched, work_items()) == ("READY", True, [])


def test_holds_are_overridden_with_reason_and_role_and_rejections_never(inside):
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.scrubbing import OverrideRefused
    from claimwright.web.submissions.services import override_finding, scrub

    take_in(inside, superbill_row())
    scrub()
    version = only()
    version.state = "EDIT_HOLD"
    version.save()
    made = {"version": version, "path": "lines[0]", "message": "m", "found_on": date(2026, 9, 30)}
    held = EditFinding.objects.create(edit_id="DUP01", severity="H", **made)
    rejected = EditFinding.objects.create(edit_id="DX02", severity="R", **made)
    for reason, role in (("", "manager"), ("meant", "")):
        with pytest.raises(OverrideRefused):
            override_finding(finding=held, reason=reason, role=role)
    with pytest.raises(OverrideRefused, match="put right"):
        override_finding(finding=rejected, reason="no", role="owner")
    override_finding(finding=held, reason="a second visit that day", role="manager")
    assert EditFinding.objects.get(pk=held.pk).overridden_by == "system (manager)"
    assert (only().state, only().touched) == ("READY", True)


def test_the_database_refuses_a_step_that_the_table_does_not_have(tenant, clinic):
    from django.db import Error

    from claimwright.billing.lifecycle import State
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import AllowedTransition, ClaimVersion
    from claimwright.web.submissions.transitions import allowed_transitions

    with tenant_scope(tenant):
        take_in(clinic, superbill_row())
    allowed = set(allowed_transitions())
    assert set(AllowedTransition.objects.values_list("from_state", "to_state")) == allowed
    for state in State:
        if state not in (State.NONE, State.DRAFT) and ("DRAFT", state.value) not in allowed:
            with pytest.raises(Error, match="no claim goes"), tenant_scope(tenant):
                ClaimVersion.objects.update(state=state.value)
    with pytest.raises(Error), tenant_scope(tenant):
        AllowedTransition.objects.create(from_state="DRAFT", to_state="ADJUDICATED")
    with tenant_scope(tenant):
        assert states() == {"DRAFT": 1}


def test_a_hold_returns_to_where_it_was_and_a_wrong_step_is_refused(inside):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.services import StepRefused, hold, move, release, scrub

    take_in(inside, superbill_row())
    scrub()
    hold(version=only(), reason="waits for a referral", until=date(2026, 10, 15))
    assert (only().state, only().held_from, only().hold_until) == ("ON_HOLD", "READY", date(2026, 10, 15))
    assert scrub().claims == 0
    release(version=only(), reason="it came")
    assert (only().state, only().held_from, only().hold_until) == ("READY", "", None)
    with pytest.raises(StepRefused):
        move(version=only(), trigger=Trigger.REVERSAL)
    assert only().state == "READY"


def test_ready_claims_go_in_one_file_that_an_independent_reader_accepts(tenant, other_tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion, Submission
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(5))
        scrub()
    (file,) = submit_ready(tenant=tenant)
    assert submit_ready(tenant=tenant) == []
    content = (clinic.outgoing / file.name).read_bytes()
    assert content == bytes(file.content)
    assert pyx12_oracle.check(content) == []
    with tenant_scope(tenant):
        assert states() == {"SENT": 5}
        assert set(ClaimVersion.objects.values_list("first_sent", "last_sent")) == {(tenant.fixed_date,) * 2}
        assert Submission.objects.count() == 5
        assert len(set(ClaimVersion.objects.values_list("control_number", flat=True))) == 5
    assert submit_ready(tenant=other_tenant) == []


def test_files_keep_their_limit(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.sending import claims_by_file, submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(5))
        scrub()
    files = submit_ready(tenant=tenant, claims_per_file=2)
    with tenant_scope(tenant):
        assert [len(claims_by_file([file.pk])[file.pk]) for file in files] == [2, 2, 1]
        assert states() == {"SENT": 5}


def test_a_profile_that_is_not_complete_keeps_the_file_back(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    clinic.connection.submitter_phone = ""
    with tenant_scope(tenant):
        clinic.connection.save()
        take_in(clinic, *visits(2))
        scrub()
    assert submit_ready(tenant=tenant) == []
    with tenant_scope(tenant):
        assert states() == {"READY": 2}
        assert not OutboxFile.objects.exists()
        assert [worklist for worklist, _ in work_items()] == ["file_edits"]


def test_a_claim_that_cannot_be_written_does_not_stop_the_others(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(3))
        scrub()
        bad = ClaimVersion.objects.order_by("control_number")[1]
        bad.content["patient"]["last_name"] = bad.content["coverage"]["subscriber"]["last_name"] = "\u674e"
        bad.save()
    (file,) = submit_ready(tenant=tenant)
    assert file.state == "sent"
    with tenant_scope(tenant):
        assert states() == {"SENT": 2, "EDIT_HOLD": 1}
        assert [worklist for worklist, _ in work_items()] == ["edit_holds"]


@pytest.mark.parametrize(
    "point", ["exchange.after_prepare", "submissions.after_batch", "exchange.after_upload", "exchange.after_sent",
              "submissions.before_confirm"],
)  # fmt: skip
def test_a_kill_while_submitting_sends_every_claim_once(tenant, clinic, point):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.submissions.models import Submission
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(3))
        scrub()
    code = (
        "from claimwright.web.core.models import Tenant\n"
        "from claimwright.web.submissions.sending import submit_ready\n"
        f"submit_ready(tenant=Tenant.objects.get(pk='{tenant.pk}'))\n"
    )
    assert run_and_die(code, fail_at=point) == KILLED
    submit_ready(tenant=tenant)
    submit_ready(tenant=tenant)
    with tenant_scope(tenant):
        assert states() == {"SENT": 3}
        assert [file.state for file in OutboxFile.objects.all()] == ["sent"]
        assert Submission.objects.count() == 3
    assert len(list(clinic.outgoing.iterdir())) == 1


def test_a_batch_that_never_left_can_be_cancelled(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.services import OutboxRefused
    from claimwright.web.submissions.sending import cancel_batch, submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(2))
        scrub()
    (first,) = submit_ready(tenant=tenant, send=False)
    with tenant_scope(tenant):
        assert states() == {"BATCHED": 2}
        assert cancel_batch(file=first, reason="wrong test flag") == 2
        assert states() == {"READY": 2}
    (second,) = submit_ready(tenant=tenant)
    assert [path.name for path in clinic.outgoing.iterdir()] == [second.name]
    with pytest.raises(OutboxRefused), tenant_scope(tenant):
        cancel_batch(file=second, reason="too late")


def test_a_rejected_claim_is_corrected_as_a_new_version(inside):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import StepRefused, move, scrub
    from claimwright.web.submissions.versions import correct

    take_in(inside, superbill_row())
    scrub()
    with pytest.raises(StepRefused):
        correct(version=only(), reason="not sent yet", remarks=())
    for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED, Trigger.CH_REJECT):
        move(version=only(), trigger=trigger)
    old = only()
    assert (old.state, old.rejected) == ("CH_REJECTED", True)
    new = correct(version=old, reason="member id from the card", remarks=())
    assert (new.number, new.frequency, new.state) == (2, "1", "DRAFT")
    assert new.control_number != old.control_number
    assert new.content["control_number"] == new.control_number
    assert ClaimVersion.objects.get(pk=old.pk).content == old.content
    with pytest.raises(StepRefused, match="later version"):
        correct(version=old, reason="again", remarks=())
    assert scrub().ready == 1


def test_what_the_payer_decided_is_replaced_under_its_number_or_as_its_remark_says(inside):
    from claimwright.billing.claim_versions import VersionRefused
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import move, scrub
    from claimwright.web.submissions.versions import correct

    take_in(inside, superbill_row(), superbill_row(external_id="V2", payer="MEDB", member_id="1EG4TE5MK73", mrn="M2"))
    scrub()
    versions = {}
    for version in ClaimVersion.objects.select_related("claim__payer"):
        for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED, Trigger.REMITTANCE):
            move(version=version, trigger=trigger)
        version.payer_claim_number = "PCN1"
        version.save()
        versions[version.claim.payer.key] = version
    made = correct(version=versions["NMUT"], reason="a code was wrong", remarks=("N290",))
    assert (made.frequency, noun(made).payer_claim_number) == ("7", "PCN1")
    with pytest.raises(VersionRefused, match="reopening"):  # Medicare takes no replacement (PAY04)
        correct(version=versions["MEDB"], reason="a code was wrong", remarks=())
    made = correct(version=versions["MEDB"], reason="a code was wrong", remarks=("N290", "MA130"))
    assert (made.frequency, noun(made).payer_claim_number) == ("1", "")


def test_what_was_reversed_goes_again_as_a_first_claim(inside):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.services import move, scrub
    from claimwright.web.submissions.versions import correct

    take_in(inside, superbill_row())
    scrub()
    for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED, Trigger.REMITTANCE, Trigger.REVERSAL):
        move(version=only(), trigger=trigger)
    assert only().state == "REVERSED"
    made = correct(version=only(), reason="billed again", remarks=())
    assert (made.frequency, made.number, noun(made).payer_claim_number) == ("1", 2, "")


def test_the_same_services_again_are_held_as_a_duplicate(inside):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.submissions.models import EditFinding
    from claimwright.web.submissions.services import move, scrub

    take_in(inside, superbill_row())
    scrub()
    for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED):
        move(version=only(), trigger=trigger)
    take_in(inside, superbill_row(external_id="V2"), name="again.csv")
    assert scrub().held == 1
    assert set(EditFinding.objects.values_list("edit_id", flat=True)) >= {"DUP01"}
