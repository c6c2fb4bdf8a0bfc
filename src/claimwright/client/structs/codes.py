"""What the API says and takes of codes. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.client.core import Answer


class CodeOut(Answer, kw_only=True):
    """Part of an answer"""

    code: str
    title: str
    billable: bool


class EditionOut(Answer, kw_only=True):
    """Part of an answer"""

    label: str
    start: date | None
    end: date | None


class CodeSetOut(Answer, kw_only=True):
    """Part of an answer"""

    name: str
    loaded: bool
    note: str
    editions: list[EditionOut]


class EditOut(Answer, kw_only=True):
    """Part of an answer"""

    id: str
    family: str
    severity: str
    says: str
    fix: str
    sources: list[str]
    mends: bool  # A fix of it can be made without typing


class LevelOut(Answer, kw_only=True):
    """Part of an answer"""

    code: str  # Blank: what is documented supports none
    prolonged: str
    says: list[str]  # Why, in sentences


class PriceOut(Answer, kw_only=True):
    """Part of an answer"""

    charge: Decimal | None  # By the charge master, times the units; null: there is none
