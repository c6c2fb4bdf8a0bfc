"""What the API says and takes of claims. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class Because(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class ClaimEventOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    ordinal: int
    from_state: str
    to_state: str
    trigger: str
    moved: bool
    actor: str
    at: datetime
    on: date
    evidence_id: UUID | None  # The part of a received file that says so
    evidence_segment: int
    note: str


class VersionRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: int
    control_number: str
    frequency: str
    state: str
    outcome: str
    total_charge: Decimal
    date_of_service: date | None
    payer_claim_number: str
    created_on: date
    first_sent: date | None
    last_sent: date | None
    first_adjudicated: date | None
    closed: date | None
    hold_until: date | None
    filing_deadline: date | None


class ClaimOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    encounter_id: UUID
    practice_id: UUID
    patient_id: UUID
    payer_id: UUID
    coverage_id: UUID | None
    sequence: str
    part: int
    owner: str
    versions: list[VersionRow]


class ClaimRow(Answer, kw_only=True):
    """The newest version of a claim, as in the claims list; `id` is the version's."""

    id: UUID
    claim_id: UUID
    practice_id: UUID
    patient_id: UUID
    payer_id: UUID
    sequence: str
    number: int
    control_number: str
    state: str
    outcome: str
    date_of_service: date | None
    total_charge: Decimal
    allowed: Decimal | None
    paid: Decimal
    balance: Decimal  # What this claim's payer still owes
    patient_balance: Decimal
    age_days: int | None
    sent_days: int | None
    limit_days: int | None
    last_reason: str
    owner: str
    worklists: list[str]


class ClaimRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ClaimRow]
    next: str | None


class CombineClaims(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
    version_ids: list[UUID]


class CorrectClaim(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
    entry: dict[str, str]  # `entry` of the version, with what changes; charges stay as they are in the ledger
    as_now_registered: bool | msgspec.UnsetType = msgspec.UNSET  # Take patient and coverage as they are registered now


class FindingOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    edit_id: str
    severity: str  # R reject, H hold, W warn, I note
    path: str
    message: str
    fix: str
    open: bool
    found_on: date
    override_reason: str
    overridden_by: str


class HoldClaim(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
    until: date | None | msgspec.UnsetType = msgspec.UNSET


class PayerWord(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    remittance_id: UUID
    version_id: UUID | None
    payer_id: UUID | None
    status: str
    charge: Decimal
    paid: Decimal
    patient_responsibility: Decimal | None
    state: str
    outcome: str
    worklist: str
    reason: str
    posted_on: date | None


class Scrubbed(Answer, kw_only=True):
    """Part of an answer"""

    version: VersionRow
    findings: list[FindingOut]


class SplitClaim(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
    by: str | msgspec.UnsetType = msgspec.UNSET  # Blank: the payer's own rules


class VersionOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: int
    control_number: str
    frequency: str
    state: str
    outcome: str
    total_charge: Decimal
    date_of_service: date | None
    payer_claim_number: str
    created_on: date
    first_sent: date | None
    last_sent: date | None
    first_adjudicated: date | None
    closed: date | None
    hold_until: date | None
    filing_deadline: date | None
    claim_id: UUID
    content: dict[str, Any]  # The claim as it is or was sent: claimwright's Claim noun
    entry: dict[str, str]  # The fields that may be corrected, of a professional claim
