"""What others ask of patients: answers given, cases open, which records are one person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from claimwright.billing.questionnaires import MedicareAnswers, is_stale
from claimwright.edits import facts
from claimwright.web.patients.models import InjuryCase, MedicareQuestionnaire, Patient, PatientCoverage
from claimwright.web.practice.selectors import policies_of

LAST_LETTER = "\U0010ffff"  # behind every word that begins like the one before it


def by_name(word: str) -> QuerySet[Patient, Any]:
    """Ids of records whose last or first name begins with the word, however it is written, as a union of two indexes.

    Names are compared by range in their folded columns: under row-level security only comparisons that leak nothing may
    use an index, and LIKE is none of them.
    """
    last, first = (Patient.objects.filter(**begins(name, word)) for name in ("last_name_folded", "first_name_folded"))
    return last.values("pk").union(first.values("pk"), all=True)


def begins(folded: str, word: str) -> dict[str, Lower]:
    """The filter for a folded column that begins with the word, as a range; an empty word leaves all."""
    return {f"{folded}__gte": Lower(Value(word)), f"{folded}__lt": Lower(Value(word + LAST_LETTER))}


def named(last: str, first: str) -> QuerySet[Patient]:
    """Patients whose last and first name begin so, however they are written."""
    return Patient.objects.filter(**begins("last_name_folded", last), **begins("first_name_folded", first))


def by_number(word: str) -> QuerySet[Patient, Any]:
    """Ids of records whose record number or member id is the word in any case; of a merged record its survivor's."""
    spelt = Lower(Value(word))
    own = Patient.objects.filter(record_number_folded=spelt)
    absorbed = own.filter(merged_into__isnull=False).values("merged_into")
    insured = PatientCoverage.objects.filter(member_id_folded=spelt).values("patient")
    return own.values("pk").union(absorbed, insured, all=True)


def merged_ids(patient_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Each patient's own id and those of the records merged into it, however deep."""
    found = {patient_id: [patient_id] for patient_id in patient_ids}
    below = {patient_id: patient_id for patient_id in found}  # record to the patient asked for
    while below:
        rows = Patient.objects.filter(merged_into__in=below).values_list("pk", "merged_into_id")
        below = {pk: below[into] for pk, into in rows}
        for pk, asked in below.items():
            found[asked].append(pk)
    return found


def survivor_of(patient: Patient) -> Patient:
    """The record this one was merged into, or itself."""
    while patient.merged_into is not None:
        patient = patient.merged_into
    return patient


def latest_questionnaires(patient_ids: Iterable[UUID]) -> dict[UUID, MedicareQuestionnaire]:
    ids = merged_ids(patient_ids)
    owner = {one: asked for asked, ones in ids.items() for one in ones}
    rows = MedicareQuestionnaire.objects.filter(patient__in=owner).order_by("answered_on", "recorded_at")
    return {owner[row.patient_id]: row for row in rows}


def latest_medicare_answers(patient_ids: Iterable[UUID]) -> dict[UUID, MedicareAnswers]:
    return {
        patient_id: msgspec.convert(row.answers, MedicareAnswers)
        for patient_id, row in latest_questionnaires(patient_ids).items()
    }


def medicare_secondary(patient_ids: Iterable[UUID]) -> dict[UUID, facts.MedicareSecondary]:
    """The facts that edits of Medicare claims read; a patient who was never asked has none."""
    return {
        patient_id: facts.MedicareSecondary(
            employer_plan_active=not row.medicare_first and row.insurance_type in ("12", "13", "43"),
            reason=row.insurance_type, answered_on=row.answered_on,
        )
        for patient_id, row in latest_questionnaires(patient_ids).items()
    }  # fmt: skip


def injury_cases(patient_ids: Iterable[UUID]) -> dict[UUID, tuple[facts.LiabilityCase, ...]]:
    """Open and closed cases of each patient, as edits read them."""
    ids = merged_ids(patient_ids)
    owner = {one: asked for asked, ones in ids.items() for one in ones}
    found: dict[UUID, list[facts.LiabilityCase]] = defaultdict(list)
    for row in InjuryCase.objects.filter(patient__in=owner).order_by("happened_on", "pk"):
        found[owner[row.patient_id]].append(
            facts.LiabilityCase(kind=row.kind, injury_date=row.happened_on, open=row.closed_on is None)
        )
    return {patient_id: tuple(cases) for patient_id, cases in found.items()}


def practices_that_ask(practice_ids: Iterable[UUID]) -> set[UUID]:
    """Those that ever recorded a Medicare questionnaire: the others keep the answers elsewhere, or do not ask."""
    rows = MedicareQuestionnaire.objects.filter(patient__practice__in=set(practice_ids))
    return set(rows.values_list("patient__practice_id", flat=True).distinct())


def questionnaire_is_stale(patient: Patient, on: date) -> bool:
    """Whether a visit on `on` needs the questions asked again, by the days of the patient's practice."""
    row = latest_questionnaires([patient.pk]).get(patient.pk)
    days = policies_of(patient.practice).medicare_questionnaire_days
    return is_stale(row.answered_on if row else None, on, days=days)
