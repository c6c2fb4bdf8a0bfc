"""What the API says and takes of registration. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AccidentIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    at_work: bool | msgspec.UnsetType = msgspec.UNSET
    auto: bool | msgspec.UnsetType = msgspec.UNSET
    other: bool | msgspec.UnsetType = msgspec.UNSET
    happened_on: date | None | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    carrier: str | msgspec.UnsetType = msgspec.UNSET
    case_number: str | msgspec.UnsetType = msgspec.UNSET
    adjuster_phone: str | msgspec.UnsetType = msgspec.UNSET


class CaseOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    kind: str
    causes: list[str]
    happened_on: date
    state: str
    carrier_name: str
    case_number: str
    answered_on: date
    closed_on: date | None
    closed_because: str


class AccidentKept(Answer, kw_only=True):
    """Part of an answer"""

    case: CaseOut | None  # Null: there was no accident


Basis = Literal["age", "disability", "esrd", ""]


class CardImageOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    coverage_id: UUID
    side: str
    content_type: str
    state: str
    reason: str
    received_on: date


class CloseCase(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class ConfirmOrder(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    on: date  # From when it holds
    coverage_ids: list[UUID]  # Who pays first, first


class FoundOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    coverage_id: UUID
    state: str
    visits: list[Any]  # Each visit with what was done, or why it was left
    attempt: int
    made_by: str
    made_on: date
    undone_by: str
    undone_on: date | None


class LeftOut(Answer, kw_only=True):
    """Part of an answer"""

    coverage_id: UUID
    reason: str


class MailReturned(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class MarkedAddress(Answer, kw_only=True):
    """Part of an answer"""

    patient_id: UUID
    flags: list[str]


class MedicareAnswersIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    answered_on: date | None | msgspec.UnsetType = msgspec.UNSET
    basis: Basis  # Why the patient has Medicare
    black_lung: bool | msgspec.UnsetType = msgspec.UNSET
    federal_program: bool | msgspec.UnsetType = msgspec.UNSET
    veterans_authorized: bool | msgspec.UnsetType = msgspec.UNSET
    work_injury: bool | msgspec.UnsetType = msgspec.UNSET
    no_fault_accident: bool | msgspec.UnsetType = msgspec.UNSET
    liability_accident: bool | msgspec.UnsetType = msgspec.UNSET
    has_group_plan: bool | msgspec.UnsetType = msgspec.UNSET
    plan_through: Literal["", "self", "spouse", "family"] | msgspec.UnsetType = msgspec.UNSET
    currently_working: bool | msgspec.UnsetType = msgspec.UNSET
    employer_size: int | None | msgspec.UnsetType = msgspec.UNSET
    kidney_start: date | None | msgspec.UnsetType = msgspec.UNSET
    medicare_was_first: bool | msgspec.UnsetType = msgspec.UNSET


class MedicareFindingOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    answered_on: date
    medicare_first: bool
    insurance_type: str  # SBR05; blank where Medicare pays first
    finding: dict[str, Any]


Parents = Literal["together", "apart", "joint", ""]


class ParentsOut(Answer, kw_only=True):
    """Part of an answer"""

    patient_id: UUID
    parents: str


class ProposedPlace(Answer, kw_only=True):
    """Part of an answer"""

    coverage_id: UUID
    sequence: str
    reason: str


class ProposedOrder(Answer, kw_only=True):
    """Who pays first on a day by the rules, with their reasons. A person, or a program that knows, confirms it."""

    on: date
    places: list[ProposedPlace]
    left_out: list[LeftOut]
    insurance_type: str
    questions: list[str]  # What is not known and decides


class SetParents(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    parents: Parents


class UndoFound(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
