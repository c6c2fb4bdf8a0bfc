"""What a patient and the practice agreed: plans, inquiries, financial assistance, good-faith estimates, and letters."""

from __future__ import annotations

from django.db import models

from claimwright.billing.financial_assistance import AssistanceState
from claimwright.billing.good_faith_estimates import DisputeState
from claimwright.billing.inquiries import Channel, Topic
from claimwright.billing.payment_plans import Cadence, PlanState
from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Practice


def _choices(values: type) -> list[tuple[str, str]]:
    return [(one.value, one.value.replace("_", " ").capitalize()) for one in values]  # type: ignore[attr-defined]


class PatientLetter(TenantModel):
    """A letter to a patient as it was written; kept as it is. `name` is its kind, `subject_*` what it is about."""

    append_only = True

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="letters")
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=30)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    written_on = models.DateField()
    language = models.CharField(max_length=2)
    content = models.JSONField()  # documents.patient_notices values
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="patient_letter_once")]
        indexes = [models.Index(fields=["tenant", "subject_id"], name="patient_letter_subject")]


class PaymentPlan(TenantModel):
    """A plan from its offer to its end. Its terms are those of billing.payment_plans.Plan; what was paid is in the ledger."""

    State = models.TextChoices("State", [(one.name, (one.value, one.value.capitalize())) for one in PlanState])

    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="payment_plans")
    number = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=PlanState.OFFERED.value)
    balance_amount = money_field()  # the lines with the finance charge
    finance_charge = money_field(default=0)
    down_payment_amount = money_field(default=0)
    instalment_amount = money_field()
    instalment_count = models.IntegerField()
    cadence = models.CharField(max_length=10, choices=_choices(Cadence), default=Cadence.MONTHLY.value)
    starts_on = models.DateField()
    method = models.CharField(max_length=6)
    autopay_consent_on = models.DateField(null=True, blank=True)
    offered_on = models.DateField()
    offered_by = models.CharField(max_length=150)
    accepted_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_because = models.CharField(max_length=200, blank=True)
    missed = models.IntegerField(default=0)
    next_due_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=2, default="en")
    agreement = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="payment_plan_once")]
        indexes = [models.Index(fields=["tenant", "state"], name="payment_plan_state")]


class PlanLine(TenantModel):
    """One line on a plan's balance list: what of it the plan pays, as of the ledger row when it joined."""

    plan = models.ForeignKey(PaymentPlan, models.PROTECT, related_name="lines")
    line_id = models.CharField(max_length=60)
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True)
    date_of_service = models.DateField()
    amount = money_field()
    joined_on = models.DateField()
    ledger_sequence = models.BigIntegerField(null=True, blank=True)  # what moved later counts; None while offered
    consent = models.CharField(max_length=200, blank=True)  # how the patient agreed that it joins

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "plan", "line_id"], name="plan_line_once")]


class PlanStep(TenantModel):
    """A reminder, notice or hand-over that was done, once each: `name` such as REMIND:3 or FINAL_NOTICE."""

    plan = models.ForeignKey(PaymentPlan, models.PROTECT, related_name="steps")
    name = models.CharField(max_length=30)
    done_on = models.DateField()
    letter = models.ForeignKey(PatientLetter, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "plan", "name"], name="plan_step_once")]


class Inquiry(TenantModel):
    """One row of the log: what a patient asked or disputes, who answers it until when, and what came of it."""

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        RESOLVED = "RESOLVED", "Resolved"

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="inquiries")
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True)  # None: the whole account
    number = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=_choices(Channel))
    topic = models.CharField(max_length=20, choices=_choices(Topic))
    words = models.TextField()  # what the patient said
    is_on_hold = models.BooleanField(default=False)  # nothing of it is collected meanwhile
    owner = models.CharField(max_length=150, blank=True)
    received_on = models.DateField()
    answer_by = models.DateField()
    taken_by = models.CharField(max_length=150)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    resolution = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)
    resolved_on = models.DateField(null=True, blank=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    letter = models.ForeignKey(PatientLetter, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="inquiry_once")]
        indexes = [models.Index(fields=["tenant", "state"], name="inquiry_state")]


