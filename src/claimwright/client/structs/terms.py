"""What the API says and takes of terms. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AcceptPrices(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    seen: str


class ActivateRule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    expires_on: date | None | msgspec.UnsetType = msgspec.UNSET


class ExpectedPrice(Answer, kw_only=True):
    """Part of an answer"""

    allowed: Decimal | None
    reason: str
    method: str
    working: list[str]


class PriceChangeOut(Answer, kw_only=True):
    """Part of an answer"""

    kind: str
    code: str
    modifier: str
    old_amount: Decimal | None
    new_amount: Decimal | None
    start: date
    description: str


class PriceImportDetail(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    name: str
    sha256: str
    whole: bool
    ends_on: date | None
    state: str
    problems: list[Any]
    uploaded_by: str
    uploaded_on: date
    decided_by: str
    decided_on: date | None
    added: int
    changed: int
    ended: int
    changes: list[PriceChangeOut]  # The first 500
    seen: str  # Send it back to accept these very changes


class PriceImportOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    name: str
    sha256: str
    whole: bool
    ends_on: date | None
    state: str
    problems: list[Any]
    uploaded_by: str
    uploaded_on: date
    decided_by: str
    decided_on: date | None


class PriceImportOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PriceImportOut]
    next: str | None


class RenewRule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    until: date


class RetireRule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class RuleRange(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    first: str
    last: str | msgspec.UnsetType = msgspec.UNSET
    modifiers: list[str] | msgspec.UnsetType = msgspec.UNSET


class RuleIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which claims it stops, and what it says: every condition given must hold."""

    name: str | msgspec.UnsetType = msgspec.UNSET  # Of a new rule
    note: str | msgspec.UnsetType = msgspec.UNSET  # Why it is made or changed
    severity: Literal["W", "H", "R"]
    text: str  # What the biller reads
    fix: str | msgspec.UnsetType = msgspec.UNSET
    source: str | msgspec.UnsetType = msgspec.UNSET
    payer_ids: list[str] | msgspec.UnsetType = msgspec.UNSET
    codes: list[RuleRange] | msgspec.UnsetType = msgspec.UNSET
    modifiers_any: list[str] | msgspec.UnsetType = msgspec.UNSET
    modifiers_none: list[str] | msgspec.UnsetType = msgspec.UNSET
    diagnoses_any: list[str] | msgspec.UnsetType = msgspec.UNSET
    diagnoses_none: list[str] | msgspec.UnsetType = msgspec.UNSET
    places: list[str] | msgspec.UnsetType = msgspec.UNSET
    specialties: list[str] | msgspec.UnsetType = msgspec.UNSET
    states: list[str] | msgspec.UnsetType = msgspec.UNSET
    youngest: int | None | msgspec.UnsetType = msgspec.UNSET
    oldest: int | None | msgspec.UnsetType = msgspec.UNSET
    units_over: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    missing: str | msgspec.UnsetType = msgspec.UNSET
    start: date | None | msgspec.UnsetType = msgspec.UNSET
    end: date | None | msgspec.UnsetType = msgspec.UNSET


class RuleVersionOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    rule_id: UUID
    number: int
    state: str
    content: dict[str, Any]
    note: str
    created_by: str
    activated_by: str
    expires_on: date | None
    retired_by: str
    retired_reason: str


class RuleOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    key: str
    name: str
    origin: str
    versions: list[RuleVersionOut]


class SaveContract(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    payer_id: UUID
    tax_id: str
    name: str
    network: str | msgspec.UnsetType = msgspec.UNSET


class SheetPreview(Answer, kw_only=True):
    """What a rate sheet would do: nothing is written."""

    rates: int
    added: int
    removed: int
    changed: int
    same: int
    against: str  # The version that it is compared with
    ends: str  # The version that would end
    is_new: bool


class TrialOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    version_id: UUID
    ran_at: datetime
    since: date
    until: date
    claims: int
    stopped: int
    denied: int
    not_denied: int
    undecided: int
    precision: Decimal | None


class WithdrawVersion(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
