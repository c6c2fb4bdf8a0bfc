"""What is known of encounters, as the pure rooms ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.coding import evaluation
from claimwright.coding.queries import ProviderQuery as QueryNoun
from claimwright.coding.reconciliation import ChargedLine, Documented, VisitRecord
from claimwright.coding.states import EncounterState
from claimwright.edits import records
from claimwright.web.charges.models import DocumentedService, Encounter, EncounterMove, ProviderQuery


def evaluation_of(encounter: Encounter) -> evaluation.Visit:
    """What is documented for the visit's level."""
    return msgspec.convert(encounter.evaluation or {}, evaluation.Visit)


def query_noun(row: ProviderQuery) -> QueryNoun:
    return msgspec.convert(row.content, QueryNoun)


def documented_by_encounter(encounters: Iterable[UUID]) -> dict[UUID, tuple[Documented, ...]]:
    """What each record says was done, by encounter, in one query."""
    found: dict[UUID, list[Documented]] = defaultdict(list)
    for row in DocumentedService.objects.filter(encounter_id__in=list(encounters)).order_by("kind", "code", "source"):
        found[row.encounter_id].append(
            Documented(
                kind=row.kind, code=row.code, units=row.units, source=row.source, evidence=row.evidence,
                resulted_on=row.resulted_on, billed_elsewhere=bool(row.billed_elsewhere),
            )
        )  # fmt: skip
    return {encounter: tuple(services) for encounter, services in found.items()}


def visit_records(encounters: Sequence[Encounter]) -> tuple[VisitRecord, ...]:
    """Encounters as the reconciliation finders take them: lines as charged, or as coded where none is charged yet."""
    documented = documented_by_encounter([encounter.pk for encounter in encounters])
    return tuple(
        VisitRecord(
            encounter=str(encounter.pk),
            state=EncounterState(encounter.state),
            date_of_service=encounter.date_from,
            arrived_at=encounter.arrived_at,
            note_signed_at=encounter.note_signed_at,
            note_signed_on=encounter.note_signed_on,
            documented=documented.get(encounter.pk, ()) if encounter.services_read else None,
            lines=tuple(
                ChargedLine(
                    line=line.control_number, code=line.procedure_code, modifiers=line.modifiers, units=line.units
                )
                for line in msgspec.convert(encounter.content or {}, EncounterNoun).lines
            ),
        )
        for encounter in encounters
    )


def open_queries_by_encounter(encounters: Iterable[UUID]) -> dict[UUID, int]:
    """How many provider queries wait, for the encounters that have any."""
    waiting: dict[UUID, int] = defaultdict(int)
    rows = ProviderQuery.objects.filter(encounter_id__in=list(encounters), state=ProviderQuery.State.OPEN)
    for encounter_id in rows.values_list("encounter_id", flat=True):
        waiting[encounter_id] += 1
    return dict(waiting)


def encounter_records(encounters: Sequence[Encounter]) -> dict[UUID, records.EncounterRecord]:
    """What is documented of each visit, as the edits ask for it, in two queries.

    A visit of which nothing was ever documented here is left out: its record is kept elsewhere, and nothing is said.
    """
    ids = [encounter.pk for encounter in encounters]
    documented = documented_by_encounter(ids)
    waiting = open_queries_by_encounter(ids)
    return {
        encounter.pk: _encounter_record(encounter, documented.get(encounter.pk, ()), waiting.get(encounter.pk, 0))
        for encounter in encounters
        if _has_record(encounter) or encounter.pk in waiting
    }


def _has_record(encounter: Encounter) -> bool:
    return bool(
        encounter.note_id
        or encounter.evaluation
        or encounter.services_read
        or encounter.documented_diagnoses is not None
        or encounter.accident_answered_on
    )


def _encounter_record(encounter: Encounter, documented: Sequence[Documented], waiting: int) -> records.EncounterRecord:
    visit = evaluation_of(encounter)
    on = encounter.date_from
    parts = {part.part: part.level for part in evaluation.parts_of(visit, on)} if on else {}
    words = {name: level.name.lower() if level else "" for name, level in parts.items()}
    diagnoses = encounter.documented_diagnoses
    return records.EncounterRecord(
        note_signed_on=encounter.note_signed_on,
        diagnoses=None if diagnoses is None else frozenset(diagnoses),
        services=tuple(
            records.DocumentedService(code=service.code, units=service.units, source=service.source)
            for service in documented
            if not service.billed_elsewhere
        )
        if encounter.services_read
        else None,
        problems=words.get("problems", ""),
        data=words.get("data", ""),
        risk=words.get("risk", ""),
        minutes=visit.minutes,
        open_queries=waiting,
        injury_answered=encounter.accident_answered_on is not None,
        supervised=bool((encounter.content or {}).get("supervising")),
    )


def moves_of(encounter: Encounter) -> tuple[EncounterMove, ...]:
    """The encounter's life so far, in order."""
    return tuple(encounter.moves.order_by("at", "pk"))
