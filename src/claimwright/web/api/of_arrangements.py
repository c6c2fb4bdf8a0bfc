"""What patients ask and are granted: inquiries, financial assistance, and the life of a plan beside its offer.

Who decides on assistance is a person, and another one than took the application: a program takes it and its papers.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.financial_assistance import DOCUMENTS
from claimwright.billing.inquiries import Channel, Resolution, Topic
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.of_statements import PlanOut
from claimwright.web.api.problems import Problem
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import AssistanceApplication, Inquiry, PatientLetter, PaymentPlan
from claimwright.web.arrangements.plans import encounters_of
from claimwright.web.cashier.links import checkout_address
from claimwright.web.cashier.processors import ProcessorUnavailable
from claimwright.web.patients.models import Patient


class PatientInquiryOut(Out):
    id: UUID
    practice_id: UUID
    patient_id: UUID
    encounter_id: UUID | None = Field(description="Null: about the whole account")
    number: str
    channel: str
    topic: str
    words: str
    is_on_hold: bool
    owner: str
    received_on: date
    answer_by: date
    taken_by: str
    state: str
    resolution: str
    answer: str
    resolved_on: date | None
    resolved_by: str
    letter_id: UUID | None


class OpenInquiry(In):
    patient_id: UUID
    channel: Channel
    topic: Topic
    words: str = Field(min_length=1, max_length=4000, description="What the patient said")
    encounter_id: UUID | None = None
    hold: bool | None = Field(default=None, description="Collect nothing of it meanwhile; null: as the topic says")
    owner: Short = ""
    received_on: date | None = None


class AssignInquiry(In):
    owner: Short = Field(min_length=1)


class ResolveInquiry(In):
    resolution: Resolution
    answer: str = Field(default="", max_length=4000)


class ApplicationOut(Out):
    id: UUID
    practice_id: UUID
    patient_id: UUID
    number: str
    state: str
    household_size: int
    annual_income: Money
    residence: str
    documents: list[Any]
    applied_on: date
    taken_by: str
    percent_of_guideline: Quantity
    scale_percent: int = Field(description="What the sliding scale gives")
    papers_by: date | None
    discount_percent: int | None
    first_service: date | None
    last_service: date | None
    decided_on: date | None
    decided_by: str
    reason: str
    letter_id: UUID | None


class Apply(In):
    patient_id: UUID
    household_size: int = Field(ge=1, le=40)
    annual_income: Money
    residence: str = Field(default="", max_length=2, description="The state whose guideline applies")
    documents: list[Literal[DOCUMENTS]] = []  # type: ignore[valid-type]
    applied_on: date | None = None


class AddPaper(In):
    kind: Literal[DOCUMENTS]  # type: ignore[valid-type]
    note: str = Field(default="", max_length=200)


class WithdrawApplication(In):
    reason: Reason


class JoinPlan(In):
    encounter_ids: list[UUID] = Field(min_length=1, max_length=100)
    consent: str = Field(min_length=1, max_length=200, description="How the patient agreed that they join")


class ReinstatePlan(In):
    reason: Reason


class StopAutopay(In):
    reason: Reason


class ChargedOut(Out):
    taken: Money
    not_taken_because: str = Field(description="What the processor said of the rest; blank: nothing is left due")


class KeepOut(Out):
    address: str = Field(description="The page on which the patient pays, relative to this installation's address")


# Inquiries -----------------------------------------------------------------------------------------------------------


def _inquiry(patient_inquiry_id: UUID) -> Inquiry:
    found: Inquiry = find(Inquiry.objects.select_related("patient"), patient_inquiry_id)
    return found


@operation("GET", "/inquiries", permission="accounts.read", answers=paged(PatientInquiryOut), reads=True)
def list_patient_inquiries(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """What patients asked or dispute, the newest first."""
    chosen = {"state": state, "patient_id": patient_id}
    rows = Inquiry.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="received_on")


@operation("POST", "/inquiries", permission="accounts.work", answers=PatientInquiryOut, status=201)
def open_patient_inquiry(request: HttpRequest, payload: OpenInquiry) -> Any:
    """Write down what a patient asks; it is answered by its day."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    visits = encounters_of(patient, [payload.encounter_id]) if payload.encounter_id else []
    fields = payload.values("patient_id", "encounter_id")
    return services.open_inquiry(patient=patient, encounter=visits[0] if visits else None, **fields)


@operation("POST", "/inquiries/{uuid:patient_inquiry_id}/assign", permission="accounts.work", answers=PatientInquiryOut)
def assign_patient_inquiry(request: HttpRequest, patient_inquiry_id: UUID, payload: AssignInquiry) -> Any:
    """Give it to a person."""
    return services.assign_inquiry(inquiry=_inquiry(patient_inquiry_id), owner=payload.owner)


@operation(
    "POST", "/inquiries/{uuid:patient_inquiry_id}/resolve", permission="accounts.work", answers=PatientInquiryOut
)
def resolve_patient_inquiry(request: HttpRequest, patient_inquiry_id: UUID, payload: ResolveInquiry) -> Any:
    """Answer it: the letter to the patient is written."""
    row = _inquiry(patient_inquiry_id)
    return services.resolve_inquiry(inquiry=row, resolution=payload.resolution, answer=payload.answer)


