"""The tables that edits look up (NCCI, relative values, coverage) out of the code sets a caller has, by date of service.

A release speaks for its own dates; several releases of one table are asked in turn. A table that nobody imported is
None, and the edits that need it are not armed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from claimwright.codes.add_ons import AddOn
from claimwright.codes.coverage_policies import CoveragePolicy
from claimwright.codes.procedure_pairs import PairEdit
from claimwright.codes.relative_values import RelativeValues
from claimwright.codes.releases import CodeSets, TableRelease
from claimwright.codes.unit_limits import UnitLimit
from claimwright.edits.facts import Facts

# Kinds of claim, and the setting whose NCCI tables hold for them. Dental claims have none.
SETTINGS = {"P": "practitioner", "I": "hospital"}
MEDICAID = "MC"  # SBR09
_made: WeakKeyDictionary[CodeSets, dict[tuple[str, bool], dict[str, Any]]] = WeakKeyDictionary()


class ByDate:
    """Releases of a table, each asked for its own dates only."""

    __slots__ = ("_releases",)

    def __init__(self, releases: Sequence[TableRelease]) -> None:
        self._releases = tuple(reversed(releases))

    def _on(self, on: date) -> Any:
        for release in self._releases:
            if release.covers(on):
                return release.table
        return None

    def covers(self, on: date) -> bool:
        return any(release.covers(on) for release in self._releases)


class PairsByDate(ByDate):
    """Procedure pairs of several quarters."""

    __slots__ = ()

    def find(self, column1: str, column2: str, on: date) -> PairEdit | None:
        table = self._on(on)
        found: PairEdit | None = table.find(column1, column2, on) if table is not None else None
        return found

    def among(self, codes: Sequence[str], on: date) -> list[tuple[str, str]]:
        table = self._on(on)
        found: list[tuple[str, str]] = table.among(codes, on) if table is not None else []
        return found


class LimitsByDate(ByDate):
    """Unit limits of several quarters."""

    __slots__ = ()

    def limit(self, code: str, on: date) -> UnitLimit | None:
        table = self._on(on)
        found: UnitLimit | None = table.limit(code, on) if table is not None else None
        return found


class AddOnsByDate(ByDate):
    """Add-on codes of several quarters."""

    __slots__ = ()

    def add_on(self, code: str, on: date) -> AddOn | None:
        table = self._on(on)
        found: AddOn | None = table.add_on(code, on) if table is not None else None
        return found


class PoliciesByDate(ByDate):
    """Coverage policies of several downloads."""

    __slots__ = ()

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        table = self._on(on)
        found: tuple[CoveragePolicy, ...] = table.policies(procedure, on) if table is not None else ()
        return found


def relative_values(releases: Sequence[TableRelease]) -> RelativeValues:
    """One table of all editions, each with the dates of its release."""
    editions = []
    for release in releases:
        for edition in release.table.editions:
            own = copy.copy(edition)
            own.start, own.end = release.start, release.end
            editions.append(own)
    return RelativeValues(editions)


def reference_tables(sets: CodeSets, kind: str = "P", medicaid: bool = False) -> dict[str, Any]:
    """Facts of the tables for claims of a kind (P, I, D), by field name; None where none is loaded. Made once a CodeSets.

    Medicaid has NCCI tables of its own; Medicare's never stand in for them.
    """
    kept = _made.setdefault(sets, {})
    found = kept.get((kind, medicaid))
    if found is None:
        found = kept[kind, medicaid] = _tables(sets, SETTINGS.get(kind, ""), "medicaid_" if medicaid else "")
    return found


def _tables(sets: CodeSets, setting: str, program: str) -> dict[str, Any]:
    def made(name: str, shape: type[ByDate]) -> ByDate | None:
        releases = sets.tables(name)
        return shape(releases) if releases else None

    values = sets.tables("relative_values")
    return {
        "procedure_pairs": made(f"{program}ncci_pairs_{setting}", PairsByDate) if setting else None,
        "unit_limits": made(f"{program}mue_{setting}", LimitsByDate) if setting else None,
        "add_ons": made(f"{program}add_ons", AddOnsByDate) if setting else None,
        "coverage_policies": made("coverage_policies", PoliciesByDate),
        "relative_values": relative_values(values) if values else None,
    }


def with_reference(facts: Facts, sets: CodeSets, kind: str, medicaid: bool) -> Facts:
    """The facts with the code sets and every table that is loaded; what the caller gave itself stays."""
    tables = {name: table for name, table in reference_tables(sets, kind, medicaid).items() if table is not None}
    given = {name for name in tables if getattr(facts, name) is not None}
    return msgspec.structs.replace(
        facts, code_sets=sets, **{name: table for name, table in tables.items() if name not in given}
    )
