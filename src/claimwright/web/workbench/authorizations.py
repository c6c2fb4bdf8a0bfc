"""Referrals and prior authorizations: what waits, what runs out, one with its ledger and papers, and which fits a claim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.authorizations import AuthorizationRefused
from claimwright.billing.charge_entry import number as plain_number
from claimwright.billing.registration import Fault, read_day
from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.edits.payer_profile import CodeRange
from claimwright.web.authorizations.models import Authorization, Document, DocumentLink
from claimwright.web.authorizations.selectors import awaiting_decision, expiring, running_low, standings
from claimwright.web.authorizations.services import change_authorization, record_authorization
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit
from claimwright.web.patients.models import Patient
from claimwright.web.patients.selectors import by_name, by_number
from claimwright.web.practice.models import Payer, Provider
from claimwright.web.submissions.authorizing import needed, put_on_claim, suggestions
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.submissions.moves import StepRefused
from claimwright.web.submissions.scrubbing import scrub
from claimwright.web.submissions.versions import UNSENT
from claimwright.web.workbench.charge_entry import find_patient
from claimwright.web.workbench.claim_versions import address_of
from claimwright.web.workbench.exports import Columns, exported
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, rows_of, show

ONE_DAY = timedelta(days=1)
EXPIRING_DAYS = 30
VIEWS = {"pending": "Waiting for the payer", "expiring": "Running out", "low": "Nearly used up", "all": "All"}
METHODS = {
    "": "",
    "278": "Electronic (278)",
    "portal": "Portal",
    "phone": "Telephone",
    "fax": "Fax",
    "letter": "Letter",
}
MOVEMENTS = {"reserve": "Reserved", "use": "Used", "release": "Released", "return": "Given back"}
_CODE = re.compile(r"[A-Z0-9]{5}\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][A-Z0-9]{0,5}\Z")


# Lists ---------------------------------------------------------------------------------------------------------------


COLUMNS: Columns = (
    ("Patient", "patient"), ("Record number", "patient.record_number"), ("Payer", "payer.name"),
    ("Kind", "get_kind_display"), ("Number", "number"), ("Payer's reference", "payer_reference"),
    ("Status", "get_status_display"), ("Procedures", lambda row: codes_text(row)), ("From", "start"),
    ("Last day", "last_day"),
    ("Left", lambda row: "; ".join(f"{one['left']:g} of {one['approved']:g} {one['measure']}" for one in row.left)),
    ("Asked for", "requested_at"), ("Decision due", "decision_due"), ("Decided on", "decided_on"), ("Late", "is_late"),
)  # fmt: skip


def _with_ledger(rows: list[Authorization]) -> None:
    """Give each what is left of it, its last day, and whether its decision is late."""
    held = standings(authorization_ids=[row.pk for row in rows])
    for row in rows:
        row.left = _left(row, held[row.pk])
        row.last_day = row.end - ONE_DAY if row.end else None
        row.is_late = row.decision_due is not None and row.decision_due <= clock.now()


@page(reads="authorization.list")
def authorizations(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.dict()
    view = wanted.get("view") or ("all" if wanted.get("q") else "pending")
    low = running_low() if view == "low" else []
    if view == "low":
        found: Any = Authorization.objects.filter(pk__in=[row.pk for row, _ in low]).order_by("end", "number")
    elif view == "expiring":
        found = expiring(days=EXPIRING_DAYS)
    elif view == "pending":
        found = awaiting_decision()
    else:
        found = _searched(wanted.get("q", ""))
    found = found.select_related("patient", "payer")
    if file := exported(request, "authorizations", COLUMNS, found, ready=_with_ledger):
        return file
    rows = rows_of(request, found)
    _with_ledger(list(rows.object_list))
    counts = {"pending": awaiting_decision().count(), "expiring": expiring(days=EXPIRING_DAYS).count()}
    views = [{"key": key, "title": title, "count": counts.get(key)} for key, title in VIEWS.items()]
    return show(
        request, "workbench/authorizations.html", {"rows": rows, "views": views, "view": view, "wanted": wanted}
    )


def _searched(text: str) -> Any:
    found = Authorization.objects.order_by("-created_at")
    for word in text.replace(",", " ").split()[:5]:
        spelt = (word, word.upper())
        ways = (
            {"number__in": spelt}, {"payer_reference__in": spelt},
            {"patient__in": by_name(word).union(by_number(word), all=True)},
        )  # fmt: skip
        first, *others = [Authorization.objects.filter(**way).values("pk") for way in ways]
        found = found.filter(pk__in=first.union(*others, all=True))
    return found


def _left(row: Authorization, standing: Any) -> list[dict[str, Any]]:
    """For each measure with a limit: approved, reserved, used and left."""
    limits = (("units", row.units_approved, standing.units), ("visits", row.visits_approved, standing.visits))
    return [
        {"measure": measure, "approved": approved, "reserved": now.reserved, "used": now.used, "left": now.unused}
        for measure, approved, now in limits
        if approved is not None
    ]


# One -----------------------------------------------------------------------------------------------------------------


def _row(authorization_id: UUID) -> Authorization:
    return get_object_or_404(
        Authorization.objects.select_related("patient__practice", "payer", "location"), pk=authorization_id
    )


@page(reads="authorization.read")
def authorization(request: HttpRequest, authorization_id: UUID) -> HttpResponse:
    row = _row(authorization_id)
    entries = list(row.entries.order_by("ordinal"))
    versions = ClaimVersion.objects.in_bulk({entry.version_id for entry in entries if entry.version_id})
    for entry in entries:
        entry.words = MOVEMENTS.get(entry.movement, entry.movement)
        entry.version = versions.get(entry.version_id)
    changes = list(row.changes.order_by("-at"))
    links = DocumentLink.objects.filter(kind="authorization", subject_id=str(row.pk), closed_at__isnull=True)
    documents = Document.objects.filter(pk__in=links.values("document_id")).defer("content").order_by("-received_on")
    return show(
        request,
        "workbench/authorization.html",
        {
            "row": row, "left": _left(row, standings(authorization_ids=[row.pk])[row.pk]), "entries": entries,
            "last_day": row.end - ONE_DAY if row.end else None, "codes": codes_text(row), "changes": changes,
            "documents": documents, "is_late": row.decision_due is not None and row.decision_due <= clock.now(),
            "requests": row.requests.order_by("-created_at"),
        },
    )  # fmt: skip


def codes_text(row: Authorization) -> str:
    """As they are typed: 97110-97530, 99213 25."""
    ranges = msgspec.convert(row.codes, list[CodeRange])
    return ", ".join(" ".join((f"{one.first}-{one.last}" if one.last else one.first, *one.modifiers)) for one in ranges)


# Entering ------------------------------------------------------------------------------------------------------------


def _groups() -> Sequence[tuple[str, Sequence[Field]]]:
    payers = {"": "", **{str(payer.pk): payer.name for payer in Payer.objects.order_by("name")}}
    return (
        ("Whose", (
            Field(name="patient_text", label="Patient", required=True, hint="Record number or name", wide=True),
            Field(name="payer", label="Payer", kind="select", choices=payers, required=True),
            Field(name="kind", label="Kind", kind="select", choices=dict(Authorization.Kind.choices)),
        )),
        ("What the payer said", (
            Field(name="status", label="Status", kind="select", choices=dict(Authorization.Status.choices)),
            Field(name="number", label="Number", longest=50, hint="As the payer gave it"),
            Field(name="payer_reference", label="Payer's reference", longest=50, hint="While it is not decided"),
            Field(name="start", label="First day", kind="date"),
            Field(name="through", label="Last day", kind="date"),
            Field(name="units_approved", label="Units approved", longest=9, numeric=True, hint="Blank: no limit"),
            Field(name="visits_approved", label="Visits approved", longest=5, numeric=True, hint="Blank: no limit"),
            Field(name="units_requested", label="Units asked for", longest=9, numeric=True),
            Field(name="visits_requested", label="Visits asked for", longest=5, numeric=True),
        )),
        ("What it is for", (
            Field(name="codes", label="Procedures", hint="97110-97530, 99213; blank: any", wide=True),
            Field(name="diagnoses", label="Diagnoses", hint="M54.50 M54; blank: any", wide=True),
            Field(name="providers", label="Providers, by NPI", hint="Blank: any of the practice"),
            Field(name="places", label="Places of service", hint="11 02; blank: any"),
            Field(name="referring_npi", label="Referring provider, NPI", longest=10, numeric=True),
        )),
        ("How it was asked for", (
            Field(name="method", label="Way", kind="select", choices=METHODS),
            Field(name="payer_contact", label="Person at the payer", longest=120),
            Field(name="call_reference", label="Call reference", longest=60),
            Field(name="expedited", label="Expedited", kind="tick", hint="The payer decides sooner"),
            Field(name="note", label="Note", wide=True),
        )),
    )  # fmt: skip


def _read(
    cells: Mapping[str, str], patient: Patient | None, told: Sequence[Fault]
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """The fields of an authorization, and every fault."""
    faults = list(told)

    def fault(field: str, says: str, fix: str) -> None:
        faults.append(Fault(field=field, says=says, fix=fix))

    payer = _payer(cells)
    if payer is None:
        fault("payer", "No payer is chosen", "Choose one; a new payer is set up first")
    days = {}
    for name in ("start", "through"):
        text = cells.get(name, "").strip()
        days[name] = read_day(text) if text else None
        if text and days[name] is None:
            fault(name, "This is no day of the calendar", "Write it as 01/31/2026")
    amounts: dict[str, Any] = {}
    for name in ("units_approved", "units_requested", "visits_approved", "visits_requested"):
        text = cells.get(name, "").strip()
        form = r"\d{1,6}" if name.startswith("visits") else r"\d{1,6}(\.\d{1,3})?"
        amounts[name] = None
        if text and not re.fullmatch(form, text, re.ASCII):
            fault(name, "This is no number of them", "Enter a number, or leave it blank for no limit")
        elif text:
            amounts[name] = int(text) if name.startswith("visits") else Decimal(text)
    codes = _codes(cells, fault)
    diagnoses = [one.replace(".", "").upper() for one in _words(cells, "diagnoses")]
    if not all(_DIAGNOSIS.match(one) for one in diagnoses):
        fault("diagnoses", "One of these is no diagnosis code", "Write codes or their beginnings: M54.50 M54")
    providers = _words(cells, "providers")
    known = set(Provider.objects.values_list("npi", flat=True))
    if not set(providers) <= known | set(filter(None, [patient.practice.npi if patient else ""])):
        fault("providers", "One of these providers is not on file", "Give NPIs of the practice and its providers")
    places = _words(cells, "places")
    if not all(re.fullmatch(r"\d{2}", one, re.ASCII) for one in places):
        fault("places", "A place of service is two digits", "Write them as 11 02")
    for name, choices in (("kind", Authorization.Kind.values), ("status", Authorization.Status.values)):
        if cells.get(name) not in choices:
            fault(name, "This is none of the choices", "Choose one of the list")
    fields = {
        "payer": payer, "codes": codes, "diagnoses": diagnoses, "provider_npis": providers, "places": places,
        **days, **amounts, "expedited": cells.get("expedited") == "on",
        **{name: cells.get(name, "").strip() for name in (
            "kind", "status", "number", "payer_reference", "method", "payer_contact", "call_reference", "note",
            "referring_npi",
        )},
    }  # fmt: skip
    return fields, tuple(faults)


def _payer(cells: Mapping[str, str]) -> Payer | None:
    try:
        return Payer.objects.filter(pk=UUID(cells.get("payer", ""))).first()
    except ValueError:
        return None


def _words(cells: Mapping[str, str], name: str) -> list[str]:
    return cells.get(name, "").replace(",", " ").split()


def _codes(cells: Mapping[str, str], fault: Any) -> list[CodeRange]:
    """Codes and ranges, each with modifiers it is limited to: "97110-97530 GP, 99213"."""
    found = []
    for part in cells.get("codes", "").upper().split(","):
        words = part.split()
        if not words:
            continue
        first, _, last = words[0].partition("-")
        fits = _CODE.match(first) and (not last or _CODE.match(last)) and all(len(word) == 2 for word in words[1:])
        if not fits:
            fault("codes", "One of these is no procedure code or range", "Write them as 97110-97530, 99213")
            return []
        found.append(CodeRange(first=first, last=last, modifiers=tuple(words[1:])))
    return found


def _form(
    request: HttpRequest,
    *,
    row: Authorization | None,
    cells: Mapping[str, str],
    faults: Sequence[Fault] = (),
    candidates: Sequence[Patient] = (),
) -> HttpResponse:
    groups = _groups()
    if row is not None:  # whose it is does not change: that would be another authorization
        groups = groups[1:]
    return show(
        request,
        "workbench/authorization_form.html",
        {"row": row, "groups": bound(groups, cells, faults), "faults": faults, "candidates": candidates},
    )


@page()
def new_authorization(request: HttpRequest) -> HttpResponse:
    cells = {"status": "requested", "kind": "authorization"}
    patient, _, _ = find_patient({"patient": request.GET.get("patient", "")})
    if patient is not None:
        record_audit(action="patient.read", subject_type="patient", subject_id=patient.pk, detail="new authorization")
        cells["patient_text"] = patient.record_number
        cover = patient.coverages.filter(end__isnull=True).order_by("sequence").first()
        cells["payer"] = str(cover.payer_id) if cover else ""
    return _form(request, row=None, cells=cells)


@action(does="authorization.record_asked")
def save_new_authorization(request: HttpRequest) -> HttpResponse:
    cells = posted(request.POST, _groups())
    patient, candidates, told = find_patient(cells | {"patient": request.POST.get("patient", "")})
    fields, faults = _read(cells, patient, told)
    if faults or patient is None:
        return _form(request, row=None, cells=cells, faults=faults, candidates=candidates)
    try:
        row = record_authorization(patient=patient, **fields)
    except AuthorizationRefused as refused:
        return _form(request, row=None, cells=cells, faults=[_refusal(refused)])
    messages.success(request, "Recorded.")
    return redirect("authorization", authorization_id=row.pk)


def _refusal(refused: AuthorizationRefused) -> Fault:
    return Fault(field="status", says=str(refused), fix="Correct it")


@page(reads="authorization.read")
def edit_authorization(request: HttpRequest, authorization_id: UUID) -> HttpResponse:
    row = _row(authorization_id)
    cells = {
        "kind": row.kind, "status": row.status, "number": row.number, "payer_reference": row.payer_reference,
        "start": f"{row.start:%m/%d/%Y}" if row.start else "", "codes": codes_text(row),
        "through": f"{row.end - ONE_DAY:%m/%d/%Y}" if row.end else "", "diagnoses": " ".join(row.diagnoses),
        "providers": " ".join(row.provider_npis), "places": " ".join(row.places), "referring_npi": row.referring_npi,
        "method": row.method, "payer_contact": row.payer_contact, "call_reference": row.call_reference,
        "expedited": "on" if row.expedited else "", "note": row.note, "payer": str(row.payer_id),
        **{name: plain_number(value) if value is not None else "" for name, value in (
            ("units_approved", row.units_approved), ("units_requested", row.units_requested),
        )},
        **{name: str(value) if value is not None else "" for name, value in (
            ("visits_approved", row.visits_approved), ("visits_requested", row.visits_requested),
        )},
    }  # fmt: skip
    return _form(request, row=row, cells=cells)


@action(does="authorization.change_asked")
def save_authorization(request: HttpRequest, authorization_id: UUID) -> HttpResponse:
    row = _row(authorization_id)
    cells = posted(request.POST, _groups()[1:]) | {"payer": str(row.payer_id), "kind": row.kind}
    fields, faults = _read(cells, row.patient, ())
    if faults:
        return _form(request, row=row, cells=cells, faults=faults)
    through = fields.pop("through")
    changes = {name: value for name, value in fields.items() if name not in ("payer", "kind")}
    changes["end"] = through + ONE_DAY if through else None
    try:
        change_authorization(authorization=row, changes=changes)
    except AuthorizationRefused as refused:
        return _form(request, row=row, cells=cells, faults=[_refusal(refused)])
    messages.success(request, "Changed; what it was is kept.")
    return redirect("authorization", authorization_id=row.pk)


# For a claim ---------------------------------------------------------------------------------------------------------


def _version(version_id: UUID) -> ClaimVersion:
    return get_object_or_404(ClaimVersion.objects.select_related("claim__patient", "claim__payer"), pk=version_id)


@page(reads="authorization.for_claim")
def claim_authorizations(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """What is on file for the claim's patient and payer: for which lines each fits, and why not for the others."""
    version = _version(version_id)
    noun = msgspec.convert(version.content, ClaimNoun)
    return show(
        request,
        "workbench/claim_authorizations.html",
        {
            "version": version, "claim": version.claim, "lines": noun.lines, "back": address_of(version),
            "suggestions": [_suggestion(one, len(noun.lines)) for one in suggestions(version)],
            "needed": [{"line": noun.lines[at], "kind": kind, "source": source} for at, kind, source in needed(version)],
            "can_put": version.state in UNSENT,
        },
    )  # fmt: skip


def _suggestion(one: Any, lines: int) -> dict[str, Any]:
    return {"one": one, "all_lines": len(one.fits) == lines, "lines": [at + 1 for at in one.fits]}


@action(does="claim.authorization_asked")
def put_authorization(request: HttpRequest, version_id: UUID, authorization_id: UUID) -> HttpResponse:
    """Its number goes on the claim, or on the lines chosen; the edits run again."""
    version, row = _version(version_id), _row(authorization_id)
    count = len(msgspec.convert(version.content, ClaimNoun).lines)
    chosen = request.POST.getlist("line")
    lines = [at for at in range(count) if str(at + 1) in chosen]
    try:
        put_on_claim(
            version=version, authorization=row, lines=[] if len(lines) == count else lines,
            reason=request.POST.get("reason", "").strip()[:300] or f"authorization {row.number}",
        )  # fmt: skip
    except (ValueError, StepRefused) as refused:
        messages.error(request, str(refused))
        return redirect("claim_authorizations", version_id=version.pk)
    scrub(version_ids=[version.pk])
    messages.success(request, f"{row.number} is on the claim, and the edits ran again.")
    return redirect(address_of(version))
