"""Claims that are out and not answered: by when somebody looks, what payers were asked (276) and said (277), calls."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.exchange.models import InboxPart, OutboxFile
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion


class PayerNorm(TenantModel):
    """One payer's own days, where they differ from the practice's policies; none: as the policies and its usual days say.

    Zero: this partner never sends that answer. `asks_status`: claims past the norm are asked about (276) over its
    connection; otherwise a person asks.
    """

    payer = models.OneToOneField(Payer, models.PROTECT, related_name="norm")
    asks_status = models.BooleanField(default=False)
    inquiry_payer_id = models.CharField(max_length=20, blank=True)  # its id on 276s, where it is not the claims' one
    file_acknowledgement_days = models.IntegerField(null=True, blank=True)
    clearinghouse_business_days = models.IntegerField(null=True, blank=True)
    payer_business_days = models.IntegerField(null=True, blank=True)
    answer_days = models.IntegerField(null=True, blank=True)
    paper_answer_days = models.IntegerField(null=True, blank=True)
    ask_again_days = models.IntegerField(null=True, blank=True)
    remittance_days = models.IntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Norm of {self.payer}"


class Following(TenantModel):
    """What a version that has not ended waits for: billing.following.Next, as of the last look. One row a version."""

    version = models.OneToOneField(ClaimVersion, models.PROTECT, related_name="following")
    state = models.CharField(max_length=20)  # as it was then: another one now, and the row is old
    step = models.CharField(max_length=24)
    due_on = models.DateField()
    listed = models.BooleanField(default=False)
    looked_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "listed", "step", "due_on"], name="following_list")]


class StatusInquiry(TenantModel):
    """One question about one version. `trace` is TRN02, by which the answer finds it."""

    class State(models.TextChoices):
        PREPARED = "prepared", "To be sent"
        SENT = "sent", "Waits for the answer"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Not answered: a person decides"

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="status_inquiries")
    payer = models.ForeignKey(Payer, models.PROTECT)
    practice = models.ForeignKey(Practice, models.PROTECT)
    trace = models.CharField(max_length=30)
    batch = models.CharField(max_length=30, blank=True)  # BHT03
    content = models.JSONField()  # claims.status.ClaimInquiry
    state = models.CharField(max_length=8, choices=State.choices, default=State.PREPARED)
    by_hand = models.BooleanField(default=False)  # a person asked, not the norm
    file = models.ForeignKey(OutboxFile, models.PROTECT, null=True, blank=True)
    asked_on = models.DateField()
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=150)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "trace"], name="status_inquiry_trace"),
            models.UniqueConstraint(
                fields=["tenant", "version"],
                condition=models.Q(state__in=["prepared", "sent"]),
                name="status_inquiry_open_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state"], name="status_inquiry_state")]


class StatusAnswer(TenantModel):
    """What a payer said of a version on a day, never changed. `part` holds the raw 277."""

    append_only = True

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="status_answers")
    inquiry = models.ForeignKey(StatusInquiry, models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=12)  # billing.following.Answer
    content = models.JSONField()  # billing.following.StatusFinding
    payment_trace = models.CharField(max_length=50, blank=True)
    paid = money_field(null=True, blank=True)
    answered_on = models.DateField()
    answered_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)  # of question and answer: the same again is no other one
    part = models.ForeignKey(InboxPart, models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "inquiry", "sha256"], name="status_answer_once")]
        indexes = [models.Index(fields=["tenant", "version", "answered_at"], name="status_answer_latest")]


class PayerContact(TenantModel):
    """A call, letter or message to or from a payer about a claim. Its text is never changed; it is only closed."""

    class Channel(models.TextChoices):
        TELEPHONE = "telephone", "Telephone"
        PORTAL = "portal", "Portal"
        MAIL = "mail", "Letter"
        FAX = "fax", "Fax"
        MESSAGE = "message", "E-mail or message"

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="payer_contacts")
    payer = models.ForeignKey(Payer, models.PROTECT)
    on = models.DateField()
    incoming = models.BooleanField(default=False)  # the payer called or wrote
    channel = models.CharField(max_length=9, choices=Channel.choices)
    spoke_with = models.CharField(max_length=80, blank=True)
    reference_number = models.CharField(max_length=60, blank=True)  # the payer's, of the call
    said = models.TextField()
    promised_on = models.DateField(null=True, blank=True)  # by when the payer said it would act
    next_action_on = models.DateField(null=True, blank=True)
    owner = models.CharField(max_length=150)
    logged_by = models.CharField(max_length=150)
    logged_at = models.DateTimeField()
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "closed_on", "next_action_on"], name="payer_contact_next")]
