"""What is open of a month, counted by the database: the findings of the checklist, and what was closed so far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum

from claimwright.billing.closing import Finding, Item, SignOff
from claimwright.billing.lifecycle import State
from claimwright.codes.dates import add_months
from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Kind
from claimwright.web.accounts.models import LedgerTransfer, PeriodEvent
from claimwright.web.accounts.selectors import balances
from claimwright.web.bank.models import BankLine
from claimwright.web.bank.selectors import open_lines, reconcile_period
from claimwright.web.cashier.models import CashDrawer, CounterReceipt
from claimwright.web.charges.models import Encounter
from claimwright.web.close.models import AuditResult, DayClose, ItemSignOff
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.models import Deposit, Remittance, WriteOff
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import policies_of
from claimwright.web.submissions.models import ClaimVersion

UNSENT = (State.DRAFT, State.EDIT_HOLD, State.READY, State.ON_HOLD, State.FILE_REJECTED)
UNCHARGED = (
    Encounter.State.ARRIVED, Encounter.State.NOTE_OPEN, Encounter.State.NOTE_SIGNED, Encounter.State.CODING,
    Encounter.State.QUERY, Encounter.State.HELD, Encounter.State.CODED,
)  # fmt: skip
NOT_POSTED = (Remittance.State.HELD, Remittance.State.PARTIAL, Remittance.State.QUARANTINED)


def last_day(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def findings(month: date) -> list[Finding]:
    """Every item but the two that the reports themselves answer for. `month` is its first day."""
    end = last_day(month)
    return [
        _audited(end), _days(month, end), _drawers(end), *_money_in_between(end), *_bank(month, end), *_work(end), _statements(end)
    ]  # fmt: skip


def _of(item: Item, rows: QuerySet, field: str | None = None) -> Finding:  # type: ignore[type-arg]
    count = rows.count()
    total = rows.aggregate(total=Sum(field))["total"] or ZERO if field else None
    return Finding(item=item, count=count, amount=total)


def _audited(end: date) -> Finding:
    """Clean when the newest audit saw every entry of the month and found no fault."""
    last = LedgerTransfer.objects.filter(posted_on__lte=end).aggregate(last=Max("sequence"))["last"] or 0
    newest = AuditResult.objects.order_by("-ledger_sequence", "-at").first()
    if newest is None or newest.ledger_sequence < last:
        return Finding(item=Item.AUDIT, count=1)
    return Finding(item=Item.AUDIT, count=newest.faults)


def open_days(start: date, end: date) -> list[date]:
    """Days with postings that no closed day sheet covers: none was made, or something was posted since."""
    posted = LedgerTransfer.objects.filter(posted_on__range=(start, end)).values("posted_on").annotate(
        last=Max("sequence")
    )  # fmt: skip
    closed = dict(
        DayClose.objects.filter(day__range=(start, end)).values_list("day").annotate(last=Max("ledger_sequence"))
    )
    return sorted(row["posted_on"] for row in posted if closed.get(row["posted_on"], -1) < row["last"])


def _days(month: date, end: date) -> Finding:
    return Finding(item=Item.DAYS_CLOSED, count=len(open_days(month, end)))


def _money_in_between(end: date) -> Iterator[Finding]:
    yield _of(Item.HELD_REMITTANCES, Remittance.objects.filter(state__in=NOT_POSTED, received_on__lte=end), "amount")
    waiting = Deposit.objects.filter(state__in=("UNMATCHED_EFT", "AMOUNT_DIFF"), effective_date__lte=end)
    yield _of(Item.UNMATCHED_DEPOSITS, waiting, "amount")
    for item, kind in ((Item.SUSPENSE, Kind.SUSPENSE), (Item.PAYER_OFFSETS, Kind.PAYER_OFFSET)):
        held = [total for total in balances(kinds=[kind], as_of=end, basis="posted_on").values() if total]
        yield Finding(item=item, count=len(held), amount=sum((abs(total) for total in held), ZERO))


def _drawers(end: date) -> Finding:
    """Drawers that were opened by then and stand open, and cash and checks of the counter that neither a slip took nor
    the bank has shown."""
    drawers = CashDrawer.objects.filter(opened_on__lte=end).exclude(state=CashDrawer.State.CLOSED).count()
    loose = CounterReceipt.objects.filter(
        slip__isnull=True, receipt__is_at_bank=False, receipt__received_on__lte=end, receipt__state="posted",
        receipt__method__in=("cash", "check"),
    )  # fmt: skip
    total = loose.aggregate(total=Sum("receipt__amount"))["total"] or ZERO
    return Finding(item=Item.DRAWERS, count=drawers + loose.count(), amount=total)


def _bank(month: date, end: date) -> Iterator[Finding]:
    """An office that imports no statements has no line to match; its deposits are items of their own."""
    lines = open_lines().filter(posted_on__lte=end)
    yield _of(Item.BANK_LINES, lines, "amount")
    if not BankLine.objects.filter(posted_on__lte=end).exists():
        yield Finding(item=Item.BANK_TIES, count=0, amount=ZERO)
        return
    figures = reconcile_period(start=month, end=end + timedelta(days=1))
    fits = figures.adds_up and figures.ties_to_bank
    yield Finding(item=Item.BANK_TIES, count=0 if fits else 1, amount=abs(figures.difference))


def _work(end: date) -> Iterator[Finding]:
    yield _of(Item.UNCHARGED_VISITS, Encounter.objects.filter(state__in=UNCHARGED, date_from__lte=end))
    later = ClaimVersion.objects.filter(claim=OuterRef("claim"), number__gt=OuterRef("number"))
    unsent = ClaimVersion.objects.filter(~Exists(later), state__in=UNSENT, date_of_service__lte=end)
    yield _of(Item.UNSENT_CLAIMS, unsent, "total_charge")
    credits = WorkItem.objects.filter(
        worklist=Worklist.CREDIT_BALANCES, state__in=(WorkItem.State.OPEN, WorkItem.State.SNOOZED), raised_on__lte=end
    )
    yield _of(Item.CREDITS, credits, "amount")
    asked = WriteOff.objects.filter(state="REQUESTED", requested_on__lte=end)
    yield _of(Item.WRITE_OFFS, asked, "amount")


STATEMENTS = """
WITH side AS (
  SELECT debit_subject AS subject, amount AS moved FROM accounts_ledgertransfer
   WHERE debit_kind = 'RECEIVABLE' AND debit_bucket = 'PAT' AND posted_on <= %(end)s
  UNION ALL
  SELECT credit_subject, -amount FROM accounts_ledgertransfer
   WHERE credit_kind = 'RECEIVABLE' AND credit_bucket = 'PAT' AND posted_on <= %(end)s
), line AS (SELECT subject, sum(moved) AS due FROM side GROUP BY 1 HAVING sum(moved) <> 0
), owed AS (
  SELECT coalesce(l.patient_id, replace(line.subject, 'account-', '')::uuid) AS patient_id, sum(line.due) AS due
  FROM line LEFT JOIN charges_chargeline l ON l.line_id = line.subject
  WHERE l.id IS NOT NULL OR starts_with(line.subject, 'account-') GROUP BY 1
)
SELECT count(*), coalesce(sum(o.due), 0) FROM owed o JOIN patients_patient p ON p.id = o.patient_id
WHERE p.practice_id = %(practice)s AND o.due >= %(least)s AND NOT EXISTS (
  SELECT 1 FROM payments_statement s WHERE s.patient_id = o.patient_id AND s.issued_on BETWEEN %(since)s AND %(until)s)
"""


def _statements(end: date) -> Finding:
    """Patients of each practice who owe its least amount or more and had no statement within a cycle of the month's end."""
    count, total = 0, ZERO
    for practice in Practice.objects.order_by("npi"):
        policies = policies_of(practice)
        cycle = timedelta(days=policies.statement_cycle_days)
        values = {
            "end": end, "practice": practice.pk, "least": policies.minimum_statement_amount, "since": end - cycle,
            "until": end + cycle,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(STATEMENTS, values)
            some, amount = cursor.fetchone()
        count, total = count + some, total + Decimal(amount)
    return Finding(item=Item.STATEMENTS, count=count, amount=total)


def sign_offs(month: date) -> list[SignOff]:
    """In the order they were given."""
    return [
        SignOff(item=Item(row.item), count=row.count, amount=row.amount, by=row.actor, reason=row.reason)
        for row in ItemSignOff.objects.filter(month=month).order_by("at", "pk")
    ]


def standing_lock(month: date) -> PeriodEvent | None:
    """The event that closed the month, if it is closed now by an event of its own."""
    last = PeriodEvent.objects.filter(month=month).order_by("-number").first()
    return last if last is not None and last.kind == PeriodEvent.Kind.LOCKED else None
