"""What the API says and takes of reports. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date

from claimwright.client.core import Answer


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


class ReportOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    title: str
    says: str


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
