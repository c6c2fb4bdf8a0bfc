"""Settings of payers: ids, filing limits, and what of their remittances posts by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.office_setup import read_hold_over
from claimwright.billing.registration import Fault
from claimwright.codes.denials import carc_rule
from claimwright.web.core import clock
from claimwright.web.exchange.models import Connection
from claimwright.web.payments.models import AdjudicationRecord
from claimwright.web.practice import office
from claimwright.web.practice.models import NeverAutomatic, Payer, Practice
from claimwright.web.practice.posting_automation import (
    AutomationRefused,
    add_never_automatic,
    end_never_automatic,
    set_payer_automation,
)
from claimwright.web.practice.selectors import payer_profile, policies_of
from claimwright.web.workbench import settings_forms as forms
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.form_fields import posted
from claimwright.web.workbench.pages import action, page, rows_of, show
from claimwright.web.workbench.settings_office import form_page
from claimwright.web.workbench.words import state_words

LOOKED_BACK_DAYS = 90


COLUMNS: Columns = (
    ("Payer", "name"), ("Payer id", "payer_id"), ("Kind", lambda row: state_words(row.kind)),
    ("Goes over", lambda row: row.connection.name if row.connection else "Paper"),
    ("Time to file", lambda row: _limit(payer_profile(row).timely_filing)), ("Usual days to pay", "usual_pay_days"),
    ("Posts by itself", "posts_by_itself"), ("Holds above", "hold_over_amount"),
)  # fmt: skip


def _limit(limits: Any) -> str:
    return f"{limits.original.period.count} {limits.original.period.unit}" if limits and limits.original else ""


@page()
def settings_payers(request: HttpRequest) -> HttpResponse:
    rows = Payer.objects.select_related("connection").order_by("name", "key")
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(name__icontains=text) | rows.filter(payer_id__iexact=text)
    if file := exported(request, "payers", COLUMNS, rows):
        return file
    shown = rows_of(request, rows)
    payers = [(payer, payer_profile(payer).timely_filing) for payer in shown.object_list]
    return show(request, "workbench/settings_payers.html", {"rows": shown, "payers": payers, "asked": text})


def ways() -> dict[str, str]:
    """The connections that a payer's claims may go over, names by id."""
    return {str(one.pk): one.name for one in Connection.objects.order_by("name")}


def _payer_page(
    request: HttpRequest, payer: Payer, cells: Mapping[str, str], faults: Sequence[Fault] = ()
) -> HttpResponse:
    return form_page(
        request, title=payer.name, groups=forms.payer_groups(ways()), cells=cells, faults=faults, save="save_payer_settings",
        address=reverse("save_payer_settings", args=[payer.pk]), crumbs=[("Payers", reverse("settings_payers"))],
        template="settings_payer", payer=payer,
    )  # fmt: skip


@page()
def settings_payer(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    payer = get_object_or_404(Payer.objects.select_related("connection"), pk=payer_id)
    return _payer_page(request, payer, office.payer_cells(payer))


@action(does="settings.payer_asked")
def save_payer_settings(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    payer = get_object_or_404(Payer.objects.select_related("connection"), pk=payer_id)
    cells = posted(request.POST, forms.payer_groups({}))
    if faults := office.change_payer(payer=payer, cells=cells):
        return _payer_page(request, payer, cells, faults)
    messages.success(request, f"{cells['name'].strip()} is saved.")
    return redirect("settings_payer", payer_id=payer.pk)


@action(does="settings.automation_asked")
def save_payer_automation(request: HttpRequest, payer_id: UUID) -> HttpResponse:
    payer = get_object_or_404(Payer, pk=payer_id)
    amount, faults = read_hold_over(request.POST.dict())
    if faults:
        messages.error(request, f"Not saved: {faults[0].says}. {faults[0].fix}.")
        return redirect("settings_payer", payer_id=payer.pk)
    _does(
        request, "It counts for what posts from now on.",
        lambda: set_payer_automation(
            payer=payer, posts_by_itself=request.POST.get("posts") == "itself", hold_over_amount=amount,
            reason=request.POST.get("reason", ""),
        ),
    )  # fmt: skip
    return redirect("settings_payer", payer_id=payer.pk)


def _does(request: HttpRequest, done: str, act: Callable[[], object]) -> None:
    try:
        act()
        messages.success(request, done)
    except AutomationRefused as refused:
        messages.error(request, f"Not saved: {refused}.")


def _means(carc: str) -> str:
    rule = carc_rule(carc)
    return rule.label if rule else ""


@page()
def settings_posting(request: HttpRequest) -> HttpResponse:
    """The payers that differ, and each practice's list of reasons, with how often each came lately."""
    since = clock.today() - timedelta(days=LOOKED_BACK_DAYS)
    entries = list(NeverAutomatic.objects.select_related("practice").order_by("practice__name", "carc", "-added_on"))
    running = [row for row in entries if row.ended_on is None]
    came = dict(
        AdjudicationRecord.objects.filter(
            carc__in={row.carc for row in running}, amount__gt=0, claim_payment__remittance__received_on__gte=since
        )
        .values_list("carc")
        .annotate(claims=Count("claim_payment", distinct=True))
    )
    practices = list(Practice.objects.order_by("name"))
    return show(
        request, "workbench/settings_posting.html",
        {
            "payers": [
                one for one in Payer.objects.order_by("name") if not one.posts_by_itself or one.hold_over_amount is not None
            ],
            "limits": [(one, policies_of(one).hold_payments_over_amount) for one in practices], "practices": practices,
            "listed": [(row, _means(row.carc), came.get(row.carc, 0)) for row in running], "days": LOOKED_BACK_DAYS,
            "ended": [row for row in entries if row.ended_on is not None],
        },
    )  # fmt: skip


@action(does="settings.never_automatic_asked")
def add_never(request: HttpRequest) -> HttpResponse:
    practices = list(Practice.objects.order_by("name"))
    practice = next((one for one in practices if str(one.pk) == request.POST.get("practice")), practices[0])
    given = request.POST
    _does(
        request, "Claims with it wait for a look from now on.",
        lambda: add_never_automatic(practice=practice, carc=given.get("carc", ""), reason=given.get("reason", "")),
    )  # fmt: skip
    return redirect("settings_posting")


@action(does="settings.automatic_again_asked")
def end_never(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    entry = get_object_or_404(NeverAutomatic, pk=entry_id)
    reason = request.POST.get("reason", "")
    _does(request, "It posts by itself again.", lambda: end_never_automatic(entry=entry, reason=reason))
    return redirect("settings_posting")
