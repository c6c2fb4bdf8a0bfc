"""TFL: timely filing. The last day itself is in time."""

from __future__ import annotations

from datetime import date

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts
from claimwright.edits.filing import filing_deadline
from claimwright.edits.shapes import CMS, HOLD, PAYER, REJECT, TR3, WARN, Hits, edit
from claimwright.edits.tables import REPLACING_FREQUENCIES

LIMITS = PAYER("Payer contract or billing manual", "timely filing")
MEDICARE = CMS("42 CFR 424.44", "one calendar year from the date of service")


def _passed(claim: Claim, facts: Facts) -> date | None:
    """The deadline when it has passed, else None."""
    deadline = filing_deadline(claim, facts)
    return deadline if deadline is not None and facts.today > deadline else None


def _is_replacing(claim: Claim) -> bool:
    return claim.frequency in REPLACING_FREQUENCIES


def _is_excused(deadline: date, facts: Facts) -> bool:
    """Whether the payer took the claim in time before, or there is an exception."""
    evidence = facts.filing
    if evidence is None:
        return False
    accepted = evidence.payer_accepted_on
    return bool(evidence.exception.strip()) or (accepted is not None and accepted <= deadline)


@edit(
    "TFL01",
    REJECT,
    says="The filing limit passed on {0} and there is no proof of earlier filing",
    fix="Review for write-off, or find proof or an exception",
    cites=[LIMITS, MEDICARE],
    needs=("payer",),
    uses=("filing",),
)
def filing_is_in_time(claim: Claim, facts: Facts) -> Hits:
    deadline = None if _is_replacing(claim) else _passed(claim, facts)
    if deadline is not None and not _is_excused(deadline, facts):
        yield "lines", deadline


@edit(
    "TFL02",
    WARN,
    says="{0} days left to file, until {1}",
    fix="Send today",
    cites=[LIMITS, MEDICARE],
    needs=("payer",),
)
def filing_is_not_near_its_limit(claim: Claim, facts: Facts) -> Hits:
    rules = facts.payer.timely_filing if facts.payer is not None else None
    deadline = filing_deadline(claim, facts)
    if rules is not None and deadline is not None:
        left = (deadline - facts.today).days
        if 0 <= left <= rules.warning_days:
            yield "lines", left, deadline


@edit(
    "TFL03",
    HOLD,
    says="The filing limit passed on {0}; an exception or proof is on file and not on the claim",
    fix="Set the delay reason and attach the proof",
    cites=[TR3("005010X222A1", "2300 CLM20, PWK"), CMS("42 CFR 424.44(b)", "exceptions")],
    needs=("payer", "filing"),
)
def exception_is_on_the_claim(claim: Claim, facts: Facts) -> Hits:
    deadline = None if _is_replacing(claim) else _passed(claim, facts)
    if deadline is not None and _is_excused(deadline, facts):
        if not claim.delay_reason.strip():
            yield "delay_reason", deadline
        if not claim.attachments:
            yield "attachments", deadline


@edit(
    "TFL04",
    REJECT,
    says="The limit for corrected claims passed on {0}",
    fix="Appeal instead",
    cites=[LIMITS],
    needs=("payer",),
)
def correction_is_in_time(claim: Claim, facts: Facts) -> Hits:
    deadline = _passed(claim, facts) if _is_replacing(claim) else None
    if deadline is not None:
        yield "frequency", deadline


EDITS = (filing_is_in_time, filing_is_not_near_its_limit, exception_is_on_the_claim, correction_is_in_time)
