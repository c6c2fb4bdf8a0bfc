"""Registering a patient and correcting the record: `billing.registration` says what is right, rows are written here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
from django.db import transaction

from claimwright.billing.registration import (
    Fault,
    Guarantor,
    Phone,
    Registered,
    newborn_name,
    next_of_birth,
    read_registration,
)
from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.core import clock
from claimwright.web.core.services import next_number, record_audit
from claimwright.web.patients.duplicates import Candidate, find_candidates, note_pair
from claimwright.web.patients.models import Patient, PatientAddress, PatientPhone
from claimwright.web.patients.sealing import seal, ssn_index, unseal
from claimwright.web.practice.models import Practice

RECORD_NUMBER_DIGITS = 7
BAD_ADDRESS = "bad_address"


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the front desk knows that no claim says. `parents` is billing.coverage_order.Parents."""

    gender_identity: str = ""
    email: str = ""
    marital: str = ""
    employment: str = ""
    employer: str = ""
    channel: str = "mail"
    portal_id: str = ""
    parents: str = ""
    emancipated: bool = False
    is_newborn: bool = False
    guarantor: Guarantor | None = None


class Outcome(msgspec.Struct, kw_only=True):
    """Either `patient` was saved, or nothing was: because of `faults`, or because a person must see `candidates`."""

    patient: Patient | None = None
    faults: tuple[Fault, ...] = ()
    candidates: tuple[Candidate, ...] = ()


def details_of(patient: Patient) -> Details:
    return msgspec.convert(patient.details, Details)


@transaction.atomic
def register_patient(*, practice: Practice, cells: Mapping[str, str], decided_new: bool = False) -> Outcome:
    """A new patient from a form's cells. With a fault nothing is saved, nor while a likely duplicate is undecided.

    `decided_new` says that a person saw the candidates and registers another person; the pairs stay listed.
    """
    cells, known_faults, relatives = _with_relatives(practice, cells)
    record, faults = read_registration(cells, on=clock.today())
    faults += known_faults
    number = record.patient.record_number
    if number and Patient.objects.filter(practice=practice, record_number=number).exists():
        faults += (_taken(),)
    if faults:
        return Outcome(faults=faults)
    record = _named(record, cells, relatives.get("mother"))
    candidates = tuple(found for found in find_candidates(practice=practice, record=record) if found.match.is_possible)
    if not decided_new and any(found.match.is_likely for found in candidates):
        return Outcome(candidates=candidates)
    number = number or _next_record_number(practice)
    noun = msgspec.structs.replace(record.patient, record_number=number)
    patient = Patient(practice=practice, record_number=number, registered_on=clock.today(), flags=[])
    _fill(patient, record, noun, relatives)
    patient.save(force_insert=True)
    _save_address(patient, record.patient.address)
    _save_phones(patient, record.phones)
    for found in candidates:
        note_pair(one=patient, other=found.patient, match=found.match)
    record_audit(action="patient.register", subject_type="patient", subject_id=patient.pk)
    return Outcome(patient=patient, candidates=candidates)


@transaction.atomic
def correct_patient(*, patient: Patient, cells: Mapping[str, str]) -> Outcome:
    """The record as the form says now. What was is kept by date (addresses, telephones); claims sent stay as they were.

    A blank social security number leaves the one we hold; `remove_ssn` takes it out.
    """
    patient.refresh_from_db(from_queryset=Patient.objects.select_for_update())
    cells, known_faults, relatives = _with_relatives(
        patient.practice, {**cells, "record_number": patient.record_number}
    )
    record, faults = read_registration(cells, on=clock.today())
    faults += known_faults
    if relatives.get("guarantor") == patient:
        faults += (
            Fault(field="guarantor_record_number", says="That is the patient", fix="Choose Self, or another person"),
        )
    if faults:
        return Outcome(faults=faults)
    record = _named(record, cells, relatives.get("mother"))
    held = msgspec.convert(patient.content, PatientNoun)
    noun = msgspec.structs.replace(record.patient, record_number=patient.record_number, external_ids=held.external_ids)
    remove = cells.get("remove_ssn", "") == "on"
    _fill(patient, record, noun, relatives, keep_ssn=not remove)
    patient.save()
    _save_address(patient, record.patient.address)
    _save_phones(patient, record.phones)
    record_audit(action="patient.correct", subject_type="patient", subject_id=patient.pk)
    return Outcome(patient=patient)


