"""What the API says and takes of office. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class AuditOut(Answer, kw_only=True):
    """Part of an answer"""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    detail: str
    hash: str


class AuditOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[AuditOut]
    next: str | None


class JobOut(Answer, kw_only=True):
    """Part of an answer"""

    job: str
    cron: str
    enabled: bool


class JobRunOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    job: str
    slot: datetime
    state: str
    attempts: int
    asked_by: str
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    counts: dict[str, Any]
    problem: str


class JobRunOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[JobRunOut]
    next: str | None


class ScheduleJob(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    cron: str  # Minute, hour, day, month, weekday: 0 20 * * 1-5
    enabled: bool | msgspec.UnsetType = msgspec.UNSET
