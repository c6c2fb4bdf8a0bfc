"""Schedules in: HL7 SIU, FHIR Appointment and CSV to encounters that wait for their patients.

All run in the caller's tenant scope and transaction. The same message again changes nothing, an older one does not undo
a newer; a message or row that cannot be used is on a worklist with file, row and reason, and the others are taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from claimwright.claims.appointments import ARRIVED, CANCELLED, NO_SHOW, Appointment, ScheduleProblem, ScheduleRead
from claimwright.claims.from_csv.schedule import read_schedule
from claimwright.claims.from_fhir.appointments import read_appointments
from claimwright.claims.from_fhir.reading import BundleRefused, parse_bundle
from claimwright.claims.from_hl7.schedule import read_siu
from claimwright.claims.schedule_files import CSV, HL7, KINDS
from claimwright.coding.states import EncounterEvent, NotAllowed
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.moves import move_encounter
from claimwright.web.charges.visits import arrive, schedule_visit
from claimwright.web.core import clock
from claimwright.web.core.services import raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import InboxFile, InboxPart
from claimwright.web.exchange.services import quarantine_file
from claimwright.web.patients.services import PatientConflict, save_patient
from claimwright.web.practice.models import Practice, Provider
from claimwright.web.practice.selectors import policies_of


class ScheduleReport(msgspec.Struct):
    """What one file of a schedule did. `stale` came after something newer was known, `unchanged` said nothing new."""

    scheduled: int = 0
    changed: int = 0
    cancelled: int = 0
    arrived: int = 0
    no_shows: int = 0
    unchanged: int = 0
    stale: int = 0
    problems: int = 0
    refused: bool = False
    known: bool = False  # the same bytes were taken in before, and nothing was done

    @property
    def appointments(self) -> int:
        """How many of them it changed anything about."""
        return self.scheduled + self.changed + self.cancelled + self.arrived + self.no_shows


def take_in_schedule(*, file: InboxFile, practice: Practice, kind: str, interface: str = "") -> ScheduleReport:
    """One file of a schedule of `practice`. `kind` is hl7, fhir or csv; `interface` names the sending system.

    Appointment ids are the interface's own: two systems may use the same. Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"a schedule comes as one of {', '.join(KINDS)}")
    InboxFile.objects.select_for_update().get(pk=file.pk)
    part, _ = InboxPart.objects.get_or_create(
        file=file, ordinal=1, defaults={"kind": "SIU" if kind == HL7 else kind.upper(), "byte_start": 0,
                                        "byte_end": file.size}
    )  # fmt: skip
    if part.fate != InboxPart.Fate.PENDING:
        return ScheduleReport(known=True)
    file.kind = kind
    file.save(update_fields=["kind"])
    resolve_work_items(keys=[_no_practice(file)], resolution=f"taken in for practice {practice.npi}")
    read = _read(bytes(file.content), file.name, kind)
    if not read.appointments and any(problem.blocks for problem in read.problems):
        return _refuse(file, part, read)
    taker = ScheduleTaker(file, practice, interface or kind)
    for problem in read.problems:
        if problem.blocks:
            taker.list_problem(problem)
    for appointment in read.appointments:
        taker.take(appointment)
    part.fate, part.decided_at = InboxPart.Fate.TAKEN_IN, clock.now()
    part.reason = f"{len(read.appointments)} appointments, {taker.report.problems} problems"
    part.save(update_fields=["fate", "decided_at", "reason"])
    InboxFile.objects.filter(pk=file.pk, state=InboxFile.State.RECEIVED).update(state=InboxFile.State.DONE)
    record_audit(action="schedule.intake", subject_type="inbox_file", subject_id=file.pk, detail=part.reason)
    return taker.report


