"""What the queue's worker does, each minute: sends events to programs; each hour: forgets answers that are old."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from claimwright.web.api.delivering import deliver_due
from claimwright.web.api.models import KeptAnswer
from claimwright.web.core.models import SentForm, Tenant
from claimwright.web.core.tenancy import tenant_scope

KEPT = timedelta(days=3)  # a repeat is safe for as long; promised are 24 hours


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_webhooks", pass_context=False)
def deliver_webhooks(timestamp: int) -> int:
    """Send what is due, for every tenant that some program listens to; says how many were taken."""
    return sum(deliver_due(tenant=tenant) for tenant in Tenant.objects.exclude(webhook_events=[]).order_by("slug"))


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
