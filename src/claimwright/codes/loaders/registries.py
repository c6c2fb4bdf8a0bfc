"""The public lists of providers: who may order and refer, who is excluded, and whose NPI has been deactivated.

Order and Referring (data.cms.gov, OrderReferring_YYYYMMDD.csv): NPI, LAST_NAME, FIRST_NAME and a Y or N each for PARTB,
DME, HHA, PMD and HOSPICE; whoever is not in it may not. It has no history, so it judges the dates of service around its
day (`SPEAKS_FOR`). LEIE (oig.hhs.gov, UPDATED.csv): eighteen columns, dates YYYYMMDD with 00000000 for none, and most rows
without an NPI. NPPES Deactivated NPI Report: a title, then NPI and NPPES Deactivation Date. NPPES itself: `nppes`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

from claimwright.codes import provider_registry
from claimwright.codes.identifiers import Npi
from claimwright.codes.library_shapes import Asked, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source, delimiter_of
from claimwright.codes.loaders.cells import AS_TEXT, heading, iso, read_date, spoiled
from claimwright.codes.provider_rows import PROVIDERS, ProviderRows, TwoRows

# What the list says of a provider besides Part B; the first three have always stood in it.
CATEGORIES = ("PARTB", "DME", "HHA", "PMD", "HOSPICE")
_NEEDED_CATEGORIES = CATEGORIES[:3]
# How far from its own day the absence of a provider from the list is taken as told: enrolments change, and the list is
# made anew twice a week. Who stands in it may order on any day near enough to be billed.
SPEAKS_FOR = timedelta(days=90)
_HEADER_WITHIN = 10
_DAY = re.compile(r"(?<![0-9])(20[0-9]{2})[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12][0-9]|3[01])(?![0-9])")
_SUPPLEMENT = re.compile(r"\A[0-9]{4}(excl|rein)", re.IGNORECASE)
_NO_NPI = frozenset({"", "0", "0000000000"})
_WRONG_SHARE = 50  # of the exclusions' NPIs, one in so many may be mistyped by the agency itself
_OFFICIAL = "take the official file, unchanged"
_LEIE = ("lastname", "firstname", "busname", "npi", "excltype", "excldate", "reindate")
_DEACTIVATED = "nppes deactivation date"


def days_named(source: Source) -> list[date]:
    """The days that the file's own name bears, else those of its archive's."""
    for name in (source.name, source.archive):
        if found := [day for parts in _DAY.findall(name) if (day := _calendar_day(*map(int, parts))) is not None]:
            return found
    return []


def day_named(source: Source) -> date | None:
    """The day of the list by its name: the last, where it names a span."""
    return max(days_named(source), default=None)


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def why_no_npi(cell: str) -> str:
    """What is wrong with the cell of an NPI, "" for nothing. The NPI itself is a public number and may be told."""
    if Npi(cell).is_valid:
        return ""
    if why := spoiled(cell):
        return why.replace("is a code", "is an NPI")
    if not cell.isdigit() or len(cell) != 10:
        return f"{cell or 'blank'} is no NPI of ten digits"
    return f"{cell} is no NPI: its check digit is wrong"


def plain(text: str) -> str:
    """A name in one line and without tabs, which part the cells of a row."""
    return " ".join(text.split())


def the_one(sources: Sequence[Source]) -> Source:
    """Raises CannotImport where two such files are given at once: the newer alone says what is so."""
    if len(sources) > 1:
        raise refuse("two of the same list at once", "give the newest alone", file=sources[1].full_name)
    return sources[0]


def written(
    rows: ProviderRows,
    path: Path,
    source: Source,
    edition: date | None,
    *,
    partial: bool,
    line_of: Callable[[str], int],
) -> int:
    """Writes rows of a list that has one a provider. Raises CannotImport naming the line of a second one."""
    try:
        return rows.write(path, edition=edition, partial=partial, one_a_provider=True)
    except TwoRows as twice:
        raise refuse(
            f"NPI {twice.npi} has two rows that differ", _OFFICIAL, line=line_of(twice.npi), column="NPI",
            file=source.full_name,
        ) from twice  # fmt: skip


def kept_note(asked: Asked, rows: int, of: int) -> tuple[str, ...]:
    if asked.only is None:
        return ()
    return (f"kept {rows:,} of {of:,} rows, for {len(asked.only):,} NPIs asked for; of every other nothing is known",)


def _heads(head: bytes) -> Iterator[list[str]]:
    """The first lines of a file as headings."""
    delimiter = delimiter_of(head)
    for line in islice(head.decode("utf-8-sig", "replace").splitlines(), _HEADER_WITHIN):
        yield [heading(cell) for cell in line.split(delimiter)]


def _table(source: Source, needed: Sequence[str], faults: Refusals) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by heading. A column that is missing or a row that is cut off is a fault."""
    names: list[str] = []
    for line, cells in source.rows():
        if not names:
            found = [heading(cell) for cell in cells]
            if "npi" in found and len(found) > 1:
                names = found
                for column in needed:
                    if column not in names:
                        faults.add(f"the column {column.upper().replace(' ', '_')} is missing", _OFFICIAL, line=line)
                faults.check()
        elif len(cells) < len(names) and any(cells):
            faults.add(f"{len(cells)} columns instead of {len(names)}: cut off", _OFFICIAL, line=line)
        elif any(cells):
            yield line, dict(zip(names, cells, strict=False))


