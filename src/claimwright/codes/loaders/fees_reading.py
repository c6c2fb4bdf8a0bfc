"""How fee files are read: find the header by its words, check every row, write the prepared form, or refuse it whole.

Official fee files begin with notices and stacked headings (a column's name runs over up to five rows) and may end with
footnotes. A file is one release; its dates come from the user, its name or its title, and must agree.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from claimwright.codes.fee_files import TABLES
from claimwright.codes.fee_tables import FeeRow, decimal_of, prepare
from claimwright.codes.library_shapes import (
    Asked,
    Changes,
    Format,
    Loader,
    Prepared,
    Refusals,
    one_group,
    refuse,
)
from claimwright.codes.library_sources import Source, delimiter_of
from claimwright.codes.loaders.cells import AS_TEXT, lost_zero, spoiled
from claimwright.codes.loaders.rows import compared

STACKED = 5  # rows over which a column's name may run
HEADER_WITHIN = 60
NEARLY = 4  # a header that lacks at most each fourth of its columns is that of this file, and damaged
UNCHANGED = "take the official file, unchanged"
CODE = re.compile(r"([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})\Z")
MODIFIER = re.compile(r"[0-9A-Z]{2}\Z")
_QUARTERS = {"JAN": 1, "A": 1, "Q1": 1, "01": 1, "APR": 4, "B": 4, "Q2": 4, "04": 4}
_QUARTERS |= {"JUL": 7, "C": 7, "Q3": 7, "07": 7, "OCT": 10, "D": 10, "Q4": 10, "10": 10}
# How names and titles tell the quarter of a release, and where they tell only its year.
_NAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"PPRRVU(?:20)?(?P<year>\d\d)_?(?P<quarter>JAN|APR|JUL|OCT)",
        r"CLFS_?(?:CY)?(?:20)?(?P<year>\d\d)[_-]?(?P<quarter>Q[1-4])",
        r"DME(?:POS)?(?:20)?(?P<year>\d\d)[_-](?P<quarter>JAN|APR|JUL|OCT|[A-D])(?![A-Za-z])",
        r"(?P<quarter>JAN|APR|JUL|OCT)[a-z]*[ _-]*20(?P<year>\d\d)",
        r"20(?P<year>\d\d)[ _-]*(?P<quarter>JAN|APR|JUL|OCT)",
        r"20(?P<year>\d\d)[_-](?P<quarter>01|04|07|10)(?!\d)",
    )
)
_TITLED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"20(?P<year>\d\d) National Physician Fee Schedule.{0,60}?(?P<quarter>Jan|Apr|Jul|Oct)",
        r"(?P<quarter>January|April|July|October)[ ,]+(?:1, )?20(?P<year>\d\d)",
    )
)
_YEAR_IN_NAME = (re.compile(r"(?<!\d)20(\d\d)(?!\d)"), re.compile(r"(\d\d)LOCCO", re.IGNORECASE))
_YEAR_IN_TITLE = (re.compile(r"\b(?:CY|CALENDAR YEAR) ?20(\d\d)", re.IGNORECASE),)
_CARRIER_YEAR = re.compile(r'\s*"?20(\d\d)"?,"?[0-9]{5}"?,')
_TITLE_LINES = 3  # footnotes name other years ("extended through January 1, 2027")


class FeeFile(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of fee file: which columns it has under which names, and how one row becomes a FeeRow.

    `columns` maps a field to the squeezed names its column may have (`squeeze`). `make` gets the cells by field and
    either gives a row, or None after telling `refusals` what is wrong. `quarterly` releases speak for three months.
    `is_of(rows, start, end)` tells of which other time the rows are, by what stands in them; "" where it cannot tell.
    """

    set_name: str
    reads: str
    columns: Mapping[str, frozenset[str]]
    required: tuple[str, ...]
    make: Callable[[dict[str, str], int, Refusals], FeeRow | None]
    quarterly: bool = True
    skip: Callable[[list[str]], bool] | None = None
    rows: Callable[[Source, Refusals], Iterator[tuple[int, dict[str, str]]]] | None = None
    settled: Callable[[list[FeeRow], Refusals], None] | None = None
    is_of: Callable[[Sequence[FeeRow], date, date], str] | None = None


