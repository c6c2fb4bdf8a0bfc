"""A claim followed from its file to the payer's last word: 276 through the outbox, the sandbox's 277 through the inbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.core_door import PASSWORD, USERNAME, sandbox_door
from tests.lib.practices import work_items
from tests.web.followup.conftest import START, Office, plan


def version() -> Any:
    from claimwright.web.submissions.models import ClaimVersion

    return ClaimVersion.objects.select_related("claim__payer__connection", "claim__practice").get()


def row() -> tuple[str, str, Any, bool]:
    from claimwright.web.followup.models import Following

    return Following.objects.values_list("state", "step", "due_on", "listed").get()


def test_a_claim_is_asked_about_when_the_norm_has_passed_and_followed_to_its_remittance(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.models import StatusAnswer, StatusInquiry

    office.follow()
    with tenant_scope(office.tenant):
        assert row() == ("SENT", "file_acknowledgement", START + timedelta(days=1), False)
    office.passes(4)
    report = office.follow()
    assert (report.asked, report.stuck, report.listed) == (0, 0, {})
    with tenant_scope(office.tenant):
        assert row() == ("PAYER_ACCEPTED", "payer_answer", START + timedelta(days=14), False)
    office.passes(10)
    report = office.follow()
    assert (report.asked, report.files, report.listed) == (1, 1, {})
    again = office.follow()
    assert (again.asked, again.files, again.listed) == (0, 0, {}), "the same day asks nothing twice"
    with tenant_scope(office.tenant):
        inquiry = StatusInquiry.objects.get()
        assert (inquiry.state, inquiry.by_hand) == ("sent", False)
        assert [one for one in check(bytes(inquiry.file.content)) if one.severity is Severity.REJECT] == []
    received = office.passes(1)
    assert (received.quarantined, received.orphans, received.claims_moved) == (0, 0, 1)
    office.follow()
    with tenant_scope(office.tenant):
        answer = StatusAnswer.objects.get()
        assert (answer.answer, answer.content["codes"]) == ("pending", ["P1:20"])
        raw = bytes(answer.part.file.content)[answer.part.byte_start : answer.part.byte_end]
        assert inquiry.trace.encode() in raw
        assert version().state == "PENDED"
        assert row() == ("PENDED", "payer_answer", office.day + timedelta(days=7), False), "asked again in a week"
        assert work_items() == []


def test_what_the_payer_decided_and_never_sent_is_missing_after_ten_days(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.asking import ask_status, prepare_status_batches
    from claimwright.web.followup.models import StatusAnswer

    office.lost = ("835",)
    office.passes(4)
    office.passes(32)  # past the payer's floor: it paid, and the remittance is lost
    with tenant_scope(office.tenant):
        ask_status(version=version())
        prepare_status_batches()
    office.passes(1)
    with tenant_scope(office.tenant):
        answer = StatusAnswer.objects.get()
        found = answer.content
        assert (answer.answer, found["codes"]) == ("paid", ["F1:65"])
        assert answer.paid and found["payment_trace"] == answer.payment_trace != ""
        paid_on = found["payment_on"]
    report = office.follow()
    assert report.listed == {}
    with tenant_scope(office.tenant):
        state, step, due, _ = row()
        assert (state, step, due.isoformat()) == ("PAYER_ACCEPTED", "remittance", _days_after(paid_on, 11))
    office.passes(10)
    assert office.follow().listed == {"remittance": 1}
    with tenant_scope(office.tenant):
        assert work_items() == [("missing_remittances", "NO_REMITTANCE")]


def _days_after(day: str, days: int) -> str:
    from datetime import date

    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def test_answers_that_never_come_are_listed_by_the_norm_and_leave_when_it_moves_on(office: Office):
    from claimwright.web.core.tenancy import tenant_scope

    office.lost = ("TA1", "999", "277CA")
    office.passes(1)
    assert office.follow().listed == {"file_acknowledgement": 1}
    with tenant_scope(office.tenant):
        assert work_items() == [("no_file_acknowledgement", "ACK_MISSING")]
    office.passes(14)
    assert office.follow().asked == 0, "a claim whose file may be lost is not asked about by itself"


def test_a_payer_that_does_not_find_it_or_is_down(office: Office):
    from decimal import Decimal

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.models import StatusAnswer

    office.passes(4)
    office.passes(10)
    office.follow()
    office.passes(1, not_found_share=Decimal(1))
    assert office.follow().listed == {"not_on_file": 1}
    with tenant_scope(office.tenant):
        assert StatusAnswer.objects.get().answer == "not_found"
        assert version().state == "PAYER_ACCEPTED"
        assert work_items() == [("claims_not_on_file", "NOT_ON_FILE")]


def test_a_crossover_that_nobody_answers_goes_out_from_here_after_thirty_days(database: str, tmp_path: Any):
    import shutil
    from datetime import date
    from pathlib import Path

    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.scenario import run_scenario
    from claimwright.web.operations.status_inquiries import follow_claims
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

    stories = Path(__file__).parents[2] / "scenarios"
    for name in ("practice.yml", "era/s01-medicare.835"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(stories / name, tmp_path / name)
    whole = (stories / "s01_crossover.yml").read_text()
    (tmp_path / "story.yml").write_text(whole.partition("  - title: nothing goes to the supplement")[0])
    assert run_scenario(tmp_path / "story.yml").passed
    (tenant,) = Tenant.objects.all()
    for day, failed, state in ((date(2026, 9, 15), 0, "AWAIT_CROSSOVER"), (date(2026, 9, 16), 1, "READY")):
        Tenant.objects.filter(pk=tenant.pk).update(fixed_date=day)
        with tenant_scope(Tenant.objects.get(pk=tenant.pk)):
            report = follow_claims()
            assert (report.crossovers_failed, report.stuck) == (failed, 0)
            later = ClaimVersion.objects.get(control_number="C000000201")
            assert later.state == state
    with tenant_scope(tenant):
        assert "crossover_failed" in ClaimEvent.objects.filter(version=later).values_list("trigger", flat=True)
        assert later.content["prior_payments"], "it says what the payer before decided"
        assert [one for one in work_items() if one[0] == "missing_crossover"] == []


def test_a_question_nobody_answers_is_given_up_listed_and_asked_again_in_a_week(office: Office):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.models import StatusInquiry

    office.passes(4)
    office.passes(10)
    assert office.follow().asked == 1
    office.lost = ("277_", "999", "TA1")
    listed = []
    for _ in range(8):
        office.passes()
        report = office.follow()
        listed.append(report.listed.get("payer_answer", 0))
    assert listed == [0, 0, 1, 1, 1, 1, 1, 1], "once a person has it, it stays"
    with tenant_scope(office.tenant):
        assert sorted(StatusInquiry.objects.values_list("state", flat=True)) == ["refused", "sent"]
        assert work_items() == [("no_payer_answer", "NO_DECISION")]


def test_a_payer_that_answers_in_real_time_is_asked_about_a_claim_at_once(office: Office):
    """The same question over HTTP: the 277 is on the claim before the person looks again; asked anew it is answered anew."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.exchange.services import create_connection
    from claimwright.web.followup.asking import ask_status, freeze_question
    from claimwright.web.followup.models import StatusAnswer
    from claimwright.web.operations.real_time import ask_about_claim

    office.passes(4)
    with sandbox_door(office.root, plan()) as address:
        with tenant_scope(office.tenant):
            way = create_connection(
                name="Payer at once", kind="mime", address=address, username=USERNAME, secret=PASSWORD, batches=False,
                sender_id="LAKESIDE01", receiver_id="NORTHERN",
            )  # fmt: skip
            save_payer_check(payer=office.payer, real_time_connection=way)
            asked = ask_status(version=version())
        row = ask_about_claim(tenant=office.tenant, inquiry_id=asked.pk)
        with tenant_scope(office.tenant):
            answer = StatusAnswer.objects.get()
            assert (row.state, answer.answer, row.file.in_real_time) == ("answered", "pending", True)
            assert freeze_question(inquiry=row) is None, "an answered question is not asked again"
            asked = ask_status(version=version())
            assert asked.pk != row.pk
    silent = ask_about_claim(tenant=office.tenant, inquiry_id=asked.pk)  # the door is shut
    with tenant_scope(office.tenant):
        assert silent.state == "refused" and StatusAnswer.objects.count() == 1
        assert ask_status(version=version()).pk != silent.pk, "a silence stands in nobody's way"
