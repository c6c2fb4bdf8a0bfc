"""Asking payers and patients before the visit: authorization requests, advance notices, coverage looked for and keyed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.advance_notice import AdvanceNotice, NoticedService
from claimwright.billing.eligibility_by_hand import KeyedAnswer
from claimwright.claims.nouns import Diagnosis, Encounter, Line
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.api.of_eligibility import AnswerRow, InquiryOut
from claimwright.web.api.problems import Problem
from claimwright.web.authorizations.models import Authorization, AuthorizationRequest, Document, Questionnaire
from claimwright.web.authorizations.notices import ABN, record_notice, withdraw_notice
from claimwright.web.authorizations.requests import ask_again, request_authorization
from claimwright.web.charges.entry import coverages_for
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.eligibility.asking import discover, prepare_batches, save_payer_check
from claimwright.web.eligibility.by_hand import key_answer
from claimwright.web.eligibility.candidates import accept_candidate, decline_candidate
from claimwright.web.eligibility.models import CoverageCandidate
from claimwright.web.exchange.models import Connection
from claimwright.web.operations.job_runs import ask
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Payer, Provider
from claimwright.web.submissions.noticed import put_notice_modifiers


class RequestOut(Out):
    id: UUID
    authorization_id: UUID
    trace: str
    encounter_id: UUID | None
    state: str
    sent_file_id: UUID | None = Field(alias="file_id", description="Null: the payer has no connection, key it there")
    created_at: datetime
    answer: dict[str, Any] | None
    answered_at: datetime | None


class RequestedService(In):
    code: str = Field(max_length=5)
    units: int = Field(default=1, ge=1, le=9999)


class AskAuthorization(In):
    patient_id: UUID
    payer_id: UUID
    kind: Literal["authorization", "referral"] = "authorization"
    services: list[RequestedService] = Field(default=[], max_length=12)
    diagnoses: list[Short] = Field(min_length=1, max_length=12, description="Without dots, the main one first")
    on: date
    through: date | None = None
    visits: int | None = Field(default=None, ge=1, le=999)
    rendering_npi: Short = ""
    place_of_service: str = Field(default="", max_length=2)
    service_type: str = Field(default="", max_length=2, description="UM03, where the payer asks for one")
    expedited: bool = False
    note: str = Field(default="", max_length=264)
    encounter_id: UUID | None = None


class NoticedIn(In):
    code: str = Field(max_length=5)
    reason: str = Field(min_length=3, max_length=200)
    estimated_cost: Money | None = None


class RecordNotice(In):
    services: list[NoticedIn] = Field(min_length=1, max_length=6)
    option: Literal["1", "2", "3"] = Field(description="What the patient ticked")
    signed_on: date
    signed_by: Literal["patient", "representative"] = "patient"
    voluntary: bool = Field(default=False, description="Of what Medicare never pays: GX and GY")
    document_id: UUID | None = Field(default=None, description="The signed paper, filed before")


class NoticeOut(Out):
    id: UUID
    patient_id: UUID
    answers: dict[str, Any]
    answered_on: date
    valid_until: date | None
    document_id: UUID | None
    withdrawn_on: date | None
    withdrawn_reason: str
    claims_told: int = Field(default=0, description="Unsent claims that tell of it now")


class WithdrawNotice(In):
    reason: Reason


class CandidateOut(Out):
    id: UUID
    patient_id: UUID
    payer_id: UUID | None
    payer_name: str
    identifier: str
    member_id: str
    start: date | None
    end: date | None
    score: Quantity
    source: str
    agrees: list[str]
    state: str
    coverage_id: UUID | None
    found_on: date
    decided_by: str
    note: str


class AcceptCandidate(In):
    member_id: str = Field(default="", max_length=80)
    start: date | None = None
    note: str = Field(default="", max_length=200)


class DeclineCandidate(In):
    note: Reason


class KeyEligibility(In):
    """As it was heard or read. What was not said is left out: it is unknown, not zero."""

    on: date | None = None
    source: Literal["portal", "telephone", "letter", "card"]
    reference: str = Field(min_length=1, max_length=80, description="The call's number, or the portal's confirmation")
    told_by: Short = ""
    status: Literal["active", "inactive"]
    start: date | None = None
    last: date | None = None
    plan_name: str = Field(default="", max_length=50)
    member_id: str = Field(default="", max_length=80)
    group_number: str = Field(default="", max_length=50)
    service_type: str = Field(default="98", max_length=2)
    in_network: bool = True
    copay: Money | None = None
    coinsurance_percent: Money | None = None
    deductible: Money | None = None
    deductible_left: Money | None = None
    out_of_pocket: Money | None = None
    out_of_pocket_left: Money | None = None
    authorization_required: Literal["", "Y", "N", "U"] = ""
    primary_care: str = Field(default="", max_length=60)
    other_payer: str = Field(default="", max_length=60)
    other_payer_member_id: str = Field(default="", max_length=50)
    note: str = Field(default="", max_length=250)


class PayerCheckIn(In):
    active: bool = True
    discovery: bool = Field(default=False, description="Asked by name and birth date where coverage is looked for")
    calendar_month: bool = Field(default=False, description="An answer holds for its month: Medicaid")
    dependents_have_own_ids: bool = False
    inquiry_payer_id: str = Field(default="", max_length=20, description="Its id on 270s, where it is another")
    before_visit_days: int = Field(default=3, ge=0, le=99)
    real_time_connection_id: UUID | None = None
    service_types: list[str] = Field(default=[], max_length=99)


class PayerCheckOut(Out):
    payer_id: UUID
    active: bool
    discovery: bool
    calendar_month: bool
    dependents_have_own_ids: bool
    inquiry_payer_id: str
    before_visit_days: int
    real_time_connection_id: UUID | None
    service_types: list[str]
    stopped_because: str


# Authorizations ------------------------------------------------------------------------------------------------------


def _sent(made: AuthorizationRequest) -> AuthorizationRequest:
    if made.file_id is not None:
        ask(tenant=current_tenant(), job="send_waiting", about={"file": str(made.file_id)})
    return made


@operation(
    "GET", "/authorizations/{uuid:authorization_id}/requests", permission="authorizations.read",
    answers=list[RequestOut], reads=True,
)  # fmt: skip
def list_authorization_requests(request: HttpRequest, authorization_id: UUID) -> Any:
    """What was asked of the payer and what it answered, the newest first."""
    rows = AuthorizationRequest.objects.filter(authorization=find(Authorization, authorization_id))
    return list(rows.order_by("-created_at"))


@operation("POST", "/authorizations/requests", permission="authorizations.work", answers=RequestOut, status=202)
def ask_for_authorization(request: HttpRequest, payload: AskAuthorization) -> Any:
    """Ask the payer by 278; the authorization stands as requested, and the answer comes to it."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    payer = find(Payer.objects.select_related("connection"), payload.payer_id)
    cover = next((one for one in coverages_for(patient, payload.on) if one.payer.payer_id == payer.payer_id), None)
    if cover is None:
        errors = [{"field": "payer_id", "says": "has no coverage of the patient on that day"}]
        raise Problem(422, "Fields are missing or not right.", errors=errors)
    provider = Provider.objects.filter(npi=payload.rendering_npi).first() if payload.rendering_npi else None
    visit = Encounter(
        coverages=(cover,), place_of_service=payload.place_of_service, date_from=payload.on, date_to=payload.through,
        rendering=msgspec.convert(provider.content, ProviderNoun) if provider else None,
        diagnoses=tuple(
            Diagnosis(code=code.replace(".", "").upper(), qualifier="ABF" if at else "ABK")
            for at, code in enumerate(payload.diagnoses)
        ),
        lines=tuple(
            Line(number=at, procedure_code=one.code.upper(), units=Decimal(one.units), date_from=payload.on)
            for at, one in enumerate(payload.services, 1)
        ),
    )  # fmt: skip
    told = ("on", "through", "kind", "visits", "service_type", "expedited", "note", "encounter_id")
    made = request_authorization(
        patient=patient, payer=payer, coverage=cover, encounter=visit,
        **{name: getattr(payload, name) for name in told},
    )  # fmt: skip
    return _sent(made)


