"""Encounters as they came in, the code maps of interfaces, and the charge lines they became."""

from __future__ import annotations

from django.db import models

from claimwright.coding.queries import QueryState
from claimwright.coding.states import EncounterState
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.exchange.models import InboxFile
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Practice


class CodeMapping(TenantModel):
    """One row of an interface's code map: a foreign code to ICD-10-CM, HCPCS or CPT, or "ignore" with a reason."""

    interface = models.CharField(max_length=40)
    system = models.CharField(max_length=120)
    code = models.CharField(max_length=40)
    target_system = models.CharField(max_length=12)
    target_code = models.CharField(max_length=12, blank=True)
    modifiers = models.CharField(max_length=12, blank=True)
    units = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    repeat = models.CharField(max_length=12, blank=True)
    minimum_age = models.IntegerField(default=0)
    maximum_age = models.IntegerField(default=999)
    sex = models.CharField(max_length=1, blank=True)
    position = models.IntegerField(default=0)  # rows of one code apply in this order
    note = models.CharField(max_length=200, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "interface", "system", "code"])]


class Encounter(TenantModel):
    """A visit, from its appointment to its claim. `content` is the Encounter noun as taken in; the same external id is
    taken in once. A scheduled visit has `appointment_id`; the interface that brings its charges gives it its own id.

    States and what leads from one to the next: `coding.states`. `evaluation` is what is documented for the level.
    """

    class State(models.TextChoices):
        SCHEDULED = EncounterState.SCHEDULED.value, "Scheduled"
        ARRIVED = EncounterState.ARRIVED.value, "Arrived"
        NOTE_OPEN = EncounterState.NOTE_OPEN.value, "Note begun"
        NOTE_SIGNED = EncounterState.NOTE_SIGNED.value, "Note signed"
        CODING = EncounterState.CODING.value, "Needs coding"
        QUERY = EncounterState.QUERY.value, "Provider asked"
        HELD = EncounterState.HELD.value, "Held"
        CODED = EncounterState.CODED.value, "Coded"
        CHARGES_LOCKED = EncounterState.CHARGES_LOCKED.value, "Charges locked"
        CLAIMED = EncounterState.CLAIMED.value, "Claimed"
        NO_SHOW = EncounterState.NO_SHOW.value, "Did not come"
        CANCELLED = EncounterState.CANCELLED.value, "Cancelled"
        NON_BILLABLE = EncounterState.NON_BILLABLE.value, "Not billable"

    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True, related_name="encounters")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="encounters")
    external_id = models.CharField(max_length=200)
    source = models.CharField(max_length=8)  # fhir, csv, 837p, hl7; manual
    interface = models.CharField(max_length=40, blank=True)  # whose code map was used
    file = models.ForeignKey(InboxFile, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices)
    reason = models.TextField(blank=True)
    date_from = models.DateField(null=True, blank=True)
    date_to = models.DateField(null=True, blank=True)
    received_on = models.DateField()
    statement_hold = models.CharField(max_length=120, blank=True)  # why the patient is not billed for it
    content = models.JSONField(default=dict)

    appointment_id = models.CharField(max_length=120, blank=True)  # interface|id of the schedule
    schedule_stamp = models.CharField(
        max_length=40, blank=True
    )  # when the schedule last spoke of it, to order messages
    scheduled_at = models.DateTimeField(null=True, blank=True)
    scheduled_minutes = models.IntegerField(null=True, blank=True)
    visit_type = models.CharField(max_length=80, blank=True)
    location_code = models.CharField(max_length=40, blank=True)
    rendering_npi = models.CharField(max_length=10, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    note_id = models.CharField(max_length=80, blank=True)
    note_signed_at = models.DateTimeField(null=True, blank=True)
    note_signed_on = models.DateField(null=True, blank=True)  # the practice's calendar day of it
    evaluation = models.JSONField(default=dict)  # coding.evaluation.Visit: problems, data, risk, minutes
    services_read = models.BooleanField(default=False)  # somebody or an interface read the note for services
    documented_diagnoses = models.JSONField(null=True, blank=True)  # codes the signed note supports; None: not read
    accident_answered_on = models.DateField(null=True, blank=True)  # asked; the answer stands in the content
    accident_answered_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "external_id"], name="encounter_once"),
            models.UniqueConstraint(
                fields=["tenant", "appointment_id"],
                condition=~models.Q(appointment_id=""),
                name="encounter_appointment",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "patient", "date_from"], name="encounter_patient_day"),
            models.Index(fields=["tenant", "-date_from"], name="encounter_newest"),
        ]


