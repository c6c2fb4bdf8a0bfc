"""What the queue's worker does, each minute: sends events to programs; each hour: forgets answers that are old."""

from __future__ import annotations

import time
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from claimwright.web.api.delivering import deliver_due
from claimwright.web.api.door import say_fault
from claimwright.web.api.models import KeptAnswer
from claimwright.web.core.models import SentForm, Tenant
from claimwright.web.core.tenancy import tenant_scope

RUN_SECONDS = (
    20.0  # nothing is begun after this: the next minute's run takes what is left; a worker can stop in between
)
KEPT = timedelta(days=3)  # a repeat is safe for as long; promised are 24 hours


# One at a time: what has no answer keeps one of a worker's places, never all of them.
@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_webhooks", lock="deliver_webhooks", pass_context=False)
def deliver_webhooks(timestamp: int) -> int:
    """Send what is due, for every tenant that some program listens to; says how many were taken.

    Each minute another tenant is the first, so that one whose programs answer slowly keeps nobody else waiting for good.
    """
    tenants = list(Tenant.objects.exclude(webhook_events=[]).order_by("slug"))
    first = timestamp // 60 % max(1, len(tenants))
    taken, ends = 0, time.monotonic() + RUN_SECONDS
    for tenant in tenants[first:] + tenants[:first]:
        try:
            taken += deliver_due(tenant=tenant, ends=ends)
        except Exception as fault:  # whatever is wrong with one tenant's, the others' go
            say_fault(fault, "deliver_webhooks")
    return taken


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="forget_kept_answers", pass_context=False)
def forget_kept_answers(timestamp: int) -> int:
    """Answers kept for repeats of requests and of forms, once nobody repeats them; says how many."""
    forgotten = 0
    for tenant in Tenant.objects.order_by("slug"):
        with tenant_scope(tenant):
            before = timezone.now() - KEPT
            forgotten += KeptAnswer.objects.filter(kept_at__lt=before).delete()[0]
            forgotten += SentForm.objects.filter(sent_at__lt=before).delete()[0]
    return forgotten
