"""NCCI medically unlikely edits (MUE): the most units of a code for one patient, provider and day.

Source of the columns: CMS MUE files (code, value, adjudication indicator). A file speaks for its quarter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec


class UnitLimit(msgspec.Struct, frozen=True, kw_only=True):
    """`indicator` (MAI): 1 for each line, 2 for the day and absolute, 3 for the day and open to appeal."""

    code: str
    units: int
    indicator: int
    start: date | None = None
    end: date | None = None


@runtime_checkable
class UnitLimits(Protocol):
    def covers(self, on: date) -> bool: ...

    def limit(self, code: str, on: date) -> UnitLimit | None: ...


class LimitTable:
    """Limits held in memory. `start` and `end` are the dates the table speaks for."""

    def __init__(self, rows: Iterable[UnitLimit], start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._rows: dict[str, list[UnitLimit]] = {}
        for row in rows:
            self._rows.setdefault(row.code, []).append(row)

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def limit(self, code: str, on: date) -> UnitLimit | None:
        for row in self._rows.get(code, ()):
            if (row.start is None or row.start <= on) and (row.end is None or on < row.end):
                return row
        return None
