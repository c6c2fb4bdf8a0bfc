"""Money to get back: underpayments and their disputes, debts at an agency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short, Text
from claimwright.web.api.framework import BYTES, PDF, as_bytes, find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.recoveries import agencies, disputes, underpaid
from claimwright.web.recoveries.models import Agency, AgencyFile, AgencyPlacement, Dispute, Underpayment

MOST_FILE_BYTES = 5_000_000


class UnderpaymentOut(Out):
    id: UUID
    version_id: UUID
    practice_id: UUID | None
    payer_id: UUID
    line_id: str
    bucket: str
    code: str
    cause: str
    contract_version: str
    expected: Money
    allowed: Money
    variance: Money = Field(description="Expected less allowed, when it was found")
    recovered: Money
    state: str
    found_on: date
    dispute_id: UUID | None
    decided_by: str
    note: str


class UnderpaidGroup(Out):
    """Variances of one payer, code, cause and contract version: one letter."""

    payer_id: UUID
    code: str
    cause: str
    contract_version: str
    amount: Money
    underpayment_ids: list[UUID]


class DisputeOut(Out):
    id: UUID
    number: str
    practice_id: UUID
    payer_id: UUID
    code: str
    cause: str
    amount: Money
    state: str
    made_on: date
    sent_on: date | None
    answer_due_on: date | None
    answered_on: date | None
    answer: str
    reference: str


class MakeDispute(In):
    underpayment_ids: list[UUID] = Field(min_length=1, max_length=500)
    signer: Short = Field(min_length=1, description="Who signs the letter: a person of the office")


class AnswerDispute(In):
    answer: str = Field(min_length=1, max_length=2000)
    agreed: bool
    reference: str = Field(default="", max_length=60)


class DecideUnderpayment(In):
    state: Literal["ACCEPTED", "CONTRACT_DATA_ERROR"] = Field(description="Right as paid, or our contract is wrong")
    note: Text


class AgencyOut(Out):
    id: UUID
    name: str
    fee_share: Quantity = Field(description="The part of what it collects that it keeps: 0.25")


class PlacementOut(Out):
    id: UUID
    patient_id: UUID
    practice_id: UUID
    agency_id: UUID | None
    number: str
    state: str
    final_notice_on: date
    review_on: date
    placed_on: date | None
    amount: Money
    placed_by: str
    ended_on: date | None
    ended_reason: str


class AgencyFileOut(Out):
    id: UUID
    agency_id: UUID
    kind: str
    name: str
    sha256: str
    at: datetime
    by: str


class OpenAgency(In):
    name: str = Field(min_length=1, max_length=80)
    percent: Money = Field(description="Of what it collects, that it keeps: 25.00")


class PlaceAccount(In):
    agency_id: UUID


class EndPlacement(In):
    reason: Reason


class AgencyPaymentsTaken(Out):
    seen_before: bool
    posted: int
    gross: Money
    net: Money
    problems: int


# Underpayments -------------------------------------------------------------------------------------------------------


@operation("GET", "/underpayments", permission="recoveries.read", answers=paged(UnderpaymentOut), reads=True)
def list_underpayments(
    request: HttpRequest, state: str = "OPEN", payer_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Lines allowed for other than their contract says, the newest first; `state` "" for all."""
    chosen = {"state": state, "payer_id": payer_id}
    rows = Underpayment.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="found_on")


@operation("GET", "/underpayments/groups", permission="recoveries.read", answers=list[UnderpaidGroup], reads=True)
def list_underpaid_groups(request: HttpRequest) -> Any:
    """Open underpayments as letters would dispute them, each a group."""
    return [
        {
            "payer_id": one.payer, "code": one.code, "cause": one.cause, "contract_version": one.contract_version,
            "amount": one.variance, "underpayment_ids": list(one.ids),
        }
        for one in underpaid.open_groups()
    ]  # fmt: skip


@operation(
    "POST", "/underpayments/{uuid:underpayment_id}/decide", permission="recoveries.work", answers=UnderpaymentOut
)
def decide_an_underpayment(request: HttpRequest, underpayment_id: UUID, payload: DecideUnderpayment) -> Any:
    """End a case that is not disputed."""
    row = find(Underpayment, underpayment_id)
    return underpaid.decide_underpayment(case=row, state=payload.state, note=payload.note)


