"""Visits that a person enters: made or changed with all their lines in one step, while no charge of them is locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from django.db import transaction
from django.db.models import Q

from claimwright.billing.charge_entry import EnteredVisit
from claimwright.claims.nouns import Coverage, Line
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.coding import evaluation
from claimwright.coding.states import BEFORE_NOTE, CHARGED, EncounterEvent, EncounterState
from claimwright.web.charges.models import ChargeLine, Encounter, ProviderQuery
from claimwright.web.charges.moves import Move, move_encounter, record_moves
from claimwright.web.charges.selectors import evaluation_of
from claimwright.web.charges.visits import VisitRefused, code_visit, document_evaluation, waiting_visit
from claimwright.web.core import clock
from claimwright.web.core.locks import one_at_a_time
from claimwright.web.core.services import record_audit
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Location, Provider
from claimwright.web.practice.selectors import payer_noun

UNPLACED = "U"  # a coverage whose place in the order nobody confirmed
_PLACES = "PSTABCDEFGH"
_OPEN = tuple(
    state.value for state in (*BEFORE_NOTE, EncounterState.NOTE_SIGNED, EncounterState.CODING, EncounterState.HELD)
) + (EncounterState.CODED.value, EncounterState.NO_SHOW.value)
_GONE = (Encounter.State.CANCELLED, Encounter.State.NO_SHOW, Encounter.State.NON_BILLABLE)
_OWN = ("date_from", "date_to", "place_of_service", "prior_authorization", "referral", "causes", "accident_state",
        "accident_date", "onset_date", "admission_date", "discharge_date", "note", "kind", "dental", "condition_codes")  # fmt: skip

# Fields of a line that the form shows; its last day follows its first one.
_SHOWN = ("modifiers", "charge", "unit_basis", "units", "diagnosis_pointers", "date_from", "drug", "note",
          "procedure_qualifier", "revenue_code", "non_covered_amount", "dental")  # fmt: skip


def may_be_entered(encounter: Encounter) -> bool:
    """Whether its charges can still be entered or changed."""
    return encounter.state in _OPEN


def coverages_for(patient: Patient, on: date) -> tuple[Coverage, ...]:
    """The patient's coverages in force on the day, in payment order. Those without a place are left out."""
    rows = (
        PatientCoverage.objects.filter(Q(start__isnull=True) | Q(start__lte=on), Q(end__isnull=True) | Q(end__gt=on))
        .filter(patient=patient)
        .exclude(sequence=UNPLACED)
        .select_related("payer")
        .order_by("pk")
    )
    nouns = [
        msgspec.structs.replace(
            msgspec.convert(row.content, Coverage), sequence=row.sequence, member_id=row.member_id, start=row.start,
            end=row.end, payer=payer_noun(row.payer),
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(nouns, key=lambda noun: _PLACES.find(noun.sequence)))


def other_visits(
    *, patient: Patient, on: date, rendering_npi: str, but: Encounter | None = None
) -> Sequence[Encounter]:
    """Visits of the same patient, day and provider that have charges: entering them again would bill twice."""
    rows = Encounter.objects.filter(patient=patient, date_from=on).exclude(state__in=_GONE)
    rows = rows.exclude(pk=but.pk) if but is not None else rows
    found = []
    for row in rows.order_by("received_on", "pk"):
        noun = msgspec.convert(row.content or {}, EncounterNoun)
        npi = noun.rendering.npi if noun.rendering else row.rendering_npi
        if noun.lines and (not npi or npi == rendering_npi):
            found.append(row)
    return found


def entered_visit(encounter: Encounter) -> EnteredVisit:
    """The visit as it stands, as it would be typed."""
    noun = msgspec.convert(encounter.content or {}, EncounterNoun)
    level = evaluation_of(encounter)
    own = {field: getattr(noun, field) for field in _OWN}
    if noun.date_from is None:
        own |= {"date_from": encounter.date_from, "date_to": encounter.date_to}
    return EnteredVisit(
        **own, rendering_npi=noun.rendering.npi if noun.rendering else encounter.rendering_npi,
        referring_npi=noun.referring.npi if noun.referring else "", diagnoses=noun.diagnoses, lines=noun.lines,
        level=level if level != evaluation.Visit() else None, institutional=noun.institutional,
        operating_npi=noun.institutional.operating.npi if noun.institutional and noun.institutional.operating else "",
    )  # fmt: skip


@transaction.atomic
def save_visit(
    *, patient: Patient, visit: EnteredVisit, location: Location | None, finished: bool, key: str, reason: str = "",
    self_pay: bool = False, encounter: Encounter | None = None, because_of: ProviderQuery | None = None,
) -> Encounter:  # fmt: skip
    """The visit with all that was entered: CODED when `finished`, else CODING.

    A new one takes the place of the visit on the schedule that it belongs to. `key` is one entry's own: the same again
    gives the visit it made. A change after it was coded needs a reason, or the answered query it rests on. `visit` has
    passed `read_visit`. Raises VisitRefused and coding.states.NotAllowed; nothing changes then.
    """
    if visit.date_from is None:
        raise VisitRefused("date_from: a visit has a date of service")
    external = f"manual|{key}"
    if encounter is None:
        one_at_a_time(f"visit:{key}")
        known = Encounter.objects.filter(external_id=external).first()
        if known is not None:
            if (known.patient_id, known.date_from) != (patient.pk, visit.date_from):
                raise VisitRefused("key: this entry made another visit; open that one, or begin a new entry")
            return known
        encounter = waiting_visit(
            practice=patient.practice, patient=patient, on=visit.date_from, rendering_npi=visit.rendering_npi
        )
        if encounter is None:
            encounter = _new(patient, external, finished)
        else:  # the visit of the schedule is this entry's from now on: a second press finds it
            encounter.external_id = external
            encounter.save(update_fields=["external_id"])
    else:
        encounter = Encounter.objects.select_for_update().get(pk=encounter.pk)
    if encounter.state in CHARGED or ChargeLine.objects.filter(encounter=encounter).exists():
        raise VisitRefused("charges: they are locked; what the claim says is corrected on the claim")
    visit = _keep_unseen(visit, msgspec.convert(encounter.content or {}, EncounterNoun).lines)
    _write_header(encounter, patient, visit, location, self_pay)
    _advance(encounter, visit, finished, reason, because_of)
    if visit.level is not None:
        document_evaluation(encounter=encounter, visit=visit.level)
    record_audit(action="encounter.enter", subject_type="encounter", subject_id=encounter.pk, detail=encounter.state)
    return encounter


def _new(patient: Patient, external: str, finished: bool) -> Encounter:
    """A visit that nobody scheduled. It begins in coding: what is entered next may finish it."""
    row = Encounter(
        practice=patient.practice, patient=patient, external_id=external, source="manual", interface="",
        state=Encounter.State.CODING, received_on=clock.today(),
    )  # fmt: skip
    row.save(force_insert=True)
    event = EncounterEvent.RECEIVE if finished else EncounterEvent.START_CODING
    record_moves(moves=[Move(encounter_id=row.pk, event=event, source="", target=row.state)])
    return row


def _keep_unseen(visit: EnteredVisit, held: Sequence[Line]) -> EnteredVisit:
    """What an interface said of a line and the form does not show stays with the line while its code is the same."""
    before = {line.number: line for line in held}
    return msgspec.structs.replace(
        visit,
        lines=tuple(
            _with_unseen(line, old)
            if (old := before.get(line.number)) and old.procedure_code == line.procedure_code
            else line
            for line in visit.lines
        ),
    )


def _with_unseen(line: Line, old: Line) -> Line:
    changes = {name: getattr(line, name) for name in _SHOWN}
    if line.date_from != old.date_from:
        changes["date_to"] = line.date_to
    if old.unit_basis == "DA" and line.unit_basis == "UN":
        changes["unit_basis"] = "DA"
    if line.drug is not None and old.drug is not None and line.drug.ndc == old.drug.ndc:
        changes["drug"] = msgspec.structs.replace(old.drug, quantity=line.drug.quantity, unit=line.drug.unit)
    return msgspec.structs.replace(old, **changes)


def _write_header(
    encounter: Encounter, patient: Patient, visit: EnteredVisit, location: Location | None, self_pay: bool
) -> None:
    noun = msgspec.convert(encounter.content or {}, EncounterNoun)
    rendering, referring = _provider(visit.rendering_npi), _provider(visit.referring_npi)
    facility = noun.facility
    if location is not None:
        facility = msgspec.convert(location.content, ProviderNoun) if location.content else None
    stay = visit.institutional
    if stay is not None:
        stay = msgspec.structs.replace(stay, attending=rendering, operating=_provider(visit.operating_npi))
    noun = msgspec.structs.replace(
        noun,
        institutional=stay,
        external_id=noun.external_id or encounter.external_id,
        source=noun.source or encounter.source,
        patient=msgspec.convert(patient.content, PatientNoun),
        coverages=() if self_pay or visit.date_from is None else coverages_for(patient, visit.date_from),
        billing_npi=patient.practice.npi,
        location=location.code if location is not None else noun.location,
        rendering=rendering,
        referring=referring,
        facility=facility,
        **{field: getattr(visit, field) for field in _OWN},
    )
    encounter.patient, encounter.practice = patient, patient.practice
    encounter.content = msgspec.to_builtins(noun)
    encounter.date_from, encounter.date_to = visit.date_from, visit.date_to
    encounter.rendering_npi = visit.rendering_npi
    encounter.location_code = noun.location[:40]
    encounter.save(
        update_fields=[
            "patient", "practice", "content", "date_from", "date_to", "rendering_npi", "location_code",
        ]
    )  # fmt: skip


def _provider(npi: str) -> ProviderNoun | None:
    row = Provider.objects.filter(npi=npi).first() if npi else None
    return msgspec.convert(row.content, ProviderNoun) if row is not None else None


def _advance(
    encounter: Encounter, visit: EnteredVisit, finished: bool, reason: str, because_of: ProviderQuery | None
) -> None:
    """Diagnoses and lines by the way the state allows: coded by a coder, or brought to a visit that has only been seen."""
    if encounter.state in (*BEFORE_NOTE, EncounterState.NO_SHOW):
        if not finished:
            raise VisitRefused("state: the visit's note is not signed; enter its charges whole, or sign the note first")
        _write_lines(encounter, visit)
        move_encounter(encounter=encounter, event=EncounterEvent.RECEIVE)
        return
    if encounter.state == EncounterState.CODED:
        why = reason or ("the provider answered" if because_of is not None else "")
        move_encounter(encounter=encounter, event=EncounterEvent.REOPEN_CODING, reason=why)
    code_visit(
        encounter=encounter, diagnoses=visit.diagnoses, lines=visit.lines, because_of=because_of, reason=reason,
        finished=finished,
    )  # fmt: skip


def _write_lines(encounter: Encounter, visit: EnteredVisit) -> None:
    noun = msgspec.convert(encounter.content, EncounterNoun)
    encounter.content = msgspec.to_builtins(msgspec.structs.replace(noun, diagnoses=visit.diagnoses, lines=visit.lines))
    encounter.save(update_fields=["content"])
