"""What the API says and takes of eligibility. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AnswerOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    inquiry_id: UUID
    patient_id: UUID
    coverage_id: UUID | None
    payer_id: UUID
    on: date
    checked_on: date
    checked_at: datetime
    status: str
    member_id: str
    start: date | None
    end: date | None  # The first day without cover
    source: str
    reference: str
    content: dict[str, Any]  # What it says for us
    answer: dict[str, Any]  # All that the payer said


class AnswerRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    inquiry_id: UUID
    patient_id: UUID
    coverage_id: UUID | None
    payer_id: UUID
    on: date
    checked_on: date
    checked_at: datetime
    status: str
    member_id: str
    start: date | None
    end: date | None  # The first day without cover
    source: str
    reference: str


class AnswerRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[AnswerRow]
    next: str | None


class AskEligibility(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    on: date | None | msgspec.UnsetType = msgspec.UNSET  # The day asked about; today unless said
    service_types: list[str] | msgspec.UnsetType = msgspec.UNSET


class InquiryOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    coverage_id: UUID | None
    payer_id: UUID
    encounter_id: UUID | None
    occasion: str
    on: date
    state: str
    in_real_time: bool
    tries: int
    reasons: list[str]
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None


class InquiryOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[InquiryOut]
    next: str | None
