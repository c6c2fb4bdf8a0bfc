"""LIN: charges, units, place and control number of the lines."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from claimwright.claims.nouns import ZERO, Claim
from claimwright.codes.modifiers import modifier_group
from claimwright.edits.compiled import MOST_CODES
from claimwright.edits.facts import NOT_EFFECTIVE, UNANSWERED_STATES, UNKNOWN, Facts
from claimwright.edits.families import lin_drugs, lin_prices, lin_transport
from claimwright.edits.mends import recalculate_total, renumber_lines
from claimwright.edits.places import lines_of, place_of
from claimwright.edits.shapes import CMS, FRONT_END, REJECT, TR3, Hits, Unanswered, edit
from claimwright.edits.tables import (
    ANESTHESIA,
    ANESTHESIA_BY_UNIT,
    BILL_PLACES,
    FRACTIONAL_UNITS,
    FREE_REVENUE,
    QUALITY_CODES,
    UNIT_PLACES,
)

GUIDE = "005010X222A1"
MANUAL = "Medicare Claims Processing Manual 100-04"


@edit(
    "LIN01",
    REJECT,
    says="The lines sum to {0}, the claim says {1}",
    fix="Totals differ: recalculate",
    cites=[TR3(GUIDE, "2300 CLM02")],
    mends=recalculate_total,
)
def lines_sum_to_the_total(claim: Claim, facts: Facts) -> Hits:
    total = sum((line.charge for line in claim.lines), ZERO)
    if total != claim.total_charge:
        yield "total_charge", total, claim.total_charge


_PERFORMANCE_MEASURE = re.compile(r"[0-9]{4}F\Z")  # category II codes report and cost nothing


def _reports_quality(code: str) -> bool:
    return bool(_PERFORMANCE_MEASURE.match(code)) or any(codes.holds(code) for codes in QUALITY_CODES)


@edit(
    "LIN02",
    REJECT,
    says="The charge is {0}",
    fix="Enter the charge",
    cites=[FRONT_END("Clearinghouse edits", "2400 SV102"), TR3(GUIDE, "2400 SV102")],
    mends=lin_prices.charge_of_the_master,
)
def charges_are_positive(claim: Claim, facts: Facts) -> Hits:
    for path, line in lines_of(claim):
        if line.charge > ZERO:
            continue
        if line.charge == ZERO and claim.kind == "I" and line.revenue_code.startswith(FREE_REVENUE):
            continue
        free = claim.transaction_type != "CH" or _reports_quality(line.procedure_code)
        if line.charge < ZERO or (line.charge == ZERO and not free):
            yield f"{path}.charge", line.charge


@edit(
    "LIN03",
    REJECT,
    says="{0} units: not above zero, or a fraction where none is allowed",
    fix="Fix the units",
    cites=[TR3(GUIDE, "2400 SV104"), CMS(MANUAL, "chapter 15, 30 fractional mileage")],
)
def units_are_whole_and_positive(claim: Claim, facts: Facts) -> Hits:
    for path, line in lines_of(claim):
        if line.units == 1:
            continue
        places = _places(line.units)
        fractional = line.unit_basis == "UN" and any(codes.holds(line.procedure_code) for codes in FRACTIONAL_UNITS)
        if line.units <= 0 or places > (UNIT_PLACES if fractional else 0):
            yield f"{path}.units", line.units


def _places(units: Decimal) -> int:
    if units.is_finite() and units == units.to_integral_value():
        return 0
    exponent = units.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else UNIT_PLACES + 1  # not a number


@lru_cache(maxsize=MOST_CODES)
def _is_timed_anesthesia(code: str) -> bool:
    return ANESTHESIA.holds(code) and code.isdigit() and code not in ANESTHESIA_BY_UNIT


@edit(
    "LIN04",
    REJECT,
    says="Code {0} is counted in {1}",
    fix="Enter minutes (MJ) for anesthesia, units (UN) for all else",
    cites=[TR3(GUIDE, "2400 SV103")],
)
def minutes_are_for_anesthesia(claim: Claim, facts: Facts) -> Hits:
    for path, line in lines_of(claim):
        timed = claim.kind == "P" and _is_timed_anesthesia(line.procedure_code)  # SV2 and SV3 have no minutes
        if (line.unit_basis == "MJ") != timed:
            yield f"{path}.unit_basis", line.procedure_code, line.unit_basis or "(blank)"


@edit(
    "LIN05",
    REJECT,
    says="Anesthesia code {0} does not say who gave or directed it",
    fix="Add AA, AD, QK, QX, QY or QZ",
    cites=[CMS(MANUAL, "chapter 12, 50")],
)
def anesthesia_says_who_directed(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P":
        return
    for path, line in lines_of(claim):
        if _is_timed_anesthesia(line.procedure_code) and modifier_group("anesthesia").isdisjoint(line.modifiers):
            yield f"{path}.modifiers", line.procedure_code


_TWO_DIGITS = re.compile(r"[0-9]{2}\Z")


@edit(
    "LIN06",
    REJECT,
    says="Place of service (or type of bill) {0} is missing or not a code of the date",
    fix="Set the place of service, or the facility part of the type of bill",
    cites=[TR3(GUIDE, "2300 CLM05-1, 2400 SV105"), CMS("Place of Service Code Set")],
)
def place_of_service_is_known(claim: Claim, facts: Facts) -> Hits:
    if claim.kind == "I":
        bill = claim.institutional.facility_type if claim.institutional is not None else ""
        if bill not in BILL_PLACES:
            yield "institutional.facility_type", bill or "(blank)"
        return
    loaded = facts.code_sets.loaded("pos")
    judged: dict[tuple[str, object], str] = {}
    for path, line in [("", None), *lines_of(claim)]:
        place = claim.place_of_service if line is None else place_of(claim, line)
        on = claim.date_of_service if line is None else line.date_from
        if (place, on) in judged:
            continue
        judged[place, on] = place
        field = f"{path}.place_of_service" if line is not None and line.place_of_service else "place_of_service"
        if not _TWO_DIGITS.match(place):
            yield field, place or "(blank)"
        elif loaded and on is not None:
            state = facts.code_sets.state("pos", place, on)
            if state in (UNKNOWN, NOT_EFFECTIVE):
                yield field, place
            elif state in UNANSWERED_STATES:
                yield Unanswered(field, f"the list of places of service does not cover {on}")


@edit(
    "LIN09",
    REJECT,
    says="Line control number {0} is used by more than one line",
    fix="Regenerate the line's control number",
    cites=[FRONT_END("Claim and line matching", "2400 REF*6R"), TR3(GUIDE, "2400 REF*6R")],
    mends=renumber_lines,
)
def line_control_numbers_differ(claim: Claim, facts: Facts) -> Hits:
    seen: set[str] = set()
    for path, line in lines_of(claim):
        if line.control_number and line.control_number in seen:
            yield f"{path}.control_number", line.control_number
        seen.add(line.control_number)


_OWN = (
    lines_sum_to_the_total,
    charges_are_positive,
    units_are_whole_and_positive,
    minutes_are_for_anesthesia,
    anesthesia_says_who_directed,
    place_of_service_is_known,
    line_control_numbers_differ,
)
_PARTS = (lin_drugs.EDITS, lin_prices.EDITS, lin_transport.EDITS)
EDITS = tuple(sorted((*_OWN, *(each for part in _PARTS for each in part)), key=lambda each: each.id))