def _taken() -> Fault:
    return Fault(
        field="record_number", says="Another patient of the practice has this record number",
        fix="Leave it blank to be given one, or open that patient",
    )  # fmt: skip


def _with_relatives(
    practice: Practice, cells: Mapping[str, str]
) -> tuple[dict[str, str], tuple[Fault, ...], dict[str, Patient]]:
    """A guarantor or mother who is a patient here, found by record number; the guarantor's names from their record."""
    told = dict(cells)
    faults: list[Fault] = []
    found: dict[str, Patient] = {}
    for role, field in (("guarantor", "guarantor_record_number"), ("mother", "mother_record_number")):
        number = told.get(field, "").strip().upper()
        if not number:
            continue
        person = Patient.objects.filter(practice=practice, record_number=number).first()
        if person is None:
            faults.append(
                Fault(field=field, says="No patient has this record number", fix="Look the number up in Patients")
            )
        else:
            found[role] = person.merged_into or person
    if "guarantor" in found:
        person = found["guarantor"]
        noun = msgspec.convert(person.content, PatientNoun)
        told |= {
            "guarantor": "other", "guarantor_last_name": person.last_name, "guarantor_first_name": person.first_name,
            "guarantor_birth_date": person.birth_date.isoformat() if person.birth_date else "",
            "guarantor_phone": noun.phone, "guarantor_line1": noun.address.line1, "guarantor_city": noun.address.city,
            "guarantor_state": noun.address.state, "guarantor_postal_code": noun.address.postal_code,
        }  # fmt: skip
    return told, tuple(faults), found


def _named(record: Registered, cells: Mapping[str, str], mother: Patient | None) -> Registered:
    """A newborn without a name gets the next letter where the birth has brought others without one."""
    if not record.is_newborn or cells.get("first_name", "").strip() or mother is None:
        return record
    unnamed = mother.children.filter(birth_date=record.patient.birth_date, first_name__regex="^(BABY|NEWBORN)")
    place = next_of_birth(list(unnamed.values_list("first_name", flat=True)))
    first = newborn_name(record.patient.sex, place=place, mother_first_name=mother.first_name)
    return msgspec.structs.replace(record, patient=msgspec.structs.replace(record.patient, first_name=first))


def _next_record_number(practice: Practice) -> str:
    while True:
        number = f"MRN{next_number(name='record_number'):0{RECORD_NUMBER_DIGITS}d}"
        if not Patient.objects.filter(practice=practice, record_number=number).exists():
            return number


def _fill(
    patient: Patient, record: Registered, noun: PatientNoun, relatives: Mapping[str, Patient], *, keep_ssn: bool = False
) -> None:
    patient.last_name, patient.first_name = noun.last_name[:60], noun.first_name[:35]
    patient.birth_date, patient.language = noun.birth_date, noun.language[:5] or "en"
    patient.content = msgspec.to_builtins(noun)
    held = details_of(patient)
    details = Details(
        gender_identity=record.gender_identity, email=record.email, marital=record.marital,
        employment=record.employment, employer=record.employer, channel=record.channel, portal_id=held.portal_id,
        parents=held.parents, emancipated=record.emancipated, is_newborn=record.is_newborn,
        guarantor=None if record.guarantor.is_patient else record.guarantor,
    )  # fmt: skip
    patient.details = msgspec.to_builtins(details)
    patient.guarantor = None if record.guarantor.is_patient else relatives.get("guarantor")
    patient.mother = relatives.get("mother") or patient.mother
    if record.ssn or not keep_ssn:
        patient.ssn_sealed = seal(record.ssn.encode()).decode() if record.ssn else ""
        patient.ssn_index = ssn_index(record.ssn)


def _save_address(patient: Patient, address: Address) -> None:
    """The address in force is closed when another is given; the same one, even if mail came back, stays as it is."""
    today = clock.today()
    content = msgspec.to_builtins(address)
    running = patient.addresses.filter(end__isnull=True)
    if address == Address() or running.filter(content=content).exists():
        return
    running.update(end=today)
    PatientAddress.objects.create(patient=patient, content=content, start=today)
    if BAD_ADDRESS in patient.flags:
        patient.flags = [flag for flag in patient.flags if flag != BAD_ADDRESS]
        patient.save(update_fields=["flags"])


