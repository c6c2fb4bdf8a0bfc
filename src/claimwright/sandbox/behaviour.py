"""Seeded chance: the same seed, claim chain and payer always meet the same fate."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from decimal import Decimal

from claimwright.sandbox.plan import Rate


def fraction(*parts: object) -> Decimal:
    """A number in [0, 1) that depends on nothing but `parts`."""
    digest = hashlib.sha256("|".join(str(part) for part in parts).encode()).digest()
    return Decimal(int.from_bytes(digest[:6], "big")) / Decimal(1 << 48)


def happens(rate: Decimal, *parts: object) -> bool:
    return rate > 0 and fraction(*parts) < rate


def pick(rates: Sequence[Rate], *parts: object) -> str:
    """The one of `rates` that happens, "" when none does; their shares add up, so they never overlap."""
    at = fraction(*parts)
    for rate in rates:
        if at < rate.share:
            return rate.name
        at -= rate.share
    return ""


def chain_of(control_number: str, version_suffix: str) -> str:
    """CLM01 without its version, so that a corrected claim is known for the same claim."""
    return re.sub(version_suffix, "", control_number) or control_number


def nth(ordinal: int, every: int, offset: int) -> bool:
    """Whether the `ordinal`-th thing (from 1) is one of those at `offset`, `offset` + `every`, ..."""
    if offset <= 0 or ordinal < offset:
        return False
    return ordinal == offset or (every > 0 and (ordinal - offset) % every == 0)
