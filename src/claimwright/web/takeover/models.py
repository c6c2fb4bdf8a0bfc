"""Takeovers: sets of files from another system, what was stated of them, and what each loading made."""

from __future__ import annotations

from django.db import models

from claimwright.web.arrangements.models import PaymentPlan
from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Practice
from claimwright.web.submissions.models import ClaimVersion


class Takeover(TenantModel):
    """One named set, loaded and undone as a whole. The amounts are the old system's, typed by a person; credits without
    a minus. `load_number` counts the loadings: each has rows and ledger keys of its own."""

    class State(models.TextChoices):
        OPEN = "open", "Not loaded"
        LOADED = "loaded", "Loaded"
        UNDONE = "undone", "Undone"

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="takeovers")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    as_of = models.DateField()  # the day of the old system's report, and of the opening entries
    insurance_amount = money_field()
    patient_amount = money_field()
    credit_amount = money_field()
    by_payer = models.JSONField(default=dict)  # payer key: amount as text; empty where not stated
    fingerprint = models.CharField(max_length=64, blank=True)  # of the content that was loaded
    load_number = models.IntegerField(default=0)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=150)
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="takeover_name_once")]

    def __str__(self) -> str:
        return self.name


class TakeoverFile(TenantModel):
    """One file of the set as it came; a later one of the same name takes its place until the set is loaded."""

    takeover = models.ForeignKey(Takeover, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)  # of claims.from_csv.takeover.FILES, or as it was called
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "takeover", "name"], name="takeover_file_once")]


class TakeoverClaim(TenantModel):
    """A visit of one loading, with one row for each of its claims; `version` is empty where the patient alone pays."""

    takeover = models.ForeignKey(Takeover, models.PROTECT, related_name="claims")
    load_number = models.IntegerField()
    old_number = models.CharField(max_length=20)
    number_kept = models.BooleanField(default=True)
    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="+")
    version = models.OneToOneField(ClaimVersion, models.PROTECT, null=True, blank=True, related_name="taken_over")
    loaded_state = models.CharField(max_length=20, blank=True)  # of the version, once it was loaded
    last_statement_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "takeover", "load_number"], name="takeover_claim_load")]


class TakeoverPlan(TenantModel):
    """A payment plan of one loading."""

    takeover = models.ForeignKey(Takeover, models.PROTECT, related_name="plans")
    load_number = models.IntegerField()
    plan = models.OneToOneField(PaymentPlan, models.PROTECT, related_name="+")
