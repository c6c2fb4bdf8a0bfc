"""What a message does, through the services that the screens use: patients, covers, visits, charges, proposals to merge.

All run in the caller's transaction. `Effect` tells what was done, what needs a person, and what stopped it.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from claimwright.billing.duplicates import Match
from claimwright.claims.appointments import Appointment, ScheduleProblem
from claimwright.claims.from_fhir.hearing import HeardBundle, hear_bundle
from claimwright.claims.from_fhir.interface import Interface as FhirInterface
from claimwright.claims.from_fhir.reading import Resource
from claimwright.claims.from_hl7.hearing import Heard, Visit, hear
from claimwright.claims.from_hl7.reading import Message
from claimwright.claims.nouns import Coverage, IntakeProblem
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.coding.states import EncounterEvent, NotAllowed
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.moves import move_encounter, record_moves
from claimwright.web.charges.visits import arrive, schedule_visit, waiting_visit
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import InboxFile
from claimwright.web.operations.intake import Taker, bill, list_problem, take_in_visits
from claimwright.web.operations.interface_maps import LATER, late_charges, maps_of, without_charged
from claimwright.web.operations.interface_models import Interface, InterfaceCharge, InterfaceMessage
from claimwright.web.operations.schedule import ScheduleTaker
from claimwright.web.patients.duplicates import note_pair
from claimwright.web.patients.models import Patient
from claimwright.web.patients.services import clear_fields, save_coverages, save_patient
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import payers_by_name, provider_nouns


class Effect(msgspec.Struct, kw_only=True):
    """`listed`: what blocks is on another worklist already."""

    says: str = ""
    patient: Patient | None = None
    problems: tuple[IntakeProblem, ...] = ()
    blocking: IntakeProblem | None = None
    listed: bool = False


def take_heard(message: InterfaceMessage, interface: Interface, read: Message) -> Effect:
    """One HL7 v2 message. Raises PatientConflict; nothing is changed then."""
    assert interface.practice is not None  # a sender without practice waits before this
    heard = hear(read, maps_of(interface))
    if heard.blocks is not None:
        return Effect(blocking=heard.blocks)
    if heard.appointment is not None:
        return _schedule(message, interface, interface.practice, heard)
    if heard.merged_number:
        return _propose_merge(interface.practice, heard)
    if heard.patient is None:
        return Effect(says="nothing to do")
    if heard.charge_ids or heard.encounter is not None or heard.header.kind == "DFT":
        return _charge(message, interface, interface.practice, heard)
    return _person(message, interface, interface.practice, heard)


# People --------------------------------------------------------------------------------------------------------------


def _person(message: InterfaceMessage, interface: Interface, practice: Practice, heard: Heard) -> Effect:
    assert heard.patient is not None
    open_problems = tuple(one for one in heard.problems if not one.blocks)
    patient = save_patient(practice=practice, patient=_unless_stale(message, practice, heard.patient))
    stale = _is_stale(message, patient)
    says = "older than what is known: nothing changed" if stale else "patient"
    if not stale:
        clear_fields(patient=patient, fields=heard.cleared)
        says += _save_covers(message.file, interface, patient, heard.coverages)
    if heard.arrival is not None:
        says += _arrive(message.file, interface, practice, patient, heard.arrival)
    if heard.cancelled_visit:
        problem = _cancel(interface, message, heard.cancelled_visit)
        open_problems += (problem,) if problem is not None else ()
    return Effect(says=says, patient=patient, problems=open_problems)


def _is_stale(message: InterfaceMessage, patient: Patient) -> bool:
    """Whether a later message about the patient was taken in before this one (MSH-7)."""
    if not message.stamp:
        return False
    later = InterfaceMessage.objects.filter(
        interface=message.interface, patient=patient, state=InterfaceMessage.State.DONE, kind__startswith="ADT",
        stamp__gt=message.stamp,
    )  # fmt: skip
    return later.exclude(pk=message.pk).exists()


def _unless_stale(message: InterfaceMessage, practice: Practice, came: PatientNoun) -> PatientNoun:
    """Of an older message only what tells who it is: it may not undo a newer one."""
    held = Patient.objects.filter(practice=practice, record_number=came.record_number.strip().upper()[:60]).first()
    if held is None or not _is_stale(message, held):
        return came
    known = msgspec.convert(held.content, PatientNoun)
    same = came.birth_date in (None, known.birth_date)
    return msgspec.structs.replace(known, record_number=came.record_number) if same else came


def _save_covers(file: InboxFile, interface: Interface, patient: Patient, coverages: Sequence[Coverage]) -> str:
    """The covers that stand in a message; a payer nobody set up is on the list of such payers."""
    saved = save_coverages(patient=patient, coverages=coverages, payers=payers_by_name())
    for coverage, row in saved:
        if row is None:
            problem = IntakeProblem(
                code="UNKNOWN_PAYER", place=file.name, message="A payer of a patient is not set up",
                fix="Set the payer up, or add the sender's id to this interface's payers, then replay",
                value=coverage.payer.payer_id or coverage.payer.name,
            )  # fmt: skip
            list_problem(file, problem, None, interface.name)
    kept = sum(row is not None for _, row in saved)
    return f", {kept} of {len(saved)} covers" if saved else ""


def _arrive(file: InboxFile, interface: Interface, practice: Practice, patient: Patient, visit: Visit) -> str:
    """The visit on the schedule is here; one that nobody scheduled is put there first."""
    zone = ZoneInfo(current_tenant().time_zone)
    starts_at = visit.starts_at or clock.now()
    starts_at = starts_at if starts_at.tzinfo is not None else starts_at.replace(tzinfo=zone)
    on = starts_at.astimezone(zone).date()
    known = Encounter.objects.filter(appointment_id=_visit_key(interface, visit.number)).first()
    if known is None and Encounter.objects.filter(interface=interface.name, patient=patient, date_from=on).exclude(
        source="schedule"
    ).exists():  # fmt: skip
        return ", visit charged already"
    row = known or waiting_visit(practice=practice, patient=patient, on=on, rendering_npi=visit.npi)
    if row is None:
        row = schedule_visit(
            practice=practice, patient=patient, appointment_id=f"visit {visit.number}", interface=interface.name,
            starts_at=starts_at, on=on, rendering_npi=visit.npi, location_code=visit.location,
            visit_type=visit.visit_type, file_id=file.pk,
        )  # fmt: skip
    if row.state in (Encounter.State.SCHEDULED, Encounter.State.NO_SHOW):
        arrive(encounter=row)
        return ", arrived"
    return ""


def _visit_key(interface: Interface, number: str) -> str:
    return f"{interface.name}|visit {number}"[:120]


def _cancel(interface: Interface, message: InterfaceMessage, number: str) -> IntakeProblem | None:
    """The visit was an error: off the schedule, or a person looks where it has gone further."""
    row = Encounter.objects.filter(appointment_id=_visit_key(interface, number)).first()
    if row is None or row.state == Encounter.State.CANCELLED:
        return None
    try:
        move_encounter(encounter=row, event=EncounterEvent.CANCEL, reason=f"by {message.kind} of {interface.name}")
    except NotAllowed:
        return IntakeProblem(
            code="VISIT_CANCELLED", place=f"{message.file.name} EVN-1", message=f"The sender took back a visit that is {row.state}",
            fix="Find out whether the patient was seen; mark the visit as not billable if not", blocks=False,
        )  # fmt: skip
    return None


def _propose_merge(practice: Practice, heard: Heard) -> Effect:
    """Two numbers of one person: a person compares the records and decides (merging is not undone by a message)."""
    assert heard.patient is not None
    numbers = [heard.patient.record_number.strip().upper()[:60], heard.merged_number.strip().upper()[:60]]
    rows = {row.record_number: row for row in Patient.objects.filter(practice=practice, record_number__in=numbers)}
    stays, ends = rows.get(numbers[0]), rows.get(numbers[1])
    if ends is None or numbers[0] == numbers[1]:
        return Effect(says="the record that ends is not known here: nothing to merge", patient=stays)
    if stays is None:
        stays = save_patient(practice=practice, patient=heard.patient)
    if ends.merged_into_id is not None:
        return Effect(says="merged already", patient=stays)
    made = note_pair(one=stays, other=ends, match=Match(points=100, exact=False, reasons=("sender_merged",)))
    return Effect(says="merge proposed" if made else "merge was proposed before", patient=stays)


# Visits and charges --------------------------------------------------------------------------------------------------


def _schedule(message: InterfaceMessage, interface: Interface, practice: Practice, heard: Heard) -> Effect:
    assert heard.appointment is not None
    taker = ScheduleTaker(message.file, practice, interface.name)
    patient = _put_on_schedule(taker, heard.appointment)
    says = "appointment"
    if patient is not None and not taker.report.problems:
        says += _save_covers(message.file, interface, patient, heard.coverages)
    return Effect(says=says, patient=patient, blocking=_of_schedule(taker, message.file.name), listed=True)


def _put_on_schedule(taker: ScheduleTaker, appointment: Appointment) -> Patient | None:
    taker.take(appointment)
    key = f"{taker.interface}|{appointment.appointment_id}"[:120]
    row = Encounter.objects.select_related("patient").filter(appointment_id=key).first()
    return row.patient if row is not None else None


def _of_schedule(taker: ScheduleTaker, place: str) -> IntakeProblem | None:
    if not taker.report.problems:
        return None
    return IntakeProblem(
        code="SCHEDULE_PROBLEM", place=place, message="The appointment could not be taken as it is",
        fix="See the worklist of schedule problems, then replay",
    )  # fmt: skip


def _charge(message: InterfaceMessage, interface: Interface, practice: Practice, heard: Heard) -> Effect:
    """Charges of one message: onto the schedule's visit, gathered with those before, or as a visit of their own."""
    assert heard.patient is not None
    open_problems = tuple(one for one in heard.problems if not one.blocks)
    if heard.encounter is None:
        return Effect(
            says="no charge", patient=save_patient(practice=practice, patient=heard.patient), problems=open_problems
        )
    noun = without_charged(heard.encounter, heard.charge_ids, interface.name)
    blocking = [one for one in heard.problems if one.blocks]
    if not noun.lines and not blocking:
        return Effect(says="each of its charges came before", problems=open_problems)
    before = _before(noun)
    ids = [one for one in heard.charge_ids if one]
    if before is not None and before.state == Encounter.State.CODED and interface.gather_days and not blocking:
        row, says = _gathered(before, noun), "charges added to the visit"
    else:
        if before is not None:
            noun = msgspec.structs.replace(noun, external_id=f"{noun.external_id[:180]}{LATER}{message.digest[:12]}")
            blocking = [msgspec.structs.replace(one, encounter=noun.external_id) for one in blocking]
            blocking.append(late_charges(noun.external_id, message.file.name))
        taker = Taker(message.file, practice, source="hl7", interface=interface.name)
        row = taker.take(noun, blocking)
        record_moves(moves=taker.moves)
        if not interface.gather_days:
            bill([row])
        says = "visit held" if row.state == Encounter.State.HELD else "visit charged"
    _keep_charges(interface, ids, row)
    return Effect(says=says, patient=row.patient, problems=open_problems)


