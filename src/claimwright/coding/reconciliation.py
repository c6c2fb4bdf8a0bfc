"""What was done and not charged, charged and not documented, or left lying: one finder for each worklist.

All take what is known of visits and answer with gaps; none changes anything. A gap's key is the same as long as the gap
is, so that raising it twice is once and what is no longer found can be closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.basis import Noun
from claimwright.codes.evaluation_management import is_evaluation_management
from claimwright.coding.states import AWAITING_CHARGES, EXITS, EncounterState

_S = EncounterState
NOT_CHARGED = frozenset((_S.ARRIVED, _S.NOTE_OPEN, *AWAITING_CHARGES))


class GapKind(StrEnum):
    ARRIVED_WITHOUT_NOTE = "arrived_without_note"
    NOTE_WITHOUT_CHARGE = "note_without_charge"
    DOCUMENTED_WITHOUT_LINE = "documented_without_line"
    LINE_WITHOUT_DOCUMENTATION = "line_without_documentation"
    LAB_RESULT_WITHOUT_CHARGE = "lab_result_without_charge"
    CHARGE_LAG = "charge_lag"


class Limits(Noun, frozen=True):
    """How long is too long; a practice may set its own."""

    note_hours: int = 48  # domain section 3
    charge_days: int = 3  # from the date of service to the charge


class Documented(Noun, frozen=True):
    """Something the record says was done. `kind`: procedure, drug, lab, visit. A lab result has the day it came."""

    kind: str = "procedure"
    code: str = ""
    units: Decimal = Decimal(1)
    source: str = ""  # note id and section, administration record, result id
    evidence: str = ""
    resulted_on: date | None = None
    billed_elsewhere: bool = False  # the reference laboratory or hospital bills it


class ChargedLine(Noun, frozen=True):
    line: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)


class VisitRecord(Noun, frozen=True):
    """What is known of one encounter. `documented` None: nobody read the note for services, so nothing is said of them.

    `arrived_at` and `note_signed_at` are moments of one kind, both with a time zone or both without, as is `now`.
    """

    encounter: str = ""
    state: EncounterState = EncounterState.SCHEDULED
    date_of_service: date | None = None
    arrived_at: datetime | None = None
    note_signed_at: datetime | None = None
    note_signed_on: date | None = None
    documented: tuple[Documented, ...] | None = None
    lines: tuple[ChargedLine, ...] = ()


class Gap(Noun, frozen=True):
    """One thing to clear up. `key` names it for good; words hold codes and counts, no patient value."""

    kind: GapKind
    encounter: str = ""
    key: str = ""
    reason: str = ""
    fix: str = ""
    codes: tuple[str, ...] = ()
    due: date | None = None


def _gap(kind: GapKind, visit: VisitRecord, reason: str, fix: str, code: str = "", due: date | None = None) -> Gap:
    key = f"{kind}:{visit.encounter}" + (f":{code}" if code else "")
    return Gap(
        kind=kind, encounter=visit.encounter, key=key, reason=reason, fix=fix, codes=(code,) if code else (), due=due
    )


def arrived_without_note(visits: Iterable[VisitRecord], now: datetime, limits: Limits = Limits()) -> Iterator[Gap]:
    """Patients who came more than 48 hours ago and whose note is not signed."""
    for visit in visits:
        if visit.state not in (_S.ARRIVED, _S.NOTE_OPEN) or visit.arrived_at is None:
            continue
        waited = now - visit.arrived_at
        if waited > timedelta(hours=limits.note_hours):
            word = "no note" if visit.state is _S.ARRIVED else "an unsigned note"
            hours = waited // timedelta(hours=1)
            yield _gap(
                GapKind.ARRIVED_WITHOUT_NOTE, visit, f"Arrived {hours} hours ago and has {word}",
                "Ask the provider to sign the note, or mark the visit as not billable with a reason",
            )  # fmt: skip


def note_without_charge(visits: Iterable[VisitRecord], today: date) -> Iterator[Gap]:
    """Notes signed before today on which nothing was charged."""
    for visit in visits:
        signed = visit.note_signed_on
        if visit.state in AWAITING_CHARGES and signed is not None and signed < today and not visit.lines:
            yield _gap(
                GapKind.NOTE_WITHOUT_CHARGE, visit, f"The note was signed on {signed} and nothing is charged",
                "Code the visit, or mark it as not billable with a reason",
            )  # fmt: skip


def _units_by_code(visit: VisitRecord) -> dict[str, Decimal]:
    """Units charged by code; wasted drug is no service that was documented as given."""
    found: dict[str, Decimal] = {}
    for line in visit.lines:
        if "JW" not in line.modifiers:
            found[line.code] = found.get(line.code, Decimal(0)) + line.units
    return found


def documented_without_line(visits: Iterable[VisitRecord]) -> Iterator[Gap]:
    """Procedures, drugs and injections in the record for which no line, or too few units, are charged."""
    for visit in visits:
        if visit.documented is None or visit.state in EXITS or not visit.lines:
            continue  # a visit without any line is on the list of notes without charge
        charged = _units_by_code(visit)
        done: dict[str, Decimal] = {}
        sources: dict[str, str] = {}
        for service in visit.documented:
            if service.kind in ("procedure", "drug") and not service.billed_elsewhere:
                done[service.code] = done.get(service.code, Decimal(0)) + service.units
                sources.setdefault(service.code, service.source)
        for code, units in done.items():
            have = charged.get(code, Decimal(0))
            if have < units:
                yield _gap(
                    GapKind.DOCUMENTED_WITHOUT_LINE, visit,
                    f"{code}: {units.normalize():f} documented ({sources[code] or 'note'}), {have.normalize():f} charged",
                    "Add the line or its units, or record why it is not billed", code,
                )  # fmt: skip


def line_without_documentation(visits: Iterable[VisitRecord]) -> Iterator[Gap]:
    """Charged lines that the record does not show. A visit is shown by its signed note."""
    for visit in visits:
        if visit.documented is None or visit.state in EXITS:
            continue
        shown = {service.code for service in visit.documented}
        for code in _units_by_code(visit):
            by_note = is_evaluation_management(code) and visit.note_signed_on is not None
            if code not in shown and not by_note:
                yield _gap(
                    GapKind.LINE_WITHOUT_DOCUMENTATION, visit, f"{code} is charged and the record does not show it",
                    "Find it in the record, ask the provider, or remove the line", code,
                )  # fmt: skip


def lab_result_without_charge(visits: Iterable[VisitRecord]) -> Iterator[Gap]:
    """Results of tests that were run here and not charged."""
    for visit in visits:
        if visit.documented is None or visit.state in EXITS:
            continue
        charged = _units_by_code(visit)
        for service in visit.documented:
            missing = service.kind == "lab" and service.resulted_on is not None and not service.billed_elsewhere
            if missing and service.code not in charged:
                yield _gap(
                    GapKind.LAB_RESULT_WITHOUT_CHARGE, visit,
                    f"{service.code}: a result came on {service.resulted_on} and no test is charged",
                    "Charge the test, or record that another laboratory bills it", service.code,
                )  # fmt: skip


def charge_lag(visits: Iterable[VisitRecord], today: date, limits: Limits = Limits()) -> Iterator[Gap]:
    """Visits whose charges are not locked so many days after the date of service."""
    for visit in visits:
        if visit.state not in NOT_CHARGED or visit.date_of_service is None:
            continue
        due = visit.date_of_service + timedelta(days=limits.charge_days)
        if today > due:
            days, state = (today - visit.date_of_service).days, visit.state.lower().replace("_", " ")
            yield _gap(
                GapKind.CHARGE_LAG, visit, f"{days} days after the date of service the visit is {state}",
                "Finish the note, the coding or the query it waits for", due=due,
            )  # fmt: skip


def all_gaps(visits: Iterable[VisitRecord], now: datetime, today: date, limits: Limits = Limits()) -> tuple[Gap, ...]:
    """Every gap of every kind, each once."""
    visits = tuple(visits)
    found = (
        *arrived_without_note(visits, now, limits),
        *note_without_charge(visits, today),
        *documented_without_line(visits),
        *line_without_documentation(visits),
        *lab_result_without_charge(visits),
        *charge_lag(visits, today, limits),
    )
    return tuple({gap.key: gap for gap in found}.values())


def mean_charge_lag_days(charged: Iterable[tuple[date, date]]) -> Decimal | None:
    """Mean days from the date of service to the charge, one decimal, over (date of service, charged on) pairs."""
    days = [(on - served).days for served, on in charged]
    return (Decimal(sum(days)) / len(days)).quantize(Decimal("0.1")) if days else None
