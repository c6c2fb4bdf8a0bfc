"""What the API says and takes of claim_desk. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class ApplyFix(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    seen: str


class FittingAuthorization(Answer, kw_only=True):
    """Part of an answer"""

    authorization_id: UUID
    number: str
    status: str
    lines: list[int]  # Numbers of the lines that it fits, from 1
    why_not: list[str]


class NeededOut(Answer, kw_only=True):
    """Part of an answer"""

    line: int
    kind: str
    source: str


class ClaimAuthorizations(Answer, kw_only=True):
    """Part of an answer"""

    needed: list[NeededOut]  # Lines for which the payer asks for one
    on_file: list[FittingAuthorization]


class ClaimNote(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    text: str


class FieldChange(Answer, kw_only=True):
    """Part of an answer"""

    path: str
    before: str
    after: str


class FixOut(Answer, kw_only=True):
    """What the fix of a finding would do; nothing is changed by reading it."""

    finding_id: UUID
    is_safe: bool  # False: there is no fix that can be made without a person
    changes: list[FieldChange]
    seen: str  # Send it back to apply this very fix, and no other


class InHand(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Both as they are to stand."""

    owner: str | msgspec.UnsetType = msgspec.UNSET  # A user name of the practice; blank: nobody's
    follow_up_on: date | None | msgspec.UnsetType = msgspec.UNSET  # The day on which a person sees the claim again


class InHandNow(Answer, kw_only=True):
    """Part of an answer"""

    claim_id: UUID
    owner: str
    follow_up_on: date | None


class NoteKept(Answer, kw_only=True):
    """Part of an answer"""

    version_id: UUID


class PutAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    authorization_id: UUID
    lines: list[int] | msgspec.UnsetType = msgspec.UNSET  # From 1; none: on the whole claim
    reason: str | msgspec.UnsetType = msgspec.UNSET


class SegmentOut(Answer, kw_only=True):
    """Part of an answer"""

    place: int  # In the file, from 1
    number: int  # In its transaction, from 1; 0 outside
    text: str
    found: bool  # The one that is asked about
