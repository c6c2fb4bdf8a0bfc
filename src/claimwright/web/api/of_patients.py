"""Patients and their coverages, as the front desk keeps them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.coverage_order import Plan, Role, Standing
from claimwright.billing.registration import Fault
from claimwright.claims.nouns import Patient as PatientNoun
from claimwright.claims.nouns import Person
from claimwright.web.api.fields import In, Out, Reason, Short
from claimwright.web.api.framework import find, given, must_match, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.patients.coverages import NewCoverage, add_coverage, end_coverage, faults_of
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.patients.registration import cells_of, correct_patient, register_patient
from claimwright.web.patients.selectors import by_number, named
from claimwright.web.practice.models import Payer, Practice


class Coverage(Out):
    id: UUID
    patient_id: UUID
    payer_id: UUID
    sequence: str
    member_id: str
    plan_name: str
    start: date | None
    end: date | None = Field(description="The first day without it")
    confirmed_on: date | None
    ended_because: str


class PatientRow(Out):
    id: UUID
    practice_id: UUID
    record_number: str
    last_name: str
    first_name: str
    birth_date: date | None
    language: str
    flags: list[str]
    merged_into_id: UUID | None


class AddressOut(Out):
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""


class PatientOut(PatientRow):
    middle_name: str
    suffix: str
    sex: str
    phone: str
    address: AddressOut
    coverages: list[Coverage]
    registration: dict[str, str] = Field(
        description="The fields of registration as they stand; no social security number"
    )


class PatientFields(In):
    """As on the page of registration: what is not named is blank. Nothing here is repeated in an answer to an error."""

    last_name: Short = ""
    first_name: Short = ""
    middle_name: Short = ""
    suffix: Short = ""
    preferred_name: Short = ""
    birth_date: date | None = None
    death_date: date | None = None
    sex: Short = Field(default="", description="F, M or U, as the payer holds it")
    gender_identity: Short = ""
    ssn: Short = ""
    line1: Short = ""
    line2: Short = ""
    city: Short = ""
    state: Short = ""
    postal_code: Short = ""
    no_address: bool = False
    phone1: Short = ""
    phone1_kind: Short = ""
    phone1_may_text: bool = False
    phone1_consent_on: date | None = None
    phone1_may_leave_message: bool = False
    phone1_no_calls: bool = False
    phone2: Short = ""
    phone2_kind: Short = ""
    phone2_may_text: bool = False
    phone2_consent_on: date | None = None
    phone2_may_leave_message: bool = False
    phone2_no_calls: bool = False
    email: str = Field(default="", max_length=254)
    channel: Short = "mail"
    language: Short = "en"
    guarantor: Short = "self"
    guarantor_record_number: Short = ""
    guarantor_last_name: Short = ""
    guarantor_first_name: Short = ""
    guarantor_birth_date: date | None = None
    guarantor_relationship: Short = ""
    guarantor_phone: Short = ""
    guarantor_line1: Short = ""
    guarantor_city: Short = ""
    guarantor_state: Short = ""
    guarantor_postal_code: Short = ""
    emancipated: bool = False
    marital: Short = ""
    employment: Short = ""
    employer: Short = ""
    is_newborn: bool = False
    mother_record_number: Short = ""


class NewPatient(PatientFields):
    practice_id: UUID
    record_number: Short = Field(default="", description="Blank: the next one")
    decided_new: bool = Field(default=False, description="A person saw who it may be already, and it is somebody else")


class StandingIn(In):
    """What the order of payers hangs on; what is not said is as the payer is set up."""

    plan: Plan | None = None
    standing: Standing | None = Field(default=None, description="Of the subscriber at work")
    employer_size: int | None = Field(default=None, ge=0, le=9_999_999)
    covered_since: date | None = None
    role: Role | None = Field(default=None, description="Of the parent, where parents are apart")
    related: bool | None = Field(default=None, description="The care belongs to this case")


class CoverageFields(In):
    payer_id: UUID
    member_id: Short
    relationship: str = Field(default="18", max_length=2, description="Of the patient to the subscriber; 18 is self")
    subscriber_last_name: Short = ""
    subscriber_first_name: Short = ""
    subscriber_birth_date: date | None = None
    group_number: Short = ""
    group_name: Short = ""
    plan_name: str = Field(default="", max_length=80)
    start: date | None = None
    end: date | None = Field(default=None, description="The first day without it")
    benefits_assigned_on: date | None = None
    release_signed_on: date | None = None
    other_cover_asked_on: date | None = None
    standing: StandingIn = StandingIn()


class EndCoverage(In):
    end: date = Field(description="The first day without it")
    reason: Reason


def as_cells(fields: dict[str, Any]) -> dict[str, str]:
    """The cells of the page's form: a tick is "on", a day is ISO."""
    cells = {}
    for name, value in fields.items():
        cells[name] = "on" if value is True else "" if value in (None, False) else value.isoformat() if isinstance(value, date) else str(value)  # fmt: skip
    return cells


def refuse(faults: tuple[Fault, ...] | list[Fault]) -> None:
    """Raise what a form's reader found, field by field: each says what is wrong and how to put it right."""
    if faults:
        errors = [{"field": one.field, "says": f"{one.says}. {one.fix}."} for one in faults]
        raise Problem(422, "Fields are missing or not right.", errors=errors)


