"""What a correction is by the state of the claim corrected; which claim it becomes, `billing.claim_versions` says."""

from __future__ import annotations

from claimwright.billing.lifecycle import State, Trigger

ORIGINAL, REPLACEMENT = "1", "7"  # CLM05-3

# What a person's correction is, by the state of the version they correct (domain section 6).
CORRECTED_BY: dict[State, Trigger] = {
    State.CH_REJECTED: Trigger.CORRECTION,
    State.PAYER_REJECTED: Trigger.CORRECTION,
    State.FILE_REJECTED: Trigger.CONTENT_MUST_CHANGE,
    State.ADJUDICATED: Trigger.CORRECTION,
    State.CLOSED: Trigger.CORRECTION,
    State.REVERSED: Trigger.CORRECTION,
    State.TRANSFERRED: Trigger.REFILE,
}
