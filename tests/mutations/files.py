"""Valid files, cut into segments by hand, with the guide's row for each; and mutants: a valid file with one thing wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import Fault, read
from claimwright.x12.check import check
from claimwright.x12.guides.rows import Row, Shape
from claimwright.x12.loops import Loop, guide_of, parse
from claimwright.x12.states import Place, State
from tests.lib.x12_rules import SOUND, changed

GOLDEN = Path(__file__).parents[1] / "golden"
VOCABULARY = CodeVocabulary()
ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))


@dataclass(frozen=True)
class Mutant:
    """One thing wrong at one known place.

    One of `ids` must be found at segment number `number` of its ST..SE (0 = of the envelope, by `segment_id`), where
    given at `element` and `component`. `span` says how many segments later it may stand as well, where the guide
    leaves the order open. `also` = ids that the same mistake lawfully brings about elsewhere, each with the reason.
    """

    kind: str
    snip: int
    data: bytes
    ids: frozenset[str]
    number: int
    element: int = 0
    component: int = 0
    segment_id: str = ""
    span: int = 0
    also: Mapping[str, str] = field(default_factory=dict)
    sample: str = ""
    place: str = ""

    @property
    def name(self) -> str:
        return f"{self.kind} {self.sample} {self.place}".strip()


@dataclass(frozen=True)
class Spot:
    """A segment of a sample: its index in the file, its number in its ST..SE, its loop and its row in the guide."""

    index: int
    number: int
    st: int
    loop: Loop
    place: Place
    elements: tuple[str, ...]
    first: bool

    @property
    def shape(self) -> Shape:
        return self.place.shape

    @property
    def state(self) -> State:
        assert self.loop.state is not None
        return self.loop.state

    @property
    def told_apart(self) -> bool:
        """Whether a qualifier decides where the segment belongs: a wrong one makes it another's, or nobody's."""
        return self.shape.id in self.state.compiled.asked

    def value(self, position: int) -> str:
        return self.elements[position] if position < len(self.elements) else ""

    def rows(self) -> dict[tuple[int, int], Row]:
        return {(row.position, row.component): row for row in self.shape.rows}


class Sample:
    """A valid file, its segments as text without terminators, and what is said of it as it stands."""

    def __init__(self, kind: str, name: str, data: bytes) -> None:
        self.kind, self.name = kind, name
        text = data.decode("latin-1")
        self.element, self.component, self.terminator = text[3], text[104], text[105]
        self.repetition = text[82]
        self.lines = [line.replace("\r", "").replace("\n", "").strip() for line in text.split(self.terminator)]
        self.lines = [line for line in self.lines if line]
        self.data = self.render(self.lines)
        self.before = counted(check(self.data, VOCABULARY))
        self.spots = list(self._spots())
        self.by_index = {spot.index: spot for spot in self.spots}

    def __repr__(self) -> str:
        return f"{self.kind}/{self.name}"

    def render(self, lines: Iterable[str], counts: bool = True) -> bytes:
        """The file of these segments, SE01 told again for each transaction unless it is what is spoiled."""
        found, start = list(lines), None
        for at, line in enumerate(found):
            name = line.split(self.element, 1)[0]
            if name == "ST":
                start = at
            elif name == "SE" and counts and start is not None:
                parts = line.split(self.element)
                parts[1] = str(at - start + 1)
                found[at], start = self.element.join(parts), None
        return (self.terminator + "\n").join([*found, ""]).encode("latin-1")

    def _spots(self) -> Iterator[Spot]:
        document = read(self.data)
        assert len(document.segments) == len(self.lines), self
        for transaction in document.transactions():
            assert guide_of(transaction) is not None
            root = parse(transaction)
            st = transaction.st.ordinal - 1
            for loop in all_loops(root):
                for at, segment in enumerate(loop.segments):
                    assert loop.state is not None
                    trigger = at == 0 and loop is not root and segment.id == loop.state.trigger.shape.id
                    place = loop.state.trigger if trigger else loop.state.place_of(segment)
                    if segment.id == "ST":
                        place = loop.state.trigger
                    if place is None:
                        continue
                    index = segment.ordinal - 1
                    yield Spot(index, index - st + 1, st, loop, place, tuple(segment.elements), trigger)

    def inside(self) -> list[Spot]:
        """The spots of the transactions, their ST and SE aside."""
        return [spot for spot in self.spots if spot.shape.id not in ENVELOPE]

    def with_element(self, spot: Spot, position: int, value: str, component: int = 0, trim: bool = True) -> bytes:
        """The file with one element, or one component of its first repeat, set to `value`."""
        parts = list(spot.elements)
        parts += [""] * (position + 1 - len(parts))
        if component:
            repeats = parts[position].split(self.repetition)
            inner = repeats[0].split(self.component)
            inner += [""] * (component - len(inner))
            inner[component - 1] = value
            while trim and inner and not inner[-1]:
                inner.pop()
            repeats[0] = self.component.join(inner)
            parts[position] = self.repetition.join(repeats)
        else:
            parts[position] = value
        while trim and len(parts) > 1 and not parts[-1]:
            parts.pop()
        return self.with_line(spot.index, self.element.join(parts))

    def with_line(self, index: int, line: str) -> bytes:
        return self.render([*self.lines[:index], line, *self.lines[index + 1 :]])

    def without(self, start: int, stop: int) -> bytes:
        return self.render([*self.lines[:start], *self.lines[stop:]])

    def inserted(self, index: int, lines: list[str]) -> bytes:
        return self.render([*self.lines[:index], *lines, *self.lines[index:]])


def all_loops(loop: Loop) -> Iterator[Loop]:
    yield loop
    for inner in loop.loops:
        yield from all_loops(inner)


def segments_of(loop: Loop) -> Iterator[int]:
    """The indexes in the file of all segments in the loop and below it."""
    for one in all_loops(loop):
        for segment in one.segments:
            yield segment.ordinal - 1


def extent(loop: Loop) -> tuple[int, int]:
    """Where the loop begins and ends, as indexes in the file."""
    found = list(segments_of(loop))
    return min(found), max(found) + 1


Said = tuple[str, str, int, int, str]


def said(fault: Fault) -> Said:
    """What is told whether a fault of the mutant was there before: all but its place, which moves."""
    return fault.id, fault.segment_id, fault.element, fault.component, fault.value


def counted(faults: Iterable[Fault]) -> Counter[Said]:
    return Counter(said(fault) for fault in faults)


@dataclass(frozen=True)
class Verdict:
    """The ids that told the mutant's fault where it is, and what was told besides that nobody has explained."""

    ids: frozenset[str]
    unexplained: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def found(self) -> bool:
        return bool(self.ids)