@operation(
    "POST", "/authorizations/requests/{uuid:request_id}/again", permission="authorizations.work", answers=RequestOut,
    status=202,
)  # fmt: skip
def ask_authorization_once_more(request: HttpRequest, request_id: UUID) -> Any:
    """The same request under a new trace, after a rejection that lets it go again."""
    row = find(AuthorizationRequest.objects.select_related("authorization__payer__connection"), request_id)
    way = row.authorization.payer.connection
    if way is None:
        raise Problem(409, "The payer has no connection: key it into the payer's portal", kind="refused")
    return _sent(ask_again(request=row, connection=way))


# Advance notices -----------------------------------------------------------------------------------------------------


@operation(
    "GET", "/patients/{uuid:patient_id}/notices", permission="authorizations.read", answers=list[NoticeOut], reads=True
)
def list_advance_notices(request: HttpRequest, patient_id: UUID) -> Any:
    """Advance beneficiary notices of a patient, the newest first."""
    rows = Questionnaire.objects.filter(kind=ABN, patient=find(Patient, patient_id))
    return list(rows.order_by("-answered_on", "-at"))


@operation(
    "POST", "/patients/{uuid:patient_id}/notices", permission="authorizations.work", answers=NoticeOut, status=201
)
def record_advance_notice(request: HttpRequest, patient_id: UUID, payload: RecordNotice) -> Any:
    """Keep a signed notice with the patient's choice; unsent claims that it is about tell of it."""
    patient = find(Patient.objects.select_related("practice"), patient_id)
    notice = AdvanceNotice(
        services=tuple(NoticedService(**one.values()) for one in payload.services), option=payload.option,
        signed_on=payload.signed_on, signed_by=payload.signed_by, voluntary=payload.voluntary,
    )  # fmt: skip
    document = find(Document.objects.defer("content"), payload.document_id) if payload.document_id else None
    made = record_notice(patient=patient, notice=notice, document=document)
    return _notice(made) | {"claims_told": put_notice_modifiers(notice=made)}


