"""A prior authorization asked for by 278: from a visit or typed, sent over the payer's connection, asked again if refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from claimwright.billing.prior_authorization import RequestRefused
from claimwright.billing.registration import Fault, read_day
from claimwright.claims.nouns import Coverage, Diagnosis, Encounter, Line
from claimwright.claims.nouns import Provider as ProviderNoun
from claimwright.web.authorizations.models import AuthorizationRequest
from claimwright.web.authorizations.requests import ask_again, request_authorization
from claimwright.web.charges.entry import coverages_for
from claimwright.web.charges.models import Encounter as Visit
from claimwright.web.core import clock
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.operations.job_runs import ask
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Payer, Provider
from claimwright.web.workbench.charge_entry import find_patient
from claimwright.web.workbench.form_fields import Field, bound, posted
from claimwright.web.workbench.pages import action, page, show

KINDS = {"authorization": "Prior authorization", "referral": "Referral"}
MOST_SERVICES = 12
_CODE = re.compile(r"[A-Z0-9]{5}\Z")
_DIAGNOSIS = re.compile(r"[A-Z][0-9][A-Z0-9]{1,5}\Z")


def _groups() -> Sequence[tuple[str, Sequence[Field]]]:
    payers = {"": "", **{str(row.pk): row.name for row in Payer.objects.order_by("name")}}
    providers = {"": "", **{row.npi: row.name for row in Provider.objects.order_by("name")}}
    return (
        ("Whose", (
            Field(name="patient_text", label="Patient", required=True, hint="Record number or name", wide=True),
            Field(name="payer", label="Payer", kind="select", choices=payers, required=True),
            Field(name="kind", label="Kind", kind="select", choices=KINDS),
        )),
        ("What is asked for", (
            Field(name="services", label="Services", wide=True, hint="Codes with their units: 97110 12, 72148"),
            Field(name="diagnoses", label="Diagnoses", wide=True, hint="M54.50 M51.36, the main one first", required=True),
            Field(name="on", label="First day", kind="date", required=True),
            Field(name="through", label="Last day", kind="date"),
            Field(name="visits", label="Visits", longest=3, numeric=True),
            Field(name="rendering", label="Who performs it", kind="select", choices=providers),
            Field(name="place", label="Place of service", longest=2, numeric=True),
            Field(name="service_type", label="Service type (UM03)", longest=2, hint="Where the payer asks for one"),
            Field(name="expedited", label="Expedited", kind="tick", hint="A delay would harm the patient"),
            Field(name="note", label="Note to the payer", wide=True, longest=264),
        )),
    )  # fmt: skip


@page(reads="authorization.ask")
def ask_authorization(request: HttpRequest) -> HttpResponse:
    """Blank, or with what a visit or a patient says already."""
    cells = {"kind": "authorization", "on": f"{clock.today():%m/%d/%Y}"}
    visit = _visit(request.GET.get("visit", ""))
    if visit is not None and visit.patient is not None:
        cells |= _cells_of(visit)
    elif request.GET.get("patient"):
        patient, _, _ = find_patient({"patient": request.GET["patient"]})
        cells |= _whose(patient, clock.today()) if patient is not None else {}
    return _form(request, cells, visit=visit)


def _visit(text: str) -> Visit | None:
    try:
        return Visit.objects.select_related("patient__practice").filter(pk=UUID(text)).first()
    except ValueError:
        return None


def _whose(patient: Patient, on: date) -> dict[str, str]:
    covers = coverages_for(patient, on)
    first = Payer.objects.filter(payer_id=covers[0].payer.payer_id).first() if covers else None
    return {"patient_text": patient.record_number, "payer": str(first.pk) if first is not None else ""}


def _cells_of(visit: Visit) -> dict[str, str]:
    noun = msgspec.convert(visit.content or {}, Encounter)
    on = noun.date_from or visit.date_from
    services = [f"{line.procedure_code} {line.units.normalize():f}" for line in noun.lines if line.procedure_code]
    assert visit.patient is not None
    return _whose(visit.patient, on) | {
        "services": ", ".join(services), "diagnoses": " ".join(row.code for row in noun.diagnoses), "on": f"{on:%m/%d/%Y}",
        "rendering": noun.rendering.npi if noun.rendering else visit.rendering_npi, "place": noun.place_of_service,
    }  # fmt: skip


def _form(
    request: HttpRequest, cells: Mapping[str, str], faults: Sequence[Fault] = (), candidates: Sequence[Patient] = (),
    visit: Visit | None = None,
) -> HttpResponse:  # fmt: skip
    return show(
        request, "workbench/authorization_asking.html",
        {"groups": bound(_groups(), cells, faults), "faults": faults, "candidates": candidates, "visit": visit},
    )  # fmt: skip


@action(does="authorization.request_asked")
def send_authorization_request(request: HttpRequest) -> HttpResponse:
    """The request is frozen and the worker sends it at once; without a connection it is kept, to be keyed at the payer."""
    cells = posted(request.POST, _groups())
    visit = _visit(request.POST.get("visit", ""))
    patient, candidates, told = find_patient(cells | {"patient": request.POST.get("patient", "")})
    asked, faults = _read(cells, patient, told)
    if faults or patient is None:
        return _form(request, cells, faults, candidates, visit)
    try:
        made = request_authorization(
            patient=patient,
            encounter_id=visit.pk if visit is not None and visit.patient_id == patient.pk else None,
            **asked,
        )
    except RequestRefused as refused:
        return _form(request, cells, [Fault(field="services", says=str(refused), fix="Complete it")], (), visit)
    _tell(request, made)
    return redirect("authorization", authorization_id=made.authorization_id)


def _tell(request: HttpRequest, made: AuthorizationRequest) -> None:
    if made.file_id is None:
        messages.warning(request, "This payer has no connection: the request is kept, key it into the payer's portal.")
        return
    ask(tenant=current_tenant(), job="send_waiting", about={"file": str(made.file_id)})
    messages.success(request, "The request is on its way; the answer stands here when it comes.")


@action(does="authorization.request_again_asked")
def ask_authorization_again(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """After a rejection that lets it go again: the same under a new trace."""
    row = get_object_or_404(
        AuthorizationRequest.objects.select_related("authorization__payer__connection"), pk=request_id
    )
    way = row.authorization.payer.connection
    try:
        if way is None:
            raise RequestRefused("the payer has no connection: key it into the payer's portal")
        _tell(request, ask_again(request=row, connection=way))
    except RequestRefused as refused:
        messages.error(request, f"Not asked: {refused}.")
    return redirect("authorization", authorization_id=row.authorization_id)


# Reading -------------------------------------------------------------------------------------------------------------


def _read(
    cells: Mapping[str, str], patient: Patient | None, told: Sequence[Fault]
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """What `request_authorization` takes, and every fault."""
    faults = list(told)

    def fault(field: str, says: str, fix: str) -> None:
        faults.append(Fault(field=field, says=says, fix=fix))

    on, through = _days(cells, fault)
    lines = _lines(cells, on, fault)
    codes = cells["diagnoses"].replace(".", "").replace(",", " ").upper().split()
    if not codes or not all(_DIAGNOSIS.match(code) for code in codes):
        fault("diagnoses", "One of these is missing or no diagnosis code", "Write them as M54.50 M51.36")
    if cells["kind"] not in KINDS:
        fault("kind", "This is none of the choices", "Choose one of the list")
    if cells["place"] and not re.fullmatch(r"[0-9]{2}", cells["place"]):
        fault("place", "A place of service is two digits", "Enter it, or leave it blank")
    visits = cells["visits"].strip()
    if visits and not re.fullmatch(r"[1-9][0-9]{0,2}", visits):
        fault("visits", "This is no number of visits", "Enter it, or leave it blank")
        visits = ""
    payer, cover = _cover(cells, patient, on or clock.today())
    if payer is None:
        fault("payer", "No payer is chosen", "Choose one; a new payer is set up first")
    elif cover is None and patient is not None:
        fault("payer", "The patient has no coverage of this payer on that day", "Register it first, or choose another")
    if faults or payer is None or cover is None or on is None:
        return {}, tuple(faults)
    diagnoses = tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(codes))
    encounter = Encounter(
        coverages=(cover,), rendering=_provider(cells["rendering"]), place_of_service=cells["place"], date_from=on,
        date_to=through, diagnoses=diagnoses, lines=lines,
    )  # fmt: skip
    return {
        "payer": payer, "coverage": cover, "encounter": encounter, "on": on, "through": through, "kind": cells["kind"],
        "visits": int(visits) if visits else None, "service_type": cells["service_type"].strip().upper(),
        "expedited": cells["expedited"] == "on", "note": " ".join(cells["note"].split()),
    }, ()  # fmt: skip


def _days(cells: Mapping[str, str], fault: Any) -> tuple[date | None, date | None]:
    found = {}
    for name in ("on", "through"):
        text = cells[name].strip()
        found[name] = read_day(text) if text else None
        if found[name] is None and (text or name == "on"):
            fault(name, "This is no day of the calendar", "Write it as 01/31/2026")
    return found["on"], found["through"]


def _lines(cells: Mapping[str, str], on: date | None, fault: Any) -> tuple[Line, ...]:
    """ "97110 12, 72148": each code with its units, 1 where none are told."""
    found = []
    for part in cells["services"].upper().split(","):
        words = part.split()
        if not words:
            continue
        units = words[1] if len(words) == 2 else "1"
        if len(words) > 2 or not _CODE.match(words[0]) or not re.fullmatch(r"[1-9][0-9]{0,3}", units):
            fault("services", "One of these is no code with its units", "Write them as 97110 12, 72148")
            return ()
        found.append(Line(number=len(found) + 1, procedure_code=words[0], units=Decimal(units), date_from=on))
    if len(found) > MOST_SERVICES:
        fault("services", f"A request asks for {MOST_SERVICES} services", "Ask for the rest by another")
    return tuple(found)


def _cover(cells: Mapping[str, str], patient: Patient | None, on: date) -> tuple[Payer | None, Coverage | None]:
    try:
        payer = Payer.objects.filter(pk=UUID(cells["payer"])).first()
    except ValueError:
        payer = None
    if payer is None or patient is None:
        return payer, None
    return payer, next((one for one in coverages_for(patient, on) if one.payer.payer_id == payer.payer_id), None)


def _provider(npi: str) -> ProviderNoun | None:
    row = Provider.objects.filter(npi=npi).first() if npi else None
    return msgspec.convert(row.content, ProviderNoun) if row is not None else None
