"""Paper remittances: the list of drafts, a new check, and the grid of one, saved as it is typed."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from claimwright.billing.paper_remittance import GridFault, amount_of
from claimwright.web.cashier import paper as papers
from claimwright.web.cashier.models import PaperRemittance
from claimwright.web.practice.models import Payer, Practice
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.claims import as_date
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.pages import action, page, posted_day, rows_of, show, with_query

CLAIM_CELLS = ("payer_claim_number", "status")
LINE_CELLS = ("allowed", "paid", "deductible", "coinsurance", "copay", "adjustments", "remarks")
ADJUSTMENT_CELLS = ("code", "reference", "amount")
LONGEST_CELL = 120
SPARE_ADJUSTMENTS = 1
METHODS = (("CHK", "Check"), ("ACH", "EFT"), ("NON", "No payment (denials only)"))


COLUMNS: Columns = (
    ("Check", "check_number"), ("Payer", "payer.name"), ("Date", "check_date"), ("Amount", "amount"),
    ("State", "get_state_display"), ("Typed by", "typed_by"), ("Typed at", "typed_at"),
    ("Remittance", "remittance.number"),
)  # fmt: skip


@page(reads="paper.list")
def paper_list(request: HttpRequest) -> HttpResponse:
    rows = PaperRemittance.objects.select_related("payer", "remittance").defer("remittance__content")
    done = rows.exclude(state="draft").order_by("-typed_at")
    if file := exported(request, "paper-remittances", COLUMNS, done):
        return file
    return show(
        request,
        "workbench/paper_list.html",
        {
            "drafts": rows.filter(state="draft").order_by("-typed_at"),
            "rows": rows_of(request, done),
            "payers": Payer.objects.order_by("name"), "practices": Practice.objects.order_by("name"),
            "methods": METHODS, "wanted": request.GET,
        },
    )  # fmt: skip


@action(does="paper.start_asked")
def start_paper(request: HttpRequest) -> HttpResponse:
    values = request.POST
    amount, on = amount_of(values.get("amount", "")), posted_day(request, "check_date")
    payer = Payer.objects.filter(key=values.get("payer", "")).first()
    practices = list(Practice.objects.order_by("name"))
    practice = next((one for one in practices if str(one.pk) == values.get("practice")), None)
    practice = practice or (practices[0] if len(practices) == 1 else None)
    try:
        if payer is None or practice is None or amount is None or on is None:
            raise papers.PaperRefused("choose the payer and type the number, the date and the amount of the check")
        made = papers.start_paper(
            practice=practice, payer=payer, check_number=values.get("check_number", ""), check_date=on, amount=amount,
            method=values.get("method", "CHK"),
        )  # fmt: skip
    except papers.PaperRefused as refused:
        messages.error(request, f"Not begun: {refused}.")
        kept = {name: values.get(name, "") for name in ("payer", "check_number", "check_date", "amount", "method")}
        return redirect(with_query(reverse("paper_list"), **kept))
    return redirect("paper", paper_id=made.pk)


@page(reads="paper.read")
def paper(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    found = _found(paper_id)
    text = request.GET.get("q", "")
    choices: list[ClaimVersion] = []
    if text and found.state == "draft":
        choices = papers.find_versions(payer=found.payer, practice=found.practice, text=text)
    return show(request, "workbench/paper.html", _context(found) | {"choices": choices, "q": text})


def _found(paper_id: UUID) -> PaperRemittance:
    rows = PaperRemittance.objects.select_related("payer", "practice", "remittance").defer("remittance__content")
    return get_object_or_404(rows, pk=paper_id)


def _context(found: PaperRemittance) -> dict[str, object]:
    _, faults, total = papers.judge(found)
    return {
        "paper": found, "open": found.state == "draft", "claims": _claims(found.grid), "total": total,
        "adjustments": _adjustments(found.grid), "reason": found.grid.get("unapplied_reason", ""),
        "wrong": [(fault, _anchor(fault)) for fault in faults if not fault.warns],
        "warnings": [fault for fault in faults if fault.warns],
        "ready": not any(not fault.warns for fault in faults),
    }  # fmt: skip


def _claims(grid: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows with the names of their fields."""
    return [
        claim
        | {
            "at": at,
            "number": at + 1,
            "lines": [
                line
                | {
                    "number": row + 1,
                    "day": as_date(line.get("date")),
                    "cells": [(name, f"c{at}-l{row}-{name}", line.get(name, "")) for name in LINE_CELLS],
                }
                for row, line in enumerate(claim.get("lines", []))
            ],
        }
        for at, claim in enumerate(grid.get("claims", []))
    ]


