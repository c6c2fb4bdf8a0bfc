"""The audit log: who did or saw what, the proof of its chain, who saw one patient's record, and disclosures."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Value
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing import disclosures as rules
from claimwright.web.core import audit_log as log
from claimwright.web.core import clock
from claimwright.web.core.models import AuditEvent, User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.audit_trail import subjects_of
from claimwright.web.patients import disclosures as kept
from claimwright.web.patients.models import Disclosure, Patient
from claimwright.web.workbench.audit_words import THINGS, action_words
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show
from claimwright.web.workbench.subjects import address_of

MOST_ROWS = 100_000  # of one file: a sheet is made whole in memory
COLUMNS: Columns = (
    ("Number", "sequence"), ("When (UTC)", "at"), ("Person", "actor"), ("What", lambda row: action_words(row.action)),
    ("Action", "action"), ("About", "subject_type"), ("Id", "subject_id"), ("Detail", "detail"), ("Hash", "hash"),
)  # fmt: skip
LONGEST = {"recipient": 160, "address": 300, "what": 500, "purpose": 500, "how_often": 120}


def _wanted(request: HttpRequest) -> dict[str, Any]:
    """The filter of the address; a patient is named by a medical record number."""
    number = request.GET.get("patient", "").strip()
    patient = Patient.objects.filter(record_number_folded=Lower(Value(number))).first() if number else None
    thing = request.GET.get("thing", "")
    return {
        "actor": request.GET.get("actor", "").strip(), "thing": thing if thing in THINGS else "", "number": number,
        "action": request.GET.get("action", "").strip()[:60],
        "patient": patient, "start": as_date(request.GET.get("from")), "end": as_date(request.GET.get("to")),
    }  # fmt: skip


def _subjects(wanted: dict[str, Any]) -> Iterable[str] | None:
    if not wanted["number"]:
        return None
    return subjects_of(wanted["patient"]) if wanted["patient"] else ()


def _told(rows: Sequence[AuditEvent]) -> list[dict[str, object]]:
    return [{"row": row, "words": action_words(row.action), "page": address_of(row.subject_type, row.subject_id)}
            for row in rows]  # fmt: skip


@page(reads="audit.read")
def audit_log(request: HttpRequest) -> HttpResponse:
    wanted = _wanted(request)
    rows = log.find(
        actor=wanted["actor"], action=wanted["action"] or (f"{wanted['thing']}." if wanted["thing"] else ""),
        subjects=_subjects(wanted), start=wanted["start"], end=wanted["end"],
    )  # fmt: skip
    if file := exported(request, "audit-log", COLUMNS, rows, most=MOST_ROWS, about=_about()):
        if told := getattr(file, "audit_detail", ""):
            record_audit(action="audit.export", subject_type="audit_log", detail=told)
        return file
    shown = rows_of(request, rows)
    people = User.objects.filter(tenant=current_tenant()).order_by("username").values_list("username", flat=True)
    return show(
        request, "workbench/audit_log.html",
        {"rows": shown, "events": _told(shown), "wanted": wanted, "asked": request.GET, "people": people,
         "only": action_words(wanted["action"]) if wanted["action"] else "", "by_action": True,
         "things": sorted(THINGS.items(), key=lambda one: one[1]), "years": log.YEARS_KEPT},
    )  # fmt: skip


def _about() -> tuple[tuple[str, str], ...]:
    return ("Times", "UTC"), ("Practice", current_tenant().name)


@page(reads="audit.verify")
def audit_proof(request: HttpRequest) -> HttpResponse:
    """Every row of the chain hashed again, and its end held to the head outside the database."""
    began = time.perf_counter()
    verdict = log.verify()
    return show(
        request, "workbench/audit_proof.html",
        {"verdict": verdict, "seconds": f"{time.perf_counter() - began:.1f}", "told": log.FAULTS_TOLD},
    )  # fmt: skip


@page(reads="audit.seen")
def patient_seen(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Every reading and change of a record, by person; the patient's visits, claims, papers and files belong to it."""
    patient = get_object_or_404(Patient, pk=patient_id)
    events = log.find(
        subjects=subjects_of(patient), start=as_date(request.GET.get("from")), end=as_date(request.GET.get("to"))
    )
    if file := exported(request, "who-saw", COLUMNS, events, most=MOST_ROWS, about=_about()):
        if told := getattr(file, "audit_detail", ""):
            record_audit(action="audit.export", subject_type="patient", subject_id=patient.pk, detail=told)
        return file
    shown = rows_of(request, events)
    return show(
        request, "workbench/patient_seen.html",
        {"patient": patient, "rows": shown, "events": _told(shown), "asked": request.GET,
         "people": log.people(events)},
    )  # fmt: skip


@page(reads="disclosure.list")
def disclosures(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    today = clock.today()
    rows = kept.standing(patient)
    return show(
        request, "workbench/disclosures.html",
        {"patient": patient, "today": today, "bases": [(key, *words) for key, words in rules.BASES.items()],
         "rows": [(row, rules.BASES[row.basis][0], bool(row.withheld_until and row.withheld_until >= today)) for row in rows],
         "answer_by": rules.answer_by(today), "first": rules.window(today)[0], "typed": request.GET},
    )  # fmt: skip


@page(reads="disclosure.print")
def disclosure_accounting(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)
    text = request.GET.get("asked", "").strip()
    asked_on = as_date(text) if text else clock.today()
    if asked_on is None or asked_on > clock.today():
        messages.error(request, "Not printed: it was asked for on a day up to today, written as month, day and year.")
        return redirect("disclosures", patient_id=patient_id)
    response = HttpResponse(kept.accounting_pdf(patient=patient, asked_on=asked_on), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="accounting-of-disclosures.pdf"'
    return response


@action(does="disclosure.record_asked")
def record_disclosure(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient, pk=patient_id)
    typed = {name: request.POST.get(name, "").strip()[:length] for name, length in LONGEST.items()}
    disclosed_on = posted_day(request, "disclosed_on")
    if disclosed_on is None:
        messages.error(request, "Not recorded: say on which day it was disclosed.")
        return redirect("disclosures", patient_id=patient_id)
    try:
        kept.record_disclosure(
            patient=patient,
            disclosure=rules.Disclosure(
                **typed, disclosed_on=disclosed_on, basis=request.POST.get("basis", ""), last_on=posted_day(request, "last_on"),
                withheld_until=posted_day(request, "withheld_until"),
            ),
        )  # fmt: skip
        messages.success(request, "Recorded.")
    except rules.DisclosureRefused as refused:
        messages.error(request, f"Not recorded: {refused}.")
    return redirect("disclosures", patient_id=patient_id)


@action(does="disclosure.withdraw_asked")
def withdraw_disclosure(request: HttpRequest, disclosure_id: UUID) -> HttpResponse:
    found = get_object_or_404(Disclosure, pk=disclosure_id)
    try:
        kept.withdraw_disclosure(disclosure=found, reason=request.POST.get("reason", ""))
        messages.success(request, "Withdrawn; it stays on record with the reason.")
    except rules.DisclosureRefused as refused:
        messages.error(request, f"Not withdrawn: {refused}.")
    return redirect("disclosures", patient_id=found.patient_id)
