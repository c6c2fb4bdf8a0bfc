"""The ledger as rows: transfers, only ever added, one hash chain a tenant. Subjects are ids, never names."""

from __future__ import annotations

from django.db import models

from claimwright.web.core.models import ChainedModel, TenantModel, money_field


class LedgerTransfer(ChainedModel):
    """One debit, one credit, amount above zero. `key` makes writing it twice one writing."""

    key = models.CharField(max_length=200)
    debit_kind = models.CharField(max_length=20)
    debit_bucket = models.CharField(max_length=40, blank=True)
    debit_subject = models.CharField(max_length=80, blank=True)
    credit_kind = models.CharField(max_length=20)
    credit_bucket = models.CharField(max_length=40, blank=True)
    credit_subject = models.CharField(max_length=80, blank=True)
    amount = money_field()
    entry_type = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    effective_date = models.DateField()
    posted_at = models.DateTimeField()
    posted_on = models.DateField()
    actor = models.CharField(max_length=150)
    journal = models.UUIDField()
    payment = models.CharField(max_length=80, blank=True)
    claim = models.CharField(max_length=40, blank=True)
    reverses = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="ledger_sequence_once"),
            models.UniqueConstraint(fields=["tenant", "key"], name="ledger_key_once"),
            models.UniqueConstraint(
                fields=["tenant", "reverses"], condition=~models.Q(reverses=""), name="ledger_reversed_once"
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="ledger_amount_above_zero"),
            models.CheckConstraint(
                condition=~models.Q(
                    debit_kind=models.F("credit_kind"),
                    debit_bucket=models.F("credit_bucket"),
                    debit_subject=models.F("credit_subject"),
                ),
                name="ledger_two_accounts",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "debit_kind", "debit_subject"]),
            models.Index(fields=["tenant", "credit_kind", "credit_subject"]),
            models.Index(fields=["tenant", "payment"]),
            models.Index(fields=["tenant", "posted_on"]),
            models.Index(fields=["tenant", "effective_date"], name="ledger_effective_date"),
        ]

    def chain_payload(self) -> str:
        return "|".join(
            (
                self.key, self.debit_kind, self.debit_bucket, self.debit_subject, self.credit_kind, self.credit_bucket,
                self.credit_subject, f"{self.amount:.2f}", self.entry_type, self.reason,
                self.effective_date.isoformat(), self.posted_on.isoformat(), self.actor, str(self.journal),
                self.payment, self.claim, self.reverses, self.posted_at.isoformat(), self.note,
            )
        )  # fmt: skip


class PeriodEvent(TenantModel):
    """A month closed or opened again. The books are closed through the latest month whose last event closed it.

    The database refuses a ledger row whose `posted_on` is not after that month (migration 0003), whoever writes it.
    `ledger_sequence` and `ledger_hash` are the head of the ledger's chain at that moment.
    """

    append_only = True

    class Kind(models.TextChoices):
        LOCKED = "locked", "Closed"
        REOPENED = "reopened", "Opened again"

    number = models.IntegerField()
    month = models.DateField()  # its first day
    kind = models.CharField(max_length=8, choices=Kind.choices)
    revision = models.IntegerField()  # how often the month was closed, this time counted
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    role = models.CharField(max_length=12)
    at = models.DateTimeField()
    ledger_sequence = models.BigIntegerField()
    ledger_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="period_event_number_once"),
            models.UniqueConstraint(fields=["tenant", "month", "kind", "revision"], name="period_event_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="period_event_month_begins"),
            models.CheckConstraint(
                condition=models.Q(kind="locked") | (models.Q(role="owner") & ~models.Q(reason="")),
                name="period_reopened_by_owner_with_reason",
            ),
        ]
