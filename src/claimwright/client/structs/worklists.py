"""What the API says and takes of worklists. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AskUp(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    question: str  # Why; it stands on the record


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
    snoozed_until: date | None
    escalated_on: date | None
    escalated_by: str
    escalation_reason: str
    resolution: str
    resolved_by: str
    resolved_at: datetime | None


class ItemOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ItemOut]
    next: str | None


class ReturnItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    answer: str  # Why; it stands on the record


class SnoozeItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    until: date
    reason: str  # Why; it stands on the record


class TakeNext(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    owner: str  # The user name of who is to work it
    worklists: list[str]  # The first that has one to take


class WorklistOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    title: str
    desk: str
    open_items: int
    amount: Decimal
    oldest_on: date | None
