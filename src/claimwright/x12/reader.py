"""Bytes to segments, transactions and interchanges. Never raises on content, never stops at the first fault."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from claimwright.x12.cutting import Source, batches, rows
from claimwright.x12.faults import Fault
from claimwright.x12.segments import (
    Document,
    FunctionalGroup,
    Interchange,
    Segment,
    Transaction,
)

CHUNK_BYTES = 1 << 18
MOST_UNPACKED_BYTES = 512 << 20
UNPACKED_PIECE = 1 << 20
HARMLESS_BYTES = 16 << 20
MOST_TIMES_LARGER = 200  # X12 packs some twenty times; a bomb a thousand
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
CONTROL = frozenset(("ISA", "GS", "ST", "GE", "IEA"))
ENDS = ("GE", "IEA")
WRAPPERS: tuple[tuple[bytes, str], ...] = (
    (GZIP_MAGIC, "compressed with gzip"),
    (ZIP_MAGIC, "a ZIP archive"),
    (b"-----BEGIN PGP", "PGP encrypted"),
    (b"%PDF", "a PDF"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"I\x00S\x00A\x00", "UTF-16 text"),
    (b"\x00I\x00S\x00A", "UTF-16 text"),
    (b"\xc9\xe2\xc1", "EBCDIC text"),
)


def read(data: bytes) -> Document:
    """Read a whole file. Whatever it holds, the answer is a Document; what is wrong is in `Document.faults`.

    Bytes are taken as they are: a compressed or encrypted file is named in a fault, not opened (see `unpack`).
    """
    document = Document()
    wrapper = next((says for magic, says in WRAPPERS if data.startswith(magic)), None)
    if wrapper is not None:
        document.remainder = data.decode("latin-1")
        document.faults.append(
            Fault(
                id="ENV-WRAPPED",
                message=f"The file is {wrapper}, not plain X12",
                fix="Unpack, decrypt or convert it to plain text first",
                ta1="024",
            )
        )
        return document
    nester = Nester(document.interchanges)
    for segments in batches(Source(iter((data.decode("latin-1"),))), document):
        document.segments.extend(segments)
        for segment in segments:
            nester.add(segment)
    return document


def is_wrapped(data: bytes) -> bool:
    """Whether the bytes are an archive, a PDF or text of another encoding, that `read` names and does not open."""
    return any(data.startswith(magic) for magic, _ in WRAPPERS)


def unpack(data: bytes, most: int = MOST_UNPACKED_BYTES) -> bytes | None:
    """The content of a gzip file, other bytes as they are; None when it is damaged, unpacks to more than `most` or, beyond
    a harmless size, grows as no X12 does."""
    if not data.startswith(GZIP_MAGIC):
        return data
    worker = zlib.decompressobj(wbits=31)
    pieces, got, rest = [], 0, data
    try:
        while rest and not worker.eof:
            pieces.append(worker.decompress(rest, UNPACKED_PIECE))
            got += len(pieces[-1])
            rest = worker.unconsumed_tail
            if got > most or got > HARMLESS_BYTES and got > MOST_TIMES_LARGER * (len(data) - len(rest)):
                return None
    except zlib.error:
        return None
    return b"".join(pieces) if worker.eof else None


def stream_transactions(source: Path | BinaryIO | bytes) -> Iterator[Transaction]:
    """Each ST..SE in turn, holding one of them at a time. A path to a gzip or zip file is unpacked on the way."""
    document = Document()
    nester = Nester(document.interchanges)
    open_one: Transaction | None = None
    ended: Transaction | None = None  # waits for the next segment: what stands between belongs to its SE
    for segments in batches(Source(texts(source)), document):
        for segment in segments:
            if ended is not None:
                yield ended
                forget(document)
                ended = None
            current = nester.add(segment)
            if open_one is not None and current is not open_one:
                yield open_one
                forget(document)
            open_one = current
            if current is not None and segment.elements[0] == "SE":
                ended, open_one = current, None
            if current is None:
                forget(document)
    if ended is not None:
        yield ended
    if open_one is not None:
        yield open_one


def stream_elements(source: Path | BinaryIO | bytes) -> Iterator[list[str]]:
    """The elements of each segment of a file, envelopes included, and no more than that: `["CLP", "A-17", "1", ...]`.

    The quickest way through a file, for counting and searching.
    """
    return rows(Source(texts(source)), Document())


def texts(source: Path | BinaryIO | bytes) -> Iterator[str]:
    """What a source holds, a piece at a time, decoded so that a character's index is its byte's offset.

    A gzip or zip path is unpacked; the members of a zip follow one another. A damaged archive ends where it breaks.
    """
    if isinstance(source, bytes):
        yield source.decode("latin-1")
    elif isinstance(source, Path):
        for _, file in members(source):
            for chunk in _chunks(file):
                yield chunk.decode("latin-1")
    else:
        for chunk in _chunks(source):
            yield chunk.decode("latin-1")


def members(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The files in a file: each member of a zip, the content of a gzip, any other file as it is; with their names."""
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic.startswith(GZIP_MAGIC):
            yield from _archives().in_gzip(path.name, file)
        elif magic == ZIP_MAGIC:
            yield from _archives().in_zip(path.name, file)
        else:
            yield path.name, file


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while True:
        chunk = file.read(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def _archives() -> ModuleType:
    return import_module("claimwright.x12.archives")  # slow to import, and most files are none


def forget(document: Document) -> None:
    """Let go of what a stream no longer needs: earlier interchanges, groups, transactions and loose segments."""
    del document.interchanges[:-1]
    for interchange in document.interchanges:
        interchange.passed += len(interchange.groups[:-1])
        del interchange.groups[:-1]
        for group in interchange.groups:
            group.passed += len(group.transactions[:-1])
            del group.transactions[:-1]
        interchange.loose.clear()
        interchange.ta1s.clear()


class Nester:
    """Puts segments into interchanges, groups and transactions as they come: `interchange`, `group` and `transaction`
    are where the last one went, None where it stood outside any.

    Without `keep` a transaction holds its ST and SE only.
    """

    __slots__ = ("_interchanges", "_keep", "_number", "group", "interchange", "transaction")

    def __init__(self, interchanges: list[Interchange], keep: bool = True) -> None:
        self._interchanges = interchanges
        self._keep = keep
        self._number = 0
        self.interchange: Interchange | None = None
        self.group: FunctionalGroup | None = None
        self.transaction: Transaction | None = None

    def add(self, segment: Segment) -> Transaction | None:
        """The transaction the segment is in, None when it stands outside any."""
        name = segment.elements[0]
        transaction = self.transaction
        if transaction is not None and name not in CONTROL:
            self._number += 1
            segment.number = self._number
            if self._keep or name == "SE":
                transaction.segments.append(segment)
            if not self._keep:
                transaction.passed = self._number
            if name == "SE":
                self.transaction = None
            return transaction
        return self._control(segment, name)

    def took(self, count: int) -> None:
        """So many segments of the transaction were dealt with elsewhere, and are not kept."""
        self._number += count
        if self.transaction is not None:
            self.transaction.passed = self._number

    def _control(self, segment: Segment, name: str) -> Transaction | None:
        interchange = self.interchange
        if name == "ISA" or interchange is None:
            interchange = self.interchange = Interchange(segment)
            self._interchanges.append(interchange)
            self.group = self.transaction = None
            if name == "ISA":
                return None
        if name == "ST":
            return self._start(segment, interchange)
        if name == "GS":
            self.group, self.transaction = FunctionalGroup(segment, interchange), None
            interchange.groups.append(self.group)
        elif name in ENDS:
            self._end(segment, interchange)
        elif name == "TA1":
            interchange.ta1s.append(segment)
        elif any(segment.elements):
            interchange.loose.append(segment)
        return None

    def _end(self, segment: Segment, interchange: Interchange) -> None:
        """A GE or IEA ends what is open, even where it is one too many and belongs to nothing."""
        self.transaction = None
        if segment.elements[0] == "GE" and self.group is not None and self.group.ge is None:
            self.group.ge = segment
        elif segment.elements[0] == "IEA" and interchange.iea is None:
            interchange.iea, self.group = segment, None
        else:
            interchange.loose.append(segment)

    def _start(self, segment: Segment, interchange: Interchange) -> Transaction:
        if self.group is None or self.group.ge is not None:
            self.group = FunctionalGroup(None, interchange)
            interchange.groups.append(self.group)
        self._number = segment.number = 1
        self.transaction = Transaction([segment], self.group, interchange)
        self.group.transactions.append(self.transaction)
        interchange.kinds.add(segment[1])
        return self.transaction
