"""What the pages ask while somebody types: codes by words, patients, a price, the level of a visit. Short answers in JSON.

Every page works without them: they only save keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest, JsonResponse

from claimwright.billing.charge_entry import dotted, level_of_cells
from claimwright.billing.registration import read_day
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.codes.code_search import search
from claimwright.codes.library_sets import code_sets, codes_folder
from claimwright.codes.money import money
from claimwright.codes.releases import CodeSets
from claimwright.coding import evaluation
from claimwright.web.charges.entry import coverages_for
from claimwright.web.charges.models import ChargeLine
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Charge, Practice, Provider
from claimwright.web.practice.selectors import charge_master
from claimwright.web.workbench.pages import page
from claimwright.web.workbench.patients import found_by

MOST = 12
SHORTEST_NAME = 2
BASIS_WORDS = {"decision_making": "by decision making", "time": "by time", "both": "by decision making and by time"}


def loaded_codes() -> CodeSets:
    """The code sets of this installation: what is shipped and what was imported."""
    return code_sets(codes_folder(settings.HOME))


def day_of(values: Mapping[str, str], name: str = "on") -> date:
    return read_day(values.get(name, "")) or clock.today()


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:80]


@page()
def find_codes(request: HttpRequest) -> JsonResponse:
    """Diagnoses, or procedures: those of the practice's own prices first, in its own words."""
    wanted = request.GET.get("set") == "procedure"
    return JsonResponse({"rows": found_codes(_typed(request), day_of(request.GET), procedures=wanted)})


def found_codes(text: str, on: date, *, procedures: bool) -> list[dict[str, object]]:
    if procedures:
        return _procedures(text, on)
    return [
        {"code": dotted(entry.code), "title": entry.label, "billable": entry.billable}
        for entry in search(loaded_codes(), "icd10cm", text, on, MOST)
    ]


def _procedures(text: str, on: date) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    if not text:
        return []
    own = Charge.objects.filter(start__lte=on).exclude(end__lte=on).order_by("code", "modifier")
    by_code = own.filter(code__istartswith=text)
    by_word = own.exclude(description="")
    for word in text.split():
        by_word = by_word.filter(description__icontains=word)
    for row in [*by_code[:MOST], *by_word[:MOST]]:
        found.setdefault(
            row.code, {"code": row.code, "title": row.description or _title(row.code, on), "billable": True}
        )
    sets = loaded_codes()
    for name in ("hcpcs", "cpt"):
        for entry in search(sets, name, text, on, MOST):
            found.setdefault(entry.code, {"code": entry.code, "title": entry.label, "billable": entry.billable})
    return list(found.values())[:MOST]


def _title(code: str, on: date) -> str:
    sets = loaded_codes()
    entry = sets.entry("hcpcs", code, on) or sets.entry("cpt", code, on)
    return entry.label if entry else ""


@page(reads="patient.list")
def find_patients(request: HttpRequest) -> JsonResponse:
    """Patients by name, record or member number, with whom they are insured by on the day."""
    text, on = _typed(request), day_of(request.GET)
    rows = []
    if len(text) >= SHORTEST_NAME:
        for patient in found_by(text).select_related("practice").order_by(*Patient.BY_NAME)[:MOST]:
            rows.append(
                {
                    "id": str(patient.pk),
                    "code": patient.record_number,
                    "title": str(patient),
                    "born": f"{patient.birth_date:%m/%d/%Y}" if patient.birth_date else "",
                    "insured": ", ".join(cover.payer.name for cover in coverages_for(patient, on)) or "no coverage",
                }
            )
    return JsonResponse({"rows": rows})


@page()
def find_price(request: HttpRequest) -> JsonResponse:
    """The charge of a line by the charge master of its day: price times units, "" where there is none."""
    wanted = request.GET
    practice = _practice_of(wanted)
    code = wanted.get("code", "").strip().upper()
    text = "".join(wanted.get("modifiers", "").upper().replace(",", " ").split())
    modifiers = [text[at : at + 2] for at in range(0, len(text), 2)]
    try:
        units = Decimal(wanted.get("units", "").strip() or "1")
    except InvalidOperation:
        units = Decimal(0)
    price = None
    if practice is not None and code and units.is_finite() and 0 < units < 10_000:
        price = charge_master(practice, [code]).price(code, modifiers, day_of(wanted))
    charge = "" if price is None else f"{money(price * units):.2f}"
    return JsonResponse({"charge": charge, "title": _title(code, day_of(wanted)) if code else ""})


