"""Money and dates as the wire writes them, read back exactly or not at all."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from claimwright.x12.elements import is_date

_NUMBER = re.compile(r"-?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})")
ZERO = Decimal("0.00")


def amount(text: str) -> Decimal | None:
    """An X12 R number; "" is 0.00; None when it is no such number (no exponent, no plus, no comma)."""
    if not text:
        return ZERO
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def day(text: str) -> date | None:
    """The date of CCYYMMDD, or the first one of CCYYMMDD-CCYYMMDD; None when it is none."""
    first = text[:8]
    if is_date(first) and (len(text) == 8 or text[8:9] == "-"):
        return date(int(first[:4]), int(first[4:6]), int(first[6:]))
    return None


def dollars(text: str) -> Decimal:
    """An amount with two places, of text that is known to be a plain one: up to ten digits, and up to two places."""
    if text[-3:-2] == ".":
        return Decimal(text)
    return Decimal(text + ("0" if text[-2:-1] == "." else ".00"))


class _Days(dict[str, date]):
    """Dates by their CCYYMMDD; ValueError for any text that is none. A file has few, and each of them often."""

    def __missing__(self, text: str) -> date:
        found = day(text)
        if found is None or len(text) != DAY_CHARACTERS:
            raise ValueError("no date")
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[text] = found
        return found


MOST_REMEMBERED = 1 << 16
DAY_CHARACTERS = 8
DAYS = _Days()
