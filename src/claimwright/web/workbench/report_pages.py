"""Each report as a page and, under the same address with an ending, as a CSV or Excel file: one table, one filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from claimwright.codes.money import AmountError, parse_amount
from claimwright.documents.sheets import Sheet
from claimwright.web.cashier.models import DepositSlip
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.practice.models import Location, Payer, Practice, Provider
from claimwright.web.reports import books, breakdown, charts, rows, selectors, tables
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.models import BillingCost, SavedFilter
from claimwright.web.reports.scope import Scope
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import Columns as ListColumns
from claimwright.web.workbench.exports import download, exported
from claimwright.web.workbench.pages import action, page, rows_of, show, with_query
from claimwright.web.workbench.templatetags.reports import choice, is_number, report_cell
from claimwright.web.workbench.words import figure_words

POSTINGS_A_PAGE = 200
Columns = Sequence[str]
Rows = Sequence[Sequence[object]]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The filter of a report as the address gives it; what is no date or no id filters nothing."""

    start: date
    end: date
    practice: Practice | None
    scope: Scope
    asked: dict[str, str]

    @property
    def practice_id(self) -> UUID | None:
        return self.practice.pk if self.practice else None

    @property
    def about(self) -> tables.About:
        return tables.period(self.start, self.end, self.practice.name if self.practice else "")


