"""Eligibility: visits that come up with what their payers say, asking now, one answer as data and raw, other coverage."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.eligibility import InquiryRefused
from claimwright.billing.eligibility_answers import Snapshot
from claimwright.billing.registration import read_day
from claimwright.claims.eligibility import PatientEligibility
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.eligibility.asking import OPEN_STATES, ask, discover, prepare_batches, save_payer_check
from claimwright.web.eligibility.candidates import CandidateRefused, accept_candidate, decline_candidate
from claimwright.web.eligibility.models import CoverageCandidate, EligibilityInquiry, EligibilitySnapshot, PayerCheck
from claimwright.web.eligibility.real_time import payers_asked_at_once
from claimwright.web.eligibility.selectors import latest_snapshots, patient_share
from claimwright.web.exchange.models import Connection
from claimwright.web.operations.eligibility import VISIT_STATES, holds, service_types_for
from claimwright.web.patients.coverages import CoverageRefused
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.practice.models import Payer
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, back, page, rows_of, show
from claimwright.web.workbench.raw import RawLine
from claimwright.web.workbench.words import state_words
from claimwright.x12 import read
from claimwright.x12.segments import readable

ONE_DAY = timedelta(days=1)
VIEWS = {
    "today": "Today", "upcoming": "Coming up", "waiting": "Questions on their way", "candidates": "Other coverage",
    "payers": "Payers asked",
}  # fmt: skip
OTHER_STATES = (Encounter.State.NOTE_OPEN, Encounter.State.NOTE_SIGNED)
SEGMENTS_SHOWN = 2000
# Our own words for the codes of a benefit.
KINDS = {
    "1": "Active", "2": "Active, full risk", "3": "Active, full risk with own services", "4": "Active, services only",
    "5": "Active, under investigation", "6": "Not active", "7": "Not active, pending", "8": "Not active, investigated",
    "A": "Coinsurance", "B": "Copay", "C": "Deductible", "CB": "Basis of coverage", "D": "Description", "F": "Limit",
    "G": "Out-of-pocket maximum", "I": "Not covered", "L": "Primary care provider", "MC": "Managed care organization",
    "N": "Only by this provider", "R": "Other payer", "U": "Ask this organization", "X": "Health care facility",
}  # fmt: skip
PERIODS = {
    "22": "service year", "23": "calendar year", "24": "year to date", "25": "contract", "26": "episode", "27": "visit",
    "29": "remaining", "32": "lifetime", "33": "lifetime remaining",
}  # fmt: skip
TYPES = {
    "30": "whole plan", "98": "office visit", "47": "hospital", "48": "hospital, inpatient", "50": "hospital, outpatient",
    "86": "emergency", "UC": "urgent care", "33": "chiropractic", "35": "dental", "88": "pharmacy", "AL": "vision",
    "MH": "mental health", "PT": "physical therapy", "OT": "occupational therapy",
}  # fmt: skip
NETWORK = {"Y": "in network", "N": "out of network", "W": "in and out of network"}


PERSON = (("Patient", "patient"), ("Record number", "patient.record_number"))
WAITING: Columns = (
    *PERSON, ("Payer", "payer.name"), ("For", "on"), ("Why asked", lambda row: state_words(row.occasion)),
    ("State", "get_state_display"), ("Tries", "tries"), ("Refusals (AAA)", lambda row: ", ".join(row.reasons or ())),
    ("Asked on", "asked_on"), ("By", "asked_by"),
)  # fmt: skip
CANDIDATES: Columns = (
    *PERSON, ("Payer", "payer_name"), ("Set up", lambda row: row.payer_id is not None), ("Member id", "member_id"),
    ("From", "start"), ("To before", "end"), ("Score", "score"), ("Source", "get_source_display"),
    ("Agrees", lambda row: ", ".join(row.agrees or ())), ("Found on", "found_on"),
)  # fmt: skip
PAYERS: Columns = (
    ("Payer", "name"), ("Payer id", "payer_id"), ("Asked", lambda row: may_ask(row)),
    ("Stopped because", lambda row: _check(row, "stopped_because")), ("Stopped on", lambda row: _check(row, "stopped_on")),
    ("Asked as", lambda row: _check(row, "inquiry_payer_id")),
    ("Days before a visit", lambda row: _check(row, "before_visit_days")),
    ("Service types", lambda row: ", ".join(_check(row, "service_types") or ())),
)  # fmt: skip
COMING: Columns = (
    ("Visit", "visit.date_from"), ("Patient", "visit.patient"), ("Record number", "visit.patient.record_number"),
    ("Payer", "coverage.payer.name"), ("Member id", "coverage.member_id"),
    ("Answer", lambda row: state_words(row["answer"].status) if row["answer"] else "Never asked"),
    ("Asked about", "answer.on"), ("Asked on", "answer.checked_on"), ("Until", "last_day"), ("On its way", "on_way"),
)  # fmt: skip


def _check(payer: Payer, name: str) -> Any:
    return getattr(getattr(payer, "eligibility_check", None), name, None)


def _covers(rows: list[Any]) -> list[dict[str, Any]]:
    """A row for each coverage of a visit, or one that says there is none."""
    _with_answers(rows)
    none = {"coverage": None, "answer": None, "last_day": None, "on_way": False}
    return [{**cover, "visit": row} for row in rows for cover in row.covers or [none]]


@page(reads="eligibility.list")
def eligibility(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("view", "today")
    view = wanted if wanted in VIEWS else "today"
    counts = {
        "waiting": EligibilityInquiry.objects.filter(state__in=OPEN_STATES).count(),
        "candidates": CoverageCandidate.objects.filter(state=CoverageCandidate.State.OPEN).count(),
    }
    every, columns = _listed(view, request.GET.get("q", "").strip())
    ready = _covers if view in ("today", "upcoming") else None
    if file := exported(request, f"eligibility-{view}", columns, every, ready=ready):
        return file
    rows = rows_of(request, every)
    if ready:
        _with_answers(rows.object_list)
    return show(
        request, "workbench/eligibility.html",
        {
            "rows": rows, "view": view, "wanted": request.GET, "ways": _core_connections() if view == "payers" else [],
            "views": [{"key": key, "title": title, "count": counts.get(key)} for key, title in VIEWS.items()],
        },
    )  # fmt: skip


def _listed(view: str, text: str) -> tuple[Any, Columns]:
    """The rows of a view, and what a file of them holds. `text` finds among the payers."""
    if view == "waiting":
        waiting = EligibilityInquiry.objects.filter(state__in=OPEN_STATES).select_related("patient", "payer")
        return waiting.order_by("asked_at"), WAITING
    if view == "candidates":
        found = CoverageCandidate.objects.filter(state=CoverageCandidate.State.OPEN).select_related("patient", "payer")
        return found.order_by("-score", "found_on"), CANDIDATES
    if view == "payers":
        payers = Payer.objects.select_related("eligibility_check", "connection").defer("profile").order_by("name")
        return payers.filter(Q(name__icontains=text) | Q(payer_id__iexact=text)) if text else payers, PAYERS
    return _visits(view), COMING


def _core_connections() -> list[Connection]:
    kinds = (Connection.Kind.MIME, Connection.Kind.SOAP)
    return list(Connection.objects.filter(kind__in=kinds, active=True).order_by("name"))


def _visits(view: str) -> Any:
    today = clock.today()
    states = (*VISIT_STATES, *OTHER_STATES) if view == "today" else VISIT_STATES
    found = Encounter.objects.filter(state__in=states, patient__isnull=False).select_related("patient")
    found = found.filter(date_from=today) if view == "today" else found.filter(date_from__gt=today)
    return found.order_by("date_from", "scheduled_at", "pk")


def _with_answers(rows: Any) -> None:
    """Each visit with the coverages of its day, their last answers, and what is still on its way."""
    patients = {row.patient_id for row in rows}
    coverages = list(
        PatientCoverage.objects.filter(patient_id__in=patients)
        .select_related("payer__eligibility_check")
        .order_by("sequence")
    )
    answers = latest_snapshots(one.pk for one in coverages)
    on_way = set(
        EligibilityInquiry.objects.filter(state__in=OPEN_STATES, patient_id__in=patients).values_list(
            "coverage_id", flat=True
        )
    )
    at_once = payers_asked_at_once()
    for row in rows:
        row.covers = [
            {
                "coverage": one, "answer": answers.get(one.pk), "on_way": one.pk in on_way,
                "may_ask": may_ask(one.payer), "at_once": one.payer_id in at_once, "last_day": _last_day(answers.get(one.pk)),
            }
            for one in coverages if one.patient_id == row.patient_id and holds(one, row.date_from)
        ]  # fmt: skip


def may_ask(payer: Payer) -> bool:
    check = getattr(payer, "eligibility_check", None)
    return check is not None and check.active and not check.stopped_because


def _last_day(answer: EligibilitySnapshot | None) -> date | None:
    return answer.end - ONE_DAY if answer is not None and answer.end is not None else None


# One answer ----------------------------------------------------------------------------------------------------------


@page(reads="eligibility.read")
def eligibility_snapshot(request: HttpRequest, snapshot_id: UUID) -> HttpResponse:
    rows = EligibilitySnapshot.objects.select_related(
        "patient", "payer", "coverage", "inquiry", "part__file", "previous"
    )
    row = get_object_or_404(rows, pk=snapshot_id)
    answer = msgspec.convert(row.answer, PatientEligibility)
    about = EligibilitySnapshot.objects.filter(patient=row.patient, payer=row.payer, coverage=row.coverage)
    earlier = about.exclude(pk=row.pk).defer("answer", "content")
    return show(
        request, "workbench/eligibility_snapshot.html",
        {
            "row": row, "told": msgspec.convert(row.content, Snapshot), "last_day": _last_day(row),
            "benefits": [_benefit(one) for one in answer.benefits], "changes": row.changes.order_by("-alerts", "kind"),
            "others": earlier.order_by("-checked_at")[:20], "lines": _raw(row), "share": _share(request, row),
            "types": TYPES, "wanted": request.GET, "at_once": row.payer_id in payers_asked_at_once(),
        },
    )  # fmt: skip


def _benefit(one: Any) -> dict[str, Any]:
    return {
        "what": KINDS.get(one.kind, one.kind), "level": {"IND": "individual", "FAM": "family"}.get(one.coverage_level, one.coverage_level),
        "types": ", ".join(TYPES.get(code, code) for code in one.service_types), "plan": one.plan_name,
        "period": PERIODS.get(one.period, one.period), "amount": one.amount,
        "percent": None if one.percent is None else format((one.percent * 100).normalize(), "f"),
        "quantity": one.quantity, "measure": one.quantity_qualifier, "network": NETWORK.get(one.in_network, ""),
        "authorization": {"Y": "needed", "N": "not needed"}.get(one.authorization_required, ""),
        "names": ", ".join(filter(None, (f"{party.name} {party.identifier}".strip() for party in one.entities))),
        "messages": one.messages, "segment": one.segment,
    }  # fmt: skip


def _raw(row: EligibilitySnapshot) -> list[RawLine]:
    """The 271's transaction as it came, this patient's traces marked."""
    if row.part is None:
        return []
    content = bytes(row.part.file.content)
    found = []
    for segment in read(content).segments:
        if row.part.byte_start <= segment.offset < row.part.byte_end:
            ours = segment.id == "TRN" and segment[2].startswith(row.inquiry.trace)
            found.append(RawLine(segment.ordinal, segment.number, readable(segment.text().strip()), ours))
    return found[:SEGMENTS_SHOWN]


def _share(request: HttpRequest, row: EligibilitySnapshot) -> dict[str, Any] | None:
    """The estimate for an allowed amount that was typed in, or why there is none."""
    text = request.GET.get("allowed", "").strip().lstrip("$").replace(",", "")
    if not text or row.coverage_id is None:
        return None
    try:
        allowed = Decimal(text)
        if not allowed.is_finite() or allowed < 0 or allowed >= 10**9:
            raise InvalidOperation
    except InvalidOperation:
        return {"problem": "The allowed amount is no amount in dollars"}
    found = patient_share(
        coverage_id=row.coverage_id, on=row.on, service_type=request.GET.get("type") or "98", allowed=allowed,
        in_network=request.GET.get("network") != "out", applies_both=request.GET.get("both") == "1",
    )  # fmt: skip
    return {"problem": "The payer has not called this coverage active"} if found is None else {"found": found}


# Acts ----------------------------------------------------------------------------------------------------------------


@action(does="eligibility.ask_asked")
def ask_eligibility(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Ask now about a coverage, for the visit that the form names or as of today; it goes with the next sending."""
    coverage = get_object_or_404(PatientCoverage.objects.select_related("payer", "patient__practice"), pk=coverage_id)
    visit = Encounter.objects.filter(pk=_uuid(request.POST.get("visit")), patient=coverage.patient).first()
    on = (visit.date_from if visit is not None else None) or clock.today()
    check = PayerCheck.objects.filter(payer=coverage.payer).first()
    given = {"service_types": service_types_for(visit, check)} if visit is not None and check is not None else {}
    try:
        ask(patient=coverage.patient, payer=coverage.payer, coverage=coverage, on=on,
            encounter_id=visit.pk if visit is not None else None, **given)  # fmt: skip
    except InquiryRefused as refused:
        messages.error(request, f"Not asked: {refused}.")
    else:
        prepare_batches()
        messages.success(request, "The question is made and goes with the next sending.")
    return back(request, "eligibility")


