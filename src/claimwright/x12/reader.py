"""Bytes to segments, transactions and interchanges. Never raises on content, never stops at the first fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from claimwright.x12.faults import Fault
from claimwright.x12.segments import Delimiters, Document, FunctionalGroup, Interchange, Segment, Transaction

BLANKS = " \t\r\n\x00\x1a"
ISA_ELEMENTS = 16


def read(data: bytes) -> Document:
    """Read a whole file. Whatever it holds, the answer is a Document; what is wrong is in `Document.faults`."""
    document = Document()
    text = data.decode("latin-1")
    for segment in _segments(text, document):
        document.segments.append(segment)
    _nest(document)
    return document


def stream_transactions(source: Path | BinaryIO | bytes) -> Iterator[Transaction]:
    """Each ST..SE in turn. A transaction keeps its own segments alive and no other's."""
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, Path):
        data = source.read_bytes()
    else:
        data = source.read()
    yield from read(data).transactions()


def detect_delimiters(text: str, start: int) -> tuple[Delimiters, int] | None:
    """Delimiters of the ISA at `start` and the index just past its terminator; None when it is no ISA.

    Counts sixteen element separators rather than trusting the 106 bytes, because short ISAs are sent.
    """
    if len(text) < start + 5:
        return None
    element = text[start + 3]
    if element.isalnum() or element in BLANKS:
        return None
    position = start + 3
    for _ in range(ISA_ELEMENTS - 1):
        position = text.find(element, position + 1)
        if position < 0 or position > start + 300:
            return None
    if position + 2 >= len(text):
        return None
    component = text[position + 1]
    terminator = text[position + 2]
    if terminator == " " and position + 3 < len(text) and text[position + 3] not in " \r\n":
        terminator = text[position + 3]
    elements = text[start : position + 1].split(element)
    repetition = elements[11] if len(elements) > 11 else "^"
    if len(repetition) != 1 or repetition.isalnum() or repetition == " ":
        repetition = ""
    return Delimiters(element, component, repetition or "\x1f", terminator), position + 2


def _segments(text: str, document: Document) -> Iterator[Segment]:
    start = _find_isa(text, 0)
    if start < 0:
        document.remainder = text
        if not text.strip(BLANKS):
            document.faults.append(
                Fault(id="ENV-EMPTY", message="The file is empty", fix="Ask the sender to send it again", ta1="024")
            )
        else:
            document.faults.append(
                Fault(
                    id="ENV-NOT-X12",
                    message="No ISA segment: this is not an X12 interchange",
                    fix="Check what was delivered; a web page or an error text may stand in place of the file",
                    ta1="024",
                )
            )
        return
    document.preamble = text[:start]
    position = start
    ordinal = 0
    while position >= 0:
        found = detect_delimiters(text, position)
        if found is None:
            document.faults.append(
                Fault(
                    id="ENV-ISA",
                    message="The ISA segment is cut short or its separators cannot be told",
                    fix="Ask the sender for the whole file; ISA has 16 elements and 106 bytes",
                    segment_id="ISA",
                    byte=position,
                    line=text.count("\n", 0, position) + 1,
                    ta1="022",
                )
            )
            following = _find_isa(text, position + 3)
            if following < 0:
                document.remainder = text[position:]
                return
            position = following
            continue
        delimiters, _ = found
        position, ordinal = yield from _until_next_isa(text, position, delimiters, ordinal, document)


def _find_isa(text: str, start: int) -> int:
    """Index of the next "ISA" that begins a segment: not the one inside a name such as ISAAC or NARCISA."""
    position = text.find("ISA", start)
    while position >= 0:
        after = text[position + 3 : position + 4]
        before = text[position - 1 : position] if position else ""
        if after and not after.isalnum() and after not in BLANKS and not before.isalnum():
            if detect_delimiters(text, position) is not None or start == 0:
                return position
        position = text.find("ISA", position + 3)
    return -1


def _until_next_isa(
    text: str, position: int, delimiters: Delimiters, ordinal: int, document: Document
) -> Iterator[Segment]:
    terminator, element = delimiters.terminator, delimiters.element
    end = len(text)
    isa = "ISA" + element
    first = True
    while position < end:
        stop = text.find(terminator, position)
        cut = stop < 0
        raw = text[position:] if cut else text[position:stop]
        body = raw.lstrip(BLANKS)
        lead = raw[: len(raw) - len(body)]
        if (
            not first
            and not body.startswith(isa)
            and body.startswith("ISA")
            and _find_isa(text, position) == position + len(lead)
        ):
            return position + len(lead), ordinal  # type: ignore[return-value]
        if not first and body.startswith(isa):
            found = detect_delimiters(text, position + len(lead))
            if found is not None and found[0] != delimiters:
                return position + len(lead), ordinal  # type: ignore[return-value]
        if not body:
            if cut:
                document.remainder = raw
                return -1, ordinal  # type: ignore[return-value]
            if document.segments:
                document.segments[-1].trail += raw + terminator
            position = stop + 1
            continue
        kept = body.rstrip(BLANKS)
        trail = body[len(kept) :] + ("" if cut else terminator)
        ordinal += 1
        yield Segment(
            kept.split(element), delimiters, ordinal=ordinal, offset=position + len(lead), lead=lead, trail=trail
        )
        first = False
        if cut:
            break
        position = stop + 1
    return -1, ordinal  # type: ignore[return-value]


def _nest(document: Document) -> None:
    interchange: Interchange | None = None
    group: FunctionalGroup | None = None
    transaction: Transaction | None = None
    for segment in document.segments:
        name = segment.elements[0]
        if name == "ISA":
            interchange, group, transaction = Interchange(segment, segment.delimiters), None, None
            document.interchanges.append(interchange)
            continue
        if interchange is None:
            interchange = Interchange(None, segment.delimiters)
            document.interchanges.append(interchange)
        if name == "GS":
            group, transaction = FunctionalGroup(segment, interchange), None
            interchange.groups.append(group)
        elif name == "GE":
            transaction = None
            if group is not None:
                group.ge = segment
            else:
                interchange.loose.append(segment)
        elif name == "IEA":
            interchange.iea, group, transaction = segment, None, None
        elif name == "TA1" and transaction is None:
            interchange.ta1s.append(segment)
        elif name == "ST":
            if group is None:
                group = FunctionalGroup(None, interchange)
                interchange.groups.append(group)
            segment.number = 1
            transaction = Transaction([segment], group, interchange)
            group.transactions.append(transaction)
        elif transaction is not None:
            segment.number = len(transaction.segments) + 1
            transaction.segments.append(segment)
            if name == "SE":
                transaction = None
        else:
            interchange.loose.append(segment)
