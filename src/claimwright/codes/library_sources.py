"""Files as they come: plain, gzip, xz, zip (official zips hold several members, some of them zips), workbooks.

A Source is one file to be read, whatever it was wrapped in. A workbook is shown as rows of text, like a CSV, so that
loaders look for their header once.
"""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook

from claimwright.codes.workbooks import WorkbookRefused, check_workbook

HEAD_BYTES = 65_536
HEAD_ROWS = 40
_MOST_BYTES = 4 << 30  # an official release is far smaller: more is a bomb or a mistake
_LARGE = re.compile(r"(npidata|othername|pl|endpoint)_pfile_")  # save the registry of NPIs, which is read line by line
_MOST_LARGE_BYTES = 64 << 30
_MOST_WORKBOOK_BYTES = 512 << 20  # the largest official one, the ZIP codes of a quarter, has some 60 MB
_DEPTH = 3
_CHUNK = 1 << 20
_ZIP, _GZIP, _XZ, _OLE = b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ\x00", b"\xd0\xcf\x11\xe0"
_LONGEST_CELL = 1 << 24  # coverage articles carry pages of text in one cell
_IGNORED_SUFFIXES = (".pdf", ".doc", ".docx", ".exe", ".htm", ".html")
_LICENCE_PAGE = (
    "it is a web page, and no code file",
    "open the page in a browser, accept the licence it may show, and download the file itself",
)
# How files begin that are taken for official ones, and what to do. CMS shows the AMA's licence before files with CPT.
OTHER_FILES: dict[bytes, tuple[str, str]] = {
    b"%pdf-": ("it is a PDF, which holds no rows", "take the text, CSV or workbook that is offered beside it"),
    b"<!doctype html": _LICENCE_PAGE,
    b"<html": _LICENCE_PAGE,
}


class UnreadableFile(ValueError):
    """A file or archive that cannot be opened; the text names it and says what to do."""


