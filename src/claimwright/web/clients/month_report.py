"""A client's month as a PDF to read and a workbook to work with, both from the reports' own figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.dates import add_months
from claimwright.documents.client_report import ClientReport, ReportTable, render_client_report
from claimwright.documents.sheets import to_xlsx
from claimwright.ledger.aging import LABELS
from claimwright.web.accounts import periods
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.practice.models import Practice
from claimwright.web.reports import books, selectors, tables
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.scope import KpiRow, Scope

# The figures a practice asks its billing service for, in this order.
FIGURES = (
    "clean_claim_rate", "first_pass_resolution_rate", "denial_rate", "denial_rate_dollars", "days_in_ar", "ar_over_90",
    "net_collection_rate", "gross_collection_rate", "charge_lag", "submission_lag", "payment_lag",
    "era_auto_post_rate", "appeal_overturn_rate", "credit_balance_rate",
)  # fmt: skip
PAYERS_SHOWN = 12
MOVED = ("charges", "payments", "adjustments", "refunds", "bad_debt", "transfers", "other")


class MonthFigures(msgspec.Struct, frozen=True, kw_only=True):
    practice: Practice
    month: date
    rolled: books.Rolled
    aging: selectors.Aging
    figures: tuple[KpiRow, ...]
    before: dict[str, KpiRow]
    deposits: books.Deposits


def month_figures(*, practice: Practice, month: date) -> MonthFigures:
    """Of the month that begins on `month`, by the day each entry was posted."""
    first = month.replace(day=1)
    last = date.fromordinal(add_months(first, 1).toordinal() - 1)
    end = min(last, clock.today())
    scope = Scope(practice=practice.pk)
    earlier = add_months(first, -1)
    day_before = date.fromordinal(first.toordinal() - 1)
    return MonthFigures(
        practice=practice, month=first,
        rolled=books.rolled_forward(start=first, end=last, by=("payer",), practice=practice.pk),
        aging=selectors.aging(as_of=end, practice=practice.pk, dated_by="posted_on"),
        figures=kpis(start=first, end=last, as_of=end, scope=scope),
        before={row.name: row for row in kpis(start=earlier, end=day_before, as_of=day_before, scope=scope)},
        deposits=books.deposits(start=first, end=last, practice=practice.pk),
    )  # fmt: skip


def as_pdf(found: MonthFigures, words: Callable[[str], str]) -> bytes:
    """`words` names a figure for a person."""
    total = found.rolled.total
    return render_client_report(
        ClientReport(
            service=current_tenant().name, client=found.practice.name, month=found.month, made_on=clock.today(),
            is_closed=periods.is_closed(found.month),
            headline=(
                ("Charges", _money(total.charges)), ("Payments", _money(total.payments)),
                ("Refunds", _money(total.refunds)), ("Owed at the end", _money(total.closing)),
            ),
            tables=(_rolled(found), _figures(found, words), _aged(found)),
        )
    )  # fmt: skip


def as_workbook(found: MonthFigures) -> bytes:
    """An Excel file with a sheet for each report; text never runs as a formula."""
    about = tables.period(found.rolled.start, found.rolled.end, found.practice.name)
    return to_xlsx(
        [
            tables.rolled(found.rolled, about), tables.aging(found.aging, about),
            tables.figures(found.figures, about), tables.deposits(found.deposits, about),
        ]
    )  # fmt: skip


def _rolled(found: MonthFigures) -> ReportTable:
    total = found.rolled.total
    signs = {"payments": -1, "adjustments": -1, "bad_debt": -1}
    names = {
        "charges": "Charges", "payments": "Payments", "adjustments": "Adjustments", "refunds": "Refunds paid out",
        "bad_debt": "Moved to bad debt", "transfers": "Moved between payers and patients", "other": "Other",
    }  # fmt: skip
    moved = [(names[name], getattr(total, name) * signs.get(name, 1)) for name in MOVED]
    rows = [("Owed at the start", total.opening), *((name, amount) for name, amount in moved if amount)]
    rows.append(("Owed at the end", total.closing))
    return ReportTable(
        title="What was owed, and what moved it", columns=("", "Dollars"), last_is_sum=True,
        rows=tuple((name, _money(amount)) for name, amount in rows),
    )  # fmt: skip


def _aged(found: MonthFigures) -> ReportTable:
    rows = sorted(_by_payer(found.aging), key=lambda row: -row[-1])
    shown, rest = rows[:PAYERS_SHOWN], rows[PAYERS_SHOWN:]
    if rest:
        others = [sum((row[place] for row in rest), Decimal(0)) for place in range(1, len(LABELS) + 3)]
        shown.append((f"{len(rest)} others", *others))
    total = found.aging.total
    shown.append(("Total", *(total.amounts[label] for label in LABELS), total.credits, total.total))
    return ReportTable(
        title="Who owes it, and for how long", columns=("", *LABELS, "Credits", "Total"), last_is_sum=True,
        rows=tuple((str(row[0]), *(_money(amount) for amount in row[1:])) for row in shown),
        note="Days from the date of service.",
    )  # fmt: skip


def _by_payer(aging: selectors.Aging) -> list[tuple]:  # type: ignore[type-arg]
    sums: dict[str, list[Decimal]] = {}
    for row in aging.rows:
        cells = [*(row.amounts[label] for label in LABELS), row.credits, row.total]
        held = sums.setdefault(row.group, [Decimal(0)] * len(cells))
        sums[row.group] = [one + other for one, other in zip(held, cells, strict=True)]
    return [(name, *cells) for name, cells in sums.items()]


def _figures(found: MonthFigures, words: Callable[[str], str]) -> ReportTable:
    by_name = {row.name: row for row in found.figures}
    rows = [
        (words(name), _value(by_name[name]), _value(found.before.get(name)), _part(by_name[name]))
        for name in FIGURES
        if name in by_name
    ]
    return ReportTable(
        title="How the work went", columns=("", f"{found.month:%B}", "Month before", "Counted"), rows=tuple(rows),
        note="n/a: nothing to count in that month.",
    )  # fmt: skip


def _value(row: KpiRow | None) -> str:
    if row is None or row.value is None:
        return "n/a"
    return f"{row.value:,.2f}" + {"percent": "%", "days": " days"}.get(row.unit, "")


def _part(row: KpiRow) -> str:
    return f"{_plain(row.numerator)} of {_plain(row.denominator)}"


def _plain(amount: Decimal) -> str:
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def _money(amount: Decimal) -> str:
    return f"({-amount:,.2f})" if amount < 0 else f"{amount:,.2f}"
