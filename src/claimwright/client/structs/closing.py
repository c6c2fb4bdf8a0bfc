"""What the API says and takes of closing. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CheckOut(Answer, kw_only=True):
    """Part of an answer"""

    item: str
    title: str
    count: int
    amount: Decimal | None
    lets_close: bool
    signed_by: str
    reason: str


class CloseDay(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    day: date
    note: str | msgspec.UnsetType = msgspec.UNSET


class DayCloseOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    day: date
    revision: int
    postings: int
    charges: Decimal
    cash: Decimal
    receivable: Decimal
    sha256: str
    actor: str
    at: datetime


class DayCloseOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DayCloseOut]
    next: str | None


Item = Literal["trial_balance", "roll_forward", "audit", "days_closed", "held_remittances", "unmatched_deposits", "suspense", "payer_offsets", "drawers", "bank_lines", "bank_ties", "uncharged_visits", "unsent_claims", "credits", "write_offs", "statements"]


class MonthReportOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    sha256: str
    proved: bool  # Made of the ledger alone: made again it has the same bytes


class PeriodEventOut(Answer, kw_only=True):
    """Part of an answer"""

    number: int
    month: date
    kind: str
    revision: int
    reason: str
    actor: str
    at: datetime
    ledger_sequence: int


class MonthOut(Answer, kw_only=True):
    """Part of an answer"""

    month: date
    is_closed: bool
    closed_through: date | None
    checklist: list[CheckOut]  # Empty once it is closed
    open_days: list[date]  # Days with postings that no closed day sheet covers
    reports: list[MonthReportOut]
    events: list[PeriodEventOut]


class ProofOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    sha256: str  # At the closing
    kept: str  # Of the bytes kept since
    again: str  # Of the same report made now
    same: bool


class SignItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    item: Item
    reason: str
