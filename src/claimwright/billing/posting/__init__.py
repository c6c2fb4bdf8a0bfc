"""Posting remittances: an 835 and the state of the claims in, ledger transfers and all that follows out."""

from claimwright.billing.posting.plan import ClaimOutcome, Fate, PostingPlan, Worklist
from claimwright.billing.posting.post import PostingFault, post, release, release_provider_adjustment
from claimwright.billing.posting.state import Lookup, PostingContext

__all__ = [
    "ClaimOutcome",
    "Fate",
    "Lookup",
    "PostingContext",
    "PostingFault",
    "PostingPlan",
    "Worklist",
    "post",
    "release",
    "release_provider_adjustment",
]
