"""The last day a claim may reach its payer."""

from __future__ import annotations

from datetime import date

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import FilingLimit
from claimwright.edits.shared import once_with_facts
from claimwright.edits.tables import REPLACING_FREQUENCIES, VOID


@once_with_facts
def filing_deadline(claim: Claim, facts: Facts) -> date | None:
    """The last day for this claim, by the payer's rule for its kind; None where the payer has none or nothing to run from.

    A replacement goes by the corrected limit, a claim to a later payer by the secondary limit where there is one. The
    day itself still counts as in time. A void has none: what was paid in error goes back whenever it is found, six
    years back (42 CFR 401.305).
    """
    limit = filing_limit(claim, facts)
    if limit is None:
        return None
    start = _start(limit.runs_from, claim, facts)
    if start is None or start > facts.today:  # a day to come is DAT01's to find, and no clock runs from it
        return None
    return limit.period.after(start)


def filing_limit(claim: Claim, facts: Facts) -> FilingLimit | None:
    rules = facts.payer.timely_filing if facts.payer is not None else None
    if rules is None or claim.frequency == VOID:
        return None
    if claim.frequency in REPLACING_FREQUENCIES:
        return rules.corrected
    if claim.coverage.sequence != "P" and rules.secondary is not None:
        return rules.secondary
    return rules.original


def _start(runs_from: str, claim: Claim, facts: Facts) -> date | None:
    if runs_from == "service_through":
        return claim.date_through
    if runs_from == "prior_payer":
        return last_prior_decision(claim)
    if runs_from == "original":
        return facts.original.adjudicated_on if facts.demand("original") and facts.original is not None else None
    # An institutional claim's clock starts when its statement ends: 42 CFR 424.44; 100-04 chapter 1, 70.4.
    return claim.date_through if claim.kind == "I" else claim.date_of_service


def last_prior_decision(claim: Claim) -> date | None:
    """The latest day on which an earlier payer decided, on the claim or on a line."""
    days = [prior.adjudication_date for prior in claim.prior_payments]
    days += [one.adjudication_date for line in claim.lines for one in line.adjudications]
    return max((day for day in days if day is not None), default=None)
