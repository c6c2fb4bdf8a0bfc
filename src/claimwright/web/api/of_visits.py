"""Visits: entered and corrected until their charges are locked, moved along, billed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from pydantic import Field

from claimwright.billing.charge_entry import cells_of_visit, read_visit
from claimwright.claims.nouns import Encounter as EncounterNoun
from claimwright.coding.states import EncounterEvent
from claimwright.web.api.fields import In, Money, Out, Quantity, Reason, Short
from claimwright.web.api.framework import find, must_match, operation, page_of, paged
from claimwright.web.api.of_patients import as_cells, refuse
from claimwright.web.authorizations.services import release_visit
from claimwright.web.charges.entry import entered_visit, may_be_entered, save_visit
from claimwright.web.charges.models import Encounter
from claimwright.web.charges.moves import move_encounter
from claimwright.web.charges.visits import VisitRefused
from claimwright.web.core import clock
from claimwright.web.operations.entry import bill_visit
from claimwright.web.patients.models import Patient
from claimwright.web.practice.models import Location, Provider
from claimwright.web.workbench.code_search import loaded_codes
from claimwright.web.workbench.encounter import EVENTS, SERVICES
from claimwright.web.workbench.visit_charges import put_right

LONG_AGO = date(1900, 1, 1)


class VisitRow(Out):
    id: UUID
    practice_id: UUID | None
    patient_id: UUID | None
    state: str
    date_from: date | None
    date_to: date | None
    rendering_npi: str
    location_code: str
    source: str
    reason: str
    received_on: date


class ChargeLineOut(Out):
    line_id: str
    number: int
    code: str
    modifiers: list[str]
    units: Quantity
    charge: Money
    date_of_service: date
    rendering_npi: str


class VisitOut(VisitRow):
    entry: dict[str, str] = Field(description="The fields of charge entry as they stand")
    lines: list[ChargeLineOut] = Field(description="The charges, once they are locked")
    claim_ids: list[UUID]


class LineFields(In):
    code: Short
    modifiers: Short = Field(default="", description="Separated by blanks")
    units: Short = "1"
    pointers: Short = Field(default="A", description="Letters of the diagnoses")
    charge: Money | None = Field(default=None, description="None: from the charge master")
    day: date | None = None
    minutes: Short = ""
    ndc: Short = ""
    ndc_quantity: Short = ""
    ndc_unit: Short = ""
    note: Short = ""


class VisitFields(In):
    date_from: date
    date_to: date | None = None
    rendering_npi: Short
    referring_npi: Short = ""
    location_id: UUID | None = None
    place_of_service: Short = ""
    diagnoses: list[Short] = Field(default=[], max_length=12)
    lines: list[LineFields] = Field(default=[], max_length=50)
    prior_authorization: Short = ""
    referral: Short = ""
    accident_state: Short = ""
    accident_date: date | None = None
    causes: list[Short] = []
    onset_date: date | None = None
    admission_date: date | None = None
    discharge_date: date | None = None
    note: Short = ""
    self_pay: bool = False
    is_finished: bool = Field(default=True, description="Coded: all that a claim needs. False: a draft")
    reason: str = Field(default="", max_length=300, description="Why, where coded charges change")


class NewVisit(VisitFields):
    patient_id: UUID


class RightCharges(In):
    entry: dict[str, str] = Field(
        description="The cells of the lines as read_visit_of gives them; an emptied code takes a line off"
    )
    reason: Reason


class VisitMove(In):
    event: str = Field(max_length=20, description="Such as arrive, no_show, cancel")
    reason: str = Field(default="", max_length=300)
    note_id: Short = ""


class Billed(Out):
    visit: VisitRow
    claim_ids: list[UUID]


def _cells(payload: VisitFields) -> dict[str, str]:
    cells = as_cells(payload.model_dump(include={
        "date_from", "date_to", "prior_authorization", "referral", "accident_state", "accident_date", "onset_date",
        "admission_date", "discharge_date", "note", "self_pay",
    }))  # fmt: skip
    cells |= {"rendering": payload.rendering_npi, "referring": payload.referring_npi, "place": payload.place_of_service}
    cells |= {f"dx{at}": code for at, code in enumerate(payload.diagnoses, 1)}
    cells |= {f"cause_{cause}": "on" for cause in payload.causes}
    for at, line in enumerate(payload.lines, 1):
        told = line.model_dump()
        told["date"] = told.pop("day")
        told["charge"] = "" if line.charge is None else f"{line.charge:.2f}"
        cells |= {f"line{at}-{name}": value for name, value in as_cells(told).items()}
    return cells


def _save(payload: VisitFields, patient: Patient, encounter: Encounter | None) -> Encounter:
    cells = _cells(payload)
    location = find(Location, payload.location_id) if payload.location_id else None
    if location is not None and not cells["place"]:
        cells["place"] = location.place_of_service
    visit, faults = read_visit(
        cells, today=clock.today(), finished=payload.is_finished, sets=loaded_codes(),
        providers=list(Provider.objects.values_list("npi", flat=True)), born=patient.birth_date,
    )  # fmt: skip
    refuse(faults)
    return save_visit(
        patient=patient, visit=visit, location=location, finished=payload.is_finished, key=str(uuid4()),
        reason=payload.reason.strip(), self_pay=payload.self_pay, encounter=encounter,
    )  # fmt: skip


def _rows() -> Any:
    return Encounter.objects.select_related("patient__practice", "practice")


@operation("GET", "/visits", permission="visits.read", answers=paged(VisitRow), reads=True)
def list_visits(
    request: HttpRequest, state: str = "", patient_id: UUID | None = None, date_from: date | None = None,
    date_to: date | None = None, cursor: str = "", limit: int = 50,
) -> Any:  # fmt: skip
    """Visits, the newest day first."""
    rows = Encounter.objects.defer("content", "evaluation").annotate(day=Coalesce("date_from", Value(LONG_AGO)))
    chosen = {"state": state, "patient_id": patient_id, "date_from__gte": date_from, "date_from__lte": date_to}
    rows = rows.filter(**{name: value for name, value in chosen.items() if value})
    return page_of(rows, cursor=cursor, limit=limit, by="day")


@operation("GET", "/visits/{uuid:encounter_id}", permission="visits.read", answers=VisitOut, reads=True)
def read_visit_of(request: HttpRequest, encounter_id: UUID) -> Any:
    """One visit with what was entered, its charges and its claims."""
    row = find(_rows(), encounter_id)
    noun = msgspec.convert(row.content or {}, EncounterNoun)
    entry = cells_of_visit(entered_visit(row)) if noun.lines or noun.diagnoses or may_be_entered(row) else {}
    return VisitRow.from_orm(row).model_dump() | {
        "entry": entry, "lines": list(row.lines.order_by("number")),
        "claim_ids": list(row.claims.order_by("sequence", "part").values_list("pk", flat=True)),
    }  # fmt: skip


@operation("POST", "/visits", permission="visits.enter", answers=VisitOut, status=201)
def enter_visit(request: HttpRequest, payload: NewVisit) -> Any:
    """Enter a visit and its charges."""
    patient = find(Patient.objects.select_related("practice"), payload.patient_id)
    return read_visit_of(request, _save(payload, patient, None).pk)


@operation("PUT", "/visits/{uuid:encounter_id}", permission="visits.enter", answers=VisitOut, if_match=True)
def change_entered_visit(request: HttpRequest, encounter_id: UUID, payload: VisitFields) -> Any:
    """The visit as it is said here, until its charges are locked."""
    row = find(_rows().select_for_update(of=("self",)), encounter_id)
    must_match(request, read_visit_of, VisitOut, encounter_id=encounter_id)
    if not may_be_entered(row) or row.patient is None:
        raise VisitRefused(f"the visit is {row.get_state_display().lower()}: its charges are not changed here")
    return read_visit_of(request, _save(payload, row.patient, row).pk)


@operation("POST", "/visits/{uuid:encounter_id}/lock", permission="visits.code", answers=Billed)
def lock_visit(request: HttpRequest, encounter_id: UUID) -> Any:
    """Lock the charges of a coded visit and make its claims; their edits run."""
    row = find(_rows(), encounter_id)
    versions = bill_visit(encounter=row)
    row.refresh_from_db()
    return {"visit": row, "claim_ids": sorted({version.claim_id for version in versions})}


@operation("POST", "/visits/{uuid:encounter_id}/charges", permission="claims.correct", answers=VisitOut)
def put_visit_charges_right(request: HttpRequest, encounter_id: UUID, payload: RightCharges) -> Any:
    """Correct locked charges that the patient pays: those of a claim are corrected with its version."""
    row = find(_rows(), encounter_id)
    refuse(put_right(encounter=row, cells=as_cells(payload.entry), reason=payload.reason)[1])
    row.refresh_from_db()
    return read_visit_of(request, row.pk)


@operation("POST", "/visits/{uuid:encounter_id}/move", permission="visits.code", answers=VisitRow)
def move_visit_on(request: HttpRequest, encounter_id: UUID, payload: VisitMove) -> Any:
    """One step of the visit's life, where its table allows it."""
    row = find(_rows(), encounter_id)
    try:
        event = EncounterEvent(payload.event)
    except ValueError:
        raise VisitRefused("event: there is no such step") from None
    if event not in EVENTS:
        raise VisitRefused("event: this step is made by the act it belongs to")
    if event in SERVICES:
        SERVICES[event](row, payload.note_id, payload.reason)
    else:
        move_encounter(encounter=row, event=event, reason=payload.reason)
    if event in (EncounterEvent.CANCEL, EncounterEvent.NO_SHOW):
        release_visit(encounter_id=row.pk, reason=EVENTS[event].lower())
    row.refresh_from_db()
    return row
