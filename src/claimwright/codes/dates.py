"""Calendar dates of billing: effective-dated values, X12 dates, business days and statutory deadlines."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Generic, TypeVar

import msgspec

from claimwright.codes.tables import read_table

T = TypeVar("T")

_DATE8 = re.compile(r"[0-9]{8}\Z")
_SUNDAY = 6
_SATURDAY = 5


class DateError(ValueError):
    """Text that is no date; the message says which rule it breaks and never holds the text."""


class OverlapError(ValueError):
    """Two effective-dated values hold on one day, so a look-up would have two answers."""


class Dated(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A value in force from `start` up to and without `end`; None is open. `source` is a citation that can be opened."""

    value: T
    start: date | None = None
    end: date | None = None
    source: str = ""
    unit: str = ""
    note: str = ""

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Timeline(Generic[T]):
    """Effective-dated values of one thing, in order of time. Raises OverlapError for overlap, ValueError for end <= start."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Iterable[Dated[T]]) -> None:
        ordered = sorted(rows, key=lambda row: row.start or date.min)
        for row in ordered:
            if row.start is not None and row.end is not None and row.end <= row.start:
                raise ValueError(f"a value that starts {row.start} must end after that day, not {row.end}")
        for earlier, later in zip(ordered, ordered[1:], strict=False):
            if earlier.end is None or later.start is None or later.start < earlier.end:
                raise OverlapError(f"two values hold on {later.start or earlier.start or 'every day'}")
        self._rows = tuple(ordered)

    def on(self, day: date) -> T | None:
        """The value in force on `day`, or None."""
        row = self.row_on(day)
        return None if row is None else row.value

    def row_on(self, day: date) -> Dated[T] | None:
        """The value in force on `day` with its dates and source, or None."""
        for row in self._rows:
            if row.holds(day):
                return row
        return None

    def __iter__(self) -> Iterator[Dated[T]]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def parse_date8(text: str) -> date:
    """A CCYYMMDD date (X12 D8). Raises DateError."""
    if not _DATE8.match(text):
        raise DateError("a date is eight digits: century, year, month, day")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        raise DateError("no such day in the calendar") from None


def parse_date_range(text: str, qualifier: str = "RD8") -> tuple[date, date]:
    """First and last day of an X12 DTP: D8 is one day twice, RD8 is CCYYMMDD-CCYYMMDD. Raises DateError."""
    if qualifier == "D8":
        day = parse_date8(text)
        return day, day
    if qualifier != "RD8":
        raise DateError("a date's format qualifier is D8 or RD8")
    first_text, hyphen, last_text = text.partition("-")
    if not hyphen:
        raise DateError("a date range is two dates of eight digits with a hyphen between")
    first, last = parse_date8(first_text), parse_date8(last_text)
    if last < first:
        raise DateError("a date range ends before it begins")
    return first, last


def format_date8(day: date) -> str:
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def add_months(day: date, months: int) -> date:
    """The same day of a month further on; the month's last day where it has no such day (31 January + 1 = 28 or 29)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def one_calendar_year(day: date) -> date:
    """The last day to file under a one-calendar-year limit: the same date next year, 28 February for 29 February."""
    return add_months(day, 12)


class HolidayRule(msgspec.Struct, frozen=True, kw_only=True):
    """One federal holiday: a fixed day, or the nth weekday of a month (-1 the last), observed since `first_year`."""

    name: str
    month: int
    day: int = 0
    weekday: int = -1
    nth: int = 0
    first_year: int = 0

    def in_year(self, year: int) -> date:
        if self.day:
            return date(year, self.month, self.day)
        length = calendar.monthrange(year, self.month)[1]
        days = [d for n in range(1, length + 1) if (d := date(year, self.month, n)).weekday() == self.weekday]
        return days[self.nth - 1 if self.nth > 0 else self.nth]


@lru_cache(maxsize=1)
def federal_holiday_rules() -> tuple[HolidayRule, ...]:
    return tuple(
        HolidayRule(
            name=row["name"],
            month=int(row["month"]),
            day=int(row["day"] or 0),
            weekday=int(row["weekday"] or -1),
            nth=int(row["nth"] or 0),
            first_year=int(row["first_year"]),
        )
        for row in read_table("federal_holidays.tsv")
    )


