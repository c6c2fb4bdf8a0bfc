"""Numbers as short text."""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base36(number: int, digits: int) -> str:
    """`number` in base 36, upper case, padded to `digits`. Raises ValueError when it does not fit."""
    if number < 0 or number >= 36**digits:
        raise ValueError(f"{number} does not fit in {digits} digits")
    text = ""
    for _ in range(digits):
        number, rest = divmod(number, 36)
        text = _DIGITS[rest] + text
    return text
