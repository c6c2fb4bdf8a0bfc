"""What the API says and takes of ledger. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from claimwright.client.core import Answer


class TransferOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    sequence: int
    key: str
    debit_kind: str
    debit_bucket: str
    debit_subject: str
    credit_kind: str
    credit_bucket: str
    credit_subject: str
    amount: Decimal
    entry_type: str
    reason: str
    effective_date: date
    posted_at: datetime
    posted_on: date
    actor: str
    payment: str
    claim: str
    reverses: str


class TransferOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[TransferOut]
    next: str | None
