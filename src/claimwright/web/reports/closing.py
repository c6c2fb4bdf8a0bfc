"""Closing a day and a month: the checklist, the reports kept with it, and the proof that they can be made again.

The month's own reports are made of the ledger alone, with the practices' names as they were: made again, at any time,
they are the same bytes. What rests on claims and payers too is kept as it stood.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from claimwright.billing import closing
from claimwright.billing.closing import Checked, Finding, Item
from claimwright.codes.dates import add_months
from claimwright.codes.money import ZERO
from claimwright.documents.sheets import Sheet, to_csv, to_xlsx
from claimwright.web.accounts import periods
from claimwright.web.accounts.models import LedgerTransfer, PeriodEvent
from claimwright.web.close import models, services
from claimwright.web.close.selectors import findings, last_day, sign_offs, standing_lock
from claimwright.web.core.models import User
from claimwright.web.practice.models import Practice
from claimwright.web.reports import books, selectors, tables

NAMES = "practices.json"
WORKBOOK = "ledger-reports.xlsx"
CLOSERS = (User.Role.SUPERVISOR, User.Role.MANAGER, User.Role.OWNER)


class NotClosed(ValueError):
    """A day or month that cannot be closed now; the text says what is in the way. Nothing was changed."""


# Days ----------------------------------------------------------------------------------------------------------------


def close_day(*, day: date, note: str = "") -> models.DayClose:
    """Keep the day's sheet, every posting of it, with its control totals. Raises NotClosed where they do not tie."""
    periods.hold_ledger()
    sheet = books.day_sheet(start=day, end=day)
    if not sheet.ties:
        raise NotClosed("the day's postings do not tie to the ledger: have the books audited")
    rows = tables.postings(books.postings(start=day, end=day))
    rolled = books.rolled_forward(start=day, end=day, by=())
    return services.record_day(
        day=day, sheet=to_csv(rows), postings=len(rows.rows), charges=rolled.total.charges,
        cash=sum((row.cash for row in sheet.rows), ZERO), receivable=sum((row.receivable for row in sheet.rows), ZERO),
        note=note,
    )  # fmt: skip


# The month's checklist -----------------------------------------------------------------------------------------------


def month_findings(month: date) -> list[Finding]:
    end = last_day(month)
    balance = sum((row.closing for row in books.trial_balance(start=month, end=end)), ZERO)
    rolled = books.rolled_forward(start=month, end=end, by=("practice", "bucket"))
    off = ZERO if rolled.trial_balance is None else rolled.total.closing - rolled.trial_balance
    return [
        Finding(item=Item.TRIAL_BALANCE, count=int(balance != ZERO), amount=abs(balance)),
        Finding(item=Item.ROLL_FORWARD, count=int(not rolled.ties), amount=abs(off)),
        *findings(month),
    ]


def checklist(month: date) -> tuple[Checked, ...]:
    """Every item of the month with what is open now and the sign-off that covers it."""
    return closing.checklist(month_findings(month), sign_offs(month))


def sign_off(*, month: date, item: Item, reason: str) -> models.ItemSignOff:
    """A person's reason for what is open now. Raises closing.SignOffRefused."""
    found = next(one for one in month_findings(month) if one.item == item)
    return services.record_sign_off(month=month, finding=found, reason=reason)


# The lock ------------------------------------------------------------------------------------------------------------


def lock_month(*, month: date, by: User) -> PeriodEvent:
    """Close `month` (its first day) with its reports. Raises NotClosed or periods.PeriodClosed, changing nothing."""
    if by.role not in (*CLOSERS, User.Role.API):  # a program's token lets it: only who may close gave it that
        raise NotClosed("a supervisor, manager or owner closes a month")
    periods.hold_ledger()
    _in_turn(month)
    open_items = closing.what_keeps_it_open(checklist(month))
    if open_items:
        raise NotClosed("; ".join(f"{one.rule.title}: {one.count}" for one in open_items))
    names = {str(row.pk): row.name for row in Practice.objects.order_by("npi")}
    return services.record_lock(month=month, by=by, proved=ledger_reports(month, names), kept=claim_reports(month))


def _in_turn(month: date) -> None:
    """Months close in turn, for closing one closes all before it."""
    through = periods.closed_through()
    first = LedgerTransfer.objects.order_by("posted_on").values_list("posted_on", flat=True).first()
    expected = add_months(through, 1) if through else (first or month).replace(day=1)
    if month > expected:
        raise NotClosed(f"{expected:%B %Y} comes first: it has postings and is open")


def reopen_month(*, month: date, by: User, reason: str) -> PeriodEvent:
    """Open the latest closed month again. Its reports are kept; closed anew, it has a new revision beside them."""
    return periods.reopen_month(month=month, by=by, reason=reason)


def ledger_reports(month: date, names: Mapping[str, str]) -> dict[str, bytes]:
    """File name to bytes, made of the ledger as posted up to the month's end and of `names` (practice id: name)."""
    end = last_day(month)
    about = tables.period(month, end)
    sheets: dict[str, Sheet] = {
        "day-sheet.csv": tables.day_sheet(books.day_sheet(start=month, end=end, names=names), about),
        "receivables.csv": tables.rolled(
            books.rolled_forward(start=month, end=end, by=("practice", "bucket"), names=names), about
        ),
        "trial-balance.csv": tables.balances(books.trial_balance(start=month, end=end), about),
        "deposits.csv": tables.deposits(books.deposits(start=month, end=end, names=names), about, with_source=False),
    }
    made = {name: to_csv(sheet) for name, sheet in sheets.items()}
    made[WORKBOOK] = to_xlsx(list(sheets.values()), compressed=False)
    made["postings.csv"] = to_csv(tables.postings(books.postings(start=month, end=end, names=names)))
    made[NAMES] = msgspec.json.encode(dict(names), order="sorted")
    return made


def claim_reports(month: date) -> dict[str, bytes]:
    """What rests on claims and payers too, as it stands: aging on every basis, receivables by payer, the figures."""
    end = last_day(month)
    made = {
        f"aging-{basis.replace('_', '-')}.csv": to_csv(
            tables.aging(selectors.aging(as_of=end, basis=basis, dated_by="posted_on"))
        )
        for basis in selectors.BASES
    }
    made["receivables-by-payer.csv"] = to_csv(tables.rolled(books.rolled_forward(start=month, end=end)))
    made["figures.csv"] = to_csv(tables.figures(selectors.kpis(start=month, end=end, as_of=end)))
    return made


# The proof -----------------------------------------------------------------------------------------------------------


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A report's hash at the closing, of the bytes kept since, and of the same report made again."""

    name: str
    sha256: str
    kept: str
    again: str

    @property
    def same(self) -> bool:
        return self.sha256 == self.kept == self.again


def prove_month(month: date) -> tuple[Proof, ...]:
    """Make the closed month's ledger reports again and compare them byte for byte. Raises NotClosed for an open month."""
    event = standing_lock(month)
    if event is None:
        raise NotClosed(f"{month:%B %Y} is not closed by itself")
    kept = {row.name: row for row in models.MonthReport.objects.filter(event=event, proved=True)}
    again = ledger_reports(month, msgspec.json.decode(bytes(kept[NAMES].content), type=dict[str, str]))
    return tuple(
        Proof(name=name, sha256=row.sha256, kept=_digest(bytes(row.content)), again=_digest(again[name]))
        for name, row in sorted(kept.items())
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def previous_month(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
