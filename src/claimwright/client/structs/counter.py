"""What the API says and takes of counter. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CreditMoveOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    source: UUID
    target: UUID
    amount: Decimal
    reason: str
    moved_on: date
    moved_by: str


class DrawerOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    opened_on: date
    opened_by: str
    float_amount: Decimal
    state: str
    closed_on: date | None
    over_short_amount: Decimal  # Above zero: over
    note: str


class DrawerOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DrawerOut]
    next: str | None


class MakeSlip(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID
    receipt_ids: list[UUID] | None | msgspec.UnsetType = msgspec.UNSET  # None: all that waits
    remittance_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET  # Payers' checks


class MoveCredit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    to_patient_id: UUID
    amount: Decimal
    reason: str  # Why; it stands on the record


class NoteIt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    note: str  # Why; it stands on the record


class OpenDrawer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID
    float_amount: Decimal


class RecordReturn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    fee: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # None: what the practice's policy says; 0.00 waives it
    note: str | msgspec.UnsetType = msgspec.UNSET


class ReturnedOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    receipt_id: UUID
    kind: str
    returned_on: date
    fee_amount: Decimal
    recorded_by: str
    settled_on: date | None
    settled_by: str
    note: str


class ReturnedOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ReturnedOut]
    next: str | None


class SlipOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    number: str
    made_on: date
    made_by: str
    cash_amount: Decimal
    check_amount: Decimal
    over_short_amount: Decimal
    is_void: bool


class SlipOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[SlipOut]
    next: str | None


class Unapplied(Answer, kw_only=True):
    """Part of an answer"""

    amount: Decimal


class UnapplyReceipt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
