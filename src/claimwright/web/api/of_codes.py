"""What is looked up while a visit is keyed: codes by words, a price, the edits; and which code sets are loaded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import HttpRequest
from pydantic import Field

from claimwright.codes.library_sets import codes_folder
from claimwright.codes.library_sets import status as loaded_sets
from claimwright.codes.money import money
from claimwright.edits.catalogue import CATALOGUE
from claimwright.web.api.fields import Money, Out
from claimwright.web.api.framework import find, operation
from claimwright.web.core import clock
from claimwright.web.practice.models import Practice
from claimwright.web.practice.selectors import charge_master
from claimwright.web.workbench.code_search import found_codes, level_of


class CodeOut(Out):
    code: str
    title: str
    billable: bool


class PriceOut(Out):
    charge: Money | None = Field(description="By the charge master, times the units; null: there is none")


class LevelOut(Out):
    code: str = Field(description="Blank: what is documented supports none")
    prolonged: str
    says: list[str] = Field(description="Why, in sentences")


class EditOut(Out):
    id: str
    family: str
    severity: str
    says: str
    fix: str
    sources: list[str]
    mends: bool = Field(description="A fix of it can be made without typing")


class EditionOut(Out):
    label: str
    start: date | None
    end: date | None


class CodeSetOut(Out):
    name: str
    loaded: bool
    note: str
    editions: list[EditionOut]


@operation("GET", "/codes", permission="office.read", answers=list[CodeOut])
def search_codes(
    request: HttpRequest, q: str, kind: Literal["diagnosis", "procedure"] = "diagnosis", on: date | None = None
) -> Any:  # fmt: skip
    """Codes by their beginning or by words; procedures of the practice's own prices first, in its own words."""
    return found_codes(q.replace("\x00", "").strip()[:80], on or clock.today(), procedures=kind == "procedure")


@operation("GET", "/prices/check", permission="office.read", answers=PriceOut)
def check_price(
    request: HttpRequest, practice_id: UUID, code: str, modifiers: str = "", units: Decimal = Decimal(1),
    on: date | None = None,
) -> Any:  # fmt: skip
    """What a line is charged on a day."""
    practice, wanted = find(Practice, practice_id), code.strip().upper()
    marks = modifiers.upper().replace(",", " ").split()
    price = charge_master(practice, [wanted]).price(wanted, marks, on or clock.today())
    return {"charge": None if price is None or not 0 < units < 10_000 else money(price * units)}


@operation("GET", "/codes/level", permission="office.read", answers=LevelOut)
def find_visit_level(
    request: HttpRequest, on: date, setting: str = "office", patient: str = "", minutes: str = "", problems: str = "",
    data: str = "", risk: str = "",
) -> Any:  # fmt: skip
    """The level that what is documented supports: by time, or by two of problems, data and risk."""
    told = {
        "date_from": on.isoformat(), "level_setting": setting, "level_patient": patient, "level_minutes": minutes,
        "level_problems": problems, "level_data": data, "level_risk": risk,
    }  # fmt: skip
    return msgspec.to_builtins(level_of(told))


@operation("GET", "/edits", permission="claims.read", answers=list[EditOut])
def list_edits(request: HttpRequest) -> Any:
    """The whole catalogue, in the order the edits run."""
    return [
        {
            "id": one.id, "family": one.family, "severity": one.severity.value, "says": one.says, "fix": one.fix,
            "sources": [f"{cite.document} {cite.place}".strip() for cite in one.cites], "mends": one.mends is not None,
        }
        for one in CATALOGUE
    ]  # fmt: skip


@operation("GET", "/codes/sets", permission="setup.read", answers=list[CodeSetOut])
def list_code_sets(request: HttpRequest) -> Any:
    """Which sets this installation has loaded, for which days."""
    return [
        {
            "name": one.name, "loaded": one.loaded, "note": one.note,
            "editions": [{"label": row.label, "start": row.start, "end": row.end} for row in one.editions],
        }
        for one in loaded_sets(codes_folder(settings.HOME))
    ]  # fmt: skip