@action(does="eligibility.discover_asked")
def look_for_coverage(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """Ask the payers set up for searches; what they find are candidates."""
    patient = get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)
    try:
        made = discover(patient=patient, on=clock.today())
    except InquiryRefused as refused:
        messages.error(request, f"Not asked: {refused}.")
    else:
        prepare_batches()
        messages.success(request, f"{len(made)} payers are asked." if made else "No payer is left to ask this month.")
    return back(request, "eligibility")


@action(does="eligibility.candidate_decided")
def decide_candidate(request: HttpRequest, candidate_id: UUID) -> HttpResponse:
    """Take a candidate as a coverage, or say that it is none. Nothing is billed by it."""
    row = get_object_or_404(CoverageCandidate, pk=candidate_id)
    note = request.POST.get("note", "")
    try:
        if request.POST.get("decision") == "accept":
            text = request.POST.get("start", "").strip()
            day = read_day(text)
            if text and day is None:
                raise CandidateRefused("the first day is no date: write it as 01/31/2026")
            accept_candidate(candidate=row, member_id=request.POST.get("member_id", ""), start=day, note=note)
            messages.success(
                request, "It is a coverage now. Confirm the order of the coverages before anything is billed."
            )
        else:
            decline_candidate(candidate=row, note=note)
            messages.success(request, "It is kept as not the patient's.")
    except (CandidateRefused, CoverageRefused) as refused:
        messages.error(request, f"Not decided: {refused}.")
    return back(request, "eligibility")


@action(does="eligibility.payer_saved")
def save_payer(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    """How a payer is asked; saving it lets stopped questions go again."""
    payer = get_object_or_404(Payer, pk=payer_id)
    given = request.POST
    days = given.get("before_visit_days", "3").strip()
    if not days.isdigit() or len(days) > 2:
        messages.error(request, "Not saved: the days before a visit are a number from 0 to 99.")
        return back(request, "eligibility")
    save_payer_check(
        payer=payer, active=given.get("active") == "1", discovery=given.get("discovery") == "1",
        calendar_month=given.get("calendar_month") == "1",
        dependents_have_own_ids=given.get("dependents_have_own_ids") == "1",
        inquiry_payer_id=given.get("inquiry_payer_id", "").strip().upper()[:20], before_visit_days=int(days),
        real_time_connection=next((one for one in _core_connections() if str(one.pk) == given.get("at_once")), None),
        service_types=list(dict.fromkeys(given.get("service_types", "").upper().replace(",", " ").split()))[:99],
    )  # fmt: skip
    messages.success(request, f"{payer.name} is saved.")
    return back(request, "eligibility")


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
