"""Code sets by date: is this code in force on that day, and what is known about it.

A set is a row of releases, each with the span of dates it speaks for. A date that no release speaks for is
NOT_COVERED, never a pass and never a failure: FY2027 ICD-10-CM is absent, so nothing is said of 1 October 2026.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec


class State(StrEnum):
    VALID = "valid"
    UNKNOWN = "unknown"
    NOT_EFFECTIVE = "not_effective"  # a real code, but not on that day
    NOT_BILLABLE = "not_billable"  # a category: needs more characters
    NOT_LOADED = "not_loaded"  # the set was never loaded
    NOT_COVERED = "not_covered"  # the set is loaded, but no release speaks for that day


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one code. `start` inclusive, `end` exclusive, None open. `label` is never an X12 or AMA text."""

    code: str
    label: str = ""
    start: date | None = None
    end: date | None = None
    billable: bool = True
    attributes: dict[str, str] = {}

    def holds(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)


class Release:
    """One published edition: the dates it speaks for, and its codes, read on first use.

    `read` gives raw rows by code; `make` turns one into an Entry only when asked, so that a set of 98,186 codes costs
    no more than its text.
    """

    __slots__ = ("__weakref__", "_entries", "_make", "_ordered", "_read", "_rows", "end", "label", "source", "start")

    def __init__(
        self,
        *,
        label: str,
        source: str,
        start: date | None,
        end: date | None,
        read: Callable[[], Mapping[str, str]],
        make: Callable[[str, str, Release], Entry],
    ) -> None:
        self.label, self.source, self.start, self.end = label, source, start, end
        self._read, self._make = read, make
        self._rows: Mapping[str, str] | None = None
        self._ordered: list[str] = []
        self._entries: dict[str, Entry] = {}

    @property
    def rows(self) -> Mapping[str, str]:
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    def beneath(self, stem: str) -> Iterator[str]:
        """Codes that begin with `stem`, itself among them, in order."""
        if not self._ordered:
            self._ordered = sorted(self.rows)
        for position in range(bisect_left(self._ordered, stem), len(self._ordered)):
            if not self._ordered[position].startswith(stem):
                return
            yield self._ordered[position]

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def limited(
        self, start: date | None, end: date | None, make: Callable[[str, str, Release], Entry] | None = None
    ) -> Release:
        """The same edition speaking for fewer days: rows are shared."""
        return Release(
            label=self.label, source=self.source, start=start, end=end,
            read=lambda: self.rows, make=make or self._make,
        )  # fmt: skip

    def entry(self, code: str) -> Entry | None:
        found = self._entries.get(code)
        if found is None and (raw := self.rows.get(code)) is not None:
            found = self._entries[code] = self._make(code, raw, self)
        return found


class CodeSet(msgspec.Struct, frozen=True, kw_only=True):
    """A named set. With no release it is judged by `well_formed` alone (NPI: the check digit).

    `bridges`: a code in force at the end of one release and at the start of the next is taken as in force between
    them; sound for HCPCS, whose deleted codes are not used again. `also` answers for codes built by rule.
    """

    name: str
    releases: tuple[Release, ...] = ()
    well_formed: Callable[[str], bool] | None = None
    bridges: bool = False
    also: Callable[[str], Entry | None] | None = None
    note: str = ""


class TableRelease:
    """One edition of a table that is no list of codes (NCCI pairs, fees): opened on first use, once a process."""

    __slots__ = ("_open", "_table", "end", "label", "source", "start")

    def __init__(
        self, *, label: str, source: str, start: date | None, end: date | None, open_table: Callable[[], Any]
    ) -> None:
        self.label, self.source, self.start, self.end = label, source, start, end
        self._open, self._table = open_table, None

    def covers(self, on: date) -> bool:
        return (self.start is None or self.start <= on) and (self.end is None or on < self.end)

    def limited(self, start: date | None, end: date | None) -> TableRelease:
        """The same edition speaking for fewer days: the table is shared."""
        return TableRelease(
            label=self.label, source=self.source, start=start, end=end, open_table=lambda: self.table
        )  # fmt: skip

    @property
    def table(self) -> Any:
        if self._table is None:
            self._table = self._open()
        return self._table


