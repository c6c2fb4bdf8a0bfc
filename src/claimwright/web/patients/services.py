"""Patients and their coverages as intakes bring them, and what the front desk registered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from claimwright.claims.from_csv.registration import Registration as RegistrationNoun
from claimwright.claims.nouns import Coverage
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient, PatientCoverage, Registration
from claimwright.web.patients.selectors import survivor_of
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.practice.selectors import find_payer


class PatientConflict(ValueError):
    """The record number belongs to somebody else: another name or another birth date. A person decides."""


def record_number_of(patient: PatientNoun) -> str:
    """The practice's number for the patient; without one, a number made of what tells them apart from others."""
    if patient.record_number.strip():
        return patient.record_number.strip().upper()[:60]
    text = "|".join(
        (
            patient.last_name.strip().upper(),
            patient.first_name.strip().upper(),
            patient.birth_date.isoformat() if patient.birth_date else "",
            patient.sex,
        )
    )
    return f"X{hashlib.sha256(text.encode()).hexdigest()[:15].upper()}"


def save_patient(*, practice: Practice, patient: PatientNoun) -> Patient:
    """The patient under their record number, made or brought up to date.

    Raises PatientConflict when two identifiers disagree with the patient we hold: the birth date, or both names. A
    blank never replaces what we know.
    """
    number = record_number_of(patient)
    held = Patient.objects.select_for_update().filter(practice=practice, record_number=number).first()
    if held is None:
        return Patient.objects.create(practice=practice, record_number=number, **_columns(patient))
    known = msgspec.convert(held.content, PatientNoun)
    if _is_somebody_else(known, patient):
        raise PatientConflict("the record number belongs to a patient of another name or birth date")
    if held.merged_into_id is not None:  # an interface goes on with the old number of a person we know by another
        return survivor_of(held)
    merged = _merged(known, patient)
    if merged != known:
        for name, value in _columns(merged).items():
            setattr(held, name, value)
        held.save()
    return held


def clear_fields(*, patient: Patient, fields: Sequence[str]) -> None:
    """Make these fields of the patient blank: the sender says that what it told before is not so."""
    known, blank = msgspec.convert(patient.content, PatientNoun), PatientNoun()
    cleared = msgspec.structs.replace(known, **{name: getattr(blank, name) for name in fields})
    if cleared != known:
        patient.content = msgspec.to_builtins(cleared)
        patient.save(update_fields=["content"])


def _columns(patient: PatientNoun) -> dict[str, object]:
    return {
        "last_name": patient.last_name[:60], "first_name": patient.first_name[:35], "birth_date": patient.birth_date,
        "language": patient.language[:5] or "en", "content": msgspec.to_builtins(patient),
    }  # fmt: skip


def _is_somebody_else(known: PatientNoun, came: PatientNoun) -> bool:
    births = (known.birth_date, came.birth_date)
    if None not in births and births[0] != births[1]:
        return True
    names = [(known.last_name, came.last_name), (known.first_name, came.first_name)]
    return all(a and b and a.strip().upper() != b.strip().upper() for a, b in names)


def _merged(known: PatientNoun, came: PatientNoun) -> PatientNoun:
    blank = PatientNoun()
    changes = {
        field: getattr(came, field)
        for field in PatientNoun.__struct_fields__
        if getattr(came, field) != getattr(blank, field)
    }
    return msgspec.structs.replace(known, **changes)


def save_coverages(
    *, patient: Patient, coverages: Sequence[Coverage], payers: Mapping[str, Payer]
) -> list[tuple[Coverage, PatientCoverage | None]]:
    """Each coverage with its row; None where its payer is not set up. The same coverage again is the same row.

    What a person confirmed stays: an interface neither changes such a row nor adds the same policy beside it.
    """
    saved: list[tuple[Coverage, PatientCoverage | None]] = []
    held = list(patient.coverages.all())
    for coverage in coverages:
        payer = find_payer(dict(payers), coverage.payer)
        if payer is None:
            saved.append((coverage, None))
            continue
        identity = (coverage.sequence, coverage.member_id, coverage.start, payer.pk)
        row = next((r for r in held if (r.sequence, r.member_id, r.start, r.payer_id) == identity), None)
        content = msgspec.to_builtins(coverage)
        confirmed = [r for r in held if r.confirmed_on and (r.payer_id, r.member_id) == (payer.pk, coverage.member_id)]
        if confirmed:
            row = next((r for r in confirmed if r is row), confirmed[-1])
        elif row is None:
            row = PatientCoverage.objects.create(
                patient=patient, payer=payer, sequence=coverage.sequence, member_id=coverage.member_id[:80],
                start=coverage.start, end=coverage.end, content=content,
            )  # fmt: skip
            held.append(row)
        elif (row.end, row.content) != (coverage.end, content):
            row.end, row.content = coverage.end, content
            row.save(update_fields=["end", "content"])
        saved.append((coverage, row))
    return saved


def save_registrations(*, practice: Practice, registrations: Mapping[str, RegistrationNoun]) -> int:
    """Keep what the front desk registered, by record number; the newest registration counts. Says how many."""
    Registration.objects.bulk_create(
        [
            Registration(
                practice=practice, record_number=number[:60], content=msgspec.to_builtins(registration),
                registered_on=clock.today(),
            )
            for number, registration in registrations.items()
        ],
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["tenant", "practice", "record_number"],
        update_fields=["content", "registered_on"],
    )  # fmt: skip
    return len(registrations)


def registrations(*, practice: Practice) -> dict[str, RegistrationNoun]:
    rows = Registration.objects.filter(practice=practice).values_list("record_number", "content")
    return {number: msgspec.convert(content, RegistrationNoun) for number, content in rows}