class AssistanceApplication(TenantModel):
    """An application for financial assistance, its papers by kind, and the decision of a second person."""

    State = models.TextChoices("State", [(one.name, (one.value, one.value.capitalize())) for one in AssistanceState])

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assistance_applications")
    number = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=AssistanceState.PENDING.value)
    household_size = models.IntegerField()
    annual_income = money_field()
    residence = models.CharField(max_length=2)  # state whose guideline applies
    documents = models.JSONField(default=list)  # {"kind", "note", "on"}
    applied_on = models.DateField()
    taken_by = models.CharField(max_length=150)
    guideline_amount = money_field()
    guideline_source = models.CharField(max_length=40)
    percent_of_guideline = models.DecimalField(max_digits=12, decimal_places=2)
    scale_percent = models.IntegerField()  # what the sliding scale gives
    papers_by = models.DateField(null=True, blank=True)
    discount_percent = models.IntegerField(null=True, blank=True)
    first_service = models.DateField(null=True, blank=True)
    last_service = models.DateField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    letter = models.ForeignKey(PatientLetter, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="assistance_once")]
        indexes = [models.Index(fields=["tenant", "state"], name="assistance_state")]


class EstimateRequest(TenantModel):
    """A patient asked what care will cost: the clock of 45 CFR 149.610 that a request starts."""

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="estimate_requests")
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True)
    wanted = models.CharField(max_length=200)
    requested_on = models.DateField()
    answer_by = models.DateField()
    taken_by = models.CharField(max_length=150)
    is_answered = models.BooleanField(default=False)


class GoodFaithEstimate(TenantModel):
    """One version of an estimate as it was given; a change is a new version. Kept at least until `keep_until`."""

    append_only = True

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="estimates")
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True, related_name="estimates")
    number = models.CharField(max_length=20)  # the same for all versions
    version = models.IntegerField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    primary_service = models.CharField(max_length=120)
    service_on = models.DateField(null=True, blank=True)
    issued_on = models.DateField()
    issued_by = models.CharField(max_length=150)
    answer_by = models.DateField(null=True, blank=True)  # the clock it was given under
    keep_until = models.DateField()
    language = models.CharField(max_length=2)
    total = money_field()
    content = models.JSONField()  # billing.good_faith_estimates.Estimate
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number", "version"], name="estimate_version_once")]
        indexes = [models.Index(fields=["tenant", "patient", "service_on"], name="estimate_patient_day")]


class EstimateExcess(TenantModel):
    """A bill that is so far above its estimate that the patient may dispute it: a person looks before a statement goes."""

    class State(models.TextChoices):
        WARNED = "WARNED", "To look at"
        CONFIRMED = "CONFIRMED", "Billed as it is"
        LOWERED = "LOWERED", "Lowered"

    estimate = models.ForeignKey(GoodFaithEstimate, models.PROTECT, related_name="excesses")
    encounter = models.ForeignKey(Encounter, models.PROTECT)
    provider_npi = models.CharField(max_length=10)
    estimated_amount = money_field()
    billed_amount = money_field()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WARNED)
    found_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "encounter", "provider_npi"], name="estimate_excess_once")
        ]


class EstimateDispute(TenantModel):
    """A patient's dispute of a bill over its estimate, filed with HHS: nothing is collected while it is open."""

    excess = models.ForeignKey(EstimateExcess, models.PROTECT, related_name="disputes")
    reference = models.CharField(max_length=60)
    filed_on = models.DateField()
    last_day_to_file = models.DateField()
    state = models.CharField(max_length=9, choices=_choices(DisputeState), default=DisputeState.OPEN.value)
    decided_amount = money_field(null=True, blank=True)  # what the patient is to pay for the provider's services
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "excess"], condition=models.Q(state="OPEN"), name="estimate_dispute_open_once"
            )
        ]
