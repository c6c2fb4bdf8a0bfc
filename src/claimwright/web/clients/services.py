"""What a billing service does with its clients' accounts: terms, invoices of closed months, payments."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.billing import service_invoices as rules
from claimwright.codes.dates import add_months
from claimwright.codes.money import ZERO, money
from claimwright.documents.service_invoice import InvoicePaper, InvoiceRow, render_invoice
from claimwright.web.accounts import periods
from claimwright.web.clients import models
from claimwright.web.clients.collections import MonthMoney, money_of
from claimwright.web.clients.selectors import balance_of, first_month_of, standing, terms_in
from claimwright.web.core import clock
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.services import actor, record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.practice.models import Practice


class InvoiceRefused(ValueError):
    """An invoice, its voiding or a payment that cannot be; the text says why, and nothing was changed."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice before it is issued, from the books as they are now."""

    practice: Practice
    terms: rules.FeeTerms
    money: MonthMoney
    invoice: rules.ServiceInvoice


def set_terms(*, practice: Practice, first_month: date, terms: rules.FeeTerms, note: str = "") -> models.ClientTerms:
    """Terms from a month on. Raises InvalidContract, or InvoiceRefused where a month they touch is invoiced already."""
    rules.check_terms(terms)
    first = first_month.replace(day=1)
    if standing(practice).filter(month__gte=first).exists():
        raise InvoiceRefused(f"{first:%B %Y} or a later month is invoiced: void it first, or begin the terms later")
    made = models.ClientTerms.objects.create(
        practice=practice, first_month=first, content=msgspec.to_builtins(terms), note=note.strip(), actor=actor(),
        at=clock.now(),
    )  # fmt: skip
    record_audit(action="client.terms", subject_type="practice", subject_id=practice.pk, detail=f"from {first:%Y-%m}")
    return made


def draft(*, practice: Practice, month: date) -> Draft:
    """What the month comes to. Raises InvoiceRefused where no terms hold."""
    first = month.replace(day=1)
    terms = terms_in(practice, first)
    began = first_month_of(practice)
    if terms is None or began is None:
        raise InvoiceRefused(f"{practice.name} has no terms for {first:%B %Y}")
    found = money_of(practice=practice, month=first, terms=terms, began=began)
    earlier = _earlier(practice, first, began)
    return Draft(
        practice=practice, terms=terms, money=found,
        invoice=rules.invoice(terms=terms, month=first, collected=found.collected, earlier=earlier),
    )  # fmt: skip


def _earlier(practice: Practice, month: date, began: date) -> list[rules.EarlierInvoice]:
    """Invoices whose collections were undone up to and in this month, with what was credited of each already."""
    undone: dict[date, Decimal] = {}
    invoices = {row.month: row for row in standing(practice).filter(month__lt=month)}
    if not invoices:
        return []
    at = min(invoices)
    while at <= month:  # every month since: a reversal counts however late it came
        terms = terms_in(practice, at)
        if terms is not None:
            for of, amount in money_of(practice=practice, month=at, terms=terms, began=began).undone.items():
                undone[of] = undone.get(of, ZERO) + amount
        at = add_months(at, 1)
    found = []
    for of, amount in sorted(undone.items()):
        row = invoices.get(of)
        if row is None:  # a month that was never charged for
            continue
        credited = sum(
            (one.amount for one in row.credited_by.filter(invoice__voided_on__isnull=True)), ZERO
        )  # fmt: skip
        found.append(
            rules.EarlierInvoice(
                number=row.number, month=of, terms=msgspec.convert(row.terms, rules.FeeTerms),
                collected=msgspec.convert(row.collected, rules.Collected), undone=amount, credited=credited,
            )
        )  # fmt: skip
    return found


