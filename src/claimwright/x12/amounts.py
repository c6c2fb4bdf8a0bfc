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
