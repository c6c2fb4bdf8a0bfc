"""Segments to bytes: builders that refuse what would break the wire, and byte-faithful writing of what was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

import msgspec

from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Document, Segment

Element: TypeAlias = "str | int | Decimal | date | Raw | None | Sequence[str | int | Decimal | None]"


class ValueRefused(ValueError):
    """A value that may not go on the wire. The text names segment and element, never the value."""

    def __init__(self, segment_id: str, element: int, reason: str) -> None:
        super().__init__(f"{segment_id}{element:02d}: {reason}" if element else f"{segment_id}: {reason}")
        self.segment_id, self.element, self.reason = segment_id, element, reason


def write(document: Document) -> bytes:
    """The file again, from its segments: byte for byte what was read where nothing was changed."""
    text = document.preamble + "".join(segment.text() for segment in document.segments) + document.remainder
    return text.encode("latin-1")


def amount_text(value: Decimal) -> str:
    """A money amount as X12 R: no exponent, no trailing zeros after the point, no plus sign."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0", "-") else text


WITHOUT_ST03 = ("835", "997")  # their guides leave the element out; GS08 alone names the guide


class TransactionBuilder:
    """Builds one ST..SE. `add` takes element values in order; trailing empty elements are dropped; a tuple or list is
    a composite; Decimal is written by `amount_text`; date as CCYYMMDD."""

    def __init__(
        self, set_id: str, control_number: str, guide: str, delimiters: Delimiters = DEFAULT_DELIMITERS
    ) -> None:
        self.set_id, self.control_number, self.guide = set_id, control_number, guide
        self.delimiters = delimiters
        self.segments: list[Segment] = []
        self._forbidden = {delimiters.element, delimiters.component, delimiters.repetition, delimiters.terminator}
        self.add("ST", set_id, control_number, None if set_id in WITHOUT_ST03 else guide)

    def add(self, segment_id: str, *elements: Element) -> Segment:
        texts = [segment_id]
        texts.extend(self._text(segment_id, position, value) for position, value in enumerate(elements, 1))
        while len(texts) > 1 and texts[-1] == "":
            texts.pop()
        segment = Segment(texts, self.delimiters, number=len(self.segments) + 1)
        self.segments.append(segment)
        return segment

    def repeated(self, segment_id: str, position: int, values: Sequence[Element]) -> str:
        """Join repeats of one element with the repetition separator; pass the result wrapped in `Raw`."""
        return self.delimiters.repetition.join(self._text(segment_id, position, value) for value in values)

    def _text(self, segment_id: str, position: int, value: Element) -> str:
        if isinstance(value, str):
            return self._safe(segment_id, position, value) if value else ""
        if value is None:
            return ""
        if isinstance(value, Raw):
            return value.text
        if isinstance(value, Decimal):
            return amount_text(value)
        if isinstance(value, datetime):
            raise ValueRefused(segment_id, position, "a date-time is ambiguous here: pass date or text")
        if isinstance(value, date):
            return value.strftime("%Y%m%d")
        if isinstance(value, int):
            return str(value)
        parts = [self._text(segment_id, position, part) for part in value]
        while parts and parts[-1] == "":
            parts.pop()
        return self.delimiters.component.join(parts)

    def _safe(self, segment_id: str, position: int, value: str) -> str:
        return _safe(segment_id, position, value, self._forbidden)

    def build(self) -> list[Segment]:
        """The segments with SE; the builder may go on after it."""
        count = len(self.segments) + 1
        se = Segment(["SE", str(count), self.control_number], self.delimiters, number=count)
        return [*self.segments, se]


def _safe(segment_id: str, position: int, value: str, forbidden: set[str]) -> str:
    if value.isascii() and value.isprintable() and forbidden.isdisjoint(value):
        return value  # nearly always; what follows says which character it was
    for character in value:
        if character in forbidden:
            raise ValueRefused(segment_id, position, f"contains the separator {character!r}")
        if not (" " <= character <= "~"):
            raise ValueRefused(segment_id, position, f"contains the character U+{ord(character):04X}, not in ASCII")
    return value