def _practice_of(values: Mapping[str, str]) -> Practice | None:
    """That of the chosen patient, else the only one."""
    try:
        patient = Patient.objects.select_related("practice").filter(pk=UUID(values.get("patient", ""))).first()
    except ValueError:
        patient = None
    if patient is not None:
        return patient.practice
    practices = list(Practice.objects.all()[:2])
    return practices[0] if len(practices) == 1 else None


@page()
def find_level(request: HttpRequest) -> JsonResponse:
    """The level that what is documented supports, and why, in sentences."""
    return JsonResponse(msgspec.to_builtins(level_of(request.GET.dict())))


class LevelAnswer(msgspec.Struct, frozen=True):
    """A code, "" for none, and the reasoning in sentences."""

    code: str
    prolonged: str
    says: tuple[str, ...]


def level_of(cells: Mapping[str, str]) -> LevelAnswer:
    """By decision making or time on the date of service. Whether the patient is new is looked up where nobody said it."""
    visit, faults = level_of_cells(cells)
    if visit is None or faults:
        told = tuple(f"{fault.says}. {fault.fix}." for fault in faults)
        return LevelAnswer("", "", told or ("Enter the minutes, or two of problems, data and risk.",))
    on = read_day(cells.get("date_from", ""))
    if on is None:
        return LevelAnswer("", "", ("Enter the date of service first: the rules go by it.",))
    says: list[str] = []
    if not visit.patient and visit.setting == "office":
        kind, last = _patient_kind(cells, on)
        visit = msgspec.structs.replace(visit, patient=kind)
        seen = (
            f"last seen here by this specialty on {last:%m/%d/%Y}" if last else "not seen by this specialty for 3 years"
        )
        says.append(f"The patient is {kind}: {seen}, by what was charged here." if kind else "")
    level = evaluation.level(visit, on)
    says += _reasoning(level)
    prolonged = f"{level.prolonged_code} x {level.prolonged_units}" if level.prolonged_code else ""
    return LevelAnswer(level.code, prolonged, tuple(filter(None, says)))


def _reasoning(level: evaluation.Level) -> list[str]:
    why = level.reasoning
    says = []
    if why.decision_making is not None:
        parts = ", ".join(f"{part.part} {_word(part.level)}" for part in why.parts if part.level is not None)
        says.append(f"Decision making is {_word(why.decision_making)}: two of three must reach it ({parts}).")
    if why.minutes is not None:
        asked = f", {why.minutes_asked} are asked" if why.minutes_asked else ""
        says.append(f"{why.minutes} minutes earn {why.time_code or 'no code'}{asked}.")
    if level.code:
        says.append(f"{level.code} {BASIS_WORDS[level.basis]}.")
    if level.prolonged_code:
        says.append(f"Prolonged time: {level.prolonged_code}, {level.prolonged_units} units.")
    if why.next_code:
        takes = [f"{_word(why.next_decision_making)} decision making"] if why.next_decision_making else []
        takes += [f"{why.next_minutes} minutes"] if why.next_minutes else []
        says.append(f"{why.next_code} would take {' or '.join(takes)}.")
    if not level.code:
        says += [f"Missing: {missing}." for missing in why.missing]
    if why.source:
        says.append(f"Source: {why.source}.")
    return says


def _word(level: object) -> str:
    return str(getattr(level, "name", "")).lower()


def _patient_kind(cells: Mapping[str, str], on: date) -> tuple[str, date | None]:
    """New or established to the provider's specialty in this practice, by the charges on file; "" where unknown."""
    try:
        patient = Patient.objects.filter(pk=UUID(cells.get("patient", ""))).first()
    except ValueError:
        patient = None
    taxonomies = {row.npi: msgspec.convert(row.content, ProviderNoun).taxonomy for row in Provider.objects.all()}
    specialty = taxonomies.get(cells.get("rendering", ""), "")
    if patient is None or not specialty:
        return "", None
    lines = ChargeLine.objects.filter(patient=patient).values_list("date_of_service", "rendering_npi", "practice_id")
    history = [
        evaluation.PastService(day=day, specialty=taxonomies.get(npi, ""), group=str(group))
        for day, npi, group in lines
    ]
    return evaluation.patient_kind(history, on, specialty=specialty, group=str(patient.practice_id))
