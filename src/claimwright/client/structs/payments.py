"""What the API says and takes of payments. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class OwedLine(Answer, kw_only=True):
    """Part of an answer"""

    line_id: str
    encounter_id: UUID | None  # Null for fees on the account
    on: date
    service: str
    balance: Decimal


class AccountOut(Answer, kw_only=True):
    """Part of an answer"""

    patient_id: UUID
    owed: Decimal
    credit: Decimal
    lines: list[OwedLine]


class AskWriteOff(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    encounter_id: UUID
    line_id: str
    bucket: Literal["INS1", "INS2", "INS3", "PAT"]
    amount: Decimal
    reason: str
    note: str | msgspec.UnsetType = msgspec.UNSET
    evidence: str | msgspec.UnsetType = msgspec.UNSET


class ReceiptOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    practice_id: UUID
    method: str
    amount: Decimal
    received_on: date
    reference: str
    state: str
    encounter_id: UUID | None


class ReceiptOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ReceiptOut]
    next: str | None


class RefundOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID | None
    patient_id: UUID | None
    payer_id: UUID | None
    line_id: str
    bucket: str
    amount: Decimal
    cause: str
    state: str
    identified_on: date
    due_on: date | None
    hold_until: date | None
    requested_by: str
    approved_by: str
    issued_on: date | None
    reference: str


class RefundOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[RefundOut]
    next: str | None


class TakePayment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    amount: Decimal
    method: Literal["cash", "check"]  # Cards are paid on the processor's page
    check_number: str | msgspec.UnsetType = msgspec.UNSET
    line_ids: list[str] | msgspec.UnsetType = msgspec.UNSET  # Paid first, in this order; then the oldest service
    received_on: date | None | msgspec.UnsetType = msgspec.UNSET
    practice_id: UUID | None | msgspec.UnsetType = msgspec.UNSET  # The patient's own unless said


class WriteOffOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    version_id: UUID | None
    line_id: str
    bucket: str
    amount: Decimal
    reason: str
    state: str
    requested_by: str
    requested_on: date
    decided_by: str
    note: str


class WriteOffOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[WriteOffOut]
    next: str | None
