"""Good-faith estimates: who must get one until when, those given, bills far above them, disputes, and a new one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.good_faith_estimates import DisputeState, EstimateItem, OtherService
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import EstimateDispute, EstimateExcess, EstimateRequest, GoodFaithEstimate
from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import Worklist
from claimwright.web.patients.models import Patient
from claimwright.web.workbench.arrangement_forms import NOBODY, FormFault, act, amount, patient_of, pdf
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show, waits

HOW_SERVICES = "one a line: code, units, diagnosis codes, words"


GIVEN: Columns = (
    ("Number", "number"), ("Version", "version"), ("Patient", "patient"), ("Record number", "patient.record_number"),
    ("For", "primary_service"), ("Service on", "service_on"), ("Given", "issued_on"), ("By", "issued_by"),
    ("Due by", "answer_by"), ("Kept until", "keep_until"), ("Total", "total"),
)  # fmt: skip
DUE: Columns = (
    ("By", "item.due_date"), ("Patient", "patient"), ("Record number", "patient.record_number"), ("Why", "item.reason"),
)  # fmt: skip
OVER: Columns = (
    ("Patient", "encounter.patient"), ("Visit", "encounter.date_from"), ("Estimate", "estimate.number"),
    ("Estimated", "estimated_amount"), ("Billed", "billed_amount"), ("State", "get_state_display"),
    ("Found on", "found_on"), ("Note", "note"),
)  # fmt: skip
DISPUTED: Columns = (
    ("Number", "reference"), ("Patient", "excess.encounter.patient"), ("Visit", "excess.encounter.date_from"),
    ("Filed", "filed_on"), ("State", "get_state_display"), ("Patient pays", "decided_amount"), ("Closed", "closed_on"),
    ("Note", "note"),
)  # fmt: skip


def _with_patients(items: Iterable[WorkItem]) -> list[dict[str, object]]:
    several = list(items)
    names = {str(row.pk): row for row in Patient.objects.filter(pk__in=[item.subject_id for item in several])}
    return [{"item": item, "patient": names.get(item.subject_id)} for item in several]


@page(reads="estimates.read")
def estimates(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)
    given = (
        GoodFaithEstimate.objects.defer("pdf", "content")
        .select_related("patient")
        .order_by("-issued_on", "-number", "-version")
    )
    items = WorkItem.objects.filter(worklist=Worklist.GFE_DUE, state=WorkItem.State.OPEN).order_by("due_date", "key")
    over = EstimateExcess.objects.select_related("estimate", "encounter__patient").defer("estimate__pdf")
    disputes = EstimateDispute.objects.select_related("excess__encounter__patient").order_by("-filed_on")
    if patient is not None:
        given, items = given.filter(patient=patient), items.filter(subject_id=str(patient.pk))
        over, disputes = over.filter(encounter__patient=patient), disputes.filter(excess__encounter__patient=patient)
    over = over.exclude(state="LOWERED").annotate(waits=waits(Q(state="WARNED"))).order_by("waits", "-found_on", "pk")
    disputes = disputes.annotate(waits=waits(Q(state="OPEN"))).order_by("waits", "-filed_on", "pk")
    file = exported(request, "estimates", GIVEN, given)
    file = file or exported(request, "estimates-due", DUE, items, of="due", ready=_with_patients)
    file = file or exported(request, "bills-above-their-estimate", OVER, over, of="over")
    if file or (file := exported(request, "estimate-disputes", DISPUTED, disputes, of="disputes")):
        return file
    due = rows_of(request, items, "due")
    return show(
        request,
        "workbench/estimates.html",
        {
            "rows": rows_of(request, given), "patient": patient,
            "due": _with_patients(due), "due_rows": due, "over": rows_of(request, over, "over"),
            "disputes": rows_of(request, disputes, "disputes"),
            "outcomes": [one.value for one in DisputeState if one is not DisputeState.OPEN], "how": HOW_SERVICES,
            "visits": Encounter.objects.filter(patient=patient, state="SCHEDULED").order_by("date_from") if patient else (),
            "requests": EstimateRequest.objects.filter(patient=patient, is_answered=False) if patient else (),
        },
    )  # fmt: skip


@page(reads="estimate.read")
def estimate_pdf(request: HttpRequest, estimate_id: UUID) -> HttpResponse:
    found = get_object_or_404(GoodFaithEstimate, pk=estimate_id)
    return pdf(found.pdf, f"estimate-{found.number}-{found.version}")


def _rows(text: str, least: int, what: str) -> list[list[str]]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            cells = [cell.strip() for cell in line.split(",")]
            if len(cells) < least:
                raise FormFault(f"{what} line {number}: {least} values with commas between")
            found.append(cells)
    return found


def _number(text: str, what: str) -> Decimal:
    try:
        value = Decimal(text or "1")
    except InvalidOperation:
        raise FormFault(f"{what}: a number") from None
    if not value.is_finite():
        raise FormFault(f"{what}: a number")
    return value


def read_services(text: str) -> list[services.ServiceWanted]:
    """Lines of `code, units, diagnoses with blanks between, words`; all but the code may be left out."""
    made = []
    for cells in _rows(text, 1, "services"):
        code, *modifiers = cells[0].upper().split("-")
        cells += [""] * (4 - len(cells))
        made.append(
            services.ServiceWanted(
                code=code, modifiers=tuple(modifiers), units=_number(cells[1], f"units of {code}"),
                diagnosis_codes=tuple(cells[2].upper().split()), description=", ".join(filter(None, cells[3:])),
            )
        )  # fmt: skip
    return made


def read_co_providers(text: str) -> list[EstimateItem]:
    """Lines of `name, NPI, TIN, code, charge, words` of who bills apart for the same care."""
    made = []
    for cells in _rows(text, 6, "other providers"):
        name, npi, tax_id, code, charge, *words = cells
        made.append(
            EstimateItem(
                code=code.upper(), description=", ".join(words), charge=_number(charge, f"charge of {code}"),
                provider_name=name, provider_npi=npi, provider_tax_id=tax_id, ours=False,
            )
        )  # fmt: skip
    return made


@action(does="estimate.issue_asked")
def issue(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)

    def done() -> str:
        if patient is None:
            raise FormFault(NOBODY)
        visit, asked = request.POST.get("visit", ""), request.POST.get("request", "")
        wanted = read_services(request.POST.get("services", ""))
        more = {
            "primary_service": request.POST.get("primary_service", ""), "service_on": posted_day(request, "service_on"),
            "recurs_until": posted_day(request, "recurs_until"),
            "co_providers": read_co_providers(request.POST.get("co_providers", "")),
            "others": [OtherService(description=line.strip()) for line in request.POST.get("others", "").splitlines() if line.strip()],
        }  # fmt: skip
        if old := request.POST.get("replaces", ""):
            held = get_object_or_404(GoodFaithEstimate, pk=UUID(old), patient=patient)
            made = services.revise_estimate(estimate=held, services=wanted, **more)
        else:
            made = services.issue_estimate(
                patient=patient, services=wanted, **more,
                encounter=get_object_or_404(Encounter, pk=UUID(visit), patient=patient) if visit else None,
                request=get_object_or_404(EstimateRequest, pk=UUID(asked), patient=patient) if asked else None,
            )  # fmt: skip
        return f"Estimate {made.number}, version {made.version}: ${made.total}. Print it and give it to the patient."

    return act(request, "estimates", done, patient=patient)


@action(does="estimate.request_asked")
def ask(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)

    def done() -> str:
        if patient is None:
            raise FormFault(NOBODY)
        made = services.request_estimate(
            patient=patient, wanted=request.POST.get("wanted", ""), requested_on=posted_day(request, "requested_on")
        )
        return f"The estimate is due by {made.answer_by:%m/%d/%Y}."

    return act(request, "estimates", done, patient=patient)


@action(does="estimate.excess_asked")
def excess(request: HttpRequest, excess_id: UUID) -> HttpResponse:
    found = get_object_or_404(EstimateExcess, pk=excess_id)

    def done() -> str:
        if request.POST.get("do") == "dispute":
            services.file_dispute(
                excess=found, reference=request.POST.get("reference", ""), filed_on=posted_day(request, "filed_on"),
                billed_on=posted_day(request, "billed_on"),
            )  # fmt: skip
            return "The dispute is open; nothing of the visit is collected."
        services.confirm_excess(excess=found, note=request.POST.get("note", ""))
        return "Confirmed; statements may ask for it."

    return act(request, "estimates", done, patient=patient_of(request))


@action(does="estimate.dispute_asked")
def close(request: HttpRequest, dispute_id: UUID) -> HttpResponse:
    found = get_object_or_404(EstimateDispute, pk=dispute_id)

    def done() -> str:
        services.close_dispute(
            dispute=found, outcome=request.POST.get("outcome", ""), decided_amount=amount(request, "amount"),
            note=request.POST.get("note", ""),
        )  # fmt: skip
        return "The dispute is closed."

    return act(request, "estimates", done, patient=patient_of(request))
