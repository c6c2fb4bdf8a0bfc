"""Sending what waits: each delivery claimed, sent outside any transaction, and what came of it written down."""

from __future__ import annotations

import logging
from datetime import timedelta

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

SECONDS = 10.0
CLAIMED = timedelta(minutes=2)  # a worker that dies with one in hand: another takes it up after this
MOST_A_RUN = 500
logger = logging.getLogger("claimwright.api")


def deliver_due(*, tenant: Tenant, find: LookUp = look_up, transport: httpx.BaseTransport | None = None) -> int:
    """Send what has come due, oldest first; says how many were taken. Never raises for the network.

    At least once: a taken delivery whose note was lost goes again, and its `id` tells the receiver that it is the same.
    """
    outside_transaction()
    taken = 0
    with httpx.Client(timeout=SECONDS, follow_redirects=False, transport=transport, trust_env=False) as client:
        for _ in range(MOST_A_RUN):
            delivery = _claim(tenant)
            if delivery is None:
                break
            status, problem = _send(client, delivery, find)
            with tenant_scope(tenant), acting_as("webhooks"):
                row = (
                    WebhookDelivery.objects.select_for_update(of=("self",))
                    .select_related("endpoint")
                    .get(pk=delivery.pk)
                )
                if row.state != WebhookDelivery.State.WAITING:
                    continue
                if problem:
                    note_failed(delivery=row, problem=problem, status=status)
                else:
                    note_taken(delivery=row, status=status or 0)
                    taken += 1
    return taken


def _claim(tenant: Tenant) -> WebhookDelivery | None:
    """The next one due, put out of the others' reach while it is under way."""
    with tenant_scope(tenant):
        due = WebhookDelivery.objects.filter(state=WebhookDelivery.State.WAITING, next_try_at__lte=timezone.now())
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


def _send(client: httpx.Client, delivery: WebhookDelivery, find: LookUp) -> tuple[int | None, str]:
    """The status, and what was wrong in our words: what the other side wrote is neither read nor kept."""
    body, now = body_of(delivery), timezone.now()
    try:
        target = target_of(delivery.endpoint.url, find=find)
        request = client.build_request(
            "POST", target.pinned, content=body, extensions={"sni_hostname": target.name, "timeout": httpx.Timeout(SECONDS).as_dict()},
            headers={
                "Host": target.host, "Content-Type": "application/json", "User-Agent": "claimwright-webhooks/1",
                "Claimwright-Event": delivery.kind, "Claimwright-Delivery": str(delivery.content["id"]),
                "Claimwright-Signature": signature(secret_of(delivery.endpoint), body, now),
            },
        )  # fmt: skip
        response = client.send(request, stream=True)  # its body is not read
        response.close()
    except AddressRefused as refused:
        return None, str(refused)
    except httpx.HTTPError as fault:
        logs.say(logger, "webhook_failed", logging.INFO, delivery_id=str(delivery.pk), fault=type(fault).__name__)
        return None, type(fault).__name__
    if 200 <= response.status_code < 300:
        return response.status_code, ""
    return response.status_code, f"answered {response.status_code}"
