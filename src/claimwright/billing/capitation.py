"""Capitation: what a plan owes for its members in a month, and how that compares with what came."""

from __future__ import annotations

from decimal import Decimal

from claimwright.claims.nouns import Noun
from claimwright.codes.money import money


class CapitationCheck(Noun, frozen=True, kw_only=True):
    members: int
    rate: Decimal
    expected: Decimal
    received: Decimal
    difference: Decimal  # received less expected


def check_capitation(*, members: int, rate: Decimal, received: Decimal) -> CapitationCheck:
    """Members times rate per member and month against the payment (PLB CT, its sign turned)."""
    expected = money(members * rate)
    return CapitationCheck(
        members=members, rate=rate, expected=expected, received=received, difference=received - expected
    )
