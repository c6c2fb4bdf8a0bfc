"""What a payer has allowed on a line, by the ledger alone: what it paid and what it left to the patient or the next payer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from claimwright.codes.money import ZERO
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import Transfer

PAID_FROM = frozenset((Kind.REMITTANCE, Kind.SUSPENSE, Kind.PAYER_OFFSET))
# Deductible, coinsurance and copayment are part of what is allowed; what is not covered (PR-96) is not.
SHARES = frozenset(("PR-1", "PR-2", "PR-3"))
SEQUESTRATION = "CO-253"  # taken from the payment, not from what is allowed


def allowed_by_line(transfers: Iterable[Transfer], bucket: str) -> dict[str, Decimal]:
    """Dollars by charge line, of the payer whose receivable is `bucket`; a reversal takes back what it reverses.

    A line that was denied, and one that is not decided yet, comes to nothing.
    """
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for transfer in transfers:
        # Money leaves the receivable by its credit; what is undone comes back by its debit. A share of the payer before
        # comes in by the debit too, and is no part of what this one allows.
        undone = bool(transfer.reverses)
        own, other = (transfer.debit, transfer.credit) if undone else (transfer.credit, transfer.debit)
        if own.kind is Kind.RECEIVABLE and own.bucket == bucket and _is_allowed(other, transfer.reason):
            found[own.subject] += -transfer.amount if undone else transfer.amount
    return dict(found)


def _is_allowed(other: Account, reason: str) -> bool:
    if other.kind is Kind.RECEIVABLE:
        return reason in SHARES
    return other.kind in PAID_FROM or (other.kind is Kind.ADJUSTMENT and other.bucket == SEQUESTRATION)
