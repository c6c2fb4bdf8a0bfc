"""Whose an item is and until when it sleeps, with the denial it stands for: one owner, one sleep, whichever is worked.

As `core.desks` and `core.work_in_hand`, for the doors above: an item of the list of denials takes its denial along.
`services.assign` and `services.snooze` take the item along with a denial.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from claimwright.billing.work_in_hand import WorkRefused
from claimwright.web.core import desks, work_in_hand
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Denial
from claimwright.web.denials.services import KEY, check_sleep


def denial_of(item: WorkItem) -> UUID | None:
    """The denial that an item of their list stands for."""
    is_its = item.worklist == Worklist.DENIALS and item.key.startswith(KEY)
    return UUID(item.key.removeprefix(KEY)) if is_its else None


def item_of(denial: Denial) -> WorkItem | None:
    """The open item by which a denial stands on the list of denials."""
    return WorkItem.objects.filter(key=f"{KEY}{denial.pk}", state=WorkItem.State.OPEN).first()


def open_item_of(denial: Denial) -> WorkItem:
    """Raises WorkRefused for a denial that waits for nobody here."""
    found = item_of(denial)
    if found is None:
        raise WorkRefused("it is on no list: it waits for the payer, or has ended")
    return found


def _along(item: WorkItem) -> WorkItem:
    """Its denial has the owner and the sleep of the item."""
    if pk := denial_of(item):
        Denial.objects.filter(pk=pk).update(
            owner=item.owner, snoozed_until=item.snoozed_until, snooze_reason=item.snooze_reason
        )
    return item


def assign_work_items(*, item_ids: Iterable[UUID], to: User | None) -> int:
    """As `core.desks.assign_work_items`."""
    ids = list(item_ids)
    count = desks.assign_work_items(item_ids=ids, to=to)
    for item in WorkItem.objects.filter(pk__in=ids, worklist=Worklist.DENIALS).exclude(state=WorkItem.State.DONE):
        _along(item)
    return count


def snooze_work_item(*, item_id: UUID, until: date | None, reason: str) -> WorkItem:
    """As `core.work_in_hand.snooze_work_item`, and never past a deadline of the denial that is still ahead."""
    pk = denial_of(WorkItem.objects.get(pk=item_id))
    if denial := Denial.objects.filter(pk=pk).first():
        check_sleep(denial, until=until, reason=reason)
    return _along(work_in_hand.snooze_work_item(item_id=item_id, until=until, reason=reason))


def wake_work_item(*, item_id: UUID) -> WorkItem:
    """As `core.work_in_hand.wake_work_item`."""
    return _along(work_in_hand.wake_work_item(item_id=item_id))


def escalate_work_item(*, item_id: UUID, reason: str) -> WorkItem:
    """As `core.work_in_hand.escalate_work_item`."""
    return _along(work_in_hand.escalate_work_item(item_id=item_id, reason=reason))


def return_work_item(*, item_id: UUID, reason: str) -> WorkItem:
    """As `core.work_in_hand.return_work_item`."""
    return _along(work_in_hand.return_work_item(item_id=item_id, reason=reason))


def take_next_work_item(*, by: User, worklists: Sequence[str], leads: bool = False) -> WorkItem | None:
    """As `core.work_in_hand.take_next_work_item`."""
    found = work_in_hand.take_next_work_item(by=by, worklists=worklists, leads=leads)
    return _along(found) if found is not None else None
