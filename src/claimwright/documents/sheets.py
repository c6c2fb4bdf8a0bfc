"""Tables as files: CSV and Excel, the one writer of every list and report that leaves the house as a spreadsheet.

Text never runs as a formula (`codes.cell_text`), money and counts stay numbers, dates stay dates. The same rows give
the same bytes on every machine and day: nothing of the clock or the compressor goes into a file that must be proved.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from xml.sax.saxutils import escape

import msgspec

from claimwright.codes.cell_text import neutral

Cell = str | int | Decimal | date | datetime | bool | None

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_A_SHEET = 1_048_575  # Excel's 1,048,576 rows less the heading
LONGEST_CELL = 32_767  # characters, Excel
LONGEST_SHEET_NAME = 31
WIDTH_SAMPLE_ROWS = 200
NARROWEST, WIDEST = 9, 60
FIRST_DAY = date(1899, 12, 30)  # Excel counts days from here, its own leap-day fault of 1900 allowed for
SAME_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest a zip entry can bear
PLAIN, HEADING, MONEY, DAY, MOMENT, WHOLE = range(6)  # places in STYLES
EXACT_DIGITS = 15  # Excel keeps no more: a longer number is written as text


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One table: `title` names the sheet, `columns` are the heading, each row has one cell a column.

    `about` says what the table is (period, basis, practice): a sheet of its own in Excel, left out of the CSV, whose
    readers are programs.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    about: tuple[tuple[str, Cell], ...] = ()


# CSV -----------------------------------------------------------------------------------------------------------------


def csv_text(cell: Cell) -> str:
    """One cell of a CSV: dates as 2026-09-30, amounts plain without thousands, yes and no."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, (int, Decimal)):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return neutral(cell)


class _Echo:
    def write(self, row: str) -> str:
        return row


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file line by line, heading first, each with its line end: for tables too long to hold."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield writer.writerow([neutral(column) for column in columns])
    for row in rows:
        yield writer.writerow([csv_text(cell) for cell in row])


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with the mark by which Excel knows it."""
    return "".join(csv_lines(sheet.columns, sheet.rows)).encode("utf-8-sig")


# Excel ---------------------------------------------------------------------------------------------------------------

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="3"><numFmt numFmtId="164" formatCode="#,##0.00;[Red]-#,##0.00"/>'
    '<numFmt numFmtId="165" formatCode="yyyy-mm-dd"/><numFmt numFmtId="166" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="6"><xf xfId="0"/><xf xfId="0" fontId="1" applyFont="1"/>'
    + "".join(f'<xf xfId="0" numFmtId="{number}" applyNumberFormat="1"/>' for number in (164, 165, 166, 3))
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_A_NAME = re.compile(r"[\[\]:*?/\\]")


def to_xlsx(sheets: Sequence[Sheet], *, compressed: bool = True) -> bytes:
    """A workbook. `compressed=False` for files whose bytes are proved later: a compressor may change, copying does not.

    Raises ValueError when a row has another number of cells than its heading.
    """
    written = [part for sheet in sheets for part in _parts(sheet)]
    names = _names([title for title, _ in written])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as book:
        for name, text in _frame(names):
            _put(book, name, text)
        for number, (_, text) in enumerate(written, 1):
            _put(book, f"xl/worksheets/sheet{number}.xml", text)
    return out.getvalue()


def _put(book: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, SAME_MOMENT)
    entry.compress_type, entry.create_system, entry.external_attr = book.compression, 3, 0o600 << 16
    book.writestr(entry, text.encode())


def _parts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """(title, XML) of each sheet: one for the rows, more where Excel's limit asks for it, one that says what it is."""
    total = max(len(sheet.rows), 1)
    for start in range(0, total, ROWS_A_SHEET):
        rows = islice(sheet.rows, start, start + ROWS_A_SHEET) if total > ROWS_A_SHEET else sheet.rows
        title = sheet.title if start == 0 else f"{sheet.title} {start // ROWS_A_SHEET + 1}"
        yield title, _sheet_xml(sheet.columns, rows, _widths(sheet.columns, sheet.rows))
    if sheet.about:
        yield f"About {sheet.title}", _sheet_xml(("What", "Value"), sheet.about, [24, WIDEST])


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    widest = [len(column) for column in columns]
    for row in islice(rows, WIDTH_SAMPLE_ROWS):
        widest = [max(held, len(csv_text(cell))) for held, cell in zip(widest, row, strict=True)]
    return [min(max(width + 2, NARROWEST), WIDEST) for width in widest]


def _sheet_xml(columns: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> str:
    out = [
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>',
        *(f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(widths, 1)),
        "</cols><sheetData><row>",
        *(_text_cell(column, HEADING) for column in columns),
        "</row>",
    ]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError("a row has another number of cells than the heading")
        out.append("<row>" + "".join(map(_cell, row)) + "</row>")
    out.append("</sheetData></worksheet>")
    return "".join(out)


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, (bool, str)):
        return _text_cell(csv_text(cell) if isinstance(cell, bool) else cell)
    if isinstance(cell, datetime):
        at = cell.replace(tzinfo=None, microsecond=0)
        seconds = at.hour * 3600 + at.minute * 60 + at.second
        serial = Decimal((at.date() - FIRST_DAY).days) + Decimal(seconds) / 86_400
        return _number(round(serial, 9), MOMENT)
    if isinstance(cell, date):
        return _number(Decimal((cell - FIRST_DAY).days), DAY)
    if isinstance(cell, Decimal):
        return _number(cell, MONEY)
    return _number(Decimal(cell), WHOLE)


def _number(value: Decimal, style: int) -> str:
    if not value.is_finite() or len(value.as_tuple().digits) > EXACT_DIGITS:
        return _text_cell(f"{value:f}")
    return f'<c s="{style}"><v>{value:f}</v></c>'


def _text_cell(text: str, style: int = PLAIN) -> str:
    safe = escape(_NOT_XML.sub("\ufffd", neutral(text)[:LONGEST_CELL]))
    return f'<c t="inlineStr" s="{style}"><is><t xml:space="preserve">{safe}</t></is></c>'


def _names(titles: Sequence[str]) -> list[str]:
    """Sheet names as Excel allows them: short, without its reserved marks, no two the same."""
    found: list[str] = []
    for title in titles:
        name = _NOT_A_NAME.sub(" ", title).strip("' ")[:LONGEST_SHEET_NAME] or "Sheet"
        number = 2
        while name.lower() in (other.lower() for other in found):
            tail = f" ({number})"
            name, number = name[: LONGEST_SHEET_NAME - len(tail)] + tail, number + 1
        found.append(name)
    return found


def _frame(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts of a workbook that are not its sheets."""
    numbers = range(1, len(names) + 1)
    package = "application/vnd.openxmlformats"
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="rels" ContentType="{package}-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{package}-officedocument.spreadsheetml.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{package}-officedocument.spreadsheetml.styles+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_SHEET_TYPE}"/>' for at in numbers
            )
            + "</Types>"
        ),
    )
    yield (
        "_rels/.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_RELATIONS}">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            + "".join(
                f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{at}" r:id="rId{at}"/>'
                for at, name in enumerate(names, 1)
            )
            + "</sheets></workbook>"
        ),
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_HEAD}<Relationships xmlns="{_RELATIONS}">'
            + "".join(
                f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
                for at in numbers
            )
            + f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
        ),
    )
    yield "xl/styles.xml", STYLES
