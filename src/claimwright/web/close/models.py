"""Days and months closed: what was signed for, by whom, and the very bytes of the reports. All rows are only added."""

from __future__ import annotations

from django.db import models

from claimwright.web.accounts.models import PeriodEvent
from claimwright.web.core.models import TenantModel, money_field


class DayClose(TenantModel):
    """A day's sheet as a person closed it. Closed again after later postings, it is another row."""

    append_only = True

    day = models.DateField()
    revision = models.IntegerField()
    postings = models.IntegerField()
    charges = money_field()
    cash = money_field()
    receivable = money_field()  # the day's change of A/R
    sheet = models.BinaryField()  # CSV of every posting
    sha256 = models.CharField(max_length=64)
    ledger_sequence = models.BigIntegerField()
    ledger_hash = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "day", "revision"], name="day_close_once")]


class ItemSignOff(TenantModel):
    """A person's reason why an item of a month's checklist may stay as it was then."""

    append_only = True

    month = models.DateField()
    item = models.CharField(max_length=30)
    count = models.IntegerField()
    amount = money_field(null=True, blank=True)
    reason = models.TextField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "month"], name="item_sign_off_month")]


class AuditResult(TenantModel):
    """What the auditor, which shares no code with the books, found: recorded by whoever ran it."""

    append_only = True

    ledger_sequence = models.BigIntegerField()
    ledger_hash = models.CharField(max_length=64)
    examined = models.BigIntegerField()
    faults = models.IntegerField()
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()


class MonthReport(TenantModel):
    """One report of a closed month, as it was at the closing. `proved`: made of the ledger alone, so that it can be
    made again with the same bytes; the others rest on claims and payers, which live on."""

    append_only = True

    event = models.ForeignKey(PeriodEvent, models.PROTECT, related_name="reports")
    name = models.CharField(max_length=60)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    proved = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "event", "name"], name="month_report_once")]
