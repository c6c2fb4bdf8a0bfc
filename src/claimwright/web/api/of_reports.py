"""Reports and figures: the tables of the pages, and the rows behind each figure."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.documents.sheets import Cell, Sheet
from claimwright.web.api.fields import In, Money, Out
from claimwright.web.api.framework import find, month_of, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.core.services import actor
from claimwright.web.practice.models import Practice
from claimwright.web.reports import breakdown
from claimwright.web.reports import rows as figure_rows
from claimwright.web.reports.indicators import kpis
from claimwright.web.reports.models import BillingCost
from claimwright.web.reports.scope import KpiRow, Scope
from claimwright.web.workbench.report_pages import REPORTS, Wanted

MOST_ROWS_SHOWN = 1000


class ReportOut(Out):
    name: str
    title: str
    says: str


class TableOut(Out):
    """Cells as text: money with two places, days ISO, an empty cell null."""

    name: str
    start: date
    end: date
    columns: list[str]
    rows: list[list[str | None]]
    total_rows: int
    ties: bool | None = Field(description="Whether it agrees with the ledger; null where that is not asked")
    offset: int


class FigureOut(Out):
    name: str
    numerator: str
    denominator: str
    value: str | None
    unit: str
    start: date
    end: date
    basis: str
    subject: str
    counted: int


def _cell(value: Cell) -> str | None:
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(
    name: str, sheet: Sheet, start: date, end: date, offset: int, total: int, ties: bool | None = None
) -> dict[str, Any]:
    rows = [[_cell(cell) for cell in row] for row in sheet.rows]
    return {"name": name, "start": start, "end": end, "columns": list(sheet.columns), "rows": rows, "ties": ties, "offset": offset, "total_rows": total}  # fmt: skip


def _days(start: date | None, end: date | None) -> tuple[date, date]:
    first, last = start or clock.today().replace(day=1), end or clock.today()
    return min(first, last), max(first, last)


@operation("GET", "/reports", permission="reports.read", answers=list[ReportOut])
def list_reports(request: HttpRequest) -> Any:
    """The reports there are."""
    return [{"name": name, "title": title, "says": says} for name, (title, says, _) in REPORTS.items()]


@operation("GET", "/reports/{slug:report}", permission="reports.read", answers=TableOut, reads=True, whole_office=True)
def read_report(
    request: HttpRequest, report: str, start: date | None = None, end: date | None = None, practice_id: UUID | None = None,
    payer_id: UUID | None = None, provider: str = "", location: str = "", by: str = "", basis: str = "", offset: int = 0,
) -> Any:  # fmt: skip
    """One report of these days, 1,000 rows from `offset` on; the month of today unless days are given."""
    if report not in REPORTS:
        raise Problem(404, "There is no such report: see /reports")
    first, last = _days(start, end)
    practice = find(Practice, practice_id) if practice_id else None
    scope = Scope(practice=practice_id, payer=payer_id, provider=provider[:10], location=location[:40])
    asked = {name: value for name, value in {"by": by, "basis": basis}.items() if value}
    made = REPORTS[report][2](Wanted(start=first, end=last, practice=practice, scope=scope, asked=asked))
    every = list(made.sheet.rows)
    shown = Sheet(
        title=made.sheet.title,
        columns=made.sheet.columns,
        rows=every[max(offset, 0) : max(offset, 0) + MOST_ROWS_SHOWN],
    )
    return _table(report, shown, first, last, max(offset, 0), len(every), made.ties)


def _figures(start: date | None, end: date | None, practice_id: UUID | None) -> tuple[KpiRow, ...]:
    first, last = _days(start, end)
    if practice_id:
        find(Practice, practice_id)
    return kpis(start=first, end=last, as_of=last, scope=Scope(practice=practice_id))


def _figure(one: KpiRow) -> dict[str, Any]:
    return {
        "name": one.name, "numerator": f"{one.numerator:f}", "denominator": f"{one.denominator:f}",
        "value": None if one.value is None else f"{one.value:f}", "unit": one.unit, "start": one.start, "end": one.end,
        "basis": one.basis, "subject": one.subject, "counted": len(one.ids),
    }  # fmt: skip


@operation("GET", "/figures", permission="reports.read", answers=list[FigureOut], whole_office=True)
def list_figures(
    request: HttpRequest, start: date | None = None, end: date | None = None, practice_id: UUID | None = None
) -> Any:  # fmt: skip
    """Every figure, each with its part and its whole."""
    return [_figure(one) for one in _figures(start, end, practice_id)]


@operation(
    "GET", "/figures/{str:name}/rows", permission="reports.read", answers=TableOut, reads=True, whole_office=True
)
def read_figure_rows(
    request: HttpRequest, name: str, start: date | None = None, end: date | None = None, practice_id: UUID | None = None,
    offset: int = 0,
) -> Any:  # fmt: skip
    """The rows that a figure counted above the line, 1,000 from `offset` on."""
    found = next((one for one in _figures(start, end, practice_id) if one.name == name), None)
    if found is None:
        raise Problem(404, "There is no such figure: see /figures")
    at = max(offset, 0)
    sheet = figure_rows.sheet_of(found, found.ids[at : at + MOST_ROWS_SHOWN])
    return _table(name, sheet, found.start, found.end, at, len(found.ids))


class PointOut(Out):
    month: date
    value: str | None


class SeriesOut(Out):
    name: str
    unit: str
    points: list[PointOut]


class CostOut(Out):
    id: UUID
    month: date
    practice_id: UUID | None = Field(description="Null: of all of them together")
    amount: Money
    note: str
    actor: str
    at: datetime


class EnterCost(In):
    month: str = Field(description="2026-08")
    practice_id: UUID | None = None
    amount: Money
    note: str = Field(default="", max_length=200)


@operation("GET", "/figures/trends", permission="reports.read", answers=list[SeriesOut], whole_office=True)
def list_trends(request: HttpRequest, practice_id: UUID | None = None) -> Any:
    """The figures of trends month by month, each as it stood at its month's end."""
    practice = find(Practice, practice_id).pk if practice_id else None
    months = breakdown.months_before(clock.today(), breakdown.TREND_MONTHS)
    return [
        {
            "name": one.name, "unit": one.unit,
            "points": [
                {"month": point.month, "value": None if point.value is None else f"{point.value:f}"}
                for point in one.points
            ],
        }
        for one in breakdown.trends(months=months, practice=practice)
    ]  # fmt: skip


@operation("GET", "/costs", permission="reports.read", answers=paged(CostOut), whole_office=True)
def list_costs(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """What billing cost by month, the newest month first."""
    return page_of(BillingCost.objects.all(), cursor=cursor, limit=limit, by="month")


@operation("POST", "/costs", permission="reports.costs", answers=CostOut, status=201, whole_office=True)
def enter_cost(request: HttpRequest, payload: EnterCost) -> Any:
    """What billing cost in a month; a later row of the month and practice replaces it."""
    if payload.amount < 0:
        errors = [{"field": "amount", "says": "is below zero"}]
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    practice = find(Practice, payload.practice_id) if payload.practice_id else None
    return BillingCost.objects.create(
        month=month_of(payload.month), practice=practice, amount=payload.amount, note=payload.note.strip(),
        actor=actor(), at=clock.now(),
    )  # fmt: skip
