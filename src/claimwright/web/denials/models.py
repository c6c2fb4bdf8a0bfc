"""Denials and appeals: objects of their own, never a status of the claim."""

from __future__ import annotations

from django.db import models

from claimwright.web.authorizations.models import Document
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion, LocalRuleVersion


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
    root_cause = models.CharField(
        max_length=20, blank=True
    )  # billing.root_causes.CAUSES; the usual one until a person says
    preventable = models.BooleanField(default=False)
    state = models.CharField(max_length=14, default="NEW")
    received_on = models.DateField()
    corrected_deadline = models.DateField(null=True, blank=True)
    appeal_deadline = models.DateField(null=True, blank=True)
    priority = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    priority_working = models.CharField(max_length=200, blank=True)
    outcome_amount = money_field(null=True, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    act_by = models.DateField(null=True, blank=True)  # the office's own limit for a first step, by category
    snoozed_until = models.DateField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version", "line_id", "carc"], name="denial_once")]
        indexes = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "line_id"], name="denial_line"),
        ]


class Appeal(TenantModel):
    """One level of appeal of one denial. What was won is final only when a remittance pays: a letter is a promise.

    `state` is billing.denials.AppealState; `last_day` is the last day to ask, `response_due` the reviewer's own last day.
    """

    denial = models.ForeignKey(Denial, models.PROTECT, related_name="appeals")
    level = models.IntegerField(default=1)
    level_name = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=20, default="DRAFT")
    amount = money_field(null=True, blank=True)  # in dispute
    notice_on = models.DateField(null=True, blank=True)  # of the decision appealed against
    last_day = models.DateField(null=True, blank=True)
    good_cause = models.TextField(blank=True)  # why it is late, where it is
    argument = models.TextField(blank=True)
    for_patient = models.BooleanField(default=False)  # in the patient's name: needs the patient's authorization
    method = models.CharField(max_length=12, blank=True)  # billing.appeals.METHODS
    sent_on = models.DateField(null=True, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    response_due = models.DateField(null=True, blank=True)
    chased_on = models.DateField(null=True, blank=True)
    reviewer_contact = models.CharField(max_length=200, blank=True)
    promised_on = models.DateField(null=True, blank=True)  # a favourable letter, before any money
    promised_amount = money_field(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    allowed_amount = money_field(null=True, blank=True)  # by the remittance that paid
    packet = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)
    written_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "denial"], condition=models.Q(state__in=["DRAFT", "SENT", "NO_RESPONSE"]),
                name="appeal_one_open",
            )
        ]  # fmt: skip


class RecordsRequest(TenantModel):
    """A payer asked for records (clock D). Sending them is no appeal; late ones cost the claim."""

    class State(models.TextChoices):
        OPEN = "open", "To send"
        SENT = "sent", "Sent"
        CLOSED = "closed", "Closed"

    denial = models.ForeignKey(Denial, models.PROTECT, related_name="records_requests")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    requested_on = models.DateField()
    due_on = models.DateField()
    what = models.TextField(blank=True)
    method = models.CharField(max_length=12, blank=True)
    tracking = models.CharField(max_length=80, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    packet = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)
    written_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "denial"], condition=models.Q(state="open"), name="records_request_one_open"
            )
        ]


class LetterTemplate(TenantModel):
    """The practice's own letter of a category over the shipped one. A change is a new row; the newest active one holds."""

    category = models.CharField(max_length=12)  # a denial category, GENERAL or RECORDS
    number = models.IntegerField()
    text = models.TextField()
    active = models.BooleanField(default=True)
    written_on = models.DateField()
    written_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "category", "number"], name="letter_template_once"),
            models.UniqueConstraint(
                fields=["tenant", "category"], condition=models.Q(active=True), name="letter_template_one_active"
            ),
        ]


class LearnedChance(TenantModel):
    """What became of the practice's own denials of a category: in place of the default from 30 decided cases on."""

    category = models.CharField(max_length=12)
    won = models.IntegerField()
    decided = models.IntegerField()
    counted_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "category"], name="learned_chance_once")]


class RuleProposal(TenantModel):
    """A pattern of denials that asks for a rule (PAY11). A person accepts or declines it; the rule stands as a draft."""

    class State(models.TextChoices):
        OPEN = "open", "To decide"
        ACCEPTED = "accepted", "In force"
        DECLINED = "declined", "Declined"

    pattern = models.CharField(max_length=120)  # billing.prevention.Pattern.key
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    payer = models.ForeignKey(Payer, models.PROTECT)
    carc = models.CharField(max_length=5)
    denied = models.IntegerField()  # claims in the window
    claims = models.IntegerField()
    rule_version = models.ForeignKey(LocalRuleVersion, models.PROTECT)
    proposed_on = models.DateField()
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "pattern"], condition=models.Q(state="open"), name="rule_proposal_one_open"
            )
        ]