def _second_line(source: Source, npi: str) -> int:
    """The line of an NPI's second row: found by a second reading, which only a bad file needs."""
    lines = [line for line, row in _table(source, (), Refusals()) if row["npi"] == npi]
    return lines[1] if len(lines) > 1 else 0


@lru_cache(maxsize=4096)
def _read_day(text: str) -> date | None:
    return read_date(text)


def _day(text: str, line: int, column: str, faults: Refusals) -> date | None:
    try:
        return _read_day(text)
    except ValueError as problem:
        faults.add(str(problem), _OFFICIAL, line=line, column=column)
        return None


# Who may order and refer -----------------------------------------------------------------------------------------------


def recognises_ordering(name: str, head: bytes) -> bool:
    return any({"npi", "last name", "first name", "partb", "dme"} <= set(cells) for cells in _heads(head))


def prepare_ordering(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """The list as of its day. Raises CannotImport with every fault found."""
    source = the_one(sources)
    edition = asked.start or day_named(source)
    if edition is None:
        raise refuse("neither the list nor its name says of which day it is", "give --start", file=source.full_name)
    faults, rows = Refusals(source.full_name), ProviderRows(folder)
    seen, listed = set[str](), 0
    for line, row in _table(
        source, ("last name", "first name", *(name.lower() for name in _NEEDED_CATEGORIES)), faults
    ):
        listed += 1
        npi, before = row["npi"], faults.count
        if why := why_no_npi(npi):
            faults.add(why, AS_TEXT, line=line, column="NPI")
        for category in CATEGORIES:
            if row.get(category.lower(), "N") not in ("Y", "N"):
                faults.add(
                    f"{row[category.lower()] or 'blank'} is neither Y nor N", _OFFICIAL, line=line, column=category
                )
        if faults.count == before and (asked.only is None or npi in asked.only):
            may = " ".join(category for category in CATEGORIES if row.get(category.lower()) == "Y")
            rows.add(npi, "\t".join((may, plain(row["last name"]), plain(row["first name"]))))
            if asked.only is not None:
                seen.add(npi)
    if not listed:
        faults.add("no provider found", _OFFICIAL)
    faults.check()
    for npi in sorted((asked.only or frozenset()) - seen):
        rows.add(npi, f"{provider_registry.NOT_LISTED}\t\t")
    path = folder / "ordering.providers"
    count = rows.write(path, edition=edition, partial=asked.only is not None, one_a_provider=False)
    return [
        Prepared(
            set_name=provider_registry.ORDERING, path=path, rows=count, label=asked.label or f"of {edition}", start=edition - SPEAKS_FOR,
            end=asked.end or edition + SPEAKS_FOR, cumulative=True, edition=edition, notes=kept_note(asked, count, listed),
        )
    ]  # fmt: skip


# Who is excluded -------------------------------------------------------------------------------------------------------


def recognises_exclusions(name: str, head: bytes) -> bool:
    return any(set(_LEIE) <= set(cells) for cells in _heads(head))


def prepare_exclusions(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """The whole list of exclusions by NPI. Raises CannotImport with every fault found."""
    source = the_one(sources)
    if _SUPPLEMENT.match(source.name):
        raise refuse("a month's supplement is not the list", "take the whole list, UPDATED.csv", file=source.full_name)
    faults, rows = Refusals(source.full_name), ProviderRows(folder)
    listed = nameless = wrong = 0
    newest = None
    for line, row in _table(source, _LEIE, faults):
        listed += 1
        excluded = _day(row["excldate"], line, "EXCLDATE", faults)
        reinstated = _day(row["reindate"], line, "REINDATE", faults)
        if excluded is None:
            faults.add("the day of the exclusion is missing", _OFFICIAL, line=line, column="EXCLDATE")
            continue
        newest = excluded if newest is None else max(newest, excluded)
        npi = row["npi"]
        if npi in _NO_NPI:
            nameless += 1
        elif why := why_no_npi(npi):
            if len(npi) == 10 and npi.isdigit():
                wrong += 1
            else:
                faults.add(why, AS_TEXT, line=line, column="NPI")
        elif asked.only is None or npi in asked.only:
            waived = row.get("wvrstate", "").upper()
            rows.add(npi, f"{iso(excluded)}\t{iso(reinstated)}\t{row['excltype']}\t{waived}")
    if not listed:
        faults.add("no exclusion found", _OFFICIAL)
    if wrong * _WRONG_SHARE > listed - nameless:
        faults.add(f"{wrong:,} NPIs have a wrong check digit: the column was changed", AS_TEXT, column="NPI")
    faults.check()
    path = folder / "exclusions.providers"
    edition = asked.start or day_named(source) or newest
    count = rows.write(path, edition=edition, partial=asked.only is not None, one_a_provider=False)
    notes = [f"{nameless + wrong:,} of {listed:,} exclusions have no NPI: look for those people by name"]
    return [
        Prepared(
            set_name=provider_registry.EXCLUSIONS, path=path, rows=count, label=asked.label or f"of {edition}", cumulative=True,
            edition=edition, notes=(*notes, *kept_note(asked, count, listed)),
        )
    ]  # fmt: skip


# Whose NPI has been deactivated ----------------------------------------------------------------------------------------


def recognises_deactivated(name: str, head: bytes) -> bool:
    return any("npi" in cells and _DEACTIVATED in cells for cells in _heads(head))


def prepare_deactivated(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """Every NPI that is out of use, with its day. Raises CannotImport with every fault found."""
    source = the_one(sources)
    faults, rows, listed = Refusals(source.full_name), ProviderRows(folder), 0
    newest = None
    for line, row in _table(source, (_DEACTIVATED,), faults):
        listed += 1
        npi, on = row["npi"], _day(row[_DEACTIVATED], line, "NPPES Deactivation Date", faults)
        if why := why_no_npi(npi):
            faults.add(why, AS_TEXT, line=line, column="NPI")
        elif on is None:
            faults.add("the day is missing", _OFFICIAL, line=line, column="NPPES Deactivation Date")
        elif asked.only is None or npi in asked.only:
            rows.add(npi, iso(on))
        newest = max(newest or date.min, on or date.min)
    if not listed:
        faults.add("no deactivated NPI found", _OFFICIAL)
    faults.check()
    path = folder / "deactivated.providers"
    edition = asked.start or day_named(source) or newest
    count = written(
        rows, path, source, edition, partial=asked.only is not None, line_of=lambda npi: _second_line(source, npi)
    )
    return [
        Prepared(
            set_name=provider_registry.DEACTIVATED, path=path, rows=count, label=asked.label or f"of {edition}", cumulative=True,
            edition=edition, notes=kept_note(asked, count, listed),
        )
    ]  # fmt: skip


ORDERING = Loader(
    name="order and referring",
    reads="Order and Referring list of CMS (OrderReferring_YYYYMMDD.csv); --only keeps the NPIs you name",
    sets=(provider_registry.ORDERING,),
    format=PROVIDERS,
    recognises=recognises_ordering,
    prepare=prepare_ordering,
    rank=11,
    narrows=True,
)
EXCLUSIONS = Loader(
    name="exclusions",
    reads="List of Excluded Individuals/Entities of the OIG, the whole one (UPDATED.csv)",
    sets=(provider_registry.EXCLUSIONS,),
    format=PROVIDERS,
    recognises=recognises_exclusions,
    prepare=prepare_exclusions,
    rank=11,
    narrows=True,
)
DEACTIVATED = Loader(
    name="nppes deactivated",
    reads="NPPES Deactivated NPI Report, workbook or CSV",
    sets=(provider_registry.DEACTIVATED,),
    format=PROVIDERS,
    recognises=recognises_deactivated,
    prepare=prepare_deactivated,
    rank=11,
    narrows=True,
)
