"""One patient's eligibility: what each payer said last, asking at once, waiting for the answer, keying what was heard."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.eligibility import InquiryRefused
from claimwright.billing.eligibility_by_hand import KeyedAnswer, KeyedAnswerRefused
from claimwright.billing.registration import Fault, read_day
from claimwright.web.charges.models import Encounter
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.eligibility.asking import OPEN_STATES, ask
from claimwright.web.eligibility.by_hand import key_answer
from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot, PayerCheck
from claimwright.web.eligibility.real_time import real_time_way
from claimwright.web.eligibility.selectors import latest_snapshots
from claimwright.web.operations.eligibility import service_types_for
from claimwright.web.operations.real_time import ask_in_background
from claimwright.web.patients.models import Patient, PatientCoverage
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show

REFRESH_SECONDS = 2
PATIENCE_SECONDS = 75  # longer than one exchange: by then it is answered, or is asked again by the job
SHOWN = 30
ONE_DAY = timedelta(days=1)

SOURCES = {"portal": "The payer's portal", "telephone": "The telephone", "letter": "A letter", "card": "The card"}
YES_NO = {"": "Not said", "Y": "Yes", "N": "No", "U": "The payer does not know"}
SERVICES = {
    "98": "Office visit", "30": "Whole plan", "86": "Emergency", "UC": "Urgent care", "33": "Chiropractic",
    "MH": "Mental health", "PT": "Physical therapy", "OT": "Occupational therapy", "35": "Dental", "AL": "Vision",
}  # fmt: skip
FORM = (
    ("Where it was said", (
        Field(name="source", label="Source", kind="select", choices=SOURCES, required=True),
        Field(name="reference", label="Reference", longest=80, required=True,
              hint="The call's number, or the portal's confirmation"),
        Field(name="told_by", label="Who said it", longest=120),
        Field(name="on", label="About the day", kind="date", required=True),
    )),
    ("What was said", (
        Field(name="status", label="Coverage", kind="select", required=True,
              choices={"": "", "active": "Active", "inactive": "Not active"}),
        Field(name="start", label="First day", kind="date"),
        Field(name="last", label="Last day", kind="date"),
        Field(name="plan_name", label="Plan", longest=50),
        Field(name="member_id", label="Member number", longest=80),
        Field(name="group_number", label="Group", longest=50),
        Field(name="primary_care", label="Primary care provider", longest=60),
        Field(name="other_payer", label="Other payer", longest=60),
        Field(name="other_payer_member_id", label="Its number for the patient", longest=50),
        Field(name="authorization_required", label="Authorization needed", kind="select", choices=YES_NO),
    )),
    ("What the patient pays", (
        Field(name="service_type", label="For", kind="select", choices=SERVICES),
        Field(name="network", label="Network", kind="select", choices={"in": "In network", "out": "Out of network"}),
        Field(name="copay", label="Copay", numeric=True, hint="Leave empty what was not said: it is unknown, not zero"),
        Field(name="coinsurance", label="Coinsurance in percent", numeric=True),
        Field(name="deductible", label="Deductible", numeric=True),
        Field(name="deductible_left", label="Deductible left", numeric=True),
        Field(name="out_of_pocket", label="Out-of-pocket maximum", numeric=True),
        Field(name="out_of_pocket_left", label="Left of the maximum", numeric=True),
        Field(name="note", label="Note", longest=250, wide=True),
    )),
)  # fmt: skip
AMOUNTS = ("copay", "deductible", "deductible_left", "out_of_pocket", "out_of_pocket_left")
TEXTS = (
    "source", "reference", "told_by", "status", "plan_name", "member_id", "group_number", "primary_care", "other_payer",
    "other_payer_member_id", "authorization_required", "service_type", "note",
)  # fmt: skip


@page(reads="eligibility.patient")
def patient_eligibility(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.select_related("practice"), pk=patient_id)
    coverages = list(
        patient.coverages.select_related("payer__connection", "payer__eligibility_check").order_by("sequence")
    )
    answers = latest_snapshots(one.pk for one in coverages)
    waiting = {
        row.coverage_id: row
        for row in EligibilityInquiry.objects.filter(patient=patient, state__in=OPEN_STATES).order_by("asked_at")
    }
    rows = []
    for coverage in coverages:
        answer, check = answers.get(coverage.pk), getattr(coverage.payer, "eligibility_check", None)
        may = check is not None and check.active and not check.stopped_because
        rows.append({
            "coverage": coverage, "answer": answer, "on_way": waiting.get(coverage.pk), "may_ask": may,
            "at_once": may and real_time_way(coverage.payer) is not None,
            "last_day": answer.end - ONE_DAY if answer is not None and answer.end is not None else None,
        })  # fmt: skip
    told = EligibilitySnapshot.objects.filter(patient=patient).select_related("payer", "inquiry")
    return show(
        request, "workbench/patient_eligibility.html",
        {"patient": patient, "rows": rows, "told": told.defer("answer", "content").order_by("-checked_at")[:SHOWN]},
    )  # fmt: skip


@action(does="eligibility.ask_asked")
def ask_at_once(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Ask the payer now and go to the page that waits for its answer. Nobody's browser hangs on a payer."""
    rows = PatientCoverage.objects.select_related("payer__connection", "patient__practice")
    coverage = get_object_or_404(rows, pk=coverage_id)
    back = redirect("patient_eligibility", patient_id=coverage.patient_id)
    if real_time_way(coverage.payer) is None:
        messages.error(
            request, f"{coverage.payer.name} is not asked in real time: its set-up names no such connection."
        )
        return back
    visit = _visit_of(request.POST.get("visit", ""), coverage)
    check = PayerCheck.objects.filter(payer=coverage.payer).first()
    given = {"service_types": service_types_for(visit, check)} if visit is not None and check is not None else {}
    try:
        row = ask(
            patient=coverage.patient, payer=coverage.payer, coverage=coverage, in_real_time=True,
            on=(visit.date_from if visit is not None else None) or clock.today(),
            encounter_id=visit.pk if visit is not None else None, **given,
        )  # fmt: skip
    except InquiryRefused as refused:
        messages.error(request, f"Not asked: {refused}.")
        return back
    if row.in_real_time:
        ask_in_background(tenant=current_tenant(), inquiry_id=row.pk)
    return redirect("eligibility_asking", inquiry_id=row.pk)