class ChargeCorrection(TenantModel):
    """A charge put right after it was locked: what the line said and says, in the ledger by two entries."""

    append_only = True

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="charge_corrections")
    line_id = models.CharField(max_length=30)
    before = models.JSONField(default=dict)  # code, modifiers, units, charge, day, provider; empty: the line is new
    after = models.JSONField(default=dict)  # a charge of 0.00: taken off
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["tenant", "encounter", "at"], name="charge_correction_time")]


class EncounterMove(TenantModel):
    """One step of an encounter's life: what happened, from which state to which, why, when and by whom."""

    append_only = True

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="moves")
    event = models.CharField(max_length=20)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["tenant", "encounter", "at"], name="encounter_move_time")]


class DocumentedService(TenantModel):
    """Something the record says was done, whether or not it is charged. `source` says where it stands."""

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="documented")
    kind = models.CharField(max_length=12)  # procedure, drug, lab, visit
    code = models.CharField(max_length=11)
    units = models.DecimalField(max_digits=9, decimal_places=3, default=1)
    source = models.CharField(max_length=120)
    evidence = models.TextField(blank=True)
    resulted_on = models.DateField(null=True, blank=True)
    billed_elsewhere = models.CharField(max_length=120, blank=True)  # who bills it, or why it is not billed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "encounter", "kind", "code", "source"], name="documented_service_once"
            )
        ]


class AnesthesiaTime(TenantModel):
    """One stretch of a provider's anesthesia time in a visit; a case with a break has several. The claim has minutes only."""

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="anesthesia_times")
    provider_npi = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "encounter", "provider_npi", "started_at"], name="anesthesia_time_once"
            )
        ]
        indexes = [models.Index(fields=["tenant", "provider_npi", "started_at"], name="anesthesia_time_provider")]


class ProviderQuery(TenantModel):
    """A question to the provider. `content` is the noun of `coding.queries`; the columns are what lists search by."""

    State = models.TextChoices("State", [(state.name, state.value) for state in QueryState])

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="queries")
    state = models.CharField(max_length=10, choices=State.choices, default=QueryState.OPEN.value)
    provider_npi = models.CharField(max_length=10)
    asked_on = models.DateField()
    escalated = models.IntegerField(default=0)  # how often it was escalated
    content = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "state", "asked_on"], name="provider_query_open")]


class ChargeLine(TenantModel):
    """One charge. `line_id` is REF*6R on the wire and the subject of its receivable accounts, the same for ever."""

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="lines")
    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT)
    line_id = models.CharField(max_length=30)
    number = models.IntegerField()
    code = models.CharField(max_length=48)
    modifiers = models.JSONField(default=list)
    units = models.DecimalField(max_digits=9, decimal_places=3)
    charge = money_field()
    date_of_service = models.DateField()
    rendering_npi = models.CharField(max_length=10, blank=True)
    charged_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "line_id"], name="charge_line_once")]
        indexes = [
            models.Index(fields=["tenant", "patient"]),
            models.Index(fields=["tenant", "date_of_service"]),
            models.Index(
                fields=["tenant", "charge", "date_of_service"], name="charge_line_amount"
            ),  # a search by amount
        ]
