"""What the API says and takes of arrangements. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AddPaper(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    kind: Literal["tax_return", "pay_stubs", "benefit_letter", "bank_statements", "no_income_statement", "program_letter"]
    note: str | msgspec.UnsetType = msgspec.UNSET


class ApplicationOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID
    number: str
    state: str
    household_size: int
    annual_income: Decimal
    residence: str
    documents: list[Any]
    applied_on: date
    taken_by: str
    percent_of_guideline: Decimal
    scale_percent: int  # What the sliding scale gives
    papers_by: date | None
    discount_percent: int | None
    first_service: date | None
    last_service: date | None
    decided_on: date | None
    decided_by: str
    reason: str
    letter_id: UUID | None


class ApplicationOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ApplicationOut]
    next: str | None


class Apply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    household_size: int
    annual_income: Decimal
    residence: str | msgspec.UnsetType = msgspec.UNSET  # The state whose guideline applies
    documents: list[Literal["tax_return", "pay_stubs", "benefit_letter", "bank_statements", "no_income_statement", "program_letter"]] | msgspec.UnsetType = msgspec.UNSET
    applied_on: date | None | msgspec.UnsetType = msgspec.UNSET


class AssignInquiry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    owner: str


Channel = Literal["phone", "letter", "email", "portal", "in_person"]


class ChargedOut(Answer, kw_only=True):
    """Part of an answer"""

    taken: Decimal
    not_taken_because: str  # What the processor said of the rest; blank: nothing is left due


class JoinPlan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    encounter_ids: list[UUID]
    consent: str  # How the patient agreed that they join


class KeepOut(Answer, kw_only=True):
    """Part of an answer"""

    address: str  # The page on which the patient pays, relative to this installation's address


Topic = Literal["amount", "not_received", "insurance_not_billed", "identity", "quality", "question"]


class OpenInquiry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    channel: Channel
    topic: Topic
    words: str  # What the patient said
    encounter_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    hold: bool | None | msgspec.UnsetType = msgspec.UNSET  # Collect nothing of it meanwhile; null: as the topic says
    owner: str | msgspec.UnsetType = msgspec.UNSET
    received_on: date | None | msgspec.UnsetType = msgspec.UNSET


class PatientInquiryOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID
    encounter_id: UUID | None  # Null: about the whole account
    number: str
    channel: str
    topic: str
    words: str
    is_on_hold: bool
    owner: str
    received_on: date
    answer_by: date
    taken_by: str
    state: str
    resolution: str
    answer: str
    resolved_on: date | None
    resolved_by: str
    letter_id: UUID | None


class PatientInquiryOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PatientInquiryOut]
    next: str | None


class ReinstatePlan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


Resolution = Literal["explained", "corrected", "insurance_billed", "adjusted", "upheld", "withdrawn"]


class ResolveInquiry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    resolution: Resolution
    answer: str | msgspec.UnsetType = msgspec.UNSET


class StopAutopay(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class WithdrawApplication(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
