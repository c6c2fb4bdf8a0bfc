"""Good-faith estimates: asked for, given, revised; bills far above them, and what patients dispute of these."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.good_faith_estimates import EstimateItem, OtherService
from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import EstimateDispute, EstimateExcess, EstimateRequest, GoodFaithEstimate
from claimwright.web.charges.models import Encounter
from claimwright.web.patients.models import Patient


class EstimateOut(Out):
    id: UUID
    practice_id: UUID
    patient_id: UUID
    encounter_id: UUID | None
    number: str
    version: int
    replaces_id: UUID | None
    primary_service: str
    service_on: date | None
    issued_on: date
    issued_by: str
    answer_by: date | None
    total: Money


class EstimateRequestOut(Out):
    id: UUID
    patient_id: UUID
    wanted: str
    requested_on: date
    answer_by: date
    taken_by: str
    is_answered: bool


class ExcessOut(Out):
    id: UUID
    estimate_id: UUID
    encounter_id: UUID
    provider_npi: str
    estimated_amount: Money
    billed_amount: Money
    state: str
    found_on: date
    decided_by: str
    note: str


class EstimateDisputeOut(Out):
    id: UUID
    excess_id: UUID
    reference: str
    filed_on: date
    last_day_to_file: date
    state: str
    decided_amount: Money | None
    closed_on: date | None
    note: str


class WantedService(In):
    code: str = Field(max_length=11)
    units: str = Field(default="1", pattern=r"^\d{1,5}(\.\d{1,3})?$")
    modifiers: list[str] = Field(default=[], max_length=4)
    diagnosis_codes: list[Short] = Field(default=[], max_length=12)
    description: Short = Field(default="", description="Blank: the words of the charge master")


class OthersService(In):
    """Of who bills apart for the same care."""

    code: str = Field(max_length=11)
    description: Short = ""
    charge: Money
    provider_name: Short
    provider_npi: str = Field(max_length=10)
    provider_tax_id: str = Field(default="", max_length=9)


class EstimateFields(In):
    services: list[WantedService] = Field(min_length=1, max_length=50)
    primary_service: str = Field(default="", max_length=120)
    service_on: date | None = None
    recurs_until: date | None = None
    co_providers: list[OthersService] = Field(default=[], max_length=20)
    others: list[Short] = Field(default=[], max_length=20, description="What is likely needed and scheduled apart")


class IssueEstimate(EstimateFields):
    patient_id: UUID
    encounter_id: UUID | None = None
    request_id: UUID | None = Field(default=None, description="The patient's request that it answers")


class AskEstimate(In):
    patient_id: UUID
    wanted: str = Field(min_length=1, max_length=200)
    requested_on: date | None = None


class ConfirmExcess(In):
    note: Reason


class FileDispute(In):
    reference: str = Field(min_length=1, max_length=60)
    filed_on: date | None = None
    billed_on: date | None = None


class CloseDispute(In):
    outcome: Literal["SETTLED", "DECIDED", "WITHDRAWN"]
    amount: Money | None = Field(default=None, description="What the patient is to pay")
    note: str = Field(default="", max_length=300)


def _told(payload: EstimateFields) -> dict[str, Any]:
    return {
        "services": [
            services.ServiceWanted(
                code=one.code.upper(), units=Decimal(one.units), modifiers=tuple(one.modifiers),
                diagnosis_codes=tuple(one.diagnosis_codes), description=one.description,
            )
            for one in payload.services
        ],
        "primary_service": payload.primary_service, "service_on": payload.service_on,
        "recurs_until": payload.recurs_until,
        "co_providers": [EstimateItem(ours=False, **one.values()) for one in payload.co_providers],
        "others": [OtherService(description=one) for one in payload.others],
    }  # fmt: skip


@operation("GET", "/estimates", permission="accounts.read", answers=paged(EstimateOut), reads=True)
def list_estimates(request: HttpRequest, patient_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Estimates given, every version, the newest first."""
    rows = GoodFaithEstimate.objects.defer("pdf", "content")
    return page_of(
        rows.filter(patient_id=patient_id) if patient_id else rows, cursor=cursor, limit=limit, by="issued_on"
    )


