"""The code sets of this installation: what is loaded for which days, what is missing, importing, history, taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from claimwright.billing.registration import read_day
from claimwright.codes.endings import Ending, endings
from claimwright.codes.library import CannotImport, Library, LibraryDamaged, all_loaders, span
from claimwright.codes.library_journal import JournalEntry
from claimwright.codes.library_sets import LoadedSet, codes_folder, status
from claimwright.codes.library_sets import code_sets as loaded_sets
from claimwright.codes.library_shapes import Asked
from claimwright.edits.missing_sets import edits_by_missing_set, edits_held_after, never_loaded
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.uploads import UploadRefused, drop, drop_refused, find, keep

MOST_BYTES = 400 * 1024 * 1024  # the NCCI tables of one quarter, zipped, are 60 MB
REFUSALS_SHOWN = 30
TITLES = {
    "icd10cm": "ICD-10-CM diagnoses", "icd10cm_notes": "ICD-10-CM notes (tabular list)", "icd10pcs": "ICD-10-PCS procedures",
    "hcpcs": "HCPCS Level II", "cpt": "CPT", "cdt": "CDT", "modifier": "Modifiers", "pos": "Places of service",
    "npi": "NPI", "carc": "Adjustment reasons (CARC)", "rarc": "Remarks (RARC)", "taxonomy": "Provider taxonomy",
    "revenue": "Revenue codes", "type_of_bill": "Types of bill", "claim_status": "Claim status",
    "claim_status_category": "Claim status categories", "ncci_pairs_practitioner": "NCCI pairs, practitioner",
    "ncci_pairs_hospital": "NCCI pairs, hospital", "mue_practitioner": "MUE, practitioner", "mue_hospital": "MUE, hospital",
    "nppes": "Providers (NPPES)", "nppes_deactivated": "Deactivated NPIs", "exclusions": "Excluded providers (OIG)",
    "order_and_referring": "Who may order and refer", "coverage_policies": "Coverage policies (LCD, NCD)",
    "payer_policies": "Payers' policies", "drugs": "Drugs (NDC to HCPCS)", "ta1_note": "Notes of TA1",
    "ack_segment": "Segment faults of 999", "ack_element": "Element faults of 999", "ack_verdict": "Verdicts of 999",
    "icd10cm_index": "ICD-10-CM index", "icd10cm_index_external": "ICD-10-CM index of external causes",
    "icd10cm_table_drugs": "ICD-10-CM table of drugs", "icd10cm_table_neoplasms": "ICD-10-CM neoplasm table",
    "medicaid_ncci_pairs_practitioner": "Medicaid NCCI pairs, practitioner",
    "medicaid_ncci_pairs_hospital": "Medicaid NCCI pairs, hospital", "medicaid_mue_practitioner": "Medicaid MUE, practitioner",
    "medicaid_mue_hospital": "Medicaid MUE, hospital", "medicaid_mue_supplier": "Medicaid MUE, supplier",
    "medicaid_add_ons": "Medicaid add-on codes", "mue_supplier": "MUE, supplier", "add_ons": "Add-on codes", "relative_values": "Medicare relative values",
}  # fmt: skip


def library() -> Library:
    return Library(codes_folder(settings.HOME))


def title_of(name: str) -> str:
    words = name.replace("_", " ")
    return TITLES.get(name, words[:1].upper() + words[1:])


class EndingNotice(msgspec.Struct, frozen=True, kw_only=True):
    """Sets whose loaded editions end on one day. `held` are the edits that then hold claims, `other` the sets that none needs."""

    last_day: date
    days_left: int
    holding: tuple[str, ...]  # titles of sets without which claims are held
    other: tuple[str, ...]  # titles of those without which prices or checks are missing
    held: tuple[str, ...]
    resumes: date | None = None


def ending_notices() -> tuple[EndingNotice, ...]:
    """What ends soon or has ended with nothing loaded after it, by its last day. Asks no database and reads no codes."""
    try:
        sets = loaded_sets(codes_folder(settings.HOME))
    except LibraryDamaged:
        return ()  # the page of the code sets says so
    found = endings(sets, clock.today())
    if not found:
        return ()
    held = edits_held_after({name for name in sets.names() if sets.loaded(name)}, {one.name for one in found})
    by_day: dict[tuple[date, date], list[Ending]] = {}
    for one in found:
        by_day.setdefault((one.last_day, one.resumes or date.max), []).append(one)
    return tuple(_notice(together, held) for together in by_day.values())


def _notice(together: Sequence[Ending], held: Mapping[str, tuple[str, ...]]) -> EndingNotice:
    return EndingNotice(
        last_day=together[0].last_day, days_left=together[0].days_left, resumes=together[0].resumes,
        holding=tuple(title_of(one.name) for one in together if held[one.name]),
        other=tuple(title_of(one.name) for one in together if not held[one.name]),
        held=tuple(sorted({edit for one in together for edit in held[one.name]})),
    )  # fmt: skip


def _row(
    each: LoadedSet, unable: Mapping[str, tuple[str, ...]], poorer: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    judged = "; ".join(span(*dates) for dates in each.judged)
    return {
        "name": each.name, "title": title_of(each.name), "note": each.note,
        "judged": judged or ("all dates, by form alone" if each.by_form else ""),
        "editions": [{"row": one, "span": span(one.start, one.end)} for one in each.editions],
        "unable": unable.get(each.name, ()), "poorer": poorer.get(each.name, ()),
    }  # fmt: skip


@page()
def code_sets(request: HttpRequest) -> HttpResponse:
    return _status(request)


def _status(request: HttpRequest, **more: Any) -> HttpResponse:
    problem, rows, entries, undoable = "", [], (), ()
    try:
        known = status(codes_folder(settings.HOME))
        rows = [*known, *never_loaded({each.name for each in known})]
        state = library().state()
        entries, undoable = state.entries, tuple(sorted(state.before))
    except LibraryDamaged as damaged:
        problem = str(damaged)
    loaded = {each.name for each in rows if each.loaded}
    unable, poorer = edits_by_missing_set(loaded), edits_by_missing_set(loaded, using=True)
    missing = [_row(each, unable, poorer) for each in rows if not each.loaded]
    return show(
        request,
        "workbench/code_sets.html",
        {
            "loaded": [_row(each, unable, poorer) for each in rows if each.loaded], "problem": problem,
            "endings": ending_notices(),
            "missing": sorted(missing, key=lambda row: (not row["unable"], row["title"])),
            "held_edits": sorted({edit for row in missing for edit in row["unable"]}),
            "entries": [_entry(entry) for entry in reversed(entries)], "may_change": may(request, "import_codes"),
            "undoable": [{"name": name, "title": title_of(name)} for name in undoable],
            "formats": sorted((loader.reads, ", ".join(title_of(name) for name in loader.sets)) for loader in all_loaders()),
        } | more,
    )  # fmt: skip


def _entry(entry: JournalEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "told": [*entry.told, *(f"{title_of(name)}: taken back" for name in entry.undone)],
        "files": [text.split(" ")[0] for text in entry.files],
    }


# Importing -----------------------------------------------------------------------------------------------------------


def _asked(told: Mapping[str, str]) -> Asked:
    """Raises UploadRefused for a day that is none."""
    days = {}
    for name in ("start", "end"):
        days[name] = read_day(told.get(name, "")) if told.get(name, "").strip() else None
        if told.get(name, "").strip() and days[name] is None:
            raise UploadRefused("a day is no day of the calendar: write it as 10/01/2026")
    return Asked(label=told.get("label", "").strip(), set_name=told.get("set_name", "").strip(), **days)


def _refusals(problem: CannotImport) -> list[str]:
    told = [str(refusal) for refusal in problem.refusals[:REFUSALS_SHOWN]]
    more = len(problem.refusals) - len(told) + problem.more
    return told + ([f"and {more:,} more"] if more else [])


CHOICES = ("start", "end", "label", "set_name", "supersede", "smaller")


@action(does="codes.import_checked")
def check_code_files(request: HttpRequest) -> HttpResponse:
    """Read whole and compared with what is loaded; nothing changes before somebody accepts it."""
    told = {name: request.POST.get(name, "").strip() for name in CHOICES}
    try:
        token = request.POST.get("token", "")
        upload = find(request, token) if token else keep(request, request.FILES.getlist("files"), most_bytes=MOST_BYTES)
        report = library().import_files(
            upload.paths, asked=_asked(told), at=timezone.now(), by=actor(), dry_run=True,
            supersede=told["supersede"] == "on", smaller=told["smaller"] == "on",
        )  # fmt: skip
    except CannotImport as problem:
        drop(request, token) if token else drop_refused(request)
        return _status(request, refusals=_refusals(problem), told=told)
    except (UploadRefused, LibraryDamaged) as problem:
        return _status(request, refusals=[str(problem)], told=told)
    return show(
        request,
        "workbench/code_import.html",
        {
            "report": report, "token": upload.token, "told": told, "names": [path.name for path in upload.paths],
            "steps": [_step(step) for step in report.steps],
        },
    )  # fmt: skip


def _step(step: Any) -> dict[str, Any]:
    changes = step.changes
    samples = [
        (words, getattr(changes, kind), getattr(changes, f"{kind}_sample"))
        for kind, words in (("added", "Added"), ("removed", "Removed"), ("changed", "Changed"))
    ]
    return {
        "title": title_of(step.record.set_name), "record": step.record, "action": step.action,
        "span": span(step.record.start, step.record.end), "replaces": step.replaces, "shortened": step.shortened,
        "samples": [one for one in samples if one[1]], "same": changes.same,
    }  # fmt: skip


@action(does="codes.import_accepted")
def import_codes(request: HttpRequest) -> HttpResponse:
    told = {name: request.POST.get(name, "").strip() for name in CHOICES}
    try:
        upload = find(request, request.POST.get("token", ""))
        report = library().import_files(
            upload.paths, asked=_asked(told), at=timezone.now(), by=actor(), supersede=told["supersede"] == "on",
            smaller=told["smaller"] == "on",
        )  # fmt: skip
    except CannotImport as problem:
        return _status(request, refusals=_refusals(problem), told=told)
    except (UploadRefused, LibraryDamaged) as problem:
        messages.error(request, str(problem))
        return redirect("code_sets")
    drop(request, upload.token)
    if report.written:
        names = ", ".join(step.record.set_name for step in report.steps if step.action != "same")
        record_audit(action="codes.import", subject_type="code_sets", detail=names)
        messages.success(request, f"In force: {', '.join(title_of(step.record.set_name) for step in report.steps)}.")
    else:
        messages.success(request, "Nothing new: all of it was loaded already.")
    return redirect("code_sets")


@action(does="codes.rollback_asked")
def rollback_codes(request: HttpRequest) -> HttpResponse:
    """Back to before the last import of a set, with a reason. The journal keeps both; nothing is lost."""
    reason, name = request.POST.get("reason", "").strip()[:200], request.POST.get("set_name", "")
    if not reason or not name:
        messages.error(request, "Say which set and why.")
        return redirect("code_sets")
    try:
        library().rollback(name, at=timezone.now(), by=f"{actor()}: {reason}")
    except (CannotImport, LibraryDamaged) as problem:
        messages.error(request, str(problem))
        return redirect("code_sets")
    record_audit(action="codes.rollback", subject_type="code_sets", detail=f"{name}: {reason}")
    messages.success(request, f"{title_of(name)}: taken back.")
    return redirect("code_sets")
