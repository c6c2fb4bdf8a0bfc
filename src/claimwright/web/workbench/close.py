"""Closing days and months: what is open, who signed for it, the lock and its reports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.contrib import messages
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.closing import Item, SignOffRefused
from claimwright.codes.dates import add_months
from claimwright.documents.sheets import CSV_TYPE, XLSX_TYPE
from claimwright.web.accounts import periods
from claimwright.web.accounts.models import LedgerTransfer, PeriodEvent
from claimwright.web.close.models import DayClose, MonthReport
from claimwright.web.close.selectors import last_day, open_days, standing_lock
from claimwright.web.core import clock
from claimwright.web.reports import closing
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import as_file
from claimwright.web.workbench.pages import POSTING_DAY, action, page, posted_day, show, with_query
from claimwright.web.workbench.policies import may

MONTHS_SHOWN = 13
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "json": "application/json"}
# Where an item of the checklist is worked: the name of a page, and its argument where it has one.
PLACES: dict[Item, tuple[str, tuple[str, ...]]] = {
    Item.TRIAL_BALANCE: ("report", ("trial-balance",)), Item.ROLL_FORWARD: ("report", ("receivables",)),
    Item.DAYS_CLOSED: ("close", ()), Item.HELD_REMITTANCES: ("remittances", ()),
    Item.UNMATCHED_DEPOSITS: ("worklist", ("eft_without_era",)), Item.SUSPENSE: ("remittances", ()),
    Item.PAYER_OFFSETS: ("worklist", ("provider_adjustments",)), Item.DRAWERS: ("counter", ()), Item.BANK_LINES: ("bank", ()),
    Item.BANK_TIES: ("bank", ()), Item.UNCHARGED_VISITS: ("visits", ()), Item.UNSENT_CLAIMS: ("claims", ()),
    Item.CREDITS: ("worklist", ("credit_balances",)), Item.WRITE_OFFS: ("worklist", ("write_off_approvals",)),
}  # fmt: skip


def month_of(text: str | None) -> date | None:
    return as_date(f"{text[:7]}-01") if text else None


def _months() -> list[dict[str, object]]:
    """The months with postings, the newest first: closed or open, and by whom."""
    first = LedgerTransfer.objects.order_by("posted_on").values_list("posted_on", flat=True).first()
    through, month = periods.closed_through(), clock.today().replace(day=1)
    found: list[dict[str, object]] = []
    while first is not None and month >= first.replace(day=1) and len(found) < MONTHS_SHOWN:
        event = periods.last_event(month)
        found.append({"month": month, "closed": through is not None and month <= through, "event": event,
                      "ended": add_months(month, 1) <= clock.today(), "latest": month == through})  # fmt: skip
        month = add_months(month, -1)
    return found


def _days(month: date) -> Iterator[dict[str, object]]:
    """The days of the month with postings, each with its newest closed sheet."""
    end = last_day(month)
    waiting = set(open_days(month, end))
    closed = {
        row.day: row for row in DayClose.objects.filter(day__range=(month, end)).defer("sheet").order_by("revision")
    }
    posted = LedgerTransfer.objects.filter(posted_on__range=(month, end)).values("posted_on")
    for row in posted.annotate(count=Count("pk"), last=Max("sequence")).order_by("-posted_on"):
        day = row["posted_on"]
        yield {"day": day, "count": row["count"], "closed": closed.get(day), "open": day in waiting}


@page(reads="close.read")
def close(request: HttpRequest) -> HttpResponse:
    """The months, and of the one chosen its checklist, its days and its reports."""
    month = month_of(request.GET.get("month")) or closing.previous_month(clock.today())
    event = standing_lock(month)
    is_closed = periods.is_closed(month)
    checked = () if is_closed else closing.checklist(month)
    items = [
        {"check": one, "place": reverse(PLACES[one.rule.item][0], args=PLACES[one.rule.item][1])
         if one.rule.item in PLACES else ""}
        for one in checked
    ]  # fmt: skip
    reports = MonthReport.objects.filter(event=event).defer("content").order_by("-proved", "name") if event else ()
    return show(
        request, "workbench/close.html",
        {
            "month": month, "months": _months(), "items": items, "days": list(_days(month)), "event": event,
            "is_closed": is_closed, "ended": add_months(month, 1) <= clock.today(), "reports": reports,
            "proofs": closing.prove_month(month) if event and request.GET.get("prove") else (),
            "ready": bool(checked) and all(one.lets_close for one in checked),
            "may_close": may(request, "lock_month"),
            "may_reopen": may(request, "reopen_month") and periods.closed_through() == month,
            "history": PeriodEvent.objects.filter(month=month).order_by("-number"), "end": last_day(month),
            "posting_day": request.session.get(POSTING_DAY), "may_post_back": _may_post_back(request, month),
        },
    )  # fmt: skip


def _may_post_back(request: HttpRequest, month: date) -> bool:
    event = periods.last_event(month)
    reopened = event is not None and event.kind == PeriodEvent.Kind.REOPENED
    return reopened and may(request, "posting_day") and not periods.is_closed(month)


def _to(month: date) -> HttpResponse:
    return redirect(with_query(reverse("close"), month=f"{month:%Y-%m}"))


@action(does="close.day_asked")
def close_day(request: HttpRequest) -> HttpResponse:
    day = posted_day(request, "day")
    if day is None or day > clock.today():
        messages.error(request, "Choose a day up to today.")
        return redirect("close")
    try:
        made = closing.close_day(day=day, note=request.POST.get("note", "")[:500])
        messages.success(request, f"The day sheet of {day:%m/%d/%Y} is closed: {made.postings} postings.")
    except closing.NotClosed as refused:
        messages.error(request, f"Not closed: {refused}.")
    return _to(day.replace(day=1))


def _month(request: HttpRequest) -> date:
    month = month_of(request.POST.get("month"))
    if month is None:
        raise Http404
    return month


@action(does="close.item_signed")
def sign_off(request: HttpRequest) -> HttpResponse:
    month, item = _month(request), request.POST.get("item", "")
    if item not in set(Item):
        raise Http404
    try:
        closing.sign_off(month=month, item=Item(item), reason=request.POST.get("reason", "")[:1000])
        messages.success(request, "Signed. It covers what is open now, and no more.")
    except SignOffRefused as refused:
        messages.error(request, f"Not signed: {refused}.")
    return _to(month)


@action(does="close.month_asked")
def lock(request: HttpRequest) -> HttpResponse:
    month = _month(request)
    try:
        closing.lock_month(month=month, by=request.user)  # type: ignore[arg-type]
        messages.success(request, f"{month:%B %Y} is closed. What is posted from now on counts in the open month.")
    except (closing.NotClosed, periods.PeriodClosed) as refused:
        messages.error(request, f"Not closed: {refused}.")
    return _to(month)


@action(does="close.reopening_asked")
def reopen(request: HttpRequest) -> HttpResponse:
    month = _month(request)
    try:
        closing.reopen_month(month=month, by=request.user, reason=request.POST.get("reason", "")[:1000])  # type: ignore[arg-type]
        messages.success(request, f"{month:%B %Y} is open again. The reports of its closing are kept.")
    except periods.PeriodClosed as refused:
        messages.error(request, f"Not opened: {refused}.")
    return _to(month)


@action(does="close.posting_day_chosen")
def posting_day(request: HttpRequest) -> HttpResponse:
    """An owner works in a month that was opened again: what is posted in this session counts on a day of it."""
    day = posted_day(request, "day")
    if request.POST.get("end") or day is None:
        request.session.pop(POSTING_DAY, None)
        messages.success(request, "What you post counts on the day it is posted.")
        return redirect("close")
    if not _may_post_back(request, day.replace(day=1)):
        messages.error(request, "Not done: an owner chooses a day of a month that was opened again.")
        return redirect("close")
    request.session[POSTING_DAY] = day.isoformat()
    messages.success(request, f"What you post counts on {day:%m/%d/%Y} now. End it on this page when you are done.")
    return _to(day.replace(day=1))


@page(reads="close.report")
def month_report(request: HttpRequest, report_id: object) -> HttpResponse:
    """A report's bytes as they were kept."""
    row = get_object_or_404(MonthReport.objects.select_related("event"), pk=report_id)
    kind = TYPES[row.name.rpartition(".")[2]]
    return as_file(bytes(row.content), name=f"{row.event.month:%Y-%m}-{row.name}", content_type=kind)


@page(reads="close.day_sheet")
def day_sheet(request: HttpRequest, day_close_id: object) -> HttpResponse:
    row = get_object_or_404(DayClose, pk=day_close_id)
    return as_file(bytes(row.sheet), name=f"day-sheet-{row.day.isoformat()}-{row.revision}.csv", content_type=CSV_TYPE)
