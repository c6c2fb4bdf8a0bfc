"""When each job of an office runs, and every run of it: queued, running, done or failed, with what it counted."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel
from claimwright.web.operations.interface_models import Interface as Interface
from claimwright.web.operations.interface_models import InterfaceCharge as InterfaceCharge
from claimwright.web.operations.interface_models import InterfaceCode as InterfaceCode
from claimwright.web.operations.interface_models import InterfaceMessage as InterfaceMessage


class JobSchedule(TenantModel):
    """When one job of this tenant runs: five cron fields in the tenant's time zone. Slots before `since` never run."""

    job = models.CharField(max_length=40)
    cron = models.CharField(max_length=60)
    enabled = models.BooleanField(default=True)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "job"], name="job_schedule_once")]


class JobRun(TenantModel):
    """One run of one job for one slot of its schedule; run again after a failure it is the same row, one attempt more."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    job = models.CharField(max_length=40)
    slot = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.IntegerField(default=0)
    asked_by = models.CharField(max_length=150, blank=True)  # blank where the schedule asked
    about = models.JSONField(default=dict)  # of a job that is only asked for: ids of what it is to be done to
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "job", "slot"], name="job_run_once")]
        indexes = [models.Index(fields=["tenant", "job", "-slot"])]
