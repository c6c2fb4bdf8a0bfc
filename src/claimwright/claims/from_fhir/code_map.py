"""The code map of one interface: what its codes become on a claim. A table a person keeps, never a guess.

CSV, header by name: `system, code, target_system, target_code` and, where they matter, `modifiers` (blank between),
`units`, `repeat`, `minimum_age`, `maximum_age` (whole years, inclusive), `sex`, `start`, `end` (end exclusive; by the
date of service as it came), `note`. One source code may have several rows: all that fit apply, in order.
`target_system` is icd10cm, hcpcs, cpt or ignore; `ignore` says on purpose that the code is not billed, `note` why.
`repeat` says what a second occurrence in one encounter does: blank adds units, `once` adds nothing, a code is billed
in its place (90472 after 90471).
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec

# The short names a map may use for systems, and the addresses FHIR writes.
SYSTEMS = {
    "snomed": "http://snomed.info/sct",
    "cvx": "http://hl7.org/fhir/sid/cvx",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
}
# Other addresses in use for a system we know.
ALIASES = {
    "http://hl7.org/fhir/sid/icd-10": SYSTEMS["icd10cm"],
    "urn:oid:2.16.840.1.113883.6.90": SYSTEMS["icd10cm"],
    "urn:oid:2.16.840.1.113883.6.96": SYSTEMS["snomed"],
    "urn:oid:2.16.840.1.113883.12.292": SYSTEMS["cvx"],
    "urn:oid:2.16.840.1.113883.6.12": SYSTEMS["cpt"],
    "urn:oid:2.16.840.1.113883.6.14": SYSTEMS["hcpcs"],
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": SYSTEMS["hcpcs"],
}
DIAGNOSES = "icd10cm"
PROCEDURES = ("hcpcs", "cpt")
IGNORE = "ignore"
TARGETS = (DIAGNOSES, *PROCEDURES, IGNORE)


class CodeMapError(ValueError):
    """A code map that cannot be used; the message names row and column."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the map."""

    target_system: str
    target_code: str = ""
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    repeat: str = ""
    minimum_age: int = 0
    maximum_age: int = 999
    sex: str = ""
    start: date | None = None
    end: date | None = None
    note: str = ""

    def fits(self, on: date, age: int, sex: str) -> bool:
        if (self.start and on < self.start) or (self.end and on >= self.end):
            return False
        return self.minimum_age <= age <= self.maximum_age and self.sex in ("", sex)


class CodeMap:
    """Looks a source code up by the date it was used. Codes of our own systems need no row: they map to themselves."""

    def __init__(self, rows: dict[tuple[str, str], tuple[Mapping, ...]]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> dict[tuple[str, str], tuple[Mapping, ...]]:
        """All rows by system and code, in order: for keeping the map elsewhere."""
        return dict(self._rows)

    def find(self, system: str, code: str, *, on: date, age: int = 0, sex: str = "") -> tuple[Mapping, ...]:
        """All rows that fit; empty when the code is unmapped."""
        system = canonical(system)
        rows = self._rows.get((system, code))
        if rows is not None:
            return tuple(row for row in rows if row.fits(on, age, sex))
        for target in (DIAGNOSES, *PROCEDURES):
            if system == SYSTEMS[target] and code:
                return (Mapping(target_system=target, target_code=code.replace(".", "").upper()),)
        return ()


def canonical(system: str) -> str:
    """The address of a system, from its address, alias or short name."""
    name = system.strip()
    return ALIASES.get(name) or SYSTEMS.get(name.lower()) or name


def load_code_map(data: bytes) -> CodeMap:
    """The map in a CSV file (UTF-8). Raises CodeMapError, naming row and column, at the first row that is wrong."""
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    missing = {"system", "code", "target_system", "target_code"} - set(reader.fieldnames or ())
    if missing:
        raise CodeMapError(f"the code map lacks the columns {', '.join(sorted(missing))}")
    rows: dict[tuple[str, str], tuple[Mapping, ...]] = {}
    for number, row in enumerate(reader, 2):
        key = canonical(row["system"]), row["code"].strip()
        rows[key] = (*rows.get(key, ()), _mapping(row, number))
    return CodeMap(rows)


def _mapping(row: dict[str, str], number: int) -> Mapping:
    def cell(name: str) -> str:
        return (row.get(name) or "").strip()

    def refuse(column: str, reason: str) -> CodeMapError:
        return CodeMapError(f"row {number}, column {column}: {reason}")

    target = cell("target_system").lower()
    if target not in TARGETS:
        raise refuse("target_system", f"must be one of {', '.join(TARGETS)}")
    if target != IGNORE and not cell("target_code"):
        raise refuse("target_code", "is empty")
    if target == IGNORE and not cell("note"):
        raise refuse("note", "says why the code is not billed, and is empty")
    try:
        return Mapping(
            target_system=target,
            target_code=cell("target_code").replace(".", "").upper(),
            modifiers=tuple(cell("modifiers").upper().split()),
            units=Decimal(cell("units") or 1),
            repeat=cell("repeat"),
            minimum_age=int(cell("minimum_age") or 0),
            maximum_age=int(cell("maximum_age") or 999),
            sex=cell("sex").upper(),
            start=date.fromisoformat(cell("start")) if cell("start") else None,
            end=date.fromisoformat(cell("end")) if cell("end") else None,
            note=cell("note"),
        )
    except InvalidOperation:
        raise refuse("units", "is no number") from None
    except ValueError as error:
        raise CodeMapError(f"row {number}: {error}") from None
