"""Denials: the list, one with its appeals, and each step of the work."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.denials import AppealState
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short, Text
from claimwright.web.api.framework import PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core import clock
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials import appeals, records, services
from claimwright.web.denials.models import Denial
from claimwright.web.operations import appeal_packs
from claimwright.web.workbench.denial_actions import open_appeal, open_request
from claimwright.web.workbench.worklist import people_for


class DenialRow(Out):
    id: UUID
    practice_id: UUID
    version_id: UUID
    payer_id: UUID
    line_id: str
    group: str
    carc: str
    rarcs: list[str]
    amount: Money
    category: str
    state: str
    appealable: bool
    root_cause: str
    preventable: bool
    received_on: date
    corrected_deadline: date | None
    appeal_deadline: date | None
    act_by: date | None
    snoozed_until: date | None
    owner: str
    priority: Quantity


class AppealOut(Out):
    id: UUID
    denial_id: UUID
    level: int
    level_name: str
    state: str
    amount: Money | None
    last_day: date | None
    argument: str
    for_patient: bool
    method: str
    sent_on: date | None
    tracking: str
    response_due: date | None
    promised_amount: Money | None
    promised_on: date | None
    decided_on: date | None
    allowed_amount: Money | None


class RecordsOut(Out):
    id: UUID
    state: str
    requested_on: date
    due_on: date
    what: str
    method: str
    tracking: str
    sent_on: date | None


class DenialOut(DenialRow):
    actions: list[Any]
    appeals: list[AppealOut]
    records_requests: list[RecordsOut]


class NameCause(In):
    cause: Short
    preventable: bool = False


class AssignDenial(In):
    owner: Short


class SnoozeDenial(In):
    until: date
    reason: Reason


class DraftAppeal(In):
    argument: Text = ""
    for_patient: bool = False
    good_cause: Text = ""
    decision_received: date | None = None


class RewriteAppeal(In):
    argument: Text
    for_patient: bool = False


class SendPack(In):
    signer: Short = Field(min_length=1, description="Who signs: a person of the office")
    title: Short = ""
    telephone: Short = ""
    method: Short
    tracking: str = Field(default="", max_length=80)


class ChaseAppeal(In):
    contact: Short


class PromisedAppeal(In):
    amount: Money
    on: date | None = None


class CloseAppeal(In):
    state: Literal["UPHELD", "DISMISSED", "WITHDRAWN"]
    note: Text = ""
    on: date | None = None


class AskRecords(In):
    requested_on: date | None = None
    due_on: date | None = None
    what: Text = ""


def _denial(denial_id: UUID) -> Denial:
    found: Denial = find(Denial.objects.select_related("payer", "practice", "version__claim__patient"), denial_id)
    return found


def _as_it_is(row: Denial) -> Denial:
    row.refresh_from_db()
    return row


@operation("GET", "/denials", permission="denials.read", answers=paged(DenialRow), reads=True)
def list_denials(
    request: HttpRequest, state: str = "", category: str = "", payer_id: UUID | None = None, owner: str = "",
    carc: str = "", appeal_by: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Denials, the newest first."""
    chosen = {
        "state": state, "category": category, "payer_id": payer_id, "owner": owner, "carc": carc,
        "appeal_deadline__lte": appeal_by,
    }  # fmt: skip
    rows = Denial.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="received_on")


@operation("GET", "/denials/{uuid:denial_id}", permission="denials.read", answers=DenialOut, reads=True)
def read_denial(request: HttpRequest, denial_id: UUID) -> Any:
    """One denial with its appeals and what the payer asked for."""
    row = _denial(denial_id)
    return DenialRow.from_orm(row).model_dump() | {
        "actions": row.actions, "appeals": list(row.appeals.order_by("level", "pk")),
        "records_requests": list(row.records_requests.order_by("requested_on", "pk")),
    }  # fmt: skip


@operation("POST", "/denials/{uuid:denial_id}/analyze", permission="denials.work", answers=DenialRow)
def analyze_denial(request: HttpRequest, denial_id: UUID) -> Any:
    """Somebody looked at it."""
    row = _denial(denial_id)
    services.analyzed(denial=row)
    return _as_it_is(row)


@operation("POST", "/denials/{uuid:denial_id}/cause", permission="denials.work", answers=DenialRow)
def name_denial_cause(request: HttpRequest, denial_id: UUID, payload: NameCause) -> Any:
    """Name the root cause."""
    row = _denial(denial_id)
    services.name_cause(denial=row, cause=payload.cause, preventable=payload.preventable)
    return _as_it_is(row)


@operation("POST", "/denials/{uuid:denial_id}/assign", permission="denials.work", answers=DenialRow)
def assign_denial(request: HttpRequest, denial_id: UUID, payload: AssignDenial) -> Any:
    """Give it to a person."""
    row = _denial(denial_id)
    if payload.owner and payload.owner not in people_for(Worklist.DENIALS):
        raise Problem(409, "Nobody of that name works on denials", kind="refused")
    services.assign(denial=row, owner=payload.owner)
    return _as_it_is(row)