@operation("GET", "/letters/{uuid:letter_id}/letter.pdf", permission="patients.read", produces=PDF, reads=True)
def read_patient_letter(request: HttpRequest, letter_id: UUID) -> Any:
    """A letter to a patient as it was written."""
    row = find(PatientLetter, letter_id)
    return as_bytes(bytes(row.pdf), PDF, f"letter-{row.number}.pdf")


# Financial assistance ------------------------------------------------------------------------------------------------


def _application(application_id: UUID) -> AssistanceApplication:
    found: AssistanceApplication = find(
        AssistanceApplication.objects.select_related("patient__practice"), application_id
    )
    return found


@operation("GET", "/assistance", permission="accounts.read", answers=paged(ApplicationOut), reads=True)
def list_applications(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Applications for financial assistance, the newest first."""
    chosen = {"state": state, "patient_id": patient_id}
    rows = AssistanceApplication.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="applied_on")


@operation("POST", "/assistance", permission="accounts.work", answers=ApplicationOut, status=201)
def take_application(request: HttpRequest, payload: Apply) -> Any:
    """Take an application: the sliding scale says what it gives; a person decides."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    fields = payload.values("patient_id", "documents")
    return services.apply_for_assistance(patient=patient, documents=tuple(payload.documents), **fields)


@operation("POST", "/assistance/{uuid:application_id}/papers", permission="accounts.work", answers=ApplicationOut)
def add_application_paper(request: HttpRequest, application_id: UUID, payload: AddPaper) -> Any:
    """Note a paper that came."""
    return services.add_assistance_document(application=_application(application_id), **payload.values())


@operation("POST", "/assistance/{uuid:application_id}/ask", permission="accounts.work", answers=ApplicationOut)
def ask_for_application_papers(request: HttpRequest, application_id: UUID) -> Any:
    """Write the letter that asks for papers."""
    return services.ask_for_papers(application=_application(application_id))


@operation("POST", "/assistance/{uuid:application_id}/withdraw", permission="accounts.work", answers=ApplicationOut)
def withdraw_application(request: HttpRequest, application_id: UUID, payload: WithdrawApplication) -> Any:
    """The patient wants it no more."""
    return services.withdraw_assistance(application=_application(application_id), reason=payload.reason)


# Plans ---------------------------------------------------------------------------------------------------------------


def _plan(plan_id: UUID) -> PaymentPlan:
    found: PaymentPlan = find(PaymentPlan.objects.select_related("patient__practice"), plan_id)
    return found


@operation("POST", "/plans/{uuid:plan_id}/join", permission="accounts.work", answers=PlanOut)
def join_a_plan(request: HttpRequest, plan_id: UUID, payload: JoinPlan) -> Any:
    """Later visits join a running plan; the agreement is written anew."""
    plan = _plan(plan_id)
    visits = encounters_of(plan.patient, payload.encounter_ids)
    return services.join_plan(plan=plan, encounters=visits, consent=payload.consent)


@operation("POST", "/plans/{uuid:plan_id}/reinstate", permission="accounts.work", answers=PlanOut)
def reinstate_a_plan(request: HttpRequest, plan_id: UUID, payload: ReinstatePlan) -> Any:
    """A broken plan runs again."""
    return services.reinstate_plan(plan=_plan(plan_id), reason=payload.reason)


@operation("POST", "/plans/{uuid:plan_id}/keep", permission="accounts.work", answers=KeepOut)
def keep_plan_card(request: HttpRequest, plan_id: UUID) -> Any:
    """Begin the payment with which the processor keeps the patient's card or account."""
    try:
        attempt = services.begin_keeping(plan=_plan(plan_id))
    except ProcessorUnavailable as silent:
        raise Problem(503, f"The processor did not answer: {silent}.") from None
    return {"address": checkout_address(attempt.pk)}


@operation("POST", "/plans/{uuid:plan_id}/charge", permission="accounts.work", answers=ChargedOut)
def charge_a_plan(request: HttpRequest, plan_id: UUID) -> Any:
    """Charge all that is due now to the card or account that the processor keeps."""
    try:
        taken, why = services.charge_due(plan=_plan(plan_id))
    except ProcessorUnavailable as silent:
        raise Problem(503, f"The processor did not answer: {silent}.") from None
    return {"taken": taken, "not_taken_because": why}


@operation("POST", "/plans/{uuid:plan_id}/stop-autopay", permission="accounts.work", answers=PlanOut)
def stop_plan_autopay(request: HttpRequest, plan_id: UUID, payload: StopAutopay) -> Any:
    """The patient takes the consent back: nothing is charged by itself any more. The plan runs on."""
    return services.stop_autopay(plan=_plan(plan_id), reason=payload.reason)


@operation("POST", "/plans/{uuid:plan_id}/bad-debt", permission="accounts.work", answers=PlanOut)
def hand_plan_to_agency(request: HttpRequest, plan_id: UUID) -> Any:
    """Hand a broken plan to the review for an agency."""
    services.hand_plan_to_bad_debt(plan=_plan(plan_id))
    return _plan(plan_id)
