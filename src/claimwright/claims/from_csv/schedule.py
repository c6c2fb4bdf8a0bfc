"""Schedule CSV to appointments. Columns: appointment_id, mrn, last, first, dob, date, time; and where they are known
sex, minutes, provider_npi, location, type, status (booked, arrived, cancelled, no_show), reason. A row an appointment.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from claimwright.claims.appointments import (
    ARRIVED,
    BOOKED,
    CANCELLED,
    NO_SHOW,
    Appointment,
    ScheduleProblem,
    ScheduleRead,
    missing_of,
)
from claimwright.claims.from_csv.table import Row, read_table
from claimwright.claims.nouns import IntakeProblem, Patient
from claimwright.codes.identifiers import Npi

REQUIRED = ("appointment_id", "mrn", "last", "first", "dob", "date", "time")
COLUMNS = (*REQUIRED, "sex", "minutes", "provider_npi", "location", "type", "status", "reason")
STATUSES = (BOOKED, ARRIVED, CANCELLED, NO_SHOW)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*([AaPp][Mm])?\Z", re.ASCII)
_NOON = 12


def read_schedule(data: bytes, *, name: str = "") -> ScheduleRead:
    """All good rows, and every fault with its row. A file that is no schedule has no rows and one problem."""
    table = read_table(data, name, known=COLUMNS, required=REQUIRED)
    problems = [_problem(one) for one in table.problems]
    appointments = []
    seen: dict[str, int] = {}
    for row in table.rows:
        appointment = _appointment(row)
        identity = appointment.appointment_id
        if identity and identity in seen:
            row.problem(
                "DUPLICATE_ROW",
                "appointment_id",
                f"The id stands in row {seen[identity]} too",
                "Keep the row that holds",
            )
        seen.setdefault(identity, row.number)
        missing = missing_of(appointment) if row.is_good else ()
        problems += [_problem(one) for one in row.problems]
        problems += missing
        if row.is_good and not missing:
            appointments.append(appointment)
    return ScheduleRead(appointments=tuple(appointments), problems=tuple(problems))


def _problem(found: IntakeProblem) -> ScheduleProblem:
    return ScheduleProblem(
        code=found.code, place=found.place, message=found.message, fix=found.fix, blocks=found.blocks
    )


def _appointment(row: Row) -> Appointment:
    status = row.text("status").lower().replace("-", "_").replace(" ", "_") or BOOKED
    if status not in STATUSES:
        row.problem("BAD_CODE", "status", "The status is none of booked, arrived, cancelled, no_show", "Correct it")
    npi = row.digits("provider_npi", 10)
    if npi and not Npi(npi).is_valid:
        row.problem("BAD_NPI", "provider_npi", "The check digit of the NPI is wrong", "Correct it")
    minutes = row.quantity("minutes")
    sex = row.code("sex")[:1]
    return Appointment(
        appointment_id=row.code("appointment_id"),
        status=status,
        patient=Patient(
            record_number=row.code("mrn"),
            last_name=row.text("last").upper(),
            first_name=row.text("first").upper(),
            birth_date=row.day("dob"),
            sex=sex if sex in ("F", "M") else "U",
        ),
        starts_at=_start(row),
        minutes=int(minutes) if minutes is not None else None,
        practitioner_npi=npi,
        location=row.text("location"),
        visit_type=row.text("type"),
        reason=row.text("reason"),
        place=f"{row.name} row {row.number}".strip(),
    )


def _start(row: Row) -> datetime | None:
    day: date | None = row.day("date")
    clock = row.raw("time").strip()
    if day is None or not clock:
        return None
    found = _TIME.match(clock)
    hour = int(found[1]) if found else -1
    half = (found[3] or "").upper() if found else ""
    if half:
        hour = -1 if not 1 <= hour <= _NOON else hour % _NOON + (_NOON if half == "PM" else 0)
    if found is None or not 0 <= hour <= 23 or int(found[2]) > 59:
        row.problem("BAD_TIME", "time", "This is no time of day", "Write 14:30 or 2:30 PM")
        return None
    return datetime.combine(day, time(hour, int(found[2])))
