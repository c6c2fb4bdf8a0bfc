"""Items put aside until a day, passed up to a supervisor, and taken one after the other.

An item that sleeps is open: it is left out of the lists by its date and is on them again when that has come, without a
job that wakes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import F, Q, QuerySet

from claimwright.billing.work_in_hand import WorkRefused, check_escalation, check_snooze
from claimwright.web.core import clock
from claimwright.web.core.models import User, WorkItem
from claimwright.web.core.services import actor, record_audit

REASON_LENGTH = 200
# The most urgent first: what is due soonest, then what has waited longest.
URGENT_FIRST = (F("due_date").asc(nulls_last=True), "raised_on", "key")


def awake(today: date) -> Q:
    """Open items that are on the lists of that day."""
    return Q(state=WorkItem.State.OPEN) & (Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today))


def asleep(today: date) -> Q:
    return Q(state=WorkItem.State.OPEN, snoozed_until__gt=today)


def _open(item_id: UUID) -> WorkItem:
    """Raises WorkRefused for what is closed: whoever had it open sees an older page."""
    found = WorkItem.objects.select_for_update().get(pk=item_id)
    if found.state != WorkItem.State.OPEN:
        raise WorkRefused("it is closed, or sleeps until its day")
    return found


def snooze_work_item(*, item_id: UUID, until: date | None, reason: str) -> WorkItem:
    """Off the lists until a day, with the reason. Raises WorkRefused."""
    found = _open(item_id)
    check_snooze(until=until, reason=reason, today=clock.today(), due_on=found.due_date)
    found.snoozed_until, found.snooze_reason = until, reason.strip()[:REASON_LENGTH]
    found.save(update_fields=["snoozed_until", "snooze_reason"])
    record_audit(action="worklist.snoozed", subject_type="work_item", subject_id=found.pk, detail=f"until {until}")
    return found


def wake_work_item(*, item_id: UUID) -> WorkItem:
    """On the lists again before its day. Raises WorkRefused for what does not sleep."""
    found = _open(item_id)
    if found.snoozed_until is None or found.snoozed_until <= clock.today():
        raise WorkRefused("it is awake")
    found.snoozed_until, found.snooze_reason = None, ""
    found.save(update_fields=["snoozed_until", "snooze_reason"])
    record_audit(action="worklist.woken", subject_type="work_item", subject_id=found.pk)
    return found


def escalate_work_item(*, item_id: UUID, reason: str) -> WorkItem:
    """To the supervisors: nobody's by name, marked with who asks and what. Raises WorkRefused."""
    found = _open(item_id)
    check_escalation(reason=reason, escalated_on=found.escalated_on)
    found.escalated_on, found.escalated_by = clock.today(), actor()
    found.escalation_reason = reason.strip()[:REASON_LENGTH]
    found.owner, found.snoozed_until, found.snooze_reason = "", None, ""
    found.save(
        update_fields=["escalated_on", "escalated_by", "escalation_reason", "owner", "snoozed_until", "snooze_reason"]
    )
    record_audit(action="worklist.escalated", subject_type="work_item", subject_id=found.pk)
    return found


def return_work_item(*, item_id: UUID, reason: str) -> WorkItem:
    """From the supervisor back to who passed it up, with the answer. Raises WorkRefused for what was not passed up."""
    found = _open(item_id)
    if found.escalated_on is None:
        raise WorkRefused("nobody passed it up")
    if not reason.strip():
        raise WorkRefused("say what was decided")
    people = User.objects.filter(username=found.escalated_by, is_active=True)
    found.owner = found.escalated_by if people.exists() else ""
    found.reason = f"{found.reason}\n{actor()}: {reason.strip()[:REASON_LENGTH]}"
    found.escalated_on, found.escalated_by, found.escalation_reason = None, "", ""
    found.save(update_fields=["owner", "reason", "escalated_on", "escalated_by", "escalation_reason"])
    record_audit(action="worklist.returned", subject_type="work_item", subject_id=found.pk)
    return found


def take_next_work_item(*, by: User, worklists: Sequence[str], leads: bool = False) -> WorkItem | None:
    """The most urgent item that is nobody's, on the first of `worklists` that has one, now `by`'s; None: there is none.

    Two people who ask at once get two items. What was passed up is taken by who leads only.
    """
    for name in worklists:
        found = _to_take(name, leads).select_for_update(skip_locked=True).first()
        if found is not None:
            found.owner = by.get_username()
            found.save(update_fields=["owner"])
            record_audit(
                action="worklist.taken", subject_type="work_item", subject_id=found.pk, detail=by.get_username()
            )
            return found
    return None


def _to_take(worklist: str, leads: bool) -> QuerySet[WorkItem]:
    waiting = WorkItem.objects.filter(awake(clock.today()), worklist=worklist, owner="")
    if not leads:
        waiting = waiting.filter(escalated_on__isnull=True)
    return waiting.order_by(*URGENT_FIRST)
