"""Tables as files: nothing runs, numbers stay numbers, and the same rows are the same bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import python_calamine

from claimwright.codes.cell_text import FORMULA_MARKS, neutral
from claimwright.documents import sheets
from claimwright.documents.sheets import Sheet, to_csv, to_xlsx

MARKS = ["=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"]
LEADS = [
    "",
    " ",
    "\u00a0",
    "\t",
    "\r",
    "\n",
    "\ufeff",
    "\u200b",
    "\x00",
    "first line\n",
    "first line\r\n ",
    "a;",
    "a\t",
]
PAYLOADS = [lead + mark + body for lead in LEADS for mark in MARKS for body in ("1+1", 'cmd|"/C calc"!A0')]
PAYLOADS += ['=HYPERLINK("http://x","y")', "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd", "\t", "\r", "＝1+1"]


def cells_of_csv(content: bytes, delimiter: str = ",") -> list[str]:
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_is_a_formula(payload: str) -> None:
    content = to_csv(Sheet(title="T", columns=("A", "B"), rows=[("x", payload), (payload, Decimal("1.00"))]))
    text = content.decode("utf-8-sig")
    read = cells_of_csv(content) + cells_of_csv(content, ";") + text.splitlines() + text.split("\t")
    for cell in read:
        bare = cell.lstrip(' \u00a0\t\r\n\ufeff\u200b\x00"')
        assert bare[:1] not in MARKS or cell == "1.00", cell
    assert payload.strip("\x00") in text.replace("'", "") or "'" in payload or '"' in payload


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("O'Brien", "99213-25", "a=b", "50 % of it", "Ñuñez", "", "a@b.example", "1+1"):
        assert neutral(text) == text
    assert set(MARKS) <= set(FORMULA_MARKS)


def test_money_below_zero_is_a_number_and_comes_back_exactly() -> None:
    amounts = [Decimal("-12.34"), Decimal("0.00"), Decimal("9999999999.99"), Decimal("-0.01"), Decimal("1234567.10")]
    sheet = Sheet(title="Money", columns=("Amount",), rows=[(amount,) for amount in amounts])
    assert [Decimal(cell) for cell in cells_of_csv(to_csv(sheet))[1:]] == amounts
    assert cells_of_csv(to_csv(sheet))[1] == "-12.34"
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx([sheet]))).get_sheet_by_index(0)
    assert [type(row[0]) for row in read.to_python()[1:]] == [float] * len(amounts)
    with zipfile.ZipFile(io.BytesIO(to_xlsx([sheet]))) as book:  # the text in the file, not a float's idea of it
        written = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{{{sheets._MAIN}}}v")
        assert [Decimal(value.text or "") for value in written] == amounts


def test_a_workbook_keeps_kinds_and_text() -> None:
    rows = [
        ("=1+1", date(2026, 9, 30), datetime(2026, 9, 30, 18, 30, 5, tzinfo=UTC), 7, True, None),
        ("<&>\x07 Ñ 中", date(1900, 3, 1), None, -3, False, Decimal("1234567890123456.78")),
    ]
    sheet = Sheet(title="Kinds: a/b", columns=("Text", "Day", "At", "Whole", "Yes", "None"), rows=rows,
                  about=(("Period", "August"),))  # fmt: skip
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx([sheet, sheet])))
    assert book.sheet_names == ["Kinds  a b", "About Kinds  a b", "Kinds  a b (2)", "About Kinds  a b (2)"]
    first, second = book.get_sheet_by_index(0).to_python()[1:]
    assert first == ["'=1+1", date(2026, 9, 30), datetime(2026, 9, 30, 18, 30, 5), 7, "yes", ""]
    assert second == ["<&>\ufffd Ñ 中", date(1900, 3, 1), "", -3, "no", "1234567890123456.78"]
    assert cells_of_csv(to_csv(sheet))[6:10] == ["'=1+1", "2026-09-30", "2026-09-30 18:30:05+00:00", "7"]


def test_the_same_rows_are_the_same_bytes() -> None:
    sheet = Sheet(title="T", columns=("A",), rows=[("x",)])
    stored = to_xlsx([sheet], compressed=False)
    assert stored == to_xlsx([sheet], compressed=False)
    with zipfile.ZipFile(io.BytesIO(stored)) as book:
        assert {entry.compress_type for entry in book.infolist()} == {zipfile.ZIP_STORED}
        assert {entry.date_time for entry in book.infolist()} == {sheets.SAME_MOMENT}


def test_more_rows_than_a_sheet_holds_go_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 2)
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(to_xlsx([Sheet(title="T", columns=("A",), rows=[(at,) for at in range(5)])]))
    )
    assert book.sheet_names == ["T", "T 2", "T 3"]
    assert [len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names] == [3, 3, 2]


def test_a_row_that_does_not_fit_its_heading_is_refused() -> None:
    with pytest.raises(ValueError):
        to_xlsx([Sheet(title="T", columns=("A", "B"), rows=[("x",)])])