def squeeze(text: str) -> str:
    """A heading as it is compared: upper case, letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def names(*texts: str) -> frozenset[str]:
    return frozenset(squeeze(text) for text in texts)


# The header ----------------------------------------------------------------------------------------------------------


def find_columns(rows: Sequence[Sequence[str]], file: FeeFile) -> dict[str, int] | None:
    """Where each field's column stands, if the last of `rows` is the file's header (the rows above may name it too)."""
    found = _columns_in(rows, file)
    return found if all(field in found for field in file.required) else None


def _columns_in(rows: Sequence[Sequence[str]], file: FeeFile) -> dict[str, int]:
    header = rows[-1]
    found: dict[str, int] = {}
    for at in range(len(header)):
        name = ""
        for above in range(min(STACKED, len(rows))):
            row = rows[-1 - above]
            name = squeeze(row[at] if at < len(row) else "") + name
            field = next((field for field, known in file.columns.items() if name in known and field not in found), None)
            if name and field is not None:
                found[field] = at
                break
    return found


def head_rows(head: bytes) -> list[list[str]]:
    """The first rows of a file, quoted notices of several lines and all."""
    text = head.decode("utf-8", errors="replace")
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter_of(head))
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            if len(rows) >= HEADER_WITHIN:
                break
    except csv.Error:
        pass
    return rows


def is_headed(file: FeeFile) -> Callable[[str, bytes], bool]:
    def recognises(name: str, head: bytes) -> bool:
        rows = head_rows(head)
        return any(find_columns(rows[: at + 1], file) is not None for at in range(len(rows)))

    return recognises


def lacks(file: FeeFile) -> Callable[[bytes], tuple[int, tuple[str, ...]] | None]:
    """Of a start that is nearly the file's: the line of the header, and the columns that it does not have."""

    def near(head: bytes) -> tuple[int, tuple[str, ...]] | None:
        rows = head_rows(head)
        best: tuple[int, tuple[str, ...]] | None = None
        for at in range(len(rows)):
            found = _columns_in(rows[: at + 1], file)
            missing = tuple(field.replace("_", " ") for field in file.required if field not in found)
            if 0 < len(missing) <= len(file.required) // NEARLY and (best is None or len(missing) < len(best[1])):
                best = at + 1, missing
        return best

    return near


