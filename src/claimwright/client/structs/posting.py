"""What the API says and takes of posting. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CardOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    remittance_id: UUID
    last_four: str
    batch_number: str
    run_on: date
    fee_amount: Decimal
    opted_out_on: date | None


class DebtOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    claim_payment_id: UUID
    received_by_id: UUID
    belongs_to_id: UUID
    amount: Decimal
    assigned_on: date
    reason: str
    settled_on: date | None
    reference: str


class DebtOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DebtOut]
    next: str | None


class HeldBecause(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class HeldItem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A held claim payment or a held provider adjustment: one of the two."""

    claim_payment_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    adjustment_id: UUID | None | msgspec.UnsetType = msgspec.UNSET


class HeldOut(Answer, kw_only=True):
    """Part of an answer"""

    claim_payment_id: UUID | None
    adjustment_id: UUID | None
    state: str


class PaperAdjustment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    code: str
    reference: str | msgspec.UnsetType = msgspec.UNSET
    amount: str


class PaperLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Text as on the paper: 80.00, or blank for what it does not say."""

    line_id: str
    allowed: str | msgspec.UnsetType = msgspec.UNSET
    paid: str | msgspec.UnsetType = msgspec.UNSET
    deductible: str | msgspec.UnsetType = msgspec.UNSET
    coinsurance: str | msgspec.UnsetType = msgspec.UNSET
    copay: str | msgspec.UnsetType = msgspec.UNSET
    adjustments: str | msgspec.UnsetType = msgspec.UNSET  # Such as CO45 20.00; PR3 5.00
    remarks: str | msgspec.UnsetType = msgspec.UNSET


class PaperClaim(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    version_id: UUID
    payer_claim_number: str | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET  # CLP02; blank: as the claim's place among the payers says
    lines: list[PaperLine]


class KeyPaper(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All of the check: what was keyed before is replaced."""

    claims: list[PaperClaim] | msgspec.UnsetType = msgspec.UNSET
    provider_adjustments: list[PaperAdjustment] | msgspec.UnsetType = msgspec.UNSET
    unapplied_reason: str | msgspec.UnsetType = msgspec.UNSET  # Why a part of the check stays unapplied


class LookedOverOut(Answer, kw_only=True):
    """Part of an answer"""

    posted: int
    still_held: list[str]  # Place and reason of each


class OweBack(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    claim_payment_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    adjustment_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    note: str  # What the payer said, or where that stands


class PaperFault(Answer, kw_only=True):
    """Part of an answer"""

    place: str  # Such as claim 1 line 2, paid
    says: str
    warns: bool  # It does not keep the check from posting


class PaperOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    payer_id: UUID
    check_number: str
    check_date: date
    method: str
    amount: Decimal
    state: str
    typed_by: str
    typed_at: datetime
    remittance_id: UUID | None
    grid: dict[str, Any]  # As keyed so far: claims with their lines, provider_adjustments
    left: Decimal  # Of the check, that no row explains yet
    faults: list[PaperFault]


class PaperPosted(Answer, kw_only=True):
    """Part of an answer"""

    remittance_id: UUID
    number: str
    fate: str
    exceptions: int  # How much of it is held for a person


class PaperRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    payer_id: UUID
    check_number: str
    check_date: date
    method: str
    amount: Decimal
    state: str
    typed_by: str
    typed_at: datetime
    remittance_id: UUID | None


class PaperRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PaperRow]
    next: str | None


class PlaceAdjustment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: str | msgspec.UnsetType = msgspec.UNSET  # The account, where the code has none of its own
    note: str | msgspec.UnsetType = msgspec.UNSET  # What the payer calls it, or where that stands
    remember: bool | msgspec.UnsetType = msgspec.UNSET  # For the payer's next of this code
    refund_id: UUID | None | msgspec.UnsetType = msgspec.UNSET  # Our check that the payer acknowledges (code 72)


class RecordCard(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    last_four: str  # Of the card; the number itself is never taken
    fee: Decimal
    batch_number: str
    note: str | msgspec.UnsetType = msgspec.UNSET


class SettleDebt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reference: str  # Of the transfer at the bank


class StartPaper(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID
    payer_id: UUID
    check_number: str
    check_date: date
    amount: Decimal
    method: Literal["CHK", "ACH", "NON"] | msgspec.UnsetType = msgspec.UNSET  # NON: no payment, denials only


class TakeHeldBack(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    held: HeldItem  # What waits, and is the payer's
    taken_by: HeldItem  # The later item that takes it back
