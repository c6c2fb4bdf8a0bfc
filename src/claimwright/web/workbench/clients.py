"""The billing service's clients: what each owes, its terms, its months, its account. For managers and owners."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.service_invoices import (
    Exclusion,
    Fee,
    FeeItem,
    FeeTerms,
    InvalidContract,
    ServiceInvoice,
    Tier,
)
from claimwright.codes.dates import add_months
from claimwright.codes.money import money
from claimwright.documents.sheets import XLSX_TYPE
from claimwright.web.accounts import periods
from claimwright.web.clients import month_report, selectors, services
from claimwright.web.clients.models import ClientInvoice
from claimwright.web.core import clock
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show
from claimwright.web.workbench.words import figure_words

EXCLUSIONS = (
    (Exclusion.CAPITATION, "Capitation"),
    (Exclusion.INTEREST, "Interest"),
    (Exclusion.AT_VISIT, "What is taken at the visit"),
    (Exclusion.EARLIER_CLAIMS, "Visits before the contract"),
)


COLUMNS: Columns = (
    ("Practice", "practice.name"), ("Terms", lambda row: terms_text(row.terms)), ("Last invoice", "last.number"),
    ("Month", "last.month"), ("Its total", "last.total"), ("Due", "last.due_on"), ("Balance", "balance"),
    ("Overdue", "overdue"),
)  # fmt: skip


@page()
def clients(request: HttpRequest) -> HttpResponse:
    """Every client with its terms, newest invoice and balance."""
    rows = selectors.clients()
    if file := exported(request, "clients", COLUMNS, rows):
        return file
    shown = rows_of(request, rows)
    through = periods.closed_through()
    return show(
        request, "workbench/clients.html",
        {"clients": [{"row": row, "terms": terms_text(row.terms)} for row in shown], "rows": shown, "through": through,
         "owed": sum((row.balance for row in rows), Decimal(0)), "month": f"{through:%Y-%m}" if through else ""},
    )  # fmt: skip


@page()
def client(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """One client: a month's invoice as it is or would be, the account, the terms."""
    practice = get_object_or_404(Practice, pk=practice_id)
    month = month_of(request.GET.get("month", "")) or add_months(clock.today().replace(day=1), -1)
    issued = selectors.standing(practice).filter(month=month).first()
    shown, problem = None, ""
    if issued is not None:
        shown = msgspec.convert(issued.content, ServiceInvoice)
    else:
        try:
            shown = services.draft(practice=practice, month=month).invoice
        except services.InvoiceRefused as refused:
            problem = str(refused)
    terms = selectors.terms_in(practice, month)
    return show(
        request, "workbench/client.html",
        {"practice": practice, "month": month, "month_text": f"{month:%Y-%m}", "issued": issued, "invoice": shown,
         "problem": problem, "is_closed": periods.is_closed(month), "terms": terms_text(terms), "terms_now": terms,
         "account": selectors.account_of(practice), "balance": selectors.balance_of(practice),
         "exclusions": EXCLUSIONS, "key": f"client:{practice.pk}:{practice.client_payments.count()}",
         "before": add_months(month, -1), "after": add_months(month, 1)},
    )  # fmt: skip


def terms_text(terms: FeeTerms | None) -> str:
    """Terms in a line, as the contract would say them."""
    if terms is None:
        return ""
    parts = []
    for item in terms.items:
        if item.fee is Fee.PERCENT:
            shares = [
                f"{tier.percent.normalize():f}%" + (f" up to {tier.up_to:,.2f}" if tier.up_to is not None else "")
                for tier in item.tiers
            ]
            parts.append(f"{', then '.join(shares)} of net collections")
        else:
            parts.append(f"{item.rate:,.2f} a {'claim' if item.fee is Fee.PER_CLAIM else 'month'} ({item.words})")
    if terms.minimum:
        parts.append(f"at least {terms.minimum:,.2f}")
    if terms.exclusions:
        names = dict(EXCLUSIONS)
        parts.append("without " + ", ".join(names[one].lower() for one in terms.exclusions))
    return "; ".join(parts)


