"""Building a transaction against its guide: each segment is judged at the line that writes it.

`GuideBuilder` is a `TransactionBuilder` that knows the guide. What is wrong with a segment, or with its place, is
raised when it is added, and the builder stays as it was, so that the caller can put it right and go on. What is
missing, what does not add up and what one part demands of another is known at the end only, and told by `build`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from claimwright.x12.elements import Checker, checker_for
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.findings import Findings
from claimwright.x12.guides import Guide
from claimwright.x12.loops import ENVELOPE, MISPLACED, ORPHAN, UNEXPECTED, UNKNOWN, Loop, Walk, Watcher
from claimwright.x12.passing import SITUATIONS, watch_for
from claimwright.x12.segments import DEFAULT_DELIMITERS, Delimiters, Segment
from claimwright.x12.states import Move, Place, State, qualifier_values
from claimwright.x12.structure import Watch
from claimwright.x12.vocabulary import Vocabulary
from claimwright.x12.writer import Element, TransactionBuilder, ValueRefused

MOST_TOLD = 10  # faults in the text of an exception; all of them are in its `faults`
MOST_EXPECTED = 12  # segments named as what could come instead
LAST_STRUCTURAL_LEVEL = 2  # the words of higher levels quote amounts and codes of the claim
HAS_CHILD, NO_CHILD = "1", "0"

# What to do about a fault whose own words leave it to the reader of a file; here somebody is writing one.
FIXES = {
    "SNIP1-AMOUNT-DECIMALS": "Round the amount to cents",
    "SNIP1-CHARACTER": "Send characters of the basic and extended sets, and not blanks alone",
    "SNIP1-COMPONENTS": "Leave out the components that the guide does not list",
    "SNIP1-DATE": "Send a real day in the format that the qualifier before it names",
    "SNIP1-ELEMENT-LONG": "Shorten the value, or move the rest where the guide has room",
    "SNIP1-ELEMENT-SHORT": "Send the value in full length",
    "SNIP1-ELEMENT-TOO-MANY": "Leave the element out",
    "SNIP1-NUMBER": "Pass a Decimal or an int",
    "SNIP1-REPEATS": "Send fewer repeats",
    "SNIP1-SYNTAX": "Fill the elements together as the rule says",
    "SNIP1-TIME": "Send a time in the format that the guide names",
    "SNIP2-CODE": "Send one of the guide's codes",
    "SNIP2-ELEMENT-MISSING": "Fill the element",
    "SNIP2-ELEMENT-NOT-USED": "Leave the element out",
    "SNIP2-LOOP-MISSING": "Add the loop",
    "SNIP2-LOOP-TOO-MANY": "Begin a new loop above, or a new transaction",
    "SNIP2-SEGMENT-MISPLACED": "Add it before the segments that follow it in the guide",
    "SNIP2-SEGMENT-MISSING": "Add the segment",
    "SNIP2-SEGMENT-TOO-MANY": "Leave it out, or begin a new loop",
    "SNIP2-SEGMENT-UNEXPECTED": "Add it where its loop stands, with a qualifier that the guide lists",
    "SNIP2-SEGMENT-UNKNOWN": "Leave it out",
}


class SegmentRefused(ValueRefused):
    """A segment that the guide does not allow as it is or where it is. `faults` are all that is wrong with it, the
    values at fault included; the text names loop, segment, element, rule and fix, never a value."""

    def __init__(self, faults: Sequence[Fault], expected: Sequence[str] = ()) -> None:
        rejected = _rejected(faults)
        first = rejected[0]
        super().__init__(first.segment_id, first.element, first.message)
        self.faults, self.expected = tuple(faults), tuple(expected)
        self.args = (_told(rejected) + (f". Here could come: {', '.join(expected)}" if expected else ""),)


class TransactionRefused(ValueRefused):
    """A transaction that lacks something or does not agree with itself. `faults` are all that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        rejected = _rejected(faults)
        first = rejected[0]
        super().__init__(first.segment_id, first.element, first.id)
        self.faults = tuple(faults)
        self.args = (_told(rejected),)


def judge(
    guide: Guide,
    segments: list[Segment],
    delimiters: Delimiters = DEFAULT_DELIMITERS,
    *,
    level: int = SITUATIONS,
    vocabulary: Vocabulary | None = None,
) -> list[Fault]:
    """All faults of the segments ST to SE, as `check` would tell them of the file; numbers the segments from 1."""
    findings = Findings()
    walk = Walk(guide, delimiters, watch_for(guide, delimiters, findings, level, vocabulary), forgets=True)
    at, stop = -1, 0
    while at < stop < len(segments):
        at, stop = stop, walk.take(segments, stop)
    walk.end()
    return findings.take()


