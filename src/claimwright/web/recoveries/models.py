"""Money not paid as agreed: lines against their contract, disputes of payers' allowances, debts at agencies."""

from __future__ import annotations

from django.db import models

from claimwright.web.charges.models import Encounter
from claimwright.web.contracts.models import Contract
from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import ClaimPayment, ProviderAdjustment
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion


class LineComparison(TenantModel):
    """One line of one decision against its contract, as it was compared: billing.underpayments.Comparison."""

    append_only = True

    claim_payment = models.ForeignKey(ClaimPayment, models.PROTECT, related_name="comparisons")
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    payer = models.ForeignKey(Payer, models.PROTECT)
    line_id = models.CharField(max_length=30)
    code = models.CharField(max_length=48)
    verdict = models.CharField(max_length=16)
    cause = models.CharField(max_length=24, blank=True)
    expected = money_field(null=True, blank=True)
    allowed = money_field()
    variance = money_field(null=True, blank=True)
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True)
    contract_version = models.CharField(max_length=200, blank=True)
    compared_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "claim_payment", "line_id"], name="line_comparison_once")
        ]
        indexes = [models.Index(fields=["tenant", "payer", "verdict"])]


class Dispute(TenantModel):
    """One letter about variances of one payer, code, cause and contract version. DRAFT, SENT, ANSWERED, CLOSED."""

    number = models.CharField(max_length=12)
    practice = models.ForeignKey(Practice, models.PROTECT)
    payer = models.ForeignKey(Payer, models.PROTECT)
    code = models.CharField(max_length=48)
    cause = models.CharField(max_length=24)
    contract_version = models.CharField(max_length=200, blank=True)
    amount = money_field()
    state = models.CharField(max_length=10, default="DRAFT")
    made_on = models.DateField()
    made_by = models.CharField(max_length=150)
    sent_on = models.DateField(null=True, blank=True)
    answer_due_on = models.DateField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    reference = models.CharField(max_length=60, blank=True)  # the payer's own number of it
    letter = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="dispute_number_once")]


class Underpayment(TenantModel):
    """A line allowed for less, or more, than its contract says. `variance` is expected less allowed when found.

    OPEN, DISPUTED, RECOVERED, ACCEPTED, CONTRACT_DATA_ERROR. `recovered` is what the ledger shows to have come since.
    """

    comparison = models.ForeignKey(LineComparison, models.PROTECT, related_name="cases")
    version = models.ForeignKey(ClaimVersion, models.PROTECT)
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)
    payer = models.ForeignKey(Payer, models.PROTECT)
    line_id = models.CharField(max_length=30)
    bucket = models.CharField(max_length=4)
    code = models.CharField(max_length=48)
    cause = models.CharField(max_length=24)
    contract_version = models.CharField(max_length=200, blank=True)
    expected = money_field()
    allowed = money_field()
    variance = money_field()
    ledger_allowed = money_field()  # by the ledger, when found
    recovered = money_field(default=0)
    state = models.CharField(max_length=20, default="OPEN")
    found_on = models.DateField()
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, blank=True, related_name="cases")
    decided_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "line_id", "bucket"], name="underpayment_line_once")]
        indexes = [models.Index(fields=["tenant", "state", "payer"])]


class Agency(TenantModel):
    """A collection agency and the share of what it collects that it keeps."""

    name = models.CharField(max_length=80)
    fee_share = models.DecimalField(max_digits=5, decimal_places=4)

    class Meta:
        verbose_name_plural = "agencies"
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="agency_name_once")]

    def __str__(self) -> str:
        return self.name


class AgencyFile(TenantModel):
    """A file to an agency (PLACEMENTS, RECALLS) or from one (PAYMENTS), as it went or came."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "agency", "sha256"], condition=models.Q(kind="PAYMENTS"), name="agency_payments_once"
            )
        ]


class AgencyPlacement(TenantModel):
    """One patient's debt: REVIEW, DECLINED, PLACED, RECALLED or SETTLED. `number` is what the agency calls it by."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="placements")
    practice = models.ForeignKey(Practice, models.PROTECT)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="placements")
    number = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="REVIEW")
    final_notice_on = models.DateField()
    review_on = models.DateField()
    placed_on = models.DateField(null=True, blank=True)
    amount = money_field(default=0)  # when placed
    placed_by = models.CharField(max_length=150, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=200, blank=True)
    sent_in = models.ForeignKey(AgencyFile, models.PROTECT, null=True, blank=True, related_name="placements")
    recall_sent_in = models.ForeignKey(AgencyFile, models.PROTECT, null=True, blank=True, related_name="recalls")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="placement_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "patient"],
                condition=models.Q(state__in=["REVIEW", "PLACED"]),
                name="placement_open_once",
            ),
        ]


class AgencyPayment(TenantModel):
    """One row of an agency's payment file: POSTED, or PROBLEM and then nothing moved."""

    file = models.ForeignKey(AgencyFile, models.PROTECT, related_name="payments")
    row = models.IntegerField()
    placement = models.ForeignKey(AgencyPlacement, models.PROTECT, null=True, blank=True, related_name="payments")
    gross = money_field(null=True, blank=True)
    fee = money_field(null=True, blank=True)
    net = money_field(null=True, blank=True)
    collected_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "file", "row"], name="agency_payment_once")]


class Takeback(TenantModel):
    """Money a payer announced by letter to take back, or took in a remittance; one row for each, whatever comes of it."""

    class State(models.TextChoices):
        OPEN = "OPEN", "Open"
        CONTESTED = "CONTESTED", "Contested"
        ACCEPTED = "ACCEPTED", "Accepted"
        WITHDRAWN = "WITHDRAWN", "Withdrawn by the payer"

    number = models.CharField(max_length=20)
    payer = models.ForeignKey(Payer, models.PROTECT)
    practice = models.ForeignKey(Practice, models.PROTECT)
    adjustment = models.OneToOneField(
        ProviderAdjustment, models.PROTECT, null=True, blank=True, related_name="takeback"
    )  # none: announced by letter
    code = models.CharField(max_length=4, blank=True)  # PLB03-1
    reference = models.CharField(max_length=80, blank=True)
    amount = money_field()  # above zero
    announced_on = models.DateField()
    reason = models.TextField(blank=True)
    encounter = models.ForeignKey(Encounter, models.PROTECT, null=True, blank=True)
    claim_payment = models.ForeignKey(ClaimPayment, models.PROTECT, null=True, blank=True, related_name="takebacks")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    contested_on = models.DateField(null=True, blank=True)
    contest_reason = models.TextField(blank=True)
    letter = models.BinaryField(null=True, blank=True)  # the last to the payer about it
    answer = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="takeback_number_once")]
