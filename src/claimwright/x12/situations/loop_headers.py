"""LS and LE: the 271 puts them around the related entities of a benefit, the 834 around a member's reporting categories.

They are segments of the loop above those they stand around, and both may be left out with them: so no row of a guide
can ask for them. The 2310 of the 834 has none, in the guide and in what is sent.
"""

from __future__ import annotations

from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment
from claimwright.x12.situations.facts import tell

WRAPPED = {"2110C": "2120C", "2110D": "2120D", "2000": "2700"}


def check_loop_header(loop: Loop, findings: Findings) -> None:
    """Whether LS and LE stand around the wrapped loops; where they stand is judged with the order of all segments."""
    wrapped = loop.loops_of(WRAPPED[loop.id])
    header, trailer = loop.first("LS"), loop.first("LE")
    if header is None:
        beginning = _first_of(wrapped) or trailer
        if beginning is not None:
            tell(findings, "SNIP2-LS-MISSING", beginning, loop, segment_id="LS", number=beginning.number, snip=2)
    elif not wrapped:
        tell(findings, "SNIP2-LS-EMPTY", header, loop, snip=2)
    if trailer is None:
        end = _last_of(wrapped) or header
        if end is not None:
            tell(findings, "SNIP2-LE-MISSING", end, loop, segment_id="LE", number=end.number + 1, snip=2)


def _first_of(loops: list[Loop]) -> Segment | None:
    """The first segment of the first loop; a loop that was entered without its counter begins in one below."""
    for loop in loops:
        found = loop.segments[0] if loop.segments else _first_of(loop.loops)
        if found is not None:
            return found
    return None


def _last_of(loops: list[Loop]) -> Segment | None:
    found: Segment | None = None
    for loop in loops[-1:]:
        ends = [*loop.segments[-1:], *(last for last in (_last_of(loop.loops),) if last is not None)]
        found = max(ends, key=lambda one: one.number, default=None)
    return found
