"""Taking on a practice from zero: its record, its payers, where it stands with them, and what is left before it bills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.payer_starts import STARTS
from claimwright.billing.registration import Fault
from claimwright.web.practice import taking_on
from claimwright.web.practice.models import Enrolment, Payer, Practice
from claimwright.web.workbench import settings_forms as forms
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.first_claim import left_for, where
from claimwright.web.workbench.form_fields import posted
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.settings_office import form_page
from claimwright.web.workbench.settings_payers import ways

# A practice -----------------------------------------------------------------------------------------------------------


def _practice_form(request: HttpRequest, cells: Mapping[str, str], faults: Sequence[Fault] = ()) -> HttpResponse:
    return form_page(
        request, title="New practice", groups=forms.NEW_PRACTICE, cells=cells, faults=faults, crumbs=[],
        save="save_new_practice", address=reverse("save_new_practice"),
    )  # fmt: skip


@page()
def settings_new_practice(request: HttpRequest) -> HttpResponse:
    return _practice_form(request, taking_on.new_practice_cells())


@action(does="settings.new_practice_asked")
def save_new_practice(request: HttpRequest) -> HttpResponse:
    cells = posted(request.POST, forms.NEW_PRACTICE)
    practice, faults = taking_on.create_practice(cells=cells)
    if practice is None:
        return _practice_form(request, cells, faults)
    messages.success(request, f"{practice.name} is taken on.")
    return redirect("settings_first_claim", practice_id=practice.pk)


@page()
def settings_first_claim(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """What is left before the first claim can be sent, each with the way to where it is put right."""
    practice = get_object_or_404(Practice, pk=practice_id)
    needs = [(need, where(request, practice, need)) for need in left_for(practice)]
    stopping = sum(need.stops for need, _ in needs)
    return show(
        request, "workbench/settings_first_claim.html",
        {"practice": practice, "needs": needs, "stopping": stopping, "later": len(needs) - stopping},
    )  # fmt: skip


# A payer --------------------------------------------------------------------------------------------------------------


def _payer_form(
    request: HttpRequest, like: str, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:  # fmt: skip
    crumbs = [("Payers", reverse("settings_payers")), ("Another kind", reverse("settings_new_payer"))]
    return form_page(
        request, title=f"New payer: {STARTS[like].words}", groups=forms.payer_groups(ways(), new=True), cells=cells,
        faults=faults, save="save_new_payer", address=reverse("save_new_payer", args=[like]), crumbs=crumbs,
        template="settings_new_payer", start=STARTS[like],
    )  # fmt: skip


def _known(like: str) -> str:
    if like not in STARTS:
        raise Http404
    return like


@page()
def settings_new_payer(request: HttpRequest) -> HttpResponse:
    """Which kind of payer it is: its rules begin with what holds for all of the kind."""
    return show(request, "workbench/settings_payer_kinds.html", {"starts": list(STARTS.items())})


@page()
def settings_new_payer_of(request: HttpRequest, like: str) -> HttpResponse:
    return _payer_form(request, like, taking_on.new_payer_cells(_known(like)))


@action(does="settings.new_payer_asked")
def save_new_payer(request: HttpRequest, like: str) -> HttpResponse:
    cells = posted(request.POST, forms.payer_groups({}, new=True))
    payer, faults = taking_on.create_payer(like=_known(like), cells=cells)
    if payer is None:
        return _payer_form(request, like, cells, faults)
    messages.success(request, f"{payer.name} is taken on.")
    return redirect("settings_payer", payer_id=payer.pk)


# Where a practice stands with its payers ------------------------------------------------------------------------------


ENROLMENTS: Columns = (
    ("Payer", "payer.name"), ("Transaction", "get_transaction_display"), ("NPI", "npi"), ("Tax id", "tax_id"),
    ("Status", "get_status_display"), ("From", "start"), ("To before", "end"), ("Payer's number", "payer_number"),
    ("Note", "note"),
)  # fmt: skip


@page()
def settings_enrolments(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    rows = practice.enrolments.select_related("payer").order_by("payer__name", "transaction", "npi", "pk")
    asked = request.GET.get("status", "")
    if asked in Enrolment.Status.values:
        rows = rows.filter(status=asked)
    if file := exported(request, "enrolments", ENROLMENTS, rows):
        return file
    return show(
        request, "workbench/settings_enrolments.html",
        {"practice": practice, "rows": rows_of(request, rows), "asked": asked, "statuses": Enrolment.Status.choices},
    )  # fmt: skip


def _enrolment_form(
    request: HttpRequest, practice: Practice, enrolment: Enrolment | None, cells: Mapping[str, str],
    faults: Sequence[Fault] = (),
) -> HttpResponse:  # fmt: skip
    new = enrolment is None
    payers = {str(one.pk): one.name for one in Payer.objects.order_by("name", "key")} if new else {}
    title = "New enrolment" if enrolment is None else f"{enrolment.payer.name}: {enrolment.get_transaction_display()}"
    address = reverse("save_new_enrolment", args=[practice.pk]) if enrolment is None else reverse("save_enrolment", args=[enrolment.pk])  # fmt: skip
    crumbs = [
        (practice.name, reverse("settings_practice", args=[practice.pk])),
        ("Enrolments", reverse("settings_enrolments", args=[practice.pk])),
    ]
    return form_page(
        request, title=title, groups=forms.enrolment_groups(payers, new=new), cells=cells, faults=faults,
        save="save_enrolment", address=address, crumbs=crumbs,
    )  # fmt: skip


@page()
def settings_new_enrolment(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    return _enrolment_form(request, practice, None, {"status": "not_started", "payer": request.GET.get("payer", "")})


@page()
def settings_enrolment(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    row = get_object_or_404(Enrolment.objects.select_related("practice", "payer"), pk=enrolment_id)
    return _enrolment_form(request, row.practice, row, taking_on.enrolment_cells(row))


@action(does="settings.new_enrolment_asked")
def save_new_enrolment(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    practice = get_object_or_404(Practice, pk=practice_id)
    return _save_enrolment(request, practice, None)


@action(does="settings.enrolment_asked")
def save_enrolment(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    row = get_object_or_404(Enrolment.objects.select_related("practice", "payer"), pk=enrolment_id)
    return _save_enrolment(request, row.practice, row)


def _save_enrolment(request: HttpRequest, practice: Practice, enrolment: Enrolment | None) -> HttpResponse:
    cells = posted(request.POST, forms.enrolment_groups({}, new=enrolment is None))
    saved, faults = taking_on.change_enrolment(enrolment=enrolment, practice=practice, cells=cells)
    if saved is None:
        return _enrolment_form(request, practice, enrolment, cells, faults)
    messages.success(request, "Saved. Claims checked from now on go by it.")
    return redirect("settings_enrolments", practice_id=practice.pk)
