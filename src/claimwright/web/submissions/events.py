"""Writing many steps of many claims at once: the state moves step by step, so that the database can refuse a jump."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from django.db import connection
from django.db.models import Max

from claimwright.billing.lifecycle import State, Transition, Trigger, apply
from claimwright.web.core import clock
from claimwright.web.core.events import Event, EventKind, announce, is_wanted
from claimwright.web.core.services import actor
from claimwright.web.exchange.models import InboxPart
from claimwright.web.submissions.authorizing import settle_moved
from claimwright.web.submissions.models import ClaimEvent, ClaimVersion

ADJUDICATED = "ADJUDICATED"
VOID = "8"  # CLM05-3
# What becomes of the version that a void takes back, by the state the void reaches.
VOIDS = {
    State.SENT: Trigger.VOID_SENT, State.PAPER_SENT: Trigger.VOID_SENT, State.CH_REJECTED: Trigger.VOID_REFUSED,
    State.PAYER_REJECTED: Trigger.VOID_REFUSED,
}  # fmt: skip


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
    settle_moved([(event.version_id, event.source, event.target) for event in events if event.moved])
    adjudicated = {event.version_id for event in events if event.moved and event.target == ADJUDICATED}
    ClaimVersion.objects.filter(pk__in=adjudicated).update(last_adjudicated=on)
    ClaimVersion.objects.filter(pk__in=adjudicated, first_adjudicated__isnull=True).update(first_adjudicated=on)
    closed = {event.version_id for event in events if event.moved and event.target == "CLOSED"}
    ClaimVersion.objects.filter(pk__in=closed).update(closed=on)
    _take_back_voided(events)
    _announce([event for event in events if event.moved and event.source != event.target])


def _announce(steps: Sequence[EventRow]) -> None:
    """Tell of each step of a claim's state, in order."""
    if not steps or not is_wanted(EventKind.CLAIM_STATE_CHANGED):
        return
    found = ClaimVersion.objects.filter(pk__in={step.version_id for step in steps})
    claims = {
        str(pk): (claim, practice) for pk, claim, practice in found.values_list("pk", "claim_id", "claim__practice_id")
    }
    announce(
        [
            Event(
                kind=EventKind.CLAIM_STATE_CHANGED, subject_type="claim", subject_id=str(claims[step.version_id][0]),
                practice_id=claims[step.version_id][1],
                says={"version_id": step.version_id, "from_state": step.source, "to_state": step.target},
            )
            for step in steps
            if step.version_id in claims
        ]
    )  # fmt: skip


def _take_back_voided(events: Sequence[EventRow]) -> None:
    """A void that went out puts the version it takes back on VOID_PENDING; one that was refused lets it stand again."""
    reached = {event.version_id: State(event.target) for event in events if event.moved and event.target in VOIDS}
    if not reached:
        return
    steps: list[EventRow] = []
    for void in ClaimVersion.objects.filter(pk__in=reached, frequency=VOID).order_by("control_number"):
        trigger = VOIDS[reached[str(void.pk)]]
        wanted = [State.ADJUDICATED, State.CLOSED] if trigger is Trigger.VOID_SENT else [State.VOID_PENDING]
        earlier = ClaimVersion.objects.filter(claim=void.claim_id, number__lt=void.number, state__in=wanted)
        original = earlier.order_by("-number").first()
        state = State(original.state) if original is not None else State.NONE
        for step in (Trigger.REOPEN, trigger) if state is State.CLOSED else (trigger,):
            outcome = apply(state, step)
            if original is not None and isinstance(outcome, Transition):
                steps.append(
                    EventRow(
                        version_id=str(original.pk), source=state.value, target=outcome.target.value, trigger=step.value,
                        note=f"void {void.control_number}",
                    )
                )  # fmt: skip
                state = outcome.target
    record_events(events=steps)


def _move(steps: Sequence[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE submissions_claimversion v SET state = s.state
               FROM unnest(%s::uuid[], %s::text[]) AS s(id, state) WHERE v.id = s.id""",
            [[version for version, _ in steps], [state for _, state in steps]],
        )
