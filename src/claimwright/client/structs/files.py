"""What the API says and takes of files. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from claimwright.client.core import Answer


class PartOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    ordinal: int
    kind: str
    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    fate: str
    reason: str
    decided_at: datetime | None


class ReceivedRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    source: str
    kind: str
    size: int
    sha256: str
    received_at: datetime
    state: str
    reason: str


class Receipt(Answer, kw_only=True):
    """That we have the bytes: they are stored before anything reads them."""

    file: ReceivedRow
    seen_before: bool
    job_run_id: UUID  # The run that reads it: see its state under /jobs/runs


class ReceivedOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    source: str
    kind: str
    size: int
    sha256: str
    received_at: datetime
    state: str
    reason: str
    parts: list[PartOut]


class ReceivedRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[ReceivedRow]
    next: str | None


class SendingStarted(Answer, kw_only=True):
    """Part of an answer"""

    job_run_id: UUID


class SentOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    kind: str
    sha256: str
    interchange_control_number: int
    group_control_number: int
    usage: str
    state: str
    attempts: int
    problem: str
    prepared_at: datetime
    sent_at: datetime | None
    sent_on: date | None
    version_ids: list[UUID]  # Of the claims in it


class SentRow(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    name: str
    kind: str
    sha256: str
    interchange_control_number: int
    group_control_number: int
    usage: str
    state: str
    attempts: int
    problem: str
    prepared_at: datetime
    sent_at: datetime | None
    sent_on: date | None


class SentRowPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[SentRow]
    next: str | None
