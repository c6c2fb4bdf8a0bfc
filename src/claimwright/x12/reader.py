"""Bytes to segments, transactions and interchanges. Never raises on content, never stops at the first fault."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.segments import (
    Delimiters,
    Document,
    FunctionalGroup,
    Interchange,
    Segment,
    Transaction,
    unwrapped,
)

BLANKS = " \t\r\n\x00\x1a"
BYTE_ORDER_MARK = "\xef\xbb\xbf"  # of UTF-8, read as Latin-1
ISA_ELEMENTS = 16
ISA_SEARCH_CHARACTERS = 300  # an ISA is 106; sloppy senders pad or cut it, none trebles it
CHUNK_BYTES = 1 << 16
MOST_UNPACKED_BYTES = 512 << 20
GZIP_MAGIC = b"\x1f\x8b"
CONTROL = frozenset(("ISA", "GS", "ST", "GE", "IEA"))
ENVELOPE_SEGMENTS = CONTROL | {"SE", "TA1"}
WRAPPERS: tuple[tuple[bytes, str], ...] = (
    (GZIP_MAGIC, "compressed with gzip"),
    (b"PK\x03\x04", "a ZIP archive"),
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
    source = _Source(iter((data.decode("latin-1"),)))
    segments = document.segments
    segments.extend(_segments(source, document))
    nester = _Nester(document.interchanges)
    for segment in segments:
        nester.add(segment)
    return document


def unpack(data: bytes, most: int = MOST_UNPACKED_BYTES) -> bytes | None:
    """The content of a gzip file, other bytes as they are; None when it is damaged or unpacks to more than `most`."""
    if not data.startswith(GZIP_MAGIC):
        return data
    worker = zlib.decompressobj(wbits=31)
    try:
        unpacked = worker.decompress(data, most + 1)
    except zlib.error:
        return None
    return unpacked if worker.eof and len(unpacked) <= most else None


def stream_transactions(source: Path | BinaryIO | bytes) -> Iterator[Transaction]:
    """Each ST..SE in turn, holding one of them at a time. A path to a gzip file is unpacked on the way."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            packed = file.read(2) == GZIP_MAGIC
            file.seek(0)
            if packed:
                with gzip.GzipFile(fileobj=file) as unpacking:
                    yield from _transactions(_chunks(unpacking))
            else:
                yield from _transactions(_chunks(file))
    elif isinstance(source, bytes):
        yield from _transactions([source])
    else:
        yield from _transactions(_chunks(source))


