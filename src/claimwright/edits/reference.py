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

from claimwright.codes.add_ons import AddOn, AddOnTable
from claimwright.codes.coverage_policies import CoveragePolicy
from claimwright.codes.drugs import DrugRow
from claimwright.codes.identifiers import Ndc
from claimwright.codes.procedure_pairs import PairEdit, PairTable
from claimwright.codes.relative_values import RelativeValues
from claimwright.codes.releases import CodeSets, TableRelease
from claimwright.codes.unit_limits import LimitTable, UnitLimit
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import PayerProfile

# Kinds of claim, and the setting whose NCCI tables hold for them. Dental claims have none.
SETTINGS = {"P": "practitioner", "I": "hospital"}
MEDICAID = "MC"  # SBR09
MEDICARE = frozenset(("MA", "MB", "16"))  # SBR09: parts A and B, and Medicare plans
_made: WeakKeyDictionary[CodeSets, dict[tuple[str, str, bool], dict[str, Any]]] = WeakKeyDictionary()


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


class DrugsByDate(ByDate):
    """Crosswalks of several quarters. What a quarter does not cover is answered as not known."""

    __slots__ = ()

    def row(self, hcpcs: str, ndc: str, on: date) -> DrugRow | None:
        table = self._on(on)
        found: DrugRow | None = table.row(hcpcs, ndc, on) if table is not None else None
        return found

    def of_ndc(self, ndc: str, on: date) -> tuple[DrugRow, ...]:
        table = self._on(on)
        found: tuple[DrugRow, ...] = table.of_ndc(ndc, on) if table is not None else ()
        return found

    def knows_hcpcs(self, hcpcs: str) -> bool:
        return any(release.table.knows_hcpcs(hcpcs) for release in self._releases)

    def knows_ndc(self, ndc: str) -> bool:
        return any(release.table.knows_ndc(ndc) for release in self._releases)

    def is_single_dose(self, hcpcs: str, on: date, ndc: str = "") -> bool | None:
        table = self._on(on)
        found: bool | None = table.is_single_dose(hcpcs, on, ndc) if table is not None else None
        return found

    def normalize(self, text: str, on: date, hcpcs: str = "") -> Ndc | None:
        table = self._on(on)
        found: Ndc | None = table.normalize(text, on, hcpcs) if table is not None else None
        return found


class PoliciesByDate(ByDate):
    """Coverage policies of several downloads."""

    __slots__ = ()

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        table = self._on(on)
        found: tuple[CoveragePolicy, ...] = table.policies(procedure, on) if table is not None else ()
        return found


class PoliciesOfBoth:
    """Medicare's policies and the payers' own. A day is covered where every table that is loaded covers it."""

    __slots__ = ("_tables",)

    def __init__(self, *tables: PoliciesByDate) -> None:
        self._tables = tables

    def covers(self, on: date) -> bool:
        return all(table.covers(on) for table in self._tables)

    def policies(self, procedure: str, on: date) -> tuple[CoveragePolicy, ...]:
        return tuple(policy for table in self._tables for policy in table.policies(procedure, on))


def coverage_policies(sets: CodeSets) -> PoliciesByDate | PoliciesOfBoth | None:
    """The policies that are loaded: of the coverage database, of the payers, of both, or None."""
    found = [
        PoliciesByDate(releases) for name in ("coverage_policies", "payer_policies") if (releases := sets.tables(name))
    ]
    if len(found) > 1:
        return PoliciesOfBoth(*found)
    return found[0] if found else None


def relative_values(releases: Sequence[TableRelease]) -> RelativeValues:
    """One table of all editions, each with the dates of its release."""
    editions = []
    for release in releases:
        for edition in release.table.editions:
            own = copy.copy(edition)
            own.start, own.end = release.start, release.end
            editions.append(own)
    return RelativeValues(editions)


def ncci_program(payer: PayerProfile | None, filing_indicator: str = "") -> str:
    """Whose NCCI tables hold for a claim: medicare, medicaid, or blank where the payer follows none.

    By the payer's profile, else by the claim's filing indicator. Without a profile Medicare's are taken: they are what
    most plans follow that follow any.
    """
    if payer is not None and (payer.ncci_program is not None or payer.follows_ncci):
        return payer.follows_ncci
    if filing_indicator == MEDICAID:
        return "medicaid"
    return "medicare" if payer is None or filing_indicator in MEDICARE else ""


def reference_tables(
    sets: CodeSets, kind: str = "P", medicaid: bool = False, *, program: str | None = None, supplier: bool = False
) -> dict[str, Any]:
    """Facts of the tables for claims of a kind (P, I, D), by field name; None where none is loaded. Made once a CodeSets.

    Medicaid has NCCI tables of its own; Medicare's never stand in for them. `program` is `ncci_program`'s answer: where
    it is blank, and for dental claims, the NCCI tables are empty ones, for there is nothing to find. A `supplier` (of
    durable equipment) has unit limits of its own.
    """
    if program is None:
        program = "medicaid" if medicaid else "medicare"
    key = (kind, program, supplier)
    kept = _made.setdefault(sets, {})
    found = kept.get(key)
    if found is None:
        found = kept[key] = {**_ncci(sets, SETTINGS.get(kind, ""), program, supplier), **_tables(sets)}
    return found


def _ncci(sets: CodeSets, setting: str, program: str, supplier: bool) -> dict[str, Any]:
    if not setting or not program:
        return {"procedure_pairs": PairTable(()), "unit_limits": LimitTable(()), "add_ons": AddOnTable(())}
    prefix = "medicaid_" if program == "medicaid" else ""
    limited = "supplier" if supplier else setting
    return {
        "procedure_pairs": _made_of(sets, f"{prefix}ncci_pairs_{setting}", PairsByDate),
        "unit_limits": _made_of(sets, f"{prefix}mue_{limited}", LimitsByDate),
        "add_ons": _made_of(sets, f"{prefix}add_ons", AddOnsByDate),
    }


def _made_of(sets: CodeSets, name: str, shape: type[ByDate]) -> ByDate | None:
    releases = sets.tables(name)
    return shape(releases) if releases else None


def _tables(sets: CodeSets) -> dict[str, Any]:
    values = sets.tables("relative_values")
    return {
        "coverage_policies": coverage_policies(sets),
        "drugs": _made_of(sets, "drugs", DrugsByDate),
        "relative_values": relative_values(values) if values else None,
    }


def with_reference(facts: Facts, sets: CodeSets, kind: str, medicaid: bool) -> Facts:
    """The facts with the code sets and every table that is loaded; what the caller gave itself stays."""
    tables = {name: table for name, table in reference_tables(sets, kind, medicaid).items() if table is not None}
    given = {name for name in tables if getattr(facts, name) is not None}
    return msgspec.structs.replace(
        facts, code_sets=sets, **{name: table for name, table in tables.items() if name not in given}
    )
