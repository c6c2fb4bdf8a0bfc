"""What the API says and takes of bank. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class BankAccountOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    practice_id: UUID | None
    ending: str


class BankImported(Answer, kw_only=True):
    """Part of an answer"""

    seen_before: bool
    new_lines: int
    repeated_lines: int
    matched: int
    open: int


class BankLineOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    account_id: UUID
    posted_on: date
    amount: Decimal
    kind: str
    description: str


class BankLineOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[BankLineOut]
    next: str | None


class BankMatchOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    kind: str
    automatic: bool
    category: str
    fee: Decimal
    note: str
    actor: str
    at: datetime
    effective_on: date
    undoes_id: UUID | None


class BankMatchOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[BankMatchOut]
    next: str | None


class ExplainLine(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    category: str
    note: str | msgspec.UnsetType = msgspec.UNSET


class MatchLines(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    line_ids: list[UUID]
    expected_ids: list[str]
    fee: Decimal | msgspec.UnsetType = msgspec.UNSET


class OpenMoney(Answer, kw_only=True):
    """Part of an answer"""

    id: str  # What a match names
    amount: Decimal
    on: date
    trace_number: str
    check_number: str


class UndoMatch(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    note: str  # Why; it stands on the record
