"""What the API says and takes of duplicates. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class KeepApart(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class MergeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    survivor_id: UUID
    absorbed_id: UUID
    reason: str
    merged_by: str
    merged_at: datetime
    undone_by: str
    undone_at: datetime | None
    undone_because: str


class MergeOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[MergeOut]
    next: str | None


class MergePair(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    survivor_id: UUID  # The record that stays: one of the two
    reason: str  # Why; it stands on the record


class PairOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    first_id: UUID
    second_id: UUID
    points: int
    exact: bool
    reasons: list[str]
    state: str
    found_on: date
    decided_by: str
    decided_on: date | None
    note: str


class PairOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PairOut]
    next: str | None


class Scanned(Answer, kw_only=True):
    """Part of an answer"""

    found: int  # Pairs that are new


class UndoMerge(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
