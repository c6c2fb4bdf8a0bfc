"""Levels of appeal: which there are, until when each may be asked for, when its answer is due, and what silence means.

Levels are data of the payer; the law's stand in where the payer has none of its own (codes/data/appeal_levels.tsv).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from claimwright.billing.denials import AppealState
from claimwright.claims.nouns import Noun
from claimwright.codes.dates import Dated, Period, Timeline, statutory_period
from claimwright.codes.tables import read_table
from claimwright.edits.payer_profile import PayerProfile

# How long after a reminder a reviewer's silence is taken as final. Our own habit, not a rule of law.
SILENCE_AFTER_CHASING_DAYS = 14
METHODS = ("mail", "fax", "portal", "electronic")


class Level(Noun, frozen=True, kw_only=True):
    """One level as it stands on a day. `typical`: not the payer's own word, but what the law grants at least."""

    number: int
    name: str
    period: Period
    presumed_receipt_days: int = 0
    response: Period | None = None
    minimum_amount: Decimal | None = None
    escalates: bool = False
    external: bool = False
    method: str = "mail"
    send_to: tuple[str, ...] = ()
    source: str = ""
    typical: bool = True


class NoSuchLevel(ValueError):
    """A level that this payer does not have."""


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=1)
def _schemes() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in read_table("appeal_levels.tsv"):
        found.setdefault(row["scheme"], []).append(row)
    return found


@lru_cache(maxsize=1)
def _minimums() -> dict[str, Timeline[Decimal]]:
    rows: dict[str, list[Dated[Decimal]]] = {}
    for row in read_table("appeal_minimums.tsv"):
        value = Dated(
            value=Decimal(row["amount"]), start=_date(row["start"]), end=_date(row["end"]), source=row["source"]
        )
        rows.setdefault(row["name"], []).append(value)
    return {name: Timeline(values) for name, values in rows.items()}


def minimum_in_dispute(name: str, on: date) -> Decimal | None:
    """Dollars that must remain in dispute for a level asked for on that day; None where no year's amount is loaded."""
    return _minimums()[name].on(on)


def _level(row: dict[str, str], on: date) -> Level:
    period = statutory_period(row["statute"], on).value if row["statute"] else Period(int(row["count"]), row["unit"])
    return Level(
        number=int(row["level"]), name=row["name"], period=period,
        presumed_receipt_days=int(row["presumed_receipt_days"]),
        response=Period(int(row["response_count"]), row["response_unit"]) if row["response_count"] else None,
        minimum_amount=minimum_in_dispute(row["minimum"], on) if row["minimum"] else None,
        escalates=row["escalates"] == "1", external=row["external"] == "1", source=row["source"],
        typical=not row["statute"],
    )  # fmt: skip


def appeal_levels(profile: PayerProfile, on: date) -> tuple[Level, ...]:
    """The levels of a payer on a day, in order: its own, else those of the law for its kind.

    A first level's days that the payer gives (`appeal_days`) hold in place of the law's.
    """
    if profile.appeal_levels:
        return tuple(
            Level(
                number=number, name=own.name, period=own.period, presumed_receipt_days=own.presumed_receipt_days,
                response=own.response, minimum_amount=own.minimum_amount, escalates=own.escalates,
                external=own.external, method=own.method, send_to=own.send_to, source=own.source, typical=False,
            )
            for number, own in enumerate(profile.appeal_levels, 1)
        )  # fmt: skip
    scheme = profile.kind if profile.kind in _schemes() else "commercial"
    rows = [
        row for row in _schemes()[scheme]
        if (_date(row["start"]) or date.min) <= on < (_date(row["end"]) or date.max)
    ]  # fmt: skip
    levels = [_level(row, on) for row in rows]
    if levels and profile.appeal_days is not None:
        first = levels[0]
        levels[0] = Level(
            number=first.number, name=first.name, period=Period(profile.appeal_days, "days"),
            presumed_receipt_days=profile.presumed_receipt_days or first.presumed_receipt_days,
            response=first.response, escalates=first.escalates, external=first.external, source=first.source,
            typical=False,
        )  # fmt: skip
    return tuple(levels)


def level_numbered(levels: tuple[Level, ...], number: int) -> Level:
    """Raises NoSuchLevel beyond the last: there is no further appeal."""
    for level in levels:
        if level.number == number:
            return level
    raise NoSuchLevel(f"this payer has {len(levels)} levels of appeal: there is no level {number}")


def ask_by(level: Level, *, notice: date, received: date | None = None) -> date:
    """The last day to ask for the level. A receipt that can be shown takes the place of the presumed one.

    Never moved past a weekend or holiday: a worklist shows the safe day.
    """
    return level.period.after(received or notice + timedelta(days=level.presumed_receipt_days))


def refusal(level: Level, *, amount: Decimal, last_day: date, on: date, good_cause: str = "") -> str:
    """Why the level cannot be asked for; blank where it can. A late one needs its good cause in writing."""
    if level.minimum_amount is not None and amount < level.minimum_amount:
        return (
            f"the {level.name} needs {level.minimum_amount} in dispute, and this is {amount}: combine claims, or stop"
        )
    if on > last_day and not good_cause.strip():
        return f"the {level.name} had to be asked for by {last_day}: give the good cause for being late, or write off"
    return ""


def response_due(level: Level, *, received: date) -> date | None:
    """The last day of the reviewer's own time, from the day it has the appeal; None where it has no limit."""
    return level.response.after(received) if level.response is not None else None


class FollowUp(StrEnum):
    WAIT = "wait"
    CHASE = "chase"  # no answer in time: call, with the tracking number
    LEVEL_UP = "level_up"  # silent after that too: the next level is open


def follow_up(
    level: Level, *, state: AppealState, due: date | None, chased: date | None, on: date, last_level: bool
) -> FollowUp:
    """What an appeal that is out needs today.

    Silence opens the next level only where the payer's rules say so; elsewhere it is chased again.
    """
    if state not in (AppealState.SENT, AppealState.NO_RESPONSE) or due is None or on <= due:
        return FollowUp.WAIT
    if chased is None:
        return FollowUp.CHASE
    if (on - chased).days <= SILENCE_AFTER_CHASING_DAYS:
        return FollowUp.WAIT
    return FollowUp.LEVEL_UP if level.escalates and not last_level else FollowUp.CHASE


def records_due(*, requested: date, asked_by: date | None, days: int) -> date:
    """The last day to send records (clock D): the one the payer names, else so many days from its request."""
    return asked_by or requested + timedelta(days=days)
