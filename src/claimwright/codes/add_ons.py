"""NCCI add-on codes: which code is never billed without its primary, by date of service.

Source of the columns: CMS NCCI add-on code file (type, add-on code, primary code, dates).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec


class AddOn(msgspec.Struct, frozen=True, kw_only=True):
    """What an add-on code may stand beside on one day.

    `kind`: 1 the listed primaries only, 2 the payer decides, 3 the listed ones and others the payer takes.
    """

    code: str
    kind: int
    primaries: frozenset[str] = frozenset()


@runtime_checkable
class AddOns(Protocol):
    def covers(self, on: date) -> bool: ...

    def add_on(self, code: str, on: date) -> AddOn | None:
        """The add-on code as of that day with the primaries in force then; None where it is no add-on code."""
        ...


class AddOnRow(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of the file. `primary` is blank where the payer decides."""

    code: str
    kind: int
    primary: str = ""
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class AddOnTable:
    """Add-on codes held in memory. `start` and `end` are the dates the table speaks for."""

    def __init__(self, rows: Iterable[AddOnRow], start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._rows: dict[str, list[AddOnRow]] = {}
        for row in rows:
            self._rows.setdefault(row.code, []).append(row)

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def add_on(self, code: str, on: date) -> AddOn | None:
        rows = [row for row in self._rows.get(code, ()) if row.holds(on)]
        if not rows:
            return None
        return AddOn(code=code, kind=rows[0].kind, primaries=frozenset(row.primary for row in rows if row.primary))
