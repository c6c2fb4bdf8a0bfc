"""What the API says and takes of remittances. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class ClaimPaymentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    remittance_id: UUID
    version_id: UUID | None
    payer_id: UUID | None
    status: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None
    state: str
    outcome: str
    worklist: str
    reason: str
    posted_on: date | None
    control_number: str
    payer_claim_number: str
    segment: int


class DecideHeld(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    decision: Literal["SEPARATE", "RESEND"]  # A payment of its own, or the earlier one corrected
    reason: str  # Why; it stands on the record


class DismissHeld(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class ProviderAdjustmentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    ordinal: int
    code: str
    reference: str
    amount: Decimal  # As sent: below zero increases the payment
    state: str


class ReleaseAdjustment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    to_other_income: bool | msgspec.UnsetType = msgspec.UNSET  # Of a code without an account of its own


class RemittanceOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    payer_id: UUID | None
    practice_id: UUID | None
    trace_payer_id: str
    trace_number: str
    method: str
    amount: Decimal
    payment_date: date | None
    received_on: date
    state: str
    reason: str
    bank_state: str
    decision: str
    posted_at: datetime | None
    part_id: UUID
    claim_payments: list[ClaimPaymentOut]
    provider_adjustments: list[ProviderAdjustmentOut]


class RemittanceRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    payer_id: UUID | None
    practice_id: UUID | None
    trace_payer_id: str
    trace_number: str
    method: str
    amount: Decimal
    payment_date: date | None
    received_on: date
    state: str
    reason: str
    bank_state: str
    decision: str
    posted_at: datetime | None


class RemittanceRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[RemittanceRow]
    next: str | None
