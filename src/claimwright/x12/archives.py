"""The files in a zip and the content of a gzip. Read only when one comes: these libraries are slow to start."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

DAMAGED = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError)


class Member:
    """A file in an archive. It ends where the archive is damaged: what came before the damage has been read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except DAMAGED:
            return b""


def in_gzip(name: str, file: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    with gzip.GzipFile(fileobj=file) as unpacking:
        yield name, cast(BinaryIO, Member(cast(BinaryIO, unpacking)))


def in_zip(name: str, file: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    """Each member with its name; the file itself where it is no zip after all."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        file.seek(0)
        yield name, file
        return
    for entry in archive.infolist():
        if entry.is_dir() or entry.flag_bits & 0x1:
            continue  # an encrypted member: its name is told by whoever lists the archive
        with archive.open(entry) as member:
            yield f"{name}/{entry.filename}", cast(BinaryIO, Member(cast(BinaryIO, member)))