def _before(noun: EncounterNoun) -> Encounter | None:
    return Encounter.objects.select_for_update().filter(external_id=noun.external_id[:200]).first()


def _gathered(row: Encounter, more: EncounterNoun) -> Encounter:
    """The visit that waits with the further lines, which point at its diagnoses and at those that are new."""
    noun = msgspec.convert(row.content, EncounterNoun)
    codes = [one.code for one in noun.diagnoses]
    fresh = [one for one in more.diagnoses if one.code not in codes][: 12 - len(codes)]
    diagnoses = (
        *noun.diagnoses,
        *(msgspec.structs.replace(one, qualifier="ABF" if codes else one.qualifier) for one in fresh),
    )
    at = {one.code: number for number, one in enumerate(diagnoses, 1)}
    lines = list(noun.lines)
    for line in more.lines:
        pointed = [at[more.diagnoses[number - 1].code] for number in line.diagnosis_pointers
                   if number <= len(more.diagnoses) and more.diagnoses[number - 1].code in at]  # fmt: skip
        lines.append(msgspec.structs.replace(line, number=len(lines) + 1, diagnosis_pointers=tuple(pointed)))
    row.content = msgspec.to_builtins(msgspec.structs.replace(noun, diagnoses=diagnoses, lines=tuple(lines)))
    row.save(update_fields=["content"])
    return row


