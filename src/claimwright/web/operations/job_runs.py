"""Runs of the jobs: what is due is queued once, carried out once at a time, and seen whatever became of it."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from croniter import croniter
from django.utils import timezone

from claimwright.web.core import logs
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import (
    acting_as,
    actor,
    audit_together,
    raise_work_item,
    record_audit,
    resolve_work_items,
)
from claimwright.web.core.tenancy import every_practice, tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.operations.job_table import ASKED, BY_NAME, JOBS, JobFailed, words_of
from claimwright.web.operations.models import JobRun, JobSchedule

ATTEMPTS = 3  # of the queue, each later than the one before; then a person looks


class RefusedSchedule(ValueError):
    """What was asked for is no schedule, or no job; the text says what would be."""


def latest_slot(cron: str, time_zone: str, at: datetime) -> datetime:
    """The last moment at or before `at` that the schedule names, in UTC. A clock set back repeats no slot."""
    local = at.astimezone(ZoneInfo(time_zone))
    # croniter steps over wall time; the half minute makes the minute of `at` itself count.
    wall = local.replace(tzinfo=None, second=30, microsecond=0)
    found: datetime = croniter(cron, wall).get_prev(datetime)
    return found.replace(tzinfo=local.tzinfo).astimezone(UTC)


def next_slot(cron: str, time_zone: str, after: datetime) -> datetime:
    """The first moment after `after` that the schedule names, in UTC."""
    local = after.astimezone(ZoneInfo(time_zone))
    found: datetime = croniter(cron, local.replace(tzinfo=None)).get_next(datetime)
    return found.replace(tzinfo=local.tzinfo).astimezone(UTC)


def schedules() -> list[JobSchedule]:
    """The schedule of every job of the open tenant, made from the table where there is none yet."""
    known = {row.job: row for row in JobSchedule.objects.all()}
    missing = [JobSchedule(job=job.name, cron=job.cron, since=timezone.now()) for job in JOBS if job.name not in known]
    if missing:
        JobSchedule.objects.bulk_create(missing, ignore_conflicts=True)
        known = {row.job: row for row in JobSchedule.objects.all()}
    return [known[job.name] for job in JOBS]


def change_schedule(*, job: str, cron: str, enabled: bool) -> JobSchedule:
    """Raises RefusedSchedule where the job or the cron fields are not known."""
    if job not in BY_NAME:
        raise RefusedSchedule(f"no job {job}; there are: {', '.join(BY_NAME)}")
    fields = " ".join(cron.split())
    if len(fields.split()) != 5 or not croniter.is_valid(fields):
        raise RefusedSchedule(
            "a schedule has five fields: minute, hour, day, month, weekday, as in 0 20 * * 1-5 for 20:00 on weekdays"
        )
    row = next(one for one in schedules() if one.job == job)
    row.cron, row.enabled, row.since = fields, enabled, timezone.now()
    row.save()
    record_audit(action="job.schedule", subject_type="job", subject_id=job, detail=f"{fields} enabled={enabled}")
    return row


def queue_due(*, at: datetime) -> int:
    """Queue every job of every tenant whose slot has come and was not queued; says how many.

    A worker that was away finds the newest slot only: what it missed in between is one run, not many. A tenant that
    stands on a fixed date (a demonstration, a rehearsal) has no schedule: its days are moved by hand.
    """
    queued = 0
    for tenant in Tenant.objects.filter(fixed_date__isnull=True).order_by("slug"):
        with tenant_scope(tenant):
            for schedule in schedules():
                if not schedule.enabled:
                    continue
                slot = latest_slot(schedule.cron, tenant.time_zone, at)
                if slot > schedule.since:
                    queued += _queue(tenant, schedule.job, slot, "")
    return queued


def run_now(*, tenant: Tenant, job: str) -> JobRun:
    """Queue a run outside the schedule, in the caller's transaction. Raises RefusedSchedule for a job nobody knows."""
    if job not in BY_NAME:
        raise RefusedSchedule(f"no job {job}; there are: {', '.join(BY_NAME)}")
    slot = timezone.now()
    _queue(tenant, job, slot, actor())
    record_audit(action="job.run", subject_type="job", subject_id=job)
    return JobRun.objects.get(job=job, slot=slot)


def ask(*, tenant: Tenant, job: str, about: Mapping[str, object]) -> JobRun:
    """Queue a job that has no schedule, about what the ids name, in the caller's transaction: the worker takes it at once.

    A run of the same that still waits is given back: asking twice is asking once. Raises RefusedSchedule for a job
    nobody knows.
    """
    if job not in ASKED:
        raise RefusedSchedule(f"no such job is asked for: {job}; there are: {', '.join(ASKED)}")
    with every_practice():  # runs are the office's; a person limited to some practices asks about what is hers
        waiting = JobRun.objects.filter(job=job, about=dict(about), state=JobRun.State.QUEUED).first()
        if waiting is not None:
            return waiting
        now = timezone.now()
        run = JobRun.objects.create(job=job, slot=now, asked_by=actor(), queued_at=now, about=dict(about))
        record_audit(action=f"job.{job}", subject_type="job_run", subject_id=run.pk)
        _defer(tenant.pk, job, run.pk)
    return run


