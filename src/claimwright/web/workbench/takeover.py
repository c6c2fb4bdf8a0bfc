"""Coming from another system: a set of files kept, what is wrong with it, loaded and undone as a whole."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.takeover import ControlTotals
from claimwright.claims.from_csv.table import error_sheet
from claimwright.claims.from_csv.takeover import FILES, template
from claimwright.codes.money import AmountError, parse_amount
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.takeover import selectors, services
from claimwright.web.takeover.models import Takeover
from claimwright.web.workbench.pages import action, page, posted_day, show

FAULTS_SHOWN = 200
DUE_SHOWN = 500
REASONS_SHOWN = 10
TOTALS = (("insurance", "Insurance A/R"), ("patient", "Patient A/R"), ("credits", "Credits, without a minus"))


@page()
def takeovers(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": Takeover.objects.select_related("practice").order_by("-saved_at"), "files": FILES.values(),
        "practices": Practice.objects.order_by("name"), "totals": TOTALS, "payers": Payer.objects.order_by("key"),
    }  # fmt: skip
    return show(request, "workbench/takeovers.html", context)


@page(reads="takeover")
def takeover(request: HttpRequest, takeover_id: UUID) -> HttpResponse:
    row = get_object_or_404(Takeover.objects.select_related("practice"), pk=takeover_id)
    loaded = row.state == Takeover.State.LOADED
    report = None if loaded else services.check_takeover(takeover=row)
    work = selectors.work_in_motion(row) if loaded else ()
    context = {
        "row": row, "loaded": loaded, "report": report, "files": row.files.defer("content").order_by("name"),
        "ties": selectors.ledger_ties(row) if loaded else report.ties if report else (),
        "faults": report.problems[:FAULTS_SHOWN] if report else (),
        "more": max(0, len(report.problems) - FAULTS_SHOWN) if report else 0,
        "work": work[:DUE_SHOWN], "work_count": len(work), "late": sum(one.is_late for one in work),
        "open_now": selectors.open_now(row) if loaded else None,
        "renumbered": selectors.claims_of(row).filter(number_kept=False).count() if loaded else 0,
    }  # fmt: skip
    return show(request, "workbench/takeover.html", context)


@page()
def template_file(request: HttpRequest, name: str) -> HttpResponse:
    if name not in FILES:
        raise Http404
    response = HttpResponse(template(name), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@page(reads="takeover.faults")
def faults_file(request: HttpRequest, takeover_id: UUID) -> HttpResponse:
    row = get_object_or_404(Takeover, pk=takeover_id)
    report = services.check_takeover(takeover=row)
    response = HttpResponse(error_sheet(report.problems), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="takeover-faults.csv"'
    return response


@action(does="takeover.save_asked")
def save_set(request: HttpRequest) -> HttpResponse:
    try:
        row = services.save_takeover(
            practice=_practice(request), name=request.POST.get("name", ""), totals=_totals(request),
            files={file.name or "": file.read() for file in request.FILES.getlist("files")},
            as_of=posted_day(request, "as_of") or _missing("as of: the day of the old system's report"),
        )  # fmt: skip
    except (services.TakeoverRefused, AmountError) as refused:
        messages.error(request, f"Not kept: {refused}.")
        return redirect("takeovers")
    return redirect("takeover", takeover_id=row.pk)


def _missing(what: str) -> None:
    raise services.TakeoverRefused(what)


def _practice(request: HttpRequest) -> Practice:
    try:
        return Practice.objects.get(pk=UUID(request.POST.get("practice", "")))
    except (ValueError, Practice.DoesNotExist):
        raise services.TakeoverRefused("practice: choose one of the list") from None


def _totals(request: HttpRequest) -> ControlTotals:
    """The typed totals; by payer one a line, key and amount. Raises TakeoverRefused naming the field."""
    amounts: dict[str, Decimal] = {}
    for name, words in TOTALS:
        try:
            amounts[name] = parse_amount(request.POST.get(name, "").strip())
        except AmountError:
            raise services.TakeoverRefused(f"{words}: write an amount such as 1234.50") from None
    by_payer: dict[str, Decimal] = {}
    for number, text in enumerate(request.POST.get("by_payer", "").splitlines(), 1):
        key, _, amount = text.strip().rpartition(" ")
        if not text.strip():
            continue
        try:
            by_payer[key.strip()] = parse_amount(amount)
        except AmountError:
            raise services.TakeoverRefused(f"by payer, line {number}: write a payer's key and an amount") from None
    return ControlTotals(by_payer=by_payer, **amounts)


@action(does="takeover.load_asked")
def load_set(request: HttpRequest, takeover_id: UUID) -> HttpResponse:
    row = get_object_or_404(Takeover, pk=takeover_id)
    try:
        done = services.load_takeover(takeover=row)
    except services.TakeoverRefused as refused:
        _say(request, refused)
    else:
        if done.changed:
            messages.success(request, f"Came over, to the cent: claims {done.claims}, lines {done.lines}.")
        else:
            messages.info(request, "The set is loaded already; nothing changed.")
    return redirect("takeover", takeover_id=row.pk)


@action(does="takeover.undo_asked")
def undo_set(request: HttpRequest, takeover_id: UUID) -> HttpResponse:
    row = get_object_or_404(Takeover, pk=takeover_id)
    try:
        lines = services.undo_takeover(takeover=row, reason=request.POST.get("reason", ""))
    except services.TakeoverRefused as refused:
        _say(request, refused)
    else:
        messages.success(request, f"Taken back, lines: {lines}. The set can be corrected and loaded again.")
    return redirect("takeover", takeover_id=row.pk)


def _say(request: HttpRequest, refused: services.TakeoverRefused) -> None:
    messages.error(request, f"Nothing changed: {refused}.")
    for reason in refused.reasons[:REASONS_SHOWN]:
        messages.error(request, reason)
