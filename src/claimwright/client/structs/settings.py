"""What the API says and takes of settings. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AddNever(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    practice_id: UUID
    carc: str
    reason: str  # Why; it stands on the record


class AddNumber(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: Literal["NPI", "EI", "SY", "CLIA"]
    value: str
    start: date


class AutomationIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    posts_by_itself: bool
    hold_over_amount: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # A payment above it waits; null: as the practice
    reason: str  # Why; it stands on the record


class AutomationOut(Answer, kw_only=True):
    """Part of an answer"""

    payer_id: UUID
    posts_by_itself: bool
    hold_over_amount: Decimal | None


class ChangeEntry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    entry: dict[str, str]  # Of `entry`, what changes; what is not named stays


class ConnectionOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    kind: str
    active: bool
    entry: dict[str, str]  # Without its secret, which is never shown


class EndNever(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class NeverOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    carc: str
    reason: str
    added_by: str
    added_on: date
    ended_by: str
    ended_on: date | None
    ended_reason: str


class NumberOut(Answer, kw_only=True):
    """Part of an answer"""

    kind: str
    value: str
    start: date
    end: date | None


class PracticeSettings(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    entry: dict[str, str]  # The fields as they would be typed
    numbers: list[NumberOut]


class SetZone(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    time_zone: str  # Such as America/Chicago


class SettingsOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    entry: dict[str, str]  # The fields as they would be typed


class TriedOut(Answer, kw_only=True):
    """Part of an answer"""

    works: bool
    says: str
    fingerprint: str  # Of the key that the server offers, where it is not the pinned one


class ZoneOut(Answer, kw_only=True):
    """Part of an answer"""

    time_zone: str
