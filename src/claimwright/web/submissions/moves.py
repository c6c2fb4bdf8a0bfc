"""Steps of claim versions along the lifecycle: `billing.lifecycle` decides, rows and events are written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from claimwright.billing.lifecycle import Outcome, Refused, State, Transition, Trigger, apply
from claimwright.web.core import clock
from claimwright.web.core.writing import write_rows
from claimwright.web.exchange.models import InboxPart
from claimwright.web.submissions.events import EventRow, record_events
from claimwright.web.submissions.models import ClaimVersion


class StepRefused(ValueError):
    """The lifecycle has no such step; the text says which."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One trigger for one version."""

    version: ClaimVersion
    trigger: Trigger
    segment: int = 0
    note: str = ""


# When a version reached a state, by the column that keeps it.
DAY_OF_STATE = {
    State.FILE_ACCEPTED: "file_acknowledged",
    State.FILE_REJECTED: "file_acknowledged",
    State.CH_ACCEPTED: "clearinghouse_acknowledged",
    State.CH_REJECTED: "clearinghouse_acknowledged",
    State.PAYER_ACCEPTED: "payer_acknowledged",
    State.PAYER_REJECTED: "payer_acknowledged",
    State.SENT: "last_sent",
    State.PAPER_SENT: "last_sent",
}
REJECTED = (State.FILE_REJECTED, State.CH_REJECTED, State.PAYER_REJECTED)


def move(
    *, version: ClaimVersion, trigger: Trigger, evidence: InboxPart | None = None, segment: int = 0, note: str = ""
) -> Outcome:
    """One step of one version. Raises StepRefused where the lifecycle has none; a late one is only recorded."""
    see_as_it_is(version)
    outcome = move_all(moves=[Move(version=version, trigger=trigger, segment=segment, note=note)], evidence=evidence)[0]
    if isinstance(outcome, Refused):
        raise StepRefused(outcome.why)
    return outcome


def see_as_it_is(version: ClaimVersion) -> None:
    """Lock the version and see its state of now: since it was loaded it may have gone out, or been answered."""
    version.refresh_from_db(fields=["state", "held_from"], from_queryset=ClaimVersion.objects.select_for_update())


def move_all(*, moves: Sequence[Move], evidence: InboxPart | None = None) -> list[Outcome]:
    """Many steps in order, those of one version one after the other. A refused one changes nothing and is answered."""
    outcomes: list[Outcome] = []
    events: list[EventRow] = []
    changed: dict[UUID, tuple[ClaimVersion, set[str]]] = {}
    for step in moves:
        version = step.version
        previous = State(version.held_from) if version.held_from else None
        outcome = apply(State(version.state), step.trigger, previous=previous)
        outcomes.append(outcome)
        if isinstance(outcome, Refused) or (isinstance(outcome, Transition) and outcome.new_version):
            continue
        moved = isinstance(outcome, Transition)
        target = outcome.target if isinstance(outcome, Transition) else State(version.state)
        events.append(
            EventRow(
                version_id=str(version.pk), source=version.state, target=target.value, trigger=step.trigger.value,
                moved=moved, segment=step.segment, note=step.note,
            )
        )  # fmt: skip
        if moved:
            fields = changed.setdefault(version.pk, (version, set()))[1]
            fields |= _reach(version, target)
    record_events(events=events, evidence=evidence)
    by_fields: dict[frozenset[str], list[ClaimVersion]] = defaultdict(list)
    for version, names in changed.values():
        if names:
            by_fields[frozenset(names)].append(version)
    for names, versions in by_fields.items():
        write_rows(versions, sorted(names))
    return outcomes


def _reach(version: ClaimVersion, target: State) -> set[str]:
    """Note on the version what being in `target` says of it; the names of the changed columns, without the state."""
    on, fields = clock.today(), set()
    column = DAY_OF_STATE.get(target)
    if column is not None and (column == "last_sent" or getattr(version, column) is None):
        setattr(version, column, on)
        fields.add(column)
    if column == "last_sent" and version.first_sent is None:
        version.first_sent = on
        fields.add("first_sent")
    if target is State.ON_HOLD:
        version.held_from = version.state
        fields.add("held_from")
    elif version.held_from:
        version.held_from, version.hold_until = "", None
        fields |= {"held_from", "hold_until"}
    if target is State.EDIT_HOLD and not version.edit_held:
        version.edit_held = True
        fields.add("edit_held")
    if target in REJECTED and not version.rejected:
        version.rejected = True
        fields.add("rejected")
    version.state = target.value
    return fields
