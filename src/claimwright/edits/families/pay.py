"""PAY: what this payer and this route take."""

from __future__ import annotations

from claimwright.claims.nouns import Claim, Line
from claimwright.edits.facts import Facts, PriorLine
from claimwright.edits.shapes import CMS, FRONT_END, HOLD, PAYER, REJECT, TR3, Hits, edit
from claimwright.edits.tables import DECIDED_STATES, REPLACING_FREQUENCIES

GUIDE = "005010X222A1"


@edit(
    "PAY01",
    REJECT,
    says="Payer id {0} is not mapped for this route",
    fix="Map the payer to the id that the clearinghouse uses for claims",
    cites=[FRONT_END("Clearinghouse payer list", "837P payer ids"), TR3(GUIDE, "2010BB NM109")],
    uses=("route",),
)
def payer_is_mapped(claim: Claim, facts: Facts) -> Hits:
    payer_id = claim.coverage.payer.payer_id
    if facts.route is not None and facts.route.paper:
        return
    if not payer_id.strip() or (facts.route is not None and payer_id not in facts.route.payer_ids):
        yield "coverage.payer.payer_id", payer_id or "(blank)"


@edit(
    "PAY03",
    REJECT,
    says="Frequency {0} names no original claim",
    fix="Add the payer's claim number",
    cites=[TR3(GUIDE, "2300 CLM05-3, REF*F8")],
)
def replacement_names_the_original(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency in REPLACING_FREQUENCIES and not claim.payer_claim_number.strip():
        yield "payer_claim_number", claim.frequency


@edit(
    "PAY04",
    REJECT,
    says="The payer takes no claim with frequency {0}",
    fix="Use its reopening or appeal instead",
    cites=[CMS("Medicare Claims Processing Manual 100-04", "chapter 34 reopenings; CMS 5010 837P edits CLM05-3")],
    needs=("payer",),
)
def frequency_is_taken(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is not None and claim.frequency not in facts.payer.frequency_codes:
        yield "frequency", claim.frequency or "(blank)"


@edit(
    "PAY05",
    HOLD,
    says="The replacement leaves out {0} of {1} that the original has",
    fix="Send all lines: what is left out is taken back",
    cites=[PAYER("Payer billing manual", "a replacement replaces the whole claim"), TR3(GUIDE, "2300 CLM05-3")],
)
def replacement_has_all_lines(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency != "7" or not facts.demand("original") or facts.original is None:
        return
    for old in facts.original.lines:
        if not any(_is_line(old, line) for line in claim.lines):
            yield "lines", old.procedure_code, old.date_from


def _is_line(old: PriorLine, line: Line) -> bool:
    if old.control_number and old.control_number == line.control_number:
        return True
    return (old.procedure_code, old.date_from) == (line.procedure_code, line.date_from)


@edit(
    "PAY06",
    REJECT,
    says="The original is {0}, not finalized",
    fix="Wait for the remittance of the original",
    cites=[PAYER("Payer billing manual", "replacement of a finalized claim only")],
)
def original_is_finalized(claim: Claim, facts: Facts) -> Hits:
    if claim.frequency not in REPLACING_FREQUENCIES or not facts.demand("original") or facts.original is None:
        return
    if facts.original.state not in DECIDED_STATES:
        yield "frequency", facts.original.state


EDITS = (
    payer_is_mapped,
    replacement_names_the_original,
    frequency_is_taken,
    replacement_has_all_lines,
    original_is_finalized,
)