def month_of(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


@action(does="client.terms")
def save_terms(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """New terms from a month on."""
    practice = get_object_or_404(Practice, pk=practice_id)
    first = month_of(request.POST.get("first_month", ""))
    try:
        if first is None:
            raise InvalidContract("the month is written as 2026-09")
        services.set_terms(
            practice=practice, first_month=first, terms=_terms(request), note=request.POST.get("note", "")
        )
    except (InvalidContract, services.InvoiceRefused) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"The terms hold from {calendar.month_name[first.month]} {first.year}.")
    return redirect("client", practice_id=practice.pk)


def _terms(request: HttpRequest) -> FeeTerms:
    items: list[FeeItem] = []
    percent, cut, above = (_number(request, name) for name in ("percent", "cut", "above"))
    if percent is not None:
        tiers = (Tier(percent=percent),)
        if cut is not None:
            if above is None:
                raise InvalidContract("give the share above the cut")
            tiers = (Tier(percent=percent, up_to=cut), Tier(percent=above))
        items.append(FeeItem(fee=Fee.PERCENT, words="Billing service", tiers=tiers))
    for name, fee, words in (("per_claim", Fee.PER_CLAIM, "Claims first sent"), ("flat", Fee.FLAT, "Monthly fee")):
        rate = _number(request, name)
        if rate is not None:
            items.append(FeeItem(fee=fee, words=words, rate=rate))
    known = {one.value: one for one in Exclusion}
    return FeeTerms(
        items=tuple(items), minimum=_number(request, "minimum") or Decimal("0.00"),
        exclusions=tuple(known[name] for name in request.POST.getlist("exclude") if name in known),
    )  # fmt: skip


def _number(request: HttpRequest, name: str) -> Decimal | None:
    text = request.POST.get(name, "").strip().removesuffix("%").replace(",", "").replace("$", "")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise InvalidContract(f"{name.replace('_', ' ')}: {text[:20]} is not a number") from None
    if not value.is_finite() or value != money(value):
        raise InvalidContract(f"{name.replace('_', ' ')}: two places at most")
    return money(value)


@action(does="client.invoice")
def issue(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Issue a closed month's invoice."""
    practice = get_object_or_404(Practice, pk=practice_id)
    month = month_of(request.POST.get("month", ""))
    if month is None:
        raise Http404
    try:
        made = services.issue_invoice(practice=practice, month=month)
    except services.InvoiceRefused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"Invoice {made.number} is issued.")
    return redirect(_at(practice, month))


@action(does="client.invoices")
def issue_all(request: HttpRequest) -> HttpResponse:
    """Issue the latest closed month's invoices to every client with terms."""
    through = periods.closed_through()
    if through is None:
        messages.error(request, "No month is closed yet.")
        return redirect("clients")
    made = services.issue_invoices(month=through)
    messages.success(request, f"{len(made)} invoice{'s' if len(made) != 1 else ''} of {through:%B %Y} stand.")
    return redirect("clients")


@action(does="client.invoice.void")
def void(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Take the newest invoice back, with a reason."""
    practice = get_object_or_404(Practice, pk=practice_id)
    month = month_of(request.POST.get("month", ""))
    invoice = get_object_or_404(selectors.standing(practice), month=month)
    try:
        services.void_invoice(invoice=invoice, reason=request.POST.get("reason", ""))
    except services.InvoiceRefused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"Invoice {invoice.number} is taken back.")
    return redirect(_at(practice, invoice.month))


@action(does="client.payment")
def pay(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Key a client's payment."""
    practice = get_object_or_404(Practice, pk=practice_id)
    try:
        amount = _number(request, "amount")
        received_on = posted_day(request, "received_on") or clock.today()
        services.record_payment(
            practice=practice, amount=amount or Decimal(0), received_on=received_on, key=request.POST.get("key", "")[:120],
            reference=request.POST.get("reference", "")[:80],
        )  # fmt: skip
    except (InvalidContract, services.InvoiceRefused) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "The payment stands on the account.")
    return redirect("client", practice_id=practice.pk)


@page()
def paper(request: HttpRequest, practice_id: UUID, month: str) -> HttpResponse:
    """The invoice as it was issued."""
    invoice = get_object_or_404(ClientInvoice, practice_id=practice_id, month=month_of(month), voided_on__isnull=True)
    response = HttpResponse(bytes(invoice.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="invoice-{invoice.number}.pdf"'
    return response


@page(reads="client.report")
def report(request: HttpRequest, practice_id: UUID, month: str, kind: str) -> HttpResponse:
    """A month's report for the client: `kind` pdf or xlsx."""
    practice = get_object_or_404(Practice, pk=practice_id)
    first = month_of(month)
    if first is None or kind not in ("pdf", "xlsx"):
        raise Http404
    found = month_report.month_figures(practice=practice, month=first)
    if kind == "pdf":
        response = HttpResponse(month_report.as_pdf(found, figure_words), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="report-{practice.npi}-{month}.pdf"'
        return response
    response = HttpResponse(month_report.as_workbook(found), content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="report-{practice.npi}-{month}.xlsx"'
    return response


def _at(practice: Practice, month: date) -> str:
    from django.urls import reverse

    return f"{reverse('client', kwargs={'practice_id': practice.pk})}?month={month:%Y-%m}"
