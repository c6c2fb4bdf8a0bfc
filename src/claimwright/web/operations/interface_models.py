"""Systems that send us HL7 v2 and FHIR messages, what their ids mean to us, and every message with what became of it."""

from __future__ import annotations

from django.db import models

from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import TenantModel
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Practice


class Interface(TenantModel):
    """One sending application at one facility (MSH-3 and MSH-4, or a bundle's source), and whose practice it speaks of.

    `name` is whose appointment ids and codes they are. Without a practice its messages wait.
    """

    name = models.CharField(max_length=40)
    application = models.CharField(max_length=80, blank=True)
    facility = models.CharField(max_length=80, blank=True)
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True, related_name="interfaces")
    is_active = models.BooleanField(default=True)
    takes_test = models.BooleanField(default=False)  # messages marked T or D (MSH-11) count
    gather_days = models.IntegerField(default=0)  # days that a visit's charges are waited for before it is billed
    first_heard_at = models.DateTimeField()
    last_heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="interface_name_once"),
            models.UniqueConstraint(fields=["tenant", "application", "facility"], name="interface_sender_once"),
        ]

    def __str__(self) -> str:
        return self.name


class InterfaceCode(TenantModel):
    """What one id of the sender's is here: an NPI, a location's code, a payer's key, the name of a kind of visit.

    Charge and diagnosis codes stand in charges.CodeMapping, where every interface's code map is.
    """

    class Kind(models.TextChoices):
        PROVIDER = "provider", "Provider"
        LOCATION = "location", "Location"
        PAYER = "payer", "Payer"
        VISIT_TYPE = "visit_type", "Kind of visit"

    interface = models.ForeignKey(Interface, models.CASCADE, related_name="codes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    theirs = models.CharField(max_length=80)  # upper case; * stands for any other location
    ours = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "interface", "kind", "theirs"], name="interface_code_once")
        ]


class InterfaceMessage(TenantModel):
    """One message as it came: a part of a received file, how it was answered, and why it waits if it does."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        DONE = "done", "Taken in"
        FAILED = "failed", "Waits for a person"
        DUPLICATE = "duplicate", "Came before"
        CLOSED = "closed", "Closed by a person"

    interface = models.ForeignKey(Interface, models.PROTECT, null=True, blank=True, related_name="messages")
    file = models.ForeignKey(InboxFile, models.PROTECT, related_name="messages")
    part = models.OneToOneField(InboxPart, models.PROTECT, related_name="message")
    kind = models.CharField(max_length=24)  # DFT^P03, FHIR
    control_id = models.CharField(max_length=199, blank=True)  # MSH-10, or the bundle's own id
    stamp = models.CharField(max_length=40, blank=True)  # the sender's time of it, as text that sorts
    digest = models.CharField(max_length=64)  # of its bytes without MSH-7, which a resend may change
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    answer = models.CharField(max_length=2, blank=True)  # AA, AE, AR
    reason_code = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=300, blank=True)  # file, message and field, or JSON path
    reason = models.TextField(blank=True)
    what_to_do = models.TextField(blank=True)
    attempts = models.IntegerField(default=0)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField()
    received_on = models.DateField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "interface", "control_id"], name="interface_message_control"),
            models.Index(fields=["tenant", "state", "received_at"], name="interface_message_state"),
            models.Index(fields=["tenant", "patient", "stamp"], name="interface_message_patient"),
        ]


class InterfaceCharge(TenantModel):
    """One charge of the sender's by its own id (FT1-23, ChargeItem): it becomes a line once."""

    interface = models.ForeignKey(Interface, models.PROTECT, related_name="charges")
    charge_id = models.CharField(max_length=199)
    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "interface", "charge_id"], name="interface_charge_once")
        ]
