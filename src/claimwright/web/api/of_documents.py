"""Documents: filed as they came, encrypted, linked to what they are about; and authorizations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from pydantic import Field

from claimwright.edits.payer_profile import CodeRange
from claimwright.web.api.fields import In, Out, Quantity, Reason, Short, Text
from claimwright.web.api.framework import BYTES, as_bytes, find, given, operation, page_of, paged
from claimwright.web.api.problems import Problem
from claimwright.web.authorizations import papers
from claimwright.web.authorizations.models import Authorization, Document, DocumentLink
from claimwright.web.authorizations.services import change_authorization, record_authorization
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Payer


class DocumentLinkOut(Out):
    id: UUID
    kind: str
    subject_id: str


class DocumentRow(Out):
    id: UUID
    patient_id: UUID | None
    practice_id: UUID | None
    kind: str
    control_number: str
    name: str
    media_type: str
    size: int
    sha256: str
    pages: int | None
    received_on: date
    signed_on: date | None
    signed_by: str
    state: str
    problem: str
    due_on: date | None
    keep_until: date
    legal_hold: str = Field(description="Why it is kept whatever its date")


class DocumentOut(DocumentRow):
    links: list[DocumentLinkOut]


class LinkDocument(In):
    kind: Literal["encounter", "claim", "line", "authorization", "denial"]
    subject_id: Short


class SignDocument(In):
    signed_on: date
    signed_by: Short


class HoldDocument(In):
    reason: str = Field(default="", max_length=200, description="Blank: the hold is lifted")


class UnlinkDocument(In):
    reason: Reason


class AuthorizationOut(Out):
    id: UUID
    patient_id: UUID
    payer_id: UUID
    practice_id: UUID | None
    kind: str
    number: str
    status: str
    codes: list[Any]
    diagnoses: list[str]
    provider_npis: list[str]
    places: list[str]
    referring_npi: str
    payer_reference: str
    units_requested: Quantity | None
    visits_requested: int | None
    units_approved: Quantity | None
    visits_approved: int | None
    start: date | None
    end: date | None = Field(description="The first day without it")
    method: str
    payer_contact: str
    call_reference: str
    expedited: bool
    decision_due: datetime | None
    note: str


class CodeRangeIn(In):
    first: Short
    last: Short = ""
    modifiers: list[str] = Field(default=[], max_length=4)


class AuthorizationFields(In):
    payer_reference: str = Field(default="", max_length=50, description="Of a request that is not decided")
    diagnoses: list[Short] = Field(default=[], max_length=24, description="Codes or their beginnings; none: any")
    provider_npis: list[Short] = Field(default=[], max_length=50, description="None: any of the practice")
    places: list[Short] = Field(default=[], max_length=20)
    referring_npi: str = Field(default="", max_length=10)
    units_requested: Quantity | None = Field(default=None, ge=0, le=999_999)
    units_approved: Quantity | None = Field(default=None, ge=0, le=999_999, description="None: no limit")
    visits_requested: int | None = Field(default=None, ge=1, le=999_999)
    visits_approved: int | None = Field(default=None, ge=1, le=999_999)
    method: Literal["", "278", "portal", "phone", "fax", "letter"] = ""
    payer_contact: str = Field(default="", max_length=120)
    call_reference: str = Field(default="", max_length=60)
    expedited: bool = False
    note: Text = ""


class RecordAuthorization(AuthorizationFields):
    patient_id: UUID
    payer_id: UUID
    kind: Literal["authorization", "precertification", "referral"] = "authorization"
    status: Short = "requested"
    number: str = Field(default="", max_length=50)
    codes: list[CodeRangeIn] = Field(default=[], max_length=50, description="None: any service")
    start: date | None = None
    through: date | None = Field(default=None, description="The last day it holds")


class ChangeAuthorization(AuthorizationFields):
    """What is named changes; `note` says why."""

    status: Short | None = None
    number: str | None = Field(default=None, max_length=50)
    codes: list[CodeRangeIn] | None = Field(default=None, max_length=50)
    start: date | None = None
    end: date | None = None


def _document(document_id: UUID) -> Document:
    found: Document = find(Document.objects.defer("content"), document_id)
    return found


def _out(row: Document) -> dict[str, Any]:
    links = row.links.filter(closed_at__isnull=True).order_by("at", "pk")
    return DocumentRow.from_orm(row).model_dump() | {"links": list(links)}


@operation("GET", "/documents", permission="documents.read", answers=paged(DocumentRow), reads=True)
def list_documents(
    request: HttpRequest, patient_id: UUID | None = None, kind: str = "", linked_kind: str = "", linked_id: str = "",
    cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Documents on file, the newest first."""
    rows = Document.objects.defer("content")
    chosen = {"patient_id": patient_id, "kind": kind}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    if linked_kind or linked_id:
        links = DocumentLink.objects.filter(kind=linked_kind, subject_id=linked_id, closed_at__isnull=True)
        rows = rows.filter(pk__in=links.values("document_id"))
    return page_of(rows, cursor=cursor, limit=limit, by="added_at")


@operation("GET", "/documents/{uuid:document_id}", permission="documents.read", answers=DocumentOut, reads=True)
def read_document(request: HttpRequest, document_id: UUID) -> Any:
    """One document and what it is about."""
    return _out(_document(document_id))


@operation("GET", "/documents/{uuid:document_id}/content", permission="documents.read", produces=BYTES, reads=True)
def download_document(request: HttpRequest, document_id: UUID) -> Any:
    """The file as it came."""
    row = find(Document, document_id)
    return as_bytes(papers.open_document(document=row), BYTES, row.name)


