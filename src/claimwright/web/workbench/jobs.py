"""What the office does by itself: each job with its schedule, its runs, and a way to run it now or again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import (
    RefusedSchedule,
    change_schedule,
    next_slot,
    run_again,
    run_now,
    runs_of,
    schedules,
)
from claimwright.web.operations.job_table import BY_NAME, words_of
from claimwright.web.operations.models import JobRun
from claimwright.web.workbench.pages import action, back, page, show
from claimwright.web.workbench.policies import may

RUNS_SHOWN = 60


@page()
def jobs(request: HttpRequest) -> HttpResponse:
    """The jobs and their newest runs."""
    tenant, now = current_tenant(), timezone.now()
    rows = [
        {
            "schedule": row, "words": BY_NAME[row.job].words, "run": next(runs_of(job=row.job, limit=1), None),
            "next": next_slot(row.cron, tenant.time_zone, now) if row.enabled and not tenant.fixed_date else None,
        }
        for row in schedules()
    ]  # fmt: skip
    runs = [{"row": run, "words": words_of(run.job)} for run in runs_of(limit=RUNS_SHOWN)]
    return show(
        request,
        "workbench/jobs.html",
        {"rows": rows, "runs": runs, "may_change": may(request, "schedule_job")},
    )


@action(does="job.run")
def run_job(request: HttpRequest) -> HttpResponse:
    """Queue one now."""
    try:
        run_now(tenant=current_tenant(), job=request.POST.get("job", ""))
    except RefusedSchedule as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "It is queued; the worker takes it next.")
    return back(request, "jobs")


@action(does="job.again")
def run_job_again(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Queue a failed run once more."""
    run_again(run=get_object_or_404(JobRun, pk=run_id))
    messages.success(request, "It is queued again; the worker takes it next.")
    return back(request, "jobs")


@action(does="job.schedule")
def schedule_job(request: HttpRequest) -> HttpResponse:
    """Change when a job runs."""
    try:
        change_schedule(
            job=request.POST.get("job", ""), cron=request.POST.get("cron", ""), enabled="enabled" in request.POST
        )
    except RefusedSchedule as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "The schedule is changed; it counts from now.")
    return back(request, "jobs")
