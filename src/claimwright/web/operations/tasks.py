"""What the queue's worker carries out: the minute's look at the clock, and the runs themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from claimwright.web.core.models import Tenant
from claimwright.web.operations.job_runs import ATTEMPTS, carry_out_run, queue_due
from claimwright.web.operations.job_table import JobFailed

OFFICE = "office"


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
    """Runs whose worker died are queued again: their worker's heart has stopped."""
    manager = context.app.job_manager  # type: ignore[attr-defined]
    cut_off = [job for job in await manager.get_stalled_jobs() if job.task_name.endswith("carry_out")]
    for job in cut_off:
        await manager.retry_job(job)
    return len(cut_off)


def work(*, at_once: int = 1, until_stopped: bool = True, clock: bool = True) -> None:
    """Run what is queued in this process: until stopped, or until nothing is left. Without `clock` only runs are taken."""
    with app.replace_connector(app.connector.get_worker_connector()):  # type: ignore[attr-defined]
        app.run_worker(
            queues=None if clock else [OFFICE], wait=until_stopped, concurrency=at_once, listen_notify=until_stopped,
            install_signal_handlers=until_stopped,
        )  # fmt: skip
