"""What the API says and takes of mailing. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class BatchOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    made_on: date
    made_by: str
    pieces: int
    sha256: str


class BatchOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[BatchOut]
    next: str | None


class ContactMade(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    state: Literal["reached", "not_reached", "refused", "cancelled"]
    note: str | msgspec.UnsetType = msgspec.UNSET


class DueStatements(Answer, kw_only=True):
    """What a run today would do; nothing is done by reading it."""

    count: int
    amount_due: Decimal
    held: dict[str, int]  # Who owes and gets none, by reason
    held_amounts: dict[str, Decimal]


class Dunned(Answer, kw_only=True):
    """Part of an answer"""

    running: int
    done: dict[str, int]  # Steps by name
    stopped: dict[str, int]  # Clocks by what stopped them


class DunningAccount(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID  # One that the guarantor answers for
    clock_started_on: date | None
    stopped_by: str
    next_step: str
    next_step_on: date | None


class DunningAccountPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DunningAccount]
    next: str | None


class DunningContact(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    account_id: UUID
    step: str
    channel: str
    words: str  # What to say or send: no amount, no visit, no name of a patient
    language: str
    contact_on: date
    opens_at: datetime
    closes_at: datetime
    state: str
    made_at: datetime | None
    made_by: str
    note: str


class DunningContactPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DunningContact]
    next: str | None


class MailCameBack(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str | msgspec.UnsetType = msgspec.UNSET


class PieceOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    account_id: UUID
    whole_id: UUID | None  # The statement
    notice_id: UUID | None
    channel: str
    state: str
    batch_id: UUID | None
    made_on: date
    sent_on: date | None
    returned_on: date | None
    reason: str


class PieceOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PieceOut]
    next: str | None
