"""FHIR R4 Appointment resources to appointments: one Bundle with the patients, practitioners and places they name."""

from __future__ import annotations

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
from claimwright.claims.from_fhir.people import NPI_SYSTEM, patient_of
from claimwright.claims.from_fhir.reading import Index, Resource, child, codings, items, text
from claimwright.claims.nouns import Patient

# AppointmentStatus of R4. What is only proposed, pending or on a waiting list is no appointment yet.
STATUSES = {
    "booked": BOOKED, "arrived": ARRIVED, "checked-in": ARRIVED, "fulfilled": ARRIVED, "cancelled": CANCELLED,
    "entered-in-error": CANCELLED, "noshow": NO_SHOW,
}  # fmt: skip
NOT_YET = ("proposed", "pending", "waitlist")


def read_appointments(bundle: Resource, *, name: str = "") -> ScheduleRead:
    """All appointments of a parsed Bundle, and what could not be taken. Never raises for what it holds."""
    index = Index(bundle)
    appointments: list[Appointment] = []
    problems: list[ScheduleProblem] = []
    found = index.of_type("Appointment")
    if not found:
        fix = "Send a Bundle of Appointment resources"
        problems.append(ScheduleProblem(code="NO_APPOINTMENT", place=name, message="No Appointment is in it", fix=fix))
    for number, resource in enumerate(found, 1):
        place = f"{name} Appointment {text(resource, 'id') or number}".strip()
        status = text(resource, "status")
        if status not in STATUSES:
            known = status in NOT_YET
            problems.append(
                ScheduleProblem(
                    code="NOT_BOOKED" if known else "UNKNOWN_STATUS", place=place, blocks=not known,
                    message="The appointment is not booked yet" if known else "The status is none of FHIR R4",
                    fix="Nothing: it comes again when it is booked" if known else "Send a status of AppointmentStatus",
                )
            )  # fmt: skip
            continue
        appointment = _appointment(index, resource, STATUSES[status], place)
        missing = missing_of(appointment)
        problems += missing
        if not missing:
            appointments.append(appointment)
    return ScheduleRead(appointments=tuple(appointments), problems=tuple(problems))


def _appointment(index: Index, resource: Resource, status: str, place: str) -> Appointment:
    people = {kind: _actor(index, resource, kind) for kind in ("Patient", "Practitioner", "Location")}
    start, end = _instant(text(resource, "start")), _instant(text(resource, "end"))
    practitioner = people["Practitioner"]
    npi = next(
        (text(one, "value") for one in items(practitioner, "identifier") if text(one, "system") == NPI_SYSTEM), ""
    )
    kinds = [code for concept in items(resource, "serviceType") for _, code in codings(concept)]
    concepts = items(resource, "serviceType")
    identifier = next((text(one, "value") for one in items(resource, "identifier") if text(one, "value")), "")
    minutes = resource.get("minutesDuration")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        minutes = int((end - start).total_seconds()) // 60 if start and end and end > start else None
    return Appointment(
        appointment_id=identifier or text(resource, "id"),
        status=status,
        patient=patient_of(people["Patient"]) if people["Patient"] else Patient(),
        starts_at=start,
        minutes=minutes,
        practitioner_npi=npi,
        practitioner_id=text(practitioner, "id"),
        location=text(people["Location"], "name") or text(people["Location"], "id"),
        visit_type=next((text(one, "text") for one in concepts if text(one, "text")), "") or next(iter(kinds), ""),
        reason=text(child(resource, "cancelationReason"), "text"),
        stamp=_stamp(text(child(resource, "meta"), "lastUpdated")),
        place=place,
    )


def _actor(index: Index, resource: Resource, kind: str) -> Resource:
    for participant in items(resource, "participant"):
        found = index.resolve(resource, child(participant, "actor"))
        if found is not None and text(found, "resourceType") == kind:
            return found
    return {}


def _instant(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None  # an instant always has its zone


def _stamp(value: str) -> str:
    """The moment of the last change in UTC as digits, so that later sorts behind earlier."""
    found = _instant(value)
    if found is None:
        return ""
    offset = found.utcoffset()
    moved = found.replace(tzinfo=None) - offset if offset else found.replace(tzinfo=None)
    return f"{moved:%Y%m%d%H%M%S}"
