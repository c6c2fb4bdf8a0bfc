"""The proof that a webhook is ours and of now: what a receiver checks before it believes anything in it."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import datetime

import msgspec

WINDOW_SECONDS = 300  # an older one may be a recorded one sent again


class SignatureRefused(Exception):
    """Not ours, changed on the way, or not of now. Answer 400 and do nothing."""


class Subject(msgspec.Struct, frozen=True):
    type: str
    id: str


class WebhookEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `id` is the same when it comes again: an event already taken is answered 200 and not done twice.

    It holds ids and states only; ask the API for the rest.
    """

    id: str
    kind: str
    at: datetime
    subject: Subject
    practice_id: str | None = None
    says: dict[str, str] = {}


def verify(*, secret: str, signature: str, body: bytes, now: float | None = None) -> WebhookEvent:
    """The event, once the header Claimwright-Signature proves it. Raises SignatureRefused."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    seconds, signed = parts.get("t", ""), parts.get("v1", "")
    if not seconds.isdecimal() or not signed:
        raise SignatureRefused("the header has no time or no signature")
    due = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(due, signed):
        raise SignatureRefused("it is signed with another secret, or was changed")
    if abs((time.time() if now is None else now) - int(seconds)) > WINDOW_SECONDS:
        raise SignatureRefused("its time is not now")
    return msgspec.json.decode(body, type=WebhookEvent)