def table_cells(file: FeeFile, source: Source, refusals: Refusals) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row under the header, its cells by field. A row that is cut off, or wider than the header, is refused."""
    above: list[list[str]] = []
    columns: dict[str, int] | None = None
    width = needed = 0
    for line, cells in source.rows():
        if columns is None:
            above.append(cells)
            columns = find_columns(above[-STACKED:], file)
            if columns is not None:
                width, needed = len(cells), 1 + max(columns[field] for field in file.required)
            elif len(above) > HEADER_WITHIN:
                break
            continue
        if not any(cells) or is_note(cells) or (file.skip is not None and file.skip(cells)):
            continue
        if len(cells) < needed:
            refusals.add("the row is cut off", f"download the file again, and {UNCHANGED}", line=line)
        elif len(cells) > width and any(cells[width:]):
            refusals.add(f"{len(cells)} cells where the header has {width}", UNCHANGED, line=line)
        else:
            yield line, {field: cells[at] if at < len(cells) else "" for field, at in columns.items()}
    if columns is None:
        refusals.add(f"the columns {', '.join(sorted(file.required))} are not all there", UNCHANGED, line=1)


def is_note(cells: Sequence[str]) -> bool:
    """A footnote, or the end-of-file mark of an old system: one cell of words and nothing beside it."""
    told = [cell for cell in cells if cell]
    return len(told) == 1 and (len(told[0]) > 7 or not told[0].isalnum())


# Cells ---------------------------------------------------------------------------------------------------------------


class Cells:
    """The cells of one row by field, telling `refusals` of each that cannot be read."""

    __slots__ = ("by_field", "line", "refusals", "wrong")

    def __init__(self, by_field: dict[str, str], line: int, refusals: Refusals) -> None:
        self.by_field, self.line, self.refusals = by_field, line, refusals
        self.wrong = False

    def tell(self, field: str, reason: str, fix: str = UNCHANGED) -> None:
        self.wrong = True
        self.refusals.add(reason, fix, line=self.line, column=field)

    def text(self, field: str) -> str:
        return self.by_field.get(field, "")

    def code(self, field: str = "code") -> str:
        text = self.text(field).upper()
        if text.isdigit() and len(text) < 5 and self.text("workbook"):
            text = text.zfill(5)  # a workbook of the agency itself may hold the code as a number
        if not CODE.match(text):
            self.tell(
                field, spoiled(text) or lost_zero(text, 5) or f"{text or 'an empty cell'} is no procedure code", AS_TEXT
            )
        return text

    def modifier(self, field: str = "modifier") -> str:
        text = self.text(field).upper()
        if text and not MODIFIER.match(text):
            self.tell(field, f"{text} is no modifier", AS_TEXT)
        return text

    def one_of(self, field: str, known: frozenset[str], default: str = "") -> str:
        text = self.text(field).upper() or default
        if text not in known:
            self.tell(field, f"{text or 'an empty cell'} is none of {', '.join(sorted(known))}")
        return text

    def number(self, field: str, *, lowest: Decimal = Decimal(0), highest: Decimal = Decimal(1_000_000)) -> Decimal:
        """A number that must be there."""
        value = self.amount(field)
        if value is None and not self.wrong:
            self.tell(field, "a number is missing")
        if value is not None and not lowest <= value <= highest:
            self.tell(field, f"{value} is not between {lowest} and {highest}")
        return value if value is not None else Decimal(0)

    def amount(self, field: str) -> Decimal | None:
        """A number, or None where the cell is empty."""
        text = self.text(field)
        if not text or text.upper() in ("NA", "N/A", "."):
            return None
        value = decimal_of(text)
        if value is None:
            self.tell(field, f"{text} is no number")
        return value

    def price(self, field: str) -> Decimal | None:
        """Dollars, or None where the agency gives none: an empty cell or zero."""
        value = self.amount(field)
        if value is not None and value < 0:
            self.tell(field, "a price is below zero")
        return value or None

    def padded(self, field: str, width: int) -> str:
        """An id of digits that a workbook may have stripped of its leading zeros."""
        text = self.text(field)
        if not text.isdigit() or len(text) > width:
            self.tell(field, f"{text or 'an empty cell'} is no number of {width} digits", AS_TEXT)
        return text.zfill(width)


# Dates ---------------------------------------------------------------------------------------------------------------


def stated_start(source: Source) -> tuple[date | None, int]:
    """The first day of the quarter that the file's name or title tells, and its year (0: neither does).

    Raises CannotImport where name and title tell two years: the file was renamed, or is not what its name says.
    """
    told = [line for line in source.head.decode("utf-8", errors="replace").splitlines() if line.strip(" ,\t")]
    title = "\n".join(told[:_TITLE_LINES])
    named, name_year = _told(source.name, _NAMED, _YEAR_IN_NAME)
    titled, title_year = _told(title, _TITLED, _YEAR_IN_TITLE)
    if found := _CARRIER_YEAR.match(title):
        title_year = 2000 + int(found[1])
    if name_year and title_year and title_year != name_year:
        raise refuse(
            f"its name says {name_year}, its title {title_year}", "take the official file under its own name",
            file=source.name,
        )  # fmt: skip
    return named or titled, name_year or title_year


def _told(text: str, quarters: Sequence[re.Pattern[str]], years: Sequence[re.Pattern[str]]) -> tuple[date | None, int]:
    for pattern in quarters:
        if found := pattern.search(text):
            year = 2000 + int(found["year"])
            quarter = found["quarter"].upper()
            return date(year, _QUARTERS[quarter[:3]], 1), year
    for pattern in years:
        if found := pattern.search(text):
            return None, 2000 + int(found[1])
    return None, 0


def dates_of(file: FeeFile, source: Source, asked: Asked) -> tuple[date, date, str]:
    """Start, end and label of a release. Raises CannotImport where nothing says the year, or two say different ones."""
    told, year = stated_start(source)
    if asked.start is not None and year and asked.start.year != year:
        raise refuse(
            f"the file is of {year}, --start says {asked.start.year}", "take the file of the year you mean",
            file=source.name,
        )  # fmt: skip
    if not file.quarterly:
        told = date(year, 1, 1) if year else None
    start = asked.start or told
    if start is None:
        raise refuse(
            "neither the file nor its name tells its quarter" if file.quarterly else "nothing tells its year",
            "give --start YYYY-MM-DD", file=source.name,
        )  # fmt: skip
    end = asked.end or (_next_quarter(start) if file.quarterly else date(start.year + 1, 1, 1))
    quarter = f" Q{(start.month + 2) // 3}" if file.quarterly else ""
    return start, end, asked.label or f"{start.year}{quarter}"


def _next_quarter(day: date) -> date:
    month = 3 * ((day.month - 1) // 3) + 4
    return date(day.year + (month > 12), (month - 1) % 12 + 1, 1)


# The loader ----------------------------------------------------------------------------------------------------------


def read_fee_rows(file: FeeFile, source: Source, refusals: Refusals) -> list[FeeRow]:
    """Every row of a source. What is wrong is in `refusals`; the rows are then not to be used."""
    cells_of = file.rows(source, refusals) if file.rows is not None else table_cells(file, source, refusals)
    found: dict[tuple[str, ...], FeeRow] = {}
    for line, cells in cells_of:
        if source.is_workbook:
            cells["workbook"] = "yes"
        row = file.make(cells, line, refusals)
        if row is None:
            continue
        if row.key in found and found[row.key] != row:
            refusals.add(f"{' '.join(row.key).strip()} is given twice with different values", UNCHANGED, line=line)
        found[row.key] = row
    rows = [found[key] for key in sorted(found)]
    if not rows and not refusals.count:
        refusals.add("no row was found in it", UNCHANGED)
    if file.settled is not None and not refusals.count:
        file.settled(rows, refusals)
    return rows


def loader_of(
    file: FeeFile, name: str, *, rank: int = 0, recognises: Callable[[str, bytes], bool] | None = None
) -> Loader:
    """The Loader of the library for a kind of fee file."""
    table = TABLES[file.set_name]

    def prepared(sources: Sequence[Source], asked: Asked, folder: Path) -> Sequence[Prepared]:
        chosen = sorted(sources, key=lambda source: (_is_qualifying(source.name), source.is_workbook, source.name))
        rows: list[FeeRow] | None = None
        for source in chosen:
            refusals = Refusals(source.full_name)
            read = read_fee_rows(file, source, refusals)
            refusals.check()
            if rows is not None and _comparable(read) != _comparable(rows):
                raise refuse(
                    f"it differs from {chosen[0].name}, which came with it",
                    "import one release at a time",
                    file=source.name,
                )
            rows = rows if rows is not None else read
        assert rows is not None
        start, end, label = dates_of(file, chosen[0], asked)
        if file.is_of is not None and (other := file.is_of(rows, start, end)):
            raise refuse(f"{other}, and not of {label}", "take the file of the release you mean", file=chosen[0].name)
        path = folder / file.set_name
        path.write_bytes(prepare(rows, table.ROW))
        return [Prepared(set_name=file.set_name, path=path, rows=len(rows), label=label, start=start, end=end)]

    def opened(path: Path) -> Any:
        return table((table.prepared(path.read_bytes(), start=None, end=None),))

    return Loader(
        name=name,
        reads=file.reads,
        sets=(file.set_name,),
        format=Format(name=f"fees-{file.set_name}/1", open=opened, compare=_compare(len(table.ROW.KEY))),
        recognises=recognises or is_headed(file),
        prepare=prepared,
        group=one_group,
        rank=rank,
        lacks=lacks(file),
    )


def _is_qualifying(name: str) -> bool:
    """From 2026 there are two files with the same relative values: one for qualifying participants, one for others."""
    return bool(re.search(r"(?<!non)[-_ ]?QP", name, re.IGNORECASE)) and "non" not in name.lower()


def _comparable(rows: Sequence[FeeRow]) -> list[FeeRow]:
    """Rows without the conversion factor, in which the files of qualifying participants and of others differ."""
    if rows and "conversion_factor" in rows[0].__struct_fields__:
        return [msgspec.structs.replace(row, conversion_factor=Decimal(0)) for row in rows]
    return list(rows)


def _compare(width: int) -> Callable[[Path | None, Path, int], Changes]:
    def by_key(path: Path) -> dict[str, str]:
        lines = path.read_text(encoding="utf-8").split("\n")[1:]
        return {" ".join(line.split("\t", width)[:width]).strip(): line for line in lines if line}

    def compare(old: Path | None, new: Path, sample: int) -> Changes:
        return compared(by_key(old) if old else {}, by_key(new), sample)

    return compare
