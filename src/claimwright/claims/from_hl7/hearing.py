"""One HL7 v2 message to what it says, as frozen nouns: a patient, covers, an appointment, a visit, charges, a merge.

The mapping is pure: what the sender's ids mean comes in as `InterfaceMaps`. Nothing raises for what a message holds.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from claimwright.claims.appointments import Appointment, ScheduleProblem, missing_of
from claimwright.claims.from_hl7.charges import read_charges, visit_number_of
from claimwright.claims.from_hl7.people import cleared_of, coverages_of, patient_of, provider_ids
from claimwright.claims.from_hl7.reading import Message, messages, moment
from claimwright.claims.from_hl7.schedule import TRIGGERS, appointment_of
from claimwright.claims.interface_maps import InterfaceMaps
from claimwright.claims.nouns import Coverage, Encounter, IntakeProblem, Patient

ADT, SIU, DFT = "ADT", "SIU", "DFT"
# ADT triggers and what is done with them. All tell the patient and covers, where they carry them.
ARRIVALS = ("A01", "A04")
PEOPLE = ("A02", "A03", "A05", "A06", "A07", "A08", "A28", "A31")
CANCELS = ("A11", "A13", "A23", "A27", "A38")
MERGES = ("A18", "A30", "A34", "A36", "A39", "A40", "A41", "A47")
CHARGES = ("P03", "P11")
TEST = ("T", "D")
_DIGITS = re.compile(r"\D")


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The MSH of a message: who sent it, when, what kind, and the id that it is answered under."""

    application: str = ""
    facility: str = ""
    receiver: str = ""
    receiver_facility: str = ""
    stamp: str = ""  # MSH-7 as fourteen digits, for the order of messages
    kind: str = ""
    trigger: str = ""
    control_id: str = ""
    processing: str = ""
    version: str = ""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit that an ADT tells of."""

    number: str = ""
    starts_at: datetime | None = None
    npi: str = ""
    location: str = ""
    visit_type: str = ""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one message says. `problems` that block leave nothing to do but mend and replay."""

    header: Header = Header()
    patient: Patient | None = None
    cleared: tuple[str, ...] = ()
    coverages: tuple[Coverage, ...] = ()
    appointment: Appointment | None = None
    arrival: Visit | None = None
    cancelled_visit: str = ""
    merged_number: str = ""  # the record number that went up in the patient's
    encounter: Encounter | None = None
    charge_ids: tuple[str, ...] = ()
    problems: tuple[IntakeProblem, ...] = ()
    passed_over: str = ""  # why nothing is done with it

    @property
    def blocks(self) -> IntakeProblem | None:
        """The first problem that stops the whole message; those of an encounter hold only it."""
        return next((one for one in self.problems if one.blocks and not one.encounter), None)


def header_of(message: Message) -> Header:
    kind, trigger = message.value("MSH", 9, 1).upper(), message.value("MSH", 9, 2).upper()
    stamp = _DIGITS.sub("", re.split(r"[+\-.]", message.value("MSH", 7))[0])
    return Header(
        application=message.value("MSH", 3)[:80], facility=message.value("MSH", 4)[:80],
        receiver=message.value("MSH", 5)[:80], receiver_facility=message.value("MSH", 6)[:80],
        stamp=stamp.ljust(14, "0")[:14] if stamp else "", kind=kind[:10], trigger=trigger[:10],
        control_id=message.value("MSH", 10)[:199], processing=message.value("MSH", 11).upper()[:3],
        version=message.value("MSH", 12)[:10],
    )  # fmt: skip


def parse(data: bytes, name: str = "") -> Message | IntakeProblem:
    """The only message of `data`, or the problem that keeps it from being read."""
    found = next(messages(data, name), None)
    if found is None:
        return IntakeProblem(code="EMPTY", place=name, message="There is no message", fix="Ask the sender for it again")
    return _as_intake(found) if isinstance(found, ScheduleProblem) else found


def hear(message: Message, maps: InterfaceMaps) -> Heard:
    """What the message says, by these maps."""
    header = header_of(message)
    refusal = _refusal(header, message, maps)
    if refusal is not None:
        return Heard(header=header, problems=(refusal,))
    if header.kind == SIU:
        return _schedule(message, header, maps)
    if header.kind == DFT:
        return _charges(message, header, maps)
    if header.trigger in MERGES:
        return _merge(message, header)
    return _person(message, header, maps)


def _refusal(header: Header, message: Message, maps: InterfaceMaps) -> IntakeProblem | None:
    def problem(code: str, field: int, says: str, fix: str) -> IntakeProblem:
        return IntakeProblem(code=code, place=f"{message.place} MSH-{field}".strip(), message=says, fix=fix)

    known = {ADT: (*ARRIVALS, *PEOPLE, *CANCELS, *MERGES), SIU: tuple(TRIGGERS), DFT: CHARGES}
    if not header.control_id:
        return problem(
            "NO_CONTROL_ID", 10, "The message has no control id", "Ask the sender for MSH-10 in every message"
        )
    if header.trigger not in known.get(header.kind, ()):
        return problem("OTHER_MESSAGE", 9, "This kind of message is not taken here",
                       "Ask the sender to send ADT, SIU and DFT only, or close this")  # fmt: skip
    if header.processing in TEST and not maps.takes_test:
        return problem("TEST_MESSAGE", 11, "The message is marked as a test",
                       "Let the interface take tests on the page Interfaces, or ask the sender for P")  # fmt: skip
    return None


