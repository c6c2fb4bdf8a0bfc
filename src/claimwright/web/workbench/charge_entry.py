"""One visit on one page, for the keyboard: patient, day, provider, place, diagnoses, lines, level; saved, locked, billed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.charge_entry import (
    CAUSES,
    DIAGNOSES,
    DRUG_UNITS,
    LETTERS,
    LEVELS,
    LINE_CELLS,
    MOST_LINES,
    EnteredVisit,
    cells_of_visit,
    day,
    line_numbers,
    read_visit,
)
from claimwright.billing.claim_kinds import DENTAL_CELLS, KINDS, STAY_CELLS
from claimwright.billing.registration import Fault, read_day
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.codes.releases import CodeSets
from claimwright.coding.states import NotAllowed
from claimwright.web.charges.entry import coverages_for, entered_visit, may_be_entered, other_visits, save_visit
from claimwright.web.charges.models import Encounter, ProviderQuery
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit
from claimwright.web.operations.entry import bill_visit
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Location, Provider
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.code_search import level_of, loaded_codes
from claimwright.web.workbench.pages import action, page, show
from claimwright.web.workbench.patients import found_by

LINES_SHOWN, LINES_MORE = 6, 6
CANDIDATES = 10
HEADER = (
    "patient", "patient_text", "date_from", "date_to", "rendering", "referring", "location", "place",
    "prior_authorization", "referral", "accident_state", "accident_date", "onset_date", "admission_date",
    "discharge_date", "note", "level_setting", "level_patient", "level_problems", "level_data", "level_risk",
    "level_minutes", "level_medicare", "self_pay", "second_visit", "reason", "because_of", "key", "lines",
    *(f"cause_{cause}" for cause in CAUSES), "kind", *STAY_CELLS, *DENTAL_CELLS,
)  # fmt: skip
KINDS_OF_PATIENT = {"": "By the charges on file", "new": "New", "established": "Established"}
SETTINGS = {
    "office": "Office", "hospital_initial": "Hospital, first day", "hospital_subsequent": "Hospital, later day",
    "hospital_same_day": "Hospital, in and out", "emergency": "Emergency department",
    "home": "Home", "nursing_initial": "Nursing facility, first", "nursing_subsequent": "Nursing facility, later",
    "consultation_outpatient": "Consultation", "consultation_inpatient": "Consultation, inpatient",
}  # fmt: skip
REMEMBERED = ("date_from", "rendering", "location", "place")


class Cell(msgspec.Struct, frozen=True):
    """One field of the grid: its name, what stands in it, what is wrong with it."""

    name: str
    value: str
    faults: tuple[Fault, ...] = ()


def posted(request: HttpRequest) -> dict[str, str]:
    """The cells of the form as they came."""
    names = {*HEADER, *(f"dx{place}" for place in range(1, DIAGNOSES + 1))}
    return {
        name: str(value).replace("\x00", "")  # PostgreSQL has no place for it
        for name, value in request.POST.items()
        if name in names or (name.startswith("line") and name.partition("-")[2] in LINE_CELLS)
    }


def faults_by_field(faults: Sequence[Fault]) -> dict[str, tuple[Fault, ...]]:
    """Each field's faults, in their order."""
    found: dict[str, tuple[Fault, ...]] = {}
    for fault in faults:
        found[fault.field] = (*found.get(fault.field, ()), fault)
    return found


# The page ------------------------------------------------------------------------------------------------------------