def take_in_received(*, file: InboxFile, kind: str) -> ScheduleReport | None:
    """A schedule that came over a connection, whose name is that of the interface. None where it waits for a person,
    with an item that says why: there are several practices and none of them says that it is its own."""
    practice = _practice_of(file)
    if practice is None:
        raise_work_item(
            worklist=Worklist.SCHEDULE_PROBLEMS, key=_no_practice(file), reason_code="UNKNOWN_PRACTICE",
            reason=f"No practice says that the schedule of {file.source} is its own",
            what_to_do=f"Name {file.source} in the schedule_sources of a practice's policies, then receive again",
            subject_type="inbox_file", subject_id=file.pk, file_id=file.pk, file_name=file.name,
        )  # fmt: skip
        return None
    return take_in_schedule(file=file, practice=practice, kind=kind, interface=file.source)


def _practice_of(file: InboxFile) -> Practice | None:
    practices = list(Practice.objects.order_by("npi"))
    if len(practices) > 1:
        practices = [one for one in practices if file.source in policies_of(one).schedule_sources]
    return practices[0] if len(practices) == 1 else None


def _no_practice(file: InboxFile) -> str:
    return f"schedule:{file.pk}:practice"


def _read(content: bytes, name: str, kind: str) -> ScheduleRead:
    if kind == HL7:
        return read_siu(content, name=name)
    if kind == CSV:
        return read_schedule(content, name=name)
    try:
        return read_appointments(parse_bundle(content, name), name=name)
    except BundleRefused as refusal:
        found = refusal.problem
        problem = ScheduleProblem(code=found.code, place=found.place, message=found.message, fix=found.fix)
        return ScheduleRead(problems=(problem,))


def _refuse(file: InboxFile, part: InboxPart, read: ScheduleRead) -> ScheduleReport:
    """Nothing of it can be used: the file is quarantined with its first problem, the others are listed."""
    blocking = [problem for problem in read.problems if problem.blocks]
    first = blocking[0]
    part.fate, part.decided_at, part.reason = InboxPart.Fate.QUARANTINED, clock.now(), first.message
    part.save(update_fields=["fate", "decided_at", "reason"])
    quarantine_file(
        file=file, reason_code=first.code, reason=f"{first.place}: {first.message}".strip(": "), what_to_do=first.fix
    )
    for problem in blocking[1:]:
        _list(file, problem, None)
    return ScheduleReport(problems=len(blocking), refused=True)


def _list(file: InboxFile, problem: ScheduleProblem, practice: Practice | None, row: Encounter | None = None) -> None:
    raise_work_item(
        worklist=Worklist.SCHEDULE_PROBLEMS, key=f"schedule:{file.pk}:{problem.code}:{problem.place}",
        reason_code=problem.code, reason=f"{problem.place}: {problem.message}".strip(": "), what_to_do=problem.fix,
        file_id=file.pk, file_name=file.name, practice_id=practice.pk if practice else None,
        subject_type="encounter" if row else "inbox_file", subject_id=row.pk if row else file.pk,
    )  # fmt: skip