def _patient_problems(message: Message, patient: Patient) -> tuple[IntakeProblem, ...]:
    found = []
    for lacking, field, says in (
        (not patient.record_number, 3, "The patient has no record number"),
        (not patient.last_name, 5, "The patient has no name"),
        (patient.birth_date is None, 7, "The patient has no date of birth"),
    ):
        if lacking:
            fix = f"Ask the sender for PID-{field}: a patient is told from others by at least two of them"
            place = f"{message.place} PID-{field}".strip()
            found.append(IntakeProblem(code="NO_PATIENT", place=place, message=says, fix=fix))
    return tuple(found)


def _cover_problems(message: Message, coverages: tuple[Coverage, ...]) -> tuple[IntakeProblem, ...]:
    lost = len(message.segments("IN1")) - len(coverages)
    if lost <= 0:
        return ()
    fix = "Register the cover from the card, or ask the sender for IN1-3 or IN1-4 and IN1-36"
    says = f"{lost} of the covers have no payer or no member number and were left out"
    return (
        IntakeProblem(
            code="COVER_INCOMPLETE", place=f"{message.place} IN1".strip(), message=says, fix=fix, blocks=False
        ),
    )


def _person(message: Message, header: Header, maps: InterfaceMaps) -> Heard:
    patient = patient_of(message)
    problems = _patient_problems(message, patient)
    coverages = coverages_of(message, patient, maps)
    problems += _cover_problems(message, coverages)
    arrival = _visit(message, maps) if header.trigger in ARRIVALS else None
    return Heard(
        header=header, patient=patient, cleared=cleared_of(message), coverages=coverages, arrival=arrival,
        cancelled_visit=visit_number_of(message) if header.trigger in CANCELS else "", problems=problems,
    )  # fmt: skip


def _visit(message: Message, maps: InterfaceMaps) -> Visit | None:
    """An outpatient visit that began; inpatient stays are billed from their charges. PV1-2 N and U are no visits."""
    number = visit_number_of(message)
    if not number or message.value("PV1", 2).upper()[:1] not in ("O", "E", "R", ""):
        return None
    ids = provider_ids(message.segments("PV1")[0] if message.segments("PV1") else None, 7)
    provider = maps.provider(*ids)
    places = [message.value("PV1", 3, part) for part in (4, 1)]
    place = maps.place(*places)
    return Visit(
        number=number, starts_at=moment(message.value("PV1", 44)) or moment(message.value("EVN", 6)) or moment(message.value("EVN", 2)),
        npi=provider.npi if provider else "", location=place.code if place else next(filter(None, places), ""),
        visit_type=maps.visit_type(message.value("PV1", 4, 2) or message.value("PV1", 4)),
    )  # fmt: skip


def _schedule(message: Message, header: Header, maps: InterfaceMaps) -> Heard:
    heard = appointment_of(message, TRIGGERS[header.trigger])
    provider = maps.provider(heard.practitioner_npi, heard.practitioner_id)
    place = maps.place(heard.location)
    appointment = msgspec.structs.replace(
        heard, patient=patient_of(message), practitioner_npi=provider.npi if provider else heard.practitioner_npi,
        location=place.code if place else heard.location, visit_type=maps.visit_type(heard.visit_type),
    )  # fmt: skip
    problems = tuple(_as_intake(one) for one in missing_of(appointment))
    coverages = coverages_of(message, appointment.patient, maps)
    return Heard(
        header=header, appointment=appointment, patient=appointment.patient, coverages=coverages, problems=problems
    )


def _charges(message: Message, header: Header, maps: InterfaceMaps) -> Heard:
    patient = patient_of(message)
    read = read_charges(message, maps)
    return Heard(
        header=header, patient=patient, encounter=read.encounter, charge_ids=read.charge_ids,
        problems=(*_patient_problems(message, patient), *read.problems),
    )  # fmt: skip


def _merge(message: Message, header: Header) -> Heard:
    """A40 and its kin: MRG-1 is the number that ends, PID-3 the one that stays."""
    patient = patient_of(message)
    problems = () if patient.record_number else _patient_problems(message, patient)[:1]
    old = message.value("MRG", 1) or message.value("MRG", 4)
    if not old:
        place = f"{message.place} MRG-1".strip()
        problems += (IntakeProblem(code="NO_MERGED_NUMBER", place=place, message="The record that ends is not named",
                                   fix="Ask the sender for MRG-1"),)  # fmt: skip
    return Heard(header=header, patient=patient, merged_number=old, problems=problems)


def _as_intake(problem: ScheduleProblem) -> IntakeProblem:
    return IntakeProblem(
        code=problem.code, place=problem.place, message=problem.message, fix=problem.fix, blocks=problem.blocks
    )
