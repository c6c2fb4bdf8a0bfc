"""Dated values, X12 dates, business days and deadlines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.codes.dates import (
    Dated,
    DateError,
    OverlapError,
    Period,
    Timeline,
    add_business_days,
    add_months,
    business_days_between,
    federal_holidays,
    format_date8,
    is_business_day,
    medicare_appeal_deadline,
    medicare_filing_deadline,
    next_business_day,
    one_calendar_year,
    parse_date8,
    parse_date_range,
    received_on,
    statutory_names,
    statutory_period,
)

JANUARY, APRIL, JULY = date(2026, 1, 1), date(2026, 4, 1), date(2026, 7, 1)


def test_timeline_is_start_inclusive_end_exclusive():
    line = Timeline([Dated(value="b", start=APRIL, end=JULY), Dated(value="a", end=JANUARY)])
    assert line.on(date(2025, 12, 31)) == "a"
    assert line.on(JANUARY) is None
    assert line.on(APRIL) == "b"
    assert line.on(date(2026, 6, 30)) == "b"
    assert line.on(JULY) is None


@pytest.mark.parametrize(
    "rows",
    [
        [Dated(value=1, start=JANUARY, end=JULY), Dated(value=2, start=APRIL)],
        [Dated(value=1, start=JANUARY), Dated(value=2, start=APRIL, end=JULY)],
        [Dated(value=1), Dated(value=2)],
        [Dated(value=1, end=JULY), Dated(value=2, end=APRIL)],
        [Dated(value=1, start=JANUARY, end=APRIL), Dated(value=1, start=JANUARY, end=APRIL)],
    ],
)
def test_overlap_is_refused(rows):
    with pytest.raises(OverlapError):
        Timeline(rows)


def test_touching_values_do_not_overlap():
    line = Timeline([Dated(value=1, start=JANUARY, end=APRIL), Dated(value=2, start=APRIL)])
    assert (line.on(date(2026, 3, 31)), line.on(APRIL)) == (1, 2)


def test_end_before_start_is_refused():
    with pytest.raises(ValueError, match="must end after"):
        Timeline([Dated(value=1, start=APRIL, end=APRIL)])


def test_date8():
    assert parse_date8("20240229") == date(2024, 2, 29)
    assert format_date8(date(2024, 2, 9)) == "20240209"


@pytest.mark.parametrize(
    "text", ["20260229", "20261301", "2026010", "260101", "2026-01-01", "", "0000", "00000101", "２０２６０１０１"]
)
def test_bad_date8_says_nothing_of_the_text(text):
    with pytest.raises(DateError) as caught:
        parse_date8(text)
    assert not text or text not in str(caught.value)


def test_date_range():
    assert parse_date_range("20260101-20260103") == (JANUARY, date(2026, 1, 3))
    assert parse_date_range("20260101", "D8") == (JANUARY, JANUARY)


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [("20260103-20260101", "RD8"), ("20260101", "RD8"), ("20260101-20260103", "D8"), ("20260101", "DT"), ("-", "RD8")],
)
def test_bad_date_range(text, qualifier):
    with pytest.raises(DateError):
        parse_date_range(text, qualifier)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_date8_round_trip(day):
    assert parse_date8(format_date8(day)) == day


@pytest.mark.parametrize(
    ("service", "last"),
    [
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2025, 12, 31), date(2026, 12, 31)),
        (date(2023, 3, 1), date(2024, 3, 1)),
    ],
)
def test_one_calendar_year_and_medicare_filing(service, last):
    assert one_calendar_year(service) == last
    assert medicare_filing_deadline(service) == last


def test_add_months_keeps_to_the_month():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -13) == date(2024, 12, 15)


def test_federal_holidays_of_2026():
    assert federal_holidays(2026) == {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),  # the 4th is a Saturday
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    }


def test_new_year_on_a_saturday_is_kept_in_the_old_year():
    assert date(2021, 12, 31) in federal_holidays(2021)
    assert date(2022, 1, 1) not in federal_holidays(2022)
    assert not is_business_day(date(2021, 12, 31))


def test_juneteenth_begins_in_2021():
    assert is_business_day(date(2020, 6, 19))
    assert not is_business_day(date(2021, 6, 18))  # the 19th was a Saturday


def test_business_days_over_a_long_weekend():
    friday = date(2026, 9, 4)
    assert next_business_day(date(2026, 9, 5)) == date(2026, 9, 8)
    assert add_business_days(friday, 1) == date(2026, 9, 8)
    assert add_business_days(date(2026, 9, 8), -1) == friday
    assert add_business_days(friday, 0) == friday
    assert received_on(friday) == friday
    assert received_on(friday, after_cutoff=True) == date(2026, 9, 8)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 40))
def test_business_day_counts_agree(day, count):
    later = add_business_days(day, count)
    assert is_business_day(later)
    assert business_days_between(day, later) == count
    assert business_days_between(later, day) == -count


def test_periods():
    assert Period(90).after(JANUARY) == JANUARY + timedelta(days=90)
    assert Period(1, "months").after(date(2026, 1, 31)) == date(2026, 2, 28)
    assert Period(2, "business_days").after(date(2026, 9, 4)) == date(2026, 9, 9)
    with pytest.raises(ValueError, match="months"):
        Period(1, "moons").after(JANUARY)


def test_appeal_runs_from_presumed_receipt():
    assert medicare_appeal_deadline("redetermination", date(2026, 8, 3)) == date(2026, 8, 3) + timedelta(days=125)
    assert medicare_appeal_deadline("reconsideration", date(2026, 8, 3)) == date(2026, 8, 3) + timedelta(days=185)


def test_every_statutory_period_has_a_source_and_a_known_unit():
    assert len(statutory_names()) >= 15
    for name in statutory_names():
        row = statutory_period(name, date(2026, 8, 1))
        assert row.source, name
        assert row.value.after(JANUARY) > JANUARY


def test_a_period_not_yet_in_force_is_refused():
    with pytest.raises(KeyError):
        statutory_period("overpayment_investigation_suspension", date(2024, 12, 31))
