"""Remittances, what they decided, money from patients and the bank, refunds, plans and statements."""

from __future__ import annotations

from django.db import models

from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.exchange.models import InboxPart
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion


class Remittance(TenantModel):
    """One 835 transaction accepted as a payment, posted or held. Its identity is unique; its bytes are the inbox's."""

    class State(models.TextChoices):
        POSTED = "posted", "Posted"
        PARTIAL = "partial", "Posted, some of it held"
        HELD = "held", "Held for a person"
        DUPLICATE = "duplicate", "The same payment again"
        QUARANTINED = "quarantined", "Quarantined"

    part = models.OneToOneField(InboxPart, models.PROTECT, related_name="remittance")
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True)
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    number = models.CharField(max_length=40)  # our id of the payment: subject of its ledger accounts
    trace_payer_id = models.CharField(max_length=30)  # TRN03
    trace_number = models.CharField(max_length=50)  # TRN02
    payee_id = models.CharField(max_length=80)  # payee NPI or TIN
    fingerprint = models.CharField(max_length=64)
    handling = models.CharField(max_length=2, blank=True)
    method = models.CharField(max_length=3, blank=True)
    amount = money_field()
    payment_date = models.DateField(null=True, blank=True)
    received_on = models.DateField()
    state = models.CharField(max_length=12, choices=State.choices)
    reason = models.TextField(blank=True)
    content = models.JSONField()  # claims.nouns.Remittance
    bank_state = models.CharField(max_length=16, default="AWAITING_FUNDS")
    # Of a held one, by two people where money moves: DUPLICATE, SEPARATE (a payment of its own), RESEND (corrected).
    decision = models.CharField(max_length=12, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)  # who asked for it
    approved_by = models.CharField(max_length=150, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    identity_suffix = models.CharField(max_length=4, blank=True)  # tells it from the earlier one of its identity
    earlier = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="later")
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # A quarantined or held ST does not own its identity: the repaired one must be able to post.
            models.UniqueConstraint(
                fields=["tenant", "trace_payer_id", "trace_number", "payee_id", "identity_suffix"],
                condition=models.Q(state__in=["posted", "partial"]),
                name="remittance_identity_once",
            ),
            models.UniqueConstraint(fields=["tenant", "number"], name="remittance_number_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "trace_number"], name="remittance_trace"),
            models.Index(fields=["tenant", "amount"], name="remittance_amount"),
            models.Index(
                fields=["tenant", "practice"], condition=models.Q(bank_state="AWAITING_FUNDS"), name="remittance_waits"
            ),  # for its money
            models.Index(  # the list, newest first
                "tenant", models.F("payment_date").desc(nulls_last=True), models.F("received_on").desc(), "number",
                name="remittance_newest",
            ),
        ]  # fmt: skip


class ClaimPayment(TenantModel):
    """One CLP as received: posted, held or report only. COB and reversals read these, never the postings."""

    remittance = models.ForeignKey(Remittance, models.PROTECT, related_name="claim_payments")
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    version = models.ForeignKey(ClaimVersion, models.PROTECT, null=True, blank=True, related_name="claim_payments")
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True, related_name="claim_payments")
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True)
    segment = models.IntegerField()
    control_number = models.CharField(max_length=40)  # CLP01
    status = models.CharField(max_length=2)  # CLP02
    charge = money_field()
    paid = money_field()
    patient_responsibility = money_field(null=True, blank=True)
    payer_claim_number = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12)  # posted, held, report_only, released
    outcome = models.CharField(max_length=12, blank=True)
    worklist = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64)
    record_id = models.CharField(max_length=60)  # billing's id of it: prefix of its ledger keys
    reversed_by = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reverses")
    untouched = models.BooleanField(default=True)  # posted without a person
    content = models.JSONField()  # claims.nouns.ClaimPayment
    working = models.JSONField(default=dict)  # what billing needs to reverse it or to bill the next payer
    posted_on = models.DateField(null=True, blank=True)
    posting_order = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "remittance", "segment"], name="claim_payment_once")]
        indexes = [
            models.Index(fields=["tenant", "control_number"]),
            models.Index(fields=["tenant", "payer_claim_number"]),
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "paid", "posted_on"], name="claim_payment_paid"),  # a search by amount
        ]


