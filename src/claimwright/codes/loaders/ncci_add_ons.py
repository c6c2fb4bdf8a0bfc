"""The NCCI add-on code files of CMS: the workbook, and the same in text of fixed width.

Columns: edit type (1 listed primaries, 2 the contractor decides, 3 listed ones and others), add-on code, the day it was
deleted, primary code (CCCCC where the contractor decides), the day that was deleted, first and last day of the pair,
notes. Days are Julian, YYYYDDD, and last days. The text has one row a line without a header: type 1 character, code 5,
day 7, primary 5, day 7, first day 7, last day 7, notes. CMS's description of it was not at hand: the widths are those of
its published files as public readers of them state them, and every line is checked against them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from claimwright.codes.add_ons import AddOnRow, open_add_ons, write_add_ons
from claimwright.codes.dates import DateError
from claimwright.codes.library_shapes import Asked, Changes, Format, Loader, Prepared, Refusals, refuse
from claimwright.codes.library_sources import Source
from claimwright.codes.loaders.ncci import (
    CODE_FIX,
    code_of,
    julian_day_of,
    program_of,
    quarter,
    quarter_label,
    quarter_of,
    why_no_code,
)
from claimwright.codes.loaders.rows import compared

STEM = "add_ons"
SETS = (STEM, f"medicaid_{STEM}")
CONTRACTOR_DEFINED = ("CCCCC", "ZZZZZ")
_OFFICIAL = "take the official file of CMS, unchanged"
_HEADER_ROWS = 40
_COLUMNS = {
    "kind": "aoc edit type",
    "code": "add on code",
    "code_end": "aoc deldt",
    "primary": "primary code",
    "primary_end": "primary code deldt",
    "start": "aoc edit effdt",
    "end": "aoc edit deldt",
}
_FLAT = re.compile(
    r"(?P<kind>.)(?P<code>.{5})(?P<code_end>.{7})(?P<primary>.{5})(?P<primary_end>.{7})(?P<start>.{7})(?P<end>.{0,7})"
)
_FLAT_LINE = re.compile(rb"[123][0-9A-Z]{5}(?:[0-9]{7}| {7})[0-9A-Z]{5}(?:[0-9]{7}| {7})[0-9]{7}")


def recognises(name: str, head: bytes) -> bool:
    words = re.sub(rb"[^a-z0-9]+", b" ", head.lower())
    if b"aoc edit type" in words or (b"add on code" in words and b"primary code" in words):
        return True
    return bool(_FLAT_LINE.match(head.lstrip(b"\xef\xbb\xbf")))


def group(name: str, head: bytes) -> str:
    return f"{program_of(name)}{quarter_of(name)}"


def prepare(sources: Sequence[Source], asked: Asked, folder: Path) -> list[Prepared]:
    """The add-on codes of a quarter with their history. CMS's zip holds them twice: the workbook is then read.

    Raises CannotImport with every fault found.
    """
    source = next((each for each in sources if each.is_workbook), sources[0])
    start, end = quarter(sources, asked)
    rows = _AddOnReader(source).rows()
    first = min((row.start for row in rows if row.start), default=start)
    set_name = asked.set_name if asked.set_name in SETS else f"{program_of(source.full_name)}{STEM}"
    path = folder / f"{set_name}.add_ons"
    write_add_ons(path, rows, first, end)
    return [
        Prepared(
            set_name=set_name,
            path=path,
            rows=len(rows),
            label=asked.label or quarter_label(start),
            start=first,
            end=end,
            cumulative=True,
            edition=start,
        )
    ]


class _AddOnReader:
    """Reads one file whole."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults = Refusals(source.full_name)

    def rows(self) -> list[AddOnRow]:
        found = [row for line, cells in self._cells() if (row := self._row(line, cells)) is not None]
        if not found:
            self.faults.add("no add-on code found", _OFFICIAL)
        self.faults.check()
        return found

    def _cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's cells by our name of the column."""
        places, header = self._header()
        if not places:
            yield from self._flat_cells()
            return
        for line, cells in self.source.rows():
            if line <= header or not any(cells):
                continue
            if len(cells) <= max(places.values()):
                self.faults.add(f"only {len(cells)} columns: cut off", _OFFICIAL, line=line)
                continue
            yield line, {name: cells[place] for name, place in places.items()}

    def _header(self) -> tuple[dict[str, int], int]:
        """Where the columns stand and the header's line; nothing for the text without a header."""
        if not self.source.is_workbook and _FLAT_LINE.match(self.source.head.lstrip(b"\xef\xbb\xbf")):
            return {}, 0
        for line, cells in islice(self.source.rows(), _HEADER_ROWS):
            words = [re.sub(r"[^a-z0-9]+", " ", cell.lower()).replace(" julian", "").strip() for cell in cells]
            if _COLUMNS["code"] in words:
                for name in _COLUMNS.values():
                    if name not in words:
                        raise refuse(f"the column {name} is missing", _OFFICIAL, line=line, file=self.source.full_name)
                return {name: words.index(heading) for name, heading in _COLUMNS.items()}, line
        raise refuse("no header with Add-On_Code", _OFFICIAL, line=1, file=self.source.full_name)

    def _flat_cells(self) -> Iterator[tuple[int, dict[str, str]]]:
        for line, text in self.source.lines():
            if not text.strip():
                continue
            found = _FLAT.match(text)
            if found is None:
                self.faults.add("shorter than a row: cut off", _OFFICIAL, line=line)
            else:
                yield line, {name: cell.strip() for name, cell in found.groupdict().items()}

    def _row(self, line: int, cells: dict[str, str]) -> AddOnRow | None:
        before = self.faults.count
        kind = cells["kind"]
        if kind not in ("1", "2", "3"):
            self.faults.add(f"{kind or 'blank'} is no edit type: 1, 2 or 3", _OFFICIAL, line=line)
        code = self._code(cells["code"], line, "Add-On_Code")
        primary = ""
        if cells["primary"] and cells["primary"] not in CONTRACTOR_DEFINED:
            primary = self._code(cells["primary"], line, "Primary_Code")
        elif kind == "1":
            self.faults.add("type 1 without a primary code", _OFFICIAL, line=line, column="Primary_Code")
        start = self._day(cells["start"], line, "AOC_Edit_EffDT")
        last = [self._day(cells[name], line, _COLUMNS[name]) for name in ("end", "code_end", "primary_end")]
        ends = [day for day in last if day is not None]
        if self.faults.count > before:
            return None
        if start is not None and last[0] is not None and last[0] < start:
            self.faults.add(f"ends on {last[0]}, before it starts on {start}", _OFFICIAL, line=line)
            return None
        end = min(ends, default=None)
        if end is not None and start is not None and end <= start:
            end = start - timedelta(days=1)  # deleted on the day it took effect: never in force
        return AddOnRow(
            code=code, kind=int(kind), primary=primary, start=start, end=end + timedelta(days=1) if end else None
        )

    def _code(self, cell: str, line: int, column: str) -> str:
        code = code_of(cell, self.source.is_workbook)
        if not code:
            self.faults.add(why_no_code(cell), CODE_FIX, line=line, column=column)
        return code

    def _day(self, cell: str, line: int, column: str) -> date | None:
        if cell in ("", "*", "0", "0000000", "9999999"):
            return None
        try:
            return julian_day_of(cell)
        except DateError as problem:
            self.faults.add(f"{cell}: {problem}", _OFFICIAL, line=line, column=column)
            return None


def compare(old: Path | None, new: Path, sample: int) -> Changes:
    return compared(_texts(old) if old else {}, _texts(new), sample)


def _texts(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in open_add_ons(path):
        key = f"{row.code}/{row.primary or 'payer decides'}"
        found[key] = f"{found.get(key, '')} {row.kind} {row.start} {row.end}"
    return found


ADD_ONS = Loader(
    name="ncci add-on codes",
    reads="NCCI add-on codes (AOC_V...-MCR), workbook or text of fixed width",
    sets=SETS,
    format=Format(name="ncci_add_ons/1", open=open_add_ons, compare=compare),
    recognises=recognises,
    prepare=prepare,
    group=group,
    rank=5,
)
