"""Sending what waits: each delivery claimed, sent outside any transaction, and what came of it written down."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import httpx
from django.utils import timezone

from claimwright.web.api.addresses import AddressRefused, LookUp, look_up, target_of
from claimwright.web.api.models import WebhookDelivery
from claimwright.web.api.webhooks import body_of, note_failed, note_taken, secret_of, signature
from claimwright.web.core import logs
from claimwright.web.core.locks import outside_transaction
from claimwright.web.core.models import Tenant
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope

SECONDS = 10.0  # one delivery has, from the look-up of the name to the answer's status
CLAIMED = timedelta(minutes=2)  # a worker that dies with one in hand: another takes it up after this
MOST_A_RUN = 500
logger = logging.getLogger("claimwright.api")


def deliver_due(
    *, tenant: Tenant, ends: float | None = None, find: LookUp = look_up, transport: httpx.AsyncBaseTransport | None = None
) -> int:  # fmt: skip
    """Send what has come due, oldest first; says how many were taken. Never raises for what the other side does.

    At least once: a taken delivery whose note was lost goes again, and its `id` tells the receiver that it is the same.
    An address that does not answer is asked once a run: the others must not wait for it. Nothing is begun after
    `ends`, a moment of time.monotonic(); what is left goes with the next run.
    """
    outside_transaction()
    taken = 0
    silent: set[UUID] = set()
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, transport=transport, trust_env=False)
    try:
        for _ in range(MOST_A_RUN):
            delivery = _claim(tenant, silent) if ends is None or time.monotonic() < ends else None
            if delivery is None:
                break
            status, problem = loop.run_until_complete(_tried(client, delivery, find))
            if problem and not (status and status < 500):
                silent.add(delivery.endpoint_id)
            taken += _note(tenant, delivery, status, problem)
    finally:
        loop.run_until_complete(client.aclose())
        loop.close()
    return taken


def _note(tenant: Tenant, delivery: WebhookDelivery, status: int | None, problem: str) -> int:
    """What came of it: 1 where it was taken."""
    with tenant_scope(tenant), acting_as("webhooks"):
        rows = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("endpoint")
        row = rows.get(pk=delivery.pk)
        if row.state != WebhookDelivery.State.WAITING:
            return 0
        if problem:
            note_failed(delivery=row, problem=problem, status=status)
            return 0
        note_taken(delivery=row, status=status or 0)
        return 1


def _claim(tenant: Tenant, silent: Iterable[UUID]) -> WebhookDelivery | None:
    """The next one due, put out of the others' reach while it is under way."""
    with tenant_scope(tenant):
        due = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING, next_try_at__lte=timezone.now())
        due = due.exclude(endpoint_id__in=list(silent))
        row = (
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("endpoint")
            .order_by("next_try_at", "pk")
            .first()
        )
        if row is not None:
            row.next_try_at = timezone.now() + CLAIMED
            row.save(update_fields=["next_try_at"])
        return row


async def _tried(client: httpx.AsyncClient, delivery: WebhookDelivery, find: LookUp) -> tuple[int | None, str]:
    """The status, and what was wrong in our words: what the other side wrote is neither read nor kept."""
    try:
        status = await asyncio.wait_for(_send(client, delivery, find), SECONDS)
    except AddressRefused as refused:
        return None, str(refused)
    except Exception as fault:  # whatever is wrong with one delivery, the others must go on
        logs.say(logger, "webhook_failed", logging.INFO, delivery_id=str(delivery.pk), fault=type(fault).__name__)
        return None, type(fault).__name__
    return status, "" if 200 <= status < 300 else f"answered {status}"


async def _send(client: httpx.AsyncClient, delivery: WebhookDelivery, find: LookUp) -> int:
    body, now = body_of(delivery), timezone.now()
    target = await asyncio.to_thread(target_of, delivery.endpoint.url, find=find)  # a look-up may hang, too
    request = client.build_request(
        "POST", target.pinned, content=body, extensions={"sni_hostname": target.name, "timeout": httpx.Timeout(SECONDS).as_dict()},
        headers={
            "Host": target.host, "Content-Type": "application/json", "User-Agent": "claimwright-webhooks/1",
            "Claimwright-Event": delivery.kind, "Claimwright-Delivery": str(delivery.content["id"]),
            "Claimwright-Signature": signature(secret_of(delivery.endpoint), body, now),
        },
    )  # fmt: skip
    response = await client.send(request, stream=True)  # its body is not read
    await response.aclose()
    return response.status_code
