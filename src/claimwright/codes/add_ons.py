"""NCCI add-on codes: which code is never billed without its primary, by date of service.

Source of the columns: CMS NCCI add-on code file (type, add-on code, primary code, dates).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
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
        listed = self._rows.get(code)
        if listed is None:
            return None
        rows = [row for row in listed if row.holds(on)]
        if not rows:
            return None
        # Where rows of one day disagree, the kind that leaves the payer most room: no claim is blocked on a doubt.
        kind = 3 if len({row.kind for row in rows}) > 1 else rows[0].kind
        return AddOn(code=code, kind=kind, primaries=frozenset(row.primary for row in rows if row.primary))

    def __iter__(self) -> Iterator[AddOnRow]:
        for rows in self._rows.values():
            yield from rows

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())


class _AddOnFile(msgspec.Struct, frozen=True):
    start: date | None
    end: date | None
    rows: list[tuple[str, int, str, date | None, date | None]]


def write_add_ons(path: Path, rows: Iterable[AddOnRow], start: date | None, end: date | None) -> None:
    """Add-on codes as a file that `open_add_ons` reads; `end` is exclusive."""
    found = {(row.code, row.primary, row.kind, row.start, row.end) for row in rows}
    ordered = sorted(found, key=lambda row: (*row[:3], row[3] or date.min, row[4] or date.max))
    held = [(code, kind, primary, first, last) for code, primary, kind, first, last in ordered]
    path.write_bytes(msgspec.json.encode(_AddOnFile(start, end, held)))


def open_add_ons(path: Path) -> AddOnTable:
    """Raises msgspec.DecodeError for a damaged file."""
    held = msgspec.json.decode(path.read_bytes(), type=_AddOnFile)
    rows = (
        AddOnRow(code=code, kind=kind, primary=primary, start=start, end=end)
        for code, kind, primary, start, end in held.rows
    )
    return AddOnTable(rows, held.start, held.end)
