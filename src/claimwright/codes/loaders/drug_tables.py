"""Tables of drugs: CMS's quarterly "ASP NDC-HCPCS crosswalk", and a practice's own with single doses and dates."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from claimwright.codes.dates import add_months
from claimwright.codes.drugs import COLUMNS, DrugCrosswalk, DrugRow, is_header, load_drug_crosswalk
from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, Refusals, each_alone, refuse
from claimwright.codes.library_sources import HEAD_ROWS, Source
from claimwright.codes.loaders.rows import compared

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NAMED_QUARTER = re.compile(
    rf"({'|'.join(_MONTHS)}|{'|'.join(month[:3] for month in _MONTHS)})[a-z]*[ _-]*(20[0-9]{{2}})"
)
_OFFICIAL = "take the file as downloaded"


def recognises(name: str, head: bytes) -> bool:
    rows = csv.reader(io.StringIO(head.decode("utf-8-sig", "replace").replace("\t", ",")))
    try:
        return any(is_header(cells) for _, cells in zip(range(HEAD_ROWS), rows, strict=False))
    except csv.Error:
        return False


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """One table. CMS's has no dates: its name or the user says the quarter. Raises CannotImport with every fault found."""
    source = sources[0]
    start, end = _quarter(source, asked)
    drugs, problems = load_drug_crosswalk(_as_csv(source), start=start, end=end)
    faults = Refusals(source.full_name)
    for problem in problems:
        faults.add(problem.message, problem.fix, line=problem.row, column=problem.column)
    if not problems and not len(drugs):
        faults.add("no drug found", _OFFICIAL)
    faults.check()
    if start is None and any(row.start is None for row in drugs.rows):
        raise refuse(
            "neither the table nor its name says from which day it holds", "give --start", file=source.full_name
        )
    start = start or min(row.start for row in drugs.rows if row.start is not None)
    path = folder / "drugs.csv"
    path.write_text(_text(drugs), encoding="utf-8", newline="\n")
    label = asked.label or f"{start.year} Q{(start.month + 2) // 3}"
    return [Prepared(set_name="drugs", path=path, rows=len(drugs), label=label, start=start, end=end, edition=start)]


def _quarter(source: Source, asked: Asked) -> tuple[date | None, date | None]:
    if asked.start is not None:
        return asked.start, asked.end
    found = _NAMED_QUARTER.search(source.full_name.lower())
    if found is None:
        return None, asked.end
    month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(found[1][:3]))
    first = date(int(found[2]), month, 1)
    return first, asked.end or add_months(first, 3)


def _as_csv(source: Source) -> bytes:
    """The rows as the reader of drugs takes them, whatever they came in."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    line = 0
    for number, cells in source.rows():
        while line + 1 < number:  # cells of several lines: the count of rows stays that of the file
            writer.writerow([])
            line += 1
        writer.writerow(" ".join(cell.split()) for cell in cells)
        line += 1
    return out.getvalue().encode()


def _text(drugs: DrugCrosswalk) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(drugs.rows, key=_order):
        writer.writerow(_cell(getattr(row, name)) for name in COLUMNS)
    return out.getvalue()


def _order(row: DrugRow) -> tuple[str, str, date]:
    return row.hcpcs, row.ndc, row.start or date.min


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)


def opened(path: Path) -> DrugCrosswalk:
    drugs, faults = load_drug_crosswalk(path.read_bytes())
    if faults:
        raise ValueError(f"{path.name}: {faults[0]}")
    return drugs


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(_texts(old) if old else {}, _texts(new), sample)


def _texts(path: Path) -> dict[str, str]:
    return {
        f"{row.hcpcs}/{row.ndc}/{row.start}": f"{row.package_quantity} {row.units_per_package} {row.unit} {row.single_dose} {row.end}"
        for row in opened(path).rows
    }


DRUGS = Loader(
    name="drugs",
    reads=f"ASP NDC-HCPCS crosswalk of CMS, or an own table of drugs ({', '.join(COLUMNS)})",
    sets=("drugs",),
    format=Format(name="drugs/1", open=opened, compare=compare),
    recognises=recognises,
    prepare=prepare,
    group=each_alone,
    rank=6,
)
