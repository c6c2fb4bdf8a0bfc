"""Addresses that a patient or the processor opens without signing in: each carries its tenant, signed."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.urls import reverse

from claimwright.web.core.tenancy import current_tenant

SALT = "card-checkout"
NOTIFY_SALT = "card-messages"
CHECKOUT_SECONDS = 30 * 24 * 3600


class LinkRefused(ValueError):
    """The address is not one of ours, or too old."""


def checkout_address(attempt_id: object) -> str:
    """The page of one attempt: where it stands, the way to the processor's page, and the receipt after it."""
    token = signing.dumps([str(current_tenant().pk), str(attempt_id)], salt=SALT)
    return reverse("checkout", args=[token])


def notify_address() -> str:
    """Where the processor sends the messages of this tenant. Give it to the processor once."""
    return reverse("card_message", args=[signing.dumps(str(current_tenant().pk), salt=NOTIFY_SALT)])


def read_checkout(token: str) -> tuple[UUID, UUID]:
    """(tenant id, attempt id). Raises LinkRefused."""
    try:
        tenant_id, attempt_id = signing.loads(token, salt=SALT, max_age=CHECKOUT_SECONDS)
        return UUID(tenant_id), UUID(attempt_id)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkRefused("the link is not known or too old") from None


def read_notify(token: str) -> UUID:
    """The tenant id. Raises LinkRefused."""
    try:
        return UUID(signing.loads(token, salt=NOTIFY_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkRefused("the address is not known") from None
