"""PX: procedure codes and modifiers. Without a licensed CPT list: the code's form and the practice's charge master.

The family is split by subject: this module knows codes and modifiers as lists, px_visits visits and global periods,
px_modifiers the use of modifiers, px_services services with rules of their own.
"""

from __future__ import annotations

import re
from datetime import date

from claimwright.claims.nouns import Claim, Line
from claimwright.codes.code_sets import procedure_set
from claimwright.codes.modifiers import contradictions, modifier_group
from claimwright.codes.releases import State
from claimwright.edits.facts import NOT_EFFECTIVE, UNANSWERED_STATES, UNKNOWN, Facts, Price
from claimwright.edits.families import px_modifiers, px_ncci, px_services, px_visits
from claimwright.edits.places import dated_lines_of, lines_of, rendering_npi, site_of, through
from claimwright.edits.shapes import CMS, CODE_SET, FRONT_END, REJECT, TR3, Hits, Unanswered, edit
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import telling_of

GUIDE = "005010X222A1"
_REVENUE = re.compile(r"[0-9]{4}\Z")  # SV201; the list itself is the NUBC's
OWN_CODES = "Practice charge master where no CPT list is loaded"


@once_with_facts
def _not_valid(claim: Claim, facts: Facts) -> list[tuple[str, Line, date, State]]:
    """Lines whose code is not valid, with its state: by the loaded list, else by the charge master, where one speaks."""
    found: list[tuple[str, Line, date, State]] = []
    for path, line, on in dated_lines_of(claim):
        code = line.procedure_code
        if claim.kind == "I" and (not code or line.procedure_qualifier == "HP"):
            continue  # a line of its revenue code alone, or a rate code (HIPPS), which no list of procedures holds
        state = _state(code, on, facts)
        if state != State.VALID:
            found.append((path, line, on, state))
    return found


def _state(code: str, on: date, facts: Facts) -> State:
    family = procedure_set(code)
    if not family:
        return State.UNKNOWN
    if facts.code_sets.loaded(family):
        return facts.code_sets.state(family, code, on)
    if facts.charge_master is None:
        return State.VALID  # for all that is known
    prices = facts.charge_master.get(code)
    return State.UNKNOWN if prices is None else _priced_state(prices, on)


def _priced_state(prices: tuple[Price, ...], on: date) -> State:
    for price in prices:
        if price.holds(on):
            return State.VALID
    return State.NOT_EFFECTIVE


@edit(
    "PX01",
    REJECT,
    says="Procedure code {0} is malformed or unknown",
    fix="Code not recognized: correct it, or add it to the charge master",
    cites=[CODE_SET("CPT and HCPCS Level II code lists"), CODE_SET(OWN_CODES)],
    uses=("charge_master",),
)
def procedure_is_known(claim: Claim, facts: Facts) -> Hits:
    if claim.kind == "I":
        for index, line in enumerate(claim.lines):
            if not _REVENUE.match(line.revenue_code):
                yield f"lines[{index}].revenue_code", line.revenue_code or "(blank)"
    for path, line, on, state in _not_valid(claim, facts):
        if state == UNKNOWN:
            yield f"{path}.procedure_code", line.procedure_code or "(blank)"
        elif state in UNANSWERED_STATES:
            yield Unanswered(f"{path}.procedure_code", f"the list of procedure codes does not cover {on}")


@edit(
    "PX02",
    REJECT,
    says="Procedure code {0} is not in force on {1}",
    fix="Deleted or new: map it to a code of that date",
    cites=[CODE_SET("CPT and HCPCS Level II, effective and deletion dates"), CODE_SET(OWN_CODES)],
    uses=("charge_master",),
)
def procedure_is_in_force(claim: Claim, facts: Facts) -> Hits:
    for path, line, on, state in _not_valid(claim, facts):
        if state == NOT_EFFECTIVE:
            yield f"{path}.procedure_code", line.procedure_code, on
        elif state in UNANSWERED_STATES:
            yield Unanswered(f"{path}.procedure_code", f"the list of procedure codes does not cover {on}")


@edit(
    "PX19",
    REJECT,
    says="Modifier {0} is unknown or not in force on {1}",
    fix="Fix the modifier",
    cites=[CODE_SET("CPT and HCPCS Level II modifiers"), TR3(GUIDE, "2400 SV101-3 to -6")],
    needs=("modifier",),
)
def modifiers_are_known(claim: Claim, facts: Facts) -> Hits:
    for path, line, on in dated_lines_of(claim):
        for index, modifier in enumerate(line.modifiers):
            state = facts.code_sets.state("modifier", modifier, on)
            if state in (UNKNOWN, NOT_EFFECTIVE):
                yield f"{path}.modifiers[{index}]", modifier or "(blank)", on
            elif state in UNANSWERED_STATES:
                yield Unanswered(f"{path}.modifiers[{index}]", f"the list of modifiers does not cover {on}")


@edit(
    "PX21",
    REJECT,
    says="Modifiers {0} and {1} contradict each other: {2}",
    fix="Keep one",
    cites=[CODE_SET("CPT and HCPCS Level II modifiers"), CMS("Medicare Claims Processing Manual 100-04", "12, 17, 30")],
)
def modifiers_agree(claim: Claim, facts: Facts) -> Hits:
    for path, line in lines_of(claim):
        if len(line.modifiers) > 1:
            for one, other, why in contradictions(line.modifiers):
                yield f"{path}.modifiers", one, other, why


@edit(
    "PX25",
    REJECT,
    says="Procedure code {0} stands twice on {1} and nothing tells the lines apart",
    fix="Combine the units, or add the modifier that says why it is repeated",
    cites=[FRONT_END("Clearinghouse edits", "duplicate lines"), CMS("NCCI Policy Manual", "chapter 1, E modifiers")],
)
def lines_are_told_apart(claim: Claim, facts: Facts) -> Hits:
    if len({line.procedure_code for line in claim.lines}) == len(claim.lines):
        return
    seen: dict[tuple[object, ...], set[frozenset[str]]] = {}
    by_drug = facts.payer is not None and bool(facts.payer.ndc_required)  # this payer reads the NDC, others do not
    for path, line, on in dated_lines_of(claim):
        if not line.procedure_code:  # an institutional line of its revenue code alone
            continue
        ndc = line.drug.ndc if by_drug and line.drug is not None else ""
        who = rendering_npi(claim, line)
        key = (line.procedure_code, on, through(line), who, line.revenue_code, site_of(line), ndc)
        telling = telling_of(line.procedure_code, line.modifiers)
        if telling in seen.setdefault(key, set()) and telling.isdisjoint(modifier_group("repeat")):
            yield f"{path}.procedure_code", line.procedure_code, on
        seen[key].add(telling)


_OWN = (procedure_is_known, procedure_is_in_force, modifiers_are_known, modifiers_agree, lines_are_told_apart)
_PARTS = (px_modifiers.EDITS, px_ncci.EDITS, px_services.EDITS, px_visits.EDITS)
EDITS = tuple(sorted((*_OWN, *(each for part in _PARTS for each in part)), key=lambda each: each.id))
