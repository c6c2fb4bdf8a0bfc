"""What an uploaded card is, by its bytes: a picture or PDF that can be opened, one that cannot, or no such thing."""

from __future__ import annotations

import io
import struct
import zlib

import msgspec
import pikepdf

PNG, JPEG, PDF, WEBP = "image/png", "image/jpeg", "application/pdf", "image/webp"
SIGNATURES = ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG), (b"%PDF-", PDF))
MOST_PIXELS = 60_000_000  # a picture that unpacks to more is no photograph of a card


class CardFile(msgspec.Struct, frozen=True):
    """`content_type` is blank for what is no card; `problem` says why one cannot be read."""

    content_type: str = ""
    problem: str = ""


def look_at(content: bytes) -> CardFile:
    """By content alone: neither the name nor what the browser says counts."""
    kind = next((kind for start, kind in SIGNATURES if content.startswith(start)), "")
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = WEBP
    reader = {PNG: _png, JPEG: _jpeg, PDF: _pdf, WEBP: _webp}.get(kind)
    return CardFile(kind, reader(content)) if reader else CardFile()


def _png(content: bytes) -> str:
    """Every chunk whole with its checksum, from IHDR to IEND."""
    at, seen = 8, []
    while at + 12 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        end = at + 8 + length
        if end + 4 > len(content):
            return "the picture breaks off"
        if zlib.crc32(name + body) != struct.unpack(">I", content[end : end + 4])[0]:
            return "the picture is damaged"
        seen.append(name)
        if name == b"IHDR" and _too_large(*struct.unpack(">II", body[:8])):
            return "the picture is too large to open"
        if name == b"IEND":
            return "" if seen[0] == b"IHDR" and b"IDAT" in seen else "the picture holds no image"
        at = end + 4
    return "the picture breaks off"


def _too_large(width: int, height: int) -> bool:
    return width == 0 or height == 0 or width * height > MOST_PIXELS


def _jpeg(content: bytes) -> str:
    """Marker by marker to the scan, and the end of image after it."""
    at, size_seen = 2, False
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return "the picture is damaged"
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if at + 9 > len(content):
                break
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            size_seen = True
            if _too_large(width, height):
                return "the picture is too large to open"
        if marker == 0xDA:
            if not size_seen:
                return "the picture holds no image"
            return "" if content.rstrip(b"\x00")[-2:] == b"\xff\xd9" else "the picture breaks off"
        at += 2 + length
    return "the picture breaks off"


def _webp(content: bytes) -> str:
    (length,) = struct.unpack("<I", content[4:8])
    return "" if length + 8 <= len(content) else "the picture breaks off"


def _pdf(content: bytes) -> str:
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            return "" if len(document.pages) else "the PDF has no page"
    except pikepdf.PasswordError:
        return "the PDF asks for a password"
    except Exception:  # a parser of strangers' bytes: whatever it raises, the file cannot be read
        return "the PDF cannot be opened"
