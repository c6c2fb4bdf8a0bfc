"""Who owns each worklist: the desk whose work it is. A list without an owner fails a test."""

from __future__ import annotations

from claimwright.web.core.worklists import TITLES

# The beginning of a list's name, longest first, and its owner. What no row names is the biller's.
OWNERS: tuple[tuple[str, str], ...] = (
    ("intake", "front desk"), ("eligibility", "front desk"), ("coverage", "front desk"), ("unknown_payer", "front desk"),
    ("duplicate_patients", "front desk"), ("unreadable_cards", "front desk"), ("document_problems", "front desk"),
    ("schedule", "front desk"), ("unpriced", "manager"), ("write_off", "supervisor"), ("credit_balances", "manager"),
    ("rule_proposals", "supervisor"), ("deposits", "bank desk"), ("eft_", "bank desk"), ("era_", "bank desk"),
    ("bank_", "bank desk"), ("connection", "manager"), ("provider_queries", "providers"),
)  # fmt: skip
BILLER = "biller"


def owner_of(worklist: str) -> str:
    """Raises KeyError for a list that nobody shows."""
    if worklist not in TITLES:
        raise KeyError(worklist)
    return next((owner for name, owner in OWNERS if worklist.startswith(name)), BILLER)
