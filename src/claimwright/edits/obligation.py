"""What the contract with an earlier payer obliges the practice to accept as payment in full (OTAF), as that payer told it.

The charge less what the payer took off by contract. Medicare as a later payer pays no more than that amount less what
was paid: 42 CFR 411.33; Medicare Secondary Payer Manual 100-05, chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import ZERO, Adjustment, Claim, Line
from claimwright.edits.places import earlier_priors_of

CONTRACTUAL = frozenset((("CO", "45"), ("CO", "131")))  # above the fee schedule, negotiated discount


def obligated_amount(claim: Claim) -> Decimal | None:
    """The lowest amount that an earlier payer's contract leaves of the claim's charge; None where none took anything off."""
    owed: list[Decimal] = []
    for _, prior in earlier_priors_of(claim):
        payer_id = prior.coverage.payer.payer_id
        taken = _taken(prior.adjustments) + sum((_taken_of(line, payer_id) for line in claim.lines), ZERO)
        if prior.adjudicated and taken > ZERO:
            owed.append(claim.total_charge - taken)
    return min(owed, default=None)


def with_obligated_amount(claim: Claim) -> Claim:
    """The claim with CN1*09 as the one earlier payer told it, at the lines too where it told it there.

    Unchanged where there is nothing to tell, or several earlier payers told something.
    """
    deciding = [prior for _, prior in earlier_priors_of(claim) if prior.adjudicated]
    owed = obligated_amount(claim)
    if owed is None or len(deciding) != 1:
        return claim
    lines = claim.lines
    if not _taken(deciding[0].adjustments):
        payer_id = deciding[0].coverage.payer.payer_id
        lines = tuple(
            msgspec.structs.replace(line, obligated_amount=line.charge - _taken_of(line, payer_id)) for line in lines
        )
    return msgspec.structs.replace(claim, obligated_amount=owed, lines=lines)


def _taken(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((one.amount for one in adjustments if (one.group, one.reason) in CONTRACTUAL), ZERO)


def _taken_of(line: Line, payer_id: str) -> Decimal:
    decided = (one for one in line.adjudications if one.payer_id == payer_id)
    return sum((_taken(one.adjustments) for one in decided), ZERO)
