"""Gaps between what was done, documented and charged, kept on worklists: raised where found, closed where gone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from claimwright.coding import reconciliation
from claimwright.coding.reconciliation import GapKind, Limits
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.queries import escalate_queries
from claimwright.web.charges.selectors import visit_records
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import raise_work_item, resolve_work_items
from claimwright.web.practice.models import Practice

# Charged visits are looked at so long after the day: documentation that comes later is a corrected claim.
LOOK_BACK_DAYS = 120
_BATCH = 1000
_OPEN_STATES = ("ARRIVED", "NOTE_OPEN", "NOTE_SIGNED", "CODING", "QUERY", "HELD", "CODED")


def limits_of(practice: Practice | None) -> Limits:
    """The practice's own limits where it has set them, else the defaults."""
    if practice is None:
        return Limits()
    own = practice.policies.get("reconciliation", {})
    return msgspec.convert({key: own[key] for key in Limits.__struct_fields__ if key in own}, Limits)


def reconcile_encounters() -> dict[str, int]:
    """Look at every visit that is not settled; says by kind how many gaps there are. Again changes nothing.

    Provider queries that are late are escalated with it: both are done once a day.
    """
    found: dict[str, int] = {kind.value: 0 for kind in GapKind}
    keys: set[str] = set()
    known = _known()
    now, today = clock.now(), clock.today()
    practices = {practice.pk: practice for practice in Practice.objects.all()}
    recent = today - timedelta(days=LOOK_BACK_DAYS)
    rows = (
        Encounter.objects.filter(state__in=_OPEN_STATES)
        | Encounter.objects.filter(services_read=True, date_from__gte=recent)
    ).order_by("pk")
    last: UUID | None = None
    while True:
        batch = list(rows.filter(pk__gt=last)[:_BATCH] if last else rows[:_BATCH])
        if not batch:
            break
        last = batch[-1].pk
        by_id = {str(encounter.pk): encounter for encounter in batch}
        for practice_id in {encounter.practice_id for encounter in batch}:
            own = [encounter for encounter in batch if encounter.practice_id == practice_id]
            limits = limits_of(practices.get(practice_id))
            for gap in reconciliation.all_gaps(visit_records(own), now, today, limits):
                found[gap.kind.value] += 1
                keys.add(gap.key)
                _raise(gap, by_id[gap.encounter], known.get(gap.key))
    _close_others(known, keys)
    escalate_queries()
    return found


class _Item(msgspec.Struct, frozen=True):
    state: str
    resolution: str
    reason: str


_GONE = "no longer so"


def _known() -> dict[str, _Item]:
    """Every item of these lists that was ever raised, by key."""
    rows = WorkItem.objects.filter(worklist__in=[kind.value for kind in GapKind])
    return {key: _Item(*rest) for key, *rest in rows.values_list("key", "state", "resolution", "reason")}


def _raise(gap: reconciliation.Gap, encounter: Encounter, known: _Item | None) -> None:
    """Raise it, or bring its words up to date. One that a person closed with an answer of their own stays closed."""
    if known is not None and known.state == WorkItem.State.DONE and known.resolution != _GONE:
        return
    if known is not None and known.state != WorkItem.State.DONE:
        if known.reason != gap.reason:
            WorkItem.objects.filter(key=gap.key).update(reason=gap.reason)
        return
    raise_work_item(
        worklist=gap.kind.value, key=gap.key, reason_code=gap.kind.value.upper(), reason=gap.reason, what_to_do=gap.fix,
        subject_type="encounter", subject_id=encounter.pk, practice_id=encounter.practice_id, due_date=gap.due,
        reopen=True,
    )  # fmt: skip


def _close_others(known: dict[str, _Item], keys: set[str]) -> None:
    gone = [key for key, item in known.items() if item.state != WorkItem.State.DONE and key not in keys]
    if gone:
        resolve_work_items(keys=gone, resolution=_GONE)
