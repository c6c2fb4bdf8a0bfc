"""Denials and appeals: objects of their own, never a status of the claim."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion


class Denial(TenantModel):
    """One denied line and CARC in one adjudication cycle. Section 8 of the domain decides category and actions."""

    practice = models.ForeignKey(Practice, models.PROTECT)
    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="denials")
    payer = models.ForeignKey(Payer, models.PROTECT)
    line_id = models.CharField(max_length=30)
    group = models.CharField(max_length=2)
    carc = models.CharField(max_length=5)
    rarcs = models.JSONField(default=list)
    amount = money_field()
    category = models.CharField(max_length=12)
    actions = models.JSONField(default=list)
    appealable = models.BooleanField(default=True)
    root_cause = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=14, default="NEW")
    received_on = models.DateField()
    corrected_deadline = models.DateField(null=True, blank=True)
    appeal_deadline = models.DateField(null=True, blank=True)
    priority = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    priority_working = models.CharField(max_length=200, blank=True)
    outcome_amount = money_field(null=True, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version", "line_id", "carc"], name="denial_once")]
        indexes = [models.Index(fields=["tenant", "state"])]


class Appeal(TenantModel):
    denial = models.ForeignKey(Denial, models.PROTECT, related_name="appeals")
    level = models.IntegerField(default=1)
    state = models.CharField(max_length=16, default="SENT")  # SENT, OVERTURNED, UPHELD, DISMISSED, WITHDRAWN
    sent_on = models.DateField()
    response_due = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    allowed_amount = money_field(null=True, blank=True)
    note = models.TextField(blank=True)
