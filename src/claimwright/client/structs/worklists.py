"""What the API says and takes of worklists. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class FinishItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    resolution: str  # What was done about it


class GiveItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    owner: str  # A user name of the practice; blank: back to its desk


class ItemOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    worklist: str
    state: str
    reason_code: str
    reason: str
    what_to_do: str
    subject_type: str
    subject_id: str
    claim_number: str
    file_id: UUID | None
    segment: int
    amount: Decimal | None
    due_date: date | None
    raised_on: date
    owner: str
    resolution: str
    resolved_by: str
    resolved_at: datetime | None


class ItemOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ItemOut]
    next: str | None


class WorklistOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    title: str
    desk: str
    open_items: int
    amount: Decimal
    oldest_on: date | None
