"""What was sent to guarantors, how, what came of it, and how far each has been asked. Figures are `payments.Statement`."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.patients.models import Patient, PatientPhone
from claimwright.web.payments.models import Statement
from claimwright.web.practice.models import Practice


class Account(TenantModel):
    """Everything a guarantor is asked for. `key` is payments.guarantors.guarantor_key; `patient` is one they answer for.

    The clock's columns are kept by the last run, for lists; the clock itself is counted from the rows each time.
    """

    practice = models.ForeignKey(Practice, models.PROTECT)
    key = models.CharField(max_length=200)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="statement_accounts")
    clock_started_on = models.DateField(null=True, blank=True)
    stopped_by = models.CharField(max_length=16, blank=True)  # billing.dunning.StopKind
    next_step = models.CharField(max_length=16, blank=True)
    next_step_on = models.DateField(null=True, blank=True)
    followed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="statement_account_once")]
        indexes = [
            models.Index(fields=["tenant", "clock_started_on"], name="statement_account_clock"),
            models.Index(
                fields=["tenant", "next_step_on"], include=["stopped_by", "next_step"],
                condition=models.Q(next_step_on__isnull=False), name="statement_account_next",
            ),
        ]  # fmt: skip


class GuarantorStatement(TenantModel):
    """What one guarantor was sent for all their patients on a day. Neither its content nor its PDF ever changes.

    The PDF of a single part is that part's; of several it stands here.
    """

    class State(models.TextChoices):
        ISSUED = "issued", "Issued"
        VOID = "void", "Withdrawn"

    account = models.ForeignKey(Account, models.PROTECT, related_name="statements")
    number = models.CharField(max_length=20)
    issued_on = models.DateField()
    due_on = models.DateField()
    language = models.CharField(max_length=2)
    amount_due = money_field()
    tone = models.IntegerField(default=0)
    pdf = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(null=True, blank=True)  # documents.statement.StatementDocument of several parts
    state = models.CharField(max_length=6, choices=State.choices, default=State.ISSUED)
    void_reason = models.CharField(max_length=200, blank=True)
    voided_on = models.DateField(null=True, blank=True)
    voided_by = models.CharField(max_length=150, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="guarantor_statement_once")]
        indexes = [models.Index(fields=["tenant", "issued_on"], name="guarantor_statement_day")]


class StatementPart(TenantModel):
    """One patient's figures within a guarantor's statement."""

    append_only = True

    whole = models.ForeignKey(GuarantorStatement, models.PROTECT, related_name="parts")
    statement = models.OneToOneField(Statement, models.PROTECT, related_name="sent_in")
    ordinal = models.IntegerField()


class Notice(TenantModel):
    """A final notice as printed: figures and PDF are kept as they were."""

    append_only = True

    account = models.ForeignKey(Account, models.PROTECT, related_name="notices")
    number = models.CharField(max_length=20)
    written_on = models.DateField()
    answer_by = models.DateField()
    language = models.CharField(max_length=2)
    amount_due = money_field()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    content = models.JSONField()  # documents.final_notice.FinalNotice

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="notice_number_once")]


class MailBatch(TenantModel):
    """A zip for whoever prints and mails: an index as CSV and one PDF a piece. Kept as handed over."""

    number = models.CharField(max_length=20)
    made_on = models.DateField()
    made_by = models.CharField(max_length=150)
    pieces = models.IntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="mail_batch_once")]


class Delivery(TenantModel):
    """One piece on its way: on paper, or a link by e-mail. WAITING until a batch or the mail server took it."""

    class State(models.TextChoices):
        WAITING = "waiting", "To be sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not accepted"
        RETURNED = "returned", "Came back"
        CANCELLED = "cancelled", "Not sent any more"

    account = models.ForeignKey(Account, models.PROTECT, related_name="deliveries")
    whole = models.ForeignKey(GuarantorStatement, models.PROTECT, null=True, blank=True, related_name="deliveries")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="deliveries")
    channel = models.CharField(max_length=6)  # mail, email
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    batch = models.ForeignKey(MailBatch, models.PROTECT, null=True, blank=True, related_name="deliveries")
    made_on = models.DateField()
    sent_on = models.DateField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # never an address or what a mail server said of one

    class Meta:
        indexes = [models.Index(fields=["tenant", "state"], name="statement_delivery_state")]


class ClockStop(TenantModel):
    """Something that stops the clock for as long as it stands, as the daily run found it: flags bear no dates."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="stops")
    kind = models.CharField(max_length=16)  # billing.dunning.StopKind
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "account", "kind"],
                condition=models.Q(ended_on__isnull=True),
                name="clock_stop_open_once",
            )
        ]


class DunningStep(TenantModel):
    """One step of one clock, once."""

    append_only = True

    account = models.ForeignKey(Account, models.PROTECT, related_name="steps")
    clock_started_on = models.DateField()
    step = models.CharField(max_length=16)  # billing.dunning.Step
    done_on = models.DateField()
    how = models.CharField(max_length=12)  # text, phone, email, statement, letter, worklist

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "account", "clock_started_on", "step"], name="dunning_step_once")
        ]


class Contact(TenantModel):
    """A call or text to make, within the hours the patient may be reached; made by a person or a service of theirs."""

    class State(models.TextChoices):
        TO_MAKE = "to_make", "To make"
        REACHED = "reached", "Reached"
        NOT_REACHED = "not_reached", "Not reached"
        REFUSED = "refused", "Asked not to be contacted this way"
        CANCELLED = "cancelled", "Not needed any more"

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    step = models.CharField(max_length=16)
    channel = models.CharField(max_length=6)  # text, phone
    phone = models.ForeignKey(PatientPhone, models.PROTECT)
    words = models.CharField(max_length=320)  # what to send or to say: no amount, no visit, no name of a patient
    language = models.CharField(max_length=2)
    contact_on = models.DateField()
    opens_at = models.DateTimeField()  # within the day of the patient's own zone
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.TO_MAKE)
    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "state", "contact_on"], name="statement_contact_day")]


class StatementLink(TenantModel):
    """A link to a statement's page. The address holds a signed token that names this row; the row can be revoked."""

    whole = models.ForeignKey(GuarantorStatement, models.PROTECT, related_name="links")
    made_on = models.DateField()
    expires_on = models.DateField()  # the first day it no longer opens
    revoked_on = models.DateField(null=True, blank=True)
    failures = models.IntegerField(default=0)  # wrong answers since the last right one
    locked_until = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
