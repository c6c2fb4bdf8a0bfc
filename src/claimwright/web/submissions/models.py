"""Claims, their immutable versions, the edits run on them, the files they went in and every event of their life."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce

from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.exchange.models import InboxPart, OutboxFile
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Payer, Practice


class Claim(TenantModel):
    """One encounter's bill to one payer. All claims of an encounter are its chain; `bucket` is the payer's receivable.

    `part` counts the claims of an encounter to one payer where it was split among several; each line stands on one.
    """

    encounter = models.ForeignKey(Encounter, models.PROTECT, related_name="claims")
    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="claims")
    payer = models.ForeignKey(Payer, models.PROTECT)
    coverage = models.ForeignKey(PatientCoverage, models.PROTECT, null=True, blank=True)
    sequence = models.CharField(max_length=1)  # P, S, T
    bucket = models.CharField(max_length=4)  # INS1, INS2, INS3
    part = models.IntegerField(default=1)
    owner = models.CharField(max_length=150, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)  # when a person wants to see it again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "encounter", "sequence", "part"], name="claim_part_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "owner"], condition=~models.Q(owner=""), name="claim_owned"),
            models.Index(
                fields=["tenant", "follow_up_on"],
                condition=models.Q(follow_up_on__isnull=False),
                name="claim_follow_up",
            ),
        ]


class ClaimMoney(TenantModel):
    """What is open on a claim by the ledger, in dollars: what lists are sorted and summed by.

    Triggers of the database keep it with every ledger row and every version (migration 0004). The books are the ledger:
    this row can be made from it again, and a test compares the two.
    """

    claim = models.OneToOneField(Claim, models.PROTECT, related_name="money")
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    balance = money_field(default=0)  # of the claim's lines, in its payer's bucket
    patient_balance = money_field(default=0)  # of the same lines, in the patient's

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "balance"], name="claim_money_balance"),
            models.Index(fields=["tenant", "patient_balance"], name="claim_money_patient"),
        ]


class ClaimVersion(TenantModel):
    """What is, or was, sent: never changed once submitted. `content` is the Claim noun."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="versions")
    number = models.IntegerField(default=1)
    control_number = models.CharField(max_length=20)  # CLM01
    frequency = models.CharField(max_length=1, default="1")
    newest = models.BooleanField(default=True)  # kept by a trigger (migration 0004): a later version takes it away
    state = models.CharField(max_length=20)
    held_from = models.CharField(max_length=20, blank=True)  # ON_HOLD returns here
    hold_until = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=12, blank=True)  # PAID PARTIAL ZERO_PAID DENIED REPORT_ONLY
    content = models.JSONField()
    total_charge = money_field()
    date_of_service = models.DateField(null=True, blank=True)
    payer_claim_number = models.CharField(max_length=80, blank=True)
    proof_of_filing = models.CharField(max_length=200, blank=True)
    edit_held = models.BooleanField(default=False)  # it once stood in EDIT_HOLD
    touched = models.BooleanField(default=False)  # a person changed or overrode something
    rejected = models.BooleanField(default=False)  # any rejection, file to payer
    created_on = models.DateField()
    first_sent = models.DateField(null=True, blank=True)
    last_sent = models.DateField(null=True, blank=True)
    file_acknowledged = models.DateField(null=True, blank=True)
    clearinghouse_acknowledged = models.DateField(null=True, blank=True)
    payer_acknowledged = models.DateField(null=True, blank=True)
    first_adjudicated = models.DateField(null=True, blank=True)
    last_adjudicated = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    filing_deadline = models.DateField(null=True, blank=True)
    # Read out of `content` by the database, for lists: who rendered the care, or billed it, and where it was given.
    rendering_npi = models.GeneratedField(
        expression=Coalesce(
            KeyTextTransform("npi", KeyTransform("rendering", "content")),
            KeyTextTransform("npi", KeyTransform("billing_provider", "content")),
            models.Value("", output_field=models.TextField()),
        ),
        output_field=models.TextField(),
        db_persist=True,
        null=True,  # as PostgreSQL has it; the expression itself never is
    )
    place_of_service = models.GeneratedField(
        expression=Coalesce(
            KeyTextTransform("place_of_service", "content"), models.Value("", output_field=models.TextField())
        ),
        output_field=models.TextField(),
        db_persist=True,
        null=True,  # as PostgreSQL has it; the expression itself never is
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "control_number"], name="claim_control_number_once"),
            models.UniqueConstraint(fields=["tenant", "claim", "number"], name="claim_version_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "payer_claim_number"]),
            models.Index(fields=["tenant", "date_of_service"]),
            # The list of claims in its orders, over millions; states are counted from the first alone.
            models.Index(
                fields=["tenant", "state", "date_of_service"],
                include=["total_charge", "filing_deadline", "hold_until"],
                condition=models.Q(newest=True),
                name="claim_newest_state",
            ),
            models.Index(
                fields=["tenant", "date_of_service", "control_number"],
                condition=models.Q(newest=True),
                name="claim_newest_day",
            ),
            models.Index(
                fields=["tenant", "total_charge"], condition=models.Q(newest=True), name="claim_newest_charge"
            ),
            models.Index(
                fields=["tenant", "filing_deadline"], condition=models.Q(newest=True), name="claim_newest_limit"
            ),
            models.Index(fields=["tenant", "last_sent"], condition=models.Q(newest=True), name="claim_newest_sent"),
        ]


