"""What the API says and takes of queries. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class StretchIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    npi: str
    start: datetime
    stop: datetime


class AnesthesiaIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    stretches: list[StretchIn]  # All of them: those known before are replaced


class StretchOut(Answer, kw_only=True):
    """Part of an answer"""

    npi: str
    start: datetime
    stop: datetime


class AnesthesiaOut(Answer, kw_only=True):
    """Part of an answer"""

    minutes: int  # Overlaps counted once
    stretches: list[StretchOut]


class AnswerQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    outcome: str  # One of its options, or as the question asks
    words: str | msgspec.UnsetType = msgspec.UNSET
    answered_by: str | msgspec.UnsetType = msgspec.UNSET


class EvidenceIn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    source: str  # Where it stands in the record
    excerpt: str


class AskProvider(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    question: str
    options: list[str] | msgspec.UnsetType = msgspec.UNSET  # Beside other and cannot be determined; none: an open question
    evidence: list[EvidenceIn]
    provider_npi: str | msgspec.UnsetType = msgspec.UNSET  # Blank: who rendered the visit
    place: str | msgspec.UnsetType = msgspec.UNSET  # The field it is about


class QueryOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    encounter_id: UUID
    state: str
    provider_npi: str
    asked_on: date
    escalated: int
    content: dict[str, Any]


class QueryOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[QueryOut]
    next: str | None


class WithdrawQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
