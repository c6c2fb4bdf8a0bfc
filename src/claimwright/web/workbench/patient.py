"""One patient's account: coverages, visits with balances by bucket, money received, plans, refunds, statements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.arrangements.selectors import plan_rows, suppressions
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import Refund, Statement
from claimwright.web.statements.selectors import standing_of
from claimwright.web.submissions.models import Claim
from claimwright.web.workbench.exports import exported
from claimwright.web.workbench.line_money import LineMoney, buckets_used, entries_of, money_by_line, total_of
from claimwright.web.workbench.pages import page, show
from claimwright.web.workbench.patient_account import COLUMNS, Transaction, household, said_of, transactions
from claimwright.web.workbench.policies import may

ZERO = Decimal("0.00")


class Account(msgspec.Struct, frozen=True):
    """Every visit, newest first, with its claims, its lines and their money; the buckets; the totals; each ledger row."""

    visits: list[dict[str, Any]]
    buckets: list[str]
    total: LineMoney
    transactions: list[Transaction]


def account_of(patient: Patient) -> Account:
    claims = Claim.objects.select_related("payer").prefetch_related("versions").order_by("sequence")
    encounters = list(
        Encounter.objects.filter(patient=patient)
        .defer("content")
        .prefetch_related("lines", Prefetch("claims", claims))
        .order_by("-date_from", "external_id")
    )
    services = {
        line.line_id: (visit.date_from, " ".join((line.code, *line.modifiers)))
        for visit in encounters
        for line in visit.lines.all()
    }
    entries = entries_of(services)
    money = money_by_line(entries)
    buckets = buckets_used(money.values())
    rows = []
    for encounter in encounters:
        lines = sorted(encounter.lines.all(), key=lambda line: line.number)
        total = total_of(money[line.line_id] for line in lines if line.line_id in money)
        rows.append(
            {
                "encounter": encounter,
                "codes": [services[line.line_id][1] for line in lines],
                "lines": [(line, money.get(line.line_id, LineMoney())) for line in lines],
                "claims": [
                    (claim, max(claim.versions.all(), key=lambda row: row.number, default=None))
                    for claim in encounter.claims.all()
                ],
                "money": total,
                "balances": [total.balances.get(bucket) for bucket in buckets],
            }
        )
    return Account(rows, buckets, total_of(row["money"] for row in rows), transactions(entries, services))


@page(reads="patient.read")
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    found = get_object_or_404(Patient.objects.select_related("practice", "merged_into", "guarantor"), pk=patient_id)
    account = account_of(found)
    buckets, total = account.buckets, account.total
    if file := exported(request, f"account-{_plain(found.record_number)}", COLUMNS, account.transactions):
        return file
    return show(
        request,
        "workbench/patient.html",
        {
            "patient": found,
            "merges": found.merges.filter(undone_at=None).select_related("absorbed"),
            "may_merge": may(request, "undo_merge"),
            "person": found.content,
            "coverages": found.coverages.select_related("payer").order_by("sequence", "start"),
            "visits": account.visits,
            "transactions": account.transactions,
            "household": household(found),
            "inquiries": found.inquiries.order_by("-received_on", "-number"),
            "said": said_of(found),
            "buckets": buckets,
            "total": total,
            "total_balances": [total.balances.get(bucket) for bucket in buckets],
            "credit": patient_credits([str(found.pk)]).get(str(found.pk), ZERO),
            "receipts": found.receipts.order_by("-received_on", "key"),
            "statements": found.statements.defer("pdf", "content").order_by("-issued_on", "-number"),
            "plans": plan_rows(
                list(
                    found.payment_plans.defer("agreement").select_related("practice").order_by("-offered_on", "-number")
                )
            ),
            "standing": standing_of(found, clock.today()),
            "held": suppressions([found.pk]).get(found.pk, ()),
            "refunds": Refund.objects.filter(patient=found).order_by("-identified_on"),
        },
    )


def _plain(text: str) -> str:
    """Letters and digits alone: for the name of a file."""
    return "".join(one for one in text if one.isalnum())[:40]


@page(reads="statement.read")
def statement_pdf(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """The statement as it was issued."""
    found = get_object_or_404(Statement, pk=statement_id)
    response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="statement-{_plain(found.number)}.pdf"'
    return response
