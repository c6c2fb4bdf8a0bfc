"""Money a payer takes back: by when it can be contested, and which claim it may be about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from claimwright.claims.nouns import Noun

# PLB codes by which money is held back that was ours: + recovers now, - forwards a debt to a later payment.
RECOVERS_NOW = ("WO", "L3", "50", "51", "WU", "LE", "OB")
FORWARDS = "FB"
# Points of the suggestion. The payer's own number names the claim; what follows only agrees with it.
PAYER_NUMBER_POINTS, CONTROL_NUMBER_POINTS, AMOUNT_POINTS, PATIENT_POINTS, DATE_POINTS = 60, 60, 25, 10, 5
SHOWN_FROM_POINTS = 25


class ContestDay(Noun, frozen=True, kw_only=True):
    """The last day for a step against a recovery, and where that is written."""

    on: date
    step: str
    source: str


def contest_days(payer_kind: str, announced: date) -> tuple[ContestDay, ...]:
    """The days that the law sets from the payer's letter, the first one first; empty where only a contract can set any.

    Medicare: a rebuttal within 15 days; a redetermination asked for by day 30 keeps the recoupment from beginning,
    which it else does on day 41; the redetermination itself within 120 days, with 5 days more for the mail.
    """
    if payer_kind != "medicare":
        return ()
    return (
        ContestDay(on=announced + timedelta(days=15), step="Rebuttal", source="42 CFR 405.374(b)"),
        ContestDay(
            on=announced + timedelta(days=30), step="Redetermination that stops the recoupment",
            source="42 CFR 405.379(e)",
        ),
        ContestDay(on=announced + timedelta(days=41), step="Recoupment begins", source="42 CFR 405.379(d)"),
        ContestDay(on=announced + timedelta(days=125), step="Redetermination", source="42 CFR 405.942(a)"),
    )  # fmt: skip


def next_contest_day(payer_kind: str, announced: date, on: date) -> ContestDay | None:
    """The next day that has not passed."""
    return next((day for day in contest_days(payer_kind, announced) if day.on >= on), None)


class Paid(Noun, frozen=True, kw_only=True):
    """One standing payment of the payer on a claim of ours. `amount` in dollars, as CLP04."""

    claim_payment_id: str
    payer_claim_number: str
    control_number: str
    amount: Decimal
    last_name: str = ""
    service_on: date | None = None


class Likely(Noun, frozen=True, kw_only=True):
    claim_payment_id: str
    points: int
    because: tuple[str, ...]


def likely_claims(
    *,
    numbers: Iterable[str],
    amount: Decimal,
    paid: Iterable[Paid],
    last_name: str = "",
    service_on: date | None = None,
) -> tuple[Likely, ...]:
    """Payments that a recovery of `amount` may be about, best first. `numbers` are those the payer gave, in any form."""
    named = {number.strip().upper() for number in numbers if number.strip()}
    found = []
    for one in paid:
        facts = (
            ("their claim number", PAYER_NUMBER_POINTS, one.payer_claim_number.upper() in named),
            ("our claim number", CONTROL_NUMBER_POINTS, one.control_number.upper() in named),
            ("the amount", AMOUNT_POINTS, one.amount == abs(amount)),
            ("the patient", PATIENT_POINTS, bool(last_name.strip()) and one.last_name.upper() == last_name.strip().upper()),
            ("the date of service", DATE_POINTS, service_on is not None and one.service_on == service_on),
        )  # fmt: skip
        points = sum(worth for _, worth, agrees in facts if agrees)
        if points >= SHOWN_FROM_POINTS:
            because = tuple(says for says, _, agrees in facts if agrees)
            found.append(Likely(claim_payment_id=one.claim_payment_id, points=points, because=because))
    return tuple(sorted(found, key=lambda one: (-one.points, one.claim_payment_id)))
