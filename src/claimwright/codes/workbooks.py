"""Whether a workbook may be opened: one that unpacks to far more than it is, hides code or is locked is refused unread.

A reader of workbooks takes the whole sheet into memory; what that will be is counted here first, piece by piece.
"""

from __future__ import annotations

import io
import zipfile
import zlib

MOST_UNPACKED_BYTES = 64 * 1024 * 1024  # of all parts: a price list of 100,000 rows has some 20 MB
MOST_PARTS = 2_000
OLD = b"\xd0\xcf\x11\xe0"  # .xls, and any workbook that is locked with a password
LOCKED = "EncryptedPackage".encode("utf-16-le")
PIECE = 1 << 16


class WorkbookRefused(ValueError):
    """A workbook that is not opened; the text says what to do."""


def check_workbook(data: bytes, *, most: int = MOST_UNPACKED_BYTES) -> None:
    """Raise WorkbookRefused for a workbook with macros, a locked one, a damaged one, and one larger than `most` bytes
    unpacked, whatever its own directory says about its size."""
    if data.startswith(OLD):
        if LOCKED in data:
            raise WorkbookRefused("it is locked with a password: save it without one")
        if b"V\x00B\x00A\x00" in data and b"_\x00V\x00B\x00A\x00_\x00P\x00R\x00O\x00J\x00E\x00C\x00T" in data:
            raise WorkbookRefused("it holds macros: save it as .xlsx")
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS:
                raise WorkbookRefused(f"it has {len(listed):,} parts: that is no workbook")
            if any(part.filename.lower().endswith("vbaproject.bin") for part in listed):
                raise WorkbookRefused("it holds macros: save it as .xlsx")
            left = most
            for part in listed:
                with parts.open(part) as piece:
                    while got := piece.read(PIECE):
                        left -= len(got)
                        if left < 0:
                            raise WorkbookRefused(f"it unpacks to more than {most // 1024**2} MB: split it")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
        raise WorkbookRefused("it is damaged or locked: save it again as .xlsx") from None
