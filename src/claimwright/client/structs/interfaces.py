"""What the API says and takes of interfaces. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AddInterfaceCode(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: Literal["provider", "location", "payer", "visit_type", "charge", "diagnosis"]
    theirs: str
    ours: str  # An NPI, a location's code, a payer's key, a code, or ignore


class CloseMessage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class InterfaceCodeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    kind: str
    theirs: str
    ours: str


class InterfaceDay(Answer, kw_only=True):
    """Part of an answer"""

    on: date
    done: int
    failed: int
    duplicate: int
    closed: int


class InterfaceOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    practice_id: UUID | None
    is_active: bool
    takes_test: bool
    gather_days: int
    codes: list[InterfaceCodeOut]
    days: list[InterfaceDay]


class InterfaceRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    application: str
    facility: str
    practice_id: UUID | None
    is_active: bool
    takes_test: bool
    gather_days: int
    first_heard_at: datetime
    last_heard_at: datetime
    messages_today: int
    messages_waiting: int


class MessageOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    interface_id: UUID | None
    received_file_id: UUID
    kind: str
    control_id: str
    state: str  # received, done, failed (it waits for a person), duplicate, closed
    answer: str  # As HL7 says it: AA, AE, AR
    reason_code: str
    place: str  # File, message and field, or JSON path
    reason: str
    what_to_do: str
    attempts: int
    patient_id: UUID | None
    received_at: datetime
    decided_at: datetime | None


class MessageOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[MessageOut]
    next: str | None


class MessagesTaken(Answer, kw_only=True):
    """What became of each message. One that waits is kept: put right what it names, then replay it."""

    received_file_id: UUID
    messages: list[MessageOut]


class Replayed(Answer, kw_only=True):
    """Part of an answer"""

    replayed: int
    waiting: int


class SetInterface(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID | None  # Whose messages they are; none: they wait
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    takes_test: bool | msgspec.UnsetType = msgspec.UNSET
    gather_days: int | msgspec.UnsetType = msgspec.UNSET
