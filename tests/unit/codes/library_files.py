"""Official files in miniature, built from their layouts: every letter that a whole file has, and nothing licensed."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from string import ascii_uppercase

from claimwright.codes.library import Asked, Library

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
HCPCS_LETTERS = "ACEGHJLQSTV"


def order_rows(*extra: tuple[str, int, str]) -> list[tuple[str, int, str]]:
    """A category and a billable code for every letter, then what is given."""
    rows = []
    for letter in ascii_uppercase:
        rows += [(f"{letter}01", 0, f"Chapter {letter}"), (f"{letter}010", 1, f"Disorder of {letter}, right knee")]
    return [*rows, *extra]


def order_file(*extra: tuple[str, int, str], rows: list[tuple[str, int, str]] | None = None) -> bytes:
    """The order file; `rows` in place of the usual ones."""
    lines = [
        f"{number:05d} {code:<7} {flag} {title:<60} {title}"
        for number, (code, flag, title) in enumerate(rows if rows is not None else order_rows(*extra), 1)
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, data in members.items():
            files.writestr(zipfile.ZipInfo(name, (2026, 10, 1, 0, 0, 0)), data)
    return packed.getvalue()


def anweb_line(code: str, kind: str = "3", title: str = "Something", width: int = 293, **fields: str) -> str:
    """One record by the layout's 1-based positions; 293 characters as in 2026, 320 as in 2019."""
    cells = list(" " * width)
    spots = {"short": 92, "coverage": 230, "betos": 257, "added": 269, "effective": 277, "last": 285, "action": 293}
    for position, text in (
        (1 if len(code) == 5 else 4, code),
        (6, "00100"),
        (11, kind),
        (12, title),
        *((spots[name], text) for name, text in fields.items()),
    ):
        cells[position - 1 : position - 1 + len(text)] = text
    return "".join(cells)


def anweb_lines(width: int = 293) -> list[str]:
    lines = [
        anweb_line("A1", "7", "Dressing for one wound", width, added="20020701"),
        *(
            anweb_line(f"{letter}1234", "3", f"Item {letter}", width, added="20100101", effective="20100101")
            for letter in HCPCS_LETTERS
        ),
    ]
    return lines


def anweb_file(*extra: str, width: int = 293) -> bytes:
    return ("\r\n".join([*anweb_lines(width), *extra]) + "\r\n").encode()


def library(tmp_path) -> Library:
    return Library(tmp_path / "codes")


def write(tmp_path, name: str, data: bytes | str):
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def take(held: Library, *paths, start: date | None = None, end: date | None = None, set_name: str = "", **options):
    """Miniatures lack nearly all codes of what is shipped, so `smaller` is on unless a test asks otherwise."""
    asked = Asked(start=start, end=end, set_name=set_name)
    options.setdefault("smaller", True)
    return held.import_files(paths, asked=asked, at=NOW, by="biller", **options)
