"""Collects faults with their place, so that each check says only what is wrong and where."""

from __future__ import annotations

from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment

CLAIM_SEGMENTS = ("CLM", "CLP")


class Findings:
    """The faults found so far."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def take(self) -> list[Fault]:
        """The faults found since the last call, in the order of their places."""
        found = sorted(self.faults, key=place_of)
        self.faults.clear()
        return found

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
        loop_id: str = "",
    ) -> None:
        """One fault at `segment`; `segment_id` and `number` override its own where a segment is missing, `loop_id` the
        id of `loop` where the fault is of a loop in it."""
        self.faults.append(
            Fault(
                id=fault_id,
                message=message,
                fix=fix,
                snip=snip,
                severity=severity,
                segment_id=segment_id or (segment.elements[0] if segment is not None else ""),
                segment=number or (segment.number if segment is not None else 0),
                ordinal=segment.ordinal if segment is not None else 0,
                byte=segment.offset if segment is not None else 0,
                line=segment.line if segment is not None else 0,
                loop=loop_id or (loop.id if loop else ""),
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


def place_of(fault: Fault) -> tuple[int, int, int, int, int, str]:
    """What faults are sorted by: where they are in the file."""
    return fault.byte, fault.segment, fault.element, fault.component, fault.repeat, fault.id


def claim_number(loop: Loop | None) -> str:
    """CLM01 or CLP01 of the claim the loop is in, "" outside one."""
    while loop is not None:
        if loop.segments and loop.segments[0].elements[0] in CLAIM_SEGMENTS:
            return loop.segments[0][1]
        loop = loop.parent
    return ""
