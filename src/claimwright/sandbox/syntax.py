"""What makes the sandbox's translator refuse a transaction: counts and control numbers, then the guide itself."""

from __future__ import annotations

from claimwright.x12 import Fault, Severity, Transaction
from claimwright.x12.check import check_transaction

GUIDES = {
    "837": ("005010X222A1", "005010X222A2", "005010X222"), "270": ("005010X279A1", "005010X279"),
    "276": ("005010X212", "005010X212E1", "005010X212E2"),
}  # fmt: skip
SYNTAX_LEVEL = 2  # SNIP: integrity and guide; what is above is a payer's business and is told in the 277CA


def guide_faults(transaction: Transaction) -> list[Fault]:
    """What the guide refuses in one transaction; code tables are not looked at, a 999 speaks of syntax only."""
    return [fault for fault in check_transaction(transaction, level=SYNTAX_LEVEL) if fault.severity == Severity.REJECT]


def envelope_faults(transaction: Transaction) -> list[Fault]:
    """Faults of ST..SE that need no guide."""
    se, last = transaction.se, len(transaction.segments)
    if se is None:
        return [_fault("SE", last, "3", "the transaction has no SE")]
    if se[1] != str(last):
        return [_fault("SE", last, "8", "the segment count is wrong", element=1)]
    if se[2] != transaction.control_number:
        return [_fault("SE", last, "8", "SE02 is not ST02", element=2)]
    if transaction.guide not in GUIDES.get(transaction.set_id, ()):
        return [_fault("ST", 1, "8", "neither a professional claim nor a 270 or 276 of the guide in force", element=3)]
    return []


def forced_fault(transaction: Transaction) -> Fault:
    """The planned refusal of a good transaction: it points at the first billing provider's city line."""
    for segment in transaction.segments:
        if segment.id == "N4":
            return _fault("N4", segment.number, "8", "refused by plan", element=3, loop="2010AA")
    return _fault("ST", 1, "8", "refused by plan", element=3)


def _fault(segment_id: str, segment: int, code: str, message: str, *, element: int = 0, loop: str = "") -> Fault:
    return Fault(
        id="SANDBOX-SYNTAX",
        message=message,
        severity=Severity.REJECT,
        segment_id=segment_id,
        segment=segment,
        segment_code=code,
        element=element,
        element_code="7" if element else "",
        loop=loop,
    )