def issue_invoice(*, practice: Practice, month: date) -> models.ClientInvoice:
    """Issue the month's invoice; issued already, that one is given. Raises InvoiceRefused for a month that is open."""
    first = month.replace(day=1)
    one_at_a_time(f"client-invoice:{practice.pk}")
    seen = standing(practice).filter(month=first).first()
    if seen is not None:
        return seen
    if not periods.is_closed(first):
        raise InvoiceRefused(f"{first:%B %Y} is not closed: its figures can still change. Close it, then invoice it")
    made = draft(practice=practice, month=first)
    today = clock.today()
    number = _next_number(practice, first)
    lines = (*made.invoice.lines, *made.invoice.credits)
    due_on = today + timedelta(days=made.terms.due_days)
    pdf = render_invoice(
        InvoicePaper(
            number=number, service=current_tenant().name, client=practice.name, month=first, issued_on=today,
            due_on=due_on, total=made.invoice.total, before=balance_of(practice),
            rows=tuple(InvoiceRow(words=line.words, working=line.working, amount=line.amount) for line in lines),
        )
    )  # fmt: skip
    row = models.ClientInvoice.objects.create(
        practice=practice, month=first, number=number, issued_on=today, due_on=due_on, issued_by=actor(),
        terms=msgspec.to_builtins(made.terms), collected=msgspec.to_builtins(made.money.collected),
        content=msgspec.to_builtins(made.invoice), total=made.invoice.total, pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
    )  # fmt: skip
    numbers = {one.number: one for one in standing(practice).filter(number__in=list(made.invoice.credited))}
    models.InvoiceCredit.objects.bulk_create(
        [
            models.InvoiceCredit(invoice=row, earlier=numbers[of], amount=amount)
            for of, amount in made.invoice.credited.items()
        ]
    )
    record_audit(
        action="client.invoice", subject_type="client_invoice", subject_id=row.pk, detail=f"{number} {row.total}"
    )
    return row


def _next_number(practice: Practice, month: date) -> str:
    made = practice.client_invoices.filter(month=month).count()
    again = f"-{made + 1}" if made else ""
    return f"{month:%Y-%m}-{practice.npi}{again}"


def issue_invoices(*, month: date) -> list[models.ClientInvoice]:
    """One for each practice that has terms for the month. Raises InvoiceRefused before any where the month is open."""
    first = month.replace(day=1)
    with_terms = [one for one in Practice.objects.order_by("name") if terms_in(one, first) is not None]
    return [issue_invoice(practice=practice, month=first) for practice in with_terms]


def void_invoice(*, invoice: models.ClientInvoice, reason: str) -> models.ClientInvoice:
    """Take an invoice back: the client's newest only, since later ones are reckoned on it. Raises InvoiceRefused."""
    if not reason.strip():
        raise InvoiceRefused("say why the invoice is taken back")
    if invoice.voided_on is not None:
        return invoice
    if standing(invoice.practice).filter(month__gt=invoice.month).exists():
        raise InvoiceRefused("a later month is invoiced: take that one back first")
    invoice.voided_on, invoice.void_reason = clock.today(), reason.strip()
    invoice.save(update_fields=["voided_on", "void_reason"])
    record_audit(
        action="client.invoice.void", subject_type="client_invoice", subject_id=invoice.pk, detail=invoice.number
    )
    return invoice


def record_payment(
    *, practice: Practice, amount: Decimal, received_on: date, key: str, reference: str = ""
) -> models.ClientPayment:
    """Money from a client, below zero what was given back to it. The same key again is the first payment.

    Raises InvoiceRefused for zero, fractions of a cent, a day to come, or a key with another amount.
    """
    if not amount or amount != money(amount):
        raise InvoiceRefused("a payment has an amount of dollars and cents, not zero")
    if received_on > clock.today():
        raise InvoiceRefused(f"{received_on} is to come")
    made, is_new = models.ClientPayment.objects.get_or_create(
        key=key, defaults={"practice": practice, "amount": amount, "received_on": received_on,
                           "reference": reference.strip(), "actor": actor(), "at": clock.now()},
    )  # fmt: skip
    if not is_new and (made.practice_id, made.amount) != (practice.pk, amount):
        raise InvoiceRefused("this payment was keyed already, with another amount or client")
    if is_new:
        record_audit(action="client.payment", subject_type="practice", subject_id=practice.pk, detail=str(amount))
    return made
