"""Bank accounts, statements as they came, their lines, and what each line was matched to."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import TenantModel, money_field
from claimwright.web.payments.models import Deposit, PatientReceipt, Refund, Remittance
from claimwright.web.practice.models import Practice


class BankAccount(TenantModel):
    """An account whose statements are imported. Its number is known by its last four digits and a hash only."""

    name = models.CharField(max_length=80)
    practice = models.ForeignKey(Practice, models.PROTECT, null=True, blank=True)  # none: of all practices
    ending = models.CharField(max_length=4, blank=True)
    account_key = models.CharField(max_length=64, blank=True)  # SHA-256 of the number; blank until a file names it
    profile = models.JSONField(default=dict, blank=True)  # billing.bank_files.CsvProfile of its CSV files, if its own

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="bank_account_name_once")]

    def __str__(self) -> str:
        return self.name


class BankFile(TenantModel):
    """A file as it came, kept before it is read, whether it can be read or not."""

    append_only = True

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    format = models.CharField(max_length=4, blank=True)
    faults = models.JSONField(default=list)  # none: its lines were taken
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "sha256"], name="bank_file_once")]


class BankStatement(TenantModel):
    """One account in one file: its days and balances, as the bank says them."""

    append_only = True

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="statements")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements")
    start = models.DateField(null=True, blank=True)
    end = models.DateField(null=True, blank=True)
    opening_balance = money_field(null=True, blank=True)
    closing_balance = money_field(null=True, blank=True)
    new_lines = models.IntegerField(default=0)
    repeated_lines = models.IntegerField(default=0)  # already known from an overlapping statement


class BankLine(TenantModel):
    """One line as the bank shows it. Never changed; what it was matched to is in `BankMatch`."""

    append_only = True

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    place = models.IntegerField()  # line of the file
    key = models.CharField(max_length=64)  # the bank's reference, else the content and its how-manieth of the day
    posted_on = models.DateField()
    amount = money_field()
    kind = models.CharField(max_length=14)
    description = models.TextField(blank=True)
    content = models.JSONField()  # billing.bank_files.BankLine

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "account", "key"], name="bank_line_once")]
        indexes = [models.Index(fields=["tenant", "posted_on"])]


class OpenLine(TenantModel):
    """A line that no standing match holds; kept by `bank.marks`."""

    line = models.OneToOneField(BankLine, models.PROTECT, related_name="open")


class BankMatch(TenantModel):
    """An event: lines and money tied, explained, taken back or undone. An undone match is named by a later event."""

    append_only = True

    kind = models.CharField(max_length=14)  # billing.bank_matching.Proof, ACCEPTED, EXPLAINED, UNDONE
    automatic = models.BooleanField(default=False)
    score = models.IntegerField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    category = models.CharField(max_length=20, blank=True)  # of an explained line
    fee = money_field(default=0)
    note = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    effective_on = models.DateField()  # the last bank day of its lines
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=["tenant", "-at", "-id"], name="bank_match_last")]


class BankMatchLine(TenantModel):
    append_only = True

    match = models.ForeignKey(BankMatch, models.PROTECT, related_name="lines")
    line = models.ForeignKey(BankLine, models.PROTECT, related_name="matches")
    amount = money_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "match", "line"], name="bank_match_line_once")]


class BankMatchPart(TenantModel):
    """One piece of money that the lines are: exactly one of the four is named, a deposit beside its remittance."""

    append_only = True

    match = models.ForeignKey(BankMatch, models.PROTECT, related_name="parts")
    amount = money_field()
    remittance = models.ForeignKey(Remittance, models.PROTECT, null=True, blank=True, related_name="bank_parts")
    deposit = models.ForeignKey(Deposit, models.PROTECT, null=True, blank=True, related_name="bank_parts")
    receipt = models.ForeignKey(PatientReceipt, models.PROTECT, null=True, blank=True, related_name="bank_parts")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="bank_parts")
