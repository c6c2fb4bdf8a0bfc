"""What the API says and takes of documents. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
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
    diagnoses: list[str]
    provider_npis: list[str]
    places: list[str]
    referring_npi: str
    payer_reference: str
    units_requested: Decimal | None
    visits_requested: int | None
    units_approved: Decimal | None
    visits_approved: int | None
    start: date | None
    end: date | None  # The first day without it
    method: str
    payer_contact: str
    call_reference: str
    expedited: bool
    decision_due: datetime | None
    note: str


class AuthorizationOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[AuthorizationOut]
    next: str | None


class CodeRangeIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    first: str
    last: str | msgspec.UnsetType = msgspec.UNSET
    modifiers: list[str] | msgspec.UnsetType = msgspec.UNSET


class ChangeAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is named changes; `note` says why."""

    payer_reference: str | msgspec.UnsetType = msgspec.UNSET  # Of a request that is not decided
    diagnoses: list[str] | msgspec.UnsetType = msgspec.UNSET  # Codes or their beginnings; none: any
    provider_npis: list[str] | msgspec.UnsetType = msgspec.UNSET  # None: any of the practice
    places: list[str] | msgspec.UnsetType = msgspec.UNSET
    referring_npi: str | msgspec.UnsetType = msgspec.UNSET
    units_requested: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    units_approved: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # None: no limit
    visits_requested: int | None | msgspec.UnsetType = msgspec.UNSET
    visits_approved: int | None | msgspec.UnsetType = msgspec.UNSET
    method: Literal["", "278", "portal", "phone", "fax", "letter"] | msgspec.UnsetType = msgspec.UNSET
    payer_contact: str | msgspec.UnsetType = msgspec.UNSET
    call_reference: str | msgspec.UnsetType = msgspec.UNSET
    expedited: bool | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    status: str | None | msgspec.UnsetType = msgspec.UNSET
    number: str | None | msgspec.UnsetType = msgspec.UNSET
    codes: list[CodeRangeIn] | None | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET


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
    legal_hold: str  # Why it is kept whatever its date
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
    legal_hold: str  # Why it is kept whatever its date


class DocumentRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DocumentRow]
    next: str | None


class HoldDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str | msgspec.UnsetType = msgspec.UNSET  # Blank: the hold is lifted


class LinkDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: Literal["encounter", "claim", "line", "authorization", "denial"]
    subject_id: str


class RecordAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    payer_reference: str | msgspec.UnsetType = msgspec.UNSET  # Of a request that is not decided
    diagnoses: list[str] | msgspec.UnsetType = msgspec.UNSET  # Codes or their beginnings; none: any
    provider_npis: list[str] | msgspec.UnsetType = msgspec.UNSET  # None: any of the practice
    places: list[str] | msgspec.UnsetType = msgspec.UNSET
    referring_npi: str | msgspec.UnsetType = msgspec.UNSET
    units_requested: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    units_approved: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # None: no limit
    visits_requested: int | None | msgspec.UnsetType = msgspec.UNSET
    visits_approved: int | None | msgspec.UnsetType = msgspec.UNSET
    method: Literal["", "278", "portal", "phone", "fax", "letter"] | msgspec.UnsetType = msgspec.UNSET
    payer_contact: str | msgspec.UnsetType = msgspec.UNSET
    call_reference: str | msgspec.UnsetType = msgspec.UNSET
    expedited: bool | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    patient_id: UUID
    payer_id: UUID
    kind: Literal["authorization", "precertification", "referral"] | msgspec.UnsetType = msgspec.UNSET
    status: str | msgspec.UnsetType = msgspec.UNSET
    number: str | msgspec.UnsetType = msgspec.UNSET
    codes: list[CodeRangeIn] | msgspec.UnsetType = msgspec.UNSET  # None: any service
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    through: date | None | msgspec.UnsetType = msgspec.UNSET  # The last day it holds


class SignDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    signed_on: date
    signed_by: str


class UnlinkDocument(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
