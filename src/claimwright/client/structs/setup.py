"""What the API says and takes of setup. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from claimwright.client.core import Answer


class ChargeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    code: str
    modifier: str
    amount: Decimal
    start: date
    end: date | None  # The first day without it
    description: str


class ChargeOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ChargeOut]
    next: str | None


class ContractVersionOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    start: date
    end: date | None
    label: str
    terms: dict[str, Any]
    withdrawn_reason: str


class ContractDetail(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    payer_id: UUID
    tax_id: str
    network: str
    name: str
    versions: list[ContractVersionOut]


class ContractOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    payer_id: UUID
    tax_id: str
    network: str
    name: str


class ContractOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ContractOut]
    next: str | None


class LocationOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    code: str
    name: str
    place_of_service: str


class PayerOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    key: str
    name: str
    payer_id: str
    kind: str
    filing_indicator: str
    usual_pay_days: int


class PayerOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PayerOut]
    next: str | None


class PracticeOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    npi: str
    tax_id: str


class ProviderOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID | None
    npi: str
    name: str


class RateOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    ordinal: int
    first: str
    last: str
    modifier: str
    place: str
    method: str
    amount: Decimal | None
    percent: Decimal | None
    carve_out: bool
    note: str


class RateOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[RateOut]
    next: str | None
