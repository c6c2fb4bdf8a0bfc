"""Closing days and months: what keeps a month open, what was signed for it, its lock, its reports and their proof.

A month is locked by a program whose token says so; opened again by an owner, in person.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.closing import Item
from claimwright.web.accounts import periods
from claimwright.web.accounts.models import PeriodEvent
from claimwright.web.api.fields import In, Money, Out
from claimwright.web.api.framework import BYTES, as_bytes, find, month_of, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.close.models import DayClose, MonthReport
from claimwright.web.close.selectors import last_day, open_days, standing_lock
from claimwright.web.core import clock
from claimwright.web.core.models import User
from claimwright.web.core.services import actor
from claimwright.web.reports import closing


class CheckOut(Out):
    item: str
    title: str
    count: int
    amount: Money | None
    lets_close: bool
    signed_by: str
    reason: str


class MonthReportOut(Out):
    id: UUID
    name: str
    sha256: str
    proved: bool = Field(description="Made of the ledger alone: made again it has the same bytes")


class PeriodEventOut(Out):
    number: int
    month: date
    kind: str
    revision: int
    reason: str
    actor: str
    at: datetime
    ledger_sequence: int


class MonthOut(Out):
    month: date
    is_closed: bool
    closed_through: date | None
    checklist: list[CheckOut] = Field(description="Empty once it is closed")
    open_days: list[date] = Field(description="Days with postings that no closed day sheet covers")
    reports: list[MonthReportOut]
    events: list[PeriodEventOut]


class DayCloseOut(Out):
    id: UUID
    day: date
    revision: int
    postings: int
    charges: Money
    cash: Money
    receivable: Money
    sha256: str
    actor: str
    at: datetime


class CloseDay(In):
    day: date
    note: str = Field(default="", max_length=500)


class SignItem(In):
    item: Item
    reason: str = Field(min_length=1, max_length=1000)


class ProofOut(Out):
    name: str
    sha256: str = Field(description="At the closing")
    kept: str = Field(description="Of the bytes kept since")
    again: str = Field(description="Of the same report made now")
    same: bool


def _check(one: Any) -> dict[str, Any]:
    signed = one.sign_off
    return {
        "item": one.rule.item.value, "title": one.rule.title, "count": one.count, "amount": one.amount,
        "lets_close": one.lets_close, "signed_by": signed.by if signed else "", "reason": signed.reason if signed else "",
    }  # fmt: skip


@operation("GET", "/close/months/{str:month}", permission="close.read", answers=MonthOut, whole_office=True)
def read_month(request: HttpRequest, month: str) -> Any:
    """One month: what keeps it open, or its lock and reports."""
    first = month_of(month)
    event, is_closed = standing_lock(first), periods.is_closed(first)
    reports = MonthReport.objects.filter(event=event).defer("content").order_by("-proved", "name") if event else []
    return {
        "month": first, "is_closed": is_closed, "closed_through": periods.closed_through(),
        "checklist": [] if is_closed else [_check(one) for one in closing.checklist(first)],
        "open_days": open_days(first, last_day(first)), "reports": list(reports),
        "events": list(PeriodEvent.objects.filter(month=first).order_by("-number")),
    }  # fmt: skip


@operation("GET", "/close/days", permission="close.read", answers=paged(DayCloseOut), whole_office=True)
def list_closed_days(
    request: HttpRequest, day_from: date | None = None, day_to: date | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Closed day sheets, the newest day first."""
    chosen = {"day__gte": day_from, "day__lte": day_to}
    rows = DayClose.objects.defer("sheet").filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="day")


@operation("POST", "/close/days", permission="close.work", answers=DayCloseOut, status=201, whole_office=True)
def close_a_day(request: HttpRequest, payload: CloseDay) -> Any:
    """Keep the day's sheet, every posting of it, with its control totals."""
    if payload.day > clock.today():
        raise Problem(409, "The day is to come", kind="refused")
    return closing.close_day(day=payload.day, note=payload.note)


@operation(
    "GET", "/close/days/{uuid:day_close_id}/sheet.csv", permission="close.read", produces=BYTES, whole_office=True,
    reads=True,
)  # fmt: skip
def download_day_sheet(request: HttpRequest, day_close_id: UUID) -> Any:
    """The sheet as it was closed, as CSV."""
    row = find(DayClose, day_close_id)
    return as_bytes(bytes(row.sheet), BYTES, f"day-sheet-{row.day.isoformat()}-{row.revision}.csv")


@operation("POST", "/close/months/{str:month}/sign", permission="close.work", answers=MonthOut, whole_office=True)
def sign_month_item(request: HttpRequest, month: str, payload: SignItem) -> Any:
    """Say why an item of the checklist may stay as it is. It covers what is open now, and no more."""
    closing.sign_off(month=month_of(month), item=payload.item, reason=payload.reason)
    return read_month(request, month)


@operation("POST", "/close/months/{str:month}/lock", permission="close.month", answers=MonthOut, whole_office=True)
def lock_a_month(request: HttpRequest, month: str) -> Any:
    """Close a month with its reports. Refused with what keeps it open."""
    closing.lock_month(month=month_of(month), by=User(username=actor(), role=User.Role.API))
    return read_month(request, month)


@operation("GET", "/close/months/{str:month}/proof", permission="close.read", answers=list[ProofOut], whole_office=True)
def prove_a_month(request: HttpRequest, month: str) -> Any:
    """Make a closed month's ledger reports again, and compare them byte for byte."""
    told = ("name", "sha256", "kept", "again", "same")
    return [{name: getattr(one, name) for name in told} for one in closing.prove_month(month_of(month))]


@operation(
    "GET", "/close/reports/{uuid:report_id}/content", permission="close.read", produces=BYTES, whole_office=True,
    reads=True,
)  # fmt: skip
def download_month_report(request: HttpRequest, report_id: UUID) -> Any:
    """A report's bytes as they were kept."""
    row = find(MonthReport.objects.select_related("event"), report_id)
    return as_bytes(bytes(row.content), BYTES, f"{row.event.month:%Y-%m}-{row.name}")
