"""Events to programs: kept with what happened, signed, sent afterwards, tried again, and at last given to a person.

Signature: HMAC-SHA256 over "<seconds since 1970>.<body>" with the endpoint's secret, as `t=…,v1=…` in the header
Claimwright-Signature. A receiver refuses a time more than five minutes off: that closes the window for replays.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils import timezone

from claimwright.web.api.addresses import AddressRefused, checked_url
from claimwright.web.api.models import WebhookDelivery, WebhookEndpoint
from claimwright.web.core.events import Event, EventKind
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_practices, current_tenant
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.secrets import decrypt, encrypt
from claimwright.web.practice.models import Practice

# After each failure, until the next try. After the last one the delivery is dead and a person looks at it.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
MOST_ENDPOINTS = 20
State = WebhookDelivery.State


class WebhookRefused(ValueError):
    """An endpoint that is not registered, or a delivery that is not sent again; the text says why."""


# Endpoints -----------------------------------------------------------------------------------------------------------


def register_endpoint(
    *, url: str, kinds: Sequence[str], practice_ids: Sequence[UUID] = ()
) -> tuple[WebhookEndpoint, str]:  # fmt: skip
    """The row, and the secret to show once. Raises WebhookRefused for an address or a kind that may not be."""
    try:
        url = checked_url(url)
    except AddressRefused as refused:
        raise WebhookRefused(f"url: {refused}") from None
    wanted = list(dict.fromkeys(kinds))
    if not wanted or (unknown := set(wanted) - {kind.value for kind in EventKind}):
        raise WebhookRefused(
            f"kinds: choose some of {', '.join(EventKind)}" + (f", not {len(unknown)} others" if wanted else "")
        )
    if WebhookEndpoint.objects.filter(is_active=True).count() >= MOST_ENDPOINTS:
        raise WebhookRefused(f"there are {MOST_ENDPOINTS} endpoints already: end one first")
    granted = list(dict.fromkeys(practice_ids)) or list(current_practices())
    if Practice.objects.filter(pk__in=granted).count() != len(granted):
        raise WebhookRefused("practices: choose practices of the list")
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    row = WebhookEndpoint.objects.create(
        url=url, kinds=wanted, practice_ids=granted, secret=encrypt(secret), created_by=actor(),
        created_at=timezone.now(),
    )  # fmt: skip
    _note_wanted()
    record_audit(action="webhook.register", subject_type="webhook_endpoint", subject_id=row.pk, detail=" ".join(wanted))
    return row, secret


def endpoints() -> QuerySet[WebhookEndpoint]:
    """Those that a program limited to some practices may see: its own practices' only."""
    rows = WebhookEndpoint.objects.all()
    mine = list(current_practices())
    return rows.filter(practice_ids__contained_by=mine).exclude(practice_ids=[]) if mine else rows


def end_endpoint(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Nothing more goes there; what waits is not sent. Doing it twice changes nothing."""
    if endpoint.is_active:
        endpoint.is_active, endpoint.ended_at = False, timezone.now()
        endpoint.save(update_fields=["is_active", "ended_at"])
        endpoint.deliveries.filter(state=State.WAITING).update(state=State.ENDED)
        _note_wanted()
        resolve_work_items(
            subject_type="webhook_endpoint", subject_id=str(endpoint.pk), resolution="the endpoint was ended"
        )
        record_audit(action="webhook.end", subject_type="webhook_endpoint", subject_id=endpoint.pk)
    return endpoint


def _note_wanted() -> None:
    """What is announced at all, on the tenant's own row: whoever announces reads it for nothing."""
    tenant = current_tenant()
    kinds = {kind for row in WebhookEndpoint.objects.filter(is_active=True) for kind in row.kinds}
    tenant.webhook_events = sorted(kinds)
    tenant.save(update_fields=["webhook_events"])


# Events --------------------------------------------------------------------------------------------------------------


def keep_events(events: Sequence[Event]) -> None:
    """One delivery a wanted event and endpoint, in the transaction of what happened; the worker sends them after it.

    That an address takes no events is told to no address: it would be told to the very one that does not.
    """
    now = timezone.now()
    events = [event for event in events if event.says.get("worklist") != Worklist.WEBHOOKS_UNDELIVERED]
    rows = [
        WebhookDelivery(endpoint=endpoint, kind=event.kind.value, content=_content(event, now), happened_at=now, next_try_at=now)
        for endpoint in WebhookEndpoint.objects.filter(is_active=True)
        for event in events
        if event.kind.value in endpoint.kinds and (not endpoint.practice_ids or event.practice_id in endpoint.practice_ids)
    ]  # fmt: skip
    WebhookDelivery.objects.bulk_create(rows, batch_size=1000)


def _content(event: Event, at: datetime) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()), "kind": event.kind.value, "at": at.isoformat(),
        "subject": {"type": event.subject_type, "id": event.subject_id},
        "practice_id": str(event.practice_id) if event.practice_id else None, "says": event.says,
    }  # fmt: skip


def body_of(delivery: WebhookDelivery) -> bytes:
    return msgspec.json.encode(delivery.content)


def signature(secret: str, body: bytes, at: datetime) -> str:
    """What stands in the header Claimwright-Signature."""
    seconds = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={signed}"


def secret_of(endpoint: WebhookEndpoint) -> str:
    return decrypt(endpoint.secret)


# What came of a try --------------------------------------------------------------------------------------------------


def note_taken(*, delivery: WebhookDelivery, status: int) -> None:
    delivery.state, delivery.taken_at, delivery.http_status, delivery.problem = State.TAKEN, timezone.now(), status, ""
    delivery.tries += 1
    delivery.save(update_fields=["state", "taken_at", "http_status", "problem", "tries"])
    if not delivery.endpoint.deliveries.filter(state=State.DEAD).exists():
        resolve_work_items(keys=[_key(delivery.endpoint)], resolution="it takes events again")


def note_failed(*, delivery: WebhookDelivery, problem: str, status: int | None = None) -> None:
    """Tried again later, each time longer; after the last time dead and on the worklist."""
    delivery.tries += 1
    delivery.http_status, delivery.problem = status, problem[:120]
    if delivery.tries <= len(WAITS):
        delivery.next_try_at = timezone.now() + WAITS[delivery.tries - 1]
    else:
        delivery.state = State.DEAD
        raise_work_item(
            worklist=Worklist.WEBHOOKS_UNDELIVERED, key=_key(delivery.endpoint), reason_code="WEBHOOK_DEAD",
            reason="A program's address did not take an event for two days.",
            what_to_do="Mend the program or end its endpoint on the page of programs; then send again what was given up.",
            subject_type="webhook_endpoint", subject_id=delivery.endpoint_id, reopen=True,
        )  # fmt: skip
    delivery.save(update_fields=["state", "tries", "http_status", "problem", "next_try_at"])


def _key(endpoint: WebhookEndpoint) -> str:
    return f"webhook:{endpoint.pk}"


def send_dead_again(*, endpoint: WebhookEndpoint) -> int:
    """Everything given up waits once more, from the first try on; says how many."""
    if not endpoint.is_active:
        raise WebhookRefused("the endpoint was ended: register it again")
    count = endpoint.deliveries.filter(state=State.DEAD).update(
        state=State.WAITING, tries=0, next_try_at=timezone.now()
    )
    resolve_work_items(keys=[_key(endpoint)], resolution="sent again")
    record_audit(action="webhook.again", subject_type="webhook_endpoint", subject_id=endpoint.pk, detail=str(count))
    return count
