"""Papers on file: uploaded with their links, looked at with a trail, replaced where they cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.document_policy import KINDS
from claimwright.billing.registration import Fault, read_day
from claimwright.web.authorizations.models import Authorization, Document, DocumentLink
from claimwright.web.authorizations.papers import (
    MOST_BYTES,
    DocumentRefused,
    add_document,
    assign_control_number,
    hold,
    link,
    open_document,
    record_signature,
    replace_document,
    unlink,
)
from claimwright.web.charges.models import Encounter
from claimwright.web.patients.models import Patient
from claimwright.web.patients.sealing import Unreadable
from claimwright.web.patients.selectors import by_name, by_number
from claimwright.web.submissions.models import Claim, ClaimVersion
from claimwright.web.workbench.charge_entry import find_patient
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.policies import may

TITLES = {name: kind.title for name, kind in KINDS.items()}
# What a browser may show in its own window; anything else is only ever saved.
SHOWN = ("application/pdf", "image/png", "image/jpeg")
SUFFIXES = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tiff",
            "text/plain": "txt", "application/xml": "xml"}  # fmt: skip
GROUPS: Sequence[tuple[str, Sequence[Field]]] = (
    ("The paper", (
        Field(name="file", label="File", kind="file", required=True, hint="PDF, picture, text or XML, up to 20 MB"),
        Field(name="kind", label="Kind", kind="select", choices={"": "", **TITLES}, required=True),
        Field(name="received_on", label="Came on", kind="date", hint="Blank: today"),
        Field(name="signed_on", label="Signed on", kind="date"),
        Field(name="signed_by", label="Signed by", longest=120),
    )),
    ("What it is about", (
        Field(name="patient_text", label="Patient", hint="Record number or name; blank: the practice's own"),
        Field(name="claim", label="Claim number", longest=20),
        Field(name="authorization", label="Authorization number", longest=50),
        Field(name="attachment_code", label="Asked for by the payer as (LOINC)", longest=10),
        Field(name="due_on", label="The payer wants it by", kind="date"),
    )),
)  # fmt: skip


def found_documents(wanted: Mapping[str, str]) -> QuerySet[Document]:
    rows = Document.objects.defer("content").select_related("patient", "practice").order_by("-received_on", "-added_at")
    if wanted.get("state") in Document.State.values:
        rows = rows.filter(state=wanted["state"])
    if wanted.get("kind") in KINDS:
        rows = rows.filter(kind=wanted["kind"])
    for word in wanted.get("q", "").replace(",", " ").split()[:5]:
        of_patients = Document.objects.filter(patient__in=by_name(word).union(by_number(word), all=True))
        numbered = Document.objects.filter(control_number__in=(word, word.upper()))
        rows = rows.filter(pk__in=of_patients.values("pk").union(numbered.values("pk"), all=True))
    return rows


COLUMNS: Columns = (
    ("Came", "received_on"), ("Kind", lambda row: TITLES.get(row.kind, row.kind)), ("Patient", "patient"),
    ("Record number", "patient.record_number"), ("Practice", "practice.name"), ("File", "name"), ("Pages", "pages"),
    ("Bytes", "size"), ("Signed on", "signed_on"), ("Signed by", "signed_by"), ("Control number", "control_number"),
    ("Asked for as", "attachment_code"), ("Due", "due_on"), ("State", "get_state_display"), ("Problem", "problem"),
    ("Legal hold", "legal_hold"), ("Added by", "added_by"),
)  # fmt: skip


@page(reads="document.list")
def documents(request: HttpRequest) -> HttpResponse:
    return _list(request, {name: request.GET.get(name, "") for name in ("patient_text", "claim", "authorization")})


def _list(request: HttpRequest, cells: Mapping[str, str], faults: Sequence[Fault] = ()) -> HttpResponse:
    wanted = request.GET
    found = found_documents(wanted.dict())
    if file := exported(request, "documents", COLUMNS, found):
        return file
    rows = rows_of(request, found)
    for row in rows.object_list:
        row.title = TITLES.get(row.kind, row.kind)
    return show(
        request,
        "workbench/documents.html",
        {
            "rows": rows, "wanted": wanted, "titles": TITLES, "states": Document.State.choices, "faults": faults,
            "groups": bound(GROUPS, cells, faults, begins_here=False),
            "unreadable": Document.objects.filter(state=Document.State.UNREADABLE).count(),
            "is_open": bool(faults) or any(cells.values()),
        },
    )  # fmt: skip


@action(does="document.add_asked")
def upload_document(request: HttpRequest) -> HttpResponse:
    """Kept with its links, or the form again with every fault. The file itself must be chosen anew then."""
    cells = posted(request.POST, GROUPS)
    patient, fields, links, faults = _read(cells)
    file = request.FILES.get("file")
    if file is None:
        faults.append(Fault(field="file", says="No file is chosen", fix="Choose it"))
    elif (file.size or 0) > MOST_BYTES:
        faults.append(
            Fault(field="file", says="The file is larger than 20 MB", fix="Scan it in black and white, or in parts")
        )
    if not faults and file is not None:
        try:
            made = add_document(
                name=file.name or "document", content=file.read(), patient=patient, links=links, **fields
            )
            _tell(request, made)
            return redirect("document", document_id=made.pk)
        except DocumentRefused as refused:
            faults.append(
                Fault(field="file", says=f"{refused}"[:1].upper() + f"{refused}"[1:], fix="Choose another file")
            )
    return _list(request, cells, faults)


def _tell(request: HttpRequest, document: Document) -> None:
    if document.state == Document.State.UNREADABLE:
        messages.error(request, f"Kept and listed, but it cannot be read: {document.problem}.")
    else:
        messages.success(request, "Kept.")


def _read(
    cells: Mapping[str, str],
) -> tuple[Patient | None, dict[str, Any], list[tuple[str, object]], list[Fault]]:
    patient, faults = None, []
    if cells.get("patient_text", "").strip():
        patient, _, told = find_patient({"patient_text": cells["patient_text"]})
        faults += [Fault(field=one.field, says=one.says, fix="Give the record number") for one in told]
    if cells.get("kind") not in KINDS:
        faults.append(
            Fault(field="kind", says="The kind is missing", fix="Choose one: it says how long the paper is kept")
        )
    days = {}
    for name in ("received_on", "signed_on", "due_on"):
        text = cells.get(name, "").strip()
        days[name] = read_day(text) if text else None
        if text and days[name] is None:
            faults.append(Fault(field=name, says="This is no day of the calendar", fix="Write it as 01/31/2026"))
    links: list[tuple[str, object]] = []
    for name, finder in FINDERS.items():
        if text := cells.get(name, "").strip():
            subject, owner = finder(text)
            if subject is None:
                faults.append(
                    Fault(field=name, says="There is none of this number", fix="Correct it, or leave it blank")
                )
            elif patient is not None and owner != patient.pk:
                faults.append(
                    Fault(field=name, says="This is another patient's", fix="Correct the number or the patient")
                )
            else:
                patient = patient or Patient.objects.select_related("practice").get(pk=owner)
                links.append((name, subject))
    fields = {
        "kind": cells.get("kind", ""), **days, "signed_by": cells.get("signed_by", "").strip(),
        "attachment_code": cells.get("attachment_code", "").strip(),
    }  # fmt: skip
    return patient, fields, links, faults


def _claim(text: str) -> tuple[UUID | None, UUID | None]:
    version = ClaimVersion.objects.filter(control_number__in=(text, text.upper())).select_related("claim").first()
    return (version.claim_id, version.claim.patient_id) if version else (None, None)


def _authorization(text: str) -> tuple[UUID | None, UUID | None]:
    row = Authorization.objects.filter(number__iexact=text).order_by("-created_at").first()
    return (row.pk, row.patient_id) if row else (None, None)


FINDERS = {"claim": _claim, "authorization": _authorization}


# One -----------------------------------------------------------------------------------------------------------------


def _row(document_id: UUID) -> Document:
    return get_object_or_404(
        Document.objects.defer("content").select_related("patient__practice", "practice"), pk=document_id
    )


@page(reads="document.facts")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    row = _row(document_id)
    links = [{"link": one, **_subject(one)} for one in row.links.order_by("-at")]
    return show(
        request,
        "workbench/document.html",
        {
            "row": row, "title": TITLES.get(row.kind, row.kind), "links": links, "kind": KINDS.get(row.kind),
            "can_hold": may(request, "hold_document"),
            "link_kinds": [(name, name.capitalize()) for name in FINDERS],
        },
    )  # fmt: skip


def _subject(one: DocumentLink) -> dict[str, str]:
    """Its page and its name, where a person can open it."""
    try:
        subject = UUID(one.subject_id)
    except ValueError:
        return {"address": "", "words": one.subject_id}
    if one.kind == DocumentLink.Kind.CLAIM and (claim := Claim.objects.filter(pk=subject).first()):
        number = claim.versions.order_by("-number").values_list("control_number", flat=True).first()
        return {"address": reverse("claim", args=[subject]), "words": str(number)}
    if one.kind == DocumentLink.Kind.AUTHORIZATION and (row := Authorization.objects.filter(pk=subject).first()):
        return {"address": reverse("authorization", args=[subject]), "words": str(row)}
    if one.kind == DocumentLink.Kind.ENCOUNTER and Encounter.objects.filter(pk=subject).exists():
        return {"address": reverse("visit", args=[subject]), "words": "The visit"}
    return {"address": "", "words": ""}


@page()
def document_content(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The bytes as they came. `open_document` writes the trail."""
    row = get_object_or_404(Document, pk=document_id)
    try:
        content = open_document(document=row)
    except (DocumentRefused, Unreadable) as problem:
        return HttpResponse(str(problem), status=409, content_type="text/plain")
    inline = row.media_type in SHOWN and row.state == Document.State.READABLE and request.GET.get("save") != "on"
    name = f"{row.kind}-{row.received_on}.{SUFFIXES.get(row.media_type, 'bin')}"
    return HttpResponse(
        content,
        content_type=row.media_type or "application/octet-stream",
        headers={
            "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@action(does="document.replace_asked")
def replace(request: HttpRequest, document_id: UUID) -> HttpResponse:
    row = get_object_or_404(Document.objects.select_related("patient__practice", "practice"), pk=document_id)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "Choose the file that can be read.")
        return redirect("document", document_id=row.pk)
    try:
        made = replace_document(document=row, name=file.name or "document", content=file.read())
    except DocumentRefused as refused:
        messages.error(request, str(refused))
        return redirect("document", document_id=row.pk)
    _tell(request, made)
    return redirect("document", document_id=made.pk)


@action(does="document.sign_asked")
def sign(request: HttpRequest, document_id: UUID) -> HttpResponse:
    row = _row(document_id)
    day = read_day(request.POST.get("signed_on", ""))
    try:
        if day is None:
            raise DocumentRefused("write the day of the signature as 01/31/2026")
        record_signature(document=row, signed_on=day, signed_by=request.POST.get("signed_by", "").strip())
        messages.success(request, "The signature is on record.")
    except DocumentRefused as refused:
        messages.error(request, str(refused))
    return redirect("document", document_id=row.pk)


@action(does="document.link_asked")
def link_document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    row, kind = _row(document_id), request.POST.get("kind", "")
    subject, owner = FINDERS[kind](request.POST.get("number", "").strip()) if kind in FINDERS else (None, None)
    if subject is None:
        messages.error(request, "There is none of this number.")
    elif row.patient_id is not None and owner != row.patient_id:
        messages.error(request, "It is another patient's.")
    else:
        link(document=row, kind=kind, subject_id=subject)
        messages.success(request, "Linked.")
    return redirect("document", document_id=row.pk)


@action(does="document.unlink_asked")
def unlink_document(request: HttpRequest, link_id: UUID) -> HttpResponse:
    one = get_object_or_404(DocumentLink, pk=link_id)
    try:
        unlink(document_link=one, reason=request.POST.get("reason", ""))
        messages.success(request, "The link is closed; it stays on record.")
    except DocumentRefused as refused:
        messages.error(request, str(refused))
    return redirect("document", document_id=one.document_id)


@action(does="document.number_asked")
def number_document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The number by which the payer finds it beside the claim (PWK06)."""
    row = _row(document_id)
    messages.success(request, f"Its control number is {assign_control_number(document=row)}.")
    return redirect("document", document_id=row.pk)


@action(does="document.hold_asked")
def hold_document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    row = _row(document_id)
    hold(document=row, reason=request.POST.get("reason", ""))
    messages.success(request, "It is kept whatever its date." if row.legal_hold else "The hold is lifted.")
    return redirect("document", document_id=row.pk)
