"""What pages and services ask of clients' accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Q, QuerySet, Sum

from claimwright.billing.service_invoices import FeeTerms
from claimwright.codes.money import ZERO
from claimwright.web.clients import models
from claimwright.web.core import clock
from claimwright.web.practice.models import Practice


class AccountRow(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of a client's account, with the balance after it."""

    on: date
    words: str
    amount: Decimal
    balance: Decimal
    invoice: models.ClientInvoice | None = None


class ClientRow(msgspec.Struct, frozen=True, kw_only=True):
    """A client on the list: `overdue` is what is owed of invoices past their day, after all payments."""

    practice: Practice
    terms: FeeTerms | None
    last: models.ClientInvoice | None
    balance: Decimal
    overdue: Decimal


def terms_in(practice: Practice, month: date) -> FeeTerms | None:
    """The terms that hold in a month: those begun last, and of two begun in one month the later written."""
    row = practice.client_terms.filter(first_month__lte=month.replace(day=1)).order_by("-first_month", "-at").first()
    return msgspec.convert(row.content, FeeTerms) if row else None


def first_month_of(practice: Practice) -> date | None:
    row = practice.client_terms.order_by("first_month").first()
    return row.first_month if row else None


def standing(practice: Practice) -> QuerySet[models.ClientInvoice]:
    """Invoices that count."""
    return practice.client_invoices.filter(voided_on__isnull=True)


def balance_of(practice: Practice) -> Decimal:
    """What the client owes; below zero what it is owed."""
    charged = standing(practice).aggregate(total=Sum("total"))["total"] or ZERO
    paid = practice.client_payments.aggregate(total=Sum("amount"))["total"] or ZERO
    return charged - paid


def account_of(practice: Practice) -> list[AccountRow]:
    """Invoices and payments in their order, each with the balance after it."""
    moves = [(row.issued_on, 0, f"Invoice {row.number}", row.total, row) for row in standing(practice)]
    for paid in practice.client_payments.all():
        words = f"Payment {paid.reference}".strip() if paid.amount > 0 else f"Given back {paid.reference}".strip()
        moves.append((paid.received_on, 1, words, ZERO - paid.amount, None))
    rows, balance = [], ZERO
    for on, _, words, amount, invoice in sorted(moves, key=lambda move: move[:3]):
        balance += amount
        rows.append(AccountRow(on=on, words=words, amount=amount, balance=balance, invoice=invoice))
    return rows


def clients() -> list[ClientRow]:
    """Every practice of the tenant with its terms of this month, newest invoice and balance: five queries."""
    today = clock.today()
    counted = models.ClientInvoice.objects.filter(voided_on__isnull=True)
    begun = models.ClientTerms.objects.filter(first_month__lte=today.replace(day=1))
    terms = {
        row.practice_id: msgspec.convert(row.content, FeeTerms)
        for row in begun.order_by("practice", "-first_month", "-at").distinct("practice")
    }
    newest = counted.defer("pdf", "content").order_by("practice", "-month").distinct("practice")
    last = {row.practice_id: row for row in newest}
    sums = (
        counted.order_by()
        .values("practice")
        .annotate(charged=Sum("total"), to_come=Sum("total", filter=Q(due_on__gte=today), default=ZERO))
    )
    owed = {row["practice"]: (row["charged"], row["to_come"]) for row in sums}
    paid = dict(models.ClientPayment.objects.order_by().values_list("practice").annotate(Sum("amount")))
    rows = []
    for practice in Practice.objects.order_by("name"):
        total, to_come = owed.get(practice.pk, (ZERO, ZERO))
        balance = total - paid.get(practice.pk, ZERO)
        rows.append(
            ClientRow(
                practice=practice, terms=terms.get(practice.pk), last=last.get(practice.pk), balance=balance,
                overdue=max(ZERO, balance - max(to_come, ZERO)),
            )
        )  # fmt: skip
    return rows