def as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def wanted_of(request: HttpRequest) -> Wanted:
    """The days asked for, else the month of today up to today; the wrong way round is turned."""
    asked, today = request.GET.dict(), clock.today()
    start = as_date(asked.get("from")) or today.replace(day=1)
    end = as_date(asked.get("to")) or today
    practice = Practice.objects.filter(pk=as_uuid(asked.get("practice"))).first()
    scope = Scope(
        practice=practice.pk if practice else None, payer=as_uuid(asked.get("payer")),
        provider=asked.get("provider", "")[:10], location=asked.get("location", "")[:40],
    )  # fmt: skip
    return Wanted(start=min(start, end), end=max(start, end), practice=practice, scope=scope, asked=asked)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A report ready to show: its table, whether its control totals agree, and what is said about it."""

    sheet: Sheet
    ties: bool | None = None
    notes: tuple[tuple[str, object], ...] = ()


def _told(value: Decimal) -> str:
    """A count of postings as a count, money as money: a sum of cents carries its two places."""
    return f"{value:,}" if value.as_tuple().exponent == 0 else report_cell(value)


def _day_sheet(wanted: Wanted) -> Made:
    found = books.day_sheet(start=wanted.start, end=wanted.end, practice=wanted.practice_id)
    notes = tuple(
        (control.name, f"{_told(control.listed)} listed, {_told(control.ledger)} in the ledger")
        for control in found.controls
    )
    return Made(sheet=tables.day_sheet(found, wanted.about), notes=notes,
                ties=found.ties if wanted.practice is None else None)  # fmt: skip


def _postings(wanted: Wanted, *, limit: int | None = None, offset: int = 0) -> Made:
    found = books.postings(
        start=wanted.start, end=wanted.end, practice=wanted.practice_id, limit=limit, offset=offset
    )  # fmt: skip
    return Made(sheet=tables.postings(found, wanted.about))


def _receivables(wanted: Wanted) -> Made:
    by = tuple(name for name in books.DIMENSIONS if name in wanted.asked.get("by", "").split(",")) or books.DIMENSIONS
    found = books.rolled_forward(start=wanted.start, end=wanted.end, by=by, practice=wanted.practice_id)
    notes = () if found.trial_balance is None else (("Trial balance", found.trial_balance),)
    return Made(sheet=tables.rolled(found, wanted.about), ties=found.ties, notes=notes)


def _trial_balance(wanted: Wanted) -> Made:
    found = books.trial_balance(start=wanted.start, end=wanted.end)
    off = sum((row.closing for row in found), Decimal("0.00"))
    return Made(sheet=tables.balances(found, wanted.about), ties=not off)


def _deposits(wanted: Wanted) -> Made:
    found = books.deposits(start=wanted.start, end=wanted.end, practice=wanted.practice_id)
    return Made(sheet=tables.deposits(found, wanted.about), ties=found.ties if wanted.practice is None else None,
                notes=(("Total", found.total),))  # fmt: skip


def _deposit_slips(wanted: Wanted) -> Made:
    found = DepositSlip.objects.filter(made_on__range=(wanted.start, wanted.end)).select_related("practice")
    if wanted.practice is not None:
        found = found.filter(practice=wanted.practice)
    slips = [
        (one.number, one.made_on, one.practice.name, one.made_by, one.cash_amount, one.check_amount,
         one.cash_amount + one.check_amount, one.over_short_amount, one.count, "void" if one.is_void else "made")
        for one in found.annotate(count=Count("receipts")).order_by("made_on", "number")
    ]  # fmt: skip
    total = sum((row[6] for row in slips if row[9] == "made"), Decimal("0.00"))
    return Made(sheet=tables.deposit_slips(slips, wanted.about), notes=(("Total without void slips", total),))


def _aging(wanted: Wanted) -> Made:
    basis = wanted.asked.get("basis", "")
    found = selectors.aging(
        as_of=wanted.end, basis=basis if basis in selectors.BASES else "service", practice=wanted.practice_id
    )
    return Made(sheet=tables.aging(found, wanted.about), notes=(("Aged from", choice(found.basis)),))


def _figures(wanted: Wanted) -> Made:
    found = kpis(start=wanted.start, end=wanted.end, as_of=wanted.end, scope=wanted.scope)
    return Made(sheet=tables.figures([msgspec.structs.replace(row, name=figure_words(row.name)) for row in found],
                                     wanted.about))  # fmt: skip


def _figures_by(wanted: Wanted) -> Made:
    by = wanted.asked.get("by", "payer")
    found = breakdown.figures_by(
        by if by in breakdown.DIMENSIONS else "payer", start=wanted.start, end=wanted.end, scope=wanted.scope
    )
    return Made(sheet=breakdown.as_sheet(found, figure_words, wanted.about),
                notes=(("Rows", f"the {breakdown.MOST} with the most charges at most"),))  # fmt: skip


REPORTS: dict[str, tuple[str, str, Callable[[Wanted], Made]]] = {
    "day-sheet": ("Day sheet", "Every posting by practice, person and kind, tied to the ledger", _day_sheet),
    "postings": ("Postings", "Every entry of the days, in the order it was posted", _postings),
    "receivables": ("Receivables", "Opening, what moved, closing, tied to the trial balance", _receivables),
    "trial-balance": ("Trial balance", "Every account: before, moved, after", _trial_balance),
    "deposits": ("Deposits", "What went to the bank and came from it, entry by entry", _deposits),
    "deposit-slips": ("Deposit slips", "Cash and checks of the counter as they were taken to the bank", _deposit_slips),
    "aging": ("Aging", "Open balances by how old they are, on four bases", _aging),
    "figures": ("Figures", "Each figure with its part and its whole", _figures),
    "figures-by": ("Figures by payer, provider, location, practice, month", "Side by side", _figures_by),
}
BY = {"receivables": ("practice,payer,bucket", "practice", "payer", "bucket", "practice,bucket"),
      "figures-by": tuple(breakdown.DIMENSIONS)}  # fmt: skip


@page(reads="report.read")
def report(request: HttpRequest, report: str) -> HttpResponse:
    if report not in REPORTS:
        raise Http404
    title, says, make = REPORTS[report]
    wanted = wanted_of(request)
    context = _frame(wanted, report) | {"title": title, "says": says}
    if report == "postings":
        number = int(text) if (text := wanted.asked.get("page", "")).isdecimal() and len(text) < 7 else 1
        made = _postings(wanted, limit=POSTINGS_A_PAGE + 1, offset=max(number - 1, 0) * POSTINGS_A_PAGE)
        more = len(made.sheet.rows) > POSTINGS_A_PAGE
        context |= {"cells": made.sheet.rows[:POSTINGS_A_PAGE], "number": number, "next": number + 1 if more else None,
                    "previous": number - 1 if number > 1 else None}  # fmt: skip
    else:
        made = make(wanted)
        listed = rows_of(request, list(made.sheet.rows))  # type: ignore[arg-type]
        context |= {"cells": listed.object_list, "rows": listed}
    columns = made.sheet.columns
    if wanted.practice is not None or Practice.objects.count() == 1:
        columns, context["cells"] = without_practice(columns, context["cells"])  # type: ignore[arg-type]
    context |= {"made": made, "columns": columns, "amounts": number_columns(context["cells"])}  # type: ignore[arg-type]
    return show(request, "workbench/report.html", context)


def without_practice(columns: Columns, rows: Rows) -> tuple[Columns, Rows]:
    """On a page of one practice its name stands above the table, not in every row. Files keep the column."""
    if "Practice" not in columns[1:]:  # a first column heads the rows, and holds the word "Total"
        return columns, rows
    at = columns.index("Practice")
    return (*columns[:at], *columns[at + 1 :]), [(*row[:at], *row[at + 1 :]) for row in rows]


def number_columns(rows: Rows) -> list[int]:
    """The places of the columns that hold numbers, by the first row."""
    return [at for at, cell in enumerate(rows[0]) if is_number(cell)] if rows else []


@page(reads="report.export")
def export(request: HttpRequest, report: str, form: str) -> HttpResponse:
    if report not in REPORTS:
        raise Http404
    wanted = wanted_of(request)
    name = f"{report}-{wanted.start.isoformat()}-{wanted.end.isoformat()}"
    return download(REPORTS[report][2](wanted).sheet, name=name, form=form)


def _frame(wanted: Wanted, report: str) -> dict[str, object]:
    """What every report page has: its filter, its files, the filters kept."""
    query = {key: value for key, value in wanted.asked.items() if value and key != "page"}
    files = [(form, with_query(reverse("report_file", args=[report, form]), **query)) for form in ("csv", "xlsx")]
    of_services = report in ("figures", "figures-by")
    return {
        "report": report, "wanted": wanted, "files": files, "practices": Practice.objects.order_by("name"),
        "by_choices": BY.get(report, ()), "bases": selectors.BASES if report == "aging" else (),
        "payers": Payer.objects.order_by("name") if of_services else (),
        "providers": Provider.objects.order_by("name") if of_services else (),
        "locations": Location.objects.order_by("name") if of_services else (),
        "saved": SavedFilter.objects.filter(user=actor()).order_by("name"),
        "query": with_query("", **query).removeprefix("?"),
        "others": [(key, REPORTS[key][0]) for key in REPORTS],
    }  # fmt: skip


# Drill-down ----------------------------------------------------------------------------------------------------------


@page(reads="report.rows")
def figure(request: HttpRequest, name: str, form: str = "") -> HttpResponse:
    """The rows that a figure counted above the line, as the page's table or as a file."""
    wanted = wanted_of(request)
    found = kpis(start=wanted.start, end=wanted.end, as_of=wanted.end, scope=wanted.scope)
    row = next((one for one in found if one.name == name), None)
    if row is None:
        raise Http404
    if form:
        return download(rows.sheet_of(row, row.ids), name=f"{name}-{wanted.start}-{wanted.end}", form=form)
    ids = rows_of(request, list(row.ids))  # type: ignore[arg-type]
    sheet = rows.sheet_of(row, ids.object_list)
    query = {key: value for key, value in wanted.asked.items() if value and key != "page"}
    files = [(kind, with_query(reverse("figure_file", args=[name, kind]), **query)) for kind in ("csv", "xlsx")]
    return show(
        request, "workbench/figure.html",
        {"row": row, "words": figure_words(name), "wanted": wanted, "columns": sheet.columns, "cells": sheet.rows, "amounts": number_columns(sheet.rows),
         "claim_at": sheet.columns.index("Claim") if "Claim" in sheet.columns else None, "rows": ids, "files": files},
    )  # fmt: skip


