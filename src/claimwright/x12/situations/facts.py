"""A claim of an 837 looked over once, so that its rules need not search; and how a situation is told.

Speed is the point: a claim of twenty segments that is right must cost some microseconds. So values stay text, dates
are compared as CCYYMMDD, and what is rare on claims is kept aside for rules that run only when it is there.
"""

from __future__ import annotations

from claimwright.x12.elements import is_date
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.tables import SITUATIONS

DIAGNOSES = frozenset(("ABK", "ABF", "BK", "BF"))
SERVICES = frozenset(("SV1", "SV2", "SV3"))
_NONE: list[Segment] = []


def tell(
    findings: Findings,
    situation_id: str,
    segment: Segment | None,
    loop: Loop,
    element: int = 0,
    component: int = 0,
    *,
    value: str = "",
    detail: str = "",
    segment_id: str = "",
    number: int = 0,
    snip: int = 4,
    element_code: str = "",
) -> None:
    """Report one situation of the table at its place. `detail` adds the numbers of the case, never patient values."""
    found = SITUATIONS[situation_id]
    findings.add(
        situation_id, f"{found.says}: {detail}" if detail else found.says, segment, loop, snip=snip, fix=found.fix,
        severity=found.severity, element=element, component=component, value=value, segment_id=segment_id,
        number=number, segment_code="3" if segment_id else "", element_code=element_code,
    )  # fmt: skip


def tell_missing(findings: Findings, situation_id: str, segment_id: str, loop: Loop, detail: str = "") -> None:
    """Report that a segment is not in the loop, placed after the loop's first segment."""
    first = loop.segments[0] if loop.segments else None
    tell(
        findings, situation_id, first, loop, segment_id=segment_id, number=first.number + 1 if first else 0,
        detail=detail,
    )  # fmt: skip


class Line:
    """A service line: its service segment and date; `rare` holds other segments by id, None when there are none."""

    __slots__ = ("code", "date", "first", "last", "loop", "lx", "rare", "service")

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.lx: Segment | None = None
        self.service: Segment | None = None
        self.date: Segment | None = None
        self.first = self.last = ""
        self.code = ""
        rare: dict[str, list[Segment]] | None = None
        for segment in loop.segments:
            elements = segment.elements
            name = elements[0]
            if name == "LX":
                self.lx = segment
            elif name in SERVICES:
                self.service = segment
            elif name == "DTP" and len(elements) > 3 and elements[1] == "472":
                self.date = segment
                text = elements[3]
                self.first = text[:8]
                self.last = text[9:17] or self.first
            elif rare is None:
                rare = {name: [segment]}
            else:
                rare.setdefault(name, []).append(segment)
        self.rare = rare

    def all(self, segment_id: str) -> list[Segment]:
        return self.rare.get(segment_id, _NONE) if self.rare is not None else _NONE

    def has(self, segment_id: str, qualifier: str) -> bool:
        return any(segment[1] == qualifier for segment in self.all(segment_id))

    def has_loop(self, loop_id: str) -> bool:
        return any(inner.id == loop_id for inner in self.loop.loops)


Composite = tuple[str, list[str], Segment, int]  # qualifier, components, segment, element


class Claim:
    """One 2300. `dates`, `references` by qualifier; `rare` other segments by id; `inside` the first loop of each id.

    `first` and `last` are the claim's dates of service as CCYYMMDD, "" when it has none.
    """

    __slots__ = (
        "clm", "composites", "dates", "diagnoses", "facility", "first", "frequency", "inside", "last", "lines",
        "loop", "others", "rare", "references",
    )  # fmt: skip

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.clm: Segment | None = None
        self.facility = self.frequency = ""
        self.first = self.last = ""
        self.dates: dict[str, Segment] = {}
        self.references: dict[str, Segment] = {}
        self.rare: dict[str, list[Segment]] = {}
        self.composites: list[Composite] = []
        self.diagnoses: list[Composite] = []
        self.lines: list[Line] = []
        self.others: list[Loop] = []
        self.inside: dict[str, Loop] = {}
        for segment in loop.segments:
            elements = segment.elements
            name = elements[0]
            if name == "HI":
                self._health(segment)
            elif name == "DTP":
                self.dates[elements[1] if len(elements) > 1 else ""] = segment
            elif name == "REF":
                self.references[elements[1] if len(elements) > 1 else ""] = segment
            elif name == "CLM":
                self.clm = segment
                if len(elements) > 5:
                    parts = elements[5].split(segment.delimiters.component)
                    self.facility = parts[0]
                    self.frequency = parts[2] if len(parts) > 2 else ""
            else:
                self.rare.setdefault(name, []).append(segment)
        self._loops(loop)

    def _health(self, segment: Segment) -> None:
        separator = segment.delimiters.component
        for position, text in enumerate(segment.elements):
            if position and text:
                parts = text.split(separator)
                found = (parts[0], parts, segment, position)
                self.composites.append(found)
                if parts[0] in DIAGNOSES:
                    self.diagnoses.append(found)

    def _loops(self, loop: Loop) -> None:
        first = last = ""
        for inner in loop.loops:
            name = inner.id
            if name == "2400":
                line = Line(inner)
                self.lines.append(line)
                if line.first:
                    if not first or line.first < first:
                        first = line.first
                    if line.last > last:
                        last = line.last
            elif name == "2320":
                self.others.append(inner)
            else:
                self.inside.setdefault(name, inner)
        self.first, self.last = first, last

    def code_of(self, qualifiers: tuple[str, ...]) -> Composite | None:
        for found in self.composites:
            if found[0] in qualifiers:
                return found
        return None

    @property
    def number(self) -> str:
        return self.clm[1] if self.clm is not None else ""


def date_text(segment: Segment | None) -> str:
    """The first CCYYMMDD of a DTP03, "" when there is none."""
    if segment is None:
        return ""
    text = segment[3][:8]
    return text if is_date(text) else ""


def root_of(loop: Loop) -> Loop:
    while loop.parent is not None:
        loop = loop.parent
    return loop


def file_date(loop: Loop) -> str:
    """BHT04 of the transaction, "" when there is none that is a date."""
    header = root_of(loop).first("BHT")
    text = header[4] if header is not None else ""
    return text if is_date(text) else ""


def number_of(text: str) -> int | None:
    """A whole number of ASCII digits, else None. `isdigit` alone lets superscripts through, which int() refuses."""
    return int(text) if len(text) < 10 and text.isdecimal() else None
