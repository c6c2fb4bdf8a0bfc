"""What the API says and takes of payer_rules. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AddPayerRule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    section: Literal["authorization", "referring", "date", "specialty", "telehealth", "accepted", "appeal"]
    entry: dict[str, str]  # As on the page, such as kind, codes (99202-99215, 70551 26), places, start, end, source
    seen: str | msgspec.UnsetType = msgspec.UNSET  # Of what you read, for this part: refused where it changed meanwhile


class ChangePayerRules(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    entry: dict[str, str]  # Of `entry`, what changes; what is not named stays
    seen: str | msgspec.UnsetType = msgspec.UNSET  # Of what you read, for this part: refused where it changed meanwhile


class EndPayerRule(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    section: Literal["authorization", "referring", "date", "specialty", "telehealth", "accepted", "appeal"]
    rule: str  # As it was read
    on: date | None | msgspec.UnsetType = msgspec.UNSET  # First day without it; of a kind that has no days: null
    reason: str  # Why; it stands on the record


class PayerLevelOut(Answer, kw_only=True):
    """Part of an answer"""

    says: str
    source: str


class PayerRuleOut(Answer, kw_only=True):
    """Part of an answer"""

    rule: str  # Names the rule by all that it says
    says: str
    source: str
    start: date | None  # First day of service; null: any
    end: date | None  # First day without it; null: open, or of a kind that has no days
    is_over: bool


class PayerRulesOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    entry: dict[str, str]  # The switches, as they would be typed
    rules: dict[str, list[PayerRuleOut]]  # By section, in their order
    levels: list[PayerLevelOut]  # The levels of appeal that count: its own, else the law's for its kind
    seen: dict[str, str]  # Of `switches` and of each section: what to send as `seen`
