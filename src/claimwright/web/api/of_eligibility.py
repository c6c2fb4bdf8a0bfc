"""Eligibility: payers asked about a coverage, and what they answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.eligibility import Occasion
from claimwright.web.api.fields import In, Out, Short
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.eligibility.asking import ask, prepare_batches
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot
from claimwright.web.eligibility.real_time import real_time_way
from claimwright.web.operations.real_time import ask_in_background
from claimwright.web.patients.models import PatientCoverage
from claimwright.web.workbench.eligibility import may_ask


class InquiryOut(Out):
    id: UUID
    patient_id: UUID
    coverage_id: UUID | None
    payer_id: UUID
    encounter_id: UUID | None
    occasion: str
    on: date
    state: str
    in_real_time: bool
    tries: int
    reasons: list[str]
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None


class AnswerRow(Out):
    id: UUID
    inquiry_id: UUID
    patient_id: UUID
    coverage_id: UUID | None
    payer_id: UUID
    on: date
    checked_on: date
    checked_at: datetime
    status: str
    member_id: str
    start: date | None
    end: date | None = Field(description="The first day without cover")
    source: str
    reference: str


class AnswerOut(AnswerRow):
    content: dict[str, Any] = Field(description="What it says for us")
    answer: dict[str, Any] = Field(description="All that the payer said")


class AskEligibility(In):
    on: date | None = Field(default=None, description="The day asked about; today unless said")
    service_types: list[Short] = Field(default=["30"], max_length=10)


@operation(
    "POST", "/coverages/{uuid:coverage_id}/eligibility", permission="eligibility.work", answers=InquiryOut, status=202
)
def ask_about_coverage(request: HttpRequest, coverage_id: UUID, payload: AskEligibility) -> Any:
    """Ask the payer: at once where it answers at once, else with the next batch. Read the question again for its state."""
    row = find(PatientCoverage.objects.select_related("patient__practice", "payer__eligibility_check", "payer__connection"), coverage_id)  # fmt: skip
    if not may_ask(row.payer):
        raise Problem(409, "This payer is not asked about eligibility: set it up first", kind="refused")
    at_once = real_time_way(row.payer) is not None
    asked = ask(
        patient=row.patient, payer=row.payer, coverage=row, on=payload.on or clock.today(), occasion=Occasion.ASKED,
        service_types=payload.service_types, in_real_time=at_once,
    )  # fmt: skip
    if at_once:
        ask_in_background(tenant=current_tenant(), inquiry_id=asked.pk)
    else:
        prepare_batches()
    return asked


@operation("GET", "/eligibility/inquiries", permission="patients.read", answers=paged(InquiryOut), reads=True)
def list_inquiries(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, coverage_id: UUID | None = None,
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Questions to payers, the newest first."""
    chosen = {"state": state, "patient_id": patient_id, "coverage_id": coverage_id}
    rows = EligibilityInquiry.objects.defer("content").filter(
        **{name: value for name, value in chosen.items() if value}
    )
    return page_of(rows, cursor=cursor, limit=limit, by="asked_at")


@operation(
    "GET", "/eligibility/inquiries/{uuid:inquiry_id}", permission="patients.read", answers=InquiryOut, reads=True
)
def read_inquiry(request: HttpRequest, inquiry_id: UUID) -> Any:
    """One question and how it stands."""
    return find(EligibilityInquiry.objects.defer("content"), inquiry_id)


@operation("GET", "/eligibility/answers", permission="patients.read", answers=paged(AnswerRow), reads=True)
def list_answers(
    request: HttpRequest, patient_id: UUID | None = None, coverage_id: UUID | None = None, inquiry_id: UUID | None = None,
    status: str = "", cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Answers as they stood, the newest first."""
    chosen = {"patient_id": patient_id, "coverage_id": coverage_id, "inquiry_id": inquiry_id, "status": status}
    rows = EligibilitySnapshot.objects.defer("content", "answer")
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="checked_at")


@operation("GET", "/eligibility/answers/{uuid:snapshot_id}", permission="patients.read", answers=AnswerOut, reads=True)
def read_answer(request: HttpRequest, snapshot_id: UUID) -> Any:
    """One answer with every benefit."""
    return find(EligibilitySnapshot, snapshot_id)
