"""DUP: the same services sent before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from claimwright.claims.nouns import Claim, Line
from claimwright.edits.facts import Facts, PriorClaim, PriorLine
from claimwright.edits.places import dated_lines_of, day_for_all, rendering_npi, site_of
from claimwright.edits.shapes import FRONT_END, HOLD, LOCAL, REJECT, Hits, edit
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import OPEN_STATES, SENT_STATES, telling_of

HISTORY = ("prior_claims",)


def _sent_elsewhere(claim: Claim, facts: Facts, states: frozenset[str]) -> Iterator[PriorClaim]:
    """Other claims of the patient with this payer in one of `states`; versions of the same claim do not count."""
    for prior in facts.prior_claims or ():
        other_patient = facts.patient_key and prior.patient_key and prior.patient_key != facts.patient_key
        same_claim = facts.chain and prior.chain == facts.chain
        other_kind = prior.kind and prior.kind != claim.kind  # the physician's and the hospital's bill of one service
        if prior.payer_id == claim.coverage.payer.payer_id and prior.state in states:
            if not other_patient and not same_claim and not other_kind:
                yield prior


def _is_same(claim: Claim, line: Line, old: PriorLine) -> bool:
    if not line.procedure_code and line.charge != old.charge:  # a revenue code alone does not tell what was done
        return False
    if line.units != old.units or not _is_near(claim, line, old):
        return False
    return line.modifiers == old.modifiers or sorted(line.modifiers) == sorted(old.modifiers)


def _is_near(claim: Claim, line: Line, old: PriorLine) -> bool:
    """Same code, days and rendering provider; of an institutional line the same revenue code, of a dental one the teeth."""
    if line.procedure_code != old.procedure_code or line.revenue_code != (old.revenue_code or line.revenue_code):
        return False
    if old.site and old.site != site_of(line):
        return False
    start = line.date_from or day_for_all(claim)
    days = (start, line.date_to or start) == (old.date_from, old.date_to or old.date_from)
    return days and rendering_npi(claim, line) == old.rendering_npi


class _Twin(NamedTuple):
    """A line of the claim, and those of an earlier claim with the same code, days and provider."""

    path: str
    line: Line
    prior: PriorClaim
    lines: tuple[PriorLine, ...]


@once_with_facts
def _twins(claim: Claim, facts: Facts) -> list[_Twin]:
    """By line, then by earlier claim. Most claims have none, and most earlier lines are of another code."""
    sent = list(_sent_elsewhere(claim, facts, SENT_STATES))
    codes = {old.procedure_code for prior in sent for old in prior.lines}
    found = []
    for path, line, _ in dated_lines_of(claim):
        if line.procedure_code in codes:
            for prior in sent:
                near = tuple(old for old in prior.lines if _is_near(claim, line, old))
                if near:
                    found.append(_Twin(path, line, prior, near))
    return found


@edit(
    "DUP01",
    HOLD,
    says="Already billed to this payer on claim {0}",
    fix="Do not send again; override with a reason where a resend is meant",
    cites=[FRONT_END("Clearinghouse and payer duplicate logic"), LOCAL("Practice claim history")],
    needs=HISTORY,
)
def service_was_not_sent_before(claim: Claim, facts: Facts) -> Hits:
    told = ""
    for path, line, prior, near in _twins(claim, facts):
        if path != told and any(_is_same(claim, line, old) for old in near):
            yield path, prior.control_number, line.procedure_code
            told = path


@edit(
    "DUP02",
    HOLD,
    says="Nearly the same was billed on claim {0}: {1} differ",
    fix="Correct the line, or add the modifier that tells it apart",
    cites=[LOCAL("Practice claim history")],
    needs=HISTORY,
)
def service_is_not_nearly_sent(claim: Claim, facts: Facts) -> Hits:
    told = ""
    for path, line, prior, near in _twins(claim, facts):
        if path == told or any(_is_same(claim, line, old) for old in near):
            continue
        differing = next((text for old in near if (text := _differing(line, old))), "")
        if differing:
            yield path, prior.control_number, differing
            told = path


def _differing(line: Line, old: PriorLine) -> str:
    """What differs of two lines of one code, day and provider; "" when they are told apart by a modifier."""
    if not line.procedure_code or telling_of(line.procedure_code, set(line.modifiers) ^ set(old.modifiers)):
        return ""
    differences = {
        "charge": line.charge != old.charge,
        "units": line.units != old.units,
        "modifiers": sorted(line.modifiers) != sorted(old.modifiers),
    }
    return ", ".join(name for name, differs in differences.items() if differs)


@edit(
    "DUP03",
    HOLD,
    says="Claim {0} for these services is still open ({1})",
    fix="Check its status (276) first",
    cites=[LOCAL("Practice resubmission policy", "no resend while the original is open")],
    needs=HISTORY,
)
def original_is_not_open(claim: Claim, facts: Facts) -> Hits:
    for prior in _sent_elsewhere(claim, facts, OPEN_STATES):
        if any(_is_same(claim, line, old) for line in claim.lines for old in prior.lines):
            yield "lines", prior.control_number, prior.state
    for prior in facts.prior_claims or ():
        own = bool(facts.chain) and prior.chain == facts.chain and prior.version < claim.version
        to_payer = prior.payer_id == claim.coverage.payer.payer_id
        if own and to_payer and claim.frequency == "1" and prior.state in OPEN_STATES:
            yield "version", prior.control_number, prior.state


@edit(
    "DUP04",
    REJECT,
    says="Claim control number {0} belongs to another claim",
    fix="Give this version its own control number",
    cites=[LOCAL("Claim identity", "CLM01 is unique for each claim version, for ever")],
    needs=("control_numbers",),
)
def control_number_is_own(claim: Claim, facts: Facts) -> Hits:
    for use in facts.control_numbers or ():
        own = facts.chain and (use.chain, use.version) == (facts.chain, claim.version)
        if use.control_number == claim.control_number and not own:
            yield "control_number", claim.control_number
            return


EDITS = (service_was_not_sent_before, service_is_not_nearly_sent, original_is_not_open, control_number_is_own)