class ReleaseStatus(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    source: str
    start: date | None
    end: date | None
    codes: int


class SetStatus(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    loaded: bool
    releases: tuple[ReleaseStatus, ...] = ()
    note: str = ""


class CodeSets:
    """All code sets that a caller may ask about. Immutable: `with_release` and `with_set` give a new one."""

    __slots__ = ("__weakref__", "_aliases", "_covering", "_sets", "_tables")

    def __init__(
        self,
        sets: Mapping[str, CodeSet],
        aliases: Mapping[str, Callable[[str], str]] | None = None,
        tables: Mapping[str, tuple[TableRelease, ...]] | None = None,
    ) -> None:
        self._sets = dict(sets)
        self._aliases = dict(aliases or {})
        self._tables = dict(tables or {})
        self._covering: dict[tuple[str, date], Release | None] = {}

    def names(self) -> tuple[str, ...]:
        return (*self._sets, *(name for name in self._tables if name not in self._sets))

    def releases(self, name: str) -> tuple[Release, ...]:
        """The editions of a set in order of their dates."""
        found = self._sets.get(name)
        return found.releases if found else ()

    def tables(self, name: str) -> tuple[TableRelease, ...]:
        """The editions of a table that is no list of codes."""
        return self._tables.get(name, ())

    def get(self, name: str) -> CodeSet | None:
        return self._sets.get(name)

    def loaded(self, name: str) -> bool:
        found = self._sets.get(name)
        if found is None:
            return bool(self._tables.get(name))
        return bool(found.releases or found.well_formed)

    def covers(self, name: str, on: date) -> bool:
        """Whether a release of the set or table speaks for `on`. A set judged by its format alone covers all days."""
        found = self._sets.get(name)
        if found is None:
            return any(release.covers(on) for release in self._tables.get(name, ()))
        if not found.releases:
            return found.well_formed is not None
        return self._release(found, on) is not None

    def table(self, name: str, on: date) -> Any:
        """The table of that name in force on `on`, as its loader opens it; None where none speaks for the day."""
        for release in reversed(self._tables.get(name, ())):
            if release.covers(on):
                return release.table
        return None

    def _release(self, found: CodeSet, on: date) -> Release | None:
        """The release that speaks for `on`; remembered, for claims ask of few days very often."""
        key = (found.name, on)
        try:
            return self._covering[key]
        except KeyError:
            covering = next((release for release in reversed(found.releases) if release.covers(on)), None)
            self._covering[key] = covering
            return covering

    def state(self, name: str, code: str, on: date | None = None) -> State:
        """State of `code` on the date of service; without a date, in the newest release that knows it."""
        if name in self._aliases:
            name = self._aliases[name](code)
            if not name:
                return State.UNKNOWN
        found = self._sets.get(name)
        if found is None:
            return State.NOT_LOADED
        if not found.releases:
            if not found.well_formed:
                return State.NOT_LOADED
            return State.VALID if found.well_formed(code) else State.UNKNOWN
        entry, why = self._find(found, code, on)
        if entry is None:
            return why
        return State.VALID if entry.billable else State.NOT_BILLABLE

    def entry(self, name: str, code: str, on: date | None = None) -> Entry | None:
        """The code as the release of that day has it, or None when it is not in force then."""
        if name in self._aliases:
            name = self._aliases[name](code)
        found = self._sets.get(name)
        return self._find(found, code, on)[0] if found else None

    def attribute(self, name: str, code: str, attribute: str, on: date | None = None) -> str:
        """One attribute, "" where the code or the attribute is not known."""
        entry = self.entry(name, code, on)
        return entry.attributes.get(attribute, "") if entry else ""

    def codes(self, name: str, on: date | None = None) -> tuple[str, ...]:
        """Every code of the release that speaks for `on` (the newest without a date), headers among them."""
        found = self._sets.get(name)
        for release in reversed(found.releases if found else ()):
            if on is None or release.covers(on):
                return tuple(release.rows)
        return ()

    def beneath(self, name: str, stem: str, on: date) -> tuple[str, ...]:
        """Codes that begin with `stem` in the release of that day, itself among them, in order."""
        found = self._sets.get(name)
        release = self._release(found, on) if found else None
        return tuple(release.beneath(stem)) if release else ()

    def _find(self, found: CodeSet, code: str, on: date | None) -> tuple[Entry | None, State]:
        if on is None:
            for release in reversed(found.releases):
                if entry := release.entry(code):
                    return entry, State.VALID
            return self._by_rule(found, code, State.UNKNOWN)
        covering = self._release(found, on)
        if covering is None:
            if bridged := self._bridge(found, code, on):
                return bridged, State.VALID
            return self._by_rule(found, code, State.NOT_COVERED)
        entry = covering.entry(code)
        if entry is not None:
            return (entry, State.VALID) if entry.holds(on) else (None, State.NOT_EFFECTIVE)
        known = any(release.entry(code) for release in found.releases if release is not covering)
        return self._by_rule(found, code, State.NOT_EFFECTIVE if known else State.UNKNOWN)

    @staticmethod
    def _by_rule(found: CodeSet, code: str, otherwise: State) -> tuple[Entry | None, State]:
        entry = found.also(code) if found.also else None
        return entry, State.VALID if entry else otherwise

    @staticmethod
    def _bridge(found: CodeSet, code: str, on: date) -> Entry | None:
        if not found.bridges:
            return None
        earlier = [release for release in found.releases if release.end is not None and release.end <= on]
        later = [release for release in found.releases if release.start is not None and on < release.start]
        if not earlier or not later:
            return None
        before, after = earlier[-1].entry(code), later[0].entry(code)
        return after if before and before.end is None and after else None

    def with_set(self, found: CodeSet) -> CodeSets:
        return CodeSets({**self._sets, found.name: found}, self._aliases, self._tables)

    def with_table(self, name: str, releases: tuple[TableRelease, ...]) -> CodeSets:
        return CodeSets(self._sets, self._aliases, {**self._tables, name: releases})

    def with_release(self, name: str, release: Release, *, replaces: str = "") -> CodeSets:
        """The same sets with one more edition of `name`, instead of the one labelled `replaces` if given.

        Raises ValueError when another edition already speaks for its dates.
        """
        found = self._sets.get(name) or CodeSet(name=name)
        kept = [other for other in found.releases if other.label != replaces or not replaces]
        for other in kept:
            if _overlap(other, release):
                raise ValueError(f"{name}: {release.label} and {other.label} both speak for the same dates: set an end")
        releases = sorted((*kept, release), key=lambda item: item.start or date.min)
        return self.with_set(msgspec.structs.replace(found, releases=tuple(releases)))

    def status(self) -> list[SetStatus]:
        """What is loaded, from where and for which dates; reads every set."""
        return [
            SetStatus(
                name=name,
                loaded=self.loaded(name),
                releases=tuple(
                    ReleaseStatus(label=r.label, source=r.source, start=r.start, end=r.end, codes=len(r.rows))
                    for r in found.releases
                ),
                note=found.note,
            )
            for name, found in self._sets.items()
        ]


def _overlap(one: Release, other: Release) -> bool:
    return (one.end is None or (other.start or date.min) < one.end) and (
        other.end is None or (one.start or date.min) < other.end
    )
