"""What the API says and takes of takebacks. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class CarriedForward(Answer, kw_only=True):
    """A balance that a payer carries from one remittance to another."""

    payer: str
    reference: str
    remittance_id: UUID
    since: date
    forwarded: Decimal
    taken: Decimal
    remaining: Decimal


class ContestTakeback(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # It stands in the letter
    signer: str  # Who signs the letter: a person of the office


class EndTakeback(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    answer: str  # Why; it stands on the record


class LikelyPayment(Answer, kw_only=True):
    """Part of an answer"""

    claim_payment_id: UUID
    control_number: str
    payer_claim_number: str
    paid: Decimal


class NameClaimPayment(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    claim_payment_id: UUID


class TakebackDetail(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    payer_id: UUID
    practice_id: UUID
    adjustment_id: UUID | None  # Null: announced by letter
    code: str
    reference: str
    amount: Decimal
    announced_on: date
    reason: str
    encounter_id: UUID | None
    claim_payment_id: UUID | None
    state: str
    contested_on: date | None
    contest_reason: str
    answer: str
    ended_on: date | None
    likely: list[LikelyPayment]  # Payments of ours that it may be about, the likeliest first
    came_back: Decimal  # What the payer has paid again since it was contested


class TakebackNotice(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    payer_id: UUID
    practice_id: UUID
    amount: Decimal
    announced_on: date
    reference: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET


class TakebackOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    number: str
    payer_id: UUID
    practice_id: UUID
    adjustment_id: UUID | None  # Null: announced by letter
    code: str
    reference: str
    amount: Decimal
    announced_on: date
    reason: str
    encounter_id: UUID | None
    claim_payment_id: UUID | None
    state: str
    contested_on: date | None
    contest_reason: str
    answer: str
    ended_on: date | None


class TakebackOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[TakebackOut]
    next: str | None
