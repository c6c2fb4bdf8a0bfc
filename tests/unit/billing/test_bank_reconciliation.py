"""The day on which the other half is missing, over weekends and holidays; the roll-forward to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.bank_reconciliation import (
    LineFigure,
    LineState,
    Movement,
    is_bank_day,
    missing_from,
    roll_forward,
)

# came on -> first day missing: counted by hand on the Federal Reserve's calendar.
BOUNDARIES = """
2026-01-05 2026-01-12   2026-01-12 2026-01-20   2026-01-13 2026-01-21   2026-01-16 2026-01-26   2026-01-17 2026-01-26
2026-01-18 2026-01-26   2026-01-19 2026-01-26   2026-01-20 2026-01-27   2026-02-09 2026-02-17   2026-02-13 2026-02-23
2026-02-16 2026-02-23   2026-02-17 2026-02-24   2026-03-02 2026-03-09   2026-03-06 2026-03-13   2026-03-07 2026-03-13
2026-03-08 2026-03-13   2026-05-18 2026-05-26   2026-05-22 2026-06-01   2026-05-25 2026-06-01   2026-06-12 2026-06-22
2026-06-15 2026-06-23   2026-06-18 2026-06-26   2026-06-19 2026-06-26   2026-06-26 2026-07-03   2026-06-29 2026-07-06
2026-07-02 2026-07-09   2026-07-03 2026-07-10   2026-07-04 2026-07-10   2026-08-31 2026-09-08   2026-09-01 2026-09-09
2026-09-04 2026-09-14   2026-09-07 2026-09-14   2026-09-08 2026-09-15   2026-10-05 2026-10-13   2026-10-09 2026-10-19
2026-10-12 2026-10-19   2026-11-04 2026-11-12   2026-11-10 2026-11-18   2026-11-11 2026-11-18   2026-11-19 2026-11-27
2026-11-20 2026-11-30   2026-11-25 2026-12-03   2026-11-26 2026-12-03   2026-12-18 2026-12-28   2026-12-21 2026-12-29
2026-12-24 2027-01-04   2026-12-25 2027-01-04   2026-12-28 2027-01-05   2026-12-31 2027-01-08   2027-01-01 2027-01-08
2027-06-14 2027-06-21   2027-06-17 2027-06-24   2027-06-18 2027-06-25   2027-07-01 2027-07-09   2027-07-02 2027-07-12
2027-12-20 2027-12-27   2027-12-23 2027-12-30   2027-12-24 2027-12-31   2028-01-03 2028-01-10   2028-02-28 2028-03-06
"""
DAYS = [date.fromisoformat(day) for line in BOUNDARIES.splitlines() for day in line.split()]
CASES = list(zip(DAYS[::2], DAYS[1::2], strict=True))


@pytest.mark.parametrize(("came", "missing"), CASES, ids=lambda day: day.isoformat())
def test_it_is_missing_after_four_bank_days_and_not_a_day_before(came, missing):
    assert missing_from(came) == missing and is_bank_day(missing)


def test_there_are_sixty_boundaries():
    assert len(set(CASES)) >= 60


def test_the_reserve_banks_do_not_move_a_saturday_holiday():
    assert is_bank_day(date(2026, 7, 3)) and not is_bank_day(date(2026, 7, 4))
    assert not is_bank_day(date(2027, 7, 5)) and date(2027, 7, 4).weekday() == 6


START = date(2026, 9, 1)
moves = st.lists(
    st.builds(
        Movement, on=st.dates(START - timedelta(days=40), START + timedelta(days=70)),
        amount=st.decimals("-500", "500", places=2),
    ),
    max_size=20,
)  # fmt: skip


@given(moves, moves)
def test_closing_of_a_period_is_opening_of_the_next(received, cleared):
    middle, end = START + timedelta(days=7), START + timedelta(days=30)
    one, two, whole = (
        roll_forward(start=a, end=b, received=received, cleared=cleared, lines=[])
        for a, b in ((START, middle), (middle, end), (START, end))
    )
    assert one.closing == two.opening and all(figures.adds_up for figures in (one, two, whole))
    assert one.cleared + two.cleared == whole.cleared and two.closing == whole.closing


def test_a_line_that_its_money_does_not_sum_to_is_seen():
    line = LineFigure(posted_on=START, amount=Decimal("97.10"), state=LineState.MATCHED, fee=Decimal("2.90"))
    money = Movement(on=START, amount=Decimal("100.00"))
    days = {"start": START, "end": START + timedelta(days=1)}
    good = roll_forward(received=[money], cleared=[money], lines=[line], **days)
    assert good.ties_to_bank and good.adds_up and good.difference == 0
    short = Movement(on=START, amount=Decimal("99.99"))
    bad = roll_forward(received=[money], cleared=[short], lines=[line], **days)
    assert not bad.ties_to_bank and bad.difference == Decimal("0.01") and bad.closing == Decimal("0.01")
