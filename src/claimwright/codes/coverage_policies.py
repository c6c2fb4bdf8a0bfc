"""Coverage policies: which diagnoses a payer or contractor takes as reason for a service (LCD, NCD, payer policy)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, runtime_checkable

import msgspec


class CoveragePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """One group of a policy: any of `diagnoses` supports any of `procedures`. `start` inclusive, `end` exclusive.

    `not_covered` diagnoses never support them. `most_in_days` (times, days) is a limit of frequency; ages are in years,
    both included. `jurisdiction` is a contractor number, a state or blank for everywhere.
    """

    id: str
    title: str = ""
    source: str = ""
    payer_ids: tuple[str, ...] = ()
    jurisdiction: str = ""
    procedures: frozenset[str] = frozenset()
    diagnoses: frozenset[str] = frozenset()
    not_covered: frozenset[str] = frozenset()
    most_in_days: tuple[int, int] | None = None
    youngest: int | None = None
    oldest: int | None = None
    start: date | None = None
    end: date | None = None

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


@runtime_checkable
class CoveragePolicies(Protocol):
    def covers(self, on: date) -> bool: ...

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        """The policies in force on `on` that speak of the procedure, in the payer's jurisdiction."""
        ...


class PolicyTable:
    """Policies held in memory, those of the claim's payer and jurisdiction."""

    def __init__(self, rows: Iterable[CoveragePolicy], start: date | None = None, end: date | None = None) -> None:
        self.start, self.end = start, end
        self._rows: dict[str, list[CoveragePolicy]] = {}
        for row in rows:
            for procedure in row.procedures:
                self._rows.setdefault(procedure, []).append(row)

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        rows = self._rows.get(procedure)
        return tuple(row for row in rows if row.holds(on)) if rows else ()
