"""What the API says and takes of estimates. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AskEstimate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    wanted: str
    requested_on: date | None | msgspec.UnsetType = msgspec.UNSET


class CloseDispute(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    outcome: Literal["SETTLED", "DECIDED", "WITHDRAWN"]
    amount: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # What the patient is to pay
    note: str | msgspec.UnsetType = msgspec.UNSET


class ConfirmExcess(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    note: str  # Why; it stands on the record


class EstimateDisputeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    excess_id: UUID
    reference: str
    filed_on: date
    last_day_to_file: date
    state: str
    decided_amount: Decimal | None
    closed_on: date | None
    note: str


class EstimateDisputeOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[EstimateDisputeOut]
    next: str | None


class OthersService(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Of who bills apart for the same care."""

    code: str
    description: str | msgspec.UnsetType = msgspec.UNSET
    charge: Decimal
    provider_name: str
    provider_npi: str
    provider_tax_id: str | msgspec.UnsetType = msgspec.UNSET


class WantedService(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    code: str
    units: str | msgspec.UnsetType = msgspec.UNSET
    modifiers: list[str] | msgspec.UnsetType = msgspec.UNSET
    diagnosis_codes: list[str] | msgspec.UnsetType = msgspec.UNSET
    description: str | msgspec.UnsetType = msgspec.UNSET  # Blank: the words of the charge master


class EstimateFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    services: list[WantedService]
    primary_service: str | msgspec.UnsetType = msgspec.UNSET
    service_on: date | None | msgspec.UnsetType = msgspec.UNSET
    recurs_until: date | None | msgspec.UnsetType = msgspec.UNSET
    co_providers: list[OthersService] | msgspec.UnsetType = msgspec.UNSET
    others: list[str] | msgspec.UnsetType = msgspec.UNSET  # What is likely needed and scheduled apart


class EstimateOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID
    encounter_id: UUID | None
    number: str
    version: int
    replaces_id: UUID | None
    primary_service: str
    service_on: date | None
    issued_on: date
    issued_by: str
    answer_by: date | None
    total: Decimal


class EstimateOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[EstimateOut]
    next: str | None


class EstimateRequestOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    wanted: str
    requested_on: date
    answer_by: date
    taken_by: str
    is_answered: bool


class EstimateRequestOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[EstimateRequestOut]
    next: str | None


class ExcessOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    estimate_id: UUID
    encounter_id: UUID
    provider_npi: str
    estimated_amount: Decimal
    billed_amount: Decimal
    state: str
    found_on: date
    decided_by: str
    note: str


class ExcessOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ExcessOut]
    next: str | None


class FileDispute(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reference: str
    filed_on: date | None | msgspec.UnsetType = msgspec.UNSET
    billed_on: date | None | msgspec.UnsetType = msgspec.UNSET


class IssueEstimate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    services: list[WantedService]
    primary_service: str | msgspec.UnsetType = msgspec.UNSET
    service_on: date | None | msgspec.UnsetType = msgspec.UNSET
    recurs_until: date | None | msgspec.UnsetType = msgspec.UNSET
    co_providers: list[OthersService] | msgspec.UnsetType = msgspec.UNSET
    others: list[str] | msgspec.UnsetType = msgspec.UNSET  # What is likely needed and scheduled apart
    patient_id: UUID
    encounter_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    request_id: UUID | None | msgspec.UnsetType = msgspec.UNSET  # The patient's request that it answers
