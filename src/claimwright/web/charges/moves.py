"""Encounters step by step: each move is asked of `coding.states`, kept with its reason, and never made twice."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from claimwright.claims.basis import Noun
from claimwright.coding.states import EncounterEvent, EncounterState, after
from claimwright.web.charges.models import Encounter, EncounterMove, ProviderQuery
from claimwright.web.core import clock
from claimwright.web.core.services import actor


class Move(Noun, frozen=True):
    """A step that was made, to be kept. `source` "" is the beginning of an encounter."""

    encounter_id: UUID
    event: EncounterEvent
    source: str
    target: str
    reason: str = ""


def record_moves(*, moves: Iterable[Move]) -> None:
    """Keep the steps of many encounters in one statement."""
    at, by = clock.now(), actor()
    EncounterMove.objects.bulk_create(
        [
            EncounterMove(
                encounter_id=move.encounter_id, event=move.event.value, from_state=move.source, to_state=move.target,
                reason=move.reason, at=at, actor=by,
            )
            for move in moves
        ],
        batch_size=1000,
    )  # fmt: skip


def open_queries(encounter_id: object) -> int:
    """How many provider queries of the encounter wait for an answer."""
    return ProviderQuery.objects.filter(encounter_id=encounter_id, state=ProviderQuery.State.OPEN).count()


def move_encounter(*, encounter: Encounter, event: EncounterEvent, reason: str = "", save: bool = True) -> Encounter:
    """Make one step, by the state in the database: whoever comes second with the same step is told so.

    Raises coding.states.NotAllowed for a step out of turn, without its reason, or past an open query; nothing changes
    then. `encounter` is brought up to date; other fields of it that the caller changed are saved by the caller.
    """
    current = Encounter.objects.select_for_update().values_list("state", flat=True).get(pk=encounter.pk)
    target = after(EncounterState(current), event, reason=reason, open_queries=open_queries(encounter.pk))
    encounter.state = target.value
    encounter.reason = reason if target in (EncounterState.HELD, EncounterState.NON_BILLABLE, *_GONE) else ""
    if save:
        encounter.save(update_fields=["state", "reason"])
    record_moves(
        moves=[Move(encounter_id=encounter.pk, event=event, source=current, target=target.value, reason=reason)]
    )
    return encounter


_GONE = (EncounterState.CANCELLED, EncounterState.NO_SHOW)
