"""What the API says and takes of prevention. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class BatchDenials(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    denial_ids: list[UUID]  # Of one payer, reason and code
    action: Literal["analyze", "appeal", "records", "write_off"]
    argument: str | msgspec.UnsetType = msgspec.UNSET
    reason: str | msgspec.UnsetType = msgspec.UNSET


class BatchResult(Answer, kw_only=True):
    """Part of an answer"""

    denial_id: UUID
    control_number: str
    done: bool
    said: str  # Why not, where it was refused


class DenialTally(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    count: int
    first_pass: int
    amount: Decimal
    preventable_count: int
    decided: int
    overturned: int
    recovered: Decimal
    avoidable_write_off: Decimal


class LetterOut(Answer, kw_only=True):
    """Part of an answer"""

    category: str
    is_own: bool  # The practice's own words; else the shipped ones
    text: str


class ProposalOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    pattern: str
    state: str
    payer_id: UUID
    carc: str
    denied: int
    claims: int
    rule_version_id: UUID
    proposed_on: date
    decided_on: date | None
    decided_by: str
    reason: str


class SaveLetter(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    text: str  # Blank: back to the shipped words
