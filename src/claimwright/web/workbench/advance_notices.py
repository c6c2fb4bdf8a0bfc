"""Advance beneficiary notices of a patient: printed to be signed, recorded with the signed paper, told on the claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.advance_notice import AdvanceNotice, NoticedService, modifiers_of
from claimwright.billing.registration import Fault, read_day
from claimwright.documents.advance_notice import AdvanceNoticePaper, render_advance_notice
from claimwright.documents.patient_paper import language_of
from claimwright.web.arrangements.letters import letterhead_of, name_of
from claimwright.web.authorizations.models import Questionnaire
from claimwright.web.authorizations.notices import ABN, NoticeRefused, record_notice, withdraw_notice
from claimwright.web.authorizations.papers import DocumentRefused, add_document
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient
from claimwright.web.submissions.noticed import put_notice_modifiers
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show

OPTIONS = {
    "": "", "1": "1: done and billed to Medicare", "2": "2: done, Medicare is not billed", "3": "3: not done",
}  # fmt: skip
CAPACITIES = {"patient": "The patient", "representative": "A representative"}
MOST_SERVICES = 6
GROUPS = (
    ("What Medicare may not pay", (
        Field(name="services", label="Services", wide=True, required=True,
              hint="Code, cost and why, one after the other with semicolons: 82306 45.00 not for this diagnosis; …"),
        Field(name="voluntary", label="Medicare never pays for it", kind="tick", hint="A notice of free will: GX and GY"),
        Field(name="more", label="More for the patient", wide=True, longest=500, hint="Stands on the paper"),
    )),
    ("Once it is signed", (
        Field(name="option", label="What the patient ticked", kind="select", choices=OPTIONS),
        Field(name="signed_on", label="Signed on", kind="date"),
        Field(name="signed_by", label="By", kind="select", choices=CAPACITIES),
        Field(name="file", label="The signed paper", kind="file"),
    )),
)  # fmt: skip
_SERVICE = re.compile(r"([A-Z0-9]{5})\s+\$?([0-9]{1,6}(?:\.[0-9]{2})?)\s+(.{3,200})\Z", re.IGNORECASE)


def _patient(patient_id: UUID) -> Patient:
    return get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)


def _form(request: HttpRequest, patient: Patient, cells: Mapping[str, str], faults: list[Fault]) -> HttpResponse:
    rows = list(Questionnaire.objects.filter(kind=ABN, patient=patient).select_related("document").defer("document__content").order_by("-answered_on", "-at"))  # fmt: skip
    for row in rows:
        notice = msgspec.convert(row.answers, AdvanceNotice)
        row.services, row.option = notice.services, OPTIONS.get(notice.option, notice.option)
        row.modifiers = " ".join(modifiers_of(notice)) or "none: it is not billed"
    return show(
        request, "workbench/advance_notices.html",
        {"patient": patient, "rows": rows, "groups": bound(GROUPS, cells, faults), "faults": faults},
    )  # fmt: skip


@page(reads="notice.list")
def advance_notices(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    return _form(request, _patient(patient_id), {}, [])


def _services(text: str) -> tuple[tuple[NoticedService, ...], list[Fault]]:
    found = []
    for part in filter(None, map(str.strip, text.split(";"))):
        match = _SERVICE.match(part)
        if match is None:
            says = f"Entry {len(found) + 1} cannot be read"
            return (), [
                Fault(field="services", says=says, fix="Write code, cost and why: 82306 45.00 not for this diagnosis")
            ]
        found.append(NoticedService(code=match[1].upper(), estimated_cost=Decimal(match[2]), reason=match[3]))
    if not 0 < len(found) <= MOST_SERVICES:
        fix = f"Name one to {MOST_SERVICES}; more go on another notice"
        return (), [Fault(field="services", says="No service is named, or more than the paper holds", fix=fix)]
    return tuple(found), []


@action(does="notice.write_asked")
def save_advance_notice(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """`do` is print, the paper to be signed, or keep, the signed one with the patient's choice."""
    patient = _patient(patient_id)
    cells = posted(request.POST, GROUPS)
    services, faults = _services(cells["services"])
    if not faults and request.POST.get("do") == "print":
        return _paper(patient, services, " ".join(cells["more"].split())[:500])
    signed = read_day(cells["signed_on"].strip()) if cells["signed_on"].strip() else None
    if signed is None:
        faults.append(
            Fault(field="signed_on", says="The day of the signature is missing", fix="Write it as 01/31/2026")
        )
    if faults or signed is None:
        return _form(request, patient, cells, faults)
    return _keep(request, patient, cells, services, signed)


def _paper(patient: Patient, services: tuple[NoticedService, ...], more: str) -> HttpResponse:
    pdf = render_advance_notice(
        AdvanceNoticePaper(
            letterhead=letterhead_of(patient), number=patient.record_number, issued_on=clock.today(),
            language=language_of(patient.language), patient_name=name_of(patient), services=services, more=more,
        )
    )  # fmt: skip
    headers = {"Content-Disposition": 'inline; filename="advance-notice.pdf"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _keep(
    request: HttpRequest, patient: Patient, cells: Mapping[str, str], services: tuple[NoticedService, ...], signed: date
) -> HttpResponse:
    notice = AdvanceNotice(
        services=services, option=cells["option"], signed_on=signed, voluntary=cells["voluntary"] == "on",
        signed_by=cells["signed_by"] if cells["signed_by"] in CAPACITIES else "patient",
    )  # fmt: skip
    file = request.FILES.get("file")
    try:
        document = None
        if file is not None:
            document = add_document(
                kind=ABN, name=file.name or "advance notice", content=file.read(), patient=patient, signed_on=signed,
                signed_by=notice.signed_by,
            )  # fmt: skip
        made = record_notice(patient=patient, notice=notice, document=document)
    except (NoticeRefused, DocumentRefused) as refused:
        return _form(request, patient, cells, [Fault(field="option", says=str(refused), fix="Correct it")])
    told = put_notice_modifiers(notice=made)
    messages.success(
        request, f"On file until {made.valid_until}; {told} claim{'s'[: told != 1]} that had not gone out tell of it."
    )
    return redirect("advance_notices", patient_id=patient.pk)


@action(does="notice.withdraw_asked")
def withdraw_advance_notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    row = get_object_or_404(Questionnaire, pk=notice_id, kind=ABN, withdrawn_on__isnull=True)
    try:
        withdraw_notice(notice=row, reason=request.POST.get("reason", ""))
        messages.success(request, "Withdrawn; it stays on record. Claims that tell of it are changed by hand.")
    except NoticeRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    return redirect("advance_notices", patient_id=row.patient_id)
