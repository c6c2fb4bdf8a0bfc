"""How payers are asked whether they cover a patient, each question, each answer as it stood, what changed since.

Visits and claims are subjects by id here: their apps stand above this one and push.
"""

from __future__ import annotations

from django.db import models

from claimwright.billing.eligibility import Occasion
from claimwright.web.core.models import TenantModel
from claimwright.web.exchange.models import Connection, InboxPart, OutboxFile
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Payer, Practice


class PayerCheck(TenantModel):
    """How one payer is asked. With a row that is active the practice checks: a claim of that payer without a fresh answer
    is held (edit SUB10). `stopped_because`: an AAA said that our own set-up is wrong; no question goes until it is mended.
    """

    payer = models.OneToOneField(Payer, models.PROTECT, related_name="eligibility_check")
    active = models.BooleanField(default=True)
    inquiry_payer_id = models.CharField(max_length=20, blank=True)  # its id on 270s, where it is not the claims' one
    service_types = models.JSONField(default=list)  # EQ01 it answers beside 30; none: any
    dependents_have_own_ids = models.BooleanField(default=False)
    calendar_month = models.BooleanField(default=False)  # an answer holds for its month: Medicaid
    before_visit_days = models.IntegerField(default=3)
    # Where single questions go at once; None: the payer's own connection, if that is a CORE one.
    real_time_connection = models.ForeignKey(Connection, models.PROTECT, null=True, blank=True, related_name="+")
    discovery = models.BooleanField(default=False)  # it is asked by demographics where coverage is looked for
    stopped_because = models.CharField(max_length=200, blank=True)
    stopped_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(before_visit_days__gte=0), name="payer_check_days_not_negative")
        ]


class EligibilityInquiry(TenantModel):
    """One question about one patient to one payer. `trace` is TRN02, by which the answer finds it; `batch` is BHT03, by
    which a refusal of the whole transaction does. A retry keeps its row; the alternate `follows` it in a row of its own.
    """

    class State(models.TextChoices):
        DUE = "due", "To be sent"
        SENT = "sent", "Waits for the answer"
        WAITING = "waiting", "Will be asked again"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Not answered: a person decides"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="eligibility_inquiries")
    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, null=True, blank=True, related_name="inquiries")
    payer = models.ForeignKey(Payer, models.PROTECT)
    practice = models.ForeignKey(Practice, models.PROTECT)
    encounter_id = models.UUIDField(null=True, blank=True)
    occasion = models.CharField(max_length=16, choices=[(one.value, one.name) for one in Occasion])
    on = models.DateField()  # the day asked about
    trace = models.CharField(max_length=30)
    batch = models.CharField(max_length=30, blank=True)
    content = models.JSONField()  # claims.eligibility.PatientInquiry
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    in_real_time = models.BooleanField(default=False)  # asked and answered at once, and not with the batches
    tries = models.IntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="followed_by")
    file = models.ForeignKey(OutboxFile, models.PROTECT, null=True, blank=True)
    reasons = models.JSONField(default=list)  # AAA03 of the last answer
    behaviour = models.CharField(max_length=14, blank=True)
    asked_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "trace"], name="eligibility_inquiry_trace")]
        indexes = [
            models.Index(fields=["tenant", "state", "next_try_at"], name="eligibility_inquiry_due"),
            models.Index(fields=["tenant", "coverage", "asked_on"], name="eligibility_inquiry_cover"),
            models.Index(fields=["tenant", "batch"], name="eligibility_inquiry_batch"),
        ]


class EligibilitySnapshot(TenantModel):
    """What a payer answered on a day, never changed. `part` holds the raw 271; `end` is the first day without cover.

    A person may key what the payer said elsewhere: `source` tells where, `reference` the number to hold the payer to.
    """

    append_only = True

    class Source(models.TextChoices):
        TRANSACTION = "271", "271"
        PORTAL = "portal", "Payer's portal"
        TELEPHONE = "telephone", "Telephone"
        LETTER = "letter", "Letter"
        CARD = "card", "Card"

    inquiry = models.ForeignKey(EligibilityInquiry, models.PROTECT, related_name="snapshots")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="eligibility_snapshots")
    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, null=True, blank=True, related_name="snapshots")
    payer = models.ForeignKey(Payer, models.PROTECT)
    on = models.DateField()  # the day asked about
    checked_on = models.DateField()
    checked_at = models.DateTimeField()
    status = models.CharField(max_length=8)  # active, inactive, unknown
    member_id = models.CharField(max_length=80, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    content = models.JSONField()  # billing.eligibility_answers.Snapshot
    answer = models.JSONField()  # claims.eligibility.PatientEligibility
    source = models.CharField(max_length=9, choices=Source.choices, default=Source.TRANSACTION)
    reference = models.CharField(max_length=80, blank=True)
    told_by = models.CharField(max_length=120, blank=True)
    keyed_by = models.CharField(max_length=150, blank=True)
    sha256 = models.CharField(max_length=64)  # of the answer: the same again is no other snapshot
    part = models.ForeignKey(InboxPart, models.PROTECT, null=True, blank=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "inquiry", "sha256"], name="eligibility_snapshot_once")
        ]
        indexes = [models.Index(fields=["tenant", "coverage", "checked_at"], name="eligibility_snapshot_latest")]


class SnapshotChange(TenantModel):
    """One difference from the answer before: billing.eligibility_answers.Change."""

    append_only = True

    snapshot = models.ForeignKey(EligibilitySnapshot, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    alerts = models.BooleanField(default=False)


class CoverageCandidate(TenantModel):
    """Coverage that may be the patient's. Nothing is billed on it; a person makes it a coverage or says that it is none."""

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        ACCEPTED = "accepted", "Taken as a coverage"
        DECLINED = "declined", "Not the patient's"

    class Source(models.TextChoices):
        NAMED = "named", "Named by another payer"
        SEARCH = "search", "Found by name and birth date"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="coverage_candidates")
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True)  # None: a payer that is not set up
    payer_name = models.CharField(max_length=120)
    identifier = models.CharField(max_length=80, blank=True)
    member_id = models.CharField(max_length=80, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2)  # points of a hundred
    source = models.CharField(max_length=6, choices=Source.choices)
    agrees = models.JSONField(default=list)
    snapshot = models.ForeignKey(EligibilitySnapshot, models.PROTECT)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, null=True, blank=True, related_name="+")
    found_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "patient", "payer_name", "member_id"], name="coverage_candidate_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "state"], name="coverage_candidate_state")]
