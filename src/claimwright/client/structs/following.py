"""What the API says and takes of following. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CloseContact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class ContactOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    payer_id: UUID
    on: date
    incoming: bool
    channel: str
    spoke_with: str
    reference_number: str
    said: str
    promised_on: date | None
    next_action_on: date | None
    owner: str
    closed_on: date | None
    closed_because: str


class ContactOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ContactOut]
    next: str | None


class LogContact(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    channel: Literal["telephone", "portal", "mail", "fax", "message"]
    said: str
    on: date | None | msgspec.UnsetType = msgspec.UNSET
    incoming: bool | msgspec.UnsetType = msgspec.UNSET
    spoke_with: str | msgspec.UnsetType = msgspec.UNSET
    reference_number: str | msgspec.UnsetType = msgspec.UNSET
    promised_on: date | None | msgspec.UnsetType = msgspec.UNSET
    next_action_on: date | None | msgspec.UnsetType = msgspec.UNSET
    owner: str | msgspec.UnsetType = msgspec.UNSET


class StatusAnswerOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    inquiry_id: UUID
    answer: str
    content: dict[str, Any]
    payment_trace: str
    paid: Decimal | None
    answered_on: date


class StatusAnswerOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[StatusAnswerOut]
    next: str | None


class StatusInquiryOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    payer_id: UUID
    trace: str
    state: str
    asked_on: date
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None