class GuideBuilder(TransactionBuilder):
    """Builds one ST..SE of a guide. `level` is the highest SNIP level that `build` looks at: 2 segments and elements,
    3 balances, 4 situations, 5 code sets by `vocabulary`.

    A `lenient` builder takes all that can be written down and collects in `faults` what is wrong with it.
    """

    def __init__(
        self,
        guide: Guide,
        control_number: str,
        delimiters: Delimiters = DEFAULT_DELIMITERS,
        *,
        level: int = SITUATIONS,
        lenient: bool = False,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """Raises SegmentRefused for a control number that ST02 cannot hold: four to nine characters."""
        self.tables = guide
        self.lenient = lenient
        self._level, self._vocabulary = level, vocabulary
        self._walk = Walk(guide, delimiters, Watcher(), forgets=True)
        self._checker = checker_for(delimiters)
        self._levels = 0  # the last HL01
        self._open_levels: dict[str, Segment] = {}  # by HL01: those whose HL04 is ours to set
        self._found: list[Fault] = []
        super().__init__(guide.set_id, control_number, guide.id, delimiters)

    @property
    def faults(self) -> list[Fault]:
        """What a lenient builder has found: of each segment as it was added, and of the whole once `build` was called."""
        return list(self._found)

    @property
    def loop(self) -> str:
        """The id of the loop in which the last segment stands."""
        return self._walk.loop.id

    def add(self, segment_id: str, *elements: Element) -> Segment:
        """Add a segment where the guide has a place for it. Raises SegmentRefused, and changes nothing, where it has
        none or where an element is wrong; ValueRefused for a value that would break the wire."""
        if segment_id in ENVELOPE and self.segments:
            raise ValueRefused(segment_id, 0, "is a segment of the envelope: ST and SE come from the builder")
        segment = super().add(segment_id, *elements)
        trial = _Trial(self._checker, self._levels)
        try:
            trial.judge(segment, self._walk.loop)
            if trial.refuses and not self.lenient:
                raise SegmentRefused(trial.faults, self.expected() if trial.out_of_place else ())
        except BaseException:
            self.segments.pop()
            raise
        self._walk.take([segment])
        self._levels = trial.levels
        self._found.extend(trial.faults)
        return segment

    def level(self, code: str, parent: Segment | int | None = None, *, has_child: bool | None = None) -> Segment:
        """Add an HL: HL01 counted, HL02 the level above, HL03 `code`, HL04 by whether levels come below it.

        Without `parent` the level goes below the last one of the kind that the guide puts above it. A parent that is
        over, since another of its kind has followed, is refused. `has_child` sets HL04 at once: a 271 that rejects
        says 1 without a child.
        """
        move, loop = self._place_of(["HL", "", "", code])
        named = parent[1] if isinstance(parent, Segment) else str(parent or "")
        above: Loop | None = loop
        while above is not None and not above.level:
            above = above.parent
        if parent is None and above is not None:
            named = above.level
        codes = qualifier_values(move.place.shape, 4, 0) if move is not None else ()
        flag = "" if not codes else NO_CHILD if NO_CHILD in codes else HAS_CHILD
        if has_child is not None and codes:
            flag = HAS_CHILD if has_child else NO_CHILD
        segment = self.add("HL", self._levels + 1, named, code, flag)
        if flag and has_child is None:
            self._open_levels[segment[1]] = segment
        above_it = self._open_levels.get(named)
        if above_it is not None:
            above_it.elements[4] = HAS_CHILD
        return segment

    def counter(self) -> Segment:
        """Add the LX that opens the next line, counted within the loop that holds the lines."""
        move, loop = self._place_of(["LX", "1"])
        number = 1
        if move is not None and move.opens:
            last = next((one for one in reversed(loop.loops) if one.state is move.opens[-1]), None)
            if last is not None and last.segments and last.segments[0][1].isdecimal():
                number = int(last.segments[0][1]) + 1
        return self.add("LX", number)

    def expected(self) -> list[str]:
        """What could be added now, nearest first: a segment with its qualifiers, and the loop that it opens."""
        found: list[str] = []
        loop: Loop | None = self._walk.loop
        behind = loop.last_position if loop is not None else 0
        while loop is not None and len(found) < MOST_EXPECTED:
            state = loop.state
            assert state is not None
            found.extend(_possible(state, loop, behind))
            behind, loop = (state.position, loop.parent)
        return list(dict.fromkeys(found))[:MOST_EXPECTED]

    def build(self) -> list[Segment]:
        """The segments with SE. Raises TransactionRefused with all faults of the transaction at once; what is missing
        at its end can then still be added. May be called again."""
        segments = super().build()
        faults = judge(self.tables, segments, self.delimiters, level=self._level, vocabulary=self._vocabulary)
        self._found = faults
        if not self.lenient and _rejected(faults):
            raise TransactionRefused(faults)
        return segments

    def _place_of(self, elements: list[str]) -> tuple[Move | None, Loop]:
        """Where such a segment would go, and the loop in which it, or the loop that it opens, would stand."""
        loop = self._walk.loop
        move = _move(Segment(elements, self.delimiters), loop)
        return move, _above(loop, move.up) if move is not None else loop


class _Trial(Watch):
    """Judges one segment against where a walk stands, without moving the walk: what `Walk` and `Watch` would tell of
    it. What the loops that it ends may lack is no fault of the segment."""

    def __init__(self, checker: Checker, levels: int) -> None:
        self._told = Findings()
        super().__init__(checker, self._told, {})
        self._levels = levels
        self.out_of_place = False

    @property
    def faults(self) -> list[Fault]:
        return self._told.faults

    @property
    def levels(self) -> int:
        return self._levels

    @property
    def refuses(self) -> bool:
        return bool(_rejected(self.faults))

    def judge(self, segment: Segment, loop: Loop) -> None:
        move = _move(segment, loop)
        if move is None:
            assert loop.state is not None
            known = segment.id in loop.state.compiled.segment_ids
            self.odd(UNEXPECTED if known else UNKNOWN, segment, loop)
            return
        loop = _above(loop, move.up)
        for child in move.opens:
            loop = self._open(segment, loop, child, last=child is move.opens[-1])
        place = move.place
        if not move.opens:
            if place.position < loop.last_position:
                self.odd(MISPLACED, segment, loop)
            if _one_too_many(loop, place):
                self.repeated(segment, place.most, loop, None)
        elif segment.id == "HL":
            self._judge_level(segment, loop)
        if not place.fits(segment.delimiters.element.join(segment.elements)):
            self.wrong(segment, place, loop)

    def _open(self, segment: Segment, loop: Loop, child: State, *, last: bool) -> Loop:
        if child.position < loop.last_position:
            self.odd(MISPLACED, segment, loop)
        if _one_too_many(loop, child):
            self.repeated(segment, child.most, loop, child)
        opened = Loop(child.id, loop, child, [segment] if last else [])
        if not last:
            self.headless(segment, opened)
        return opened

    def _judge_level(self, segment: Segment, loop: Loop) -> None:
        above = loop.parent
        while above is not None and not above.level:
            above = above.parent
        if segment[2] != (above.level if above is not None else ""):
            self.odd(ORPHAN, segment, loop)
        self.level(segment[1], loop)

    def headless(self, segment: Segment, loop: Loop) -> None:
        self.out_of_place = True
        super().headless(segment, loop)

    def odd(self, kind: str, segment: Segment, loop: Loop) -> None:
        self.out_of_place = self.out_of_place or kind != ORPHAN
        super().odd(kind, segment, loop)


def _move(segment: Segment, loop: Loop) -> Move | None:
    assert loop.state is not None
    choice = loop.state.choice(segment.elements[0])
    return choice.pick(segment) if choice is not None else None


def _above(loop: Loop, steps: int) -> Loop:
    for _ in range(steps):
        loop = loop.parent or loop
    return loop


def _one_too_many(loop: Loop, place: Place | State) -> bool:
    """Whether another use of the place, or another loop of the kind, would be more than the guide allows."""
    if not place.most or not loop.seen & place.bit:
        return False
    count = loop.counts.get(place.bit, 1) if loop.counts else 1
    return count >= place.most


def _possible(state: State, loop: Loop, behind: int) -> Iterable[str]:
    """What may still come in a loop, in the guide's order."""
    found = [
        (place.position, _described(place))
        for place in state.places[1:]
        if place.position >= behind and place.shape.id not in ENVELOPE and not _one_too_many(loop, place)
    ]
    found += [
        (child.position, f"{_described(child.trigger)} (loop {child.id})")
        for child in state.children
        if child.position >= behind and not _one_too_many(loop, child)
    ]
    return [text for _, text in sorted(found, key=lambda one: one[0])]


def _described(place: Place) -> str:
    values = qualifier_values(place.shape, 1, 0) or qualifier_values(place.shape, 1, 1)
    if place.shape.id == "HL":
        return f"HL***{'|'.join(qualifier_values(place.shape, 3, 0))}"
    more = "|..." if len(values) > 4 else ""
    return f"{place.shape.id}*{'|'.join(values[:4])}{more}" if values else place.shape.id


def _rejected(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.severity is Severity.REJECT]


def _told(faults: Sequence[Fault]) -> str:
    """The faults in words without any value of the transaction."""
    lines = [_sentence(fault) for fault in faults[:MOST_TOLD]]
    if len(faults) > MOST_TOLD:
        lines.append(f"and {len(faults) - MOST_TOLD} more")
    return "; ".join(lines)


def _sentence(fault: Fault) -> str:
    at = fault.segment_id + (f"{fault.element:02d}" if fault.element else "")
    at += f"-{fault.component}" if fault.component else ""
    says = f": {fault.message}" if fault.snip <= LAST_STRUCTURAL_LEVEL else ""
    fix = fault.fix or FIXES.get(fault.id, "")
    where = f"loop {fault.loop}, segment {fault.segment}, {at}" if fault.loop else f"segment {fault.segment}, {at}"
    return f"{where}: {fault.id}{says}" + (f". {fix}" if fix else "")
