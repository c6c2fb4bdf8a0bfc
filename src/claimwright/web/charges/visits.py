"""A visit before its charges: scheduled, arrived, documented. What the record says is kept beside what is billed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from claimwright.claims.nouns import Diagnosis, Line
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.coding import evaluation
from claimwright.coding.queries import ProviderQuery as QueryNoun
from claimwright.coding.queries import allows_change
from claimwright.coding.reconciliation import Documented
from claimwright.coding.states import BEFORE_NOTE, EncounterEvent, EncounterState
from claimwright.web.charges.models import ChargeLine, DocumentedService, Encounter, ProviderQuery
from claimwright.web.charges.moves import Move, move_encounter, record_moves
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Practice

CAUSES = ("AA", "EM", "OA")  # CLM11: auto, employment, other accident
_WAITING = tuple(state.value for state in (*BEFORE_NOTE, EncounterState.NOTE_SIGNED, EncounterState.NO_SHOW))

# What an interface that brings the charges does not know, and the schedule or the record does.
_SCHEDULE_FIELDS = (
    *("id", "appointment_id", "schedule_stamp", "scheduled_at", "scheduled_minutes", "visit_type", "location_code"),
    *("rendering_npi", "arrived_at", "note_id", "note_signed_at", "note_signed_on", "evaluation", "services_read"),
    *("documented_diagnoses", "accident_answered_on", "accident_answered_by", "statement_hold"),
)


class VisitRefused(ValueError):
    """What was entered for a visit cannot be so; the message names the field and the fix."""


def schedule_visit(
    *, practice: Practice, patient: Patient, appointment_id: str, interface: str, starts_at: datetime, on: date,
    minutes: int | None = None, rendering_npi: str = "", location_code: str = "", visit_type: str = "",
    stamp: str = "", file_id: object = None,
) -> Encounter:  # fmt: skip
    """A SCHEDULED encounter for an appointment, or the one that is there brought up to date.

    One that already has charges, or whose note is signed, keeps its date; the schedule no longer rules it.
    """
    key = f"{interface}|{appointment_id}"[:120]
    row = Encounter.objects.select_for_update().filter(appointment_id=key).first()
    details = {
        "scheduled_at": starts_at, "scheduled_minutes": minutes, "rendering_npi": rendering_npi,
        "location_code": location_code[:40], "visit_type": visit_type[:80], "schedule_stamp": stamp[:40],
    }  # fmt: skip
    if row is None:
        row = Encounter(
            practice=practice, patient=patient, external_id=f"appointment|{key}"[:200], source="schedule",
            interface=interface[:40], appointment_id=key, state=Encounter.State.SCHEDULED, received_on=clock.today(),
            date_from=on, date_to=on, file_id=file_id, **details,
        )  # fmt: skip
        row.save(force_insert=True)
        record_moves(moves=[Move(encounter_id=row.pk, event=EncounterEvent.RESCHEDULE, source="", target=row.state)])
        return row
    if row.state in (Encounter.State.SCHEDULED, Encounter.State.NO_SHOW, Encounter.State.CANCELLED):
        moved = row.state != Encounter.State.SCHEDULED or row.scheduled_at != starts_at
        row.patient, row.practice, row.date_from, row.date_to = patient, practice, on, on
        for field, value in details.items():
            setattr(row, field, value)
        row.save()
        if moved:
            move_encounter(encounter=row, event=EncounterEvent.RESCHEDULE)
    return row


def arrive(*, encounter: Encounter, at: datetime | None = None) -> Encounter:
    """The patient is here. `at` is the moment in UTC, now when not given."""
    encounter.arrived_at = at or clock.now()
    move_encounter(encounter=encounter, event=EncounterEvent.ARRIVE)
    encounter.save(update_fields=["arrived_at"])
    return encounter


def open_note(*, encounter: Encounter, note_id: str) -> Encounter:
    """The provider began the note. Raises VisitRefused without a note id."""
    if not note_id.strip():
        raise VisitRefused("note_id: name the note by the id of the system it is written in")
    move_encounter(encounter=encounter, event=EncounterEvent.OPEN_NOTE)
    encounter.note_id = note_id.strip()[:80]
    encounter.save(update_fields=["note_id"])
    return encounter


def sign_note(
    *, encounter: Encounter, note_id: str = "", at: datetime | None = None, on: date | None = None
) -> Encounter:
    """The provider signed. `on` is the practice's calendar day of `at`; today when neither is given."""
    if at is not None and on is None:
        raise VisitRefused("on: give the practice's calendar day of the signature beside its moment")
    note = note_id.strip() or encounter.note_id
    if not note:
        raise VisitRefused("note_id: name the note by the id of the system it is written in")
    move_encounter(encounter=encounter, event=EncounterEvent.SIGN_NOTE)
    encounter.note_id = note[:80]
    encounter.note_signed_at, encounter.note_signed_on = at or clock.now(), on or clock.today()
    encounter.save(update_fields=["note_id", "note_signed_at", "note_signed_on"])
    record_audit(action="note.sign", subject_type="encounter", subject_id=encounter.pk, detail=encounter.note_id)
    return encounter


