"""Collects faults with their place, so that each check says only what is wrong and where."""

from __future__ import annotations

from bisect import bisect_left

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Document, Segment

CLAIM_SEGMENTS = ("CLM", "CLP")


class Findings:
    """The faults found so far. Lines are counted only when a fault needs one."""

    __slots__ = ("_breaks", "_document", "faults")

    def __init__(self, document: Document) -> None:
        self.faults: list[Fault] = []
        self._document = document
        self._breaks: list[int] | None = None

    def add(
        self,
        fault_id: str,
        message: str,
        segment: Segment | None,
        loop: Loop | None = None,
        *,
        snip: int = 1,
        fix: str = "",
        severity: Severity = Severity.REJECT,
        segment_id: str = "",
        number: int = 0,
        element: int = 0,
        component: int = 0,
        repeat: int = 0,
        value: str = "",
        segment_code: str = "",
        element_code: str = "",
        ta1: str = "",
    ) -> None:
        """One fault at `segment`; `segment_id` and `number` override its own where a segment is missing."""
        self.faults.append(
            Fault(
                id=fault_id,
                message=message,
                fix=fix,
                snip=snip,
                severity=severity,
                segment_id=segment_id or (segment.elements[0] if segment else ""),
                segment=number or (segment.number if segment else 0),
                ordinal=segment.ordinal if segment else 0,
                byte=segment.offset if segment else 0,
                line=self._line(segment.offset) if segment else 0,
                loop=loop.id if loop else "",
                element=element,
                component=component,
                repeat=repeat,
                value=value,
                segment_code=segment_code or ("8" if element_code else ""),
                element_code=element_code,
                ta1=ta1,
                control_number=claim_number(loop),
            )
        )

    def _line(self, offset: int) -> int:
        if self._breaks is None:
            self._breaks = _line_breaks(self._document)
        return bisect_left(self._breaks, offset) + 1


def claim_number(loop: Loop | None) -> str:
    """CLM01 or CLP01 of the claim the loop is in, "" outside one."""
    while loop is not None:
        if loop.segments and loop.segments[0].elements[0] in CLAIM_SEGMENTS:
            return loop.segments[0][1]
        loop = loop.parent
    return ""


def _line_breaks(document: Document) -> list[int]:
    breaks: list[int] = []
    _note_breaks(document.preamble, 0, breaks)
    for segment in document.segments:
        _note_breaks(segment.text(), segment.offset - len(segment.lead), breaks)
    return breaks


def _note_breaks(text: str, start: int, breaks: list[int]) -> None:
    position = text.find("\n")
    while position >= 0:
        breaks.append(start + position)
        position = text.find("\n", position + 1)
