"""A CSV file to rows by column name, with what spreadsheets do to files found out and said, never repaired silently."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec

from claimwright.claims.nouns import IntakeProblem
from claimwright.codes.cell_text import neutral
from claimwright.codes.money import MAXIMUM

MAXIMUM_ROWS = 100_000
MAXIMUM_COLUMNS = 256
MAXIMUM_CELL = 4_000

# What other programs' files begin with, and what to say.
OTHER_FORMATS = (
    (b"PK\x03\x04", "an Excel workbook (.xlsx) or a zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"ISA", "an X12 file"),
    (b"{", "JSON"),
    (b"<", "a web page or XML"),
)
SEPARATORS = (",", ";", "\t", "|")
FORMULA_MARKS = "=+-@\t\r＝＋－＠"
QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"'}

_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d+\Z", re.IGNORECASE | re.ASCII)
_SERIAL = re.compile(r"[2-6]\d{4}(?:\.\d+)?\Z", re.ASCII)
_MONTH_NAME = re.compile(r"\d{1,2}-[A-Z][a-z]{2}\Z|[A-Z][a-z]{2}-\d{1,2}\Z", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?\Z", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", re.ASCII)
_AMOUNT = re.compile(r"\$? ?(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?\Z", re.ASCII)
_QUANTITY = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,3})?\Z")
_EXCEL_DAY_ZERO = date(1899, 12, 30)  # serial 61 and later count from here (1900 is a leap year to Excel)


class Table(msgspec.Struct, kw_only=True):
    """The rows of a file. `problems` that block are of the whole file: there are no rows then."""

    name: str = ""
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    problems: list[IntakeProblem] = []


class Row:
    """One row. Reading a cell gives its value or a harmless one, and appends what is wrong to `problems`."""

    def __init__(self, name: str, number: int, cells: dict[str, str]) -> None:
        self.name, self.number, self.cells = name, number, cells
        self.problems: list[IntakeProblem] = []

    def problem(self, code: str, column: str, message: str, fix: str, *, blocks: bool = True) -> None:
        place = f"{self.name} row {self.number}" + (f", column {column}" if column else "")
        self.problems.append(IntakeProblem(code=code, place=place.strip(), message=message, fix=fix, blocks=blocks))

    @property
    def is_good(self) -> bool:
        return not any(problem.blocks for problem in self.problems)

    def raw(self, column: str) -> str:
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        """Free words: curly quotes made straight and formula marks taken off, each with a notice."""
        value = self.raw(column).replace("\u00a0", " ").strip()
        straight = "".join(QUOTES.get(character, character) for character in value)
        if straight != value:
            self.problem(
                "CURLY_QUOTES",
                column,
                "Typographic quotes were made straight",
                "Nothing, if it reads well",
                blocks=False,
            )
        bare = straight.lstrip(FORMULA_MARKS + " ")
        if bare != straight:
            self.problem(
                "FORMULA_CELL",
                column,
                "The cell begins like a formula; it was taken as plain text without the mark",
                "Check the text",
                blocks=False,
            )
        return " ".join(bare.split())

    def code(self, column: str) -> str:
        """An identifier or code, upper case: refused when a spreadsheet has made a number, date or formula of it."""
        value = self.raw(column).replace("\u00a0", " ").strip()
        if not value:
            return ""
        if _SCIENTIFIC.match(value):
            self._damaged(column, "a spreadsheet turned it into scientific notation and lost digits")
        elif _MONTH_NAME.match(value):
            self._damaged(column, "a spreadsheet turned it into a date")
        elif value.endswith(".0") and value[:-2].isdigit():
            self._damaged(column, "a spreadsheet turned it into a decimal number")
        elif value[0] in FORMULA_MARKS:
            self.problem("FORMULA_CELL", column, "The cell begins like a formula", "Enter the plain code")
        elif any(character in QUOTES or not character.isprintable() for character in value):
            self.problem("BAD_TEXT", column, "The code holds quotes or control characters", "Enter the plain code")
        else:
            return value.upper()
        return ""

    def digits(self, column: str, *lengths: int) -> str:
        """A number with a fixed count of digits: short by leading zeros is refused, not filled up."""
        value = self.code(column).replace("-", "").replace(" ", "")
        if not value:
            return ""
        if value.isascii() and value.isdigit() and len(value) in lengths:
            return value
        wanted = " or ".join(str(length) for length in lengths)
        if value.isdigit() and len(value) < max(lengths):
            self._damaged(column, f"it has {len(value)} digits where {wanted} belong: leading zeros may be lost")
        else:
            self.problem("BAD_NUMBER", column, f"The number must have {wanted} digits", "Correct the cell")
        return ""

    def day(self, column: str) -> date | None:
        """A date as 2026-08-31 or 08/31/2026. A serial number or a year of two digits is refused."""
        value = self.raw(column).strip()
        if not value:
            return None
        iso, american = _ISO.match(value), _AMERICAN.match(value)
        parts = (iso[1], iso[2], iso[3]) if iso else (american[3], american[1], american[2]) if american else None
        if parts is None:
            self._bad_date(column, value)
            return None
        try:
            return date(*(int(part) for part in parts))
        except ValueError:
            self.problem("BAD_DATE", column, "There is no such day in the calendar", "Correct the date")
            return None

    def _bad_date(self, column: str, value: str) -> None:
        if _SERIAL.match(value):
            meant = _EXCEL_DAY_ZERO + timedelta(days=int(value.split(".")[0]))
            self._damaged(
                column, "it is a spreadsheet's day number", f"Format the column as {meant:%Y-%m-%d}, save again"
            )
        elif re.match(r"\d{1,2}/\d{1,2}/\d{2}\Z", value):
            self.problem("BAD_DATE", column, "A year of two digits can be read in two ways", "Write 2026-08-31")
        else:
            self.problem("BAD_DATE", column, "This is no date", "Write 2026-08-31 or 08/31/2026")

    def amount(self, column: str) -> Decimal | None:
        """Dollars: 1234.5, $1,234.50. Refused: parentheses, a minus, a decimal comma, a dash, three places."""
        value = self.raw(column).strip()
        if not value:
            return None
        match = _AMOUNT.match(value)
        if match:
            number = Decimal((match[1] + (match[2] or "")).replace(",", ""))
            if number <= MAXIMUM:
                return number.quantize(Decimal("0.01"))
        self.problem(
            "BAD_AMOUNT",
            column,
            "This is no amount: digits with a point and at most two places; no minus, parentheses or decimal comma",
            "Write 1234.50",
        )
        return None

    def quantity(self, column: str) -> Decimal | None:
        value = self.raw(column).strip()
        if not value:
            return None
        if _QUANTITY.match(value) and (number := Decimal(value)) > 0:
            return number
        self.problem("BAD_NUMBER", column, "This is no quantity above zero", "Write a number such as 1 or 2.5")
        return None

    def _damaged(self, column: str, how: str, fix: str = "") -> None:
        self.problem(
            "EXCEL_DAMAGE",
            column,
            f"The cell is damaged: {how}",
            fix or "Format the column as text before saving, or export the file again from its own program",
        )


def read_table(data: bytes, name: str, *, known: Sequence[str], required: Sequence[str]) -> Table:
    """The rows of a CSV file with a header. Raises nothing: a file that cannot be taken has no rows and a problem."""
    table = Table(name=name, rows=[], problems=[])

    def refuse(code: str, message: str, fix: str) -> Table:
        table.rows = []
        table.problems.append(IntakeProblem(code=code, place=name, message=message, fix=fix))
        return table

    for start, what in OTHER_FORMATS:
        if data.lstrip()[: len(start)] == start:
            return refuse("NOT_CSV", f"This is {what}, not CSV", "Save it as CSV UTF-8 and send it again")
    text = _decoded(data)
    if text is None or "\x00" in text:
        return refuse("NOT_UTF8", "The file is not UTF-8 text", "Save it as CSV UTF-8 and send it again")
    if not text.strip():
        return refuse("EMPTY_FILE", "The file is empty", "Ask the sender to send it again")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        header = _named(next(reader))
        problem = _header_problem(header, known, required)
        if problem:
            return refuse("BAD_HEADER", *problem)
        table.columns = tuple(header)
        table.problems.extend(_unknown_columns(name, header, known))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                table.rows.append(_row(name, len(table.rows) + 2, header, cells))
            if len(table.rows) > MAXIMUM_ROWS:
                return refuse("TOO_LARGE", f"The file has more than {MAXIMUM_ROWS} rows", "Split the file")
    except csv.Error:
        return refuse(
            "BAD_QUOTES",
            f"Line {reader.line_num} has a quotation mark inside a cell that is not doubled, or one that never closes",
            "Export the file again; nothing of it was taken",
        )
    return table


def header_of(data: bytes) -> tuple[str, ...]:
    """The columns of a CSV file as `read_table` names them, to tell what a file is; () for what has no header."""
    text = _decoded(data) or ""
    line = next((line for line in text.lstrip().split("\n", 1)[0].splitlines() if line.strip()), "")
    try:
        return tuple(_named(next(csv.reader([line], delimiter=_separator(line)), [])))
    except csv.Error:
        return ()


def _named(cells: Sequence[str]) -> list[str]:
    return [" ".join(cell.split()).strip("‘’“”'\"").lower().replace(" ", "_") for cell in cells]


def _row(name: str, number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    row = Row(name, number, dict(zip(header, cells, strict=False)))
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        row.problem("BAD_ROW", "", "The row has more cells than the header", "Quote cells that hold the separator")
    for column, cell in row.cells.items():
        if len(cell) > MAXIMUM_CELL:
            row.problem("BAD_ROW", column, f"The cell has more than {MAXIMUM_CELL} characters", "Shorten it")
    return row


def _decoded(data: bytes) -> str | None:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _separator(text: str) -> str:
    """The separator that cuts the header into most columns."""
    header = text.lstrip().split("\n", 1)[0]
    return max(SEPARATORS, key=header.count)


def _header_problem(header: Sequence[str], known: Sequence[str], required: Sequence[str]) -> tuple[str, str] | None:
    if len(header) > MAXIMUM_COLUMNS:
        return f"The header has more than {MAXIMUM_COLUMNS} columns", "Send only the columns that are used"
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        return f"The columns {', '.join(twice)} stand twice", "Keep one of each; which one is meant cannot be told"
    missing = [column for column in required if column not in header]
    if missing:
        near = {column: difflib.get_close_matches(column, header, 1) for column in missing}
        hints = "; ".join(f"is {found[0]} meant as {column}?" for column, found in near.items() if found)
        return f"The columns {', '.join(missing)} are missing", f"Add or rename them. {hints}".strip()
    return None


def _unknown_columns(name: str, header: Sequence[str], known: Sequence[str]) -> Iterator[IntakeProblem]:
    for column in header:
        if column and column not in known:
            near = difflib.get_close_matches(column, [one for one in known if one not in header], 1)
            yield IntakeProblem(
                code="UNKNOWN_COLUMN",
                place=f"{name} column {column}".strip(),
                message="The column is not known and was not read",
                fix=f"Rename it to {near[0]}, if that is meant" if near else "Nothing, if it is not needed",
                blocks=False,
            )


def error_sheet(problems: Sequence[IntakeProblem]) -> bytes:
    """The problems as a CSV file to hand back: place, code, message, fix; no cell of it runs as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("place", "code", "message", "fix", "blocks"))
    for problem in problems:
        cells = (problem.place, problem.code, problem.message, problem.fix)
        writer.writerow((*(neutral(cell) for cell in cells), "yes" if problem.blocks else "no"))
    return out.getvalue().encode("utf-8-sig")
