"""Registration beside the record itself: the order of coverages and what it hangs on, cards, insurance found late."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.coverage_order import Parents
from claimwright.billing.questionnaires import AccidentAnswers, Basis, MedicareAnswers
from claimwright.web.api.fields import In, Out, Reason, Short
from claimwright.web.api.framework import BYTES, as_bytes, find, operation
from claimwright.web.api.of_patients import Coverage, CoverageFields, new_coverage
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.operations.rebill import bill_found_coverage, undo_found_coverage
from claimwright.web.patients import coverages
from claimwright.web.patients.cards import add_card, open_card
from claimwright.web.patients.models import CardImage, FoundCoverage, InjuryCase, Patient, PatientCoverage
from claimwright.web.patients.questionnaires import close_case, record_accident
from claimwright.web.patients.registration import mail_came_back, set_parents
from claimwright.web.submissions.queried import record_medicare_answers


class ProposedPlace(Out):
    coverage_id: UUID
    sequence: str
    reason: str


class LeftOut(Out):
    coverage_id: UUID
    reason: str


class ProposedOrder(Out):
    """Who pays first on a day by the rules, with their reasons. A person, or a program that knows, confirms it."""

    on: date
    places: list[ProposedPlace]
    left_out: list[LeftOut]
    insurance_type: str
    questions: list[str] = Field(description="What is not known and decides")


class ConfirmOrder(In):
    on: date = Field(description="From when it holds")
    coverage_ids: list[UUID] = Field(min_length=1, max_length=10, description="Who pays first, first")


class FoundOut(Out):
    id: UUID
    patient_id: UUID
    coverage_id: UUID
    state: str
    visits: list[Any] = Field(description="Each visit with what was done, or why it was left")
    attempt: int
    made_by: str
    made_on: date
    undone_by: str
    undone_on: date | None


class UndoFound(In):
    reason: Reason


class SetParents(In):
    parents: Parents


class ParentsOut(Out):
    patient_id: UUID
    parents: str


class MedicareAnswersIn(In):
    answered_on: date | None = None
    basis: Basis = Field(description="Why the patient has Medicare")
    black_lung: bool = False
    federal_program: bool = False
    veterans_authorized: bool = False
    work_injury: bool = False
    no_fault_accident: bool = False
    liability_accident: bool = False
    has_group_plan: bool = False
    plan_through: Literal["", "self", "spouse", "family"] = ""
    currently_working: bool = False
    employer_size: int | None = Field(default=None, ge=0, le=9_999_999)
    kidney_start: date | None = None
    medicare_was_first: bool = False


class MedicareFindingOut(Out):
    id: UUID
    patient_id: UUID
    answered_on: date
    medicare_first: bool
    insurance_type: str = Field(description="SBR05; blank where Medicare pays first")
    finding: dict[str, Any]


class AccidentIn(In):
    at_work: bool = False
    auto: bool = False
    other: bool = False
    happened_on: date | None = None
    state: str = Field(default="", max_length=2)
    carrier: Short = ""
    case_number: str = Field(default="", max_length=50)
    adjuster_phone: str = Field(default="", max_length=20)


class CaseOut(Out):
    id: UUID
    patient_id: UUID
    kind: str
    causes: list[str]
    happened_on: date
    state: str
    carrier_name: str
    case_number: str
    answered_on: date
    closed_on: date | None
    closed_because: str


class AccidentKept(Out):
    case: CaseOut | None = Field(description="Null: there was no accident")


class CloseCase(In):
    reason: Reason


class CardImageOut(Out):
    id: UUID
    coverage_id: UUID
    side: str
    content_type: str
    state: str
    reason: str
    received_on: date


class MailReturned(In):
    reason: Reason


class MarkedAddress(Out):
    patient_id: UUID
    flags: list[str]


def _patient(patient_id: UUID) -> Patient:
    found: Patient = find(Patient.objects.select_related("practice", "mother"), patient_id)
    return found


@operation("GET", "/patients/{uuid:patient_id}/coverages/order", permission="patients.read", answers=ProposedOrder, reads=True)  # fmt: skip
def propose_coverage_order(request: HttpRequest, patient_id: UUID, on: date | None = None) -> Any:
    """Who pays first on a day, by the rules."""
    day = on or clock.today()
    proposal, _ = coverages.proposed_order(patient=_patient(patient_id), on=day)
    reasons = {reason.first: reason.says for reason in proposal.reasons}
    return {
        "on": day, "insurance_type": proposal.msp_type, "questions": [str(one) for one in proposal.questions],
        "places": [
            {"coverage_id": one.key, "sequence": one.sequence, "reason": reasons.get(one.key, "")}
            for one in proposal.places
        ],
        "left_out": [{"coverage_id": key, "reason": why} for key, why in proposal.left_out],
    }  # fmt: skip


@operation("POST", "/patients/{uuid:patient_id}/coverages/order", permission="patients.work", answers=list[Coverage])
def confirm_coverage_order(request: HttpRequest, patient_id: UUID, payload: ConfirmOrder) -> Any:
    """Say who pays first from a day on. What is left out has no part in it."""
    patient = _patient(patient_id)
    proposal, _ = coverages.proposed_order(patient=patient, on=payload.on)
    as_proposed = [str(key) for key in payload.coverage_ids] == list(proposal.order)
    coverages.confirm_order(
        patient=patient, on=payload.on, order=payload.coverage_ids, insurance_type=proposal.msp_type,
        reasons={reason.first: reason.says for reason in proposal.reasons} if as_proposed else {},
    )  # fmt: skip
    return list(patient.coverages.order_by("start", "sequence", "pk"))


@operation("POST", "/coverages/{uuid:coverage_id}/replace", permission="patients.work", answers=Coverage, status=201)
def replace_patient_coverage(request: HttpRequest, coverage_id: UUID, payload: CoverageFields) -> Any:
    """A new card, number or plan in the place of this one, from its start on."""
    row = find(PatientCoverage.objects.select_related("patient__practice", "payer"), coverage_id)
    return coverages.replace_coverage(coverage=row, new=new_coverage(payload))


@operation(
    "GET", "/patients/{uuid:patient_id}/coverages/found", permission="patients.read", answers=list[FoundOut], reads=True
)
def list_found_coverages(request: HttpRequest, patient_id: UUID) -> Any:
    """Insurance that was found after the patient was billed, the newest first."""
    return list(FoundCoverage.objects.filter(patient=_patient(patient_id)).order_by("-made_on", "-attempt"))


@operation(
    "POST", "/patients/{uuid:patient_id}/coverages/found", permission="patients.work", answers=FoundOut, status=201
)
def bill_a_found_coverage(request: HttpRequest, patient_id: UUID, payload: CoverageFields) -> Any:
    """Add insurance found late, and bill it for every visit on its days that the patient still owes for."""
    return bill_found_coverage(patient=_patient(patient_id), new=new_coverage(payload))


@operation("POST", "/coverages/found/{uuid:found_id}/undo", permission="patients.work", answers=FoundOut)
def undo_a_found_coverage(request: HttpRequest, found_id: UUID, payload: UndoFound) -> Any:
    """Take it all back, while no claim of it went out."""
    row = find(FoundCoverage.objects.select_related("patient", "coverage"), found_id)
    undo_found_coverage(found=row, reason=payload.reason)
    row.refresh_from_db()
    return row


# Questions -----------------------------------------------------------------------------------------------------------


@operation("POST", "/patients/{uuid:patient_id}/parents", permission="patients.work", answers=ParentsOut)
def set_patient_parents(request: HttpRequest, patient_id: UUID, payload: SetParents) -> Any:
    """Whether a child's parents are together: the order of its coverages hangs on it."""
    patient = _patient(patient_id)
    set_parents(patient=patient, parents=payload.parents.value)
    return {"patient_id": patient.pk, "parents": payload.parents.value}