def _observed(day: date) -> date:
    """Saturday holidays are kept on Friday, Sunday ones on Monday (5 U.S.C. 6103(b), E.O. 11582)."""
    if day.weekday() == _SATURDAY:
        return day - timedelta(days=1)
    if day.weekday() == _SUNDAY:
        return day + timedelta(days=1)
    return day


@lru_cache(maxsize=256)
def federal_holidays(year: int) -> frozenset[date]:
    """Days of `year` on which a federal holiday is observed; 1 January of the next year may fall on 31 December."""
    days = set()
    for rule in federal_holiday_rules():
        for y in (year, year + 1):
            if y >= rule.first_year:
                day = _observed(rule.in_year(y))
                if day.year == year:
                    days.add(day)
    return frozenset(days)


def is_business_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year)


def next_business_day(day: date) -> date:
    """`day` itself if it is a business day, else the first one after."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """`count` business days after `day` (before it when negative); 0 is `day` itself."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_business_day(day):
            day += step
    return day


def business_days_between(first: date, last: date) -> int:
    """Business days after `first` up to and including `last`; negative when `last` is earlier."""
    if last < first:
        return -business_days_between(last, first)
    return sum(is_business_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def received_on(day: date, after_cutoff: bool = False) -> date:
    """The day Medicare counts an electronic claim as received.

    One that comes on a weekend or holiday, or after the 6 pm Eastern cut-off of a business day, counts on the next
    business day. The caller says whether it was after the cut-off, because dates here have no time of day.
    """
    return next_business_day(day + timedelta(days=1) if after_cutoff else day)


class Period(msgspec.Struct, frozen=True):
    """A count of days, business days, months or years."""

    count: int
    unit: str = "days"

    def after(self, day: date) -> date:
        """The last day of a period that runs from `day`. Raises ValueError for an unknown unit."""
        if self.unit == "days":
            return day + timedelta(days=self.count)
        if self.unit == "business_days":
            return add_business_days(day, self.count)
        if self.unit == "months":
            return add_months(day, self.count)
        if self.unit == "years":
            return add_months(day, 12 * self.count)
        raise ValueError(f"a period is in days, business_days, months or years, not {self.unit!r}")


@lru_cache(maxsize=1)
def _periods() -> dict[str, Timeline[Period]]:
    rows: dict[str, list[Dated[Period]]] = {}
    for row in read_table("deadlines.tsv"):
        rows.setdefault(row["name"], []).append(
            Dated(
                value=Period(int(row["count"]), row["unit"]),
                start=date.fromisoformat(row["start"]) if row["start"] else None,
                end=date.fromisoformat(row["end"]) if row["end"] else None,
                unit=row["unit"],
                source=row["source"],
            )
        )
    return {name: Timeline(values) for name, values in rows.items()}


def statutory_period(name: str, on: date) -> Dated[Period]:
    """A named period of data/deadlines.tsv in force on `on`, with its source. Raises KeyError for an unknown name or day."""
    row = _periods()[name].row_on(on)
    if row is None:
        raise KeyError(f"{name} has no value on {on}")
    return row


def statutory_names() -> tuple[str, ...]:
    return tuple(_periods())


def medicare_filing_deadline(service_date: date) -> date:
    """Last day Medicare may receive a claim: From date of a professional line, Through date of an institutional claim."""
    return statutory_period("medicare_timely_filing", service_date).value.after(service_date)


def medicare_presumed_receipt(notice_date: date) -> date:
    """The day a Medicare notice is presumed received; a later receipt may be shown."""
    return statutory_period("medicare_presumed_receipt", notice_date).value.after(notice_date)


def medicare_appeal_deadline(level: str, notice_date: date) -> date:
    """Last day to ask for `level` (redetermination, reconsideration, hearing, council, court) after a notice.

    Never moved past a weekend or holiday: a work list shows the safe day.
    """
    return statutory_period(f"medicare_{level}", notice_date).value.after(medicare_presumed_receipt(notice_date))