class Raw(msgspec.Struct, frozen=True):
    """Text that is already wire text (repeats joined by `TransactionBuilder.repeated`)."""

    text: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends to whom: ISA05-08, ISA15, GS02-03. Ids unpadded; `usage` is T or P."""

    sender_id: str
    receiver_id: str
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    usage: str = "T"
    application_sender: str = ""
    application_receiver: str = ""
    acknowledgement_requested: str = "0"


FUNCTIONAL_IDS = {
    "837": "HC",
    "835": "HP",
    "999": "FA",
    "277": "HN",
    "276": "HR",
    "270": "HS",
    "271": "HB",
    "278": "HI",
    "275": "PI",
    "834": "BE",
    "820": "RA",
}


class InterchangeBuilder:
    """Builds one ISA..IEA. Control numbers and the time come from the caller: nothing here reads a clock."""

    def __init__(
        self,
        envelope: Envelope,
        control_number: int,
        when: datetime,
        delimiters: Delimiters = DEFAULT_DELIMITERS,
        line_break: str = "",
    ) -> None:
        if not 0 < control_number <= 999_999_999:
            raise ValueRefused("ISA", 13, "the interchange control number must be 1 to 999999999")
        self.envelope, self.control_number, self.when = envelope, control_number, when
        self.delimiters, self.line_break = delimiters, line_break
        self._ta1s: list[Segment] = []
        self._groups: list[tuple[str, int, str, int, list[str]]] = []

    def add_ta1(self, control_number: str, interchange_date: str, interchange_time: str, code: str, note: str) -> None:
        """TA101-05: answers the interchange `control_number`; code A, E or R; note 000 when nothing is wrong."""
        self._ta1s.append(
            Segment(["TA1", control_number, interchange_date, interchange_time, code, note], self.delimiters)
        )

    def add_group(
        self, set_id: str, control_number: int, guide: str, transactions: Sequence[Sequence[Segment] | str]
    ) -> None:
        """One GS..GE. A transaction is its segments, or their text: terminators, and line breaks between them."""
        texts = [one if isinstance(one, str) else self._joined(one) for one in transactions]
        self._groups.append((set_id, control_number, guide, len(texts), [text for text in texts if text]))

    def _joined(self, segments: Sequence[Segment]) -> str:
        return self.line_break.join(segment.text() for segment in segments)

    def build(self) -> bytes:
        e, d = self.envelope, self.delimiters
        isa = [
            "ISA", "00", " " * 10, "00", " " * 10,
            e.sender_qualifier, _padded("ISA", 6, e.sender_id),
            e.receiver_qualifier, _padded("ISA", 8, e.receiver_id),
            self.when.strftime("%y%m%d"), self.when.strftime("%H%M"), d.repetition, "00501",
            f"{self.control_number:09d}", e.acknowledgement_requested, e.usage, d.component,
        ]  # fmt: skip
        forbidden = {d.element, d.component, d.repetition, d.terminator}
        for position in (*range(1, 11), *range(12, 16)):
            _safe("ISA", position, isa[position], forbidden)
        texts = [segment.text() for segment in (Segment(isa, d), *self._ta1s)]
        for set_id, number, guide, count, transactions in self._groups:
            gs = [
                "GS", FUNCTIONAL_IDS[set_id], e.application_sender or e.sender_id,
                e.application_receiver or e.receiver_id, self.when.strftime("%Y%m%d"), self.when.strftime("%H%M"),
                str(number), "X", guide,
            ]  # fmt: skip
            for position, value in enumerate(gs):
                _safe("GS", position, value, forbidden)
            texts += [Segment(gs, d).text(), *transactions, Segment(["GE", str(count), str(number)], d).text()]
        texts.append(Segment(["IEA", str(len(self._groups)), f"{self.control_number:09d}"], d).text())
        text = self.line_break.join(texts) + self.line_break
        return text.encode("latin-1")  # the builders let ASCII alone pass but for the bytes of a BIN


def _padded(segment_id: str, position: int, value: str) -> str:
    if not value or len(value) > 15:
        raise ValueRefused(segment_id, position, "must have 1 to 15 characters")
    return value.ljust(15)
