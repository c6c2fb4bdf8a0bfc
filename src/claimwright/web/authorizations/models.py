"""Referrals and prior authorizations with what was taken of them, the requests that led to them, and papers on file.

Claims, visits and charge lines are subjects by id here: their apps stand above this one and push.
"""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel
from claimwright.web.exchange.models import InboxPart, OutboxFile
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Location, Payer, Practice


def quantity_field(**options: object) -> models.DecimalField:
    return models.DecimalField(max_digits=9, decimal_places=3, **options)


class Authorization(TenantModel):
    """What a payer said of a service before it is done. Days run from `start` to before `end`; no limit is None.

    `codes` are rows of edits.payer_profile.CodeRange, none for any service. `provider_npis`: to whom it was given, none
    for any provider of the practice.
    """

    class Kind(models.TextChoices):
        AUTHORIZATION = "authorization", "Prior authorization"
        PRECERTIFICATION = "precertification", "Precertification of a stay"
        REFERRAL = "referral", "Referral"

    class Status(models.TextChoices):
        REQUESTED = "requested", "Requested"
        PENDED = "pended", "Pended by the payer"
        APPROVED = "approved", "Approved"
        PARTIAL = "partial", "Approved in part"
        DENIED = "denied", "Denied"
        EXPIRED = "expired", "Expired"
        RETRO_REQUESTED = "retro_requested", "Asked for after the service"
        NOT_REQUIRED = "not_required", "The payer asks for none"
        CANCELLED = "cancelled", "Cancelled"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="authorizations")
    payer = models.ForeignKey(Payer, models.PROTECT)
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.AUTHORIZATION)
    number = models.CharField(max_length=50, blank=True)
    payer_reference = models.CharField(max_length=50, blank=True)  # of a request that is not decided
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.REQUESTED)
    codes = models.JSONField(default=list)
    diagnoses = models.JSONField(default=list)
    provider_npis = models.JSONField(default=list)
    places = models.JSONField(default=list)
    referring_npi = models.CharField(max_length=10, blank=True)
    units_requested = quantity_field(null=True, blank=True)
    visits_requested = models.IntegerField(null=True, blank=True)
    units_approved = quantity_field(null=True, blank=True)
    visits_approved = models.IntegerField(null=True, blank=True)
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    requester = models.CharField(max_length=150, blank=True)  # who asked for it here
    method = models.CharField(max_length=12, blank=True)  # 278, portal, phone, fax, letter
    payer_contact = models.CharField(max_length=120, blank=True)
    call_reference = models.CharField(max_length=60, blank=True)
    requested_at = models.DateTimeField(null=True, blank=True)
    expedited = models.BooleanField(default=False)
    decision_due = models.DateTimeField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    reasons = models.JSONField(default=list)  # HCR03 or the payer's words
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "patient", "payer", "kind", "number", "start"],
                condition=~models.Q(number=""),
                nulls_distinct=False,
                name="authorization_number_once",
            )  # fmt: skip
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "decision_due"], name="authorization_chase"),
            models.Index(fields=["tenant", "number"], name="authorization_number"),
        ]

    def __str__(self) -> str:
        return self.number or f"{self.get_kind_display()} without a number"


class AuthorizationChange(TenantModel):
    """One change of an authorization: which fields, from what to what, by whom, on whose word."""

    append_only = True

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="changes")
    changes = models.JSONField()  # {field: [old, new]}
    source = models.CharField(max_length=12)  # person, 278
    evidence = models.ForeignKey(InboxPart, models.PROTECT, null=True, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    on = models.DateField()
    actor = models.CharField(max_length=150)


class AuthorizationEntry(TenantModel):
    """One movement of units or visits. `ordinal` counts up within the authorization: two at once cannot both write.

    `subject` is what holds them: a charge line's id, "visit:<claim>:<day>", "encounter:<id>" at scheduling.
    """

    append_only = True

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="entries")
    ordinal = models.IntegerField()
    measure = models.CharField(max_length=6)  # units, visits
    movement = models.CharField(max_length=8)  # reserve, use, release, return
    quantity = quantity_field()
    subject = models.CharField(max_length=120)
    claim_id = models.UUIDField(null=True, blank=True)
    version_id = models.UUIDField(null=True, blank=True)
    encounter_id = models.UUIDField(null=True, blank=True)
    cause = models.CharField(max_length=20)  # scheduling, the claim's state, denied, paid, correction
    override_reason = models.TextField(blank=True)
    at = models.DateTimeField()
    on = models.DateField()
    actor = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "authorization", "ordinal"], name="authorization_entry_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="authorization_entry_positive"),
        ]
        indexes = [models.Index(fields=["tenant", "claim_id"], name="authorization_entry_claim")]


