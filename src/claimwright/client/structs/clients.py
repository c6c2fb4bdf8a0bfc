"""What the API says and takes of clients. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class ClientInvoiceOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    month: date
    number: str
    issued_on: date
    due_on: date
    total: Decimal
    issued_by: str
    voided_on: date | None
    void_reason: str


class ClientMoveOut(Answer, kw_only=True):
    """Part of an answer"""

    on: date
    words: str
    amount: Decimal
    balance: Decimal


class ClientDetail(Answer, kw_only=True):
    """Part of an answer"""

    practice_id: UUID
    name: str
    balance: Decimal
    account: list[ClientMoveOut]
    invoices: list[ClientInvoiceOut]


class TierOut(Answer, kw_only=True):
    """Part of an answer"""

    percent: Decimal
    up_to: Decimal | None


class FeeItemOut(Answer, kw_only=True):
    """Part of an answer"""

    fee: str
    words: str
    rate: Decimal
    tiers: list[TierOut]


class TermsOut(Answer, kw_only=True):
    """Part of an answer"""

    items: list[FeeItemOut]
    minimum: Decimal
    exclusions: list[str]
    due_days: int


class ClientOut(Answer, kw_only=True):
    """Part of an answer"""

    practice_id: UUID
    name: str
    terms: TermsOut | None  # Of this month; null: none
    last_invoice: str
    balance: Decimal  # Below zero: we owe the client
    overdue: Decimal


class ClientPaymentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    amount: Decimal
    received_on: date
    reference: str
    actor: str
    at: datetime


class ClientPays(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    amount: Decimal  # Below zero: given back to the client
    received_on: date
    reference: str | msgspec.UnsetType = msgspec.UNSET


class DraftLine(Answer, kw_only=True):
    """Part of an answer"""

    words: str
    working: str
    amount: Decimal


class DraftInvoice(Answer, kw_only=True):
    """What a month comes to, with the working: nothing is issued by reading it."""

    month: date
    is_closed: bool
    lines: list[DraftLine]
    credits: list[DraftLine]
    fees: Decimal
    total: Decimal


Exclusion = Literal["capitation", "interest", "at_visit", "earlier_claims"]


Fee = Literal["percent", "per_claim", "flat"]


class TierIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    percent: Decimal  # Of net collections, such as 6.00
    up_to: Decimal | None | msgspec.UnsetType = msgspec.UNSET  # None: of all that is above the tier before


class FeeItemIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    fee: Fee
    words: str
    rate: Decimal | msgspec.UnsetType = msgspec.UNSET  # Dollars a claim or a month
    tiers: list[TierIn] | msgspec.UnsetType = msgspec.UNSET


class SetTerms(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    first_month: str  # The month from which they hold: 2026-09
    items: list[FeeItemIn]
    minimum: Decimal | msgspec.UnsetType = msgspec.UNSET
    exclusions: list[Exclusion] | msgspec.UnsetType = msgspec.UNSET
    due_days: int | msgspec.UnsetType = msgspec.UNSET
    note: str | msgspec.UnsetType = msgspec.UNSET


class VoidInvoice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
