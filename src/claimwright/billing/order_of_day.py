"""The order of a person's day: which queue comes first for whose role, and why. Pure: the counts come from outside.

First what is lost by waiting, a filing limit above all; then what is due; then the role's own queues in the order in
which each clears the way for the next: a claim is not sent before it is coded, and not denied before it is answered.
Source: the domain specification, sections 6 (timers), 8 (denials) and 10 (follow-up by age and dollars).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.codes.money import ZERO

STEPS_SHOWN = 6
LIMIT = "timely_filing"


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One queue as it stands: things in it, dollars, its oldest day, and what of it is due today or late."""

    key: str
    count: int = 0
    amount: Decimal = ZERO
    oldest: date | None = None
    due: int = 0
    due_amount: Decimal = ZERO

    def plus(self, other: Tally) -> Tally:
        """Both together, under this one's key."""
        oldest = min(filter(None, (self.oldest, other.oldest)), default=None)
        return Tally(
            key=self.key, count=self.count + other.count, amount=self.amount + other.amount, oldest=oldest,
            due=self.due + other.due, due_amount=self.due_amount + other.due_amount,
        )  # fmt: skip


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do next. `only_due`: its count and dollars are of what is due, not of the whole queue."""

    key: str
    why: str
    count: int
    amount: Decimal
    only_due: bool = False


# What each queue's work brings: the reason beside the figures.
WHY: Mapping[str, str] = {
    "eligibility": "a visit without cover is denied, and mostly never paid",
    "authorizations": "care without its number is denied",
    "missing_charges": "what is not charged is never paid",
    "coding": "nothing is billed before it is coded",
    "edits": "held claims do not go out until they are mended",
    "hold": "somebody promised to look again",
    "ready": "they can go out today",
    "rejected": "the payer has no claim until it is corrected",
    "follow_up": "somebody wanted to see them again by today",
    "no_response": "a claim nobody asks about is found too late",
    "information": "the payer decides when it has what it asked for",
    "denied": "the days to correct and to appeal run",
    "appeals": "an appeal sent late is lost",
    "underpaid": "the contract says more was due",
    "later_payers": "the next payer's limit runs too",
    "remittance_exceptions": "money that came and stands on no claim",
    "provider_adjustments": "the payment does not add up until they are explained",
    "deposits": "the bank and the books differ",
    "credits": "money that is not ours, with days to give it back",
    "patients": "patients wait for an answer",
    "statements": "patients pay sooner when they are asked sooner",
    LIMIT: "after its filing limit a claim is never paid",
    "office": "the machinery waits for a person",
}

_FRONT = ("eligibility", "authorizations", "patients", "missing_charges")
_CODE = ("missing_charges", "coding", "edits", "follow_up", "denied")
_CLAIM = (
    "rejected", "edits", "ready", "follow_up", "hold", "denied", "appeals", "information", "no_response", "later_payers", "underpaid",
    "authorizations", "eligibility", "patients", "statements", "coding", "missing_charges",
)  # fmt: skip
_POST = (
    "deposits", "remittance_exceptions", "provider_adjustments", "credits", "follow_up", "later_payers", "underpaid",
)  # fmt: skip
ORDER: Mapping[str, Sequence[str]] = {
    "front_desk": _FRONT,
    "coder": (*_CODE, LIMIT),
    "biller": (LIMIT, *_CLAIM, "remittance_exceptions", "credits", "office"),
    "poster": (*_POST, "office"),
    "supervisor": (LIMIT, "office", *_CLAIM, *_POST),
    "manager": (LIMIT, "office", "credits", *_CLAIM, *_POST),
    "owner": (LIMIT, "office", "credits", *_CLAIM, *_POST),
}
EVERYTHING = (LIMIT, *_CLAIM, *_POST, "office")


def order_of(role: str) -> Sequence[str]:
    """The queues of a role, its first one first; each once. Who only reads has the order of everything."""
    return tuple(dict.fromkeys(ORDER.get(role, EVERYTHING)))


def suggest(role: str, tallies: Iterable[Tally], *, today: date, most: int = STEPS_SHOWN) -> list[Step]:
    """What a person of this role does next, at most `most` steps; nothing of a queue that is not the role's."""
    held = {tally.key: tally for tally in tallies if tally.count}
    own = [held[key] for key in order_of(role) if key in held]
    limits = [tally for tally in own if tally.key == LIMIT]
    due = [tally for tally in own if tally.key != LIMIT and tally.due]
    rest = [tally for tally in own if tally.key != LIMIT and not tally.due]
    steps = [_whole(tally, today) for tally in limits]
    steps += [_due(tally) for tally in due]
    steps += [_whole(tally, today) for tally in rest]
    return steps[:most]


def _due(tally: Tally) -> Step:
    why = f"{'due today or late' if tally.due < tally.count else 'all due today or late'}: {WHY[tally.key]}"
    return Step(key=tally.key, why=why, count=tally.due, amount=tally.due_amount, only_due=True)


def _whole(tally: Tally, today: date) -> Step:
    days = (today - tally.oldest).days if tally.oldest else 0
    age = f", the oldest {days} days" if days > 1 and tally.key != LIMIT else ""
    return Step(key=tally.key, why=WHY[tally.key] + age, count=tally.count, amount=tally.amount)
