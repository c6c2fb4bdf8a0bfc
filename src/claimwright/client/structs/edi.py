"""What the API says and takes of edi. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from decimal import Decimal
from typing import Any

from claimwright.client.core import Answer


class EdiFinding(Answer, kw_only=True):
    """Part of an answer"""

    edit_id: str
    severity: str
    path: str
    message: str
    fix: str


class FaultOut(Answer, kw_only=True):
    """Part of an answer"""

    id: str
    snip: int
    severity: str
    segment_id: str
    segment: int
    byte: int
    line: int
    loop: str
    element: int
    control_number: str
    message: str
    fix: str


class ReadRemittances(Answer, kw_only=True):
    """Part of an answer"""

    remittances: list[dict[str, Any]]  # claimwright's Remittance nouns
    faults: list[FaultOut]


class ScrubbedClaim(Answer, kw_only=True):
    """Part of an answer"""

    control_number: str
    lines: int
    charge: Decimal
    may_go: bool
    findings: list[EdiFinding]


class ScrubbedFile(Answer, kw_only=True):
    """Part of an answer"""

    may_go: bool
    claims: list[ScrubbedClaim]
    faults: list[FaultOut]
    not_armed: list[str]  # Edits that need files which are not imported here


class Validated(Answer, kw_only=True):
    """Part of an answer"""

    transactions: list[str]  # ST01 of each, in order
    faults: list[FaultOut]  # 1,000 at most; the values themselves are not repeated
    total_faults: int
    is_accepted: bool