@operation(
    "POST", "/patients/{uuid:patient_id}/answers/medicare", permission="patients.work", answers=MedicareFindingOut,
    status=201,
)  # fmt: skip
def record_medicare_questionnaire(request: HttpRequest, patient_id: UUID, payload: MedicareAnswersIn) -> Any:
    """The questionnaire for people with Medicare, as answered; unsent claims are judged again."""
    answers = MedicareAnswers(**payload.values("answered_on"))
    return record_medicare_answers(
        patient=_patient(patient_id), answers=answers, answered_on=payload.answered_on or clock.today()
    )


@operation(
    "POST", "/patients/{uuid:patient_id}/answers/accident", permission="patients.work", answers=AccidentKept, status=201
)
def record_accident_answers(request: HttpRequest, patient_id: UUID, payload: AccidentIn) -> Any:
    """Whether the care follows an accident: the case that it opens, or none."""
    answers = AccidentAnswers(**payload.values())
    return {"case": record_accident(patient=_patient(patient_id), answers=answers, answered_on=clock.today())}


@operation("POST", "/cases/{uuid:case_id}/close", permission="patients.work", answers=CaseOut)
def close_injury_case(request: HttpRequest, case_id: UUID, payload: CloseCase) -> Any:
    """The case is over."""
    row = find(InjuryCase, case_id)
    close_case(case=row, because=payload.reason)
    return row


@operation("POST", "/patients/{uuid:patient_id}/mail-returned", permission="patients.work", answers=MarkedAddress)
def mark_returned_mail(request: HttpRequest, patient_id: UUID, payload: MailReturned) -> Any:
    """Mail came back: the address is marked, and no statement goes there."""
    patient = _patient(patient_id)
    mail_came_back(patient=patient, because=payload.reason)
    return {"patient_id": patient.pk, "flags": patient.flags}


# Cards ---------------------------------------------------------------------------------------------------------------


@operation(
    "GET", "/coverages/{uuid:coverage_id}/cards", permission="patients.read", answers=list[CardImageOut], reads=True
)
def list_cards(request: HttpRequest, coverage_id: UUID) -> Any:
    """Pictures of a coverage's card, the newest first."""
    rows = CardImage.objects.filter(coverage=find(PatientCoverage, coverage_id)).defer("sealed")
    return list(rows.order_by("-received_on", "side", "pk"))


@operation(
    "POST", "/coverages/{uuid:coverage_id}/cards", permission="patients.work", answers=CardImageOut, status=201,
    takes=BYTES,
)  # fmt: skip
def add_card_image(request: HttpRequest, coverage_id: UUID, side: Literal["front", "back"], name: str) -> Any:
    """One side of a card: its bytes are the body."""
    if not request.body:
        raise Problem(422, "The body is empty: send the picture's bytes")
    coverage = find(PatientCoverage.objects.select_related("patient"), coverage_id)
    return add_card(coverage=coverage, side=side, name=name, content=request.body)


@operation("GET", "/cards/{uuid:card_id}/content", permission="patients.read", produces=BYTES, reads=True)
def download_card_image(request: HttpRequest, card_id: UUID) -> Any:
    """The picture as it came."""
    row = find(CardImage.objects.select_related("coverage"), card_id)
    return as_bytes(open_card(card=row), BYTES, f"card-{row.side}.{row.content_type.rpartition('/')[2]}")
