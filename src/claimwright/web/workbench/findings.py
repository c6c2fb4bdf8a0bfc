"""Findings of the edits: what the fix of one would change, the fix itself, and the page that explains each edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

import claimwright
from claimwright.edits.catalogue import BY_ID, CATALOGUE
from claimwright.edits.missing_sets import edits_by_missing_set
from claimwright.edits.shapes import Edit
from claimwright.web.submissions.mending import MendRefused, fingerprint, keep_mend, may_have_mend, mend_for
from claimwright.web.submissions.models import ClaimVersion, EditFinding
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.services import ContentRefused
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.code_sets import title_of
from claimwright.web.workbench.pages import action, page, show, with_query

SEVERITIES = {"R": "Blocks", "H": "Holds", "W": "Warns", "I": "Informs"}
FAMILIES = {
    "ENV": "Envelope", "BIL": "Billing provider", "PRV": "Providers", "SUB": "Subscriber", "PAT": "Patient",
    "DAT": "Dates", "DX": "Diagnoses", "PX": "Procedures", "LIN": "Lines", "AUT": "Authorizations", "COB": "Other payers",
    "TFL": "Filing limits", "DUP": "Duplicates", "PAY": "Payer rules", "NCC": "NCCI",
}  # fmt: skip
_PACKAGE = Path(claimwright.__file__).parent
# Where the pages lie: in an installed package beside the edits, in a checkout among the documents.
_PLACES = (_PACKAGE / "edits" / "pages", _PACKAGE.parents[1] / "docs" / "edits")
_CODE = re.compile(r"`([^`]+)`")


def claim_address(version: ClaimVersion) -> str:
    return with_query(reverse("claim", args=[version.claim_id]), version=version.number) + "#findings"


def with_fixes(findings: Iterable[EditFinding], state: str) -> list[EditFinding]:
    """Each with whether its edit has a fix that can be tried now, and whether a page explains it."""
    rows = list(findings)
    for row in rows:
        row.has_fix = may_have_mend(row, state)
        row.has_page = row.edit_id in BY_ID
    return rows


# The fix -------------------------------------------------------------------------------------------------------------


@page(reads="claim.read")
def fix(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    """Every field before and after; nothing is changed yet."""
    finding = _finding(finding_id)
    mend = mend_for(finding=finding)
    return show(
        request,
        "workbench/fix.html",
        {
            "finding": finding, "version": finding.version, "claim": finding.version.claim, "mend": mend,
            "seen": fingerprint(mend) if mend is not None else "", "back": claim_address(finding.version),
        },
    )  # fmt: skip


def _finding(finding_id: UUID) -> EditFinding:
    return get_object_or_404(EditFinding.objects.select_related("version__claim__patient", "version__claim__payer"), pk=finding_id)  # fmt: skip


@action(does="claim.fix_asked")
def apply_fix(request: HttpRequest, finding_id: UUID) -> HttpResponse:
    finding = _finding(finding_id)
    try:
        version = keep_mend(finding=finding, seen=request.POST.get("seen", ""))
        left = version.findings.filter(open=True, severity__in=("R", "H")).count()
        says = (
            f"{left} finding{'s'[: left != 1]} still hold{'s'[: left == 1]} the claim" if left else "the claim is ready"
        )
        messages.success(request, f"{finding.edit_id} is fixed and the edits ran again: {says}.")
    except (MendRefused, StepRefused, ContentRefused) as refused:
        messages.error(request, str(refused))
    return redirect(claim_address(finding.version))


# What each edit is about ---------------------------------------------------------------------------------------------


class Block(msgspec.Struct, frozen=True):
    """A piece of a page: `kind` is title, heading, text or list; `lines` are runs of (code or not, words)."""

    kind: str
    lines: tuple[tuple[tuple[bool, str], ...], ...]


def _runs(text: str) -> tuple[tuple[bool, str], ...]:
    parts = _CODE.split(text)
    return tuple((at % 2 == 1, part) for at, part in enumerate(parts) if part)


def blocks_of(text: str) -> list[Block]:
    """The little Markdown that the pages are written in: headings, paragraphs, lists, code in backquotes."""
    found: list[Block] = []
    for chunk in re.split(r"\n\s*\n|\n(?=#)|(?<=\n)(?=##)", text.strip()):
        lines = [line.strip() for line in chunk.strip().splitlines() if line.strip()]
        while lines and lines[0].startswith("#"):
            words = lines.pop(0)
            kind = "heading" if words.startswith("##") else "title"
            found.append(Block(kind, (_runs(words.lstrip("# ")),)))
        items = [line for line in lines if line.startswith("- ")]
        plain = " ".join(line for line in lines if not line.startswith("- "))
        if plain:
            found.append(Block("text", (_runs(plain),)))
        if items:
            found.append(Block("list", tuple(_runs(item[2:]) for item in items)))
    return found


@lru_cache(maxsize=512)
def page_text(edit_id: str) -> str:
    """The edit's page, "" where the pages are not installed."""
    for folder in _PLACES:
        place = folder / f"{edit_id}.md"
        if place.is_file():
            return place.read_text(encoding="utf-8")
    return ""


def sets_lacking() -> dict[str, tuple[str, ...]]:
    """By edit, the sets without which it cannot run and that nobody loaded."""
    sets = loaded_codes()
    found: dict[str, tuple[str, ...]] = {}
    for name, ids in edits_by_missing_set({name for name in sets.names() if sets.loaded(name)}).items():
        for edit_id in ids:
            found[edit_id] = (*found.get(edit_id, ()), name)
    return found


@page()
def edit_page(request: HttpRequest, edit_id: str) -> HttpResponse:
    edit = BY_ID.get(edit_id.upper())
    if edit is None:
        raise Http404("there is no such edit")
    blocks = blocks_of(page_text(edit.id))
    family = [each.id for each in CATALOGUE if each.family == edit.family]
    return show(request, "workbench/edit.html", {"blocks": blocks, "family": family, "row": _row(edit, sets_lacking())})


@page()
def edits(request: HttpRequest) -> HttpResponse:
    """The whole catalogue, in the order the edits run."""
    wanted, lacking = request.GET, sets_lacking()
    rows = [
        _row(each, lacking) for each in CATALOGUE
        if (not wanted.get("family") or each.family == wanted["family"])
        and (not wanted.get("severity") or each.severity.value == wanted["severity"])
    ]  # fmt: skip
    families = {each.family: FAMILIES.get(each.family, each.family) for each in CATALOGUE}
    return show(
        request,
        "workbench/edits.html",
        {"rows": rows, "families": families, "severities": SEVERITIES, "wanted": wanted},
    )


def _row(edit: Edit, lacking: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What a template shows of it: an Edit can be called, so a template would run it instead of reading it."""
    title = page_text(edit.id).partition("\n")[0]
    return {
        "id": edit.id, "code": edit.severity.value, "says": edit.says, "fix": edit.fix, "needs": edit.needs,
        "uses": edit.uses, "sources": [f"{cite.document} {cite.place}".strip() for cite in edit.cites],
        "title": title.removeprefix(f"# {edit.id} ") if title.startswith("# ") else edit.says,
        "severity": SEVERITIES[edit.severity.value],
        "lacking": [title_of(name) for name in lacking.get(edit.id, ())],
        "mends": edit.mends is not None,
    }  # fmt: skip
