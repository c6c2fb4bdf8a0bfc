"""SNIP level 1 and 2 inside a transaction: each segment against its guide row, each loop against its counts."""

from __future__ import annotations

from collections import Counter

from claimwright.x12.elements import Checker
from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides.rows import Shape
from claimwright.x12.loops import MISPLACED, ORPHAN, UNEXPECTED, UNKNOWN, Loop, Oddity
from claimwright.x12.segments import Segment
from claimwright.x12.states import Place, State, qualifier_values

SEGMENT_UNKNOWN, SEGMENT_UNEXPECTED, SEGMENT_MISSING, LOOP_TOO_MANY, SEGMENT_TOO_MANY, NOT_IN_SEQUENCE = "123457"
WARNINGS = frozenset({"SNIP1-TRAILING-SEPARATOR"})

ODD = {
    UNKNOWN: ("SNIP2-SEGMENT-UNKNOWN", "The guide has no such segment", SEGMENT_UNKNOWN),
    UNEXPECTED: ("SNIP2-SEGMENT-UNEXPECTED", "The segment does not belong here, or not with this qualifier", SEGMENT_UNEXPECTED),
    MISPLACED: ("SNIP2-SEGMENT-MISPLACED", "The segment comes after one that it must precede", NOT_IN_SEQUENCE),
}  # fmt: skip


def check_structure(root: Loop, checker: Checker, findings: Findings) -> None:
    """All of a transaction's segments and loops."""
    for oddity in root.oddities:
        _report_oddity(oddity, findings)
    pending = [root]
    levels = 0
    while pending:
        loop = pending.pop()
        _check_segments(loop, checker, findings)
        _check_counts(loop, findings)
        if loop.segments and loop.segments[0].elements[0] == "HL":
            levels += 1
        pending.extend(reversed(loop.loops))
    if levels:
        _check_level_numbers(root, findings)


def _report_oddity(oddity: Oddity, findings: Findings) -> None:
    if oddity.kind == ORPHAN:
        findings.add(
            "SNIP2-HL-PARENT", "HL02 names no earlier level of the right kind", oddity.segment, oddity.loop,
            element=2, value=oddity.segment[2], element_code="7", snip=2,
            fix="Number the levels again; HL02 is the HL01 of the level above",
        )  # fmt: skip
        return
    fault_id, message, code = ODD[oddity.kind]
    findings.add(fault_id, message, oddity.segment, oddity.loop, snip=2, segment_code=code)


def _check_segments(loop: Loop, checker: Checker, findings: Findings) -> None:
    fits, rule_of = checker.fits, checker.rule
    for segment, place in zip(loop.segments, loop.places, strict=True):
        if place is None:
            continue
        rule = rule_of(place.shape)
        if fits(segment, rule):
            continue
        report_flaws(segment, place.shape, loop, checker, findings)


def report_flaws(segment: Segment, shape: Shape, loop: Loop | None, checker: Checker, findings: Findings) -> None:
    """All that is wrong with one segment's elements."""
    for flaw in checker.flaws(segment, checker.rule(shape)):
        findings.add(
            flaw.id,
            flaw.message,
            segment,
            loop,
            snip=flaw.snip,
            severity=Severity.WARN if flaw.id in WARNINGS else Severity.REJECT,
            element=flaw.element,
            component=flaw.component,
            repeat=flaw.repeat,
            value=flaw.value,
            element_code=flaw.code,
        )


