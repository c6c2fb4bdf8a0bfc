"""What a user imports beside the shipped sets: the agencies' own files, and plain lists of licensed codes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date

from claimwright.codes import diagnosis
from claimwright.codes.code_sets import hcpcs_entry, label_only, procedure_set
from claimwright.codes.loaders.hcpcs import HcpcsRow, is_anweb_member, read_anweb
from claimwright.codes.loaders.icd10cm import order_file_year, read_order_file
from claimwright.codes.releases import Release
from claimwright.codes.tables import TableError

_FISCAL_YEAR_MONTH = 10


def import_icd10cm(data: bytes, *, start: date | None = None, end: date | None = None, label: str = "") -> Release:
    """A release from CDC/CMS's order file, or from the zip that holds it.

    From a zip, the file's name gives the fiscal year, and with it the dates where none are given: FY2027 speaks for
    1 October 2026 to 30 September 2027. A bare file needs `start`. Raises TableError.
    """
    name, text = _member(data, lambda member: order_file_year(member) is not None, "icd10cm_order_YYYY.txt")
    year = order_file_year(name)
    if start is None and year is not None:
        start, end = date(year - 1, _FISCAL_YEAR_MONTH, 1), date(year, _FISCAL_YEAR_MONTH, 1)
    if start is None:
        raise TableError("a bare order file does not say its year: give the first day it is in force")
    rows = {row.code: f"{int(row.billable)}\t{row.title}" for row in read_order_file(text)}
    return Release(
        label=label or f"FY{year or start.year + (start.month >= _FISCAL_YEAR_MONTH)}",
        source=name or "imported order file",
        start=start,
        end=end,
        read=lambda: rows,
        make=diagnosis.make_entry,
    )


def import_hcpcs(data: bytes, *, start: date, end: date | None, label: str, modifiers: bool = False) -> Release:
    """A release of procedures (or of the modifiers) from CMS's fixed-width ANWEB file, or from the zip that holds it."""
    name, text = _member(data, is_anweb_member, "...ANWEB....txt")
    rows = {row.code: _hcpcs_raw(row) for row in read_anweb(text) if row.is_modifier is modifiers}
    return Release(
        label=label,
        source=name or "imported ANWEB file",
        start=start,
        end=end,
        read=lambda: rows,
        make=hcpcs_entry,
    )


def _hcpcs_raw(row: HcpcsRow) -> str:
    dates = [day.isoformat() if day else "" for day in (row.added, row.last_day)]
    return "\t".join((row.title, row.short_title, row.coverage, row.betos, *dates))


def _member(data: bytes, wanted: Callable[[str], bool], name: str) -> tuple[str, bytes]:
    """Name and bytes of the wanted file of a zip; "" and the bytes themselves when they are no zip."""
    if not data.startswith(b"PK"):
        return "", data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as files:
            for member in files.namelist():
                if wanted(member):
                    return member, files.read(member)
    except zipfile.BadZipFile:
        raise TableError("the zip cannot be read: download it again") from None
    raise TableError(f"the zip holds no {name}: take the official zip, unchanged")


def import_codes(name: str, data: bytes, *, label: str, start: date | None, end: date | None) -> Release:
    """A release from a user's own CSV with the columns code,start,end (dates YYYY-MM-DD or empty) for a set.

    Raises TableError naming every bad row and what to do, so that one look mends the file.
    """
    rows: dict[str, str] = {}
    faults: list[str] = []
    lines = data.decode("utf-8-sig").splitlines()
    if not lines or [cell.strip().lower() for cell in lines[0].split(",")] != ["code", "start", "end"]:
        raise TableError("the first line must be the header code,start,end")
    for number, line in enumerate(lines[1:], 2):
        cells = [cell.strip() for cell in line.split(",")]
        if cells == [""]:
            continue
        if fault := _import_fault(name, cells, rows):
            faults.append(f"row {number}: {fault}")
        else:
            rows[cells[0]] = f"\t{cells[1]}\t{cells[2]}"
    if faults:
        raise TableError("; ".join(faults))
    return Release(label=label, source="imported", start=start, end=end, read=lambda: rows, make=label_only)


def _import_fault(name: str, cells: list[str], rows: Mapping[str, str]) -> str:
    if len(cells) != 3:
        return f"{len(cells)} columns instead of 3: give code,start,end with empty dates where open"
    if not cells[0]:
        return "no code: fill it in or delete the row"
    if cells[0] in rows:
        return f"{cells[0]} is given twice: keep one row"
    if name in ("cpt", "hcpcs", "cdt") and procedure_set(cells[0]) != name:
        return f"{cells[0]} has not the form of a {name} code: check for a lost leading zero"
    for text in cells[1:]:
        try:
            date.fromisoformat(text or "2000-01-01")
        except ValueError:
            return f"{text} is no date: write YYYY-MM-DD"
    if cells[1] and cells[2] and cells[2] <= cells[1]:
        return "end is not after start: end is the first day the code is no longer valid"
    return ""
