"""How a corrected claim goes out: as a new claim, or as the replacement of one the payer has decided."""

from __future__ import annotations

from collections.abc import Iterable

from claimwright.billing.lifecycle import State, Trigger

ORIGINAL, REPLACEMENT = "1", "7"

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
DECIDED = (State.ADJUDICATED, State.CLOSED)


def frequency_of_correction(state: State, *, payer_takes: Iterable[str], payer_claim_number: str) -> str:
    """CLM05-3 of the next version.

    A payer replaces only what it decided, under its own claim number, and not every payer takes replacements
    (Medicare Part B does not). What never passed a front end, was reversed or belongs to another payer goes as new.
    """
    replaces = state in DECIDED and REPLACEMENT in tuple(payer_takes) and bool(payer_claim_number.strip())
    return REPLACEMENT if replaces else ORIGINAL
