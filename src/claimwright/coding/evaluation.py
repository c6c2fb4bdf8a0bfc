"""The level of a visit, with its reasoning as data: decision making by two of three, or time, whichever gives more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import msgspec

from claimwright.claims.basis import Noun
from claimwright.codes import evaluation_management as table
from claimwright.codes.dates import add_months
from claimwright.codes.evaluation_management import DecisionMaking, Requirement
from claimwright.codes.tables import read_table

NEW, ESTABLISHED = "new", "established"
DECISION_MAKING, TIME, BOTH = "decision_making", "time", "both"
PARTS = ("problems", "data", "risk")
_LIMITED_ITEMS, _MODERATE_ITEMS, _EXTENSIVE_CATEGORIES = 2, 3, 2


class Finding(Noun, frozen=True):
    """One thing the note shows for problems or risk: an element of `decision_making_elements.tsv`, how often, and where."""

    element: str
    count: int = 1
    evidence: str = ""  # the excerpt of the note


class DataReviewed(Noun, frozen=True):
    """What was looked at and whom was spoken to. Each unique source, result or order counts once.

    An order counts its result too, so a test ordered at this visit is not counted again as a result.
    """

    external_notes: int = 0
    test_results: int = 0
    test_orders: int = 0
    independent_historian: bool = False
    independent_interpretation: bool = False  # of a test not billed by the same clinician
    discussion: bool = False  # with another clinician or source outside, on management or a test


class Visit(Noun, frozen=True):
    """What is documented of a visit for its level.

    `problems`, `data` and `risk` hold a level's word where a clinician stated one; the findings, where given, are
    counted instead. `minutes` is the billing clinician's own total on the day, without staff and without work that is
    billed apart; None when no time is written. `other_days` are minutes by day from the visit (-1 is the day before),
    which Medicare counts for some prolonged codes only.
    """

    setting: str = "office"
    patient: str = ""  # new or established, where the setting asks
    problem_findings: tuple[Finding, ...] = ()
    data_reviewed: DataReviewed | None = None
    risk_findings: tuple[Finding, ...] = ()
    problems: str = ""
    data: str = ""
    risk: str = ""
    minutes: int | None = None
    other_days: tuple[tuple[int, int], ...] = ()
    medicare: bool = False


class Part(Noun, frozen=True):
    """One of the three parts of decision making: its level, and what gave it. `level` None: nothing documented."""

    part: str
    level: DecisionMaking | None = None
    met_by: tuple[str, ...] = ()  # own words, as data for the screen
    evidence: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()  # elements that no row knows on the date: not counted


class Reasoning(Noun, frozen=True):
    """How the level came about. `decision_making` is the second highest of the three parts."""

    parts: tuple[Part, ...] = ()
    decision_making: DecisionMaking | None = None
    decision_making_code: str = ""
    minutes: int | None = None
    minutes_asked: int | None = None  # of the code that time earns
    time_code: str = ""
    next_code: str = ""  # one level up, and what it would take
    next_decision_making: DecisionMaking | None = None
    next_minutes: int | None = None
    source: str = ""
    missing: tuple[str, ...] = ()  # what would have to be documented for an answer


class Level(Noun, frozen=True):
    """The highest code that the documentation supports; `code` "" when none, and `reasoning.missing` says why."""

    code: str = ""
    basis: str = ""  # decision_making, time, both
    prolonged_code: str = ""
    prolonged_units: int = 0
    reasoning: Reasoning = Reasoning()


class _Element(msgspec.Struct, frozen=True):
    count: int
    level: DecisionMaking
    words: str
    start: date


@lru_cache(maxsize=1)
def _elements() -> dict[tuple[str, str], tuple[_Element, ...]]:
    found: dict[tuple[str, str], tuple[_Element, ...]] = {}
    for row in read_table("decision_making_elements.tsv"):
        level = DecisionMaking.named(row["level"])
        if level is not None:
            key = (row["part"], row["element"])
            made = _Element(int(row["count"]), level, row["words"], date.fromisoformat(row["start"]))
            found[key] = (*found.get(key, ()), made)
    return found


def elements(part: str, on: date) -> tuple[str, ...]:
    """The names of findings that count for problems or risk on the date of service."""
    return tuple(
        dict.fromkeys(
            name for (of, name), rows in _elements().items() if of == part and any(row.start <= on for row in rows)
        )
    )


def _judge(part: str, findings: Iterable[Finding], stated: str, on: date) -> Part:
    findings = tuple(findings)
    if not findings:
        level = DecisionMaking.named(stated)
        return Part(part=part, level=level, met_by=("stated in the record",) if level is not None else ())
    best: DecisionMaking | None = None
    met: list[tuple[DecisionMaking, str, str]] = []
    unknown: list[str] = []
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.element] = totals.get(finding.element, 0) + finding.count
    for finding in {one.element: one for one in findings}.values():
        rows = [row for row in _elements().get((part, finding.element), ()) if row.start <= on]
        if not rows:
            unknown.append(finding.element)
        reached = [row for row in rows if totals[finding.element] >= row.count]
        if reached:
            top = max(reached, key=lambda row: row.level)
            met.append((top.level, top.words, finding.evidence))
            best = top.level if best is None else max(best, top.level)
    gave = [(words, evidence) for level, words, evidence in met if level == best]
    return Part(
        part=part,
        level=best,
        met_by=tuple(words for words, _ in gave),
        evidence=tuple(evidence for _, evidence in gave if evidence),
        unknown=tuple(unknown),
    )


def _judge_data(reviewed: DataReviewed | None, stated: str) -> Part:
    """Limited takes one of two categories, moderate one of three, extensive two of three."""
    if reviewed is None:
        level = DecisionMaking.named(stated)
        return Part(part="data", level=level, met_by=("stated in the record",) if level is not None else ())
    items = reviewed.external_notes + reviewed.test_results + reviewed.test_orders
    with_historian = items + reviewed.independent_historian
    categories = [
        (with_historian >= _MODERATE_ITEMS, f"{with_historian} tests, documents or historians"),
        (reviewed.independent_interpretation, "own interpretation of a test"),
        (reviewed.discussion, "discussion with another clinician or source"),
    ]
    met = tuple(words for holds, words in categories if holds)
    if len(met) >= _EXTENSIVE_CATEGORIES:
        return Part(part="data", level=DecisionMaking.HIGH, met_by=met)
    if met:
        return Part(part="data", level=DecisionMaking.MODERATE, met_by=met)
    if items >= _LIMITED_ITEMS:
        return Part(part="data", level=DecisionMaking.LOW, met_by=(f"{items} tests or documents",))
    if reviewed.independent_historian:
        return Part(part="data", level=DecisionMaking.LOW, met_by=("an independent historian",))
    return Part(part="data", level=DecisionMaking.STRAIGHTFORWARD, met_by=("minimal data or none",))


def parts_of(visit: Visit, on: date) -> tuple[Part, Part, Part]:
    """Problems, data and risk of the visit, each judged apart."""
    return (
        _judge("problems", visit.problem_findings, visit.problems, on),
        _judge_data(visit.data_reviewed, visit.data),
        _judge("risk", visit.risk_findings, visit.risk, on),
    )


def decision_making(parts: Iterable[Part]) -> DecisionMaking | None:
    """Two of three must meet or exceed a level, so it is the second highest; None with fewer than two documented."""
    known = sorted((part.level for part in parts if part.level is not None), reverse=True)
    return known[1] if len(known) > 1 else None


def level(visit: Visit, on: date) -> Level:
    """The highest code that decision making or time supports on the date of service, and why.

    Nothing is chosen that asks for neither (a nurse's visit), nor on a date before the table begins.
    """
    rows = tuple(row for row in table.levels(visit.setting, visit.patient, on) if not row.asks_nothing)
    parts = parts_of(visit, on)
    mdm = decision_making(parts)
    missing = _missing(visit, on, rows, parts, mdm)
    by_decision = _highest(row for row in rows if row.met_by_decision_making(mdm))
    by_time = _highest(row for row in rows if row.met_by_minutes(visit.minutes))
    best = _highest(row for row in (by_decision, by_time) if row is not None)
    above = rows[rows.index(best) + 1] if best is not None and best is not rows[-1] else None
    reasoning = Reasoning(
        parts=parts,
        decision_making=mdm,
        decision_making_code=by_decision.code if by_decision else "",
        minutes=visit.minutes,
        minutes_asked=by_time.minutes if by_time else None,
        time_code=by_time.code if by_time else "",
        next_code=above.code if above else "",
        next_decision_making=above.decision_making if above else None,
        next_minutes=above.minutes if above else None,
        source=best.source if best else "",
        missing=missing,
    )
    if best is None:
        return Level(reasoning=reasoning)
    basis = BOTH if by_decision == by_time else DECISION_MAKING if best == by_decision else TIME
    prolonged_code, units = _prolonged(visit, best, on) if by_time == best else ("", 0)
    return Level(code=best.code, basis=basis, prolonged_code=prolonged_code, prolonged_units=units, reasoning=reasoning)


def _highest(rows: Iterable[Requirement]) -> Requirement | None:
    return max(rows, key=lambda row: row.code, default=None)


def _missing(
    visit: Visit, on: date, rows: tuple[Requirement, ...], parts: tuple[Part, ...], mdm: DecisionMaking | None
) -> tuple[str, ...]:
    if not rows:
        if visit.setting not in table.settings():
            return (f"setting: one of {', '.join(sorted(table.settings()))}",)
        if not visit.patient and table.levels(visit.setting, NEW, on):
            return ("patient: new or established",)
        return ("no levels are tabled for this setting on the date of service",)
    found: list[str] = []
    if mdm is None:
        found += [f"{part.part}: not documented" for part in parts if part.level is None]
    if visit.minutes is None and any(row.minutes is not None for row in rows):
        found.append("minutes: no total time is written")
    return tuple(found)


def _prolonged(visit: Visit, primary: Requirement, on: date) -> tuple[str, int]:
    """Units of prolonged time, where the primary level itself was reached by time."""
    row = table.prolonged(primary.code, on, medicare=visit.medicare)
    if row is None or visit.minutes is None:
        return "", 0
    beside = sum(minutes for day, minutes in visit.other_days if day and -row.days_before <= day <= row.days_after)
    units = row.units(visit.minutes + beside)
    return (row.code, units) if units else ("", 0)


def supports(code: str, visit: Visit, on: date) -> bool | None:
    """Whether the documentation reaches `code` on the date of service; None where nothing can be said."""
    return table.supports(code, on, decision_making=decision_making(parts_of(visit, on)), minutes=visit.minutes)


class PastService(Noun, frozen=True):
    """An earlier professional service to the patient. `specialty` is the taxonomy code, `group` the billing group's id."""

    day: date
    specialty: str = ""
    group: str = ""
    face_to_face: bool = True


def patient_kind(history: Iterable[PastService], on: date, *, specialty: str, group: str) -> tuple[str, date | None]:
    """New or established, and the last service that makes it established.

    Established is who was seen face to face by the same specialty of the same group in the three years before; the
    anniversary itself still counts as within them. Services of the day itself do not.
    """
    earliest = add_months(on, -12 * table.NEW_PATIENT_YEARS)
    days = [
        past.day
        for past in history
        if past.face_to_face and past.specialty == specialty and past.group == group and earliest <= past.day < on
    ]
    return (ESTABLISHED, max(days)) if days else (NEW, None)
