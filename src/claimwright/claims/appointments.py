"""An appointment as a schedule tells it: one noun for HL7 SIU, FHIR Appointment and CSV."""

from __future__ import annotations

from datetime import date, datetime

from claimwright.claims.basis import Noun, Patient

# What a schedule says of an appointment. `entered_in_error` is taken as cancelled with that reason.
BOOKED, ARRIVED, CANCELLED, NO_SHOW = "booked", "arrived", "cancelled", "no_show"


class Appointment(Noun, frozen=True):
    """One message or row about one appointment.

    `starts_at` has a time zone where the source gave one; without, it is the practice's wall clock. `stamp` orders
    messages about one appointment: the sender's time of the message as text that sorts, blank where none is given.
    """

    appointment_id: str = ""
    status: str = BOOKED
    patient: Patient = Patient()
    starts_at: datetime | None = None
    minutes: int | None = None
    practitioner_npi: str = ""
    practitioner_id: str = ""  # another system's id of the provider, where it gives no NPI
    location: str = ""
    visit_type: str = ""
    reason: str = ""  # of a cancellation
    account: str = ""  # visit number of the sender
    stamp: str = ""
    place: str = ""  # file and row, message or resource: where problems point


class ScheduleProblem(Noun, frozen=True):
    """A message or row that cannot be taken, or only in part. No patient value in it."""

    code: str = ""
    place: str = ""
    message: str = ""
    fix: str = ""
    blocks: bool = True


class ScheduleRead(Noun, frozen=True):
    appointments: tuple[Appointment, ...] = ()
    problems: tuple[ScheduleProblem, ...] = ()


def missing_of(appointment: Appointment) -> tuple[ScheduleProblem, ...]:
    """What an appointment must have to be put on the schedule and has not. A cancellation needs its id alone."""
    found = []
    if not appointment.appointment_id:
        found.append(
            ScheduleProblem(
                code="NO_APPOINTMENT_ID", place=appointment.place, message="The appointment has no id",
                fix="Have the scheduling system send one: without, a change cannot be told from a new appointment",
            )
        )  # fmt: skip
    if appointment.status in (CANCELLED, NO_SHOW):
        return tuple(found)
    patient = appointment.patient
    if not patient.record_number:
        fix = "Send the practice's record number of the patient"
        found.append(_missing(appointment, "NO_RECORD_NUMBER", "The patient has no record number", fix))
    if not patient.last_name or patient.birth_date is None:
        fix = "Send last name and date of birth"
        found.append(_missing(appointment, "NO_PATIENT", "The patient's name or date of birth is missing", fix))
    if appointment.starts_at is None:
        fix = "Send date and time of the appointment"
        found.append(_missing(appointment, "NO_START", "The appointment has no date and time", fix))
    return tuple(found)


def _missing(appointment: Appointment, code: str, message: str, fix: str) -> ScheduleProblem:
    return ScheduleProblem(code=code, place=appointment.place, message=message, fix=fix)


def day_of(appointment: Appointment) -> date | None:
    """The calendar day of the start, as written: in the source's own zone where it gave one."""
    return appointment.starts_at.date() if appointment.starts_at else None