def judge(mutant: Mutant, before: Counter[Said], faults: list[Fault]) -> Verdict:
    new = [fault for fault in faults if not before[said(fault)]]
    hits = [fault for fault in faults if fault.id in mutant.ids and at_place(mutant, fault)]
    if mutant.ids and all(before[said(fault)] for fault in hits):  # the same was said before: then more often now
        after = counted(faults)
        hits = [fault for fault in hits if after[said(fault)] > before[said(fault)]]
    unexplained = [fault for fault in new if fault.id not in mutant.ids and not explained(mutant, fault.id)]
    return Verdict(frozenset(fault.id for fault in hits), tuple(map(words, unexplained)), tuple(map(words, new)))


def explained(mutant: Mutant, fault_id: str) -> bool:
    """Whether the mutant says why such a fault comes along; a reason for "SNIP4-*" is one for the whole level."""
    return fault_id in mutant.also or any(fault_id.startswith(key[:-1]) for key in mutant.also if key.endswith("*"))


def at_place(mutant: Mutant, fault: Fault) -> bool:
    if mutant.segment_id and fault.segment_id != mutant.segment_id:
        return False
    if not mutant.number <= fault.segment <= mutant.number + mutant.span:
        return False
    if mutant.element and fault.element != mutant.element:
        return False
    return not mutant.component or fault.component in (0, mutant.component)


def words(fault: Fault) -> str:
    return f"{fault.id} {fault.segment_id}{fault.element:02d}-{fault.component} @{fault.segment}"


@cache
def samples() -> tuple[Sample, ...]:
    """Every golden file that must pass, and the sound transactions that the unit tests are made of."""
    found = [Sample(path.parents[1].name, path.stem, path.read_bytes()) for path in sorted(GOLDEN.glob("*/pass/*.edi"))]
    found += [Sample(kind.split()[0], f"sound-{kind}".replace(" ", "-"), changed(kind)) for kind in SOUND]
    return tuple(found)