def reopen_note(*, encounter: Encounter, reason: str) -> Encounter:
    """An addendum is to be written: the signature no longer stands until it is signed again."""
    move_encounter(encounter=encounter, event=EncounterEvent.REOPEN_NOTE, reason=reason)
    encounter.note_signed_at = encounter.note_signed_on = None
    encounter.save(update_fields=["note_signed_at", "note_signed_on"])
    record_audit(action="note.reopen", subject_type="encounter", subject_id=encounter.pk)
    return encounter


def document_services(*, encounter: Encounter, services: Iterable[Documented]) -> int:
    """What the record says was done, instead of what was known before; says how many. None at all is an answer too.

    Raises VisitRefused for a service without code, source, or units above zero; nothing changes then.
    """
    rows = []
    for service in services:
        if service.kind not in ("procedure", "drug", "lab", "visit"):
            raise VisitRefused("kind: procedure, drug, lab or visit")
        if not service.code or not service.source or service.units <= 0:
            raise VisitRefused("services: each needs its code, where the record says it, and units above zero")
        rows.append(
            DocumentedService(
                encounter=encounter, kind=service.kind, code=service.code[:11], units=service.units,
                source=service.source[:120], evidence=service.evidence, resulted_on=service.resulted_on,
                billed_elsewhere="billed elsewhere" if service.billed_elsewhere else "",
            )
        )  # fmt: skip
    DocumentedService.objects.filter(encounter=encounter).delete()
    DocumentedService.objects.bulk_create(rows)
    encounter.services_read = True
    encounter.save(update_fields=["services_read"])
    return len(rows)


def document_evaluation(*, encounter: Encounter, visit: evaluation.Visit) -> evaluation.Level | None:
    """What is documented for the visit's level; answers with the level it supports, None without a date of service."""
    if visit.minutes is not None and not 0 <= visit.minutes <= 24 * 60:
        raise VisitRefused("minutes: a day has 0 to 1440")
    encounter.evaluation = msgspec.to_builtins(visit)
    encounter.save(update_fields=["evaluation"])
    return evaluation.level(visit, encounter.date_from) if encounter.date_from else None


def document_diagnoses(*, encounter: Encounter, codes: Sequence[str]) -> None:
    """The codes that the signed note supports, as somebody read them; without dot, upper case, each once."""
    encounter.documented_diagnoses = list(
        dict.fromkeys(code.replace(".", "").strip().upper() for code in codes if code)
    )
    encounter.save(update_fields=["documented_diagnoses"])


