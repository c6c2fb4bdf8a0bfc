"""Days of global periods, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from claimwright.codes.global_periods import (
    GLOBAL_INDICATORS,
    covers,
    days_after,
    furthest_back,
    global_window,
    is_major,
    is_minor,
)

DONE = date(2024, 2, 28)  # a leap year: 29 February counts


@pytest.mark.parametrize(
    ("indicator", "first", "last", "days"),
    [
        ("000", date(2024, 2, 28), date(2024, 2, 28), 1),
        ("010", date(2024, 2, 28), date(2024, 3, 9), 11),
        ("090", date(2024, 2, 27), date(2024, 5, 28), 92),
    ],
)
def test_a_window(indicator, first, last, days):
    window = global_window(indicator, DONE)
    assert (window.start, window.end - timedelta(days=1), window.days) == (first, last, days)
    for on, inside in [(first - timedelta(days=1), False), (first, True), (last, True), (window.end, False)]:
        assert window.holds(on) is covers(indicator, DONE, on) is inside


@pytest.mark.parametrize("indicator", ["MMM", "XXX", "YYY", "ZZZ", "", "045"])
def test_no_window(indicator):
    assert global_window(indicator, DONE) is None
    assert covers(indicator, DONE, DONE) is False
    assert days_after(indicator) is None


def test_kinds():
    assert [name for name in GLOBAL_INDICATORS if is_major(name)] == ["090"]
    assert [name for name in GLOBAL_INDICATORS if is_minor(name)] == ["000", "010"]
    assert covers("090", furthest_back(DONE), DONE) and not covers("090", furthest_back(DONE) - timedelta(days=1), DONE)
