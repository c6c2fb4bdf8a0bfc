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


class PayerNormIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Days that this payer's answers may take; null: as the practice's policies say. Zero: it never sends that answer."""

    asks_status: bool | msgspec.UnsetType = msgspec.UNSET  # Claims past the norm are asked about over its connection
    inquiry_payer_id: str | msgspec.UnsetType = msgspec.UNSET
    file_acknowledgement_days: int | None | msgspec.UnsetType = msgspec.UNSET
    clearinghouse_business_days: int | None | msgspec.UnsetType = msgspec.UNSET
    payer_business_days: int | None | msgspec.UnsetType = msgspec.UNSET
    answer_days: int | None | msgspec.UnsetType = msgspec.UNSET
    paper_answer_days: int | None | msgspec.UnsetType = msgspec.UNSET
    ask_again_days: int | None | msgspec.UnsetType = msgspec.UNSET
    remittance_days: int | None | msgspec.UnsetType = msgspec.UNSET


class PayerNormOut(Answer, kw_only=True):
    """Part of an answer"""

    payer_id: UUID
    asks_status: bool
    inquiry_payer_id: str
    file_acknowledgement_days: int | None
    clearinghouse_business_days: int | None
    payer_business_days: int | None
    answer_days: int | None
    paper_answer_days: int | None
    ask_again_days: int | None
    remittance_days: int | None


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


class StepOut(Answer, kw_only=True):
    """One list of claims without an answer."""

    step: str
    count: int
    amount: Decimal  # What they charge
    oldest: date | None


class WaitingClaim(Answer, kw_only=True):
    """Part of an answer"""

    version_id: UUID
    state: str
    step: str
    due_on: date
    listed: bool


class WaitingClaimPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[WaitingClaim]
    next: str | None
