"""Files as segments, one a line, with their numbers; only part of a large one at a time."""

from __future__ import annotations

import msgspec

from claimwright.web.operations.filing_proof import segments_of_claim
from claimwright.x12 import read
from claimwright.x12.segments import Segment, readable

SEGMENTS_PER_PAGE = 1000
BYTES_SHOWN_OF_OTHERS = 200_000


class RawLine(msgspec.Struct, frozen=True):
    place: int  # in the file, from 1
    number: int  # in its ST, from 1; 0 outside
    text: str
    found: bool = False


class RawPage(msgspec.Struct, frozen=True):
    lines: list[RawLine]
    total: int
    start: int  # the first line's place, from 0
    is_x12: bool = True

    @property
    def previous(self) -> int | None:
        return max(self.start - SEGMENTS_PER_PAGE, 0) if self.start else None

    @property
    def next(self) -> int | None:
        after = self.start + SEGMENTS_PER_PAGE
        return after if after < self.total else None


def _line(segment: Segment, wanted: Segment | None) -> RawLine:
    text = readable(segment.text().strip())
    return RawLine(segment.ordinal, segment.number, text, segment is wanted)


def raw_page(content: bytes, *, segment: int = 0, part_start: int = 0, start: int = -1, holds: str = "") -> RawPage:
    """The segments around `segment` of the ST that begins at byte `part_start`, or from place `start` on.

    A file with one ST needs no `part_start`: a segment's number is its place within its ST. Where no segment is known,
    the first that `holds` a claim's number as an element is marked.
    """
    document = read(content)
    segments = document.segments
    if not segments:
        lines = content[:BYTES_SHOWN_OF_OTHERS].decode("utf-8", errors="replace").splitlines()
        shown = [RawLine(place, 0, text, place == segment) for place, text in enumerate(lines, 1)]
        return RawPage(shown[:SEGMENTS_PER_PAGE], len(shown), 0, is_x12=False)
    wanted = None
    if segment:
        inside = [row for row in segments if row.offset >= part_start and row.number == segment]
        wanted = inside[0] if inside else None
    elif holds:
        wanted = next((row for row in segments if row.offset >= part_start and holds in row.elements[1:]), None)
    if start < 0:
        place = segments.index(wanted) if wanted else 0
        start = place // SEGMENTS_PER_PAGE * SEGMENTS_PER_PAGE
    shown = segments[start : start + SEGMENTS_PER_PAGE]
    return RawPage([_line(row, wanted) for row in shown], len(segments), start)


def claim_segments(content: bytes, control_number: str) -> list[RawLine]:
    """The segments of one claim in an 837: from its CLM to the next claim, level or end."""
    return [_line(segment, None) for segment in segments_of_claim(content, control_number)]


def payment_segments(content: bytes, *, part_start: int, segment: int) -> list[RawLine]:
    """The segments of one CLP in an 835: from its place to the next CLP, LX, PLB or end."""
    found: list[RawLine] = []
    for row in read(content).segments:
        if row.offset < part_start or row.number < segment:
            continue
        if row.number > segment and row.id in ("CLP", "LX", "PLB", "SE"):
            break
        found.append(_line(row, None))
    return found
