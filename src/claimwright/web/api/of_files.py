"""Files: bytes handed in with a receipt, and the state of what was received and sent."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.web.api.fields import Out
from claimwright.web.api.framework import BYTES, as_bytes, find, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.exchange.models import InboxFile, OutboxFile
from claimwright.web.exchange.services import TooLarge, store_received
from claimwright.web.operations.job_runs import run_now
from claimwright.web.operations.models import JobRun


class ReceivedRow(Out):
    id: UUID
    name: str
    source: str
    kind: str
    size: int
    sha256: str
    received_at: datetime
    state: str
    reason: str


class PartOut(Out):
    id: UUID
    ordinal: int
    kind: str
    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    fate: str
    reason: str
    decided_at: datetime | None


class ReceivedOut(ReceivedRow):
    parts: list[PartOut]


class Receipt(Out):
    """That we have the bytes: they are stored before anything reads them."""

    file: ReceivedRow
    seen_before: bool
    job_run_id: UUID = Field(description="The run that reads it: see its state under /jobs/runs")


class SentRow(Out):
    id: UUID
    name: str
    kind: str
    sha256: str
    interchange_control_number: int
    group_control_number: int
    usage: str
    state: str
    attempts: int
    problem: str
    prepared_at: datetime
    sent_at: datetime | None
    sent_on: date | None


class SentOut(SentRow):
    version_ids: list[UUID] = Field(description="Of the claims in it")


@operation("POST", "/files", permission="files.hand_in", answers=Receipt, status=202, whole_office=True, takes=BYTES)
def hand_in_file(request: HttpRequest, name: str) -> Any:
    """Hand in one file as it is: X12, or what interfaces bring. The same bytes again are the same file."""
    content = request.body
    if not content:
        raise Problem(422, "The body is empty: send the file's bytes")
    try:
        file = store_received(source="api", name=name, content=content)
    except TooLarge as refused:
        raise Problem(413, str(refused)) from None
    run = run_now(tenant=current_tenant(), job="receive")
    return {"file": file, "seen_before": file.deliveries.count() > 1, "job_run_id": run.pk}


@operation("GET", "/files/received", permission="files.read", answers=paged(ReceivedRow), whole_office=True, reads=True)
def list_received(request: HttpRequest, state: str = "", q: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Received files, the newest first."""
    rows = InboxFile.objects.defer("content")
    rows = rows.filter(state=state) if state else rows
    return page_of(rows.filter(name__icontains=q) if q else rows, cursor=cursor, limit=limit, by="received_at")


@operation(
    "GET",
    "/files/received/{uuid:received_file_id}",
    permission="files.read",
    answers=ReceivedOut,
    whole_office=True,
    reads=True,
)
def read_received(request: HttpRequest, received_file_id: UUID) -> Any:
    """One received file, and the fate of each of its parts."""
    row = find(InboxFile.objects.defer("content"), received_file_id)
    return ReceivedRow.from_orm(row).model_dump() | {"parts": list(row.parts.order_by("ordinal"))}


@operation(
    "GET", "/files/received/{uuid:received_file_id}/content", permission="files.read", produces=BYTES, whole_office=True,
    reads=True,
)  # fmt: skip
def download_received(request: HttpRequest, received_file_id: UUID) -> Any:
    """The bytes as they came."""
    row = find(InboxFile, received_file_id)
    return as_bytes(bytes(row.content), BYTES, row.name)


@operation("GET", "/files/sent", permission="files.read", answers=paged(SentRow), whole_office=True, reads=True)
def list_sent(request: HttpRequest, state: str = "", kind: str = "", cursor: str = "", limit: int = 50) -> Any:
    """Batches: files prepared and sent, the newest first."""
    rows = OutboxFile.objects.defer("content")
    rows = rows.filter(**{name: value for name, value in {"state": state, "kind": kind}.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="prepared_at")


@operation(
    "GET", "/files/sent/{uuid:sent_file_id}", permission="files.read", answers=SentOut, whole_office=True, reads=True
)
def read_sent(request: HttpRequest, sent_file_id: UUID) -> Any:
    """One sent file, and the claims in it."""
    row = find(OutboxFile.objects.defer("content"), sent_file_id)
    return SentRow.from_orm(row).model_dump() | {
        "version_ids": list(row.submissions.order_by("version__control_number").values_list("version_id", flat=True))
    }


@operation(
    "GET",
    "/files/sent/{uuid:sent_file_id}/content",
    permission="files.read",
    produces=BYTES,
    whole_office=True,
    reads=True,
)
def download_sent(request: HttpRequest, sent_file_id: UUID) -> Any:
    """The bytes as they were frozen and sent."""
    row = find(OutboxFile, sent_file_id)
    return as_bytes(bytes(row.content), BYTES, row.name)


class SendingStarted(Out):
    job_run_id: UUID


@operation("POST", "/files/send", permission="claims.send", answers=SendingStarted, status=202, whole_office=True)
def send_ready_claims(request: HttpRequest) -> Any:
    """Run the edits, batch what is ready and send it: the office's own job, now."""
    run: JobRun = run_now(tenant=current_tenant(), job="submit")
    return {"job_run_id": run.pk}
