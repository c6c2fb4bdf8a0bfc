"""What a price is told with: steps in words with their figures, so that a biller can check each on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

HUNDRED = Decimal(100)


class Step(msgspec.Struct, frozen=True):
    """One step of the working: what was done, and the amount it led to, if it led to one."""

    says: str
    amount: Decimal | None = None


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """A line with what the payer should allow for it, in dollars for all its units, and how that was reached.

    `allowed` is None where it cannot be priced; `reason` then says why and what to do. A price is never zero for want of
    one: 0.00 is told only where the contract pays nothing more (the line is within a case rate, or packaged).
    `contract_amount` is the price before the lesser-of-charge clause and stop-loss: a charge below it gives money away.
    """

    number: int
    control_number: str
    code: str
    modifiers: tuple[str, ...] = ()
    on: date | None = None
    charge: Decimal = Decimal("0.00")
    allowed: Decimal | None = None
    contract_amount: Decimal | None = None
    working: tuple[Step, ...] = ()
    reason: str = ""
    method: str = ""
    capitated: bool = False


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a claim, priced. `total` is None where one of them has no price and is not capitated."""

    lines: tuple[Priced, ...]
    total: Decimal | None = None
    working: tuple[Step, ...] = ()
    version: str = ""  # the contract's version, as it names itself


class Unpriced(Exception):
    """Why there is no price; the text says what to do and holds no patient value."""


def percent(fraction: Decimal) -> str:
    """A fraction as people write it: 0.5 is 50 %."""
    return f"{plain(fraction * HUNDRED)} %"


def plain(value: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
