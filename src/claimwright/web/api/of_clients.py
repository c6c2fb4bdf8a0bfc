"""The billing service's clients: terms, invoices, payments, and the report of a month. All of the office as a whole."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.service_invoices import Exclusion, Fee, FeeItem, FeeTerms, Tier
from claimwright.documents.sheets import XLSX_TYPE
from claimwright.web.accounts import periods
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason
from claimwright.web.api.framework import PDF, as_bytes, find, key_of, month_of, operation
from claimwright.web.api.problems import Problem
from claimwright.web.clients import month_report, selectors, services
from claimwright.web.clients.models import ClientInvoice
from claimwright.web.practice.models import Practice
from claimwright.web.workbench.words import figure_words


class TierOut(Out):
    percent: Quantity
    up_to: Money | None


class FeeItemOut(Out):
    fee: str
    words: str
    rate: Money
    tiers: list[TierOut]


class TermsOut(Out):
    items: list[FeeItemOut]
    minimum: Money
    exclusions: list[str]
    due_days: int


class ClientOut(Out):
    practice_id: UUID
    name: str
    terms: TermsOut | None = Field(description="Of this month; null: none")
    last_invoice: str
    balance: Money = Field(description="Below zero: we owe the client")
    overdue: Money


class ClientInvoiceOut(Out):
    id: UUID
    practice_id: UUID
    month: date
    number: str
    issued_on: date
    due_on: date
    total: Money
    issued_by: str
    voided_on: date | None
    void_reason: str


class ClientMoveOut(Out):
    on: date
    words: str
    amount: Money
    balance: Money


class ClientDetail(Out):
    practice_id: UUID
    name: str
    balance: Money
    account: list[ClientMoveOut]
    invoices: list[ClientInvoiceOut]


class DraftLine(Out):
    words: str
    working: str
    amount: Money


class DraftInvoice(Out):
    """What a month comes to, with the working: nothing is issued by reading it."""

    month: date
    is_closed: bool
    lines: list[DraftLine]
    credits: list[DraftLine]
    fees: Money
    total: Money


class TierIn(In):
    percent: Money = Field(description="Of net collections, such as 6.00")
    up_to: Money | None = Field(default=None, description="None: of all that is above the tier before")


class FeeItemIn(In):
    fee: Fee
    words: str = Field(min_length=1, max_length=120)
    rate: Money = Field(default="0.00", validate_default=True, description="Dollars a claim or a month")
    tiers: list[TierIn] = Field(default=[], max_length=10)


class SetTerms(In):
    first_month: str = Field(description="The month from which they hold: 2026-09")
    items: list[FeeItemIn] = Field(min_length=1, max_length=10)
    minimum: Money = Field(default="0.00", validate_default=True)
    exclusions: list[Exclusion] = []
    due_days: int = Field(default=30, ge=0, le=365)
    note: str = Field(default="", max_length=200)


class VoidInvoice(In):
    reason: Reason


class ClientPays(In):
    amount: Money = Field(description="Below zero: given back to the client")
    received_on: date
    reference: str = Field(default="", max_length=80)


class ClientPaymentOut(Out):
    id: UUID
    practice_id: UUID
    amount: Money
    received_on: date
    reference: str
    actor: str
    at: datetime


def _practice(practice_id: UUID) -> Practice:
    found: Practice = find(Practice, practice_id)
    return found


def _invoice(practice_id: UUID, month: str) -> ClientInvoice:
    found = selectors.standing(_practice(practice_id)).filter(month=month_of(month)).first()
    if found is None:
        raise Problem(404, "No invoice of that month stands")
    return found


@operation("GET", "/clients", permission="clients.read", answers=list[ClientOut], whole_office=True)
def list_clients(request: HttpRequest) -> Any:
    """Every practice with its terms of this month, newest invoice and balance."""
    return [
        {
            "practice_id": one.practice.pk, "name": one.practice.name, "terms": one.terms,
            "last_invoice": one.last.number if one.last else "", "balance": one.balance, "overdue": one.overdue,
        }
        for one in selectors.clients()
    ]  # fmt: skip


@operation("GET", "/clients/{uuid:practice_id}", permission="clients.read", answers=ClientDetail, whole_office=True)
def read_client(request: HttpRequest, practice_id: UUID) -> Any:
    """One client's account: invoices and payments in their order."""
    practice = _practice(practice_id)
    return {
        "practice_id": practice.pk, "name": practice.name, "balance": selectors.balance_of(practice),
        "account": selectors.account_of(practice),
        "invoices": list(practice.client_invoices.defer("pdf", "content", "collected", "terms").order_by("month", "number")),
    }  # fmt: skip


