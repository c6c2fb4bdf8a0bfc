"""Coming from another system: a set of files kept, judged to the cent, loaded and taken back as a whole."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field

from claimwright.billing.takeover import ControlTotals
from claimwright.claims.from_csv.table import error_sheet
from claimwright.claims.from_csv.takeover import FILES, template
from claimwright.web.api.fields import In, Money, Out, Reason, Short
from claimwright.web.api.framework import BYTES, as_bytes, find, operation
from claimwright.web.api.problems import Problem
from claimwright.web.practice.models import Practice
from claimwright.web.takeover import selectors, services
from claimwright.web.takeover.models import Takeover

MOST_FAULTS = 500


class TakeoverRow(Out):
    id: UUID
    practice_id: UUID
    name: str
    state: str
    as_of: date
    insurance_amount: Money
    patient_amount: Money
    credit_amount: Money
    load_number: int
    saved_at: datetime
    saved_by: str
    loaded_at: datetime | None
    loaded_by: str
    undone_at: datetime | None
    undone_by: str
    undone_because: str


class TieOut(Out):
    name: str
    stated: Money
    found: Money
    difference: Money


class TakeoverFault(Out):
    code: str
    place: str
    message: str
    fix: str
    blocks: bool


class TakeoverOut(TakeoverRow):
    files: list[str]
    claims: int
    lines: int
    is_good: bool = Field(description="Nothing blocks and all totals tie to the cent")
    ties: list[TieOut]
    faults: list[TakeoverFault] = Field(description=f"The first {MOST_FAULTS}; all of them in faults.csv")


class TakeoverFileIn(In):
    name: Short = Field(description="As it was called, such as patients.csv")
    content: str = Field(description="Its bytes in base64")


class SaveTakeover(In):
    practice_id: UUID
    name: Short
    as_of: date = Field(description="The day of the old system's report, and of the opening entries")
    insurance: Money = Field(description="Insurance A/R by the old system")
    patient: Money
    credits: Money = Field(description="Without a minus")
    by_payer: dict[str, Money] = Field(default={}, description="A payer's key and its A/R, where it is stated")
    files: list[TakeoverFileIn] = Field(min_length=1, max_length=20)


class UndoTakeover(In):
    reason: Reason


class TakeoverLoaded(Out):
    changed: bool = Field(description="False: the same set was loaded already")
    claims: int
    lines: int
    denials: int
    plans: int
    ties: list[TieOut]


class TakeoverUndone(Out):
    lines: int


def _row(takeover_id: UUID) -> Takeover:
    found: Takeover = find(Takeover.objects.select_related("practice"), takeover_id)
    return found


def _refused(refused: services.TakeoverRefused) -> Problem:
    reasons = [{"field": "set", "says": reason} for reason in refused.reasons[:50]]
    return Problem(409, str(refused), kind="refused", errors=reasons)


@operation("GET", "/takeovers", permission="takeover.read", answers=list[TakeoverRow], whole_office=True)
def list_takeovers(request: HttpRequest) -> Any:
    """Every set that was kept, the newest first."""
    return list(Takeover.objects.order_by("-saved_at", "pk"))


@operation(
    "GET", "/takeovers/{uuid:takeover_id}", permission="takeover.read", answers=TakeoverOut, whole_office=True,
    reads=True,
)  # fmt: skip
def read_takeover(request: HttpRequest, takeover_id: UUID) -> Any:
    """One set: what is wrong with it, or what its loading made, beside what the old system stated."""
    row = _row(takeover_id)
    names = list(row.files.order_by("name").values_list("name", flat=True))
    told = TakeoverRow.from_orm(row).model_dump() | {"files": names}
    if row.state == Takeover.State.LOADED:
        made = selectors.claims_of(row)
        return told | {
            "claims": made.values("encounter").distinct().count(), "lines": len(selectors.line_ids_of(row)),
            "is_good": True, "ties": list(selectors.ledger_ties(row)), "faults": [],
        }  # fmt: skip
    report = services.check_takeover(takeover=row)
    return told | {
        "claims": report.claims, "lines": report.lines, "is_good": report.good, "ties": list(report.ties),
        "faults": list(report.problems[:MOST_FAULTS]),
    }  # fmt: skip


@operation(
    "GET", "/takeovers/{uuid:takeover_id}/faults.csv", permission="takeover.read", produces=BYTES, whole_office=True,
    reads=True,
)  # fmt: skip
def download_takeover_faults(request: HttpRequest, takeover_id: UUID) -> Any:
    """Every fault of the set as CSV, each with its place and its fix."""
    report = services.check_takeover(takeover=_row(takeover_id))
    return as_bytes(error_sheet(report.problems), BYTES, "takeover-faults.csv")


@operation("GET", "/takeovers/templates/{slug:file}", permission="takeover.read", produces=BYTES, whole_office=True)
def download_takeover_template(request: HttpRequest, file: str) -> HttpResponse:
    """The header of one file of a set with a made-up row, as CSV."""
    if file not in FILES:
        raise Problem(404, f"There is no such file: {', '.join(FILES)}")
    return as_bytes(template(file), BYTES, f"{file}.csv")


@operation(
    "POST", "/takeovers", permission="takeover.work", answers=TakeoverOut, status=201, whole_office=True, reads=True
)
def save_a_takeover(request: HttpRequest, payload: SaveTakeover) -> Any:
    """Keep a set and the old system's totals; of a set kept before, files of the same name are replaced. Nothing posts."""
    files: dict[str, bytes] = {}
    for at, one in enumerate(payload.files):
        try:
            files[one.name] = b64decode(one.content, validate=True)
        except (NotBase64, ValueError):
            errors = [{"field": f"files.{at}.content", "says": "is no base64"}]
            raise Problem(422, "A file's bytes are sent in base64.", errors=errors) from None
    totals = ControlTotals(
        insurance=payload.insurance, patient=payload.patient, credits=payload.credits, by_payer=payload.by_payer
    )
    row = services.save_takeover(
        practice=find(Practice, payload.practice_id), name=payload.name, files=files, totals=totals, as_of=payload.as_of
    )
    return read_takeover(request, row.pk)


@operation(
    "POST", "/takeovers/{uuid:takeover_id}/load", permission="takeover.work", answers=TakeoverLoaded, whole_office=True
)
def load_a_takeover(request: HttpRequest, takeover_id: UUID) -> Any:
    """Make everything of the set, or nothing: patients, claims, balances, denials, plans."""
    try:
        return services.load_takeover(takeover=_row(takeover_id))
    except services.TakeoverRefused as refused:
        raise _refused(refused) from None


@operation(
    "POST", "/takeovers/{uuid:takeover_id}/undo", permission="takeover.work", answers=TakeoverUndone, whole_office=True
)
def undo_a_takeover(request: HttpRequest, takeover_id: UUID, payload: UndoTakeover) -> Any:
    """Take the loading back. Refused, naming each, where anything was posted, sent or worked on since."""
    try:
        return {"lines": services.undo_takeover(takeover=_row(takeover_id), reason=payload.reason)}
    except services.TakeoverRefused as refused:
        raise _refused(refused) from None
