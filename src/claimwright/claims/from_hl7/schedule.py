"""HL7 v2 SIU to appointments: S12 new, S13 moved, S14 changed, S15 and S17 cancelled, S26 did not come.

Lenient: fields stand where the standard or the usual scheduling systems put them; what is missing is a problem with the
message's number, never an exception.
"""

from __future__ import annotations

import re
from datetime import datetime

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
from claimwright.claims.from_hl7.people import patient_of
from claimwright.claims.from_hl7.reading import Message, messages, moment, value
from claimwright.codes.identifiers import Npi

# SIU triggers and what they say of the appointment. S14 may carry any status in SCH-25.
TRIGGERS = {"S12": BOOKED, "S13": BOOKED, "S14": BOOKED, "S15": CANCELLED, "S17": CANCELLED, "S26": NO_SHOW}
# SCH-25, table 0278 and the words usual beside it.
STATUSES = {
    "CANCELLED": CANCELLED, "CANCELED": CANCELLED, "DELETED": CANCELLED, "DC": CANCELLED, "NOSHOW": NO_SHOW,
    "NO SHOW": NO_SHOW, "STARTED": ARRIVED, "ARRIVED": ARRIVED, "CHECKEDIN": ARRIVED, "CHECKED IN": ARRIVED,
    "COMPLETE": ARRIVED, "COMPLETED": ARRIVED,
}  # fmt: skip
_TO_MINUTES = {"": 1, "MIN": 1, "M": 1, "MINUTES": 1, "HR": 60, "H": 60, "S": None}
_DIGITS = re.compile(r"\D")


def read_siu(data: bytes, *, name: str = "") -> ScheduleRead:
    """All appointments of a file of SIU messages, and what could not be taken. Never raises for what it holds."""
    appointments: list[Appointment] = []
    problems: list[ScheduleProblem] = []
    for message in messages(data, name):
        if isinstance(message, ScheduleProblem):
            problems.append(message)
            continue
        kind, trigger = message.value("MSH", 9, 1), message.value("MSH", 9, 2)
        if kind != "SIU" or trigger not in TRIGGERS:
            problems.append(
                ScheduleProblem(
                    code="OTHER_MESSAGE", place=message.place, blocks=False,
                    message="The message is not one of SIU S12, S13, S14, S15, S17, S26 and was passed over",
                    fix="Nothing, if the schedule does not need it",
                )
            )  # fmt: skip
            continue
        appointment = appointment_of(message, TRIGGERS[trigger])
        missing = missing_of(appointment)
        problems += missing
        if not missing:
            appointments.append(appointment)
    return ScheduleRead(appointments=tuple(appointments), problems=tuple(problems))


def appointment_of(message: Message, status: str) -> Appointment:
    """What a SIU says of one appointment; `status` is what its trigger means."""
    said = STATUSES.get(message.value("SCH", 25).upper(), status)
    return Appointment(
        # The filler is the scheduling system, whose id lasts; a placer's id is there before it accepted.
        appointment_id=message.value("SCH", 2) or message.value("SCH", 1),
        status=said if status == BOOKED else status,
        patient=patient_of(message),
        starts_at=_start(message),
        minutes=_minutes(message),
        practitioner_npi=_npi(message),
        practitioner_id=_practitioner(message),
        location=_location(message),
        visit_type=message.value("SCH", 8, 2) or message.value("SCH", 8) or message.value("AIS", 3, 2),
        reason=message.value("SCH", 6, 2) or message.value("SCH", 6),
        account=message.value("PV1", 19),
        stamp=_DIGITS.sub("", message.value("MSH", 7).split("+")[0].split("-")[0]).ljust(14, "0")[:14]
        if message.value("MSH", 7)
        else "",
        place=message.place,
    )


def _start(message: Message) -> datetime | None:
    """SCH-11.4 (timing quantity), else TQ1-7, else the first resource that has a start."""
    places = [message.value("SCH", 11, 4), message.value("TQ1", 7), message.value("AIS", 4)]
    places += [message.value("AIG", 8), message.value("AIL", 6), message.value("AIP", 6)]
    return next((found for text in places if text and (found := moment(text)) is not None), None)


def _minutes(message: Message) -> int | None:
    """SCH-9 with its unit in SCH-10, else AIS-7 with AIS-8, else from start to end of SCH-11."""
    for segment, amount, unit in (("SCH", 9, 10), ("AIS", 7, 8)):
        text, factor = message.value(segment, amount), _TO_MINUTES.get(message.value(segment, unit).upper())
        if text.isascii() and text.isdigit() and 0 < int(text) < 24 * 60 * 60:
            if factor is None:
                return int(text) // 60 or None
            return int(text) * factor
    start, end = moment(message.value("SCH", 11, 4)), moment(message.value("SCH", 11, 5))
    if start is not None and end is not None and (start.tzinfo is None) == (end.tzinfo is None) and end > start:
        return int((end - start).total_seconds()) // 60
    return None


def _people(message: Message) -> list[str]:
    """Ids of the provider in the order of trust: personnel, general resource, attending."""
    found = [value(segment, 3) for segment in message.segments("AIP")]
    found += [value(segment, 3) for segment in message.segments("AIG")]
    return [one for one in (*found, message.value("PV1", 7)) if one]


def _npi(message: Message) -> str:
    return next((one for one in _people(message) if Npi(one).is_valid), "")


def _practitioner(message: Message) -> str:
    return next((one for one in _people(message) if not Npi(one).is_valid), "")


def _location(message: Message) -> str:
    for text in (
        message.value("AIL", 3, 4),
        message.value("AIL", 3),
        message.value("PV1", 3, 4),
        message.value("PV1", 3),
    ):
        if text:
            return text
    return ""
