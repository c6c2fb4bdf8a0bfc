"""NCCI medically unlikely edits (MUE): the most units of a code for one patient, provider and day.

Source of the columns: CMS MUE files (code, value, adjudication indicator). A file speaks for its quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
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

    def __iter__(self) -> Iterator[UnitLimit]:
        for rows in self._rows.values():
            yield from rows

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())


class _LimitFile(msgspec.Struct, frozen=True):
    start: date | None
    end: date | None
    rows: list[tuple[str, int, int]]


def write_limits(path: Path, rows: Iterable[UnitLimit], start: date | None, end: date | None) -> None:
    """One quarter's limits as a file that `open_limits` reads; `end` is exclusive."""
    ordered = sorted((row.code, row.units, row.indicator) for row in rows)
    path.write_bytes(msgspec.json.encode(_LimitFile(start, end, ordered)))


def open_limits(path: Path) -> LimitTable:
    """Raises msgspec.DecodeError for a damaged file."""
    held = msgspec.json.decode(path.read_bytes(), type=_LimitFile)
    rows = (UnitLimit(code=code, units=units, indicator=indicator) for code, units, indicator in held.rows)
    return LimitTable(rows, held.start, held.end)
