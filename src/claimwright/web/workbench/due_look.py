"""What a run of statements would do, as a page shows it: worked out once when a person asks and kept for what follows.

It is kept with the person's session, for that person sees what others may not, as ids and amounts, and is worked out anew
once money has moved, a statement run was made, or ten minutes have gone. A large office's is worked out by a job.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

import msgspec
from django.conf import settings
from django.http import HttpRequest

from claimwright.web.core.tenancy import current_practices, current_tenant
from claimwright.web.operations import due_look
from claimwright.web.operations.due_look import DueLook, HeldAccount
from claimwright.web.operations.job_runs import ask
from claimwright.web.operations.models import JobRun
from claimwright.web.patients.models import Patient

KEPT_SECONDS = 600
NAME = "due_look"  # of the session: where the look is kept


def is_large() -> bool:
    """Whether a job works it out, and a job issues: in a large office, for whoever works for all of it. What a person
    limited to some practices may see and issue is theirs alone."""
    return not current_practices() and due_look.last_row() > due_look.LARGE


def look_at_due(request: HttpRequest, *, anew: bool = False) -> DueLook | None:
    """What was worked out for this person, or `anew` and where that holds no more, what is so now.

    In a large office what its job found last, None where it found nothing yet; `anew` asks for the job.
    """
    if is_large():
        if anew:
            ask(tenant=current_tenant(), job=due_look.JOB, about={})
        return due_look.office_look()
    store = import_module(settings.SESSION_ENGINE).SessionStore(request.session.get(NAME))
    kept = None if anew else store.get(NAME)
    if kept and kept["stamp"] == due_look.stamp_of(due_look.last_row()):
        return msgspec.convert(kept, DueLook)
    look = due_look.work_out()
    store[NAME] = msgspec.to_builtins(look)
    store.set_expiry(KEPT_SECONDS)
    store.save()
    request.session[NAME] = store.session_key
    return look


def is_being_worked_out() -> bool:
    under_way = (JobRun.State.QUEUED, JobRun.State.RUNNING)
    return JobRun.objects.filter(job=due_look.JOB, state__in=under_way).exists()


def forget_look(request: HttpRequest) -> None:
    request.session.pop(NAME, None)


def with_patients(rows: Iterable[HeldAccount]) -> None:
    several = list(rows)
    named = {str(one.pk): one for one in Patient.objects.filter(pk__in=[row.patient_id for row in several])}
    for row in several:
        row.patient = named.get(row.patient_id)
