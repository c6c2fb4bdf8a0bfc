"""What the API says and takes of patients. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AddressOut(Answer, kw_only=True):
    """Part of an answer"""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str


class Coverage(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    payer_id: UUID
    sequence: str
    member_id: str
    plan_name: str
    start: date | None
    end: date | None  # The first day without it
    confirmed_on: date | None
    ended_because: str


Plan = Literal["employer", "individual", "medicare", "supplement", "tricare", "medicaid", "workers_compensation", "auto", "liability", "black_lung", "veterans", "federal"]


Role = Literal["", "court_order", "court_order_spouse", "custodial", "custodial_spouse", "non_custodial", "non_custodial_spouse"]


Standing = Literal["active", "retiree", "cobra", ""]


class StandingIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the order of payers hangs on; what is not said is as the payer is set up."""

    plan: Plan | None | msgspec.UnsetType = msgspec.UNSET
    standing: Standing | None | msgspec.UnsetType = msgspec.UNSET  # Of the subscriber at work
    employer_size: int | None | msgspec.UnsetType = msgspec.UNSET
    covered_since: date | None | msgspec.UnsetType = msgspec.UNSET
    role: Role | None | msgspec.UnsetType = msgspec.UNSET  # Of the parent, where parents are apart
    related: bool | None | msgspec.UnsetType = msgspec.UNSET  # The care belongs to this case


class CoverageFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    payer_id: UUID
    member_id: str
    relationship: str | msgspec.UnsetType = msgspec.UNSET  # Of the patient to the subscriber; 18 is self
    subscriber_last_name: str | msgspec.UnsetType = msgspec.UNSET
    subscriber_first_name: str | msgspec.UnsetType = msgspec.UNSET
    subscriber_birth_date: date | None | msgspec.UnsetType = msgspec.UNSET
    group_number: str | msgspec.UnsetType = msgspec.UNSET
    group_name: str | msgspec.UnsetType = msgspec.UNSET
    plan_name: str | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET  # The first day without it
    benefits_assigned_on: date | None | msgspec.UnsetType = msgspec.UNSET
    release_signed_on: date | None | msgspec.UnsetType = msgspec.UNSET
    other_cover_asked_on: date | None | msgspec.UnsetType = msgspec.UNSET
    standing: Any | msgspec.UnsetType = msgspec.UNSET


class EndCoverage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    end: date  # The first day without it
    reason: str  # Why; it stands on the record


