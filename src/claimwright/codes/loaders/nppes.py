"""The registry of NPIs: `npidata_pfile_*.csv` of the NPPES Data Dissemination, nine gigabytes in nine million rows.

Read line by line, never whole. Of 330 quoted columns are kept the NPI, its entity type, the names, the taxonomy codes
with the primary one first, and the days of deactivation and reactivation; no address, no telephone number, no licence.
Every row is checked: as many columns as the header has, a valid NPI, an entity type where the NPI is in use. A weekly
file holds a week's changes alone and is refused; so is the file that holds nothing but the header.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from claimwright.codes import provider_registry
from claimwright.codes.identifiers import Taxonomy
from claimwright.codes.library_shapes import Asked, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import AS_TEXT, heading, iso, read_date
from claimwright.codes.loaders.registries import day_named, days_named, kept_note, plain, the_one, why_no_npi, written
from claimwright.codes.provider_rows import PROVIDERS, ProviderRows

FIRST_DAY = date(2005, 5, 23)  # when NPIs were first given: every whole file begins on it
_TAXONOMIES = 15
_BETWEEN = '","'
_OFFICIAL = "take the monthly file npidata_pfile, unchanged"
_COLUMNS = {
    "entity": "entity type code",
    "organization": "provider organization name legal business name",
    "last": "provider last name legal name",
    "first": "provider first name",
    "deactivated": "npi deactivation date",
    "reactivated": "npi reactivation date",
}
ENTITY_TYPES = ("1", "2")  # person, organization


class _Columns(msgspec.Struct, frozen=True):
    """Where the columns that are kept stand, and how many there are."""

    count: int
    quoted: bool
    entity: int
    organization: int
    last: int
    first: int
    deactivated: int
    reactivated: int
    taxonomies: tuple[tuple[int, int], ...]  # the code, and whether it is the primary one


def recognises(name: str, head: bytes) -> bool:
    first = heading(head.partition(b"\n")[0].decode("utf-8-sig", "replace"))
    return first.startswith("npi entity type code") and "fileheader" not in name.lower()


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """The registry of one monthly file. Raises CannotImport with every fault found."""
    source = the_one(sources)
    days = days_named(source)
    if len(days) > 1 and min(days) > FIRST_DAY:
        raise refuse(
            f"it holds the changes from {min(days)} to {max(days)} alone", "take the month's whole file, which begins in "
            "2005", file=source.full_name,
        )  # fmt: skip
    faults, rows = Refusals(source.full_name), ProviderRows(folder)
    columns = _columns(source)
    listed = 0
    for line, npi, cells in _rows(source, columns, asked.only, faults):
        listed += 1
        if cells is not None and (text := _kept(line, npi, cells, columns, faults)):
            rows.add(npi, text)
    if not listed:
        faults.add("no provider found", _OFFICIAL)
    faults.check()
    path = folder / "nppes.providers"
    edition = asked.start or day_named(source)
    count = written(
        rows,
        path,
        source,
        edition,
        partial=asked.only is not None,
        line_of=lambda npi: _second_line(source, columns, npi),
    )
    return [
        Prepared(
            set_name=provider_registry.NPPES, path=path, rows=count, label=asked.label or (f"of {edition}" if edition else source.name),
            cumulative=True, edition=edition, notes=kept_note(asked, count, listed),
        )
    ]  # fmt: skip


def _columns(source: Source) -> _Columns:
    """Finds the columns by the header. Raises CannotImport naming those that are missing."""
    _, text = next(source.lines())
    names = [heading(cell) for cell in next(csv.reader([text]))]
    places = {name: place for place, name in enumerate(names)}
    codes = [
        (f"healthcare provider taxonomy code {n}", f"healthcare provider primary taxonomy switch {n}")
        for n in range(1, _TAXONOMIES + 1)
    ]
    wanted = [*_COLUMNS.values(), *codes[0]]
    if lacking := [name for name in wanted if name not in places]:
        raise refuse(f"no column {', '.join(lacking)}", _OFFICIAL, line=1, file=source.full_name)
    return _Columns(
        count=len(names),
        quoted=text.startswith('"'),
        taxonomies=tuple((places[code], places[primary]) for code, primary in codes if code in places and primary in places),
        **{field: places[name] for field, name in _COLUMNS.items()},
    )  # fmt: skip


def _rows(
    source: Source, columns: _Columns, only: frozenset[str] | None, faults: Refusals
) -> Iterator[tuple[int, str, list[str] | None]]:
    """Line, NPI and cells of every sound row; no cells for an NPI that nobody asked for."""
    lines = source.lines()
    next(lines)
    for line, text in lines:
        if not text:
            continue
        # Every cell is quoted: counting what stands between two of them is far faster than reading 330 cells.
        whole = text.startswith('"') and text.endswith('"') and text.count(_BETWEEN) == columns.count - 1
        if whole and only is not None and text[1:11] not in only and not why_no_npi(text[1:11]):
            yield line, text[1:11], None
            continue
        marks = text.count('"')
        plainly = whole and marks == 2 * columns.count  # no quotation mark within a cell
        cells = text[1:-1].split(_BETWEEN) if plainly else next(csv.reader([text]), [])
        if len(cells) != columns.count:
            faults.add(f"{len(cells)} columns instead of {columns.count}: cut off", _OFFICIAL, line=line)
        elif columns.quoted and (marks % 2 or not text.endswith('"')):
            faults.add("the last cell has no end: cut off", _OFFICIAL, line=line)
        elif why := why_no_npi(cells[0]):
            faults.add(why, AS_TEXT, line=line, column="NPI")
        else:
            yield line, cells[0], cells if only is None or cells[0] in only else None


def _kept(line: int, npi: str, cells: list[str], columns: _Columns, faults: Refusals) -> str:
    """The row's text: entity type, taxonomy codes, days, names, with tabs between; "" where it has a fault."""
    deactivated = _day(cells[columns.deactivated], line, "NPI Deactivation Date", faults)
    reactivated = _day(cells[columns.reactivated], line, "NPI Reactivation Date", faults)
    entity = cells[columns.entity].strip()
    if entity not in ENTITY_TYPES and (entity or deactivated is None):  # of a deactivated one nothing else is told
        faults.add(f"{entity or 'blank'} is no entity type: 1 or 2", _OFFICIAL, line=line, column="Entity Type Code")
        return ""
    codes: list[str] = []
    for at, primary in columns.taxonomies:
        code = cells[at].strip()
        if not code:
            continue
        if not Taxonomy(code).is_valid:
            faults.add(f"{code} is no taxonomy code", _OFFICIAL, line=line, column="Healthcare Provider Taxonomy Code")
        elif cells[primary].strip() == "Y":
            codes.insert(0, code)
        else:
            codes.append(code)
    names = (plain(cells[at]) for at in (columns.last, columns.first, columns.organization))
    return "\t".join((entity, " ".join(codes), iso(deactivated), iso(reactivated), *names))


@lru_cache(maxsize=16_384)
def _read_day(text: str) -> date | None:
    return read_date(text)


def _day(text: str, line: int, column: str, faults: Refusals) -> date | None:
    if not text:
        return None
    try:
        return _read_day(text)
    except ValueError as problem:
        faults.add(str(problem), _OFFICIAL, line=line, column=column)
        return None


def _second_line(source: Source, columns: _Columns, npi: str) -> int:
    lines = [line for line, found, _ in _rows(source, columns, frozenset(), Refusals()) if found == npi]
    return lines[1] if len(lines) > 1 else 0


NPPES = Loader(
    name="nppes",
    reads="NPPES monthly data dissemination (npidata_pfile_20050523-YYYYMMDD.csv or its zip); --only keeps the NPIs you name",
    sets=(provider_registry.NPPES,),
    format=PROVIDERS,
    recognises=recognises,
    prepare=prepare,
    rank=11,
    narrows=True,
)
