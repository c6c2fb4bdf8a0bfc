"""What may happen to a claim, dealt like a deck of cards, so that even a small set holds every story in its share."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import msgspec

FORWARDED = {1: "19", 2: "20", 3: "21"}  # CLP02 of the first, second, third payer where it forwards
PROCESSED = {1: "1", 2: "2", 3: "3", 4: "3"}


class Story(msgspec.Struct, frozen=True):
    """One story. `covers` plans pay one after the other; with `forwards` each sends the claim on by itself."""

    name: str
    covers: int = 1
    forwards: bool = False


PAID = Story("paid")  # in full, as the contract says
DEDUCTIBLE = Story("deductible")  # nothing paid: all is the patient's deductible
DENIED = Story("denied")
LINE_DENIED = Story("line_denied")
SECONDARY = Story("secondary", 2)
TERTIARY = Story("tertiary", 3)
CROSSOVER = Story("crossover", 2, True)
FORWARDED_CHAIN = Story("forwarded_chain", 4, True)
CORRECTED = Story("corrected")  # the payer reverses and pays less, and nets it
REFUNDED = Story("refunded")  # the same, and the provider has sent the money back already
RECOUPED = Story("recouped")  # the same, and the payer takes it from a later payment
REPLACED = Story("replaced")  # the provider sends a replacement
VOIDED = Story("voided")  # the provider voids the claim
BUNDLED = Story("bundled", 2)  # two services are paid as one; the second payer is told so
INTEREST = Story("interest")  # paid late, with interest
AUTHORIZED = Story("authorized")  # after a services review
ATTACHMENT = Story("attachment")
REJECTED = Story("rejected")  # at the front door
NAME_CORRECTED = Story("name_corrected")
PREDETERMINED = Story("predetermined")  # a dental estimate

_COMMON = (
    DEDUCTIBLE, DENIED, LINE_DENIED, SECONDARY, CROSSOVER, CORRECTED, REFUNDED, RECOUPED, REPLACED, VOIDED, INTEREST,
    ATTACHMENT, REJECTED, NAME_CORRECTED,
)  # fmt: skip
_MEDICAL = (*_COMMON, TERTIARY, FORWARDED_CHAIN, BUNDLED, AUTHORIZED, INTEREST, *(PAID,) * 6)
DECKS: dict[str, tuple[Story, ...]] = {
    "P": _MEDICAL,
    "I": _MEDICAL,
    "D": (*_COMMON, PREDETERMINED, INTEREST, *(PAID,) * 4),
}
# How the claims of a set are shared among the kinds, in percent of the whole.
SHARES = {"P": 60, "I": 25, "D": 15}


@lru_cache(maxsize=8)
def deck(seed: int, kind: str, number: int) -> tuple[Story, ...]:
    """The stories of one deck of claims in the order in which they come."""
    cards = list(DECKS[kind])
    Random(f"{seed}/{kind}/deck/{number}").shuffle(cards)
    return tuple(cards)


def counts(claims: int, kinds: tuple[str, ...]) -> dict[str, int]:
    """How many claims of each kind a set of `claims` has; the first kind takes what cannot be shared evenly."""
    whole = sum(SHARES[kind] for kind in kinds)
    found = {kind: claims * SHARES[kind] // whole for kind in kinds}
    found[kinds[0]] += claims - sum(found.values())
    return found
