"""What the API says and takes of takeover. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class TakeoverFileIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    name: str  # As it was called, such as patients.csv
    content: str  # Its bytes in base64


class SaveTakeover(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID
    name: str
    as_of: date  # The day of the old system's report, and of the opening entries
    insurance: Decimal  # Insurance A/R by the old system
    patient: Decimal
    credits: Decimal  # Without a minus
    by_payer: dict[str, Decimal] | msgspec.UnsetType = msgspec.UNSET  # A payer's key and its A/R, where it is stated
    files: list[TakeoverFileIn]


class TakeoverFault(Answer, kw_only=True):
    """Part of an answer"""

    code: str
    place: str
    message: str
    fix: str
    blocks: bool


class TieOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    stated: Decimal
    found: Decimal
    difference: Decimal


class TakeoverLoaded(Answer, kw_only=True):
    """Part of an answer"""

    changed: bool  # False: the same set was loaded already
    claims: int
    lines: int
    denials: int
    plans: int
    ties: list[TieOut]


class TakeoverOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    name: str
    state: str
    as_of: date
    insurance_amount: Decimal
    patient_amount: Decimal
    credit_amount: Decimal
    load_number: int
    saved_at: datetime
    saved_by: str
    loaded_at: datetime | None
    loaded_by: str
    undone_at: datetime | None
    undone_by: str
    undone_because: str
    files: list[str]
    claims: int
    lines: int
    is_good: bool  # Nothing blocks and all totals tie to the cent
    ties: list[TieOut]
    faults: list[TakeoverFault]  # The first 500; all of them in faults.csv


class TakeoverRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    name: str
    state: str
    as_of: date
    insurance_amount: Decimal
    patient_amount: Decimal
    credit_amount: Decimal
    load_number: int
    saved_at: datetime
    saved_by: str
    loaded_at: datetime | None
    loaded_by: str
    undone_at: datetime | None
    undone_by: str
    undone_because: str


class TakeoverUndone(Answer, kw_only=True):
    """Part of an answer"""

    lines: int


class UndoTakeover(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
