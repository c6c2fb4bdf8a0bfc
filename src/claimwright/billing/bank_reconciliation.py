"""When money is late at the bank, and the bank's figures against the books for a day, a week or a month.

Sources: CAQH CORE 370 (remittance within three business days of the EFT, late or missing after four), the Federal
Reserve's holiday schedule, the domain specification section 7 ("Reconciliation").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import Noun
from claimwright.codes.dates import federal_holiday_rules
from claimwright.codes.money import ZERO

MISSING_AFTER_BUSINESS_DAYS = 4  # CAQH CORE 370: the other half has not come four business days after this one
_SATURDAY, _SUNDAY = 5, 6


def is_bank_day(day: date) -> bool:
    """Whether the Federal Reserve settles. A holiday on a Saturday is not moved to Friday, as offices move it."""
    if day.weekday() >= _SATURDAY:
        return False
    for rule in federal_holiday_rules():
        if day.year >= rule.first_year:
            holiday = rule.in_year(day.year)
            if day == (holiday + timedelta(days=1) if holiday.weekday() == _SUNDAY else holiday):
                return False
    return True


def missing_from(came_on: date) -> date:
    """The first day on which the other half is missing: the bank day after the fourth one that follows `came_on`."""
    day, left = came_on, MISSING_AFTER_BUSINESS_DAYS + 1
    while left:
        day += timedelta(days=1)
        left -= is_bank_day(day)
    return day


class Movement(Noun, frozen=True):
    """Money on a day: expected (received in the books) or cleared (shown by the bank). Negative goes out or back."""

    on: date
    amount: Decimal


class LineState(StrEnum):
    MATCHED = "MATCHED"
    EXPLAINED = "EXPLAINED"  # no money of the practice's claims: a bank fee, payroll, a transfer
    OPEN = "OPEN"


class LineFigure(Noun, frozen=True):
    posted_on: date
    amount: Decimal
    state: LineState
    fee: Decimal = ZERO  # what the processor kept of this line's match


class RollForward(Noun, frozen=True):
    """Deposits in transit: opening + received - cleared = closing. Below zero: the bank was before the books."""

    start: date
    end: date  # exclusive
    opening: Decimal
    received: Decimal
    cleared: Decimal
    closing: Decimal
    bank_total: Decimal
    matched: Decimal
    fees: Decimal
    explained: Decimal
    open: Decimal

    @property
    def adds_up(self) -> bool:
        return self.opening + self.received - self.cleared == self.closing

    @property
    def ties_to_bank(self) -> bool:
        """All lines are in one state, and what the bank showed is what was cleared, less the fees kept."""
        return self.bank_total == self.matched + self.explained + self.open and self.matched == self.cleared - self.fees

    @property
    def difference(self) -> Decimal:
        """What the lines matched and the money cleared by them differ by: zero, or a fault of the books."""
        return self.matched - (self.cleared - self.fees)


def roll_forward(
    *, start: date, end: date, received: Iterable[Movement], cleared: Iterable[Movement], lines: Iterable[LineFigure]
) -> RollForward:
    """Figures of the days from `start` up to and without `end`. Closing is summed from all movements, not derived."""
    came, gone = list(received), list(cleared)
    inside = [line for line in lines if start <= line.posted_on < end]

    def by_state(state: LineState) -> Decimal:
        return sum((line.amount for line in inside if line.state is state), ZERO)

    return RollForward(
        start=start, end=end, opening=_before(came, start) - _before(gone, start),
        received=_before(came, end) - _before(came, start), cleared=_before(gone, end) - _before(gone, start),
        closing=_before(came, end) - _before(gone, end), bank_total=sum((line.amount for line in inside), ZERO),
        matched=by_state(LineState.MATCHED), fees=sum((line.fee for line in inside), ZERO),
        explained=by_state(LineState.EXPLAINED), open=by_state(LineState.OPEN),
    )  # fmt: skip


def _before(movements: Iterable[Movement], day: date) -> Decimal:
    return sum((one.amount for one in movements if one.on < day), ZERO)
