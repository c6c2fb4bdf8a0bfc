"""Answers on prior authorizations (278) out of received files."""

from __future__ import annotations

from claimwright.claims.from_x12.authorization import prior_auth_response
from claimwright.web.authorizations.requests import take_answer
from claimwright.web.exchange.models import InboxPart
from claimwright.web.operations.acknowledgements import AckResult
from claimwright.x12 import Transaction


def apply_answer(*, part: InboxPart, transaction: Transaction | None) -> AckResult:
    """One response in the caller's transaction. What fits no request is held, on its worklist."""
    if transaction is None:
        return AckResult(fate=InboxPart.Fate.HELD, reason="It has no transaction that can be read")
    read = prior_auth_response(transaction)
    taken = take_answer(response=read.noun, part=part, faults=len(read.faults))
    if taken.request is None:
        return AckResult(fate=InboxPart.Fate.HELD, reason=taken.reason, orphans=1)
    return AckResult(fate=InboxPart.Fate.ACKNOWLEDGED, reason=taken.reason)