class AuthorizationRequest(TenantModel):
    """A 278 that was asked and what came back. `trace` is TRN02 and BHT03, by which the answer finds it."""

    class State(models.TextChoices):
        PREPARED = "prepared", "Prepared"
        ANSWERED = "answered", "Answered"
        REJECTED = "rejected", "Rejected by the payer"
        SUPERSEDED = "superseded", "Another one was made instead"

    authorization = models.ForeignKey(Authorization, models.PROTECT, related_name="requests")
    trace = models.CharField(max_length=30)
    content = models.JSONField()  # claims.authorization.PriorAuthRequest
    encounter_id = models.UUIDField(null=True, blank=True)
    file = models.ForeignKey(OutboxFile, models.PROTECT, null=True, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARED)
    created_at = models.DateTimeField()
    answer = models.JSONField(null=True, blank=True)  # claims.authorization.PriorAuthResponse, the latest
    answer_part = models.ForeignKey(InboxPart, models.PROTECT, null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "trace"], name="authorization_request_once")]


class Document(TenantModel):
    """A paper on file. `content` is encrypted; `sha256` and `size` are of the file as it came.

    The same file of the same patient is one document. `control_number` is PWK06, the payer's way to find it.
    """

    class State(models.TextChoices):
        READABLE = "readable", "Readable"
        UNREADABLE = "unreadable", "Cannot be read"
        DESTROYED = "destroyed", "Destroyed after its retention"

    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="documents")
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=24)  # billing.document_policy.KINDS
    report_type = models.CharField(max_length=2, blank=True)  # PWK01
    control_number = models.CharField(max_length=50, blank=True)
    attachment_code = models.CharField(max_length=10, blank=True)  # LOINC of what a payer asked for
    due_on = models.DateField(null=True, blank=True)  # by when a payer wants it
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60, blank=True)  # from the bytes, never from the name
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    pages = models.IntegerField(null=True, blank=True)
    received_on = models.DateField()
    signed_on = models.DateField(null=True, blank=True)
    signed_by = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.READABLE)
    problem = models.TextField(blank=True)
    scanner = models.CharField(max_length=60, blank=True)  # what looked for viruses; blank where none is set up
    keep_until = models.DateField()
    legal_hold = models.CharField(max_length=200, blank=True)  # why it is kept whatever its date
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "patient", "sha256", "kind"], nulls_distinct=False, name="document_file_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "control_number"],
                condition=~models.Q(control_number=""),
                name="document_control_once",
            ),
        ]


class DocumentLink(TenantModel):
    """What a document is about. A link is never lost: one that was wrong is closed with a reason."""

    class Kind(models.TextChoices):
        ENCOUNTER = "encounter", "Visit"
        CLAIM = "claim", "Claim"
        LINE = "line", "Charge line"
        AUTHORIZATION = "authorization", "Authorization"
        DENIAL = "denial", "Denial"

    document = models.ForeignKey(Document, models.PROTECT, related_name="links")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "document", "kind", "subject_id"], name="document_link_once")
        ]
        indexes = [models.Index(fields=["tenant", "kind", "subject_id"], name="document_link_subject")]


class Questionnaire(TenantModel):
    """Dated answers of a patient. Kind abn: the advance beneficiary notice, `answers` is billing.advance_notice."""

    kind = models.CharField(max_length=12)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="questionnaires")
    encounter_id = models.UUIDField(null=True, blank=True)
    answers = models.JSONField()
    answered_on = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # exclusive
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
