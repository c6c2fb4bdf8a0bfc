"""Encounters as they came in, the code maps of interfaces, and the charge lines they became."""

from __future__ import annotations

from django.db import models

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
    """A visit. `content` is the Encounter noun as taken in; the same external id is taken in once."""

    class State(models.TextChoices):
        CODING = "CODING", "Needs coding"
        HELD = "HELD", "Held"
        CODED = "CODED", "Coded"
        CHARGES_LOCKED = "CHARGES_LOCKED", "Charges locked"
        CLAIMED = "CLAIMED", "Claimed"
        NON_BILLABLE = "NON_BILLABLE", "Not billable"

    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True, related_name="encounters")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="encounters")
    external_id = models.CharField(max_length=200)
    source = models.CharField(max_length=8)  # fhir, csv, 837p
    interface = models.CharField(max_length=40, blank=True)  # whose code map was used
    file = models.ForeignKey(InboxFile, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=16, choices=State.choices)
    reason = models.TextField(blank=True)
    date_from = models.DateField(null=True, blank=True)
    date_to = models.DateField(null=True, blank=True)
    received_on = models.DateField()
    statement_hold = models.CharField(max_length=120, blank=True)  # why the patient is not billed for it
    content = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "external_id"], name="encounter_once")]
        indexes = [models.Index(fields=["tenant", "state"])]


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
        indexes = [models.Index(fields=["tenant", "patient"]), models.Index(fields=["tenant", "date_of_service"])]
