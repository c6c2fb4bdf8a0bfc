"""Money: exact decimals with two places, rounded half up per line; never a float."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAXIMUM = Decimal("9999999999.99")

_X12_AMOUNT = re.compile(r"-?(\d+(\.\d*)?|\.\d+)\Z")


class AmountError(ValueError):
    """Text that is no amount; the message says which rule it breaks and never holds the text."""


def money(value: Decimal | int | str) -> Decimal:
    """`value` in dollars with two places, ROUND_HALF_UP. Raises TypeError for a float."""
    if isinstance(value, float):
        raise TypeError("money is never a float: pass Decimal, int or text")
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def parse_amount(text: str) -> Decimal:
    """An X12 amount (type R, or N in dollars): optional minus, digits, optional point; at most two places.

    Raises AmountError for an exponent, a plus sign, a comma, a blank, more than two places or more than 18 digits.
    """
    if not text:
        raise AmountError("the amount is empty")
    if not _X12_AMOUNT.match(text):
        raise AmountError(
            "an amount is digits with an optional leading minus and one point; no plus, comma or exponent"
        )
    digits, _, places = text.lstrip("-").partition(".")
    if len(places.rstrip("0")) > 2:
        raise AmountError("an amount has at most two places")
    if len(digits) + len(places) > 18:
        raise AmountError("an amount has at most 18 digits")
    value = Decimal(text).quantize(CENT, ROUND_HALF_UP)
    if abs(value) > MAXIMUM:
        raise AmountError("an amount is below ten billion")
    return value + ZERO if value else ZERO