def _form(
    request: HttpRequest,
    *,
    cells: Mapping[str, str],
    encounter: Encounter | None = None,
    patient: Patient | None = None,
    faults: Sequence[Fault] = (),
    **more: Any,
) -> HttpResponse:
    by_field = faults_by_field(faults)
    on = read_day(cells.get("date_from", ""))
    lines = line_rows(cells, by_field)
    return show(
        request,
        "workbench/charge_entry.html",
        {
            "encounter": encounter, "patient": patient, "cells": cells, "faults": faults, "kinds": KINDS,
            "kind": cells.get("kind") if cells.get("kind") in KINDS else "P",
            "wrong": {name: told[0] for name, told in by_field.items()},
            "first_wrong": faults[0].field if faults else "",
            "diagnoses": diagnosis_rows(cells, by_field, loaded_codes()), "lines": lines, "blank": blank_line(),
            "providers": list(Provider.objects.order_by("name")),
            "locations": list(Location.objects.select_related("practice").order_by("name")),
            "insured": coverages_for(patient, on or clock.today()) if patient is not None else (),
            "causes": [(f"cause_{cause}", words) for cause, words in CAUSES.items()], "levels": LEVELS,
            "kinds_of_patient": KINDS_OF_PATIENT, "settings_of_level": SETTINGS, "drug_units": DRUG_UNITS,
            "has_more": any(cells.get(name) for name in HEADER_DETAILS), "key": cells.get("key") or str(uuid4()),
            "was_coded": encounter is not None and _was_coded(encounter), "answers": _answers(encounter),
        } | more,
    )  # fmt: skip


HEADER_DETAILS = (
    "date_to", "referring", "prior_authorization", "referral", "accident_state", "accident_date", "onset_date",
    "admission_date", "discharge_date", "note", *(f"cause_{cause}" for cause in CAUSES),
)  # fmt: skip


def diagnosis_rows(
    cells: Mapping[str, str], faults: Mapping[str, tuple[Fault, ...]], sets: CodeSets
) -> list[dict[str, Any]]:
    on = read_day(cells.get("date_from", ""))
    rows = []
    for place in range(1, DIAGNOSES + 1):
        name = f"dx{place}"
        value = cells.get(name, "")
        entry = sets.entry("icd10cm", value.replace(".", "").strip().upper(), on) if value else None
        rows.append(
            {"letter": LETTERS[place - 1], "cell": Cell(name, value, faults.get(name, ())), "title": entry.label if entry else ""}
        )  # fmt: skip
    return rows


def line_rows(cells: Mapping[str, str], faults: Mapping[str, tuple[Fault, ...]]) -> list[dict[str, Any]]:
    used = line_numbers(cells)
    wanted = int(cells["lines"]) if cells.get("lines", "") in map(str, range(MOST_LINES + 1)) else 0
    count = min(MOST_LINES, max([LINES_SHOWN, wanted, *(number + 1 for number in used)]))
    rows = []
    for number in range(1, count + 1):
        row: dict[str, Any] = {"number": number, "faults": []}
        for name in LINE_CELLS:
            field = f"line{number}-{name}"
            value = cells.get(field, "1" if name == "units" else "")
            row[name] = Cell(field, value, faults.get(field, ()))
            row["faults"] += [(field, fault) for fault in faults.get(field, ())]
        row["has_more"] = any(
            row[name].value for name in ("date", "minutes", "ndc", "ndc_quantity", "note", "non_covered")
        )
        rows.append(row)
    return rows


def blank_line() -> dict[str, Any]:
    return {"number": "N", "faults": [], "has_more": False} | {
        name: Cell(f"lineN-{name}", "1" if name == "units" else "") for name in LINE_CELLS
    }


def _was_coded(encounter: Encounter) -> bool:
    return encounter.moves.filter(to_state=Encounter.State.CODED).exists()


def _answers(encounter: Encounter | None) -> list[ProviderQuery]:
    """Answered queries, on which a change of codes may rest."""
    if encounter is None:
        return []
    return list(encounter.queries.filter(state=ProviderQuery.State.ANSWERED).order_by("asked_on"))


@page()
def new_visit(request: HttpRequest) -> HttpResponse:
    """A blank visit; day, provider and place are those of the one entered before."""
    cells = {name: str(request.session.get(f"entry_{name}", "")) for name in REMEMBERED}
    patient = None
    if wanted := request.GET.get("patient", ""):
        patient = _patient_of({"patient": wanted})
        if patient is not None:
            cells |= {"patient": str(patient.pk), "patient_text": str(patient)}
            record_audit(action="patient.read", subject_type="patient", subject_id=patient.pk, detail="new visit")
    cells["kind"] = request.GET.get("kind", "P")
    cells["date_from"] = cells["date_from"] or day(clock.today())
    if not cells["rendering"]:
        cells["rendering"] = _only(Provider.objects.exclude(practice=None).values_list("npi", flat=True)[:2])
    if not cells["location"]:
        cells["location"] = _only(Location.objects.values_list("pk", flat=True)[:2])
        only = Location.objects.first() if cells["location"] else None
        cells["place"] = only.place_of_service if only is not None else cells["place"]
    return _form(request, cells=cells, patient=patient)