class LastDecision(TenantModel):
    """What payers' payments of a claim version come to, held, reversed and reversing ones left out: what lists show.

    A trigger of the database keeps it with every claim payment (migration 0006); no row: nothing came yet. The truth
    is the claim payments: this row can be made from them again, and a test does.
    """

    version = models.OneToOneField(ClaimVersion, models.PROTECT, related_name="last_decision")
    practice = models.ForeignKey(Practice, models.PROTECT, related_name="+")
    allowed = money_field(null=True, blank=True)  # None where the last payment does not state it
    paid = money_field(default=0)
    patient_responsibility = money_field(null=True, blank=True)
    reason = models.CharField(max_length=12, blank=True)  # group and CARC of the last adjustment: PR-1
    carc = models.CharField(max_length=8, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "allowed"], name="last_decision_allowed"),
            models.Index(fields=["tenant", "paid"], name="last_decision_paid"),
            models.Index(fields=["tenant", "reason"], name="last_decision_reason"),
            models.Index(fields=["tenant", "carc"], name="last_decision_carc"),
        ]


class PracticeDebt(TenantModel):
    """A claim payment that came to one practice for a claim of another: who owes whom, until the money has followed."""

    claim_payment = models.OneToOneField(ClaimPayment, models.PROTECT, related_name="practice_debt")
    received_by = models.ForeignKey(Practice, models.PROTECT, related_name="owes_practices")
    belongs_to = models.ForeignKey(Practice, models.PROTECT, related_name="owed_by_practices")
    amount = money_field()  # below zero where a payment was taken back
    assigned_on = models.DateField()
    assigned_by = models.CharField(max_length=150)
    reason = models.CharField(max_length=200)
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.CharField(max_length=150, blank=True)
    reference = models.CharField(max_length=60, blank=True)  # of the transfer at the bank


class AdjudicationRecord(TenantModel):
    """One adjustment (CAS triple) of one payer on one line, or on the claim where `line_id` is blank; posted or held."""

    append_only = True

    claim_payment = models.ForeignKey(ClaimPayment, models.PROTECT, related_name="records")
    line_id = models.CharField(max_length=30, blank=True)
    group = models.CharField(max_length=2)
    carc = models.CharField(max_length=5)
    rarcs = models.JSONField(default=list)
    amount = money_field()
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    posting_class = models.CharField(max_length=20, blank=True)


class ProviderAdjustment(TenantModel):
    """One PLB pair and where its money went. Forwarding balances are paired by reference."""

    remittance = models.ForeignKey(Remittance, models.PROTECT, related_name="provider_adjustments")
    ordinal = models.IntegerField()
    code = models.CharField(max_length=4)
    reference = models.CharField(max_length=80, blank=True)
    amount = money_field()  # as sent: negative increases, positive reduces the payment
    state = models.CharField(max_length=12)  # posted, held
    offset_subject = models.CharField(max_length=80, blank=True)  # payer|TIN
    settles = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="settlements")
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "remittance", "ordinal"], name="provider_adjustment_once")
        ]


class AdjustmentAccount(TenantModel):
    """Where a PLB code of one payer goes, as a person decided: used for the next payment as well."""

    payer = models.ForeignKey(Payer, models.PROTECT, related_name="adjustment_accounts")
    code = models.CharField(max_length=4)  # PLB03-1
    account_kind = models.CharField(max_length=20)  # ledger.accounts.Kind
    note = models.CharField(max_length=200)
    by = models.CharField(max_length=150)
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "payer", "code"], name="adjustment_account_once")]


class Deposit(TenantModel):
    """Money seen at the bank: an EFT notice or a check deposited, matched to a remittance or not yet."""

    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    kind = models.CharField(max_length=6)  # EFT, CHECK, CARD, CASH
    trace_number = models.CharField(max_length=50, blank=True)
    trace_payer_id = models.CharField(max_length=30, blank=True)
    amount = money_field()
    effective_date = models.DateField()
    state = models.CharField(max_length=16)  # UNMATCHED_EFT, MATCHED, AMOUNT_DIFF, ANNOUNCED, CLOSED
    remittance = models.OneToOneField(Remittance, models.PROTECT, null=True, blank=True, related_name="deposit")
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="deposit_once")]
        indexes = [
            models.Index(fields=["tenant", "trace_number"], name="deposit_trace"),
            models.Index(fields=["tenant", "amount"], name="deposit_amount"),
        ]