def mail_came_back(*, patient: Patient, because: str) -> None:
    """The address in force is no more; statements stop until another is known."""
    patient.refresh_from_db(from_queryset=Patient.objects.select_for_update())
    patient.addresses.filter(end__isnull=True).update(valid=False, invalid_because=because[:120])
    if BAD_ADDRESS not in patient.flags:
        patient.flags = [*patient.flags, BAD_ADDRESS]
        patient.save(update_fields=["flags"])
    record_audit(action="patient.mail_returned", subject_type="patient", subject_id=patient.pk)


def _save_phones(patient: Patient, phones: tuple[Phone, ...]) -> None:
    """Rows of the telephones as given; one that changed, consent too, is closed and opened anew."""
    today = clock.today()
    wanted = {phone.number: phone for phone in phones}
    for row in patient.phones.filter(end__isnull=True):
        phone = wanted.get(row.number)
        if phone is not None and _phone_of(row) == phone:
            del wanted[row.number]
        else:
            row.end = today
            row.save(update_fields=["end"])
    PatientPhone.objects.bulk_create(
        PatientPhone(patient=patient, start=today, **msgspec.structs.asdict(phone)) for phone in wanted.values()
    )


def _phone_of(row: PatientPhone) -> Phone:
    return Phone(**{field: getattr(row, field) for field in Phone.__struct_fields__})


def set_parents(*, patient: Patient, parents: str) -> None:
    """Whether a child's parents are together: what the order of its covers hangs on."""
    patient.details = msgspec.to_builtins(msgspec.structs.replace(details_of(patient), parents=parents))
    patient.save(update_fields=["details"])
    record_audit(action="patient.parents", subject_type="patient", subject_id=patient.pk)


def reveal_ssn(*, patient: Patient) -> str:
    """The number in the clear, with a line in the audit log; "" where none is held. Raises sealing.Unreadable."""
    record_audit(action="patient.ssn_revealed", subject_type="patient", subject_id=patient.pk)
    return unseal(patient.ssn_sealed.encode()).decode() if patient.ssn_sealed else ""


def cells_of(patient: Patient) -> dict[str, str]:
    """The form's cells as the record stands; the social security number is never among them."""
    noun, details = msgspec.convert(patient.content, PatientNoun), details_of(patient)
    address = noun.address
    cells = {
        "record_number": patient.record_number, "last_name": noun.last_name, "first_name": noun.first_name,
        "middle_name": noun.middle_name, "suffix": noun.suffix, "preferred_name": noun.preferred_name,
        "birth_date": _shown(noun.birth_date), "sex": noun.sex, "death_date": _shown(noun.death_date),
        "language": noun.language, "line1": address.line1, "line2": address.line2, "city": address.city,
        "state": address.state, "postal_code": address.postal_code, "country": address.country,
        "no_address": "" if address.line1 else "on", "gender_identity": details.gender_identity,
        "email": details.email, "marital": details.marital, "employment": details.employment,
        "employer": details.employer, "channel": details.channel, "emancipated": "on" if details.emancipated else "",
        "is_newborn": "on" if details.is_newborn else "",
        "mother_record_number": patient.mother.record_number if patient.mother else "",
        "guarantor_record_number": patient.guarantor.record_number if patient.guarantor else "",
    }  # fmt: skip
    if details.guarantor is not None:
        person = details.guarantor.person
        cells |= {
            "guarantor": "other", "guarantor_last_name": person.last_name, "guarantor_first_name": person.first_name,
            "guarantor_birth_date": _shown(person.birth_date), "guarantor_phone": person.phone,
            "guarantor_relationship": details.guarantor.relationship,
        }  # fmt: skip
        if person.address != noun.address:
            cells |= {
                f"guarantor_{field}": getattr(person.address, field)
                for field in ("line1", "city", "state", "postal_code")
            }
    for number, row in enumerate(patient.phones.filter(end__isnull=True).order_by("start", "pk")[:2], 1):
        ticks = {"may_text": row.may_text, "may_leave_message": row.may_leave_message, "no_calls": not row.may_call}
        cells |= {f"phone{number}": row.number, f"phone{number}_kind": row.kind}
        cells |= {f"phone{number}_consent_on": _shown(row.consent_on)}
        cells |= {f"phone{number}_{name}": "on" for name, yes in ticks.items() if yes}
    if not patient.phones.filter(end__isnull=True).exists():
        cells["phone1"] = noun.phone
    return cells


def _shown(day: date | None) -> str:
    return day.strftime("%m/%d/%Y") if day else ""