class NewPatient(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    last_name: str | msgspec.UnsetType = msgspec.UNSET
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    middle_name: str | msgspec.UnsetType = msgspec.UNSET
    suffix: str | msgspec.UnsetType = msgspec.UNSET
    preferred_name: str | msgspec.UnsetType = msgspec.UNSET
    birth_date: date | None | msgspec.UnsetType = msgspec.UNSET
    death_date: date | None | msgspec.UnsetType = msgspec.UNSET
    sex: str | msgspec.UnsetType = msgspec.UNSET  # F, M or U, as the payer holds it
    gender_identity: str | msgspec.UnsetType = msgspec.UNSET
    ssn: str | msgspec.UnsetType = msgspec.UNSET
    line1: str | msgspec.UnsetType = msgspec.UNSET
    line2: str | msgspec.UnsetType = msgspec.UNSET
    city: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    postal_code: str | msgspec.UnsetType = msgspec.UNSET
    no_address: bool | msgspec.UnsetType = msgspec.UNSET
    phone1: str | msgspec.UnsetType = msgspec.UNSET
    phone1_kind: str | msgspec.UnsetType = msgspec.UNSET
    phone1_may_text: bool | msgspec.UnsetType = msgspec.UNSET
    phone1_consent_on: date | None | msgspec.UnsetType = msgspec.UNSET
    phone1_may_leave_message: bool | msgspec.UnsetType = msgspec.UNSET
    phone1_no_calls: bool | msgspec.UnsetType = msgspec.UNSET
    phone2: str | msgspec.UnsetType = msgspec.UNSET
    phone2_kind: str | msgspec.UnsetType = msgspec.UNSET
    phone2_may_text: bool | msgspec.UnsetType = msgspec.UNSET
    phone2_consent_on: date | None | msgspec.UnsetType = msgspec.UNSET
    phone2_may_leave_message: bool | msgspec.UnsetType = msgspec.UNSET
    phone2_no_calls: bool | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    channel: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    guarantor: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_record_number: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_last_name: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_first_name: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_birth_date: date | None | msgspec.UnsetType = msgspec.UNSET
    guarantor_relationship: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_phone: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_line1: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_city: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_state: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_postal_code: str | msgspec.UnsetType = msgspec.UNSET
    emancipated: bool | msgspec.UnsetType = msgspec.UNSET
    marital: str | msgspec.UnsetType = msgspec.UNSET
    employment: str | msgspec.UnsetType = msgspec.UNSET
    employer: str | msgspec.UnsetType = msgspec.UNSET
    is_newborn: bool | msgspec.UnsetType = msgspec.UNSET
    mother_record_number: str | msgspec.UnsetType = msgspec.UNSET
    practice_id: UUID
    record_number: str | msgspec.UnsetType = msgspec.UNSET  # Blank: the next one
    decided_new: bool | msgspec.UnsetType = msgspec.UNSET  # A person saw who it may be already, and it is somebody else


class PatientFields(msgspec.Struct, kw_only=True, omit_defaults=True):
    """As on the page of registration: what is not named is blank. Nothing here is repeated in an answer to an error."""

    last_name: str | msgspec.UnsetType = msgspec.UNSET
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    middle_name: str | msgspec.UnsetType = msgspec.UNSET
    suffix: str | msgspec.UnsetType = msgspec.UNSET
    preferred_name: str | msgspec.UnsetType = msgspec.UNSET
    birth_date: date | None | msgspec.UnsetType = msgspec.UNSET
    death_date: date | None | msgspec.UnsetType = msgspec.UNSET
    sex: str | msgspec.UnsetType = msgspec.UNSET  # F, M or U, as the payer holds it
    gender_identity: str | msgspec.UnsetType = msgspec.UNSET
    ssn: str | msgspec.UnsetType = msgspec.UNSET
    line1: str | msgspec.UnsetType = msgspec.UNSET
    line2: str | msgspec.UnsetType = msgspec.UNSET
    city: str | msgspec.UnsetType = msgspec.UNSET
    state: str | msgspec.UnsetType = msgspec.UNSET
    postal_code: str | msgspec.UnsetType = msgspec.UNSET
    no_address: bool | msgspec.UnsetType = msgspec.UNSET
    phone1: str | msgspec.UnsetType = msgspec.UNSET
    phone1_kind: str | msgspec.UnsetType = msgspec.UNSET
    phone1_may_text: bool | msgspec.UnsetType = msgspec.UNSET
    phone1_consent_on: date | None | msgspec.UnsetType = msgspec.UNSET
    phone1_may_leave_message: bool | msgspec.UnsetType = msgspec.UNSET
    phone1_no_calls: bool | msgspec.UnsetType = msgspec.UNSET
    phone2: str | msgspec.UnsetType = msgspec.UNSET
    phone2_kind: str | msgspec.UnsetType = msgspec.UNSET
    phone2_may_text: bool | msgspec.UnsetType = msgspec.UNSET
    phone2_consent_on: date | None | msgspec.UnsetType = msgspec.UNSET
    phone2_may_leave_message: bool | msgspec.UnsetType = msgspec.UNSET
    phone2_no_calls: bool | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    channel: str | msgspec.UnsetType = msgspec.UNSET
    language: str | msgspec.UnsetType = msgspec.UNSET
    guarantor: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_record_number: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_last_name: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_first_name: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_birth_date: date | None | msgspec.UnsetType = msgspec.UNSET
    guarantor_relationship: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_phone: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_line1: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_city: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_state: str | msgspec.UnsetType = msgspec.UNSET
    guarantor_postal_code: str | msgspec.UnsetType = msgspec.UNSET
    emancipated: bool | msgspec.UnsetType = msgspec.UNSET
    marital: str | msgspec.UnsetType = msgspec.UNSET
    employment: str | msgspec.UnsetType = msgspec.UNSET
    employer: str | msgspec.UnsetType = msgspec.UNSET
    is_newborn: bool | msgspec.UnsetType = msgspec.UNSET
    mother_record_number: str | msgspec.UnsetType = msgspec.UNSET


class PatientOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    record_number: str
    last_name: str
    first_name: str
    birth_date: date | None
    language: str
    flags: list[str]
    merged_into_id: UUID | None
    middle_name: str
    suffix: str
    sex: str
    phone: str
    address: AddressOut
    coverages: list[Coverage]
    registration: dict[str, str]  # The fields of registration as they stand; no social security number


class PatientRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    record_number: str
    last_name: str
    first_name: str
    birth_date: date | None
    language: str
    flags: list[str]
    merged_into_id: UUID | None


class PatientRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PatientRow]
    next: str | None


class PlaceFaultOut(Answer, kw_only=True):
    """Part of an answer"""

    says: str