@operation("GET", "/disputes", permission="recoveries.read", answers=paged(DisputeOut), reads=True)
def list_disputes(request: HttpRequest, state: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Letters about payers' allowances, the newest first."""
    rows = Dispute.objects.defer("letter")
    return page_of(rows.filter(state=state) if state else rows, cursor=cursor, limit=limit, by="made_on")


@operation("GET", "/disputes/{uuid:dispute_id}/letter.pdf", permission="recoveries.read", produces=PDF, reads=True)
def read_dispute_letter(request: HttpRequest, dispute_id: UUID) -> Any:
    """The letter as it was written."""
    row = find(Dispute, dispute_id)
    return as_bytes(bytes(row.letter), PDF, f"{row.number}.pdf")


@operation("POST", "/disputes", permission="recoveries.work", answers=DisputeOut, status=201)
def make_a_dispute(request: HttpRequest, payload: MakeDispute) -> Any:
    """Write one letter about open underpayments of one group; sending it is another step."""
    cases = [find(Underpayment, one) for one in payload.underpayment_ids]
    return disputes.make_dispute(cases=cases, signer=payload.signer)


@operation("POST", "/disputes/{uuid:dispute_id}/send", permission="recoveries.work", answers=DisputeOut)
def send_a_dispute(request: HttpRequest, dispute_id: UUID) -> Any:
    """Record that the letter went out: its answer is waited for."""
    return disputes.send_dispute(dispute=find(Dispute, dispute_id))


@operation("POST", "/disputes/{uuid:dispute_id}/answer", permission="recoveries.work", answers=DisputeOut)
def answer_a_dispute(request: HttpRequest, dispute_id: UUID, payload: AnswerDispute) -> Any:
    """Keep what the payer answered. It is recovered when the ledger shows the money."""
    return disputes.record_dispute_answer(dispute=find(Dispute, dispute_id), **payload.values())


# Agencies ------------------------------------------------------------------------------------------------------------


def _placement(placement_id: UUID) -> AgencyPlacement:
    found: AgencyPlacement = find(AgencyPlacement.objects.select_related("patient__practice"), placement_id)
    return found


@operation("GET", "/agencies", permission="recoveries.read", answers=list[AgencyOut])
def list_agencies(request: HttpRequest) -> Any:
    """Collection agencies."""
    return list(Agency.objects.order_by("name"))


@operation("POST", "/agencies", permission="recoveries.work", answers=AgencyOut, status=201)
def add_an_agency(request: HttpRequest, payload: OpenAgency) -> Any:
    """One more agency, with the share that it keeps."""
    return agencies.open_agency(name=payload.name, fee_share=payload.percent / 100)


@operation("GET", "/agencies/placements", permission="recoveries.read", answers=paged(PlacementOut), reads=True)
def list_placements(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> Any:  # fmt: skip
    """Accounts under review, at an agency, and ended; the newest final notice first."""
    chosen = {"state": state, "patient_id": patient_id}
    rows = AgencyPlacement.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="final_notice_on")


@operation("POST", "/agencies/placements/{uuid:placement_id}/place", permission="recoveries.work", answers=PlacementOut)
def place_an_account(request: HttpRequest, placement_id: UUID, payload: PlaceAccount) -> Any:
    """Give a reviewed account to an agency: its balance is bad debt from then on."""
    return agencies.place_account(placement=_placement(placement_id), agency=find(Agency, payload.agency_id))


@operation(
    "POST", "/agencies/placements/{uuid:placement_id}/decline", permission="recoveries.work", answers=PlacementOut
)
def decline_a_placement(request: HttpRequest, placement_id: UUID, payload: EndPlacement) -> Any:
    """It stays here."""
    return agencies.decline_placement(placement=_placement(placement_id), reason=payload.reason)


@operation(
    "POST", "/agencies/placements/{uuid:placement_id}/recall", permission="recoveries.work", answers=PlacementOut
)
def recall_an_account(request: HttpRequest, placement_id: UUID, payload: EndPlacement) -> Any:
    """Take it back from the agency: it is owed here again."""
    return agencies.recall_account(placement=_placement(placement_id), reason=payload.reason)


@operation("GET", "/agencies/files", permission="recoveries.read", answers=paged(AgencyFileOut))
def list_agency_files(request: HttpRequest, agency_id: UUID | None = None, cursor: str = "", limit: int = 50) -> Any:
    """Files to and from agencies, the newest first."""
    rows = AgencyFile.objects.defer("content")
    return page_of(rows.filter(agency_id=agency_id) if agency_id else rows, cursor=cursor, limit=limit, by="at")


@operation(
    "GET", "/agencies/files/{uuid:agency_file_id}/content", permission="recoveries.read", produces=BYTES, reads=True
)
def download_agency_file(request: HttpRequest, agency_file_id: UUID) -> Any:
    """A file as it went or came."""
    row = find(AgencyFile, agency_file_id)
    return as_bytes(bytes(row.content), BYTES, f"{row.kind.lower()}.csv")


@operation(
    "POST", "/agencies/{uuid:agency_id}/placements", permission="recoveries.work", answers=AgencyFileOut, status=201
)
def make_placement_file(request: HttpRequest, agency_id: UUID) -> Any:
    """The file of accounts placed since the last one."""
    return agencies.export_placements(agency=find(Agency, agency_id))


@operation(
    "POST", "/agencies/{uuid:agency_id}/recalls", permission="recoveries.work", answers=AgencyFileOut, status=201
)
def make_recall_file(request: HttpRequest, agency_id: UUID) -> Any:
    """The file of accounts recalled since the last one."""
    return agencies.export_recalls(agency=find(Agency, agency_id))


@operation(
    "POST", "/agencies/{uuid:agency_id}/payments", permission="recoveries.work", answers=AgencyPaymentsTaken,
    status=201, takes=BYTES,
)  # fmt: skip
def import_agency_payments(request: HttpRequest, agency_id: UUID, name: str) -> Any:
    """Post an agency's payments from its CSV; the same file again changes nothing."""
    agency = find(Agency, agency_id)
    if len(request.body) > MOST_FILE_BYTES:
        raise Problem(413, "The file is larger than 5 MB: split it")
    done = agencies.import_agency_payments(agency=agency, name=name, content=request.body)
    return {field: getattr(done, field) for field in AgencyPaymentsTaken.model_fields}
