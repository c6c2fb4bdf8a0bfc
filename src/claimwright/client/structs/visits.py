"""What the API says and takes of visits. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class VisitRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID | None
    patient_id: UUID | None
    state: str
    date_from: date | None
    date_to: date | None
    rendering_npi: str
    location_code: str
    source: str
    reason: str
    received_on: date


class Billed(Answer, kw_only=True):
    """Part of an answer"""

    visit: VisitRow
    claim_ids: list[UUID]


class ChargeLineOut(Answer, kw_only=True):
    """Part of an answer"""

    line_id: str
    number: int
    code: str
    modifiers: list[str]
    units: Decimal
    charge: Decimal
    date_of_service: date
    rendering_npi: str


class LineFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    code: str
    modifiers: str | msgspec.UnsetType = msgspec.UNSET  # Separated by blanks
    units: str | msgspec.UnsetType = msgspec.UNSET
    pointers: str | msgspec.UnsetType = msgspec.UNSET  # Letters of the diagnoses
    charge: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # None: from the charge master
    day: date | None | msgspec.UnsetType = msgspec.UNSET
    minutes: str | msgspec.UnsetType = msgspec.UNSET
    ndc: str | msgspec.UnsetType = msgspec.UNSET
    ndc_quantity: str | msgspec.UnsetType = msgspec.UNSET
    ndc_unit: str | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class NewVisit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    date_from: date
    date_to: date | None | msgspec.UnsetType = msgspec.UNSET
    rendering_npi: str
    referring_npi: str | msgspec.UnsetType = msgspec.UNSET
    location_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    place_of_service: str | msgspec.UnsetType = msgspec.UNSET
    diagnoses: list[str] | msgspec.UnsetType = msgspec.UNSET
    lines: list[LineFields] | msgspec.UnsetType = msgspec.UNSET
    prior_authorization: str | msgspec.UnsetType = msgspec.UNSET
    referral: str | msgspec.UnsetType = msgspec.UNSET
    accident_state: str | msgspec.UnsetType = msgspec.UNSET
    accident_date: date | None | msgspec.UnsetType = msgspec.UNSET
    causes: list[str] | msgspec.UnsetType = msgspec.UNSET
    onset_date: date | None | msgspec.UnsetType = msgspec.UNSET
    admission_date: date | None | msgspec.UnsetType = msgspec.UNSET
    discharge_date: date | None | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    self_pay: bool | msgspec.UnsetType = msgspec.UNSET
    is_finished: bool | msgspec.UnsetType = msgspec.UNSET  # Coded: all that a claim needs. False: a draft
    reason: str | msgspec.UnsetType = msgspec.UNSET  # Why, where coded charges change
    patient_id: UUID


class RightCharges(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    entry: dict[str, str]  # The cells of the lines as read_visit_of gives them; an emptied code takes a line off
    reason: str  # Why; it stands on the record


class VisitFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    date_from: date
    date_to: date | None | msgspec.UnsetType = msgspec.UNSET
    rendering_npi: str
    referring_npi: str | msgspec.UnsetType = msgspec.UNSET
    location_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    place_of_service: str | msgspec.UnsetType = msgspec.UNSET
    diagnoses: list[str] | msgspec.UnsetType = msgspec.UNSET
    lines: list[LineFields] | msgspec.UnsetType = msgspec.UNSET
    prior_authorization: str | msgspec.UnsetType = msgspec.UNSET
    referral: str | msgspec.UnsetType = msgspec.UNSET
    accident_state: str | msgspec.UnsetType = msgspec.UNSET
    accident_date: date | None | msgspec.UnsetType = msgspec.UNSET
    causes: list[str] | msgspec.UnsetType = msgspec.UNSET
    onset_date: date | None | msgspec.UnsetType = msgspec.UNSET
    admission_date: date | None | msgspec.UnsetType = msgspec.UNSET
    discharge_date: date | None | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    self_pay: bool | msgspec.UnsetType = msgspec.UNSET
    is_finished: bool | msgspec.UnsetType = msgspec.UNSET  # Coded: all that a claim needs. False: a draft
    reason: str | msgspec.UnsetType = msgspec.UNSET  # Why, where coded charges change


class VisitMove(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    event: str  # Such as arrive, no_show, cancel
    reason: str | msgspec.UnsetType = msgspec.UNSET
    note_id: str | msgspec.UnsetType = msgspec.UNSET


class VisitOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID | None
    patient_id: UUID | None
    state: str
    date_from: date | None
    date_to: date | None
    rendering_npi: str
    location_code: str
    source: str
    reason: str
    received_on: date
    entry: dict[str, str]  # The fields of charge entry as they stand
    lines: list[ChargeLineOut]  # The charges, once they are locked
    claim_ids: list[UUID]


class VisitRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[VisitRow]
    next: str | None
