"""What the API says and takes of disclosures. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AuditFault(Answer, kw_only=True):
    """Part of an answer"""

    sequence: int
    problem: str


class AuditProof(Answer, kw_only=True):
    """Part of an answer"""

    rows: int
    head: str  # The hash of the newest row
    faults: list[AuditFault]
    faults_in_all: int
    kept: int  # The number of the head kept outside the database; 0: none
    unkept: int


class DisclosureOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    patient_id: UUID
    disclosed_on: date
    last_on: date | None
    how_often: str
    recipient: str
    address: str
    what: str
    purpose: str
    basis: str
    withheld_until: date | None
    recorded_at: datetime
    recorded_by: str


class RecordDisclosure(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    disclosed_on: date
    recipient: str
    address: str | msgspec.UnsetType = msgspec.UNSET
    what: str
    purpose: str
    basis: str  # required_by_law, public_health, abuse, oversight, court, law_enforcement, decedent, organ_donation, research, threat, government, workers_compensation, by_mistake
    last_on: date | None | msgspec.UnsetType = msgspec.UNSET  # Of a run to one recipient for one purpose
    how_often: str | msgspec.UnsetType = msgspec.UNSET
    withheld_until: date | None | msgspec.UnsetType = msgspec.UNSET


class WithdrawDisclosure(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    reason: str  # Why; it stands on the record
