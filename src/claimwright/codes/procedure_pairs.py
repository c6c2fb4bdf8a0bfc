"""NCCI procedure-to-procedure edits: which two codes are not paid together on one day, by date of service.

Source of the columns: CMS NCCI PTP files (Column 1, Column 2, effective date, deletion date, modifier indicator).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec


class PairEdit(msgspec.Struct, frozen=True, kw_only=True):
    """One edit: column 2 is not paid beside column 1. `start` inclusive, `end` exclusive, None open.

    `indicator`: 0 never together, 1 with a modifier of NCCI, 9 does not apply.
    """

    column1: str
    column2: str
    indicator: str
    start: date
    end: date | None = None


@runtime_checkable
class ProcedurePairs(Protocol):
    """The pairs of one program and setting (Medicare practitioner, Medicare outpatient hospital, Medicaid ...)."""

    def covers(self, on: date) -> bool: ...

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        """The edit in force on `on` for this order of the two codes, or None."""
        ...


class PairTable:
    """Pairs held in memory: for a handful of rows. `start` and `end` are the dates the table speaks for."""

    def __init__(self, rows: Iterable[PairEdit], start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._rows: dict[tuple[str, str], list[PairEdit]] = {}
        for row in rows:
            self._rows.setdefault((row.column1, row.column2), []).append(row)

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        for row in self._rows.get((column1, column2), ()):
            if row.start <= on and (row.end is None or on < row.end):
                return row
        return None
