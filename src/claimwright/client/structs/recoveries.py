"""What the API says and takes of recoveries. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AgencyFileOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    agency_id: UUID
    kind: str
    name: str
    sha256: str
    at: datetime
    by: str


class AgencyFileOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[AgencyFileOut]
    next: str | None


class AgencyOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    fee_share: Decimal  # The part of what it collects that it keeps: 0.25


class AgencyPaymentsTaken(Answer, kw_only=True):
    """Part of an answer"""

    seen_before: bool
    posted: int
    gross: Decimal
    net: Decimal
    problems: int


class AnswerDispute(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    answer: str
    agreed: bool
    reference: str | msgspec.UnsetType = msgspec.UNSET


class DecideUnderpayment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    state: Literal["ACCEPTED", "CONTRACT_DATA_ERROR"]  # Right as paid, or our contract is wrong
    note: str


class DisputeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    practice_id: UUID
    payer_id: UUID
    code: str
    cause: str
    amount: Decimal
    state: str
    made_on: date
    sent_on: date | None
    answer_due_on: date | None
    answered_on: date | None
    answer: str
    reference: str


class DisputeOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DisputeOut]
    next: str | None


class EndPlacement(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class MakeDispute(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    underpayment_ids: list[UUID]
    signer: str  # Who signs the letter: a person of the office


class OpenAgency(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    name: str
    percent: Decimal  # Of what it collects, that it keeps: 25.00


class PlaceAccount(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    agency_id: UUID


class PlacementOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    practice_id: UUID
    agency_id: UUID | None
    number: str
    state: str
    final_notice_on: date
    review_on: date
    placed_on: date | None
    amount: Decimal
    placed_by: str
    ended_on: date | None
    ended_reason: str


class PlacementOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PlacementOut]
    next: str | None


class UnderpaidGroup(Answer, kw_only=True):
    """Variances of one payer, code, cause and contract version: one letter."""

    payer_id: UUID
    code: str
    cause: str
    contract_version: str
    amount: Decimal
    underpayment_ids: list[UUID]


class UnderpaymentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    practice_id: UUID | None
    payer_id: UUID
    line_id: str
    bucket: str
    code: str
    cause: str
    contract_version: str
    expected: Decimal
    allowed: Decimal
    variance: Decimal  # Expected less allowed, when it was found
    recovered: Decimal
    state: str
    found_on: date
    dispute_id: UUID | None
    decided_by: str
    note: str


class UnderpaymentOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[UnderpaymentOut]
    next: str | None
