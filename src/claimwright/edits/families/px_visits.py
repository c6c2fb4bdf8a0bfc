"""PX: visits. New or known patient, the level against the note, and what a procedure's global period already pays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from claimwright.claims.nouns import Claim, Line
from claimwright.codes.dates import add_months
from claimwright.codes.evaluation_management import (
    NEW_PATIENT_YEARS,
    DecisionMaking,
    Requirement,
    is_evaluation_management,
    is_new_patient,
    leveled_codes,
    levels,
    requirement,
)
from claimwright.codes.global_periods import covers, furthest_back, is_major, is_minor
from claimwright.edits.facts import Facts
from claimwright.edits.history import lines_before, may_be_same_specialty, saw_the_patient
from claimwright.edits.places import dated_lines_of, rendering_npi
from claimwright.edits.records import EncounterRecord
from claimwright.edits.schedule import SCHEDULE, gap, global_days
from claimwright.edits.shapes import CMS, CODE_SET, HOLD, Citation, Hits, Unanswered, edit
from claimwright.edits.shared import once_a_claim, once_with_facts
from claimwright.edits.tables import TWO_VISITS_CONDITION

GUIDELINES = "CPT evaluation and management guidelines"
MANUAL = "Medicare Claims Processing Manual 100-04"
HISTORY = ("prior_claims",)

# Units beside another visit code: 99292 and 99467 critical care, 99415-99418 prolonged, 99486 transport.
VISIT_ADD_ONS = frozenset(("99292", "99415", "99416", "99417", "99418", "99467", "99486"))
ESTABLISHED_CODES = {
    **{f"9920{n}": f"9921{n}" for n in "2345"},  # the same level of decision making
    **{f"9938{n}": f"9939{n}" for n in "1234567"},  # the same age
    **{"92002": "92012", "92004": "92014"},
    **{"99341": "99347", "99342": "99348", "99344": "99349", "99345": "99350"},
}
NEW_PATIENT_MONTHS = 12 * NEW_PATIENT_YEARS
# FT says of critical care since 2022 what 24 and 25 say of visits (100-04 chapter 12, 30.6.12.K).
SEPARATE = frozenset(("25", "27", "FT"))
DECISION = frozenset(("57", "25", "FT"))
UNRELATED = frozenset(("24", "57", "FT"))
# Leaving the hospital and coming to a nursing facility on one day are both paid (100-04 chapter 12, 30.6.9.2).
LEAVING, ARRIVING = frozenset(("99238", "99239")), frozenset(("99304", "99305", "99306"))
SURGERY_AGAIN = frozenset(("58", "78", "79", "55", "56"))
WINDOWS = frozenset(("000", "010", "090"))
FREE = frozenset(("", "XXX", "YYY", "ZZZ", "MMM"))
# Lines whose surgeon's global period is not the biller's: assistants, tests' machines, care handed over.
NOT_THE_SURGEON = frozenset(("80", "81", "82", "AS", "TC", "55", "56"))


# Visits to a hospital's clinics and to its emergency rooms that are not open all day (100-04 chapter 4, 160, 180.4).
FACILITY_VISITS = frozenset(("G0463", "G0380", "G0381", "G0382", "G0383", "G0384"))


@once_a_claim
def _visits_of(claim: Claim) -> list[tuple[str, Line, date]]:
    return [
        (f"lines[{index}]", line, line.date_from)
        for index, line in enumerate(claim.lines)
        if (
            is_evaluation_management(line.procedure_code)
            or (claim.kind == "I" and line.procedure_code in FACILITY_VISITS)
        )
        and line.procedure_code not in VISIT_ADD_ONS
        and line.date_from is not None
    ]


@edit(
    "PX06",
    HOLD,
    says="{0} is for a new patient, but this one was seen on {1} ({2})",
    fix="Use the code for an established patient: {3}",
    cites=[CODE_SET(GUIDELINES, "new and established patient"), CMS(MANUAL, "chapter 12, 30.6.7")],
    needs=HISTORY,
)
def new_patient_is_new(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P":  # a facility's visit levels have rules of their own (100-04 chapter 4, 160)
        return
    for index, line in enumerate(claim.lines):
        on = line.date_from
        if on is None or not is_new_patient(line.procedure_code):
            continue
        since = add_months(on, -NEW_PATIENT_MONTHS)
        seen = [old for old in lines_before(claim, facts) if since < old.date_from < on and saw_the_patient(old)]
        seen = [old for old in seen if may_be_same_specialty(claim, line, facts, old.rendering_npi)]
        if seen:
            last = max(seen, key=lambda old: old.date_from)
            other = ESTABLISHED_CODES.get(line.procedure_code, "see the code book")
            yield f"lines[{index}].procedure_code", line.procedure_code, last.date_from, last.procedure_code, other


@edit(
    "PX07",
    HOLD,
    says="{0} and {1} are two visits to one provider on {2}, and neither has 25 or 27",
    fix="Combine them into one level, or add 25 to the one that is documented as separate",
    cites=[CODE_SET(GUIDELINES, "modifiers 25 and 27"), CMS(MANUAL, "chapter 12, 30.6.5 and 30.6.6")],
)
def visits_of_a_day_are_told_apart(claim: Claim, facts: Facts) -> Hits:
    visits = _visits_of(claim)
    if len(visits) < 2 or (claim.kind == "I" and TWO_VISITS_CONDITION in claim.condition_codes):
        return
    plain: dict[tuple[date, str], str] = {}
    for path, line, on in visits:
        if SEPARATE.isdisjoint(line.modifiers):
            key = (on, rendering_npi(claim, line))
            if key in plain and not _is_transfer(plain[key], line.procedure_code):
                yield f"{path}.modifiers", plain[key], line.procedure_code, on
            plain.setdefault(key, line.procedure_code)


def _is_transfer(one: str, other: str) -> bool:
    return (one in LEAVING and other in ARRIVING) or (one in ARRIVING and other in LEAVING)


# The level against the note -----------------------------------------------------------------------------------------


def _documented(encounter: EncounterRecord) -> DecisionMaking | None:
    """The level that two of the three elements reach; None where fewer than two are documented."""
    elements = (encounter.problems, encounter.data, encounter.risk)
    found = sorted((level for word in elements if (level := DecisionMaking.named(word)) is not None), reverse=True)
    return found[1] if len(found) > 1 else None


def _asks(need: Requirement) -> str:
    ways = []
    if need.decision_making is not None:
        ways.append(f"{need.decision_making.name.lower()} decision making")
    if need.minutes is not None:
        ways.append(f"{need.minutes} minutes")
    return " or ".join(ways)


def _supported(need: Requirement, level: DecisionMaking | None, minutes: int | None, on: date) -> str:
    """The highest code of the setting that the note reaches."""
    reached = [
        row.code
        for row in levels(need.setting, need.patient, on)
        if row.asks_nothing or row.met_by_decision_making(level) or row.met_by_minutes(minutes)
    ]
    return reached[-1] if reached else "a service that is documented"


@edit(
    "PX08",
    HOLD,
    says="{0} asks {1}; the note has {2}",
    fix="Lower the level to what the note supports ({3}), or query the provider",
    cites=[
        CODE_SET(GUIDELINES, "medical decision making, two of three elements; time"),
        CMS(MANUAL, "chapter 12, 30.6"),
    ],
    needs=("encounter",),
)
def level_is_documented(claim: Claim, facts: Facts) -> Hits:
    encounter = facts.encounter
    if encounter is None or not (encounter.minutes is not None or encounter.problems or encounter.data):
        return
    if claim.kind != "P":
        return
    leveled = leveled_codes()
    level, minutes = _documented(encounter), encounter.minutes
    for index, line in enumerate(claim.lines):
        code, on = line.procedure_code, line.date_from
        if code not in leveled or on is None:
            continue
        path, need = f"lines[{index}]", requirement(code, on)
        if need is None:
            yield Unanswered(f"{path}.procedure_code", f"no table says what {code} asks on {on}")
        elif level is None and (minutes is None or need.minutes is None):
            continue  # nothing documented that this code could be judged by
        elif not (need.asks_nothing or need.met_by_decision_making(level) or need.met_by_minutes(minutes)):
            has = [f"{level.name.lower()} decision making"] if level is not None else []
            has += [f"{minutes} minutes"] if minutes is not None else []
            yield f"{path}.procedure_code", code, _asks(need), " and ".join(has), _supported(need, level, minutes, on)


# Procedures and the days they pay for -------------------------------------------------------------------------------


@edit(
    "PX09",
    HOLD,
    says="Visit {0} stands with minor procedure {1} of the same day, without 25",
    fix="Add 25 only if the note shows a visit of its own; else leave the visit out",
    cites=[
        Citation("N", "NCCI Policy Manual", "chapter 1, D evaluation and management"),
        CMS(MANUAL, "chapter 12, 40.1 and 30.6.6"),
    ],
    needs=SCHEDULE,
)
def visit_beside_a_minor_procedure_has_25(claim: Claim, facts: Facts) -> Hits:
    if len(claim.lines) < 2 or claim.kind != "P":  # global periods are the surgeon's, not the facility's
        return
    for path, visit, on in _visits_of(claim):
        if "25" in visit.modifiers or "FT" in visit.modifiers:
            continue
        for line in claim.lines:
            code = line.procedure_code
            if line.date_from != on or is_evaluation_management(code):
                continue
            days = global_days(facts.relative_values, code, on)
            if days is None:
                yield gap(f"{path}.modifiers", on)
                break
            if is_minor(days) and NOT_THE_SURGEON.isdisjoint(line.modifiers):
                if rendering_npi(claim, line) == rendering_npi(claim, visit):
                    yield f"{path}.modifiers", visit.procedure_code, code
                    break


class _Operation(NamedTuple):
    """A line that may be a procedure with a global period: of the history, or of this claim."""

    code: str
    modifiers: tuple[str, ...]
    day: date
    npi: str
    here: bool

    def may_reach(self, claim: Claim, line: Line, on: date, facts: Facts) -> bool:
        """Whether its period could reach a line of that day: near enough, and of the same surgeon."""
        if not furthest_back(on) <= self.day <= on + timedelta(days=1):
            return False
        return self.npi == rendering_npi(claim, line) or (
            not self.here and may_be_same_specialty(claim, line, facts, self.npi)
        )


@once_with_facts
def _operations(claim: Claim, facts: Facts) -> list[_Operation]:
    """What might have a global period: no visits, and nothing that another surgeon was paid for."""
    first = claim.date_of_service
    if first is None:
        return []
    since, table = furthest_back(first), facts.relative_values
    found = [
        _Operation(old.procedure_code, old.modifiers, old.date_from, old.rendering_npi, False)
        for old in lines_before(claim, facts)
        if old.date_from >= since
        and global_days(table, old.procedure_code, old.date_from) not in FREE
        and not is_evaluation_management(old.procedure_code)
        and NOT_THE_SURGEON.isdisjoint(old.modifiers)
    ]
    for line in claim.lines:
        code, on = line.procedure_code, line.date_from
        if on is None or global_days(table, code, on) in FREE or is_evaluation_management(code):
            continue
        if NOT_THE_SURGEON.isdisjoint(line.modifiers):
            found.append(_Operation(code, line.modifiers, on, rendering_npi(claim, line), True))
    return found


def _asked_of_a_visit(days: str, surgery: date, on: date, here: bool) -> frozenset[str]:
    """The modifiers of which a visit in a global period needs one; empty where it is free or PX09 asks."""
    if on > surgery:
        return UNRELATED
    if is_major(days):
        return DECISION
    return frozenset() if here else SEPARATE


@edit(
    "PX11",
    HOLD,
    says="Visit {0} on {1} lies in the global period of {2} on {3}",
    fix="It is paid with the surgery; if it is not part of it and the note says so, add {4}",
    cites=[CMS(MANUAL, "chapter 12, 40.1 to 40.2"), CMS("42 CFR 414.40", "global surgery")],
    needs=(*HISTORY, *SCHEDULE),
)
def visit_is_outside_global_periods(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P" or (len(claim.lines) < 2 and not facts.prior_claims):
        return
    visits = _visits_of(claim)
    operations = _operations(claim, facts) if visits else ()
    for path, line, on in visits:
        for done in operations:
            days = global_days(facts.relative_values, done.code, done.day)
            if not (days in WINDOWS or days is None) or not done.may_reach(claim, line, on, facts):
                continue
            if days is None:
                yield gap(f"{path}.modifiers", done.day)
                break
            if not covers(days, done.day, on) or (
                on > done.day and "54" in done.modifiers
            ):  # 54: care after handed over
                continue
            asked = _asked_of_a_visit(days, done.day, on, done.here)
            if asked and asked.isdisjoint(line.modifiers):
                words = " or ".join(sorted(asked - {"FT"}))
                yield f"{path}.modifiers", line.procedure_code, on, done.code, done.day, words
                break


@edit(
    "PX12",
    HOLD,
    says="{0} on {1} lies in the global period of {2} on {3}",
    fix="Add 58 (staged), 78 (return to the operating room) or 79 (unrelated), as documented",
    cites=[CMS(MANUAL, "chapter 12, 40.2 A.5 to A.8")],
    needs=(*HISTORY, *SCHEDULE),
)
def procedure_is_outside_global_periods(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P" or (not facts.prior_claims and len({line.date_from for line in claim.lines}) < 2):
        return
    table = facts.relative_values
    operations = _operations(claim, facts)
    if not operations:
        return
    for path, line, on in dated_lines_of(claim):
        if is_evaluation_management(line.procedure_code) or not SURGERY_AGAIN.isdisjoint(line.modifiers):
            continue
        own = global_days(table, line.procedure_code, on)
        for done in operations:
            if done.day >= on or own in FREE or not done.may_reach(claim, line, on, facts):
                continue
            days = global_days(table, done.code, done.day)
            if own is None or days is None:
                yield gap(f"{path}.modifiers", on if own is None else done.day)
                break
            if covers(days, done.day, on):
                yield f"{path}.modifiers", line.procedure_code, on, done.code, done.day
                break


EDITS = (
    new_patient_is_new,
    visits_of_a_day_are_told_apart,
    level_is_documented,
    visit_beside_a_minor_procedure_has_25,
    visit_is_outside_global_periods,
    procedure_is_outside_global_periods,
)
