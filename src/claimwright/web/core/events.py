"""What happened, told to programs that asked to hear of it: the low apps announce, a high one keeps and sends.

An announcement is written in the transaction of the thing itself, by whoever `listen`s, or not at all. It names rows by
their ids and holds no patient value. A tenant that nobody listens to (`Tenant.webhook_events`) pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from uuid import UUID

import msgspec

from claimwright.web.core.tenancy import current_tenant


class EventKind(StrEnum):
    CLAIM_STATE_CHANGED = "claim.state_changed"
    REMITTANCE_POSTED = "remittance.posted"
    REMITTANCE_HELD = "remittance.held"
    DENIAL_OPENED = "denial.opened"
    WORK_ITEM_RAISED = "work_item.raised"
    PAYMENT_RECEIVED = "payment.received"
    FILE_RECEIVED = "file.received"
    FILE_REFUSED = "file.refused"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One announcement: the row it is about, its practice where it has one, and codes or ids that tell more.

    `says` holds states, names of lists and ids, never what a patient or a payer wrote.
    """

    kind: EventKind
    subject_type: str
    subject_id: str
    practice_id: UUID | None = None
    says: dict[str, str] = {}


Listener = Callable[[Sequence[Event]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Give every announcement that some program wants to `listener`, in the transaction that makes it."""
    if listener not in _listeners:
        _listeners.append(listener)


def is_wanted(kind: EventKind) -> bool:
    """Whether any program of this tenant asked to hear of such events: ask before work is done for their sake only."""
    return kind.value in current_tenant().webhook_events


def announce(events: Sequence[Event]) -> None:
    """Tell of what was just written, in the caller's transaction."""
    wanted = [event for event in events if is_wanted(event.kind)]
    if wanted:
        for listener in _listeners:
            listener(wanted)
