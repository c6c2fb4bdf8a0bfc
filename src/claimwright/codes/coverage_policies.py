"""Coverage policies: which diagnoses a payer or contractor takes as reason for a service (LCD, NCD, payer policy).

Medicare's come from CMS's Medicare Coverage Database (`loaders.coverage`), a payer's or an NCD's own from a plain table
of the columns of `TABLE_COLUMNS`. The prepared form is one policy a line; a policy is decoded when a procedure of it is
first asked about, for most of the database is never needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

SHORTEST_PREFIX = 3
# A plain table of policies: one row a group. Lists have blanks between; a diagnosis may end in * for all beneath it.
TABLE_COLUMNS = (
    *("policy", "title", "payer_ids", "payer_kinds", "states", "procedures", "diagnoses", "not_covered"),
    *("times", "days", "youngest", "oldest", "start", "end", "source"),
)


class CoveragePolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One group of a policy: any of `diagnoses` supports any of `procedures`. `start` inclusive, `end` exclusive.

    Of the groups of one `id` that name a procedure any one will do. Without `diagnoses`, all but the `not_covered` ones
    support it. A diagnosis that ends in * stands for all beneath it. `most_in_days` (times, days) is a limit of
    frequency; ages are in years, both included. `payer_ids`, `payer_kinds` and `states` (of the place of service) say
    whose policy it is; none given: everybody's.
    """

    id: str
    title: str = ""
    source: str = ""
    payer_ids: tuple[str, ...] = ()
    payer_kinds: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
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

    def is_of(self, payer_id: str, payer_kind: str, state: str) -> bool:
        """Whether it is the policy of that payer for services in that state. A state not known is in every one."""
        if self.payer_ids and payer_id not in self.payer_ids:
            return False
        if self.payer_kinds and payer_kind not in self.payer_kinds:
            return False
        return not self.states or not state or state in self.states

    def supports(self, diagnosis: str) -> bool:
        """Whether the diagnosis is reason enough for the group's procedures."""
        if self.not_covered and _among(diagnosis, self.not_covered):
            return False
        return not self.diagnoses or _among(diagnosis, self.diagnoses)


def _among(code: str, listed: frozenset[str]) -> bool:
    if code in listed:
        return True
    return any(f"{code[:length]}*" in listed for length in range(SHORTEST_PREFIX, len(code) + 1))


@runtime_checkable
class CoveragePolicies(Protocol):
    def covers(self, on: date) -> bool: ...

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        """The policies in force on `on` that speak of the procedure, of every payer and state: ask `is_of`."""
        ...


class PolicyTable:
    """Policies held in memory."""

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


def write_policies(path: Path, rows: Iterable[CoveragePolicy]) -> int:
    """Writes the prepared form, sorted, and gives the count of policies."""
    lines = sorted(_line(row) for row in rows)
    path.write_bytes(b"\n".join(lines) + b"\n")
    return len(lines)


def _line(row: CoveragePolicy) -> bytes:
    """ "procedures TAB policy": the procedures are read alone until one is asked for."""
    return " ".join(sorted(row.procedures)).encode() + b"\t" + msgspec.json.encode(row, order="sorted")


class StoredPolicies:
    """The prepared form opened: an index by procedure, each policy decoded once."""

    __slots__ = ("_decoded", "_lines", "_places")

    def __init__(self, path: Path) -> None:
        self._lines: list[bytes] = []
        self._places: dict[str, tuple[int, ...]] = {}
        self._decoded: dict[int, CoveragePolicy] = {}
        for line in path.read_bytes().split(b"\n"):
            procedures, _, policy = line.partition(b"\t")
            if policy:
                for code in procedures.decode().split():
                    self._places[code] = (*self._places.get(code, ()), len(self._lines))
                self._lines.append(policy)

    def __len__(self) -> int:
        return len(self._lines)

    def _policy(self, place: int) -> CoveragePolicy:
        found = self._decoded.get(place)
        if found is None:
            found = self._decoded[place] = msgspec.json.decode(self._lines[place], type=CoveragePolicy)
        return found

    def rows(self) -> list[CoveragePolicy]:
        return [self._policy(place) for place in range(len(self._lines))]

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        places = self._places.get(procedure)
        if not places:
            return ()
        return tuple(policy for place in places if (policy := self._policy(place)).holds(on))