@operation("GET", "/estimates/{uuid:estimate_id}/estimate.pdf", permission="accounts.read", produces=PDF, reads=True)
def read_estimate_paper(request: HttpRequest, estimate_id: UUID) -> Any:
    """An estimate as it was given."""
    row = find(GoodFaithEstimate, estimate_id)
    return as_bytes(bytes(row.pdf), PDF, f"estimate-{row.number}-{row.version}.pdf")


@operation("POST", "/estimates", permission="accounts.work", answers=EstimateOut, status=201)
def issue_an_estimate(request: HttpRequest, payload: IssueEstimate) -> Any:
    """Price the services and give the estimate."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    visit = find(Encounter.objects.filter(patient=patient), payload.encounter_id) if payload.encounter_id else None
    asked = find(EstimateRequest.objects.filter(patient=patient), payload.request_id) if payload.request_id else None
    return services.issue_estimate(patient=patient, encounter=visit, request=asked, **_told(payload))


@operation("POST", "/estimates/{uuid:estimate_id}/revise", permission="accounts.work", answers=EstimateOut, status=201)
def revise_an_estimate(request: HttpRequest, estimate_id: UUID, payload: EstimateFields) -> Any:
    """Give another version in its place."""
    return services.revise_estimate(estimate=find(GoodFaithEstimate, estimate_id), **_told(payload))


@operation("GET", "/estimates/requests", permission="accounts.read", answers=paged(EstimateRequestOut), reads=True)
def list_estimate_requests(request: HttpRequest, open_only: bool = True, cursor: str = "", limit: int = 50) -> Any:
    """Estimates that patients asked for, the newest first."""
    rows = EstimateRequest.objects.filter(is_answered=False) if open_only else EstimateRequest.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="requested_on")


@operation("POST", "/estimates/requests", permission="accounts.work", answers=EstimateRequestOut, status=201)
def ask_for_an_estimate(request: HttpRequest, payload: AskEstimate) -> Any:
    """A patient asked what care will cost: the clock runs."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    return services.request_estimate(patient=patient, wanted=payload.wanted, requested_on=payload.requested_on)


@operation("GET", "/estimates/excesses", permission="accounts.read", answers=paged(ExcessOut), reads=True)
def list_excesses(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Bills so far above their estimate that a patient may dispute them, the newest found first."""
    rows = EstimateExcess.objects.filter(state=state) if state else EstimateExcess.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="found_on")


@operation("POST", "/estimates/excesses/{uuid:excess_id}/confirm", permission="accounts.work", answers=ExcessOut)
def confirm_an_excess(request: HttpRequest, excess_id: UUID, payload: ConfirmExcess) -> Any:
    """It is billed as it is: statements may ask for it."""
    return services.confirm_excess(excess=find(EstimateExcess, excess_id), note=payload.note)


@operation(
    "POST", "/estimates/excesses/{uuid:excess_id}/dispute", permission="accounts.work", answers=EstimateDisputeOut,
    status=201,
)  # fmt: skip
def log_estimate_dispute(request: HttpRequest, excess_id: UUID, payload: FileDispute) -> Any:
    """The patient disputes it: nothing of the visit is collected meanwhile."""
    return services.file_dispute(excess=find(EstimateExcess, excess_id), **payload.values())


@operation("GET", "/estimates/disputes", permission="accounts.read", answers=paged(EstimateDisputeOut), reads=True)
def list_estimate_disputes(request: HttpRequest, cursor: str = "", limit: int = 50) -> Any:
    """What patients dispute of bills over their estimates, the newest first."""
    return page_of(EstimateDispute.objects.all(), cursor=cursor, limit=limit, by="filed_on")


@operation(
    "POST", "/estimates/disputes/{uuid:estimate_dispute_id}/close", permission="accounts.work",
    answers=EstimateDisputeOut,
)  # fmt: skip
def end_estimate_dispute(request: HttpRequest, estimate_dispute_id: UUID, payload: CloseDispute) -> Any:
    """What came of it."""
    return services.close_dispute(
        dispute=find(EstimateDispute, estimate_dispute_id), outcome=payload.outcome, decided_amount=payload.amount,
        note=payload.note,
    )  # fmt: skip
