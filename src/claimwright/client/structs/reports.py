"""What the API says and takes of reports. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CostOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    month: date
    practice_id: UUID | None  # Null: of all of them together
    amount: Decimal
    note: str
    actor: str
    at: datetime


class CostOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[CostOut]
    next: str | None


class EnterCost(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    month: str  # 2026-08
    practice_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    amount: Decimal
    note: str | msgspec.UnsetType = msgspec.UNSET


class FigureOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    numerator: str
    denominator: str
    value: str | None
    unit: str
    start: date
    end: date
    basis: str
    subject: str
    counted: int


class PointOut(Answer, kw_only=True):
    """Part of an answer"""

    month: date
    value: str | None


class ReportOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    title: str
    says: str


class SeriesOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    unit: str
    points: list[PointOut]


class TableOut(Answer, kw_only=True):
    """Cells as text: money with two places, days ISO, an empty cell null."""

    name: str
    start: date
    end: date
    columns: list[str]
    rows: list[list[str | None]]
    total_rows: int
    ties: bool | None  # Whether it agrees with the ledger; null where that is not asked
    offset: int