def run_again(*, run: JobRun) -> None:
    """Queue a failed run once more: the same row, one attempt more. A run that is not failed is left as it is."""
    changed = JobRun.objects.filter(pk=run.pk, state=JobRun.State.FAILED).update(
        state=JobRun.State.QUEUED, queued_at=timezone.now(), asked_by=actor()
    )
    if changed:
        record_audit(action="job.again", subject_type="job_run", subject_id=run.pk)
        _defer(run.tenant_id, run.job, run.pk)


def _queue(tenant: Tenant, job: str, slot: datetime, asked_by: str) -> int:
    if JobRun.objects.filter(job=job, slot=slot).exists():
        return 0
    made = JobRun.objects.bulk_create(
        [JobRun(job=job, slot=slot, asked_by=asked_by, queued_at=timezone.now())], ignore_conflicts=True
    )
    run = JobRun.objects.filter(pk=made[0].pk).first()
    if run is None:  # another worker was first
        return 0
    _defer(tenant.pk, job, run.pk)
    return 1


def _defer(tenant_id: UUID, job: str, run_id: UUID) -> None:
    from claimwright.web.operations.tasks import carry_out

    held = ASKED[job].beside if job in ASKED else job
    # One job's runs in their order, one at a time; other jobs do not wait for one that failed. In the caller's
    # transaction: no run without its entry in the queue, no entry without its run.
    carry_out.configure(lock=f"{tenant_id}:{held}").defer(tenant_id=str(tenant_id), run_id=str(run_id))


def carry_out_run(*, tenant: Tenant, run_id: UUID) -> None:
    """Run it, unless it is done. A run that was cut off is simply run again: every job is safe to repeat.

    Raises what the job raised, after it was noted without any value of a patient.
    """
    with tenant_scope(tenant):
        run = JobRun.objects.select_for_update().get(pk=run_id)
        if run.state == JobRun.State.DONE:
            return
        run.state, run.attempts, run.started_at, run.ended_at = (
            JobRun.State.RUNNING,
            run.attempts + 1,
            timezone.now(),
            None,
        )
        run.save()
    start = time.perf_counter()
    try:
        with acting_as(run.asked_by or f"job {run.job}"), audit_together():
            asked = ASKED.get(run.job)
            counts = dict(asked.run(tenant, run.about) if asked is not None else BY_NAME[run.job].run(tenant))
    except Exception as fault:
        _log(run, JobRun.State.FAILED, start, fault)
        _note_failure(tenant, run, fault)
        raise
    _log(run, JobRun.State.DONE, start)
    with tenant_scope(tenant), acting_as(f"job {run.job}"):
        JobRun.objects.filter(pk=run_id).update(
            state=JobRun.State.DONE, ended_at=timezone.now(), counts=counts, problem=""
        )
        resolve_work_items(keys=[_work_key(run)], resolution="the job ran through")


def _log(run: JobRun, state: str, start: float, fault: Exception | None = None) -> None:
    """One line a run; of a fault only its kind and place."""
    logs.say(
        logs.jobs, "job", logging.WARNING if fault else logging.INFO, job=run.job, state=str(state),
        ms=round((time.perf_counter() - start) * 1000), attempt=run.attempts, run_id=str(run.pk),
        tenant_id=str(run.tenant_id), **({"fault": _place_of(fault)} if fault else {}),
    )  # fmt: skip


def _note_failure(tenant: Tenant, run: JobRun, fault: Exception) -> None:
    problem = str(fault) if isinstance(fault, JobFailed) else _place_of(fault)
    with tenant_scope(tenant), acting_as(f"job {run.job}"):
        JobRun.objects.filter(pk=run.pk).update(
            state=JobRun.State.FAILED, ended_at=timezone.now(), problem=problem[:2000]
        )
        if run.attempts >= ATTEMPTS or isinstance(fault, JobFailed):
            raise_work_item(
                worklist=Worklist.FAILED_JOBS, key=_work_key(run), reason_code="JOB_FAILED",
                reason=f"{words_of(run.job)}: {problem}"[:500],
                what_to_do="Look at the run on the page of jobs; when the cause is gone, run it again",
                subject_type="job_run", subject_id=run.pk, reopen=True,
            )  # fmt: skip


def _work_key(run: JobRun) -> str:
    """One item a job of the table; one a run of what was asked for: the next run is about something else."""
    return f"job:{run.job}:{run.pk}" if run.job in ASKED else f"job:{run.job}"


def _place_of(fault: Exception) -> str:
    """The kind of error and where it arose. Never its text: that may hold what a patient told us."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if "claimwright" in frame.filename] or list(frames)
    last = ours[-1] if ours else None
    return f"{type(fault).__name__} in {Path(last.filename).name}:{last.lineno}" if last else type(fault).__name__


def runs_of(*, job: str = "", limit: int = 100) -> Iterator[JobRun]:
    """The newest runs first."""
    rows = JobRun.objects.order_by("-slot")
    return iter((rows.filter(job=job) if job else rows)[:limit])
