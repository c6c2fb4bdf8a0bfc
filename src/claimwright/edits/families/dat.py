"""DAT: the dates of a claim against each other."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date

from claimwright.claims.nouns import Claim
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.facts import Facts
from claimwright.edits.families import dat_stays
from claimwright.edits.payer_profile import DateRule
from claimwright.edits.places import (
    dated_lines_of,
    first_day_of,
    is_inpatient,
    lines_of,
    place_of,
    through,
)
from claimwright.edits.shapes import CMS, FRONT_END, PAYER, REJECT, TR3, WARN, Hit, Hits, edit
from claimwright.edits.tables import ADMITTED_BILLS, INPATIENT_PLACES, ONSET_OCCURRENCE

GUIDE = "005010X222A1"
COUNTRIES_WITH_STATES = frozenset(("", "US", "USA", "CA", "CAN"))  # for others CLM11-5 alone says where


@edit(
    "DAT01",
    REJECT,
    says="The date of service is missing or in the future",
    fix="Fix the date of service",
    cites=[TR3(GUIDE, "2400 DTP*472")],
)
def service_date_is_past(claim: Claim, facts: Facts) -> Hits:
    if not claim.lines:
        yield "lines", "(none)"
    undated = yield from _undated_lines_are_right(claim, facts)
    for path, line in lines_of(claim):
        if (line.date_from is None and not undated) or (line.date_from is not None and line.date_from > facts.today):
            yield f"{path}.date_from", line.date_from or "(none)"
        if line.date_to is not None and line.date_to > facts.today:
            yield f"{path}.date_to", line.date_to


def _undated_lines_are_right(claim: Claim, facts: Facts) -> Generator[Hit, None, bool]:
    """Whether lines may go without a date, after what is wrong with the dates that stand for them."""
    if claim.kind == "P":
        return False
    if claim.dental is not None:
        first = claim.dental.service_from
        if first is not None and first > facts.today:
            yield "dental.service_from", first
        return first is not None or claim.dental.predetermination
    if claim.institutional is None:
        return False
    for field in ("statement_from", "statement_through"):
        day = getattr(claim.institutional, field)
        if day is None or day > facts.today:
            yield f"institutional.{field}", day or "(none)"
    # Outpatient services of several days are told apart by their own dates: 005010X223A2 2400 DTP*472.
    return is_inpatient(claim) or claim.institutional.statement_from == claim.institutional.statement_through


@edit(
    "DAT02",
    REJECT,
    says="The service begins on {0}, after it ends on {1}",
    fix="Fix the range of dates",
    cites=[TR3(GUIDE, "2400 DTP*472 RD8")],
)
def service_begins_before_it_ends(claim: Claim, facts: Facts) -> Hits:
    stay = claim.institutional
    if stay is not None and stay.statement_from and stay.statement_through:
        if stay.statement_from > stay.statement_through:
            yield "institutional.statement_through", stay.statement_from, stay.statement_through
    for path, line, start in dated_lines_of(claim):
        if line.date_to is not None and start > line.date_to:
            yield f"{path}.date_to", start, line.date_to


@edit(
    "DAT03",
    REJECT,
    says="The date of service is before the patient's birth",
    fix="Fix the date of birth or of service",
    cites=[FRONT_END("Clearinghouse edits", "DMG02 against DTP*472")],
)
def patient_was_born(claim: Claim, facts: Facts) -> Hits:
    born = claim.patient.birth_date
    if born is not None:
        for path, _, start in dated_lines_of(claim):
            if start < born:
                yield f"{path}.date_from", start


@edit(
    "DAT04",
    REJECT,
    says="The services run from {0} to {1}, across a {2} that the payer keeps apart",
    fix="Split the claim by {2}",
    cites=[PAYER("Payer billing manual", "claims that span months or years")],
    needs=("payer",),
)
def span_stays_in_its_period(claim: Claim, facts: Facts) -> Hits:
    payer = facts.payer
    if payer is None or not payer.span_limit or is_inpatient(claim):  # a stay is billed whole
        return
    for path, start, end in _spans(claim, payer.span_scope):
        if start.year != end.year or (payer.span_limit == "month" and start.month != end.month):
            yield path, start, end, payer.span_limit


def _spans(claim: Claim, scope: str) -> list[tuple[str, date, date]]:
    if scope == "line":
        return [(f"{path}.date_to", start, through(line) or start) for path, line, start in dated_lines_of(claim)]
    start, end = first_day_of(claim), claim.date_through
    return [] if start is None or end is None else [("lines", start, end)]


@edit(
    "DAT05",
    REJECT,
    says="{0} (place of service, or type of bill) is of a stay and the admission date is missing",
    fix="Add the admission date",
    cites=[TR3(GUIDE, "2300 DTP*435"), CMS("CMS 5010 837P edits", "X222.156.2300.DTP")],
)
def inpatient_has_an_admission(claim: Claim, facts: Facts) -> Hits:
    if claim.admission_date is None and claim.kind == "I":
        bill = claim.institutional.facility_type if claim.institutional is not None else ""
        if bill in ADMITTED_BILLS:
            yield "admission_date", bill
    elif claim.admission_date is None and claim.kind == "P":  # 837D has no place for it
        places = [claim.place_of_service, *(place_of(claim, line) for line in claim.lines)]
        for place in dict.fromkeys(places):
            if place in INPATIENT_PLACES:
                yield "admission_date", place


@edit(
    "DAT06",
    REJECT,
    says="Discharged on {0}, before the admission on {1}",
    fix="Fix the dates",
    cites=[FRONT_END("Clearinghouse edits", "DTP*096 against DTP*435")],
)
def discharge_follows_admission(claim: Claim, facts: Facts) -> Hits:
    admitted, discharged = claim.admission_date, claim.discharge_date
    if admitted is None:
        return
    if discharged is not None and discharged < admitted:
        yield "discharge_date", discharged, admitted
    elif claim.institutional is not None:  # whose discharge is on the statement's last day
        last = claim.institutional.statement_through
        if last is not None and last < admitted:
            yield "institutional.statement_through", last, admitted


@edit(
    "DAT07",
    REJECT,
    says="An accident is named and its date is missing or after the service",
    fix="Fix the accident date",
    cites=[TR3(GUIDE, "2300 CLM11, DTP*439")],
)
def accident_has_a_date(claim: Claim, facts: Facts) -> Hits:
    happened, on = claim.accident_date, first_day_of(claim)
    if happened is None:
        if "AA" in claim.causes or "OA" in claim.causes:  # EM may be an illness of work, which has no accident
            yield "accident_date", "(none)"
    elif on is not None and happened > on:
        yield "accident_date", happened


@edit(
    "DAT08",
    REJECT,
    says="An auto accident is named without the state it happened in",
    fix="Add the state",
    cites=[TR3(GUIDE, "2300 CLM11-4")],
)
def auto_accident_has_a_state(claim: Claim, facts: Facts) -> Hits:
    abroad = claim.accident_country.strip().upper() not in COUNTRIES_WITH_STATES
    if "AA" in claim.causes and not claim.accident_state.strip() and not abroad:
        yield "accident_state", ""


_date_rules: ByIdentity[DateRule, CodeIndex[DateRule]] = ByIdentity(
    lambda rules: CodeIndex(((rule.codes,), rule) for rule in rules)
)


@edit(
    "DAT09",
    REJECT,
    says="Code {0} needs the {1}",
    fix="Add the {1}",
    cites=[CMS("Medicare Claims Processing Manual 100-04", "chapter 26, 10.4"), TR3(GUIDE, "2300 DTP 431 454 304 484")],
    needs=("payer",),
)
def codes_dates_are_given(claim: Claim, facts: Facts) -> Hits:
    rules = facts.payer.date_rules if facts.payer is not None and claim.kind == "P" else ()
    by_code = _date_rules(rules)
    if not [line for line in claim.lines if by_code.at(line.procedure_code)]:
        return
    for rule in rules:
        if getattr(claim, rule.field) is None:
            for _, line in lines_of(claim):
                if rule.codes.holds(line.procedure_code, line.modifiers):
                    yield rule.field, line.procedure_code, rule.field.replace("_", " ")
                    break


@edit(
    "DAT10",
    WARN,
    says="The onset on {0} is after the service on {1}",
    fix="Check the onset date",
    cites=[FRONT_END("Clearinghouse edits", "DTP*431 against DTP*472")],
)
def onset_is_before_service(claim: Claim, facts: Facts) -> Hits:
    onset, on = claim.onset_date, first_day_of(claim)
    if claim.institutional is not None:
        days = [one.on for one in claim.institutional.occurrences if one.code == ONSET_OCCURRENCE and one.on]
        onset, on = max(days, default=None), claim.date_through
    if onset is not None and on is not None and onset > on:
        yield "onset_date", onset, on


@edit(
    "DAT11",
    REJECT,
    says="Code {0} over {1} days with {2} units",
    fix="Split by day, or bill one unit for each day",
    cites=[
        PAYER("Payer billing manual", "span dates"),
        CMS("Medicare Claims Processing Manual 100-04", "26, 10.4 24A"),
    ],
    needs=("payer",),
)
def range_is_allowed(claim: Claim, facts: Facts) -> Hits:
    payer = facts.payer
    if payer is None:
        return
    for path, line, start in dated_lines_of(claim):
        days = ((through(line) or start) - start).days + 1 if line.date_to else 1
        if days < 2:
            continue
        code, modifiers = line.procedure_code, line.modifiers
        single = any(codes.holds(code, modifiers) for codes in payer.single_day_codes)
        daily = any(codes.holds(code, modifiers) for codes in payer.daily_codes)
        if single or (daily and line.units != days):
            yield f"{path}.date_to", code, days, line.units


EDITS = (
    service_date_is_past,
    service_begins_before_it_ends,
    patient_was_born,
    span_stays_in_its_period,
    inpatient_has_an_admission,
    discharge_follows_admission,
    accident_has_a_date,
    auto_accident_has_a_state,
    codes_dates_are_given,
    onset_is_before_service,
    range_is_allowed,
    *dat_stays.EDITS,
)