# Trends --------------------------------------------------------------------------------------------------------------


@page(reads="report.read")
def trends(request: HttpRequest) -> HttpResponse:
    """The figures month by month, as lines beside their table."""
    wanted = wanted_of(request)
    months = breakdown.months_before(clock.today(), breakdown.TREND_MONTHS)
    found = breakdown.trends(months=months, practice=wanted.practice_id)
    drawn = [
        {"words": figure_words(series.name), "name": series.name, "unit": series.unit, "points": series.points,
         "chart": charts.line(series.points)}
        for series in found
    ]  # fmt: skip
    return show(request, "workbench/trends.html",
                {"series": drawn, "months": months, "practices": Practice.objects.order_by("name"), "wanted": wanted})  # fmt: skip


# Costs and filters ---------------------------------------------------------------------------------------------------


COSTS: ListColumns = (
    ("Month", "month"), ("Practice", lambda row: row.practice.name if row.practice else "All together"),
    ("Amount", "amount"), ("Note", "note"), ("By", "actor"), ("At", "at"),
)  # fmt: skip


@page(reads="report.read")
def costs(request: HttpRequest) -> HttpResponse:
    """What billing cost by month, for the figures of cost."""
    every = BillingCost.objects.select_related("practice").order_by("-month", "-at")
    if file := exported(request, "costs", COSTS, every):
        return file
    entered = rows_of(request, every)
    return show(request, "workbench/costs.html",
                {"rows": entered, "practices": Practice.objects.order_by("name")})  # fmt: skip


@action(does="cost.entered")
def save_cost(request: HttpRequest) -> HttpResponse:
    month = as_date(f"{request.POST.get('month', '')[:7]}-01")
    practice = Practice.objects.filter(pk=as_uuid(request.POST.get("practice"))).first()
    try:
        amount = parse_amount(request.POST.get("amount", "").strip())
    except AmountError as wrong:
        messages.error(request, f"Not saved: {wrong}.")
        return redirect("report_costs")
    if month is None or amount < 0 or (request.POST.get("practice") and practice is None):
        messages.error(
            request, "Not saved: give a month such as 2026-08, a practice of the list and an amount from 0.00."
        )
        return redirect("report_costs")
    BillingCost.objects.create(
        month=month, practice=practice, amount=amount, note=request.POST.get("note", "").strip()[:200], actor=actor(),
        at=clock.now(),
    )  # fmt: skip
    messages.success(request, f"The cost of {month:%B %Y} is saved.")
    return redirect("report_costs")


@action(does="report.filter_kept")
def keep_filter(request: HttpRequest) -> HttpResponse:
    """Keep the filter under a name of one's own; the same name again replaces it, an empty filter forgets it."""
    report, name = request.POST.get("report", ""), request.POST.get("name", "").strip()[:60]
    query = request.POST.get("query", "")[:400]
    if report not in REPORTS or not name:
        messages.error(request, "Not kept: give the filter a name.")
        return redirect("reports")
    if request.POST.get("forget"):
        SavedFilter.objects.filter(user=actor(), name=name).delete()
    else:
        SavedFilter.objects.update_or_create(user=actor(), name=name, defaults={"query": query})
    record_audit(action="report.filter", subject_type="report", subject_id=report)
    return redirect(f"{reverse('report', args=[report])}?{query}")