class Source:
    """One file to import: `name` is its own name, `archive` the file it came in ("" when it came bare)."""

    __slots__ = ("_opener", "archive", "head", "is_workbook", "name")

    def __init__(self, name: str, opener: Callable[[], IO[bytes]], archive: str = "") -> None:
        self.name, self.archive, self._opener = name, archive, opener
        with self.open() as stream:
            start = stream.read(HEAD_BYTES)
        self.is_workbook = start.startswith(_OLE) or (start.startswith(_ZIP) and _holds_a_workbook(opener))
        self.head = self._workbook_head() if self.is_workbook else start

    @property
    def full_name(self) -> str:
        return f"{self.archive}/{self.name}" if self.archive else self.name

    def open(self) -> IO[bytes]:
        """A new stream of the content, unwrapped."""
        return self._opener()

    def read(self) -> bytes:
        """The whole content. Raises UnreadableFile for a damaged archive."""
        with self.open() as stream:
            try:
                return stream.read()
            except (OSError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as problem:
                raise UnreadableFile(f"{self.full_name} is cut off or damaged: download it again") from problem

    def lines(self) -> Iterator[tuple[int, str]]:
        """Numbered lines from 1, without their ends; UTF-8 where it is, else Windows-1252 as the agencies write."""
        number = 0
        with self.open() as stream:
            try:
                for number, raw in enumerate(stream, 1):
                    yield number, _text(raw.rstrip(b"\r\n"))
            except (OSError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as problem:
                raise UnreadableFile(
                    f"{self.full_name} is cut off or damaged after line {number}: download it again"
                ) from problem

    def rows(self, delimiter: str = "") -> Iterator[tuple[int, list[str]]]:
        """Rows of cells with the line each begins on (the row in a workbook's first sheet), cells stripped.

        The delimiter is found from the start of the file when not given. Quoted cells may span lines.
        """
        if self.is_workbook:
            for number, row in enumerate(self._sheet(), 1):
                yield number, [cell_text(cell) for cell in row]
            return
        csv.field_size_limit(_LONGEST_CELL)
        reader = csv.reader(
            (f"{line}\n" for _, line in self.lines()), delimiter=delimiter or delimiter_of(self.head), strict=False
        )
        first = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise UnreadableFile(f"{self.full_name} line {first} is no row of a table: {problem}") from problem
            yield first, [cell.strip() for cell in cells]
            first = reader.line_num + 1

    def _sheet(self) -> Iterable[list[Any]]:
        try:
            data = self.read()
            check_workbook(data, most=_MOST_WORKBOOK_BYTES)
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            return book.get_sheet_by_index(0).iter_rows()
        except WorkbookRefused as problem:
            raise UnreadableFile(f"{self.full_name} is not opened: {problem}") from None
        except (CalamineError, OSError, ValueError) as problem:
            raise UnreadableFile(f"{self.full_name} is no workbook that can be read: save it again") from problem

    def _workbook_head(self) -> bytes:
        lines = []
        for number, row in enumerate(self._sheet(), 1):
            lines.append("\t".join(cell_text(cell) for cell in row))
            if number >= HEAD_ROWS:
                break
        return "\n".join(lines).encode()


def cell_text(value: Any) -> str:
    """A workbook's cell as the text a person sees: whole numbers without ".0", dates as YYYY-MM-DD."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def delimiter_of(head: bytes) -> str:
    """Tab, comma, bar or semicolon, whichever the start of the file has most of; a comma when in doubt."""
    counts = {mark: head.count(mark.encode()) for mark in (",", "\t", "|", ";")}
    return max(counts, key=lambda mark: counts[mark])


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def sources_of(path: Path) -> list[Source]:
    """Every file to be read in `path`, archives opened, papers (PDF, Word) left out.

    Raises UnreadableFile for a file that is missing, empty, damaged or too large when unwrapped.
    """
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path} is no file: name the file as it was downloaded")
        if not path.stat().st_size:
            raise UnreadableFile(f"{path} is empty: download it again")
        found = list(_unwrap(path.name, lambda: path.open("rb"), "", 0))
    except (OSError, EOFError, zipfile.BadZipFile, lzma.LZMAError, NotImplementedError, RuntimeError) as problem:
        raise UnreadableFile(f"{path} is cut off or damaged, or cannot be read: download it again") from problem
    if not found:
        raise UnreadableFile(f"{path} holds no file that could be a code set: take the official file, unchanged")
    return found


def _unwrap(name: str, opener: Callable[[], IO[bytes]], archive: str, depth: int) -> Iterator[Source]:
    with opener() as stream:
        start = stream.read(8)
    if depth > _DEPTH:
        raise UnreadableFile(f"{archive} holds archives within archives too deep: unpack it")
    if start.startswith(_GZIP):
        yield from _unwrap(_without_suffix(name), lambda: _decompressed(gzip.open, opener), archive or name, depth + 1)
    elif start.startswith(_XZ):
        yield from _unwrap(_without_suffix(name), lambda: _decompressed(lzma.open, opener), archive or name, depth + 1)
    elif start.startswith(_ZIP) and not _holds_a_workbook(opener):
        yield from _members(name, opener, archive, depth)
    else:
        yield Source(name, opener, archive)


def _decompressed(opened: Callable[[IO[bytes]], Any], opener: Callable[[], IO[bytes]]) -> IO[bytes]:
    stream: IO[bytes] = opened(opener())
    return stream


def _members(name: str, opener: Callable[[], IO[bytes]], archive: str, depth: int) -> Iterator[Source]:
    inside = f"{archive}/{name}" if archive else name
    with zipfile.ZipFile(_seekable(opener)) as files:
        members = [info for info in files.infolist() if not info.is_dir() and info.file_size]
    large = sum(info.file_size for info in members if _LARGE.match(PurePosixPath(info.filename).name))
    if large > _MOST_LARGE_BYTES or sum(info.file_size for info in members) - large > _MOST_BYTES:
        raise UnreadableFile(f"{inside} unpacks to more than 4 GB: that is no code set")
    for info in members:
        short = PurePosixPath(info.filename).name
        if not short.lower().endswith(_IGNORED_SUFFIXES) and not info.filename.startswith("__MACOSX"):
            yield from _unwrap(short, _member_opener(opener, info.filename), inside, depth + 1)


def _member_opener(opener: Callable[[], IO[bytes]], member: str) -> Callable[[], IO[bytes]]:
    return lambda: zipfile.ZipFile(_seekable(opener)).open(member)


def _seekable(opener: Callable[[], IO[bytes]]) -> IO[bytes]:
    """The file itself when it lies on disk; the bytes of a zip within a zip."""
    stream = opener()
    if isinstance(stream, io.BufferedReader) and stream.seekable():
        return stream
    with stream:
        return io.BytesIO(stream.read())


def _holds_a_workbook(opener: Callable[[], IO[bytes]]) -> bool:
    with zipfile.ZipFile(_seekable(opener)) as files:
        names = files.namelist()
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _without_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and suffix.lower() in ("gz", "xz", "lzma", "gzip") else name