@operation(
    "GET", "/clients/{uuid:practice_id}/drafts/{str:month}", permission="clients.read", answers=DraftInvoice,
    whole_office=True,
)  # fmt: skip
def draft_client_invoice(request: HttpRequest, practice_id: UUID, month: str) -> Any:
    """What a month comes to by the terms that hold in it."""
    first = month_of(month)
    made = services.draft(practice=_practice(practice_id), month=first).invoice
    told = ("month", "lines", "credits", "fees", "total")
    return {name: getattr(made, name) for name in told} | {"is_closed": periods.is_closed(first)}


@operation(
    "POST", "/clients/{uuid:practice_id}/terms", permission="clients.work", answers=TermsOut, status=201,
    whole_office=True,
)  # fmt: skip
def set_client_terms(request: HttpRequest, practice_id: UUID, payload: SetTerms) -> Any:
    """Terms from a month on."""
    items = tuple(
        FeeItem(
            fee=one.fee, words=one.words, rate=one.rate,
            tiers=tuple(Tier(percent=tier.percent, up_to=tier.up_to) for tier in one.tiers),
        )
        for one in payload.items
    )  # fmt: skip
    terms = FeeTerms(
        items=items, minimum=payload.minimum, exclusions=tuple(payload.exclusions), due_days=payload.due_days
    )
    first = month_of(payload.first_month)
    services.set_terms(practice=_practice(practice_id), first_month=first, terms=terms, note=payload.note)
    return terms


@operation(
    "POST", "/clients/{uuid:practice_id}/invoices/{str:month}", permission="clients.work", answers=ClientInvoiceOut,
    status=201, whole_office=True,
)  # fmt: skip
def issue_client_invoice(request: HttpRequest, practice_id: UUID, month: str) -> Any:
    """Issue a closed month's invoice; issued already, that one is given."""
    return services.issue_invoice(practice=_practice(practice_id), month=month_of(month))


@operation(
    "POST", "/clients/invoices/{str:month}", permission="clients.work", answers=list[ClientInvoiceOut], status=201,
    whole_office=True,
)  # fmt: skip
def issue_client_invoices(request: HttpRequest, month: str) -> Any:
    """Issue a closed month's invoices to every client with terms."""
    return services.issue_invoices(month=month_of(month))


@operation(
    "GET", "/clients/{uuid:practice_id}/invoices/{str:month}/invoice.pdf", permission="clients.read", produces=PDF,
    whole_office=True,
)  # fmt: skip
def read_client_invoice(request: HttpRequest, practice_id: UUID, month: str) -> Any:
    """The invoice as it was issued."""
    row = _invoice(practice_id, month)
    return as_bytes(bytes(row.pdf), PDF, f"invoice-{row.number}.pdf")


@operation(
    "POST", "/clients/{uuid:practice_id}/invoices/{str:month}/void", permission="clients.work",
    answers=ClientInvoiceOut, whole_office=True,
)  # fmt: skip
def void_client_invoice(request: HttpRequest, practice_id: UUID, month: str, payload: VoidInvoice) -> Any:
    """Take the newest invoice back."""
    return services.void_invoice(invoice=_invoice(practice_id, month), reason=payload.reason)


@operation(
    "POST", "/clients/{uuid:practice_id}/payments", permission="clients.work", answers=ClientPaymentOut, status=201,
    whole_office=True,
)  # fmt: skip
def record_client_payment(request: HttpRequest, practice_id: UUID, payload: ClientPays) -> Any:
    """Money from a client onto its account."""
    if payload.amount == Decimal(0):
        raise Problem(422, "A payment is not zero", errors=[{"field": "amount", "says": "is zero"}])
    return services.record_payment(
        practice=_practice(practice_id), key=key_of(request, 120), **payload.values()
    )  # fmt: skip


@operation(
    "GET", "/clients/{uuid:practice_id}/reports/{str:month}/report.pdf", permission="clients.read", produces=PDF,
    whole_office=True, reads=True,
)  # fmt: skip
def read_client_report(request: HttpRequest, practice_id: UUID, month: str) -> Any:
    """A month's report for the client."""
    found = month_report.month_figures(practice=_practice(practice_id), month=month_of(month))
    return as_bytes(month_report.as_pdf(found, figure_words), PDF, f"report-{month}.pdf")


@operation(
    "GET", "/clients/{uuid:practice_id}/reports/{str:month}/report.xlsx", permission="clients.read",
    produces=XLSX_TYPE, whole_office=True, reads=True,
)  # fmt: skip
def read_client_workbook(request: HttpRequest, practice_id: UUID, month: str) -> Any:
    """The same as an Excel file with a sheet for each report."""
    found = month_report.month_figures(practice=_practice(practice_id), month=month_of(month))
    return as_bytes(month_report.as_workbook(found), XLSX_TYPE, f"report-{month}.xlsx")
