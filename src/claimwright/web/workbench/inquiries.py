"""The log of inquiries: what is open with its last day, what was answered, and a new one for a patient."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from claimwright.billing.inquiries import Resolution
from claimwright.web.arrangements import services
from claimwright.web.arrangements.models import Inquiry
from claimwright.web.arrangements.plans import encounters_of
from claimwright.web.charges.models import Encounter
from claimwright.web.workbench.arrangement_forms import NOBODY, FormFault, act, patient_of
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show

COLUMNS: Columns = (
    ("Number", "number"), ("Patient", "patient"), ("Record number", "patient.record_number"), ("Received", "received_on"),
    ("Came by", "get_channel_display"), ("About", "get_topic_display"), ("Visit", "encounter.date_from"),
    ("Words", "words"), ("On hold", "is_on_hold"), ("Answer by", "answer_by"), ("Who", "owner"),
    ("State", "get_state_display"), ("Answered on", "resolved_on"), ("Outcome", "resolution"), ("Answer", "answer"),
)  # fmt: skip


@page(reads="inquiries.read")
def inquiries(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)
    answered = request.GET.get("state") == "RESOLVED"
    found = Inquiry.objects.select_related("patient", "encounter", "letter").defer("letter__pdf")
    if patient is not None:
        found = found.filter(patient=patient).order_by("-state", "answer_by", "number")
    elif answered:
        found = found.filter(state="RESOLVED").order_by("-resolved_on", "-number")
    else:
        found = found.filter(state="OPEN").order_by("answer_by", "number")
    if file := exported(request, "inquiries", COLUMNS, found):
        return file
    return show(
        request,
        "workbench/inquiries.html",
        {
            "rows": rows_of(request, found), "patient": patient, "answered": answered, "topics": Inquiry._meta.get_field("topic").choices,
            "channels": Inquiry._meta.get_field("channel").choices, "resolutions": [one.value for one in Resolution],
            "visits": Encounter.objects.filter(patient=patient).exclude(lines=None).order_by("-date_from")
            if patient else (),
        },
    )  # fmt: skip


@action(does="inquiry.open_asked")
def open_one(request: HttpRequest) -> HttpResponse:
    patient = patient_of(request)

    def done() -> str:
        if patient is None:
            raise FormFault(NOBODY)
        visit = request.POST.get("visit", "")
        chosen = encounters_of(patient, [UUID(visit)]) if visit else []
        hold = {"yes": True, "no": False}.get(request.POST.get("hold", ""))
        made = services.open_inquiry(
            patient=patient, channel=request.POST.get("channel", ""), topic=request.POST.get("topic", ""),
            words=request.POST.get("words", "")[:4000], encounter=chosen[0] if chosen else None, hold=hold,
            owner=request.POST.get("owner", "")[:150], received_on=posted_day(request, "received_on"),
        )  # fmt: skip
        return f"Inquiry {made.number} is open, to be answered by {made.answer_by:%m/%d/%Y}."

    return act(request, "inquiries", done, patient=patient)


@action(does="inquiry.change_asked")
def change(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    found = get_object_or_404(Inquiry.objects.select_related("patient"), pk=inquiry_id)

    def done() -> str:
        if request.POST.get("do") == "assign":
            services.assign_inquiry(inquiry=found, owner=request.POST.get("owner", ""))
            return "Given on."
        services.resolve_inquiry(
            inquiry=found, resolution=request.POST.get("resolution", ""), answer=request.POST.get("answer", "")[:4000]
        )
        return "Answered; the letter is written."

    return act(request, "inquiries", done, patient=patient_of(request))
