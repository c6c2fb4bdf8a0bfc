"""The quarterly HCPCS Level II files of CMS into the library: fixed width, workbook, or a bare list of codes.

Layout: CMS HCPCS record layout (positions 1-based in hcpcs.py), checked for the files of 2019 (320 characters) and 2026
(293). One file gives two sets: procedures, and CMS's alphabetic modifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec

from claimwright.codes.dates import add_months
from claimwright.codes.library_shapes import Asked, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.cells import AS_TEXT, iso, read_date, spoiled
from claimwright.codes.loaders.hcpcs import MODIFIER, PROCEDURE
from claimwright.codes.loaders.icd10 import ends_whole
from claimwright.codes.loaders.rows import ROWS, write_rows

_RECORD = re.compile(rb"^.{5}[0-9]{5}[3478].{80}", re.MULTILINE)
_BARE = re.compile(rb"\A(\xef\xbb\xbf)?\s*(hcpcs?( code)?\s+)?([A-CE-V][0-9]{4}\s+){3}", re.IGNORECASE)
_NAME = re.compile(
    r"HCPC\s?_?(20[0-9]{2})[ _-]*(JAN|APR|JUL|OCT)?|(20[0-9]{2})[ _-]?Q([1-4])|(JAN|APR|JUL|OCT)[A-Z]*[ _-]*(20[0-9]{2})",
    re.IGNORECASE,
)
_QUARTERS = {"JAN": 1, "APR": 4, "JUL": 7, "OCT": 10}
_CPT = re.compile(r"[0-9]{4}[0-9FTUM]\Z")
_CDT = re.compile(r"D[0-9]{4}\Z")
_FIRST, _MORE, _MODIFIER = "37", "48", "78"
_COLUMNS = {
    "hcpc": "code", "recid": "kind", "long description": "title", "short description": "short", "cov": "coverage",
    "betos": "betos", "add dt": "added", "act eff dt": "effective", "term dt": "last",
}  # fmt: skip
_FIXED = {
    "title": (11, 91), "short": (91, 119), "coverage": (229, 230), "betos": (256, 259), "added": (268, 276),
    "effective": (276, 284), "last": (284, 292),
}  # fmt: skip
_SHORTEST = 120
_UNCHANGED = "load the ...ANWEB file of the CMS zip, unchanged"


class _Row(msgspec.Struct):
    line: int
    code: str
    is_modifier: bool
    title: str = ""
    short: str = ""
    coverage: str = ""
    betos: str = ""
    added: str = ""
    effective: str = ""
    last: str = ""


def quarter_of(source: Source, asked: Asked) -> tuple[date, date]:
    """The dates of service that the file speaks for, from its name or as asked.

    HCPC2026_JUL speaks for July to September 2026; a name with a year alone for that year. Raises CannotImport.
    """
    named = _named_span(source.name) or _named_span(source.archive)
    if named is None and asked.start is None:
        raise refuse(
            "the file does not say its quarter",
            "keep its official name, or give --start and --end, such as --start 2026-07-01 --end 2026-10-01",
            file=source.full_name,
        )
    if named is None:
        assert asked.start is not None
        return asked.start, asked.end or add_months(asked.start, 3)
    if asked.start is not None and not named[0] <= asked.start < named[1]:
        raise refuse(
            f"the file is of {named[0]} to {named[1] - timedelta(days=1)} by its name and --start says {asked.start}",
            "take the file of that quarter, or leave --start out",
            file=source.full_name,
        )
    return asked.start or named[0], asked.end or named[1]


def _named_span(name: str) -> tuple[date, date] | None:
    found = _NAME.search(name)
    if found is None:
        return None
    year, month, year2, quarter, month2, year3 = found.groups()
    year = int(year or year2 or year3)
    first = _QUARTERS[(month or month2).upper()] if month or month2 else (int(quarter) * 3 - 2 if quarter else 0)
    if not first:
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, first, 1), add_months(date(year, first, 1), 3)


def _recognises(name: str, head: bytes) -> bool:
    return len(_RECORD.findall(head)) > 2 or b"HCPC\tSEQNUM\tRECID" in head


def _prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    """The fixed-width file where the zip has it, else the workbook: they hold the same."""
    fixed = [source for source in sources if not source.is_workbook]
    source = (fixed or list(sources))[0]
    start, end = quarter_of(source, asked)
    refusals = Refusals(source.full_name)
    rows = list(_fixed(source, refusals) if fixed else _sheet(source, refusals))
    found: dict[bool, dict[str, str]] = {False: {}, True: {}}
    for row in rows:
        if raw := _checked(row, end, refusals):
            if row.code in found[row.is_modifier]:
                refusals.add(f"{row.code} is given twice", _UNCHANGED, line=row.line)
            found[row.is_modifier][row.code] = raw
    letters = sorted(set("ACEGHJLQSTV") - {code[0] for code in found[False]})
    if letters:
        refusals.add(
            f"there is no code that begins with {', '.join(letters)}: the file is cut off",
            "download it again",
            line=rows[-1].line if rows else 0,
        )
    refusals.check()
    label = asked.label or _label(start, end)
    made = []
    for is_modifier, name in ((False, "hcpcs"), (True, "modifier")):
        if found[is_modifier]:
            path = folder / name
            count = write_rows(path, found[is_modifier])
            made.append(Prepared(set_name=name, path=path, rows=count, label=label, start=start, end=end))
    return made


def _label(start: date, end: date) -> str:
    if end > add_months(start, 6):
        return f"CY{start.year}"
    return f"{start.year} Q{(start.month + 2) // 3}"


def _fixed(source: Source, refusals: Refusals) -> Iterator[_Row]:
    row: _Row | None = None
    number = 0
    for number, line in source.lines():
        kind = line[10:11]
        if not (kind and kind in "3478" and line[5:10].isdigit()):
            if row is not None and line.strip():
                refusals.add("this is no HCPCS record", _UNCHANGED, line=number, column="6-11")
            continue  # the disclaimer before the first record
        if len(line) < _SHORTEST and kind in _FIRST:
            refusals.add(f"the record is cut off at {len(line)} characters", "download the file again", line=number)
            continue
        cells = {name: line[first:last].strip() for name, (first, last) in _FIXED.items()}
        code = line[3:5] if kind in _MODIFIER else line[:5]
        if kind in _MORE:
            if row is None or row.code != code.strip():
                refusals.add("a continuation without its first record", _UNCHANGED, line=number)
            else:
                row.title = f"{row.title} {cells['title']}".strip()
            continue
        if row is not None:
            yield row
        row = _Row(line=number, code=code.strip(), is_modifier=kind in _MODIFIER, **cells)
    if row is not None:
        yield row
    if not ends_whole(source):
        refusals.add("the file ends in the middle of this line", "download it again", line=number)


def _sheet(source: Source, refusals: Refusals) -> Iterator[_Row]:
    at: dict[str, int] = {}
    last: _Row | None = None
    for number, cells in source.rows():
        if not at:
            names = [cell.lower() for cell in cells]
            if "hcpc" in names and "recid" in names:
                missing = sorted(set(_COLUMNS) - set(names))
                if missing:
                    raise refuse(
                        f"the columns {', '.join(missing).upper()} are missing", _UNCHANGED, line=number,
                        file=source.full_name,
                    )  # fmt: skip
                at = {field: names.index(name) for name, field in _COLUMNS.items()}
            continue
        if not any(cells):
            continue
        row = {field: cells[where] for field, where in at.items()}
        kind = row.pop("kind")
        code = row.pop("code")
        if kind in tuple(_MORE) and last is not None and last.code == code:
            last.title = f"{last.title} {row['title']}".strip()
            continue
        if kind not in tuple(_FIRST):
            refusals.add(f"record id {kind or '(blank)'} is not 3, 4, 7 or 8", _UNCHANGED, line=number, column="RECID")
            continue
        if last is not None:
            yield last
        last = _Row(line=number, code=code, is_modifier=kind in _MODIFIER, **row)
    if last is not None:
        yield last


def _checked(row: _Row, end: date, refusals: Refusals) -> str:
    """The prepared row, or "" with what is wrong added."""
    if not (MODIFIER if row.is_modifier else PROCEDURE).match(row.code):
        refusals.add(*_wrong_code(row.code), line=row.line, column="code")
        return ""
    days: dict[str, date | None] = {}
    for name in ("added", "effective", "last"):
        try:
            days[name] = read_date(getattr(row, name))
        except ValueError as problem:
            refusals.add(f"{name} date: {problem}", "write it as YYYYMMDD", line=row.line, column=name)
            return ""
    newest = max((day for day in (days["added"], days["effective"]) if day), default=None)
    if newest is not None and newest >= end:
        refusals.add(
            f"{row.code} takes effect on {newest}, after the dates this file is loaded for",
            "this is a later quarter's file: load it with its own --start and --end",
            line=row.line,
        )
        return ""
    last = days["last"]
    if row.is_modifier:
        return "\t".join((row.title, iso(days["added"]), iso(last + timedelta(days=1) if last else None)))
    return "\t".join((row.title, row.short, row.coverage, row.betos, iso(days["added"]), iso(last)))


def _wrong_code(code: str) -> tuple[str, str]:
    if _CPT.match(code):
        return f"{code} is a CPT code, which the HCPCS Level II file does not hold", (
            "CPT is licensed by the AMA: take the CMS file unchanged, and import your licensed list with --set cpt"
        )
    if _CDT.match(code):
        return f"{code} is a dental (CDT) code, which is licensed by the ADA", (
            "take the CMS file unchanged, and import your licensed list with --set cdt"
        )
    if damage := spoiled(code):
        return damage, AS_TEXT
    return f"{code or '(blank)'} has not the form of a Level II code", _UNCHANGED


def _prepare_bare(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
    found = []
    for number, source in enumerate(sources):
        start, end = quarter_of(source, asked)
        refusals = Refusals(source.full_name)
        rows: dict[str, str] = {}
        for line, text in source.lines():
            code = text.strip()
            if not code or (line == 1 and code.lower().startswith("hcpc")):
                continue
            if not PROCEDURE.match(code):
                refusals.add(*_wrong_code(code), line=line)
            elif code in rows:
                refusals.add(f"{code} is given twice", "keep one line", line=line)
            rows[code] = "\t" * 5
        refusals.check()
        path = folder / str(number)
        count = write_rows(path, rows)
        label = asked.label or _label(start, end)
        told = ("codes only: titles come from the newest earlier release that has them",)
        found.append(Prepared(set_name="hcpcs", path=path, rows=count, label=label, start=start, end=end, notes=told))
    return found


HCPCS = Loader(
    name="hcpcs",
    reads="HCPCS Level II HCPCyyyy_QQQ_..._ANWEB.txt or .xlsx (CMS): procedures and modifiers",
    sets=("hcpcs", "modifier"),
    format=ROWS,
    recognises=_recognises,
    prepare=_prepare,
    rank=8,
)
HCPCS_BARE = Loader(
    name="hcpcs_codes_only",
    reads="a list of HCPCS Level II codes, one a line, with --start and --end",
    sets=("hcpcs",),
    format=ROWS,
    recognises=lambda name, head: bool(_BARE.match(head)),
    prepare=_prepare_bare,
)
