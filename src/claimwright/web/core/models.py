"""Tenants, users, the worklists, counters and the chained audit log."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from claimwright.web.core.tenancy import CurrentTenantId


def money_field(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


class Tenant(models.Model):
    """A practice or a billing service. Holds no patient data."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=40, default="America/New_York")
    fixed_date = models.DateField(null=True, blank=True)
    webhook_events = models.JSONField(default=list, blank=True)  # core.events: kinds that some program asked to hear of

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in: one tenant, one role, some practices (none given: all of the tenant's)."""

    class Role(models.TextChoices):
        """What each may do is the table of `workbench/policies.py`; what each may approve, `billing/policies.py`."""

        FRONT_DESK = "front_desk", "Front desk"
        CODER = "coder", "Coder"
        BILLER = "biller", "Biller"
        POSTER = "poster", "Poster"
        SUPERVISOR = "supervisor", "Supervisor"
        MANAGER = "manager", "Manager"
        OWNER = "owner", "Owner"
        AUDITOR = "auditor", "Auditor"
        API = "api", "Program"

    tenant = models.ForeignKey(Tenant, models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.BILLER)
    practice_ids = ArrayField(models.UUIDField(), default=list, blank=True)  # empty: all; core/practice_grants.py


class TenantModel(models.Model):
    """Base of every row that belongs to a tenant; the tenant comes from the open scope, in the database."""

    append_only = False

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, db_default=CurrentTenantId(), editable=False, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class ChainedModel(TenantModel):
    """Append-only rows in one hash chain a tenant: `hash` covers `previous_hash` and the row's payload."""

    append_only = True

    sequence = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    def chain_payload(self) -> str:
        """The row's content as one line of text: what the hash covers. Every chained model has its own."""
        return "|".join(str(getattr(self, field.attname)) for field in self._meta.concrete_fields)


class AuditEvent(ChainedModel):
    """Who did or read what, when and why. Ids only, never patient values."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    detail = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "sequence"], name="audit_sequence_once")]
        indexes = [
            models.Index(fields=["tenant", "at"], name="audit_event_at"),
            models.Index(fields=["tenant", "subject_id"], name="audit_event_subject"),
            models.Index(fields=["tenant", "actor", "sequence"], name="audit_event_actor"),
        ]

    def chain_payload(self) -> str:
        # Marks inside a field are escaped, so that no text can be moved from one field into the next under the same hash.
        said = (self.actor, self.action, self.subject_type, self.subject_id, self.detail)
        return "|".join((self.at.isoformat(), *(text.replace("\\", "\\\\").replace("|", "\\|") for text in said)))


class Counter(TenantModel):
    """A number that only goes up: control numbers, line ids, batch ids."""

    name = models.CharField(max_length=80)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="counter_name_once")]


class WorkItem(TenantModel):
    """One thing for a person to do: on a named worklist, with place, reason and what to do.

    `key` makes raising it twice one item. `subject_type` and `subject_id` name the object it is about; `file` and
    `segment` the place in what was received.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SNOOZED = "snoozed", "Snoozed"
        DONE = "done", "Done"

    worklist = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    practice_id = models.UUIDField(null=True, blank=True)
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    claim_number = models.CharField(max_length=40, blank=True)
    file_id = models.UUIDField(null=True, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    segment = models.IntegerField(default=0)
    reason_code = models.CharField(max_length=60)
    reason = models.TextField()
    what_to_do = models.TextField()
    amount = money_field(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    raised_on = models.DateField()
    raised_at = models.DateTimeField()
    owner = models.CharField(max_length=150, blank=True)
    # An open item that sleeps is off the lists until this day and then on them again: a question of the day, no job.
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True)
    escalated_on = models.DateField(null=True, blank=True)  # to a supervisor, whoever's list it is
    escalated_by = models.CharField(max_length=150, blank=True)
    escalation_reason = models.CharField(max_length=200, blank=True)
    resolution = models.TextField(blank=True)
    resolved_by = models.CharField(max_length=150, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="work_item_key_once")]
        indexes = [
            models.Index(fields=["tenant", "state", "worklist"]),
            # Home counts every list from this index alone, and a list is in its order.
            models.Index(
                fields=["tenant", "worklist", "due_date", "raised_on"],
                include=["amount", "owner", "snoozed_until", "escalated_on"],
                condition=models.Q(state="open"),
                name="work_item_open",
            ),
            models.Index(  # what was finished since Monday
                fields=["tenant", "resolved_at"],
                include=["resolved_by", "worklist"],
                condition=models.Q(state="done"),
                name="work_item_done",
            ),
            models.Index(
                fields=["tenant", "claim_number"], condition=models.Q(state="open"), name="work_item_of_claim"
            ),
            models.Index(fields=["tenant", "resolved_at"], condition=models.Q(state="done"), name="work_item_resolved"),
        ]


class SavedView(TenantModel):
    """A list as a person wants it: the filter as the address's query, and the columns. Shared ones are the office's.

    The row without a name holds the columns that the person sees on the page when no view is chosen.
    """

    page = models.CharField(max_length=40)  # name of the page's address
    owner = models.CharField(max_length=150)
    name = models.CharField(max_length=60, blank=True)
    query = models.CharField(max_length=600, blank=True)
    columns = models.JSONField(default=list)
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "page", "owner", "name"], name="saved_view_once")]
        indexes = [models.Index(fields=["tenant", "page"], condition=models.Q(shared=True), name="saved_view_shared")]

    def __str__(self) -> str:
        return self.name or f"columns of {self.owner}"


class SentForm(TenantModel):
    """A form that a page showed and a person sent: its key, what was in it, and the answer. Written with the change.

    The same key again is the second click of a double click, or the browser that asks again: `workbench/sent_forms.py`.
    """

    key = models.CharField(max_length=64)  # digest of the person and the key drawn for a form of a page shown
    told = models.CharField(max_length=64)  # digest of the address and the content, under that drawn key
    sealed = models.BinaryField(default=b"")  # where the answer led and the messages it gave, encrypted
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="sent_form_once")]
        indexes = [models.Index(fields=["sent_at"], name="sent_form_sent")]
