"""What the API says and takes of statements. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CancelPlan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class ChangeStatement(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record


class OfferPlan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    patient_id: UUID
    starts_on: date
    instalment: Decimal | None | msgspec.UnsetType = msgspec.UNSET
    instalments: int | None | msgspec.UnsetType = msgspec.UNSET
    encounter_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET  # None: all that the patient owes
    down_payment: Decimal | msgspec.UnsetType = msgspec.UNSET
    finance_charge: Decimal | msgspec.UnsetType = msgspec.UNSET
    cadence: Literal["weekly", "biweekly", "monthly", "quarterly"] | msgspec.UnsetType = msgspec.UNSET
    method: Literal["check", "card", "cash"] | msgspec.UnsetType = msgspec.UNSET


class PayPlan(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    amount: Decimal
    method: Literal["cash", "check"]  # Cards are paid on the processor's page
    check_number: str | msgspec.UnsetType = msgspec.UNSET
    received_on: date | None | msgspec.UnsetType = msgspec.UNSET


class PlanDetail(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID
    number: str
    state: str
    balance_amount: Decimal
    down_payment_amount: Decimal
    instalment_amount: Decimal
    instalment_count: int
    cadence: str
    starts_on: date
    method: str
    due: Decimal  # What should have been paid by now and was not
    left: Decimal
    missed: int
    next_due: date | None
    next_amount: Decimal


class PlanOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    practice_id: UUID
    patient_id: UUID
    number: str
    state: str
    balance_amount: Decimal
    down_payment_amount: Decimal
    instalment_amount: Decimal
    instalment_count: int
    cadence: str
    starts_on: date
    method: str


class PlanOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[PlanOut]
    next: str | None


class StatementOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    account_id: UUID
    number: str
    issued_on: date
    due_on: date
    language: str
    amount_due: Decimal
    state: str
    void_reason: str
    replaces_id: UUID | None


class StatementOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[StatementOut]
    next: str | None


class StatementsIssued(Answer, kw_only=True):
    """Part of an answer"""

    issued: int
    amount_due: Decimal
    not_sent: dict[str, int]  # Patients by reason
    problems: int
