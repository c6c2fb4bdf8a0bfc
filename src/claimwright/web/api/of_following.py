"""Following claims up: payers asked where a claim stands, and what was said on the telephone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import find, operation, page_of, paged
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.eligibility.real_time import real_time_way
from claimwright.web.followup import selectors
from claimwright.web.followup.asking import ask_status, prepare_status_batches
from claimwright.web.followup.contacts import close_contact, log_contact
from claimwright.web.followup.models import PayerContact, StatusAnswer
from claimwright.web.followup.norms import save_payer_norm
from claimwright.web.operations.real_time import ask_about_claim_in_background
from claimwright.web.practice.models import Payer
from claimwright.web.submissions.models import ClaimVersion


class StatusInquiryOut(Out):
    id: UUID
    version_id: UUID
    payer_id: UUID
    trace: str
    state: str
    asked_on: date
    asked_at: datetime
    asked_by: str
    answered_at: datetime | None


class StatusAnswerOut(Out):
    id: UUID
    version_id: UUID
    inquiry_id: UUID
    answer: str
    content: dict[str, Any]
    payment_trace: str
    paid: Money | None
    answered_on: date


class ContactOut(Out):
    id: UUID
    version_id: UUID
    payer_id: UUID
    on: date
    incoming: bool
    channel: str
    spoke_with: str
    reference_number: str
    said: str
    promised_on: date | None
    next_action_on: date | None
    owner: str
    closed_on: date | None
    closed_because: str


class LogContact(In):
    channel: Literal["telephone", "portal", "mail", "fax", "message"]
    said: str = Field(min_length=1, max_length=4000)
    on: date | None = None
    incoming: bool = False
    spoke_with: str = Field(default="", max_length=80)
    reference_number: str = Field(default="", max_length=60)
    promised_on: date | None = None
    next_action_on: date | None = None
    owner: Short = ""


class PayerNormIn(In):
    """Days that this payer's answers may take; null: as the practice's policies say. Zero: it never sends that answer."""

    asks_status: bool = Field(default=False, description="Claims past the norm are asked about over its connection")
    inquiry_payer_id: str = Field(default="", max_length=20)
    file_acknowledgement_days: int | None = None
    clearinghouse_business_days: int | None = None
    payer_business_days: int | None = None
    answer_days: int | None = None
    paper_answer_days: int | None = None
    ask_again_days: int | None = None
    remittance_days: int | None = None


class PayerNormOut(Out):
    payer_id: UUID
    asks_status: bool
    inquiry_payer_id: str
    file_acknowledgement_days: int | None
    clearinghouse_business_days: int | None
    payer_business_days: int | None
    answer_days: int | None
    paper_answer_days: int | None
    ask_again_days: int | None
    remittance_days: int | None


class StepOut(Out):
    """One list of claims without an answer."""

    step: str
    count: int
    amount: Money = Field(description="What they charge")
    oldest: date | None


class WaitingClaim(Out):
    version_id: UUID
    state: str
    step: str
    due_on: date
    listed: bool


class CloseContact(In):
    reason: Reason


def _version(version_id: UUID) -> ClaimVersion:
    rows = ClaimVersion.objects.select_related("claim__payer__connection", "claim__practice", "claim__patient")
    found: ClaimVersion = find(rows, version_id)
    return found


@operation(
    "POST",
    "/claims/versions/{uuid:version_id}/status",
    permission="following.work",
    answers=StatusInquiryOut,
    status=202,
)
def ask_claim_status(request: HttpRequest, version_id: UUID) -> Any:
    """Ask the payer where a claim stands: at once where it answers at once, else with the next sending."""
    version = _version(version_id)
    asked = ask_status(version=version)
    if real_time_way(version.claim.payer) is not None:
        ask_about_claim_in_background(tenant=current_tenant(), inquiry_id=asked.pk)
    else:
        prepare_status_batches()
    return asked


@operation("GET", "/following/lists", permission="following.read", answers=list[StepOut])
def list_following_steps(request: HttpRequest) -> Any:
    """The lists of claims past their norm, empty ones too."""
    return [
        {"step": one.step.value, "count": one.count, "amount": one.amount, "oldest": one.oldest}
        for one in selectors.tallies()
    ]


@operation("GET", "/following/claims", permission="following.read", answers=paged(WaitingClaim), reads=True)
def list_claims_without_answer(request: HttpRequest, step: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Claims of one list, the longest overdue first; `waiting` are those within their norm, "" all that are past it."""
    rows = selectors.rows_of_step(step) if step else selectors.current().filter(listed=True)
    return page_of(rows, cursor=cursor, limit=limit, by="due_on", newest=False)


@operation("GET", "/following/answers", permission="following.read", answers=paged(StatusAnswerOut), reads=True)
def list_status_answers(request: HttpRequest, version_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """What payers answered about claims, the newest first."""
    rows = StatusAnswer.objects.filter(version_id=version_id) if version_id else StatusAnswer.objects.all()
    return page_of(rows, cursor=cursor, limit=limit, by="answered_at")


@operation("GET", "/following/contacts", permission="following.read", answers=paged(ContactOut), reads=True)
def list_contacts(
    request: HttpRequest, version_id: UUID | None = None, open_only: bool = False, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Calls and letters, the newest first."""
    rows = PayerContact.objects.filter(version_id=version_id) if version_id else PayerContact.objects.all()
    return page_of(
        rows.filter(closed_on__isnull=True) if open_only else rows, cursor=cursor, limit=limit, by="logged_at"
    )


@operation(
    "POST", "/claims/versions/{uuid:version_id}/contacts", permission="following.work", answers=ContactOut, status=201
)
def log_payer_contact(request: HttpRequest, version_id: UUID, payload: LogContact) -> Any:
    """Write down a call, letter or message."""
    return log_contact(version=_version(version_id), **payload.values())


@operation("POST", "/following/contacts/{uuid:contact_id}/close", permission="following.work", answers=ContactOut)
def close_payer_contact(request: HttpRequest, contact_id: UUID, payload: CloseContact) -> Any:
    """Nothing more is to come of it."""
    row = find(PayerContact.objects.select_related("version"), contact_id)
    close_contact(contact=row, because=payload.reason)
    row.refresh_from_db()
    return row


@operation("POST", "/payers/{uuid:payer_id}/norm", permission="following.work", answers=PayerNormOut)
def set_payer_norm(request: HttpRequest, payer_id: UUID, payload: PayerNormIn) -> Any:
    """What this payer's answers may take from now on; the lists follow at the end of the day."""
    return save_payer_norm(payer=find(Payer, payer_id), **payload.values())
