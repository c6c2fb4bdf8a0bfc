"""Contracts with payers: the list, one with its versions and rates, a rate sheet looked at before it counts, a price."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.pricing.contracts import Terms
from claimwright.billing.pricing.words import percent, plain
from claimwright.billing.registration import read_day
from claimwright.web.contracts import selectors, services
from claimwright.web.contracts.models import Contract, ContractVersion
from claimwright.web.contracts.services import RateSheetRefused
from claimwright.web.core import clock
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.uploads import UploadRefused, drop, drop_refused, find, keep

MOST_BYTES = 20 * 1024 * 1024
RATES_A_PAGE = 100
CHANGES_SHOWN = 200
METHOD_WORDS = {
    "fixed": "Fixed, a unit", "per_unit": "For each unit or minute", "case": "For the whole claim",
    "medicare_percent": "Percent of Medicare", "charge_percent": "Percent of charge", "capitated": "Capitated",
    "carved_out": "Paid by somebody else", "not_covered": "Not covered",
}  # fmt: skip


@page()
def contracts(request: HttpRequest) -> HttpResponse:
    wanted = request.GET
    on = read_day(wanted.get("on", "")) or clock.today()
    tax_ids = sorted(set(Practice.objects.values_list("tax_id", flat=True)))
    return show(
        request,
        "workbench/contracts.html",
        {
            "rows": selectors.contract_list(on, search=wanted.get("q", "").strip()), "on": on, "wanted": wanted,
            "payers": Payer.objects.order_by("name"), "tax_ids": tax_ids, "may_change": may(request, "save_contract"),
        },
    )  # fmt: skip


@action(does="contract.save_asked")
def save_contract(request: HttpRequest) -> HttpResponse:
    told = request.POST
    try:
        payer = Payer.objects.filter(pk=UUID(told.get("payer", ""))).first()
    except ValueError:
        payer = None
    if payer is None:
        messages.error(request, "Choose the payer of the contract.")
        return redirect("contracts")
    try:
        made = services.save_contract(
            payer=payer, tax_id=told.get("tax_id", ""), name=told.get("name", ""), network=told.get("network", "")[:60]
        )
    except ValueError as refused:
        messages.error(request, str(refused))
        return redirect("contracts")
    return redirect("contract", contract_id=made.pk)


# One -----------------------------------------------------------------------------------------------------------------


@page()
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """Its versions, the rates of the chosen one, and a price where one is asked for."""
    row = get_object_or_404(selectors.readable_contracts(), pk=contract_id)
    return _shown(request, row)


def _shown(request: HttpRequest, row: Contract, **more: Any) -> HttpResponse:
    wanted = request.GET
    found = selectors.contract_page(row.pk, clock.today())
    chosen = next((one for one in found.versions if str(one.id) == wanted.get("version")), None)
    if chosen is None:
        chosen = next((one for one in found.versions if one.id == found.contract.version_id), None)
    offset = int(wanted["offset"]) if re.fullmatch(r"[0-9]{1,6}", wanted.get("offset", "")) else 0
    rates, count = ([], 0)
    if chosen is not None:
        rates, count = selectors.rates_of(
            chosen.id, search=wanted.get("code", "").strip(), offset=offset, limit=RATES_A_PAGE
        )
    price, problem = _price(row, wanted)
    return show(
        request,
        "workbench/contract.html",
        {
            "contract": found.contract, "versions": found.versions, "chosen": chosen, "count": count,
            "rates": [{"rate": rate, "words": METHOD_WORDS.get(rate.method, rate.method)} for rate in rates],
            "terms": terms_words(chosen.terms) if chosen else [], "may_change": may(request, "save_contract"), "wanted": wanted,
            "earlier": max(0, offset - RATES_A_PAGE) if offset else None,
            "later": offset + RATES_A_PAGE if offset + RATES_A_PAGE < count else None,
            "price": price, "price_problem": problem,
        } | more,
    )  # fmt: skip


def terms_words(terms: Terms) -> list[str]:
    """What holds for all rates, in sentences."""
    says = [
        "The lesser of charge and rate is paid" if terms.lesser_of_charge else "The rate is paid, also above the charge"
    ]
    if terms.multiple_procedure:
        says.append("Several procedures: " + ", ".join(percent(part) for part in terms.multiple_procedure))
    else:
        says.append("Several procedures are each paid in full")
    if terms.factors:
        says.append(
            "Modifiers: " + ", ".join(f"{mark} {percent(share)}" for mark, share in sorted(terms.factors.items()))
        )
    if terms.locality is not None:
        says.append(f"Medicare locality {terms.locality.carrier} {terms.locality.locality}")
    if terms.exempt_codes:
        says.append(f"Never reduced: {', '.join(terms.exempt_codes)}")
    if terms.sequestration:
        says.append("Sequestration is taken off")
    if terms.stop_loss is not None:
        loss = terms.stop_loss
        says.append(f"Stop-loss above {plain(loss.threshold)}: {plain(loss.percent)} % of {loss.basis}")
    for name, words in (("endoscopy", "Endoscopies"), ("imaging", "Imaging"), ("therapy", "Therapy")):
        if not getattr(terms, name):
            says.append(f"{words} are not reduced by families")
    if terms.appeal_days is not None:
        says.append(f"Appeals within {terms.appeal_days} days")
    return says


def _price(row: Contract, wanted: Mapping[str, str]) -> tuple[Any, str]:
    """The price check of the address: nothing where none is asked for, a problem in words where it cannot be read."""
    code = wanted.get("price_code", "").strip()
    if not code:
        return None, ""
    on = read_day(wanted.get("price_on", "")) or (clock.today() if not wanted.get("price_on") else None)
    if on is None:
        return None, "The day is no day of the calendar: write it as 01/31/2026"
    numbers: dict[str, Decimal | None] = {}
    for name in ("units", "minutes", "charge"):
        text = wanted.get(f"price_{name}", "").strip().replace(",", "").replace("$", "")
        try:
            numbers[name] = Decimal(text) if text else None
        except InvalidOperation:
            return None, f"The {name} are no number: correct them"
        value = numbers[name]
        if value is not None and (not value.is_finite() or not 0 <= value < 1_000_000):
            return None, f"The {name} are no number: correct them"
    told = "".join(wanted.get("price_modifiers", "").upper().replace(",", " ").split())
    return (
        selectors.price_check(
            row.pk, code=code, on=on, modifiers=tuple(told[at : at + 2] for at in range(0, len(told), 2)),
            place=wanted.get("price_place", "").strip() or "11", units=numbers["units"] or Decimal(1),
            minutes=numbers["minutes"], charge=numbers["charge"] or Decimal("0.00"),
            taxonomy=wanted.get("price_taxonomy", "").strip(),
        ),
        "",
    )  # fmt: skip


# A rate sheet --------------------------------------------------------------------------------------------------------


def _days(told: Mapping[str, str]) -> tuple[date, date | None]:
    """First day and, where given, the first day it no longer holds. Raises RateSheetRefused."""
    start = read_day(told.get("start", ""))
    end = read_day(told.get("end", ""))
    if start is None or (told.get("end", "").strip() and end is None):
        raise RateSheetRefused("say from which day the rates hold: write it as 01/31/2026")
    return start, end


@action(does="contract.sheet_asked")
def preview_sheet(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """What the sheet would change; nothing is written before somebody accepts it."""
    row = get_object_or_404(Contract.objects.select_related("payer"), pk=contract_id)
    told = {name: request.POST.get(name, "").strip() for name in ("start", "end", "label")}
    try:
        start, end = _days(told)
        file = request.FILES.get("file")
        upload = keep(request, [file] if file is not None else [], most_bytes=MOST_BYTES)  # type: ignore[list-item]
        preview = services.preview_rate_sheet(contract=row, content=upload.paths[0].read_bytes(), start=start, end=end)
    except (RateSheetRefused, UploadRefused) as refused:
        if isinstance(refused, RateSheetRefused):
            drop_refused(request)
        return _shown(request, row, refused=refused, faults=getattr(refused, "faults", ()), sheet=told)
    return show(
        request,
        "workbench/rate_sheet.html",
        {
            "contract": row, "preview": preview, "told": told, "token": upload.token, "name": upload.paths[0].name,
            "start": start, "end": end, "kinds": _kinds(preview), "shown": CHANGES_SHOWN,
        },
    )  # fmt: skip


def _kinds(preview: services.Preview) -> list[dict[str, Any]]:
    changes = preview.changes
    return [
        {"title": title, "count": len(rows), "rows": rows[:CHANGES_SHOWN]}
        for title, rows in (("Changed", changes.changed), ("Added", changes.added), ("Gone", changes.removed))
    ]


@action(does="contract.import_asked")
def accept_sheet(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    row = get_object_or_404(Contract.objects.select_related("payer"), pk=contract_id)
    token = request.POST.get("token", "")
    try:
        upload = find(request, token)
        start, end = _days(request.POST.dict())
        made = services.import_rate_sheet(
            contract=row, content=upload.paths[0].read_bytes(), sheet_name=upload.paths[0].name, start=start, end=end,
            label=request.POST.get("label", "").strip(),
        )  # fmt: skip
    except (RateSheetRefused, UploadRefused) as refused:
        messages.error(request, str(refused))
        return redirect("contract", contract_id=row.pk)
    drop(request, token)
    messages.success(request, f"{made.rates.count()} rates hold from {made.start:%m/%d/%Y}.")
    return redirect("contract", contract_id=row.pk)


@action(does="contract.withdraw_asked")
def withdraw(request: HttpRequest, version_id: UUID) -> HttpResponse:
    version = get_object_or_404(ContractVersion.objects.select_related("contract__payer"), pk=version_id)
    try:
        services.withdraw_version(version=version, reason=request.POST.get("reason", ""))
        messages.success(request, "Withdrawn: it prices nothing from now on.")
    except ValueError as refused:
        messages.error(request, str(refused))
    return redirect("contract", contract_id=version.contract_id)
