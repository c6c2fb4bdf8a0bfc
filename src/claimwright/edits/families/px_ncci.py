"""PX13 to PX17: the National Correct Coding Initiative. How its tables are applied stands in edits/ncci.py."""

from __future__ import annotations

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts
from claimwright.edits.ncci import (
    DAY_ABSOLUTE,
    EACH_LINE,
    NEVER,
    WITH_MODIFIER,
    Excess,
    conflicts,
    excesses,
    lone_add_ons,
    modifiers_to_document,
    plain,
    why_not_lifted,
)
from claimwright.edits.shapes import HOLD, REJECT, Citation, Hits, Unanswered, edit

MANUAL = "NCCI Policy Manual for Medicare Services"
HISTORY = ("prior_claims",)


def NCCI(document: str, place: str = "") -> Citation:
    return Citation("N", document, place)


@edit(
    "PX13",
    REJECT,
    says="{0} is an add-on code and its primary is not billed on {1} by the same provider: {2}",
    fix="Add primary or remove the add-on code",
    cites=[NCCI("NCCI add-on code file", "types 1, 2 and 3"), NCCI(MANUAL, "chapter 1, R")],
    needs=("add_ons",),
    uses=HISTORY,
)
def add_on_has_its_primary(claim: Claim, facts: Facts) -> Hits:
    for found in lone_add_ons(claim, facts):
        if isinstance(found, Unanswered):
            yield found
        else:
            yield found.path, found.code, found.on, found.wanted


@edit(
    "PX14",
    REJECT,
    says="{1} ({4}) is never paid beside {0} ({3}) on {2}: column 2 of a pair with indicator 0",
    fix="Cannot bill together: drop column 2, code {1}; no modifier lifts this pair",
    cites=[NCCI("NCCI procedure-to-procedure edits", "modifier indicator 0"), NCCI(MANUAL, "chapter 1, E")],
    needs=("procedure_pairs",),
    uses=HISTORY,
)
def pair_is_never_billed_together(claim: Claim, facts: Facts) -> Hits:
    for found in conflicts(claim, facts):
        if isinstance(found, Unanswered):
            yield found
        elif found.pair.indicator == NEVER:
            yield found.path, found.one.code, found.two.code, found.on, found.one.where, found.two.where


@edit(
    "PX15",
    HOLD,
    says="{1} ({4}) is part of {0} ({3}) on {2}: {5}",
    fix="Bundle or document modifier: drop {1}, or, only where the record shows a separate service, give {1} one of {6}",
    cites=[
        NCCI("NCCI procedure-to-procedure edits", "modifier indicator 1"),
        NCCI(MANUAL, "chapter 1, E"),
        NCCI("CMS change request 11168", "59 and X modifiers on either code from 1 July 2019"),
    ],
    needs=("procedure_pairs",),
    uses=HISTORY,
)
def pair_has_its_modifier(claim: Claim, facts: Facts) -> Hits:
    for found in conflicts(claim, facts):
        if isinstance(found, Unanswered):
            yield found
        elif found.pair.indicator == WITH_MODIFIER:
            one, two = found.one, found.two
            why, may = why_not_lifted(found), modifiers_to_document(two.code)
            yield found.path, one.code, two.code, found.on, one.where, two.where, why, may


@edit(
    "PX16",
    REJECT,
    says="{1} units of {0} on {3} ({4}): the payer never takes more than {2} a day",
    fix="Reduce units to {2} for the day{5}",
    cites=[NCCI("NCCI medically unlikely edits", "adjudication indicator 2"), NCCI(MANUAL, "chapter 1, V")],
    needs=("unit_limits",),
    uses=HISTORY,
)
def units_are_possible(claim: Claim, facts: Facts) -> Hits:
    for found in excesses(claim, facts):
        if isinstance(found, Unanswered):
            yield found
        elif found.limit.indicator == DAY_ABSOLUTE:
            units, most = plain(found.units), found.limit.units
            yield f"{found.path}.units", found.limit.code, units, most, found.on, found.where, _one_line(found)


def _one_line(found: Excess) -> str:
    return "; both sides go on one line with modifier 50 and 1 unit" if found.both_sides else ""


@edit(
    "PX17",
    HOLD,
    says="{1} units of {0} on {3} ({4}): above the limit of {2} {5}",
    fix="Split or attach records: {6}",
    cites=[NCCI("NCCI medically unlikely edits", "adjudication indicators 1 and 3"), NCCI(MANUAL, "chapter 1, V")],
    needs=("unit_limits",),
    uses=HISTORY,
)
def units_are_likely(claim: Claim, facts: Facts) -> Hits:
    for found in excesses(claim, facts):
        if isinstance(found, Unanswered):
            yield found
        elif found.limit.indicator != DAY_ABSOLUTE:
            units, most, each = plain(found.units), found.limit.units, found.limit.indicator == EACH_LINE
            way = (
                f"at most {most} on a line, each line with the modifier that the record supports (76, 77, 91, 59, RT, LT)"
                if each
                else f"correct the units, or send the records that show why they were needed{_one_line(found)}"
            )
            basis = "for a line" if each else "for the day"
            yield f"{found.path}.units", found.limit.code, units, most, found.on, found.where, basis, way


EDITS = (
    add_on_has_its_primary,
    pair_is_never_billed_together,
    pair_has_its_modifier,
    units_are_possible,
    units_are_likely,
)