def answer_accident(
    *, encounter: Encounter, causes: Sequence[str] = (), state: str = "", on: date | None = None
) -> Encounter:
    """The accident questions as the patient answered them; no cause means no accident.

    Raises VisitRefused for a cause without its date, an auto accident without its state, or a date after the visit.
    """
    unknown = [cause for cause in causes if cause not in CAUSES]
    if unknown:
        raise VisitRefused("causes: AA for auto, EM for work, OA for another accident")
    if causes and on is None:
        raise VisitRefused("on: an accident needs its date")
    if on is not None and encounter.date_from is not None and on > encounter.date_from:
        raise VisitRefused("on: the accident cannot be after the visit")
    if "AA" in causes and len(state) != 2:
        raise VisitRefused("state: an auto accident needs the two letters of its state")
    if ChargeLine.objects.filter(encounter=encounter).exists() and encounter.state == Encounter.State.CLAIMED:
        raise VisitRefused("encounter: its claim is made; correct the claim instead")
    noun = msgspec.convert(encounter.content, EncounterNoun)
    noun = msgspec.structs.replace(
        noun, causes=tuple(causes), accident_state=state.upper() if causes else "", accident_date=on if causes else None
    )
    encounter.content = msgspec.to_builtins(noun)
    encounter.accident_answered_on, encounter.accident_answered_by = clock.today(), actor()
    encounter.save(update_fields=["content", "accident_answered_on", "accident_answered_by"])
    return encounter


def waiting_visit(*, practice: Practice, patient: Patient, on: date, rendering_npi: str) -> Encounter | None:
    """The scheduled or seen visit whose charges an interface now brings: the same patient, day and provider.

    One without a known provider fits any. Of several none is taken: which one is meant is not guessed.
    """
    found = [
        row
        for row in Encounter.objects.select_for_update().filter(
            practice=practice, patient=patient, date_from=on, state__in=_WAITING
        )
        if not (row.rendering_npi and rendering_npi) or row.rendering_npi == rendering_npi
    ]
    exact = [row for row in found if row.rendering_npi == rendering_npi and rendering_npi]
    chosen = exact or found
    return chosen[0] if len(chosen) == 1 else None


def take_over(waiting: Encounter, row: Encounter) -> None:
    """Make `row`, with the charges an interface brought, the waiting visit itself: what is known of it stays.

    The accident answers of the front desk stay where the interface says nothing of an accident. Nothing is saved.
    """
    for name in _SCHEDULE_FIELDS:
        setattr(row, name, getattr(waiting, name))
    if waiting.accident_answered_on is not None:
        known = msgspec.convert(waiting.content or {}, EncounterNoun)
        came = msgspec.convert(row.content, EncounterNoun)
        if known.causes and not came.causes:
            came = msgspec.structs.replace(
                came, causes=known.causes, accident_state=known.accident_state, accident_date=known.accident_date
            )
            row.content = msgspec.to_builtins(came)


def code_visit(
    *,
    encounter: Encounter,
    diagnoses: Sequence[Diagnosis],
    lines: Sequence[Line],
    because_of: ProviderQuery | None = None,
    reason: str = "",
    finished: bool = False,
) -> Encounter:
    """What a coder chose, with its lines numbered in order; `finished` makes the visit CODED.

    Coding begins with it where the note is signed. Once a visit was coded, a change needs the answered query it rests
    on, or a reason. Raises VisitRefused and coding.states.NotAllowed; nothing changes then.
    """
    if encounter.state == Encounter.State.NOTE_SIGNED:
        move_encounter(encounter=encounter, event=EncounterEvent.START_CODING)
    if encounter.state not in (Encounter.State.CODING, Encounter.State.HELD):
        raise VisitRefused(f"state: a visit that is {encounter.state} is not open for coding; reopen its coding first")
    if because_of is not None and not allows_change(msgspec.convert(because_of.content, QueryNoun)):
        raise VisitRefused("because_of: the query is not answered, or could not be determined: no code rests on it")
    coded_before = encounter.moves.filter(to_state=Encounter.State.CODED).exists()
    if coded_before and because_of is None and not reason.strip():
        raise VisitRefused("reason: the visit was coded before; name the answered query or say why it changes")
    noun = msgspec.convert(encounter.content or {}, EncounterNoun)
    numbered = tuple(msgspec.structs.replace(line, number=number) for number, line in enumerate(lines, 1))
    noun = msgspec.structs.replace(noun, diagnoses=tuple(diagnoses), lines=numbered)
    encounter.content = msgspec.to_builtins(noun)
    encounter.save(update_fields=["content"])
    detail = f"query {because_of.pk}" if because_of is not None else reason
    record_audit(action="encounter.code", subject_type="encounter", subject_id=encounter.pk, detail=detail)
    if finished:
        move_encounter(encounter=encounter, event=EncounterEvent.FINISH_CODING)
    return encounter
