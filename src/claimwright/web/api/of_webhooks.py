"""Webhooks: addresses that are told of events, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Out
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.models import WebhookDelivery
from claimwright.web.api.webhooks import end_endpoint, endpoints, register_endpoint, send_dead_again
from claimwright.web.core.events import EventKind


class EndpointOut(Out):
    id: UUID
    url: str
    kinds: list[str]
    practice_ids: list[UUID]
    is_active: bool
    created_by: str
    created_at: datetime
    ended_at: datetime | None


class NewEndpointOut(EndpointOut):
    secret: str = Field(description="Shown this once")


class RegisterEndpoint(In):
    url: str = Field(max_length=500)
    kinds: list[EventKind] = Field(min_length=1)
    practice_ids: list[UUID] = Field(default=[], description="None: all that the token sees")


class DeliveryOut(Out):
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


class SentAgain(Out):
    count: int


@operation("GET", "/webhooks", permission="programs.read", answers=list[EndpointOut], whole_office=True)
def list_webhooks(request: HttpRequest) -> Any:
    """Endpoints, ended ones too."""
    return list(endpoints().order_by("created_at", "pk"))


@operation("POST", "/webhooks", permission="programs.work", answers=NewEndpointOut, status=201, whole_office=True)
def register_webhook(request: HttpRequest, payload: RegisterEndpoint) -> Any:
    """Register an address; its secret is shown once."""
    row, secret = register_endpoint(
        url=payload.url, kinds=[kind.value for kind in payload.kinds], practice_ids=payload.practice_ids
    )
    return EndpointOut.from_orm(row).model_dump() | {"secret": secret}


@operation(
    "POST", "/webhooks/{uuid:endpoint_id}/end", permission="programs.work", answers=EndpointOut, whole_office=True
)
def end_webhook(request: HttpRequest, endpoint_id: UUID) -> Any:
    """Nothing more goes there."""
    return end_endpoint(endpoint=find(endpoints(), endpoint_id))


@operation(
    "GET",
    "/webhooks/{uuid:endpoint_id}/deliveries",
    permission="programs.read",
    answers=paged(DeliveryOut),
    whole_office=True,
)
def list_deliveries(request: HttpRequest, endpoint_id: UUID, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """What was sent there or waits, the newest first."""
    rows = WebhookDelivery.objects.filter(endpoint=find(endpoints(), endpoint_id))
    return page_of(rows.filter(state=state) if state else rows, cursor=cursor, limit=limit, by="happened_at")


@operation(
    "POST", "/webhooks/{uuid:endpoint_id}/send-again", permission="programs.work", answers=SentAgain, whole_office=True
)
def send_webhook_again(request: HttpRequest, endpoint_id: UUID) -> Any:
    """Send again what was given up."""
    return {"count": send_dead_again(endpoint=find(endpoints(), endpoint_id))}
