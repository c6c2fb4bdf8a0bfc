"""Work put aside and work passed up: until when an item may sleep, and what must be said. Pure: today comes in."""

from __future__ import annotations

from datetime import date, timedelta

from claimwright.billing.policies import Policies


class WorkRefused(ValueError):
    """Work that cannot be put aside, passed up or taken like that; the text says why and what to do."""


def check_snooze(
    *, until: date | None, reason: str, today: date, due_on: date | None, policies: Policies | None = None
) -> None:
    """Raises WorkRefused for a day that is not to come, too far, or past a due day that is still ahead; without a reason.

    An item that is late already may sleep: for whoever waits for a call back, late is no reason to look every hour.
    """
    longest = (policies or Policies()).snooze_longest_days
    if not reason.strip():
        raise WorkRefused("say why it can wait")
    if until is None or until <= today:
        raise WorkRefused("it wakes on a day that is to come: give a date after today")
    if until > today + timedelta(days=longest):
        raise WorkRefused(f"it sleeps {longest} days at most: give an earlier date")
    if due_on is not None and today < due_on < until:
        raise WorkRefused(f"it is due on {due_on:%m/%d/%Y}: wake it by then")


def check_escalation(*, reason: str, escalated_on: date | None) -> None:
    """Raises WorkRefused without a reason, and for what was passed up already."""
    if not reason.strip():
        raise WorkRefused("say what the supervisor has to decide")
    if escalated_on is not None:
        raise WorkRefused(f"it was passed up on {escalated_on:%m/%d/%Y} already")