@operation("POST", "/denials/{uuid:denial_id}/snooze", permission="denials.work", answers=DenialRow)
def snooze_denial(request: HttpRequest, denial_id: UUID, payload: SnoozeDenial) -> Any:
    """Off the list until a day."""
    row = _denial(denial_id)
    services.snooze(denial=row, until=payload.until, reason=payload.reason)
    return _as_it_is(row)


@operation("POST", "/denials/{uuid:denial_id}/appeal", permission="denials.work", answers=AppealOut, status=201)
def draft_appeal_of(request: HttpRequest, denial_id: UUID, payload: DraftAppeal) -> Any:
    """Draft the next level of appeal."""
    return appeals.draft_appeal(denial=_denial(denial_id), **payload.values())


@operation("PUT", "/denials/{uuid:denial_id}/appeal", permission="denials.work", answers=AppealOut)
def rewrite_open_appeal(request: HttpRequest, denial_id: UUID, payload: RewriteAppeal) -> Any:
    """Change the draft."""
    appeal = open_appeal(_denial(denial_id))
    appeals.rewrite_appeal(appeal=appeal, argument=payload.argument, for_patient=payload.for_patient)
    appeal.refresh_from_db()
    return appeal


@operation("POST", "/denials/{uuid:denial_id}/appeal/send", permission="denials.work", answers=AppealOut)
def send_open_appeal(request: HttpRequest, denial_id: UUID, payload: SendPack) -> Any:
    """Record it as sent with its enclosures; the very pages are kept."""
    signer = (payload.signer, payload.title, payload.telephone)
    appeal = open_appeal(_denial(denial_id))
    return appeal_packs.send_appeal_pack(appeal=appeal, signer=signer, method=payload.method, tracking=payload.tracking)


@operation("GET", "/denials/{uuid:denial_id}/appeal.pdf", permission="denials.read", produces=PDF, reads=True)
def read_appeal_pack(request: HttpRequest, denial_id: UUID, signer: str, title: str = "", telephone: str = "") -> Any:
    """The pack as it would go today; nothing is sent."""
    pack = appeal_packs.appeal_pack(appeal=open_appeal(_denial(denial_id)), signer=(signer, title, telephone))
    return as_bytes(pack.pdf, PDF, "appeal.pdf")


@operation("GET", "/denials/{uuid:denial_id}/records.pdf", permission="denials.read", produces=PDF, reads=True)
def read_records_pack(request: HttpRequest, denial_id: UUID, signer: str, title: str = "", telephone: str = "") -> Any:
    """The records as they would go today; nothing is sent."""
    pack = appeal_packs.records_pack(request=open_request(_denial(denial_id)), signer=(signer, title, telephone))
    return as_bytes(pack.pdf, PDF, "records.pdf")


@operation("POST", "/denials/{uuid:denial_id}/appeal/chase", permission="denials.work", answers=AppealOut)
def chase_open_appeal(request: HttpRequest, denial_id: UUID, payload: ChaseAppeal) -> Any:
    """The reviewer was reminded."""
    appeal = open_appeal(_denial(denial_id))
    appeals.chased(appeal=appeal, contact=payload.contact)
    appeal.refresh_from_db()
    return appeal


@operation("POST", "/denials/{uuid:denial_id}/appeal/promise", permission="denials.work", answers=AppealOut)
def note_appeal_promise(request: HttpRequest, denial_id: UUID, payload: PromisedAppeal) -> Any:
    """A favourable letter came. It is won when the remittance pays it."""
    appeal = open_appeal(_denial(denial_id))
    appeals.promised(appeal=appeal, amount=payload.amount, on=payload.on)
    appeal.refresh_from_db()
    return appeal


@operation("POST", "/denials/{uuid:denial_id}/appeal/close", permission="denials.work", answers=AppealOut)
def close_open_appeal(request: HttpRequest, denial_id: UUID, payload: CloseAppeal) -> Any:
    """The decision of this level, where it is not for us."""
    appeal = open_appeal(_denial(denial_id))
    appeals.close_appeal(appeal=appeal, state=AppealState(payload.state), note=payload.note, on=payload.on)
    appeal.refresh_from_db()
    return appeal


@operation(
    "POST", "/denials/{uuid:denial_id}/appeal/level-up", permission="denials.work", answers=AppealOut, status=201
)
def appeal_next_level(request: HttpRequest, denial_id: UUID) -> Any:
    """Draft the next level where the reviewer did not answer in time."""
    return appeals.level_up(appeal=open_appeal(_denial(denial_id)))


@operation("POST", "/denials/{uuid:denial_id}/records", permission="denials.work", answers=RecordsOut, status=201)
def note_records_request(request: HttpRequest, denial_id: UUID, payload: AskRecords) -> Any:
    """The payer asks for records."""
    return records.open_request(
        denial=_denial(denial_id), requested_on=payload.requested_on or clock.today(), due_on=payload.due_on,
        what=payload.what,
    )  # fmt: skip


@operation("POST", "/denials/{uuid:denial_id}/records/send", permission="denials.work", answers=RecordsOut)
def send_requested_records(request: HttpRequest, denial_id: UUID, payload: SendPack) -> Any:
    """Record the records as sent; the very pages are kept."""
    signer = (payload.signer, payload.title, payload.telephone)
    return appeal_packs.send_records_pack(
        request=open_request(_denial(denial_id)), signer=signer, method=payload.method, tracking=payload.tracking
    )
