"""Who answers for a patient's bills, and which patients one person answers for: a statement goes to the guarantor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q

from claimwright.claims.nouns import Address
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.web.patients.models import Patient
from claimwright.web.patients.registration import details_of
from claimwright.web.payments import models


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Who a statement is for. `key` is the same for all patients that the person answers for."""

    key: str
    name: str  # "" where the patient answers for themselves
    address: Address
    language: str
    email: str = ""


def guarantor_key(patient: Patient) -> str:
    """The practice, and the guarantor's record, else the person by name and birth date, else the patient."""
    person = _person(patient)
    if patient.guarantor_id is None and person is not None and person.birth_date is not None:
        who = "|".join((person.last_name, person.first_name, person.birth_date.isoformat())).upper()
    else:
        who = str(patient.guarantor_id or patient.pk)
    return f"{patient.practice_id}|{who}"


def addressee_of(patient: Patient) -> Addressee:
    key, own = guarantor_key(patient), msgspec.convert(patient.content, PatientNoun)
    if patient.guarantor is not None:
        other = patient.guarantor
        noun = msgspec.convert(other.content, PatientNoun)
        name = " ".join(filter(None, (noun.first_name or other.first_name, noun.last_name or other.last_name)))
        return Addressee(
            key=key, name=name, address=noun.address if noun.address.line1 else own.address, language=other.language,
            email=details_of(other).email,
        )  # fmt: skip
    person = _person(patient)
    if person is not None:
        name = " ".join(filter(None, (person.first_name, person.last_name)))
        address = person.address if person.address.line1 else own.address
        return Addressee(key=key, name=name, address=address, language=patient.language,
                         email=details_of(patient).email)  # fmt: skip
    return Addressee(
        key=key, name="", address=own.address, language=patient.language, email=details_of(patient).email
    )  # fmt: skip


def _person(patient: Patient) -> Any:
    named = details_of(patient).guarantor
    return named.person if named is not None and named.person.last_name else None


def together(patient_ids: Sequence[str]) -> list[str]:
    """The ids with those of one guarantor beside each other, by their record numbers: so statements are numbered."""
    found = {
        str(row.pk): (guarantor_key(row), row.record_number)
        for row in Patient.objects.filter(pk__in=patient_ids).select_related("guarantor")
    }
    first: dict[str, str] = {}
    for key, number in sorted(found.values()):
        first.setdefault(key, number)
    return sorted(
        (one for one in patient_ids if one in found), key=lambda one: (first[found[one][0]], *found[one], one)
    )


def last_statements(patients: Iterable[Patient], withdrawn: Iterable[UUID] = ()) -> dict[str, date]:
    """The newest statement's day by guarantor key, of whichever patient of the guarantor it was."""
    keys = {row.pk: guarantor_key(row) for row in patients}
    guarantors = {row.guarantor_id for row in patients if row.guarantor_id} | set(keys)
    found: dict[str, date] = {}
    rows = models.Statement.objects.filter(Q(patient__in=keys) | Q(patient__guarantor__in=guarantors))
    for practice_id, patient_id, guarantor_id, on in rows.exclude(pk__in=list(withdrawn)).values_list(
        "practice_id", "patient_id", "patient__guarantor_id", "issued_on"
    ):
        key = keys.get(patient_id) or f"{practice_id}|{guarantor_id or patient_id}"
        found[key] = max(on, found.get(key, on))
    return found