def _only(values: Any) -> str:
    found = list(values)
    return str(found[0]) if len(found) == 1 else ""


@page(reads="encounter.read")
def edit_visit(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    encounter = _encounter(encounter_id)
    if not may_be_entered(encounter):
        messages.error(
            request, f"The visit is {encounter.get_state_display().lower()}: its charges are not changed here."
        )
        return redirect("visit", encounter_id=encounter.pk)
    noun = msgspec.convert(encounter.content or {}, EncounterNoun)
    cells = cells_of_visit(entered_visit(encounter))
    location = Location.objects.filter(
        practice=encounter.practice, code=noun.location or encounter.location_code
    ).first()
    if location is not None:
        cells |= {"location": str(location.pk), "place": cells["place"] or location.place_of_service}
    if encounter.patient is not None:
        cells |= {"patient": str(encounter.patient_id), "patient_text": str(encounter.patient)}
        if noun.lines and not noun.coverages:
            cells["self_pay"] = "on"
    return _form(request, cells=cells, encounter=encounter, patient=encounter.patient)


def _encounter(encounter_id: UUID) -> Encounter:
    return get_object_or_404(Encounter.objects.select_related("patient__practice", "practice"), pk=encounter_id)


# Saving --------------------------------------------------------------------------------------------------------------


@action(does="encounter.enter_asked")
def save_new_visit(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@action(does="encounter.enter_asked")
def save_entered_visit(request: HttpRequest, encounter_id: UUID) -> HttpResponse:
    return _save(request, _encounter(encounter_id))


def _save(request: HttpRequest, encounter: Encounter | None) -> HttpResponse:
    """`do` is lock, code or draft; level and lines only show the form again, with the level or with more lines."""
    cells, does = posted(request), request.POST.get("do", "lock")
    patient, candidates, patient_faults = find_patient(cells)
    if patient is not None:
        cells |= {"patient": str(patient.pk), "patient_text": str(patient)}
    shown = {"cells": cells, "encounter": encounter, "patient": patient}
    if does == "lines":
        cells["lines"] = str(max([LINES_SHOWN, *line_numbers(cells)]) + LINES_MORE)
        return _form(request, **shown)
    if does == "level":
        return _form(request, **shown, level=level_of(cells))
    finished = does in ("lock", "code")
    location = _location(cells)
    if location is not None and not cells.get("place"):
        cells["place"] = location.place_of_service
    visit, faults = read_visit(
        cells, today=clock.today(), finished=finished, sets=loaded_codes(),
        providers=list(Provider.objects.values_list("npi", flat=True)), born=patient.birth_date if patient else None,
    )  # fmt: skip
    found = [*patient_faults, *faults]
    if patient is not None:
        found += _faults_of_visit(cells, patient, visit, location, encounter, finished)
    if found or patient is None:
        return _form(request, **shown, faults=found, candidates=candidates)
    try:
        saved = save_visit(
            patient=patient, visit=visit, location=location, finished=finished, key=cells.get("key") or str(uuid4()),
            reason=cells.get("reason", "").strip()[:300], self_pay=cells.get("self_pay") == "on", encounter=encounter,
            because_of=_because_of(cells, encounter),
        )  # fmt: skip
    except (VisitRefused, NotAllowed) as refused:
        return _form(request, **shown, faults=[_refusal(refused)])
    for name in REMEMBERED:
        request.session[f"entry_{name}"] = cells.get(name, "")
    if does == "lock":
        return _locked(request, saved)
    messages.success(request, "Saved as coded." if finished else "Saved. It waits in the list of visits to code.")
    return redirect("visit", encounter_id=saved.pk)


def _refusal(refused: Exception) -> Fault:
    """A service names the field before its sentence; the form has one of that name or none."""
    field, found, says = str(refused).partition(": ")
    known = field in HEADER or field == "reason"
    return Fault(field=field if found and known else "reason", says=says if found and known else str(refused), fix="Put it right")  # fmt: skip


def _locked(request: HttpRequest, saved: Encounter) -> HttpResponse:
    """Charges locked, claims made, edits run; on to the claim, or to the visit where none was made."""
    if saved.state in (Encounter.State.CHARGES_LOCKED, Encounter.State.CLAIMED):  # the same form sent twice
        return redirect("visit", encounter_id=saved.pk)
    try:
        versions = bill_visit(encounter=saved)
    except VisitRefused as refused:
        messages.error(request, str(refused))
        return redirect("visit", encounter_id=saved.pk)
    if not versions:
        if saved.state == Encounter.State.HELD:
            messages.error(request, f"The charges are not locked: {saved.reason}")
        else:
            messages.success(request, "Charged to the patient; there is no claim.")
        return redirect("visit", encounter_id=saved.pk)
    first = versions[0]
    _tell(request, first)
    return redirect("claim", claim_id=first.claim_id)


def _tell(request: HttpRequest, version: ClaimVersion) -> None:
    held = version.findings.filter(open=True, severity__in=("R", "H")).count()
    if held:
        messages.error(request, f"Claim {version.control_number} is made and held by {held} finding{'s'[: held > 1]}.")
    else:
        messages.success(request, f"Claim {version.control_number} is made and ready to send.")


# What the rows know that the cells do not ----------------------------------------------------------------------------


def _patient_of(cells: Mapping[str, str]) -> Patient | None:
    try:
        wanted = UUID(cells.get("patient", ""))
    except ValueError:
        return None
    return Patient.objects.select_related("practice").filter(pk=wanted, merged_into__isnull=True).first()


def find_patient(cells: Mapping[str, str]) -> tuple[Patient | None, list[Patient], list[Fault]]:
    """The one chosen from the list, else the only one that the typed text finds."""
    chosen = _patient_of(cells)
    if chosen is not None:
        return chosen, [], []
    text = cells.get("patient_text", "").strip()
    if not text:
        return (
            None,
            [],
            [Fault(field="patient_text", says="No patient is chosen", fix="Type a name or a record number")],
        )
    rows = list(found_by(text).select_related("practice").order_by(*Patient.BY_NAME)[:CANDIDATES])
    if len(rows) == 1:
        return rows[0], [], []
    says = "Several patients match" if rows else "No patient matches"
    fix = "Choose one below" if rows else "Register the patient first, or correct what you typed"
    return None, rows, [Fault(field="patient_text", says=says, fix=fix)]


def _location(cells: Mapping[str, str]) -> Location | None:
    try:
        return Location.objects.filter(pk=UUID(cells.get("location", ""))).first()
    except ValueError:
        return None


def _because_of(cells: Mapping[str, str], encounter: Encounter | None) -> ProviderQuery | None:
    return next((row for row in _answers(encounter) if str(row.pk) == cells.get("because_of")), None)


def _faults_of_visit(
    cells: Mapping[str, str],
    patient: Patient,
    visit: EnteredVisit,
    location: Location | None,
    encounter: Encounter | None,
    finished: bool,
) -> list[Fault]:
    faults = []
    if location is not None and location.practice_id != patient.practice_id:
        faults.append(
            Fault(field="location", says="This place is another practice's", fix="Choose one of the patient's")
        )
    if visit.date_from is None or not finished:
        return faults
    if cells.get("self_pay") != "on" and not coverages_for(patient, visit.date_from):
        says = "No coverage with a place in the order holds on that day"
        fix = "Register it or confirm the order on the patient's coverages, or tick that the patient pays"
        faults.append(Fault(field="self_pay", says=says, fix=fix))
    others = other_visits(patient=patient, on=visit.date_from, rendering_npi=visit.rendering_npi, but=encounter)
    known = cells.get("key") and any(row.external_id == f"manual|{cells['key']}" for row in others)
    if others and not known and cells.get("second_visit") != "on":
        says = (
            f"This patient has a visit with this provider on that day already ({others[0].get_state_display().lower()})"
        )
        faults.append(Fault(field="second_visit", says=says, fix="Open that one, or tick that this is a second visit"))
    return faults
