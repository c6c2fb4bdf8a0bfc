"""What a received document is, by its bytes: a kind that can be opened, one that cannot, or nothing that is kept."""

from __future__ import annotations

import struct

import msgspec

from claimwright.web.patients.card_files import look_at

TIFF, TEXT, XML, RTF = "image/tiff", "text/plain", "application/xml", "application/rtf"
EXECUTABLE = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
)
# A page of a browser runs what is in it: it is no document here. XML other than that is a clinical document (C-CDA).
ACTIVE = (b"<!doctype html", b"<html", b"<script", b"<svg")
LOOKED_AT = 4096
MOST_TIFF_PAGES = 2_000


class Sniffed(msgspec.Struct, frozen=True):
    """`media_type` blank: not kept, `problem` says why. With a type, `problem` says why it cannot be read."""

    media_type: str = ""
    problem: str = ""
    pages: int | None = None


def sniff(content: bytes) -> Sniffed:
    """By content alone: neither the name nor what a browser says counts."""
    if not content:
        return Sniffed(problem="the file is empty")
    if content.startswith(EXECUTABLE):
        return Sniffed(problem="programs, archives and office files are not kept: print it to PDF")
    seen = look_at(content)
    if seen.content_type:
        return Sniffed(seen.content_type, seen.problem, _pdf_pages(content) if not seen.problem else None)
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        problem, pages = _tiff(content)
        return Sniffed(TIFF, problem, pages)
    start = content[:LOOKED_AT].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if any(mark in start for mark in ACTIVE):
        return Sniffed(problem="web pages are not kept: print it to PDF")
    if start.startswith(b"{\\rtf"):
        return Sniffed(problem="rich text is not kept: print it to PDF")
    return _text(content, XML if start.startswith(b"<?xml") or start.startswith(b"<clinicaldocument") else TEXT)


def _text(content: bytes, media_type: str) -> Sniffed:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return Sniffed(problem="this is no picture, PDF or text: scan or print it to PDF")
    if any(ord(c) < 32 and c not in "\t\r\n\f" for c in text):
        return Sniffed(problem="this is no picture, PDF or text: scan or print it to PDF")
    if media_type == XML and not text.rstrip().endswith(">"):
        return Sniffed(XML, "the document breaks off")
    return Sniffed(media_type)


def _pdf_pages(content: bytes) -> int | None:
    if not content.startswith(b"%PDF-"):
        return None
    import io

    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def _tiff(content: bytes) -> tuple[str, int | None]:
    """A fax as it comes from a fax server: the directory of each page whole, and within the file."""
    order = "<" if content[:2] == b"II" else ">"
    if len(content) < 8:
        return "the picture breaks off", None
    (at,) = struct.unpack(order + "I", content[4:8])
    pages, seen = 0, set()
    while at:
        if at in seen or pages >= MOST_TIFF_PAGES:
            return "the picture is damaged", None
        seen.add(at)
        if at + 2 > len(content):
            return "the picture breaks off", None
        (entries,) = struct.unpack(order + "H", content[at : at + 2])
        end = at + 2 + 12 * entries
        if not entries or end + 4 > len(content):
            return "the picture breaks off", None
        pages += 1
        (at,) = struct.unpack(order + "I", content[end : end + 4])
    return ("", pages) if pages else ("the picture holds no image", None)
