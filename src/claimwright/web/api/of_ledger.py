"""The ledger, read: every transfer, one debit and one credit, only ever added."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.api.fields import Money, Out
from claimwright.web.api.framework import operation, page_of, paged


class TransferOut(Out):
    id: UUID
    sequence: int
    key: str
    debit_kind: str
    debit_bucket: str
    debit_subject: str
    credit_kind: str
    credit_bucket: str
    credit_subject: str
    amount: Money
    entry_type: str
    reason: str
    effective_date: date
    posted_at: datetime
    posted_on: date
    actor: str
    payment: str
    claim: str
    reverses: str


@operation("GET", "/ledger/transfers", permission="reports.read", answers=paged(TransferOut), reads=True)
def list_transfers(
    request: HttpRequest, posted_from: date | None = None, posted_to: date | None = None, subject: str = "",
    payment: str = "", claim: str = "", oldest_first: bool = False, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Transfers in the order they were written, the newest first unless asked for otherwise. `subject` is either account's."""
    rows = LedgerTransfer.objects.all()
    chosen = {"posted_on__gte": posted_from, "posted_on__lte": posted_to, "payment": payment, "claim": claim}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    if subject:
        rows = rows.filter(Q(debit_subject=subject) | Q(credit_subject=subject))
    return page_of(rows, cursor=cursor, limit=limit, by="sequence", newest=not oldest_first)
