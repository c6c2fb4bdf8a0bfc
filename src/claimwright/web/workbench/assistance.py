"""Financial assistance: applications to decide, decisions in force, and a new application for a patient."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.financial_assistance import DOCUMENTS
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import AssistanceApplication
from claimwright.web.workbench.arrangement_forms import NOBODY, FormFault, act, amount, patient_of, whole
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show
from claimwright.web.workbench.policies import has

OPEN = ("PENDING", "INCOMPLETE")


COLUMNS: Columns = (
    ("Number", "number"), ("Patient", "patient"), ("Record number", "patient.record_number"), ("Applied on", "applied_on"),
    ("Taken by", "taken_by"), ("Household", "household_size"), ("Residence", "residence"), ("Income", "annual_income"),
    ("Guideline", "guideline_amount"), ("Percent of the guideline", "percent_of_guideline"),
    ("Scale, percent", "scale_percent"), ("State", "get_state_display"), ("Papers by", "papers_by"),
    ("Discount, percent", "discount_percent"), ("Services from", "first_service"), ("Services to", "last_service"),
    ("Decided on", "decided_on"), ("Decided by", "decided_by"), ("Reason", "reason"),
)  # fmt: skip


@page(reads="assistance.read")
def assistance(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)
    decided = request.GET.get("state") == "decided"
    found = AssistanceApplication.objects.select_related("patient", "letter").defer("letter__pdf")
    if patient is not None:
        found = found.filter(patient=patient).order_by("-applied_on", "-number")
    elif decided:
        found = found.exclude(state__in=OPEN).order_by("-decided_on", "-number")
    else:
        found = found.filter(state__in=OPEN).order_by("applied_on", "number")
    if file := exported(request, "assistance", COLUMNS, found):
        return file
    return show(
        request,
        "workbench/assistance.html",
        {
            "rows": rows_of(request, found), "patient": patient, "decided": decided, "documents": DOCUMENTS, "open": OPEN,
            "may_decide": has(request, "assistance.decide"), "user_name": request.user.get_username(),
        },
    )  # fmt: skip


@action(does="assistance.apply_asked")
def apply(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)

    def done() -> str:
        if patient is None:
            raise FormFault(NOBODY)
        income = amount(request, "annual_income")
        if income is None:
            raise FormFault("annual income: dollars a year; 0 for none")
        made = services.apply_for_assistance(
            patient=patient, household_size=whole(request, "household_size") or 0, annual_income=income,
            residence=request.POST.get("residence", ""), applied_on=posted_day(request, "applied_on"),
            documents=tuple(kind for kind in request.POST.getlist("documents") if kind in DOCUMENTS),
        )  # fmt: skip
        return f"Application {made.number}: {made.percent_of_guideline}% of the guideline; the scale gives {made.scale_percent}%."

    return act(request, "assistance", done, patient=patient)


@action(does="assistance.change_asked")
def change(request: HttpRequest, application_id: UUID) -> HttpResponse:
    found = get_object_or_404(AssistanceApplication.objects.select_related("patient__practice"), pk=application_id)
    what, reason, user = request.POST.get("do", ""), request.POST.get("reason", ""), request.user

    def done() -> str:
        if what == "document":
            services.add_assistance_document(
                application=found, kind=request.POST.get("kind", ""), note=request.POST.get("note", "")
            )
            return "Noted."
        if what == "papers":
            services.ask_for_papers(application=found)
            return "The letter that asks for papers is written."
        if what == "approve":
            services.approve_assistance(
                application=found, approver=user, discount_percent=whole(request, "discount_percent"),  # type: ignore[arg-type]
                retroactive_from=posted_day(request, "retroactive_from"), reason=reason,
            )  # fmt: skip
            return "Approved; what is open of covered visits is adjusted."
        if what == "deny":
            services.deny_assistance(application=found, approver=user, reason=reason)  # type: ignore[arg-type]
            return "Denied; the letter tells why."
        services.withdraw_assistance(application=found, reason=reason)
        return "Withdrawn."

    return act(request, "assistance", done, patient=patient_of(request))
