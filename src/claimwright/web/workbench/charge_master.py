"""The practice's prices from a file: uploaded, looked at, accepted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.web.practice.charge_master import (
    ImportRefused,
    accept_import,
    check_file,
    discard_import,
    fingerprint,
    preview,
)
from claimwright.web.practice.models import Charge, ChargeMasterImport, Practice
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show
from claimwright.web.workbench.policies import may

CHANGES_SHOWN = 500


COLUMNS: Columns = (
    ("Practice", "practice.name"), ("Code", "code"), ("Modifier", "modifier"), ("Our words", "description"),
    ("Price", "amount"), ("From", "start"), ("To before", "end"),
)  # fmt: skip


@page()
def charge_master(request: HttpRequest) -> HttpResponse:
    prices = Charge.objects.select_related("practice").order_by("code", "modifier", "-start")
    wanted = request.GET.get("q", "").strip().upper()
    if wanted:
        prices = prices.filter(code__startswith=wanted)
    if file := exported(request, "prices", COLUMNS, prices):
        return file
    imports = ChargeMasterImport.objects.defer("content").select_related("practice").order_by("-uploaded_on", "-pk")
    return show(
        request,
        "workbench/charge_master.html",
        {
            "rows": rows_of(request, prices), "imports": imports[:20], "wanted": request.GET,
            "practices": Practice.objects.order_by("name"),
        },
    )  # fmt: skip


@action(does="charge_master.upload_asked")
def upload_prices(request: HttpRequest) -> HttpResponse:
    practices = list(Practice.objects.order_by("name"))
    practice = next((one for one in practices if str(one.pk) == request.POST.get("practice")), practices[0])
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "Choose a file.")
        return redirect("charge_master")
    try:
        made = check_file(
            practice=practice, name=file.name or "prices", content=file.read(),
            start=posted_day(request, "start"), whole=request.POST.get("whole") == "on",
            ends_on=posted_day(request, "ends_on"),
        )  # fmt: skip
    except ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect("charge_master")
    return redirect("price_import", import_id=made.pk)


@page()
def price_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    made = get_object_or_404(ChargeMasterImport.objects.select_related("practice"), pk=import_id)
    _, plan = preview(made)
    waits = made.state == ChargeMasterImport.State.CHECKED
    return show(
        request,
        "workbench/price_import.html",
        {
            "made": made, "plan": plan if waits else None, "seen": fingerprint(plan), "waits": waits,
            "changes": plan.changes[:CHANGES_SHOWN], "more": max(0, len(plan.changes) - CHANGES_SHOWN),
            "counts": [(kind, plan.count(kind)) for kind in ("added", "changed", "ended")],
            "may_accept": may(request, "accept_prices"),
        },
    )  # fmt: skip


@action(does="charge_master.accept_asked")
def accept_prices(request: HttpRequest, import_id: UUID) -> HttpResponse:
    made = get_object_or_404(ChargeMasterImport.objects.select_related("practice"), pk=import_id)
    try:
        accept_import(made=made, seen=request.POST.get("seen", ""))
        messages.success(request, "The prices are taken over.")
    except ImportRefused as refused:
        messages.error(request, str(refused))
    return redirect("price_import", import_id=made.pk)


@action(does="charge_master.discard_asked")
def discard_prices(request: HttpRequest, import_id: UUID) -> HttpResponse:
    discard_import(made=get_object_or_404(ChargeMasterImport, pk=import_id))
    messages.success(request, "Discarded; no price changed.")
    return redirect("charge_master")
