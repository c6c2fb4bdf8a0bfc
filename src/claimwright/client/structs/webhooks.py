"""What the API says and takes of webhooks. Written by claimwright.web.api.write_client from the description of the API: change it there."""

# fmt: off
from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from claimwright.client.core import Answer


class DeliveryOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    endpoint_id: UUID
    kind: str
    content: dict[str, Any]
    state: str
    tries: int
    happened_at: datetime
    next_try_at: datetime
    taken_at: datetime | None
    http_status: int | None
    problem: str


class DeliveryOutPage(Answer, kw_only=True):
    """Part of an answer"""

    items: list[DeliveryOut]
    next: str | None


class EndpointOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    url: str
    kinds: list[str]
    practice_ids: list[UUID]
    is_active: bool
    created_by: str
    created_at: datetime
    ended_at: datetime | None


EventKind = Literal["claim.state_changed", "remittance.posted", "remittance.held", "denial.opened", "work_item.raised", "payment.received", "file.received", "file.refused"]


class NewEndpointOut(Answer, kw_only=True):
    """Part of an answer"""

    id: UUID
    url: str
    kinds: list[str]
    practice_ids: list[UUID]
    is_active: bool
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    secret: str  # Shown this once


class RegisterEndpoint(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is asked"""

    url: str
    kinds: list[EventKind]
    practice_ids: list[UUID] | msgspec.UnsetType = msgspec.UNSET  # None: all that the token sees


class SentAgain(Answer, kw_only=True):
    """Part of an answer"""

    count: int