def _check_counts(loop: Loop, findings: Findings) -> None:
    state = loop.state
    if state is None:
        return
    seen = Counter(place.index for place in loop.places if place is not None)
    for place in state.places:
        count = seen[place.index]
        if not count:
            if place.usage == "R" and place.shape.id != "SE":
                _report_missing_segment(loop, place, findings)
        elif place.most and count > place.most:
            extra = [one for one, at in zip(loop.segments, loop.places, strict=True) if at is place][place.most :]
            for segment in extra:
                findings.add(
                    "SNIP2-SEGMENT-TOO-MANY", f"The segment may come {place.most} times in its loop", segment, loop,
                    snip=2, segment_code=SEGMENT_TOO_MANY,
                )  # fmt: skip
    inner = Counter(id(child.state) for child in loop.loops)
    for child in state.children:
        count = inner[id(child)]
        if not count and child.usage == "R":
            _report_missing_loop(loop, child, findings)
        elif child.most and count > child.most:
            for extra_loop in [one for one in loop.loops if one.state is child][child.most :]:
                findings.add(
                    "SNIP2-LOOP-TOO-MANY", f"Loop {child.id} ({child.name}) may come {child.most} times",
                    extra_loop.segments[0] if extra_loop.segments else None, extra_loop,
                    snip=2, segment_code=LOOP_TOO_MANY,
                )  # fmt: skip


def _report_missing_segment(loop: Loop, place: Place, findings: Findings) -> None:
    nearest = _nearest_before(loop, place.position)
    number = nearest.number + 1 if nearest else 0
    if nearest is None:
        nearest = _first_segment(loop)
        number = nearest.number if nearest else 0
    findings.add(
        "SNIP2-SEGMENT-MISSING", f"Loop {loop.id} needs {_described(place)}", nearest, loop,
        snip=2, segment_id=place.shape.id, number=number, segment_code=SEGMENT_MISSING,
    )  # fmt: skip


def _report_missing_loop(loop: Loop, child: State, findings: Findings) -> None:
    nearest = _nearest_before(loop, child.position)
    findings.add(
        "SNIP2-LOOP-MISSING", f"Loop {child.id} ({child.name}) is required: it opens with {_described(child.trigger)}",
        nearest, loop, snip=2, segment_id=child.trigger.shape.id, number=nearest.number + 1 if nearest else 0,
        segment_code=SEGMENT_MISSING,
    )  # fmt: skip


def _nearest_before(loop: Loop, position: int) -> Segment | None:
    """The last segment, in the loop or below it, that belongs before that position: what is missing stood after it."""
    own = [one for one, at in zip(loop.segments, loop.places, strict=True) if at and at.position <= position]
    below = [_last_segment(one) for one in loop.loops if one.state is not None and one.state.position <= position]
    return max((one for one in (*own[-1:], *below) if one is not None), key=lambda one: one.number, default=None)


def _described(place: Place) -> str:
    for row in place.shape.rows:
        if row.codes:
            values = qualifier_values(place.shape, row.position, row.component)
            if row.position == 1 and row.component < 2:
                return f"{place.shape.id}*{'|'.join(values[:4])}"
            break
    return place.shape.id


def _first_segment(loop: Loop) -> Segment | None:
    """The first segment in the loop or below it."""
    if loop.segments:
        return loop.segments[0]
    return _first_segment(loop.loops[0]) if loop.loops else None


def _last_segment(loop: Loop) -> Segment | None:
    """The last segment in the loop or below it."""
    found = loop.segments[-1] if loop.segments else None
    for inner in loop.loops:
        last = _last_segment(inner)
        if last is not None and (found is None or last.number > found.number):
            found = last
    return found


def _check_level_numbers(root: Loop, findings: Findings) -> None:
    expected = 0
    levels = []
    pending = [root]
    while pending:
        loop = pending.pop()
        if loop.segments and loop.segments[0].elements[0] == "HL":
            levels.append(loop)
        pending.extend(loop.loops)
    for loop in sorted(levels, key=lambda one: one.segments[0].number):
        expected += 1
        hl = loop.segments[0]
        if hl[1] != str(expected):
            findings.add(
                "SNIP2-HL-SEQUENCE", f"HL01 should be {expected}", hl, loop,
                element=1, value=hl[1], element_code="7", snip=2, fix="Number the levels from 1 upward by 1",
            )  # fmt: skip
            if hl[1].isdigit():
                expected = int(hl[1])
