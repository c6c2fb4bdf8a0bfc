"""Values of loops that come as rows, read quickly. What is not plain raises, and is read with care.

The readers beside this module read everything that comes, say what is wrong with it, and are the measure: for a loop
that comes as a row a quick reader gives the same noun, or none at all. A test holds the two against each other.
"""

from __future__ import annotations

from decimal import Decimal

from claimwright.claims.nouns import Adjustment
from claimwright.x12.amounts import dollars

NOT_PLAIN = (ValueError, TypeError, IndexError, KeyError)
MOST_COUNT_DIGITS = 15


class NotPlain(ValueError):
    """Something that is read with care instead; never seen outside the readers."""


def whole(text: str) -> Decimal:
    """A count in digits; NotPlain for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_COUNT_DIGITS):
        raise NotPlain
    return Decimal(text)


def adjustments(row: list[str]) -> list[Adjustment]:
    """All triples of a CAS."""
    found = []
    for at in range(2, len(row), 3):
        if not row[at]:
            raise NotPlain
        quantity = whole(row[at + 2]) if at + 2 < len(row) and row[at + 2] else None
        found.append(Adjustment(group=row[1], reason=row[at], amount=dollars(row[at + 1]), quantity=quantity))
    return found
