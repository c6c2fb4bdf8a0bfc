"""What the queue's worker carries out: the minute's look at the clock, the runs themselves, and at night the forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.operations.job_runs import ATTEMPTS, carry_out_run, queue_due
from claimwright.web.operations.job_table import JobFailed
from claimwright.web.operations.models import JobRun

OFFICE = "office"
RUNS_KEPT = timedelta(days=90)  # a quarter can be looked back on; one that failed is kept for good
ENTRIES_KEPT_HOURS = 30 * 24  # of the queue, that failed: the runs say the same, and are kept longer


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="look_at_the_clock", pass_context=False)
def look_at_the_clock(timestamp: int) -> int:
    """Queue what has come due by this minute."""
    return queue_due(at=datetime.fromtimestamp(timestamp, UTC))


@app.task(
    queue="office", retry=RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=30, retry_exceptions=[Exception])
)
def carry_out(tenant_id: str, run_id: str) -> None:
    """One run. What a job itself calls failed is for a person; any other fault is tried again first."""
    try:
        carry_out_run(tenant=Tenant.objects.get(pk=tenant_id), run_id=UUID(run_id))
    except JobFailed:
        return  # noted on the run and on the worklist


@app.periodic(cron="*/2 * * * *")
@app.task(queueing_lock="take_up_what_was_cut_off", pass_context=True)
async def take_up_what_was_cut_off(context: object, timestamp: int) -> int:
    """Runs whose worker died are queued again: their worker's heart has stopped. Says how many.

    What comes by itself each minute is ended instead: its next entry waits already, behind the lock of this one.
    """
    manager = context.app.job_manager  # type: ignore[attr-defined]
    taken_up = 0
    for job in await manager.get_stalled_jobs():
        if job.task_name.endswith("carry_out"):
            await manager.retry_job(job)
            taken_up += 1
        else:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)
    return taken_up


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="forget_old_entries", pass_context=True)
async def forget_old_entries(context: object, timestamp: int) -> None:
    """Entries of the queue that ended long ago; the worker itself takes out those that ran through."""
    await context.app.job_manager.delete_old_jobs(  # type: ignore[attr-defined]
        nb_hours=ENTRIES_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="43 3 * * *")
@app.task(queueing_lock="forget_old_runs", pass_context=False)
def forget_old_runs(timestamp: int) -> int:
    """Runs that ran through long ago, but for the newest of each job: a slot without its run would be run again."""
    forgotten = 0
    for tenant in Tenant.objects.order_by("slug"):
        with tenant_scope(tenant):
            done = JobRun.objects.filter(state=JobRun.State.DONE)
            newest = done.order_by("job", "-slot").distinct("job").values_list("pk", flat=True)
            old = done.filter(ended_at__lt=timezone.now() - RUNS_KEPT)
            forgotten += old.exclude(pk__in=list(newest)).delete()[0]
    return forgotten


def work(*, at_once: int = 1, until_stopped: bool = True, clock: bool = True) -> None:
    """Run what is queued in this process: until stopped, or until nothing is left. Without `clock` only runs are taken."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(
            queues=None if clock else [OFFICE], wait=until_stopped, concurrency=at_once, listen_notify=until_stopped,
            install_signal_handlers=until_stopped, delete_jobs="successful",
        )  # fmt: skip