def stream_segments(source: Path | BinaryIO | bytes) -> Iterator[tuple[Transaction, Segment]]:
    """Each segment between ST and SE with the transaction it belongs to, which keeps only its ST.

    For files whose one ST does not fit in memory.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from stream_segments(file)
        return
    document = Document()
    nester = _Nester(document.interchanges, keep=False)
    chunks = [source] if isinstance(source, bytes) else _chunks(source)
    for segment in _segments(_Source(chunk.decode("latin-1") for chunk in chunks), document):
        transaction = nester.add(segment)
        if transaction is not None:
            yield transaction, segment
        _forget(document)


def _chunks(file: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    while True:
        try:
            chunk = file.read(CHUNK_BYTES)
        except (EOFError, OSError, zlib.error):
            return  # a damaged archive: what came before the damage has been read
        if not chunk:
            return
        yield chunk


def _transactions(chunks: Iterable[bytes]) -> Iterator[Transaction]:
    document = Document()
    nester = _Nester(document.interchanges)
    open_one: Transaction | None = None
    for segment in _segments(_Source(chunk.decode("latin-1") for chunk in chunks), document):
        current = nester.add(segment)
        if open_one is not None and current is not open_one:
            yield open_one
            open_one.group.transactions.clear()
        open_one = current
        if current is not None and segment.elements[0] == "SE":
            yield current
            current.group.transactions.clear()
            open_one = None
        if current is None:
            _forget(document)
    if open_one is not None:
        yield open_one


def _forget(document: Document) -> None:
    """Let go of what a stream no longer needs: earlier interchanges, groups and loose segments."""
    del document.interchanges[:-1]
    for interchange in document.interchanges:
        del interchange.groups[:-1]
        interchange.loose.clear()
        interchange.ta1s.clear()


class _Source:
    """Text that comes in chunks. `text` is what has come and is not yet consumed; `base` its offset in the file."""

    __slots__ = ("_chunks", "base", "text")

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks = chunks
        self.text = next(chunks, "")
        self.base = 0

    def more(self, position: int) -> bool:
        """Drop what is before `position`, which becomes 0, and add chunks until the rest has doubled."""
        kept = self.text[position:]
        parts = [kept]
        wanted, came = max(len(kept), 1), 0
        for chunk in self._chunks:
            parts.append(chunk)
            came += len(chunk)
            if came >= wanted:  # doubling keeps a segment of 50 MB from being copied once per chunk
                break
        self.base += position
        self.text = "".join(parts)
        return came > 0


def detect_delimiters(text: str, start: int) -> tuple[Delimiters, int] | None:
    """Delimiters of the ISA at `start` and the index of its terminator; None when it is no ISA.

    Counts sixteen element separators rather than trusting the 106 bytes, because short ISAs are sent.
    """
    if len(text) < start + 5:
        return None
    element = text[start + 3]
    if element.isalnum() or element in BLANKS:
        return None
    position = start + 3
    for _ in range(ISA_ELEMENTS - 1):
        position = text.find(element, position + 1, start + ISA_SEARCH_CHARACTERS)
        if position < 0:
            return None
    if position + 2 >= len(text):
        return None
    component, end = text[position + 1], position + 2
    if component == "~":  # ISA16 was left out: its place is taken by the terminator, and ":" is a fair guess
        component, end = ":", position + 1
    if text[end] == " " and text[end + 1 : end + 2].strip(" \r\n"):
        end += 1  # a blank before the terminator
    if text[end] == "\r" and text[end + 1 : end + 2] == "\n":
        end += 1  # the carriage return stays with its segment as a blank
    terminator = text[end]
    if component.isalnum() or terminator.isalnum():
        return None  # ISA16 is missing: the next segment stands where the separators should
    repetition = text[start : position + 1].split(element)[11]
    if len(repetition) != 1 or repetition.isalnum() or repetition == " ":
        repetition = "\x1f"  # 4010's "U", or nothing: no repeats
    return Delimiters(element, component, repetition, terminator), end


def find_isa(text: str, start: int) -> int:
    """Index of the next "ISA" that begins a segment: not the one inside a name such as ISAAC or NARCISA."""
    position = text.find("ISA", start)
    while position >= 0:
        after = text[position + 3 : position + 4]
        before = text[position - 1 : position] if position else ""
        if after and not after.isalnum() and after not in BLANKS and not before.isalnum():
            return position
        position = text.find("ISA", position + 3)
    return -1


def _segments(source: _Source, document: Document) -> Iterator[Segment]:
    """All segments of the source. Text that is in none goes to preamble, remainder or the trail of the one before."""
    last: Segment | None = None
    ordinal = 0
    while True:
        delimiters, skipped = _next_interchange(source, document)
        if delimiters is None:
            _end(skipped, last, document)
            return
        if last is None:
            document.preamble = skipped
            _judge_preamble(skipped, document)
        else:
            last.trail += skipped
            _judge_junk(skipped, last, document)
        for segment in _interchange_segments(source, delimiters):
            ordinal += 1
            segment.ordinal = ordinal
            last = segment
            yield segment


def _next_interchange(source: _Source, document: Document) -> tuple[Delimiters | None, str]:
    """Delimiters of the next readable ISA, at which the source then stands, and the text before it."""
    skipped: list[str] = []
    position = 0
    while True:
        start = find_isa(source.text, position)
        found = detect_delimiters(source.text, start) if start >= 0 else None
        if found is not None:
            skipped.append(source.text[:start])
            _consume(source, start)
            return found[0], "".join(skipped)
        reach = start if start >= 0 else max(position, len(source.text) - 4)
        if start < 0 or len(source.text) - start < ISA_SEARCH_CHARACTERS:
            skipped.append(source.text[:reach])
            if source.more(reach):
                position = 0
                continue
            rest = source.text
            source.base, source.text = source.base + len(rest), ""
            if start >= 0:
                document.faults.append(_broken_isa(source.base - len(rest)))
            return None, "".join(skipped) + rest
        document.faults.append(_broken_isa(source.base + start))
        position = start + 3


def _consume(source: _Source, position: int) -> None:
    source.text = source.text[position:] if position else source.text
    source.base += position


def _interchange_segments(source: _Source, delimiters: Delimiters) -> Iterator[Segment]:
    """The segments from here to the end, or to an ISA with other separators, at which the source then stands.

    Blanks and line breaks around a segment are its lead and trail; an empty segment belongs to the one before it.
    """
    terminator, element = delimiters.terminator, delimiters.element
    last: Segment | None = None
    position = 0
    while True:
        text = source.text
        stop = text.find(terminator, position)
        if stop < 0:
            if source.more(position):
                position = 0
                continue
            text, position, stop = source.text, 0, len(source.text)
            if not text:
                return
            cut = True
        else:
            cut = False
        body = text[position:stop]
        start = position
        if body[:1] in BLANKS_OR_NOTHING:
            stripped = body.lstrip(BLANKS)
            start += len(body) - len(stripped)
            body = stripped
        if last is not None and body and _leaves(body, last, source, start, delimiters):
            last.trail += source.text[position:start]
            _consume(source, start)
            return
        ending = "" if cut else terminator
        if not body:
            if last is not None:
                last.trail += text[position:stop] + ending
            elif ending or start > position:
                last = Segment([""], delimiters, offset=source.base + start, lead=text[position:start], trail=ending)
                yield last
        else:
            last = _segment(body, delimiters, source.base + start, text[position:start], ending, element)
            yield last
        if cut:
            source.base, source.text = source.base + len(text), ""
            return
        position = stop + 1


BLANKS_OR_NOTHING = (*BLANKS, "")


def _segment(body: str, delimiters: Delimiters, offset: int, lead: str, ending: str, element: str) -> Segment:
    if body[-1] in BLANKS:
        kept = body.rstrip(BLANKS)
        ending = body[len(kept) :] + ending
        body = kept
    if "\n" in body or "\r" in body:
        return Segment(unwrapped(body).split(element), delimiters, offset=offset, lead=lead, trail=ending, as_read=body)
    return Segment(body.split(element), delimiters, offset=offset, lead=lead, trail=ending)


def _leaves(body: str, last: Segment, source: _Source, start: int, delimiters: Delimiters) -> bool:
    """Whether the interchange ends before `body`: an ISA of other separators, or junk after an IEA."""
    if last.elements[0] == "IEA":
        name = body.split(delimiters.element, 1)[0]
        if name not in ENVELOPE_SEGMENTS:
            return True
    return body.startswith("ISA") and _other_separators(source, start, delimiters)


def _other_separators(source: _Source, start: int, delimiters: Delimiters) -> bool:
    """Whether an ISA with separators of its own begins at `start`."""
    if find_isa(source.text, start) != start:
        return False
    found = detect_delimiters(source.text, start)
    return found is not None and found[0] != delimiters


def _broken_isa(byte: int) -> Fault:
    return Fault(
        id="ENV-ISA",
        message="The ISA segment is cut short or its separators cannot be told",
        fix="Ask the sender for the whole file; ISA has 16 elements and 106 bytes",
        segment_id="ISA",
        byte=byte,
        ta1="022",
    )


def _judge_preamble(text: str, document: Document) -> None:
    if text.strip(BLANKS + BYTE_ORDER_MARK):
        document.faults.append(
            Fault(id="ENV-PREAMBLE", message="Text before the first ISA is no segment", severity=Severity.WARN)
        )


def _judge_junk(text: str, last: Segment, document: Document) -> None:
    if text.strip(BLANKS):
        document.faults.append(
            Fault(
                id="ENV-JUNK",
                message="Text after an interchange is no segment and was passed over",
                severity=Severity.WARN,
                byte=last.offset,
            )
        )


def _end(rest: str, last: Segment | None, document: Document) -> None:
    document.remainder = rest
    if last is not None:
        _judge_junk(rest, last, document)
    elif not rest.strip(BLANKS + BYTE_ORDER_MARK):
        document.faults.append(
            Fault(id="ENV-EMPTY", message="The file is empty", fix="Ask the sender to send it again", ta1="024")
        )
    elif not document.faults:
        document.faults.append(
            Fault(
                id="ENV-NOT-X12",
                message="No ISA segment: this is not an X12 interchange",
                fix="Check what was delivered; a web page or an error text may stand in place of the file",
                ta1="024",
            )
        )


class _Nester:
    """Puts segments into interchanges, groups and transactions as they come."""

    __slots__ = ("_group", "_interchange", "_interchanges", "_keep", "_number", "_transaction")

    def __init__(self, interchanges: list[Interchange], keep: bool = True) -> None:
        self._interchanges = interchanges
        self._interchange: Interchange | None = None
        self._group: FunctionalGroup | None = None
        self._transaction: Transaction | None = None
        self._keep = keep
        self._number = 0

    def add(self, segment: Segment) -> Transaction | None:
        """The transaction the segment is in, None when it stands outside any."""
        name = segment.elements[0]
        transaction = self._transaction
        if transaction is not None and name not in CONTROL:
            self._number += 1
            segment.number = self._number
            if self._keep:
                transaction.segments.append(segment)
            if name == "SE":
                self._transaction = None
            return transaction
        return self._control(segment, name)

    def _control(self, segment: Segment, name: str) -> Transaction | None:
        interchange = self._interchange
        if name == "ISA" or interchange is None:
            interchange = self._interchange = Interchange(segment if name == "ISA" else None, segment.delimiters)
            self._interchanges.append(interchange)
            self._group = self._transaction = None
            if name == "ISA":
                return None
        if name == "ST":
            return self._start(segment, interchange)
        if name == "GS":
            self._group, self._transaction = FunctionalGroup(segment, interchange), None
            interchange.groups.append(self._group)
        elif name == "GE" and self._group is not None and self._group.ge is None:
            self._group.ge, self._transaction = segment, None
        elif name == "IEA" and interchange.iea is None:
            interchange.iea, self._group, self._transaction = segment, None, None
        elif name == "TA1":
            interchange.ta1s.append(segment)
        elif any(segment.elements):
            interchange.loose.append(segment)
        return None

    def _start(self, segment: Segment, interchange: Interchange) -> Transaction:
        if self._group is None or self._group.ge is not None:
            self._group = FunctionalGroup(None, interchange)
            interchange.groups.append(self._group)
        self._number = segment.number = 1
        self._transaction = Transaction([segment], self._group, interchange)
        self._group.transactions.append(self._transaction)
        return self._transaction