def _visit_of(text: str, coverage: PatientCoverage) -> Encounter | None:
    try:
        return Encounter.objects.filter(pk=UUID(text), patient=coverage.patient).first()
    except ValueError:
        return None


@page(reads="eligibility.asking")
def eligibility_asking(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """The page of one question: it looks again by itself until there is an answer, and goes to it."""
    rows = EligibilityInquiry.objects.select_related("patient", "payer", "file__exchange")
    row = get_object_or_404(rows, pk=inquiry_id)
    otherwise = row.followed_by.first()
    if row.state == EligibilityInquiry.State.ANSWERED or (otherwise is None and row.state == "refused"):
        last = row.snapshots.order_by("-checked_at").first()
        if last is not None:
            return redirect("eligibility_snapshot", snapshot_id=last.pk)
    if otherwise is not None:
        return redirect("eligibility_asking", inquiry_id=otherwise.pk)
    under_way = row.state in ("due", "sent") and clock.now() - row.asked_at < timedelta(seconds=PATIENCE_SECONDS)
    exchange = getattr(row.file, "exchange", None) if row.file is not None else None
    response = show(
        request, "workbench/eligibility_asking.html", {"row": row, "under_way": under_way, "exchange": exchange}
    )
    if under_way:
        response["Refresh"] = str(REFRESH_SECONDS)  # a header: no script, and no mark-up that a reader trips over
    return response


# Keyed by a person ---------------------------------------------------------------------------------------------------


@page(reads="eligibility.key")
def key_eligibility(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    coverage = get_object_or_404(PatientCoverage.objects.select_related("payer", "patient"), pk=coverage_id)
    today = clock.today()
    cells = {"on": f"{today:%m/%d/%Y}", "member_id": coverage.member_id, "source": "portal", "service_type": "98"}
    return _form(request, coverage, cells, [])


def _form(
    request: HttpRequest, coverage: PatientCoverage, cells: dict[str, str], faults: list[Fault], status: int = 200
) -> HttpResponse:
    response = show(
        request, "workbench/eligibility_key.html",
        {"coverage": coverage, "fields": bound(FORM, cells, faults), "faults": faults},
    )  # fmt: skip
    response.status_code = status
    return response


@action(does="eligibility.answer_keyed")
def save_keyed(request: HttpRequest, coverage_id: UUID) -> HttpResponse:
    """Keep what was heard, or show every field that cannot be read with what was typed."""
    coverage = get_object_or_404(PatientCoverage.objects.select_related("payer", "patient__practice"), pk=coverage_id)
    cells = posted(request.POST, FORM)
    faults: list[Fault] = []
    keyed, on = _read(cells, faults)
    if not faults:
        try:
            kept = key_answer(coverage=coverage, keyed=keyed, on=on)
        except KeyedAnswerRefused as refused:
            says = str(refused)
            faults.append(Fault(field="reference", says=says[:1].upper() + says[1:], fix="Correct what was keyed"))
        else:
            messages.success(request, "It is kept, and compared with the answer before.")
            return redirect("eligibility_snapshot", snapshot_id=kept.pk)
    return _form(request, coverage, cells, faults, status=422)


def _read(cells: dict[str, str], faults: list[Fault]) -> tuple[KeyedAnswer, date]:
    days: dict[str, date | None] = {}
    for name in ("on", "start", "last"):
        days[name] = read_day(cells[name].strip())
        if days[name] is None and (cells[name].strip() or name == "on"):
            faults.append(Fault(field=name, says="That is no date", fix="Write it as 01/31/2026"))
    amounts = {name: _number(cells, name, faults) for name in (*AMOUNTS, "coinsurance")}
    for name, says in (("reference", "The reference is missing"), ("status", "Active or not is missing")):
        if not cells[name].strip():
            faults.append(Fault(field=name, says=says, fix="Ask for it: without it the answer proves nothing"))
    share = amounts.pop("coinsurance")
    keyed = KeyedAnswer(
        **{name: cells[name].strip() for name in TEXTS}, **amounts, start=days["start"], last=days["last"],
        in_network=cells["network"] != "out", coinsurance=None if share is None else share / 100,
    )  # fmt: skip
    return keyed, days["on"] or clock.today()


def _number(cells: dict[str, str], name: str, faults: list[Fault]) -> Decimal | None:
    """Dollars or percent of a cell, two places at most; None for an empty one."""
    text = cells[name].strip().lstrip("$").rstrip("%").replace(",", "").strip()
    if not text:
        return None
    try:
        found = Decimal(text)
        if found.is_finite() and 0 <= found < 10**9 and found == found.quantize(Decimal("0.01")):
            return found.quantize(Decimal("0.01"))
    except InvalidOperation:
        pass
    faults.append(Fault(field=name, says="That is no amount", fix="Write it as 25.00, or leave it empty"))
    return None