@operation("POST", "/documents", permission="documents.work", answers=DocumentOut, status=201, takes=BYTES)
def file_document(
    request: HttpRequest, kind: str, name: str, patient_id: UUID | None = None, received_on: date | None = None,
    signed_on: date | None = None, signed_by: str = "", linked_kind: str = "", linked_id: str = "",
) -> Any:  # fmt: skip
    """File one document: its bytes are the body. The same file of the same patient is one document."""
    if not request.body:
        raise Problem(422, "The body is empty: send the document's bytes")
    patient = find(Patient.objects.select_related("practice"), patient_id) if patient_id else None
    made = papers.add_document(
        kind=kind, name=name, content=request.body, patient=patient, received_on=received_on, signed_on=signed_on,
        signed_by=signed_by, links=[(linked_kind, linked_id)] if linked_kind else [],
    )  # fmt: skip
    return _out(made)


@operation("POST", "/documents/{uuid:document_id}/links", permission="documents.work", answers=DocumentOut, status=201)
def link_a_document(request: HttpRequest, document_id: UUID, payload: LinkDocument) -> Any:
    """Say what a document is about."""
    row = _document(document_id)
    papers.link(document=row, kind=payload.kind, subject_id=payload.subject_id)
    return _out(row)


@operation("POST", "/documents/links/{uuid:link_id}/close", permission="documents.work", answers=DocumentOut)
def close_document_link(request: HttpRequest, link_id: UUID, payload: UnlinkDocument) -> Any:
    """Close a wrong link."""
    link = find(DocumentLink.objects.select_related("document"), link_id)
    papers.unlink(document_link=link, reason=payload.reason)
    return _out(link.document)


@operation("POST", "/documents/{uuid:document_id}/sign", permission="documents.work", answers=DocumentOut)
def sign_a_document(request: HttpRequest, document_id: UUID, payload: SignDocument) -> Any:
    """The day and capacity of a signature that came later."""
    row = find(Document, document_id)
    papers.record_signature(document=row, signed_on=payload.signed_on, signed_by=payload.signed_by)
    return _out(row)


@operation(
    "POST", "/documents/{uuid:document_id}/replace", permission="documents.work", answers=DocumentOut, status=201, takes=BYTES
)  # fmt: skip
def replace_a_document(request: HttpRequest, document_id: UUID, name: str) -> Any:
    """A readable file in place of one that cannot be read: all its links go over."""
    if not request.body:
        raise Problem(422, "The body is empty: send the document's bytes")
    row = find(Document.objects.select_related("patient__practice", "practice"), document_id)
    return _out(papers.replace_document(document=row, name=name, content=request.body))


@operation("POST", "/documents/{uuid:document_id}/number", permission="documents.work", answers=DocumentOut)
def number_a_document(request: HttpRequest, document_id: UUID) -> Any:
    """Give it the number by which a payer finds it beside the claim (PWK06), once."""
    row = _document(document_id)
    papers.assign_control_number(document=row)
    return _out(row)


@operation("POST", "/documents/{uuid:document_id}/hold", permission="documents.hold", answers=DocumentOut)
def hold_a_document(request: HttpRequest, document_id: UUID, payload: HoldDocument) -> Any:
    """Keep it whatever its date; a blank reason lifts the hold."""
    row = _document(document_id)
    papers.hold(document=row, reason=payload.reason)
    return _out(row)


# Authorizations ------------------------------------------------------------------------------------------------------


@operation("GET", "/authorizations", permission="authorizations.read", answers=paged(AuthorizationOut), reads=True)
def list_authorizations(
    request: HttpRequest, patient_id: UUID | None = None, status: str = "", number: str = "", cursor: str = "",
    limit: int = 50,
) -> Any:  # fmt: skip
    """Authorizations and referrals, the newest first."""
    chosen = {"patient_id": patient_id, "status": status, "number": number}
    rows = Authorization.objects.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="created_at")


@operation(
    "GET",
    "/authorizations/{uuid:authorization_id}",
    permission="authorizations.read",
    answers=AuthorizationOut,
    reads=True,
)
def read_authorization(request: HttpRequest, authorization_id: UUID) -> Any:
    """One authorization."""
    return find(Authorization, authorization_id)


def _codes(ranges: list[CodeRangeIn]) -> list[CodeRange]:
    return [
        CodeRange(first=one.first, last=one.last or one.first, modifiers=tuple(one.modifiers)) for one in ranges
    ]  # fmt: skip


@operation("POST", "/authorizations", permission="authorizations.work", answers=AuthorizationOut, status=201)
def record_an_authorization(request: HttpRequest, payload: RecordAuthorization) -> Any:
    """Record one as asked for, or as the payer gave it."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    codes = _codes(payload.codes)
    fields = payload.values("patient_id", "payer_id", "codes")
    return record_authorization(patient=patient, payer=find(Payer, payload.payer_id), codes=codes, **fields)


@operation(
    "POST", "/authorizations/{uuid:authorization_id}/change", permission="authorizations.work", answers=AuthorizationOut
)
def change_an_authorization(request: HttpRequest, authorization_id: UUID, payload: ChangeAuthorization) -> Any:
    """Change what the payer changed; what was is kept."""
    changes = {name: value for name, value in given(payload).items() if name != "note"}
    if payload.codes is not None:
        changes["codes"] = _codes(payload.codes)
    row = find(Authorization.objects.select_related("payer", "patient"), authorization_id)
    return change_authorization(authorization=row, changes=changes, note=payload.note)
