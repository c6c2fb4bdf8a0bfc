"""Counters, worklists and the audit log."""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from claimwright.web.core import chain, clock, tenancy
from claimwright.web.core.events import Event, EventKind, announce, is_wanted
from claimwright.web.core.models import AuditEvent, WorkItem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import TITLES

_actor: contextvars.ContextVar[str] = contextvars.ContextVar("actor", default="system")
_together: contextvars.ContextVar[bool] = contextvars.ContextVar("audit_together", default=False)


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Everything inside is done by `name`: a user name, or the name of a rule or job."""
    token = _actor.set(name)
    try:
        yield
    finally:
        _actor.reset(token)


def actor() -> str:
    return _actor.get()


def next_number(*, name: str, count: int = 1) -> int:
    """The first of `count` numbers never given before under `name`. Gaps may happen, repeats may not."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO core_counter (id, name, value) VALUES (gen_random_uuid(), %s, %s)
               ON CONFLICT (tenant_id, name) DO UPDATE SET value = core_counter.value + EXCLUDED.value
               RETURNING value""",
            [name, count],
        )
        (value,) = cursor.fetchone()
    return int(value) - count + 1


def raise_work_item(
    *,
    worklist: str,
    key: str,
    reason_code: str,
    reason: str,
    what_to_do: str,
    subject_type: str = "",
    subject_id: object = "",
    practice_id: UUID | None = None,
    claim_number: str = "",
    file_id: UUID | None = None,
    file_name: str = "",
    segment: int = 0,
    amount: Decimal | None = None,
    due_date: date | None = None,
    reopen: bool = False,
) -> None:
    """Put one item on a worklist; the same key again changes nothing, but for `reopen`, which opens a closed one.

    Raises KeyError for a list nobody shows.
    """
    if worklist not in TITLES:
        raise KeyError(worklist)
    made = WorkItem(
        worklist=worklist, key=key[:200], reason_code=reason_code[:60], reason=reason, what_to_do=what_to_do,
        subject_type=subject_type, subject_id=str(subject_id), practice_id=practice_id,
        claim_number=claim_number, file_id=file_id, file_name=file_name[:255], segment=segment,
        amount=amount, due_date=due_date, raised_on=clock.today(), raised_at=clock.now(),
    )  # fmt: skip
    WorkItem.objects.bulk_create([made], ignore_conflicts=True)
    _announce(made)
    if reopen:
        WorkItem.objects.filter(key=key[:200], state=WorkItem.State.DONE).update(
            state=WorkItem.State.OPEN, reason=reason, what_to_do=what_to_do, reason_code=reason_code[:60],
            resolution="", resolved_by="", resolved_at=None,
        )  # fmt: skip


def _announce(item: WorkItem) -> None:
    """Tell of the item, unless its key stood there already and it is no row."""
    if is_wanted(EventKind.WORK_ITEM_RAISED) and WorkItem.objects.filter(pk=item.pk).exists():
        says = {"worklist": item.worklist, "reason_code": item.reason_code, "about": item.subject_type, "about_id": item.subject_id}  # fmt: skip
        announce(
            [
                Event(
                    kind=EventKind.WORK_ITEM_RAISED, subject_type="work_item", subject_id=str(item.pk),
                    practice_id=item.practice_id, says=says,
                )
            ]
        )  # fmt: skip


def resolve_work_items(*, keys: list[str] | None = None, resolution: str, **match: object) -> int:
    """Close open items by key or by field values; says how many."""
    items = WorkItem.objects.filter(state__in=[WorkItem.State.OPEN, WorkItem.State.SNOOZED], **match)
    if keys is not None:
        items = items.filter(key__in=keys)
    return items.update(state=WorkItem.State.DONE, resolution=resolution, resolved_by=actor(), resolved_at=clock.now())


def record_audit(*, action: str, subject_type: str = "", subject_id: object = "", detail: str = "") -> None:
    """One audit row. `detail` holds ids and numbers, never patient values.

    It stands at once, or at the end of the tenant's scope where `audit_together` asks for that.
    """
    current_tenant()
    event = AuditEvent(
        at=clock.now(), actor=actor(), action=action, subject_type=subject_type, subject_id=str(subject_id),
        detail=detail[:400],
    )  # fmt: skip
    if _together.get():
        transaction.on_commit(_Waiting(event))
    else:
        chain.append(AuditEvent, [event])


class _Waiting:
    """An audit row that its transaction still owes. Kept among what is done on commit: a savepoint that is rolled back
    takes its rows out there, too."""

    def __init__(self, event: AuditEvent) -> None:
        self.event: AuditEvent | None = event

    def __call__(self) -> None:
        """Nothing is left to be done after the commit."""


@contextmanager
def audit_together() -> Iterator[None]:
    """Inside, the audit rows of each transaction are written together at its end.

    Rows of one log stand in one chain, so the first one of a transaction makes every other writer of the log wait
    until it commits, and each page that somebody reads is a row: work that takes seconds owes its rows until its end.
    """
    token = _together.set(True)
    try:
        yield
    finally:
        _together.reset(token)


def _write_what_waits() -> None:
    waiting = [
        done for _, done, *_ in connection.run_on_commit if isinstance(done, _Waiting) and done.event is not None
    ]
    chain.append(AuditEvent, [one.event for one in waiting if one.event is not None])
    for one in waiting:
        one.event = None


tenancy.at_end.append(_write_what_waits)
