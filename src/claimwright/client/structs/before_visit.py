"""What the API says and takes of before_visit. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AcceptCandidate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    member_id: str | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class RequestedService(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    code: str
    units: int | msgspec.UnsetType = msgspec.UNSET


class AskAuthorization(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    payer_id: UUID
    kind: Literal["authorization", "referral"] | msgspec.UnsetType = msgspec.UNSET
    services: list[RequestedService] | msgspec.UnsetType = msgspec.UNSET
    diagnoses: list[str]  # Without dots, the main one first
    on: date
    through: date | None | msgspec.UnsetType = msgspec.UNSET
    visits: int | None | msgspec.UnsetType = msgspec.UNSET
    rendering_npi: str | msgspec.UnsetType = msgspec.UNSET
    place_of_service: str | msgspec.UnsetType = msgspec.UNSET
    service_type: str | msgspec.UnsetType = msgspec.UNSET  # UM03, where the payer asks for one
    expedited: bool | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET
    encounter_id: UUID | None | msgspec.UnsetType = msgspec.UNSET


class CandidateOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    payer_id: UUID | None
    payer_name: str
    identifier: str
    member_id: str
    start: date | None
    end: date | None
    score: Decimal
    source: str
    agrees: list[str]
    state: str
    coverage_id: UUID | None
    found_on: date
    decided_by: str
    note: str


class CandidateOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[CandidateOut]
    next: str | None


class DeclineCandidate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    note: str  # Why; it stands on the record


class KeyEligibility(msgspec.Struct, kw_only=True, omit_defaults=True):
    """As it was heard or read. What was not said is left out: it is unknown, not zero."""

    on: date | None | msgspec.UnsetType = msgspec.UNSET
    source: Literal["portal", "telephone", "letter", "card"]
    reference: str  # The call's number, or the portal's confirmation
    told_by: str | msgspec.UnsetType = msgspec.UNSET
    status: Literal["active", "inactive"]
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    last: date | None | msgspec.UnsetType = msgspec.UNSET
    plan_name: str | msgspec.UnsetType = msgspec.UNSET
    member_id: str | msgspec.UnsetType = msgspec.UNSET
    group_number: str | msgspec.UnsetType = msgspec.UNSET
    service_type: str | msgspec.UnsetType = msgspec.UNSET
    in_network: bool | msgspec.UnsetType = msgspec.UNSET
    copay: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    coinsurance_percent: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    deductible: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    deductible_left: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    out_of_pocket: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    out_of_pocket_left: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    authorization_required: Literal["", "Y", "N", "U"] | msgspec.UnsetType = msgspec.UNSET
    primary_care: str | msgspec.UnsetType = msgspec.UNSET
    other_payer: str | msgspec.UnsetType = msgspec.UNSET
    other_payer_member_id: str | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class NoticeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    answers: dict[str, Any]
    answered_on: date
    valid_until: date | None
    document_id: UUID | None
    withdrawn_on: date | None
    withdrawn_reason: str
    claims_told: int  # Unsent claims that tell of it now


class NoticedIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    code: str
    reason: str
    estimated_cost: Decimal | None | msgspec.UnsetType = msgspec.UNSET


class PayerCheckIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    active: bool | msgspec.UnsetType = msgspec.UNSET
    discovery: bool | msgspec.UnsetType = msgspec.UNSET  # Asked by name and birth date where coverage is looked for
    calendar_month: bool | msgspec.UnsetType = msgspec.UNSET  # An answer holds for its month: Medicaid
    dependents_have_own_ids: bool | msgspec.UnsetType = msgspec.UNSET
    inquiry_payer_id: str | msgspec.UnsetType = msgspec.UNSET  # Its id on 270s, where it is another
    before_visit_days: int | msgspec.UnsetType = msgspec.UNSET
    real_time_connection_id: UUID | None | msgspec.UnsetType = msgspec.UNSET
    service_types: list[str] | msgspec.UnsetType = msgspec.UNSET


class PayerCheckOut(Answer, kw_only=True):
    """Part of an answer"""

    payer_id: UUID
    active: bool
    discovery: bool
    calendar_month: bool
    dependents_have_own_ids: bool
    inquiry_payer_id: str
    before_visit_days: int
    real_time_connection_id: UUID | None
    service_types: list[str]
    stopped_because: str


class RecordNotice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    services: list[NoticedIn]
    option: Literal["1", "2", "3"]  # What the patient ticked
    signed_on: date
    signed_by: Literal["patient", "representative"] | msgspec.UnsetType = msgspec.UNSET
    voluntary: bool | msgspec.UnsetType = msgspec.UNSET  # Of what Medicare never pays: GX and GY
    document_id: UUID | None | msgspec.UnsetType = msgspec.UNSET  # The signed paper, filed before


class RequestOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    authorization_id: UUID
    trace: str
    encounter_id: UUID | None
    state: str
    sent_file_id: UUID | None  # Null: the payer has no connection, key it there
    created_at: datetime
    answer: dict[str, Any] | None
    answered_at: datetime | None


class WithdrawNotice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