def _notice(row: Questionnaire) -> dict[str, Any]:
    return {name: getattr(row, name) for name in NoticeOut.model_fields if name != "claims_told"}


@operation("POST", "/notices/{uuid:abn_id}/withdraw", permission="authorizations.work", answers=NoticeOut)
def withdraw_a_notice(request: HttpRequest, abn_id: UUID, payload: WithdrawNotice) -> Any:
    """It stays on record; claims that tell of it are changed by hand."""
    row = find(Questionnaire.objects.filter(kind=ABN), abn_id)
    if row.withdrawn_on is not None:
        raise Problem(409, "It is withdrawn already", kind="refused")
    withdraw_notice(notice=row, reason=payload.reason)
    return _notice(row)


# Eligibility ---------------------------------------------------------------------------------------------------------


@operation(
    "POST", "/patients/{uuid:patient_id}/eligibility/search", permission="eligibility.work", answers=list[InquiryOut],
    status=202,
)  # fmt: skip
def look_for_other_coverage(request: HttpRequest, patient_id: UUID) -> Any:
    """Ask the payers set up for searches, by name and birth date; what they find are candidates."""
    patient = find(Patient.objects.select_related("practice"), patient_id)
    made = discover(patient=patient, on=clock.today())
    prepare_batches()
    return made


@operation("GET", "/eligibility/candidates", permission="patients.read", answers=paged(CandidateOut), reads=True)
def list_candidates(
    request: HttpRequest, state: str = "open", patient_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Coverage that may be a patient's, the newest found first."""
    chosen = {"state": state, "patient_id": patient_id}
    rows = CoverageCandidate.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="found_on")


@operation(
    "POST", "/eligibility/candidates/{uuid:candidate_id}/accept", permission="eligibility.work", answers=CandidateOut
)
def accept_a_candidate(request: HttpRequest, candidate_id: UUID, payload: AcceptCandidate) -> Any:
    """Take it as a coverage; the order of the coverages is confirmed before anything is billed."""
    row = find(CoverageCandidate, candidate_id)
    accept_candidate(candidate=row, **payload.values())
    row.refresh_from_db()
    return row


@operation(
    "POST", "/eligibility/candidates/{uuid:candidate_id}/decline", permission="eligibility.work", answers=CandidateOut
)
def decline_a_candidate(request: HttpRequest, candidate_id: UUID, payload: DeclineCandidate) -> Any:
    """It is not the patient's, and does not come back."""
    row = find(CoverageCandidate, candidate_id)
    decline_candidate(candidate=row, note=payload.note)
    row.refresh_from_db()
    return row


@operation(
    "POST", "/coverages/{uuid:coverage_id}/eligibility/answers", permission="eligibility.work", answers=AnswerRow,
    status=201,
)  # fmt: skip
def key_eligibility_answer(request: HttpRequest, coverage_id: UUID, payload: KeyEligibility) -> Any:
    """Keep what a payer said elsewhere, with the number to hold it to; compared with the answer before."""
    coverage = find(PatientCoverage.objects.select_related("payer", "patient__practice"), coverage_id)
    share = payload.coinsurance_percent
    keyed = KeyedAnswer(
        **payload.values("on", "coinsurance_percent"), coinsurance=None if share is None else share / 100
    )
    return key_answer(coverage=coverage, keyed=keyed, on=payload.on or clock.today())


@operation(
    "POST", "/payers/{uuid:payer_id}/eligibility", permission="eligibility.set_up", answers=PayerCheckOut,
    whole_office=True,
)  # fmt: skip
def set_payer_eligibility(request: HttpRequest, payer_id: UUID, payload: PayerCheckIn) -> Any:
    """How a payer is asked; questions that its set-up stopped go again."""
    way = None
    if payload.real_time_connection_id:
        kinds = (Connection.Kind.MIME, Connection.Kind.SOAP)
        way = find(Connection.objects.filter(kind__in=kinds, active=True), payload.real_time_connection_id)
    terms = payload.values("real_time_connection_id")
    return save_payer_check(payer=find(Payer, payer_id), real_time_connection=way, **terms)