class ClaimEvent(TenantModel):
    """One step of a claim version's life, with who, when and on what evidence."""

    append_only = True

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="events")
    ordinal = models.IntegerField()
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)
    trigger = models.CharField(max_length=60)
    moved = models.BooleanField(default=True)  # False: late or lower rank, recorded without moving the state
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    on = models.DateField()
    evidence = models.ForeignKey(InboxPart, models.PROTECT, null=True, blank=True)
    evidence_segment = models.IntegerField(default=0)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version", "ordinal"], name="claim_event_once")]


class EditFinding(TenantModel):
    """What an edit said of a version. Open ones of severity R or H keep it from going out."""

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="findings")
    edit_id = models.CharField(max_length=12)
    severity = models.CharField(max_length=1)  # R H W I
    path = models.CharField(max_length=120, blank=True)
    message = models.TextField()
    fix = models.TextField(blank=True)
    open = models.BooleanField(default=True)
    found_on = models.DateField()
    catalogue = models.CharField(max_length=64, blank=True)
    override_reason = models.TextField(blank=True)
    overridden_by = models.CharField(max_length=150, blank=True)
    overridden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "open", "edit_id"])]


class Submission(TenantModel):
    """A version in a file. A version is in one file, unless a resend names the first."""

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="submissions")
    file = models.ForeignKey(OutboxFile, models.PROTECT, related_name="submissions")
    transaction_control_number = models.CharField(max_length=9)
    resend_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "version", "file"], name="submission_once"),
            models.UniqueConstraint(
                fields=["tenant", "version"], condition=models.Q(resend_of__isnull=True), name="first_submission_once"
            ),
        ]


class ClaimPrint(TenantModel):
    """A version as it was printed: the very pages that were mailed, and what did not fit on them."""

    append_only = True

    version = models.ForeignKey(ClaimVersion, models.PROTECT, related_name="prints")
    form = models.CharField(max_length=8)  # cms1500, ub04
    data_only = models.BooleanField()  # on a printed form, not on our own drawing
    pages = models.IntegerField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    warnings = models.JSONField(default=list)  # of documents.paper.PaperWarning: box, kind, length, room; no value
    printed_by = models.CharField(max_length=150)
    printed_at = models.DateTimeField()
    printed_on = models.DateField()


class AllowedTransition(models.Model):
    """The table of claim states (billing.lifecycle), as the database's trigger reads it."""

    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["from_state", "to_state"], name="allowed_transition_once")]


class LocalRule(TenantModel):
    """A rule of the practice (edit PAY11). What it says stands in its versions; `key` is the id that findings name."""

    class Origin(models.TextChoices):
        MANUAL = "manual", "Written by a person"
        LEARNED = "learned", "Learned from denials"

    key = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.MANUAL)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="local_rule_key_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"


class LocalRuleVersion(TenantModel):
    """One wording of a rule. A change is a new version; at most one of a rule is in force."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "In force"
        RETIRED = "retired", "Retired"

    rule = models.ForeignKey(LocalRule, models.PROTECT, related_name="versions")
    number = models.IntegerField()
    content = models.JSONField()  # edits.records.LocalRule
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    note = models.TextField(blank=True)  # why it was made or changed
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    activated_at = models.DateTimeField(null=True, blank=True)
    activated_by = models.CharField(max_length=150, blank=True)
    expires_on = models.DateField(null=True, blank=True)  # exclusive: from this day on it is not asked
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.CharField(max_length=150, blank=True)
    retired_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "rule", "number"], name="local_rule_version_once"),
            models.UniqueConstraint(
                fields=["tenant", "rule"], condition=models.Q(state="active"), name="local_rule_one_in_force"
            ),
        ]


class LocalRuleTrial(TenantModel):
    """A dry run of a version over claims that went out: what it would have stopped, and what became of those."""

    append_only = True

    version = models.ForeignKey(LocalRuleVersion, models.PROTECT, related_name="trials")
    ran_at = models.DateTimeField()
    ran_by = models.CharField(max_length=150)
    since = models.DateField()
    until = models.DateField()  # inclusive
    claims = models.IntegerField()  # that went out in those days
    stopped = models.IntegerField()
    denied = models.IntegerField()
    not_denied = models.IntegerField()  # decided without a denial: a rule would have held them for nothing
    undecided = models.IntegerField()
    denied_by_reason = models.JSONField(default=dict)  # CARC: claims
    precision = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)  # denied of the decided
    sample = models.JSONField(default=list)  # control numbers
