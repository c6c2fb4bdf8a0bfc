"""One patient's account: coverages, visits with balances by bucket, money received, plans, refunds, statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.accounts.selectors import patient_credits
from claimwright.web.arrangements.selectors import plan_rows, suppressions
from claimwright.web.charges.models import ChargeLine, Encounter
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient
from claimwright.web.payments.models import Refund, Statement
from claimwright.web.statements.selectors import standing_of
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.line_money import (
    LineMoney,
    buckets_used,
    entries_of,
    ledger_of,
    money_by_line,
    total_of,
    total_of_lines,
)
from claimwright.web.workbench.pages import page, rows_of, show
from claimwright.web.workbench.patient_account import (
    BUCKETS,
    COLUMNS,
    Transaction,
    household,
    said_of,
    transactions,
)
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.words import state_words

ZERO = Decimal("0.00")


class Account(msgspec.Struct, frozen=True):
    """Everything of the account: ids of its lines, what they add up to, and the buckets that held money."""

    line_ids: list[str]
    total: LineMoney

    @property
    def buckets(self) -> list[str]:
        return buckets_used([self.total])


def account_of(patient: Patient) -> Account:
    lines = ChargeLine.objects.filter(encounter__patient=patient).values_list("line_id", flat=True)
    line_ids = list(lines)
    return Account(line_ids, total_of_lines(line_ids))


def _visits(patient: Patient) -> QuerySet[Encounter]:
    """Newest first, with their lines and their claims as they stand now."""
    newest = ClaimVersion.objects.filter(newest=True).defer("content")
    claims = Claim.objects.select_related("payer").defer("payer__profile").order_by("sequence")
    return (
        Encounter.objects.filter(patient=patient).defer("content")
        .prefetch_related("lines", Prefetch("claims", claims.prefetch_related(Prefetch("versions", newest))))
        .order_by("-date_from", "external_id", "pk")
    )  # fmt: skip


def _service(line: ChargeLine) -> str:
    return " ".join((line.code, *line.modifiers))


def _with_money(encounters: Iterable[Encounter], buckets: Sequence[str]) -> list[dict[str, Any]]:
    """Each visit with its lines, their money and its claims."""
    visits = list(encounters)
    money = money_by_line(entries_of(line.line_id for visit in visits for line in visit.lines.all()))
    rows = []
    for visit in visits:
        lines = sorted(visit.lines.all(), key=lambda line: line.number)
        total = total_of(money[line.line_id] for line in lines if line.line_id in money)
        rows.append(
            {
                "encounter": visit, "codes": [_service(line) for line in lines],
                "lines": [(line, money.get(line.line_id, LineMoney())) for line in lines],
                "claims": [(claim, next(iter(claim.versions.all()), None)) for claim in visit.claims.all()],
                "money": total, "balances": [total.balances.get(bucket) for bucket in buckets],
            }
        )  # fmt: skip
    return rows


def _told(entries: Iterable[LedgerTransfer]) -> list[Transaction]:
    """Rows of the ledger in words, with the visit and the service of each."""
    several = list(entries)
    ids = {subject for one in several for subject in (one.debit_subject, one.credit_subject)}
    lines = ChargeLine.objects.filter(line_id__in=ids).select_related("encounter").defer("encounter__content")
    return transactions(several, {line.line_id: (line.encounter.date_from, _service(line)) for line in lines})


VISITS: Columns = (
    ("Visit", "encounter.date_from"), ("Services", lambda row: ", ".join(row["codes"])),
    ("Claims", lambda row: "; ".join(f"{claim.payer.name} {version.control_number if version else ''}" for claim, version in row["claims"])),
    ("State", "encounter.get_state_display"), ("Charge", "money.charge"), ("Insurance paid", "money.insurer"),
    ("Patient paid", "money.patient"),
    ("Adjusted", lambda row: "; ".join(f"{reason} {amount}" for reason, amount in row["money"].adjustments.items())),
    *((BUCKETS[name] + " owes", partial(lambda name, row: row["money"].balances.get(name), name)) for name in BUCKETS),
    ("Open", "money.balance"),
)  # fmt: skip
RECEIPTS: Columns = (
    ("Received", "received_on"), ("How", lambda row: state_words(row.method)), ("Reference", "reference"),
    ("State", lambda row: state_words(row.state)), ("Amount", "amount"),
)  # fmt: skip
STATEMENTS: Columns = (
    ("Issued", "issued_on"), ("Number", "number"), ("Due", "due_on"), ("Amount", "amount_due"), ("Language", "language"),
)  # fmt: skip


@page(reads="patient.read")
def patient(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    found = get_object_or_404(Patient.objects.select_related("practice", "merged_into", "guarantor"), pk=patient_id)
    account = account_of(found)
    buckets, total = account.buckets, account.total
    visits, moved = _visits(found), ledger_of(account.line_ids).order_by("-effective_date", "-sequence")
    receipts = found.receipts.order_by("-received_on", "key")
    statements = found.statements.defer("pdf", "content").order_by("-issued_on", "-number")
    name = f"account-{_plain(found.record_number)}"
    file = exported(request, name, COLUMNS, moved, ready=_told)
    file = file or exported(
        request, f"{name}-visits", VISITS, visits, of="visits", ready=lambda rows: _with_money(rows, buckets)
    )
    file = file or exported(request, f"{name}-receipts", RECEIPTS, receipts, of="receipts")
    if file or (file := exported(request, f"{name}-statements", STATEMENTS, statements, of="statements")):
        return file
    shown, transfers = rows_of(request, visits), rows_of(request, moved, "moved")
    return show(
        request,
        "workbench/patient.html",
        {
            "patient": found, "person": found.content, "may_merge": may(request, "undo_merge"),
            "merges": found.merges.filter(undone_at=None).select_related("absorbed"),
            "coverages": found.coverages.select_related("payer").order_by("sequence", "start"),
            "rows": shown, "visits": _with_money(shown.object_list, buckets),
            "moved": transfers, "transactions": _told(transfers.object_list),
            "household": household(found), "inquiries": found.inquiries.order_by("-received_on", "-number"),
            "said": said_of(found), "buckets": buckets, "total": total,
            "total_balances": [total.balances.get(bucket) for bucket in buckets],
            "credit": patient_credits([str(found.pk)]).get(str(found.pk), ZERO),
            "receipts": rows_of(request, receipts, "receipts"),
            "statements": rows_of(request, statements, "statements"),
            "plans": plan_rows(
                list(
                    found.payment_plans.defer("agreement").select_related("practice").order_by("-offered_on", "-number")
                )
            ),
            "standing": standing_of(found, clock.today()), "held": suppressions([found.pk]).get(found.pk, ()),
            "refunds": Refund.objects.filter(patient=found).order_by("-identified_on"),
        },
    )  # fmt: skip


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