class ScheduleTaker:
    """Takes the appointments of one file, in the order they came."""

    def __init__(self, file: InboxFile, practice: Practice, interface: str) -> None:
        self.file, self.practice, self.interface = file, practice, interface
        self.report = ScheduleReport()
        self.zone = ZoneInfo(current_tenant().time_zone)
        self.npi_by_alias = {
            str(alias): provider.npi
            for provider in Provider.objects.all()
            for alias in (*provider.aliases, provider.npi)
        }

    def list_problem(self, problem: ScheduleProblem, row: Encounter | None = None) -> None:
        self.report.problems += 1
        _list(self.file, problem, self.practice, row)

    def refuse(self, appointment: Appointment, code: str, message: str, fix: str, row: Encounter | None = None) -> None:
        self.list_problem(ScheduleProblem(code=code, place=appointment.place, message=message, fix=fix), row)

    def take(self, appointment: Appointment) -> None:
        key = f"{self.interface}|{appointment.appointment_id}"[:120]
        row = Encounter.objects.select_for_update().filter(appointment_id=key).first()
        if row is not None and appointment.stamp and row.schedule_stamp and appointment.stamp < row.schedule_stamp:
            self.report.stale += 1
            return
        if appointment.status in (CANCELLED, NO_SHOW):
            self.close(appointment, row)
            return
        try:
            row = self.book(appointment, row)
        except PatientConflict as conflict:
            fix = "Compare both with the source, then correct the record number"
            self.refuse(appointment, "PATIENT_CONFLICT", str(conflict).capitalize(), fix)
            return
        if appointment.status == ARRIVED and row.state in (Encounter.State.SCHEDULED, Encounter.State.NO_SHOW):
            arrive(encounter=row)
            self.report.arrived += 1

    def book(self, appointment: Appointment, known: Encounter | None) -> Encounter:
        """Put it on the schedule, or bring it up to date there."""
        starts_at, on = self.when(appointment)
        patient = save_patient(practice=self.practice, patient=appointment.patient)
        npi = appointment.practitioner_npi or self.npi_by_alias.get(appointment.practitioner_id, "")
        before = _known_of(known)
        row = schedule_visit(
            practice=self.practice, patient=patient, appointment_id=appointment.appointment_id,
            interface=self.interface, starts_at=starts_at, on=on, minutes=appointment.minutes, rendering_npi=npi,
            location_code=appointment.location, visit_type=appointment.visit_type, stamp=appointment.stamp,
            file_id=self.file.pk,
        )  # fmt: skip
        if known is None:
            self.report.scheduled += 1
        elif _known_of(row) != before:
            self.report.changed += 1
        elif row.scheduled_at != starts_at:
            fix = "Correct the appointment at its source, or the date of the visit here"
            self.refuse(appointment, "ALREADY_SEEN", f"It was moved, and the visit is {row.state} already", fix, row)
        elif appointment.status != ARRIVED or row.state != Encounter.State.SCHEDULED:
            self.report.unchanged += 1
        return row

    def when(self, appointment: Appointment) -> tuple[datetime, date]:
        """The start as a moment, and its calendar day in the practice's zone. A start without zone is its wall clock."""
        starts_at = appointment.starts_at
        assert starts_at is not None  # missing_of keeps back what has no start
        if starts_at.tzinfo is None:
            return starts_at.replace(tzinfo=self.zone), starts_at.date()
        return starts_at, starts_at.astimezone(self.zone).date()

    def close(self, appointment: Appointment, row: Encounter | None) -> None:
        """A cancellation, or a patient who did not come."""
        if row is None:
            message = "It was cancelled or missed, and no such appointment is known"
            self.refuse(
                appointment, "UNKNOWN_APPOINTMENT", message, "Nothing, if it was made before this schedule began"
            )
            return
        cancelled = appointment.status == CANCELLED
        if row.state == (Encounter.State.CANCELLED if cancelled else Encounter.State.NO_SHOW):
            self.report.unchanged += 1
            return
        event = EncounterEvent.CANCEL if cancelled else EncounterEvent.NO_SHOW
        try:
            move_encounter(encounter=row, event=event, reason=appointment.reason or "by the schedule")
        except NotAllowed:
            fix = "Find out whether the patient was seen; mark the visit as not billable if not"
            what = "cancelled" if cancelled else "missed"
            self.refuse(appointment, "ALREADY_SEEN", f"It was {what}, and the visit is {row.state} already", fix, row)
            return
        row.schedule_stamp = appointment.stamp or row.schedule_stamp
        row.save(update_fields=["schedule_stamp"])
        if cancelled:
            self.report.cancelled += 1
        else:
            self.report.no_shows += 1


_FIELDS: tuple[Callable[[Encounter], object], ...] = (
    lambda row: row.state, lambda row: row.scheduled_at, lambda row: row.scheduled_minutes,
    lambda row: row.rendering_npi, lambda row: row.location_code, lambda row: row.visit_type,
    lambda row: row.patient_id,
)  # fmt: skip


def _known_of(row: Encounter | None) -> tuple[object, ...]:
    """What a schedule says of a visit, to tell whether it said something new."""
    return () if row is None else tuple(read(row) for read in _FIELDS)