def _adjustments(grid: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [*grid.get("provider_adjustments", []), *({} for _ in range(SPARE_ADJUSTMENTS))]
    return [row | {"at": at, "number": at + 1} for at, row in enumerate(rows)]


def _anchor(fault: GridFault) -> str:
    """The id of the field that a fault is about."""
    found = re.match(r"claim (\d+)(?: line (\d+))?(?:, ([a-z ]+))?", fault.place)
    if found is None:
        return "unapplied_reason" if fault.place == "check" else "q"
    claim, line, name = int(found[1]) - 1, found[2], found[3] or "paid"
    if line is None:
        return f"c{claim}-status"
    return f"c{claim}-l{int(line) - 1}-{name if name in LINE_CELLS else 'paid'}"


@action(does="paper.save_asked")
def save_paper(request: HttpRequest, paper_id: UUID) -> HttpResponse:
    """Keep what is typed; then add a claim, take one out, post or discard, as the button says."""
    found = _found(paper_id)
    does = request.POST.get("do", "save")
    try:
        found = papers.save_paper(paper=found, grid=_typed(found.grid, request.POST))
        if does == "post":
            return _post(request, found)
        if does == "discard":
            papers.discard_paper(paper=found)
            messages.info(request, "Discarded. Nothing of it was posted.")
            return redirect("paper_list")
        if does.startswith("add"):
            return _add(request, found, does)
    except papers.PaperRefused as refused:
        messages.error(request, f"Not done: {refused}.")
    if does == "save" and request.headers.get("Accept") == "application/json":
        context = _context(PaperRemittance.objects.select_related("payer", "practice").get(pk=paper_id))
        return JsonResponse({"left": str(context["total"].left), "ready": context["ready"]})  # type: ignore[attr-defined]
    return redirect("paper", paper_id=paper_id)


def _typed(grid: dict[str, Any], values: QueryDict) -> dict[str, Any]:
    """The stored grid with the fields of the form over it. What a claim is, its lines and its charges are not typed."""

    def cell(name: str, before: object) -> str:
        return str(values.get(name, before)).strip()[:LONGEST_CELL]

    claims = []
    for at, claim in enumerate(grid.get("claims", [])):
        if values.get("do") == f"drop:{at}":
            continue
        lines = [
            line | {name: cell(f"c{at}-l{row}-{name}", line.get(name, "")) for name in LINE_CELLS}
            for row, line in enumerate(claim.get("lines", []))
        ]
        claims.append(
            claim | {name: cell(f"c{at}-{name}", claim.get(name, "")) for name in CLAIM_CELLS} | {"lines": lines}
        )
    count = len(grid.get("provider_adjustments", [])) + SPARE_ADJUSTMENTS
    stored = [*grid.get("provider_adjustments", []), *({} for _ in range(SPARE_ADJUSTMENTS))]
    adjusted = [
        {name: cell(f"p{at}-{name}", stored[at].get(name, "")) for name in ADJUSTMENT_CELLS} for at in range(count)
    ]
    return {
        "claims": claims, "provider_adjustments": [row for row in adjusted if row["code"] or row["amount"]],
        "unapplied_reason": cell("unapplied_reason", grid.get("unapplied_reason", "")),
    }  # fmt: skip


def _add(request: HttpRequest, found: PaperRemittance, does: str) -> HttpResponse:
    """The one claim that the text names, or the list to choose from."""
    text = request.POST.get("q", "")
    choices = papers.find_versions(payer=found.payer, practice=found.practice, text=text)
    chosen = does.partition(":")[2]
    if chosen:
        choices = [one for one in papers.find_versions(payer=found.payer, practice=found.practice, text=chosen)
                   if one.control_number == chosen]  # fmt: skip
    if len(choices) == 1:
        papers.add_claim(paper=found, version=choices[0])
        at = len(found.grid.get("claims", []))
        return redirect(f"{reverse('paper', args=[found.pk])}#c{at}-l0-paid")
    if not choices:
        messages.error(request, "No claim that went to this payer has that number, name or date.")
    return redirect(with_query(reverse("paper", args=[found.pk]), q=text))


def _post(request: HttpRequest, found: PaperRemittance) -> HttpResponse:
    done = papers.post_paper(paper=found)
    row = PaperRemittance.objects.get(pk=found.pk)
    if done.fate == "posted" and not done.exceptions:
        messages.success(request, f"Posted as {done.number}.")
    elif done.fate == "posted":
        messages.warning(request, f"Posted as {done.number}; {done.exceptions} of it held for a person.")
    else:
        messages.error(request, f"Not posted: {done.plan.reason}. It is held as {done.number}.")
    return redirect("remittance", remittance_id=row.remittance_id)
