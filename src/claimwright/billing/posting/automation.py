"""What a payment must be before it posts without a person: the rules of automation, which only ever hold more.

Everything else that holds a payment (matching, balance, unknown reasons, lines below zero) holds it whatever stands
here. Source of the three switches: the domain specification, section 7 (what posts by itself), as billers know them:
all, some or none of a payer's payments looked at first, and a list of reasons that never post unseen.
"""

from __future__ import annotations

from decimal import Decimal

from claimwright.billing.posting.balance import all_adjustments
from claimwright.billing.posting.match import Hold
from claimwright.billing.posting.plan import Worklist
from claimwright.billing.posting.run import Run
from claimwright.billing.posting.state import PayerAutomation
from claimwright.claims.nouns import ClaimPayment

BY_HAND, OVER_AMOUNT, NEVER_AUTOMATIC = "BY_HAND", "OVER_AMOUNT", "NEVER_AUTOMATIC"


def look_at_claim_first(run: Run, claim: ClaimPayment) -> None:
    """Raises Hold where a person looks at the CLP before it posts: its payer, the size of its payment, a CARC of it."""
    look_at_payment_first(run)
    if run.released_from is not None:
        return
    listed = run.context.automation.never_automatic.get(run.practice.practice_id, frozenset())
    found = sorted({one.reason for one in all_adjustments(claim) if one.amount > 0} & listed)
    if found:
        raise Hold(
            Worklist.BEFORE_POSTING, NEVER_AUTOMATIC,
            f"It carries CARC {', '.join(found)}, which the practice never lets post by itself",
            "Read the denial, then release the claim, or call the payer first",
        )  # fmt: skip


def look_at_payment_first(run: Run) -> None:
    """Raises Hold where a person looks at the payer's payments, or at one of this size. A release is that look."""
    if run.released_from is not None:
        return
    automation = run.context.automation
    payer = automation.payers.get(run.payer, PayerAutomation())
    if not payer.posts_by_itself:
        raise Hold(
            Worklist.BEFORE_POSTING, BY_HAND, "Nothing of this payer posts by itself",
            "Compare it with the payer's remittance, then release it",
        )  # fmt: skip
    limit = _limit(payer, automation.hold_over_amount)
    if limit is not None and run.remittance.amount > limit:
        raise Hold(
            Worklist.BEFORE_POSTING, OVER_AMOUNT, f"The payment is larger than the {limit} that post by themselves",
            "Compare the payment with the bank's, then release it",
        )  # fmt: skip


def _limit(payer: PayerAutomation, everybody: Decimal | None) -> Decimal | None:
    """Dollars; None where no payment waits for its size. The payer's own counts before the practice's."""
    return payer.hold_over_amount if payer.hold_over_amount is not None else everybody
