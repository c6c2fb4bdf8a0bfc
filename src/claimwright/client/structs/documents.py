"""What the API says and takes of documents. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AuthorizationOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    payer_id: UUID
    practice_id: UUID | None
    kind: str
    number: str
    status: str
    codes: list[Any]
    units_approved: Decimal | None
    visits_approved: int | None
    start: date | None
    end: date | None  # The first day without it
    note: str


class AuthorizationOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[AuthorizationOut]
    next: str | None


class ChangeAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    status: str | None | msgspec.UnsetType = msgspec.UNSET
    number: str | None | msgspec.UnsetType = msgspec.UNSET
    visits_approved: int | None | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET  # Why it changes


class CodeRangeIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    first: str
    last: str | msgspec.UnsetType = msgspec.UNSET


class DocumentLinkOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    kind: str
    subject_id: str


class DocumentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID | None
    practice_id: UUID | None
    kind: str
    control_number: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    received_on: date
    signed_on: date | None
    signed_by: str
    state: str
    problem: str
    due_on: date | None
    keep_until: date
    links: list[DocumentLinkOut]


class DocumentRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID | None
    practice_id: UUID | None
    kind: str
    control_number: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    received_on: date
    signed_on: date | None
    signed_by: str
    state: str
    problem: str
    due_on: date | None
    keep_until: date


class DocumentRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DocumentRow]
    next: str | None


class LinkDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: Literal["encounter", "claim", "line", "authorization", "denial"]
    subject_id: str


class RecordAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    payer_id: UUID
    kind: Literal["authorization", "precertification", "referral"] | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET
    number: str | msgspec.UnsetType = msgspec.UNSET
    codes: list[CodeRangeIn] | msgspec.UnsetType = msgspec.UNSET  # None: any service
    visits_approved: int | None | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    through: date | None | msgspec.UnsetType = msgspec.UNSET  # The last day it holds
    note: str | msgspec.UnsetType = msgspec.UNSET


class SignDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    signed_on: date
    signed_by: str


class UnlinkDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
