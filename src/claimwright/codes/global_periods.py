"""Global surgical periods: which days a procedure's payment covers (CMS Pub. 100-04 chapter 12, 40.1).

000  the day itself
010  the day and the 10 after it: 11 days
090  the day before, the day, and the 90 after it: 92 days
MMM  maternity: a package by pregnancy, no window of days
ZZZ  add-on: goes by its primary procedure
XXX  no global period; YYY the carrier decides
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

GLOBAL_INDICATORS = ("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ")


class GlobalWindow(msgspec.Struct, frozen=True):
    """The covered days: `start` inclusive, `end` exclusive."""

    start: date
    end: date

    def holds(self, on: date) -> bool:
        return self.start <= on < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days


_DAYS_BEFORE = {"000": 0, "010": 0, "090": 1}
_DAYS_AFTER = {"000": 0, "010": 10, "090": 90}


def days_after(indicator: str) -> int | None:
    """Days after the procedure that are covered: 0, 10 or 90; None where the indicator has no window."""
    return _DAYS_AFTER.get(indicator)


def global_window(indicator: str, procedure_date: date) -> GlobalWindow | None:
    """The days that go with a procedure done on `procedure_date`, or None for MMM, XXX, YYY, ZZZ and unknown words."""
    after = _DAYS_AFTER.get(indicator)
    if after is None:
        return None
    return GlobalWindow(
        procedure_date - timedelta(days=_DAYS_BEFORE[indicator]), procedure_date + timedelta(days=after + 1)
    )


def covers(indicator: str, procedure_date: date, on: date) -> bool:
    """Whether `on` lies in the period of a procedure done on `procedure_date`. Cheap enough for every line."""
    after = _DAYS_AFTER.get(indicator)
    if after is None:
        return False
    distance = (on - procedure_date).days
    return -_DAYS_BEFORE[indicator] <= distance <= after


def is_major(indicator: str) -> bool:
    """Whether the procedure is major surgery: a 90-day period, where the decision to operate takes 57."""
    return indicator == "090"


def is_minor(indicator: str) -> bool:
    """Whether the procedure is minor: a period of 0 or 10 days, where a separate visit that day takes 25."""
    return indicator in ("000", "010")


def furthest_back(on: date) -> date:
    """The earliest day a procedure could have been done for its period to reach `on`: how far history is searched."""
    return on - timedelta(days=max(_DAYS_AFTER.values()))