def _rows() -> Any:
    return Patient.objects.defer("content", "details", "ssn_sealed")


@operation("GET", "/patients", permission="patients.read", answers=paged(PatientRow), reads=True)
def list_patients(
    request: HttpRequest, q: str = "", practice_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Patients, newest id first; `q` is a record or member number, or the beginning of a last name, or "last, first"."""
    rows = _rows().filter(merged_into__isnull=True)
    if practice_id:
        rows = rows.filter(practice_id=practice_id)
    if text := q.strip():
        last, _, first = (part.strip() for part in text.partition(","))
        rows = rows.filter(pk__in=named(last, first).values("pk").union(by_number(text), all=True))
    return page_of(rows, cursor=cursor, limit=limit)


@operation("GET", "/patients/{uuid:patient_id}", permission="patients.read", answers=PatientOut, reads=True)
def read_patient(request: HttpRequest, patient_id: UUID) -> Any:
    """One patient with coverages. Its ETag is what a correction must name."""
    row = find(Patient.objects.all(), patient_id)
    noun = msgspec.convert(row.content, PatientNoun)
    told = {name: value for name, value in cells_of(row).items() if "ssn" not in name}
    return PatientRow.from_orm(row).model_dump() | {
        "middle_name": noun.middle_name, "suffix": noun.suffix, "sex": noun.sex, "phone": noun.phone,
        "address": msgspec.to_builtins(noun.address), "registration": told,
        "coverages": list(row.coverages.order_by("start", "sequence", "pk")),
    }  # fmt: skip


@operation("POST", "/patients", permission="patients.work", answers=PatientOut, status=201)
def register_new_patient(request: HttpRequest, payload: NewPatient) -> Any:
    """Register a patient. 409 with the candidates' ids where it may be somebody registered already."""
    practice = find(Practice, payload.practice_id)
    cells = as_cells(payload.model_dump(exclude={"practice_id", "decided_new"}))
    outcome = register_patient(practice=practice, cells=cells, decided_new=payload.decided_new)
    refuse(outcome.faults)
    if outcome.patient is None:
        likely = [{"field": "patient_id", "says": str(one.patient.pk)} for one in outcome.candidates]
        words = "Perhaps registered already: look at these patients, then send decided_new if it is somebody else"
        raise Problem(409, words, kind="likely-duplicate", errors=likely)
    return read_patient(request, outcome.patient.pk)


@operation("PUT", "/patients/{uuid:patient_id}", permission="patients.work", answers=PatientOut, if_match=True)
def correct_patient_record(request: HttpRequest, patient_id: UUID, payload: PatientFields) -> Any:
    """The record as it is said here, whole: read it first and send `registration` back with what changed."""
    row = find(Patient.objects.select_for_update(of=("self",)).select_related("practice"), patient_id)
    must_match(request, read_patient, PatientOut, patient_id=patient_id)
    refuse(correct_patient(patient=row, cells=as_cells(payload.model_dump())).faults)
    return read_patient(request, patient_id)


@operation(
    "GET", "/patients/{uuid:patient_id}/coverages", permission="patients.read", answers=list[Coverage], reads=True
)
def list_coverages(request: HttpRequest, patient_id: UUID) -> Any:
    """All coverages, past ones too."""
    return list(find(_rows(), patient_id).coverages.order_by("start", "sequence", "pk"))


@operation("POST", "/patients/{uuid:patient_id}/coverages", permission="patients.work", answers=Coverage, status=201)
def add_patient_coverage(request: HttpRequest, patient_id: UUID, payload: CoverageFields) -> Any:
    """One more coverage. Beside others of its days it has no place until a person confirms their order."""
    patient = find(Patient.objects.select_related("practice"), patient_id)
    return add_coverage(patient=patient, new=new_coverage(payload))


def new_coverage(payload: CoverageFields) -> NewCoverage:
    """As the front desk would take it down."""
    person = Person(
        last_name=payload.subscriber_last_name, first_name=payload.subscriber_first_name,
        birth_date=payload.subscriber_birth_date,
    )  # fmt: skip
    apart = ("payer_id", "standing")
    told = {
        name: value
        for name, value in given(payload).items()
        if not name.startswith("subscriber_") and name not in apart
    }
    standing = payload.standing.model_dump(mode="json", exclude_none=True)
    return NewCoverage(payer=find(Payer, payload.payer_id), subscriber=person, standing=standing, **told)


@operation("POST", "/coverages/{uuid:coverage_id}/end", permission="patients.work", answers=Coverage)
def end_patient_coverage(request: HttpRequest, coverage_id: UUID, payload: EndCoverage) -> Any:
    """Close a coverage."""
    row = find(PatientCoverage.objects.select_related("patient__practice", "payer"), coverage_id)
    end_coverage(coverage=row, end=payload.end, because=payload.reason)
    row.refresh_from_db()
    return row


class PlaceFaultOut(Out):
    says: str


@operation(
    "GET",
    "/patients/{uuid:patient_id}/coverages/faults",
    permission="patients.read",
    answers=list[PlaceFaultOut],
    reads=True,
)
def list_coverage_faults(request: HttpRequest, patient_id: UUID) -> Any:
    """What is wrong with the order of the coverages, by day."""
    return [{"says": str(getattr(one, "says", one))} for one in faults_of(find(Patient, patient_id))]
