"""What payers said of a claim, read from the adjudication records: sums only, no decision of ours."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from claimwright.web.payments.models import ClaimPayment

ZERO = Decimal("0.00")


class Said(msgspec.Struct, frozen=True):
    """The latest word of a payer on one claim or line. `allowed` is None where the payer did not state it."""

    allowed: Decimal | None = None
    paid: Decimal = ZERO
    patient_responsibility: Decimal | None = None
    last_reason: str = ""  # group and CARC


def amount(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def total_allowed(lines: Iterable[dict[str, object]]) -> Decimal | None:
    stated = [amount(line["allowed"]) for line in lines if line.get("allowed") is not None]
    return sum((value for value in stated if value is not None), ZERO) if stated else None


def latest_of(payments: Iterable[ClaimPayment]) -> Said:
    """The newest payment that stands: held, reversed and reversing ones do not count. `payments` in posting order."""
    said = Said()
    for payment in payments:
        if payment.state == "held" or payment.reversed_by_id or payment.status == "22":
            continue
        content = payment.content
        adjustments = [*content.get("adjustments", ())]
        for line in content.get("lines", ()):
            adjustments += line.get("adjustments", ())
        stated = amount(content.get("allowed"))
        said = Said(
            allowed=stated if stated is not None else total_allowed(content.get("lines", ())),
            paid=said.paid + payment.paid,
            patient_responsibility=payment.patient_responsibility,
            last_reason=f"{adjustments[-1]['group']}-{adjustments[-1]['reason']}" if adjustments else "",
        )
    return said
