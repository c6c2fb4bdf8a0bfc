"""What a person asks for and a worker does at once: the claims chosen go out, the others wait for their batch."""

from __future__ import annotations

import pytest

from tests.lib.practices import states, take_in, visits


def test_chosen_claims_go_at_once_and_alone(tenant, clinic):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.job_runs import RefusedSchedule, ask, carry_out_run
    from claimwright.web.operations.job_table import JobFailed
    from claimwright.web.operations.models import JobRun
    from claimwright.web.practice.models import Payer
    from claimwright.web.submissions.models import ClaimEvent, ClaimVersion
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant), acting_as("anna"):
        take_in(clinic, *visits(3))
        scrub()
        first, second, _ = ClaimVersion.objects.order_by("control_number")
        about = {"versions": [str(first.pk)]}
        run = ask(tenant=tenant, job="send_claims", about=about)
        assert ask(tenant=tenant, job="send_claims", about=about).pk == run.pk  # asking twice is asking once
        with pytest.raises(RefusedSchedule):
            ask(tenant=tenant, job="submit", about={})
    carry_out_run(tenant=tenant, run_id=run.pk)
    carry_out_run(tenant=tenant, run_id=run.pk)  # a worker that was cut off runs it again
    with tenant_scope(tenant):
        assert states() == {"SENT": 1, "READY": 2}
        first.refresh_from_db()
        assert first.submissions.count() == 1 and first.first_sent == tenant.fixed_date
        assert ClaimEvent.objects.get(version=first, to_state="SENT").actor == "anna"  # who asked
        run.refresh_from_db()
        assert (run.state, run.counts) == ("done", {"claims sent": 1, "not sent": 0})
        Payer.objects.update(connection=None)
        lost = ask(tenant=tenant, job="send_claims", about={"versions": [str(second.pk)]})
    with pytest.raises(JobFailed, match="no connection"):
        carry_out_run(tenant=tenant, run_id=lost.pk)
    with tenant_scope(tenant):
        assert JobRun.objects.get(pk=lost.pk).state == "failed" and states() == {"SENT": 1, "READY": 2}
        assert WorkItem.objects.filter(worklist="failed_jobs", subject_id=str(lost.pk), state="open").count() == 1


def test_a_file_that_may_not_have_arrived_goes_again_by_the_worker(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import OutboxFile
    from claimwright.web.operations.job_runs import ask, carry_out_run
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.sending import submit_ready
    from claimwright.web.submissions.services import scrub

    with tenant_scope(tenant):
        take_in(clinic, *visits(1))
        scrub()
    (file,) = submit_ready(tenant=tenant, send=False)
    with tenant_scope(tenant):
        OutboxFile.objects.filter(pk=file.pk).update(state="ambiguous", renaming=True)
        run = ask(tenant=tenant, job="send_file_again", about={"file": str(file.pk), "reason": "they have nothing"})
    carry_out_run(tenant=tenant, run_id=run.pk)
    with tenant_scope(tenant):
        assert (OutboxFile.objects.get().state, ClaimVersion.objects.get().state) == ("sent", "SENT")
    assert (clinic.outgoing / file.name).read_bytes() == bytes(file.content)