def _keep_charges(interface: Interface, ids: Sequence[str], row: Encounter) -> None:
    InterfaceCharge.objects.bulk_create(
        [InterfaceCharge(interface=interface, charge_id=one[:199], encounter=row) for one in ids], ignore_conflicts=True
    )


def bill_gathered() -> int:
    """Bill visits whose charges have been waited for long enough; says how many claims."""
    made = 0
    for interface in Interface.objects.filter(gather_days__gt=0):
        waiting = Encounter.objects.select_for_update(of=("self",)).filter(
            interface=interface.name, source="hl7", state=Encounter.State.CODED
        )
        due = [row for row in waiting if (clock.today() - row.received_on).days >= interface.gather_days]
        made += bill(due) if due else 0
    return made


# FHIR ----------------------------------------------------------------------------------------------------------------


def take_bundle(message: InterfaceMessage, interface: Interface, read: Resource) -> Effect:
    """One FHIR bundle: people, then appointments, then visits and proposed charges. Raises PatientConflict."""
    practice = interface.practice
    assert practice is not None
    known = provider_nouns()
    reader = FhirInterface(
        code_map=maps_of(interface).code_map, system=interface.name, known=lambda sent: known.get(sent.npi),
        billing_npi=practice.npi, maps=maps_of(interface),
    )  # fmt: skip
    heard = hear_bundle(read, reader, on=clock.today(), name=message.file.name)
    if heard.says_nothing:
        return Effect(blocking=IntakeProblem(
            code="OTHER_MESSAGE", place=f"{message.file.name} Bundle.entry", message="The bundle holds nothing that is taken here",
            fix="Ask the sender for Patient, Coverage, Appointment, Encounter or Claim resources"))  # fmt: skip
    patient = None
    for person in heard.people:
        if not person.patient.last_name or person.patient.birth_date is None:
            return Effect(blocking=IntakeProblem(
                code="NO_PATIENT", place=f"{message.file.name} {person.place}", message="A name or date of birth is missing",
                fix="Ask the sender for name and birthDate"))  # fmt: skip
        patient = save_patient(practice=practice, patient=person.patient)
        _save_covers(message.file, interface, patient, person.coverages)
    taker = ScheduleTaker(message.file, practice, interface.name)
    for problem in heard.schedule.problems:
        if problem.blocks:
            taker.list_problem(
                ScheduleProblem(code=problem.code, place=problem.place, message=problem.message, fix=problem.fix)
            )
    for appointment in heard.schedule.appointments:
        patient = _put_on_schedule(taker, appointment) or patient
    says = _take_visits(message, interface, practice, heard)
    counts = f"{len(heard.people)} people, {taker.report.appointments} appointments{says}"
    return Effect(says=counts, patient=patient, problems=heard.problems)


def _take_visits(message: InterfaceMessage, interface: Interface, practice: Practice, heard: HeardBundle) -> str:
    """Visits once each. A charge item that has become a line of another visit, or version of one, holds this one."""
    visits = heard.visits
    if not visits.encounters and not visits.problems:
        return ""
    again: list[IntakeProblem] = []
    for external_id, ids in heard.charge_ids:
        taken = InterfaceCharge.objects.filter(interface=interface, charge_id__in=[one[:199] for one in ids])
        if taken.exclude(encounter__external_id=external_id[:200]).exists():
            again.append(late_charges(external_id, message.file.name))
    visits = msgspec.structs.replace(visits, problems=(*visits.problems, *again))
    report = take_in_visits(message.file, practice, visits, source="fhir", interface=interface.name)
    for external_id, ids in heard.charge_ids:
        row = Encounter.objects.filter(external_id=external_id[:200]).first()
        if row is not None:
            _keep_charges(interface, ids, row)
    return f", {report.encounters} visits ({report.held} held, {report.known} known)"
