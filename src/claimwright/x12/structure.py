"""SNIP level 1 and 2 inside a transaction: each segment against its guide row, each loop against its counts."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping

from claimwright.x12.elements import Checker
from claimwright.x12.faults import Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides.rows import Shape
from claimwright.x12.loops import MISPLACED, ORPHAN, UNEXPECTED, UNKNOWN, Loop, Watcher
from claimwright.x12.segments import Segment
from claimwright.x12.states import Place, State, qualifier_values

SEGMENT_UNKNOWN, SEGMENT_UNEXPECTED, SEGMENT_MISSING, LOOP_TOO_MANY, SEGMENT_TOO_MANY, NOT_IN_SEQUENCE = "123457"
QUALIFIERS_TOLD = 3  # more are values, not what tells one use of a segment from another
WARNINGS = frozenset({"SNIP1-TRAILING-SEPARATOR"})

ODD = {
    UNKNOWN: ("SNIP2-SEGMENT-UNKNOWN", "The guide has no such segment", SEGMENT_UNKNOWN),
    UNEXPECTED: ("SNIP2-SEGMENT-UNEXPECTED", "The segment does not belong here, or not with this qualifier", SEGMENT_UNEXPECTED),
    MISPLACED: ("SNIP2-SEGMENT-MISPLACED", "The segment comes after one that it must precede", NOT_IN_SEQUENCE),
}  # fmt: skip


Rule = Callable[[Loop, Findings], None]


class Watch(Watcher):
    """Judges a walk as it goes: elements at once, what is missing when a loop closes, and then the loop's `rules`.

    Nothing is looked at twice and nothing is kept: a transaction of any size is judged in the memory of one record.
    """

    judges = True

    def __init__(self, checker: Checker, findings: Findings, rules: Mapping[str, tuple[Rule, ...]]) -> None:
        """`rules` run when a loop of their id closes."""
        self._checker, self._findings, self._rules = checker, findings, rules
        self.closes: Container[str] = rules
        self._levels = 0

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        if kind == ORPHAN:
            self._findings.add(
                "SNIP2-HL-PARENT", "HL02 does not name the level above, or names one of the wrong kind", segment, loop,
                element=2, value=segment[2], element_code="7", snip=2,
                fix="Number the levels again; HL02 is the HL01 of the level above",
            )  # fmt: skip
            return
        fault_id, message, code = ODD[kind]
        self._findings.add(fault_id, message, segment, loop, snip=2, segment_code=code)

    def wrong(self, segment: Segment, place: Place, loop: Loop) -> None:
        if not self._checker.fits(segment.elements, self._checker.rule(place.shape)):
            report_flaws(segment, place.shape, loop, self._checker, self._findings)

    def repeated(self, segment: Segment, most: int, loop: Loop, opens: State | None) -> None:
        if opens is None:
            self._findings.add(
                "SNIP2-SEGMENT-TOO-MANY", f"The segment may come {_times(most)} in its loop", segment, loop,
                snip=2, segment_code=SEGMENT_TOO_MANY,
            )  # fmt: skip
        else:
            self._findings.add(
                "SNIP2-LOOP-TOO-MANY", f"Loop {opens.id} ({opens.name}) may come {_times(most)}", segment, loop,
                snip=2, segment_code=LOOP_TOO_MANY, loop_id=opens.id,
            )  # fmt: skip

    def headless(self, segment: Segment, loop: Loop) -> None:
        assert loop.state is not None
        _tell_missing_segment(loop, loop.state.trigger, segment, segment.number, self._findings)

    def level(self, number: str, loop: Loop) -> None:
        self._levels += 1
        given = number
        if given != str(self._levels):
            self._findings.add(
                "SNIP2-HL-SEQUENCE", f"HL01 should be {self._levels}", loop.segments[0], loop,
                element=1, value=given, element_code="7", snip=2, fix="Number the levels from 1 upward by 1",
            )  # fmt: skip
            if given.isascii() and given.isdigit():
                self._levels = int(given[:12])

    def close(self, loop: Loop) -> None:
        state = loop.state
        assert state is not None
        missing = state.required & ~loop.seen
        if missing:
            self._missing(loop, state, missing)
        rules = self._rules.get(state.id)
        if rules is not None:
            for rule in rules:
                rule(loop, self._findings)

    def _missing(self, loop: Loop, state: State, missing: int) -> None:
        for place in state.places:
            if place.bit & missing:
                _report_missing_segment(loop, place, self._findings)
        for child in state.children:
            if child.bit & missing:
                _report_missing_loop(loop, child, self._findings)


def _times(most: int) -> str:
    return "once" if most == 1 else f"{most} times"


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


def _report_missing_segment(loop: Loop, place: Place, findings: Findings) -> None:
    nearest = _nearest_before(loop, place.position)
    number = nearest.number + 1 if nearest else 0
    if nearest is None:
        nearest = _first_segment(loop)
        number = nearest.number if nearest else 0
    _tell_missing_segment(loop, place, nearest, number, findings)


def _tell_missing_segment(loop: Loop, place: Place, at: Segment | None, number: int, findings: Findings) -> None:
    findings.add(
        "SNIP2-SEGMENT-MISSING", f"Loop {loop.id} needs {_described(place)}", at, loop,
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
    state = loop.state
    assert state is not None
    own = [one for one in loop.segments[:1] if state.parent is not None]
    own += [one for one in loop.segments if (at := state.place_of(one)) is not None and at.position <= position]
    below = [_last_segment(one) for one in loop.loops if one.state is not None and one.state.position <= position]
    return max((one for one in (*own[-1:], *below) if one is not None), key=lambda one: one.number, default=None)


def _described(place: Place) -> str:
    """A segment with the qualifier that makes it the one that is meant, where it has a short list of them."""
    for row in place.shape.rows:
        if row.codes:
            values = qualifier_values(place.shape, row.position, row.component)
            if row.position == 1 and row.component < 2 and len(values) <= QUALIFIERS_TOLD:
                return f"{place.shape.id}*{'|'.join(values)}"
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
