"""The office itself: jobs and their runs, and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Out
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.core.models import AuditEvent
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import change_schedule, run_again, run_now, schedules
from claimwright.web.operations.models import JobRun


class JobOut(Out):
    job: str
    cron: str
    enabled: bool


class ScheduleJob(In):
    cron: str = Field(max_length=60, description="Minute, hour, day, month, weekday: 0 20 * * 1-5")
    enabled: bool = True


class JobRunOut(Out):
    id: UUID
    job: str
    slot: datetime
    state: str
    attempts: int
    asked_by: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    counts: dict[str, Any]
    problem: str


class AuditOut(Out):
    sequence: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    detail: str
    hash: str


@operation("GET", "/jobs", permission="jobs.read", answers=list[JobOut], whole_office=True)
def list_jobs(request: HttpRequest) -> Any:
    """The jobs of the office and when they run, in the tenant's time zone."""
    return [{"job": one.job, "cron": one.cron, "enabled": one.enabled} for one in schedules()]


@operation("GET", "/jobs/runs", permission="jobs.read", answers=paged(JobRunOut), whole_office=True)
def list_job_runs(request: HttpRequest, job: str = "", state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Runs, the newest first."""
    chosen = {name: value for name, value in {"job": job, "state": state}.items() if value}
    return page_of(JobRun.objects.filter(**chosen), cursor=cursor, limit=limit, by="slot")


@operation("GET", "/jobs/runs/{uuid:jobrun_id}", permission="jobs.read", answers=JobRunOut, whole_office=True)
def read_job_run(request: HttpRequest, jobrun_id: UUID) -> Any:
    """One run and what it counted."""
    return find(JobRun, jobrun_id)


@operation("POST", "/jobs/{slug:job}/schedule", permission="jobs.schedule", answers=JobOut, whole_office=True)
def schedule_a_job(request: HttpRequest, job: str, payload: ScheduleJob) -> Any:
    """Change when a job runs, in the tenant's time zone; it counts from now."""
    return change_schedule(job=job, cron=payload.cron, enabled=payload.enabled)


@operation("POST", "/jobs/{slug:job}/run", permission="jobs.run", answers=JobRunOut, status=202, whole_office=True)
def run_job_now(request: HttpRequest, job: str) -> Any:
    """Queue a run of a job now."""
    return run_now(tenant=current_tenant(), job=job)


@operation(
    "POST", "/jobs/runs/{uuid:jobrun_id}/again", permission="jobs.run", answers=JobRunOut, status=202, whole_office=True
)
def run_job_run_again(request: HttpRequest, jobrun_id: UUID) -> Any:
    """Queue a failed run once more."""
    run = find(JobRun, jobrun_id)
    run_again(run=run)
    run.refresh_from_db()
    return run


@operation("GET", "/audit", permission="audit.read", answers=paged(AuditOut), whole_office=True, reads=True)
def list_audit(
    request: HttpRequest, actor: str = "", action: str = "", subject_id: str = "", since: datetime | None = None,
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Who did or read what, the newest first. Ids only."""
    chosen = {"actor": actor, "action": action, "subject_id": subject_id, "at__gte": since}
    rows = AuditEvent.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="sequence")
