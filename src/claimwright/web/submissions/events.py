"""Writing many steps of many claims at once: the state moves step by step, so that the database can refuse a jump."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from django.db import connection
from django.db.models import Max

from claimwright.web.core import clock
from claimwright.web.core.services import actor
from claimwright.web.exchange.models import InboxPart
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

ADJUDICATED = "ADJUDICATED"


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One decided step: what `billing` said of it, `moved` False where it is only recorded."""

    version_id: str
    source: str
    target: str
    trigger: str
    moved: bool = True
    segment: int = 0
    note: str = ""


def record_events(*, events: Sequence[EventRow], evidence: InboxPart | None = None) -> None:
    """Append the events in order and move the states. Runs in the caller's transaction."""
    if not events:
        return
    ids = {event.version_id for event in events}
    last = dict(ClaimEvent.objects.filter(version_id__in=ids).values_list("version_id").annotate(last=Max("ordinal")))
    ordinals: dict[str, int] = defaultdict(int, {str(version): ordinal for version, ordinal in last.items()})
    now, on, by = clock.now(), clock.today(), actor()
    rows, rounds, turn = [], defaultdict(list), defaultdict(int)
    for event in events:
        ordinals[event.version_id] += 1
        rows.append(
            ClaimEvent(
                version_id=event.version_id, ordinal=ordinals[event.version_id], from_state=event.source,
                to_state=event.target, trigger=event.trigger, moved=event.moved, actor=by, at=now, on=on,
                evidence=evidence, evidence_segment=event.segment, note=event.note,
            )
        )  # fmt: skip
        if event.moved and event.source != event.target:
            rounds[turn[event.version_id]].append((event.version_id, event.target))
            turn[event.version_id] += 1
    ClaimEvent.objects.bulk_create(rows, batch_size=2000)
    for number in sorted(rounds):
        _move(rounds[number])
    adjudicated = {event.version_id for event in events if event.moved and event.target == ADJUDICATED}
    ClaimVersion.objects.filter(pk__in=adjudicated).update(last_adjudicated=on)
    ClaimVersion.objects.filter(pk__in=adjudicated, first_adjudicated__isnull=True).update(first_adjudicated=on)
    closed = {event.version_id for event in events if event.moved and event.target == "CLOSED"}
    ClaimVersion.objects.filter(pk__in=closed).update(closed=on)


def _move(steps: Sequence[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE submissions_claimversion v SET state = s.state
               FROM unnest(%s::uuid[], %s::text[]) AS s(id, state) WHERE v.id = s.id""",
            [[version for version, _ in steps], [state for _, state in steps]],
        )
