"""HL7 v2 text to messages and fields: lenient about line ends and framing, never raising for what a message holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone

import hl7

from claimwright.claims.appointments import ScheduleProblem

MAXIMUM_BYTES = 50 * 1024 * 1024
_FRAMING = re.compile("[\x0b\x1c]")
_DELIMITERS = re.compile(r"MSH([^\w\s])[^\w\s]{3,5}\1")  # MSH-1 and MSH-2 say what separates what
DELETED = '""'
NUL = "\x00"  # means nothing in a message, and no database keeps it: left out, also where an escape writes it
_TIME = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(?:\.\d+)?)?)?([+-]\d{4})?\Z", re.ASCII)


class Message:
    """One parsed message. Every look-up answers with text, "" for what is not there."""

    __slots__ = ("number", "place", "_message")

    def __init__(self, message: hl7.Message, number: int, place: str) -> None:
        self._message, self.number, self.place = message, number, place

    def segments(self, name: str) -> list[hl7.Segment]:
        try:
            return list(self._message.segments(name))
        except KeyError:
            return []

    def in_order(self) -> list[tuple[str, hl7.Segment]]:
        """Every segment with its name, as they came."""
        return [(str(segment[0]).strip(), segment) for segment in self._message if len(segment)]

    def value(self, segment: str, field: int, component: int = 1, *, repetition: int = 0) -> str:
        """Of the message's first segment of that name."""
        found = self.segments(segment)
        return value(found[0], field, component, repetition=repetition) if found else ""

    def repetitions(self, segment: str, field: int) -> int:
        found = self.segments(segment)
        return repetitions(found[0], field) if found else 0

    def is_deleted(self, segment: str, field: int, component: int = 1) -> bool:
        """Whether the sender says by `""` that the value is to be blank, which an empty field does not say."""
        found = self.segments(segment)
        return bool(found) and _raw(found[0], field, component, 0) == DELETED


def value(segment: hl7.Segment, field: int, component: int = 1, *, repetition: int = 0) -> str:
    """One component as plain text, with the escapes of the standard undone; the `""` of a deleted value is blank."""
    text = _raw(segment, field, component, repetition)
    return "" if text == DELETED else _unescaped(text)


def repetitions(segment: hl7.Segment, field: int) -> int:
    return len(segment[field]) if field < len(segment) else 0


def _raw(segment: hl7.Segment, field: int, component: int, repetition: int) -> str:
    try:
        found = segment[field][repetition]
        part = found[component - 1] if isinstance(found, list) else (found if component == 1 else "")
        while isinstance(part, list):
            part = part[0] if part else ""
    except (IndexError, KeyError):
        return ""
    return str(part).strip()


# \F\ field, \S\ component, \T\ subcomponent, \R\ repetition, \E\ escape; \Xhh..\ bytes, \.br\ and the like a new line,
# \H\ and \N\ highlighting that means nothing here.
_ESCAPES = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", "H": "", "N": ""}
_ESCAPE = re.compile(r"\\(?:([FSTREHN])|X((?:[0-9A-Fa-f]{2}){1,64})|(\.[a-z]{2}[^\\]{0,8}))\\")


def _meant(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPES[found[1]]
    return bytes.fromhex(found[2]).decode("latin-1").replace(NUL, "") if found[2] else " "


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_meant, text) if "\\" in text else text