class PatientReceipt(TenantModel):
    """Money from a patient. `key` is the attempt's idempotency key."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="receipts")
    practice = models.ForeignKey(Practice, models.PROTECT)
    method = models.CharField(max_length=6)  # card, check, cash
    amount = money_field()
    received_on = models.DateField()
    key = models.CharField(max_length=80)
    reference = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, default="posted")  # posted, returned
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True)
    is_at_bank = models.BooleanField(default=False)  # in a match that stands: kept by bank.marks

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="patient_receipt_once")]
        indexes = [
            models.Index(
                fields=["tenant", "practice"],
                name="patient_receipt_waits",
                condition=models.Q(state="posted", is_at_bank=False),
            ),
            models.Index(fields=["tenant", "reference"], name="patient_receipt_reference"),
            models.Index(fields=["tenant", "amount"], name="patient_receipt_amount"),
        ]


class Refund(TenantModel):
    """Money to give back. IDENTIFIED, VALIDATED, APPROVED, ISSUED, CLEARED, RECOUPED, ESCHEATED; or HOLD, STOPPED.

    A row is a credit until it is issued; then it is the check, `parts` are the credits it paid back, and the credit's
    key is free for another.
    """

    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True)
    payer = models.ForeignKey(Payer, models.PROTECT, null=True, blank=True)
    line_id = models.CharField(max_length=30, blank=True)
    bucket = models.CharField(max_length=4, blank=True)
    amount = money_field()
    cause = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="IDENTIFIED")
    hold_until = models.DateField(null=True, blank=True)
    identified_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)  # 60-day clock where a federal payer is owed
    requested_by = models.CharField(max_length=150, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    paid_to = models.UUIDField(null=True, blank=True)  # the patient of an issued refund
    key = models.CharField(max_length=120)
    received_on = models.DateField(
        null=True, blank=True
    )  # when the money that is owed back came: look-back runs from it
    investigating_since = models.DateField(null=True, blank=True)
    concluded_on = models.DateField(null=True, blank=True)  # the good-faith investigation ended
    recoup = models.BooleanField(default=False)  # the payer was asked to take it from a later payment: no check as well
    parts = models.JSONField(default=list)  # of an issued one: {"line_id", "bucket", "amount"} as text
    subject = models.CharField(max_length=80, blank=True)  # payer|TIN, or the practice: subject of its ledger account
    ledger_id = models.CharField(max_length=60, blank=True)  # bucket of its ledger account, prefix of its keys
    method = models.CharField(max_length=4, blank=True)  # CHK, CARD, ACH
    reference = models.CharField(max_length=60, blank=True)  # check number, or the processor's
    attempts = models.IntegerField(default=0)  # how often it was paid out: a stopped check is paid again
    approved_on = models.DateField(null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    cleared_on = models.DateField(null=True, blank=True)  # at the bank
    acknowledged_on = models.DateField(null=True, blank=True)  # by the payer's PLB 72
    dormant_on = models.DateField(null=True, blank=True)  # the state's day for unclaimed property
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="refund_once")]
        indexes = [
            models.Index(fields=["tenant", "state"]),
            models.Index(fields=["tenant", "reference"], condition=~models.Q(reference=""), name="refund_reference"),
        ]


class WriteOff(TenantModel):
    """A request to write off, and who approved it: never the same person above the automatic limit."""

    practice = models.ForeignKey(Practice, models.PROTECT)
    version = models.ForeignKey(ClaimVersion, models.PROTECT, null=True, blank=True)
    line_id = models.CharField(max_length=30)
    bucket = models.CharField(max_length=4)
    amount = money_field()
    reason = models.CharField(max_length=30)
    state = models.CharField(max_length=10, default="REQUESTED")  # REQUESTED, APPROVED, REFUSED
    requested_by = models.CharField(max_length=150)
    requested_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)
    evidence = models.CharField(max_length=200, blank=True)  # of hardship, where a patient's share is waived
    key = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="write_off_once")]
        indexes = [models.Index(fields=["tenant", "line_id"], name="write_off_line")]


class Statement(TenantModel):
    """A statement as issued: figures and PDF are kept as they were."""

    practice = models.ForeignKey(Practice, models.PROTECT)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="statements")
    number = models.CharField(max_length=20)
    issued_on = models.DateField()
    due_on = models.DateField()
    language = models.CharField(max_length=2, default="en")
    amount_due = money_field()
    content = models.JSONField()  # documents.statement.StatementDocument
    ledger_sequence = models.BigIntegerField()  # the last ledger row it was made from
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="statement_number_once")]