def messages(data: bytes, name: str = "") -> Iterator[Message | ScheduleProblem]:
    """Each message of a file or of MLLP frames in order, or a problem in its place.

    Batch and file headers are passed over; a message that cannot be parsed costs only itself.
    """
    if len(data) > MAXIMUM_BYTES:
        yield _problem("TOO_LARGE", name, f"The file is larger than {MAXIMUM_BYTES} bytes", "Send it in parts")
        return
    text = _decoded(data).replace(NUL, "")
    lines = [line for line in re.split(r"\r\n|\r|\n", _FRAMING.sub("\r", text)) if line.strip()]
    starts = [number for number, line in enumerate(lines) if line.startswith("MSH")]
    if not starts:
        fix = "Ask the sender for HL7 v2: each message begins with MSH"
        yield _problem("NOT_HL7", name, "The file holds no HL7 message", fix)
        return
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(lines)], strict=True), 1):
        place = f"{name} message {number}".strip()
        body = [line for line in lines[start:end] if line[:3] not in ("FHS", "BHS", "FTS", "BTS")]
        try:
            if not _DELIMITERS.match(body[0]):
                raise ValueError("no delimiters")
            yield Message(hl7.parse("\r".join(body) + "\r"), number, place)
        except Exception:  # the library raises many kinds for a broken header; the file goes on behind it
            fix = "Ask the sender for the message again"
            yield _problem("BAD_MESSAGE", place, "The message cannot be read: its MSH is broken", fix)


_STARTS = re.compile(rb"(?:\A|(?<=[\r\n\x0b\x1c]))[ \t]*(?:\xef\xbb\xbf)?MSH(?=[^\w\s])")
_TRAILERS = re.compile(rb"[\r\n\x0b\x1c](?:BTS|FTS|BHS|FHS)[^\w\s]")


def pieces(data: bytes) -> list[tuple[int, int]]:
    """First byte and the byte behind of each message of a file: what lies between is framing, batch and file headers.

    UTF-16 files are one piece; `messages` reads what is in it.
    """
    starts = [found.start() for found in _STARTS.finditer(data)]
    if not starts:
        return [(0, len(data))]
    found = []
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        trailer = _TRAILERS.search(data, start, end)
        found.append((start, trailer.start() + 1 if trailer else end))
    return found


# MSH-18, table 0211, and how Python names it.
_CHARACTER_SETS = {
    "8859/1": "latin-1", "8859/2": "iso8859-2", "8859/9": "iso8859-9", "8859/15": "iso8859-15", "CP1252": "cp1252",
    "WINDOWS-1252": "cp1252",
}  # fmt: skip
_CHARACTER_SET_FIELD = 17  # MSH-18, when the segment is split at its own separator


def _decoded(data: bytes) -> str:
    """UTF-8 where it is that, whatever is declared (senders declare by habit); else as declared, else Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _CHARACTER_SETS.get(_declared(data), "latin-1")
        return data.decode(declared, errors="replace")  # Latin-1, the usual one of older interfaces, loses no byte


def _declared(data: bytes) -> str:
    found = _STARTS.search(data)
    if found is None:
        return ""
    header = re.split(rb"[\r\n]", data[found.end() : found.end() + 2000], maxsplit=1)[0]
    fields = header.split(header[:1])
    text = fields[_CHARACTER_SET_FIELD] if len(fields) > _CHARACTER_SET_FIELD else b""
    return re.split(r"[~^\\]", text.decode("ascii", "replace"))[0].strip().upper()


def _problem(code: str, place: str, message: str, fix: str) -> ScheduleProblem:
    return ScheduleProblem(code=code, place=place, message=message, fix=fix)


def moment(text: str) -> datetime | None:
    """An HL7 TS: CCYYMMDD[HHMM[SS[.S]]][+-ZZZZ]; midnight where no time is given; None for anything else."""
    found = _TIME.match(text.strip())
    if not found:
        return None
    zone = None
    try:
        if found[7]:
            minutes = int(found[7][1:3]) * 60 + int(found[7][3:5])
            zone = timezone(timedelta(minutes=-minutes if found[7][0] == "-" else minutes))
        return datetime(
            int(found[1]), int(found[2]), int(found[3]), int(found[4] or 0), int(found[5] or 0), int(found[6] or 0),
            tzinfo=zone,
        )  # fmt: skip
    except ValueError:
        return None


def day(text: str) -> date | None:
    """The date of a TS or DT."""
    found = moment(text[:8])
    return found.date() if found else None
