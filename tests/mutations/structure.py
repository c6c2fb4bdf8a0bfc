"""Levels 1 and 2 of segments and loops: left out, sent too often, moved, unknown, in the wrong loop, badly numbered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from claimwright.x12.loops import Loop
from claimwright.x12.states import State
from tests.mutations.elements import MISPLACED, STRAY
from tests.mutations.files import Mutant, Sample, Spot, extent, segments_of

Kind = Callable[[Sample], Iterator[Mutant]]
MOST_COPIES = 15
AFTER = {
    "SNIP1-*": "read by another row than its own",
    "SNIP2-*": STRAY,
    "SNIP3-*": "a sum of which the segment is a part",
    "SNIP4-*": "a situation of which the segment is a part",
    "SNIP5-*": "read with another segment's words",
}
HIGHER = {key: AFTER[key] for key in ("SNIP3-*", "SNIP4-*", "SNIP5-*")}
COUNTED = {**HIGHER, "SNIP2-HL-*": "levels are counted", "SNIP2-LX-SEQUENCE": "lines are counted"}


def _mutant(
    kind: str, snip: int, sample: Sample, data: bytes, ids: str, number: int, segment_id: str, place: str,
    also: dict[str, str], span: int = 0, element: int = 0,
) -> Mutant:  # fmt: skip
    return Mutant(
        kind, snip, data, frozenset(ids.split()), number, element, 0, segment_id, span, also, repr(sample),
        f"{place} @{number}",
    )  # fmt: skip


def _uses(spot: Spot) -> int:
    """How often the segment's row is used in its loop."""
    found = [spot.state.place_of(segment) for segment in spot.loop.segments[0 if spot.loop.parent is None else 1 :]]
    return sum(place is spot.place for place in found)


def _open_order(spot: Spot) -> int:
    """How many segments behind this one the guide lets stand before it: one position, any order."""
    count = 0
    for segment in spot.loop.segments:
        place = spot.state.place_of(segment)
        if segment.number > spot.number and place is not None and place.position == spot.place.position:
            count += 1
    return count


def _own(sample: Sample) -> Iterator[Spot]:
    """Each segment that is not the first of its loop."""
    for spot in sample.inside():
        if not spot.first:
            yield spot


def _inner(sample: Sample) -> Iterator[Loop]:
    """Each loop below the root."""
    seen: set[int] = set()
    for spot in sample.inside():
        if spot.loop.parent is not None and id(spot.loop) not in seen:
            seen.add(id(spot.loop))
            yield spot.loop


def _number(sample: Sample, loop: Loop) -> tuple[int, int, int]:
    """Where a loop begins and ends in the file, and the number of its first segment in its transaction."""
    start, stop = extent(loop)
    return start, stop, sample.by_index[start].number


def _alike(loop: Loop) -> list[Loop]:
    assert loop.parent is not None
    return [one for one in loop.parent.loops if one.state is loop.state]


def _has_level(sample: Sample, loop: Loop) -> bool:
    return any(sample.lines[index].startswith("HL" + sample.element) for index in segments_of(loop))


def required_segment_removed(sample: Sample) -> Iterator[Mutant]:
    for spot in _own(sample):
        if spot.place.usage == "R" and _uses(spot) == 1:
            also = AFTER if spot.shape.id in ("BHT", "HL", "LX") else HIGHER
            yield _mutant(
                "required-segment-removed", 2, sample, sample.without(spot.index, spot.index + 1),
                "SNIP2-SEGMENT-MISSING", spot.number, spot.shape.id, f"{spot.loop.id} {spot.shape.id}", also,
                _open_order(spot),
            )  # fmt: skip


def segment_sent_too_often(sample: Sample) -> Iterator[Mutant]:
    for spot in _own(sample):
        most = spot.place.most
        uses = _uses(spot)
        if most and most <= MOST_COPIES and spot.shape.id not in ("ST", "SE"):
            copies = most - uses + 1
            yield _mutant(
                "segment-sent-too-often", 2, sample,
                sample.inserted(spot.index + 1, [sample.lines[spot.index]] * copies),
                "SNIP2-SEGMENT-TOO-MANY", spot.number, spot.shape.id, f"{spot.loop.id} {spot.shape.id}",
                {**HIGHER, "SNIP2-SEGMENT-UNEXPECTED": "read as another use, or none, of the same segment"},
                copies + _open_order(spot) + uses,
            )  # fmt: skip


def loop_sent_too_often(sample: Sample) -> Iterator[Mutant]:
    for loop in _inner(sample):
        assert loop.state is not None
        most, alike = loop.state.most, _alike(loop)
        if not most or most > MOST_COPIES or _has_level(sample, loop) or loop is not alike[-1]:
            continue
        start, stop, number = _number(sample, loop)
        copies = most - len(alike) + 1
        lines = sample.lines[start:stop] * copies
        yield _mutant(
            "loop-sent-too-often", 2, sample, sample.inserted(stop, lines),
            # behind its benefits a 271's second subscriber is read as a benefit's entity, and its REF is out of place
            "SNIP2-LOOP-TOO-MANY SNIP2-SEGMENT-MISPLACED SNIP2-CODE", number + (stop - start) * copies, "", loop.id,
            AFTER, 1 if sample.kind == "271" else 0,
        )  # fmt: skip


def level_sent_too_often(sample: Sample) -> Iterator[Mutant]:
    """A whole level doubled: its HL01 comes twice."""
    for loop in _inner(sample):
        if loop.segments and loop.segments[0].id == "HL":
            start, stop, number = _number(sample, loop)
            yield _mutant(
                "level-doubled", 2, sample, sample.inserted(stop, sample.lines[start:stop]),
                "SNIP2-HL-SEQUENCE", number + stop - start, "HL", loop.id,
                {**AFTER}, element=1,
            )  # fmt: skip


def required_loop_removed(sample: Sample) -> Iterator[Mutant]:
    for loop in _inner(sample):
        assert loop.state is not None
        if loop.state.usage != "R" or len(_alike(loop)) > 1 or loop.parent is None:
            continue
        start, stop, number = _number(sample, loop)
        if start == min(segments_of(loop.parent)) and loop.parent.parent is not None:
            continue  # the loop above begins with it and would go too
        also = AFTER if _has_level(sample, loop) else HIGHER
        yield _mutant(
            "required-loop-removed", 2, sample, sample.without(start, stop), "SNIP2-LOOP-MISSING SNIP2-SEGMENT-MISSING",
            number, loop.state.trigger.shape.id, loop.id, also,
            sum(stop - start for start, stop in (extent(one) for one in _siblings_after(loop))),
        )  # fmt: skip


def _siblings_after(loop: Loop) -> list[Loop]:
    assert loop.parent is not None and loop.state is not None
    at = next(n for n, one in enumerate(loop.parent.loops) if one is loop)
    return [
        one for one in loop.parent.loops[at + 1 :]
        if one.state is not None and one.state.position == loop.state.position
    ]  # fmt: skip


def first_segment_of_a_required_loop_removed(sample: Sample) -> Iterator[Mutant]:
    for loop in _inner(sample):
        assert loop.state is not None
        if loop.state.usage != "R" or len(_alike(loop)) > 1 or not loop.segments:
            continue
        start = loop.segments[0].ordinal - 1
        spot = sample.by_index.get(start)
        if spot is None or not spot.first:
            continue
        after = sum(stop - start for start, stop in (extent(one) for one in _siblings_after(loop)))
        yield _mutant(
            "first-segment-of-a-required-loop-removed", 2, sample, sample.without(start, start + 1),
            "SNIP2-LOOP-MISSING SNIP2-SEGMENT-MISSING SNIP2-SEGMENT-UNEXPECTED SNIP2-HL-PARENT SNIP2-HL-SEQUENCE "
            "SNIP2-SEGMENT-TOO-MANY SNIP2-SEGMENT-MISPLACED",
            spot.number, "", loop.id, AFTER, extent(loop)[1] - start + after,
        )  # fmt: skip


def segment_before_its_predecessor(sample: Sample) -> Iterator[Mutant]:
    for spot in _own(sample):
        before = sample.by_index.get(spot.index - 1)
        if before is None or before.loop is not spot.loop or before.first or before.shape.id == "ST":
            continue
        if before.place.position < spot.place.position:
            lines = list(sample.lines)
            lines[spot.index - 1], lines[spot.index] = lines[spot.index], lines[spot.index - 1]
            yield _mutant(
                "segment-before-its-predecessor", 2, sample, sample.render(lines), "SNIP2-SEGMENT-MISPLACED",
                spot.number, before.shape.id, f"{spot.loop.id} {spot.shape.id}", AFTER,
            )  # fmt: skip


def loop_before_its_predecessor(sample: Sample) -> Iterator[Mutant]:
    for loop in _inner(sample):
        assert loop.parent is not None and loop.state is not None
        at = next(n for n, one in enumerate(loop.parent.loops) if one is loop)
        if not at or _has_level(sample, loop):
            continue
        other = loop.parent.loops[at - 1]
        assert other.state is not None
        if other.state.position >= loop.state.position or _has_level(sample, other):
            continue
        if _opens_below(loop.state, other.state.trigger.shape.id):
            continue  # behind 2400 a rendering provider is the line's, and right
        (start, middle), (begin, stop) = extent(other), extent(loop)
        if middle != begin:
            continue
        lines = sample.lines
        data = sample.render([*lines[:start], *lines[begin:stop], *lines[start:middle], *lines[stop:]])
        yield _mutant(
            "loop-before-its-predecessor", 2, sample, data,
            # an 834's LX behind COB is that of 2700, and what follows it is nobody's
            "SNIP2-SEGMENT-MISPLACED SNIP2-SEGMENT-UNEXPECTED", sample.by_index[start].number + stop - begin, "",
            f"{loop.id} {other.id}", AFTER, 1,
        )  # fmt: skip


def _opens_below(state: State, segment_id: str) -> bool:
    return any(
        child.trigger.shape.id == segment_id or _opens_below(child, segment_id) for child in state.children
    )  # fmt: skip


def unknown_segment(sample: Sample) -> Iterator[Mutant]:
    for spot in sample.inside():
        line = sample.element.join(("ZZZ", "1"))
        yield _mutant(
            "unknown-segment", 2, sample, sample.inserted(spot.index + 1, [line]), "SNIP2-SEGMENT-UNKNOWN",
            spot.number + 1, "ZZZ", spot.loop.id, {},
        )  # fmt: skip


def segment_id_misspelt(sample: Sample) -> Iterator[Mutant]:
    for spot in sample.inside():
        line = sample.lines[spot.index]
        for kind, new in (
            ("segment-id-in-lower-case", line[: len(spot.shape.id)].lower() + line[len(spot.shape.id) :]),
            ("segment-id-of-one-letter", spot.shape.id[0] + line[len(spot.shape.id) :]),
            ("segment-id-doubled", spot.shape.id + line),
        ):
            yield _mutant(
                kind, 1, sample, sample.with_line(spot.index, new), "SNIP2-SEGMENT-UNKNOWN", spot.number, "",
                f"{spot.loop.id} {spot.shape.id}", AFTER,
            )  # fmt: skip


def foreign_segment(sample: Sample) -> Iterator[Mutant]:
    """The transaction's second segment again, where only its heading may have it."""
    heads = {spot.st: spot for spot in sample.inside() if spot.number == 2 and spot.place.most == 1}
    for spot in sample.inside():
        head = heads.get(spot.st)
        if head is None or spot.number < 3:
            continue
        yield _mutant(
            "foreign-segment", 2, sample, sample.inserted(spot.index + 1, [sample.lines[head.index]]),
            "SNIP2-SEGMENT-UNEXPECTED SNIP2-SEGMENT-MISPLACED SNIP2-SEGMENT-TOO-MANY", spot.number + 1,
            head.shape.id, spot.loop.id, AFTER,
        )  # fmt: skip


def hidden_segment(sample: Sample) -> Iterator[Mutant]:
    """A terminator turned into something else: two segments become one."""
    for spot in sample.inside():
        following = sample.by_index.get(spot.index + 1)
        if following is None or following.shape.id in ("SE", "BIN") or spot.shape.id == "BIN":
            continue
        joined = sample.lines[spot.index] + sample.element + sample.lines[spot.index + 1]
        lines = [*sample.lines[: spot.index], joined, *sample.lines[spot.index + 2 :]]
        end = next(one for one in sample.spots if one.st == spot.st and one.shape.id == "SE")
        yield _mutant(
            "terminator-lost", 1, sample, sample.render(lines, counts=False), "ENV-SE-COUNT", end.number - 1, "SE",
            f"{spot.loop.id} {spot.shape.id}", AFTER, element=1,
        )  # fmt: skip


def _level(name: str, element: int, spoil: Callable[[str], str], ids: str) -> Kind:
    def made(sample: Sample) -> Iterator[Mutant]:
        for spot in sample.inside():
            value = spot.value(element)
            if spot.shape.id == "HL" and spoil(value) != value and not (element == 4 and _refused(spot.loop)):
                yield _mutant(
                    name, 2 if element != 4 else 4, sample, sample.with_element(spot, element, spoil(value)), ids,
                    spot.number, "HL", spot.loop.id, AFTER, element=element,
                )  # fmt: skip

    return made


def _refused(loop: Loop) -> bool:
    """A response that refuses a level ends there, whatever HL04 says."""
    return any(segment.id == "AAA" for part in (loop, *loop.loops) for segment in part.segments)


level_number_skipped = _level("level-number-skipped", 1, lambda value: str(int(value) + 7), "SNIP2-HL-SEQUENCE")
level_number_empty = _level("level-number-empty", 1, lambda value: "", "SNIP2-HL-SEQUENCE SNIP2-ELEMENT-MISSING")
level_number_zero = _level("level-number-padded", 1, lambda value: "0" + value, "SNIP2-HL-SEQUENCE")
level_parent_unknown = _level("level-parent-unknown", 2, lambda value: "99", "SNIP2-HL-PARENT")
level_parent_empty = _level("level-parent-empty", 2, lambda value: "", "SNIP2-HL-PARENT")
level_child_code_flipped = _level(
    "level-child-code-flipped", 4, lambda value: {"0": "1", "1": "0"}.get(value, value), "SNIP4-HL-CHILD SNIP2-CODE"
)
level_child_code_not_listed = _level(
    "level-child-code-not-listed", 4, lambda value: "2" if value else value, "SNIP2-CODE"
)


def level_of_unknown_kind(sample: Sample) -> Iterator[Mutant]:
    for spot in sample.inside():
        if spot.shape.id == "HL":
            yield _mutant(
                "level-of-unknown-kind", 2, sample, sample.with_element(spot, 3, "99"),
                " ".join(("SNIP2-CODE", *MISPLACED)), spot.number, "HL", spot.loop.id, AFTER,
            )  # fmt: skip


def line_number_skipped(sample: Sample) -> Iterator[Mutant]:
    for spot in sample.inside():
        if spot.shape.id == "LX" and sample.kind.startswith("837"):
            for kind, value in (("line-number-skipped", "9"), ("line-number-zero", "0")):
                yield _mutant(
                    kind, 2, sample, sample.with_element(spot, 1, value), "SNIP2-LX-SEQUENCE", spot.number, "LX",
                    spot.loop.id, COUNTED, element=1,
                )  # fmt: skip


STRUCTURE_KINDS: tuple[Kind, ...] = (
    required_segment_removed, segment_sent_too_often, loop_sent_too_often, level_sent_too_often,
    required_loop_removed, first_segment_of_a_required_loop_removed, segment_before_its_predecessor,
    loop_before_its_predecessor, unknown_segment, segment_id_misspelt, foreign_segment, hidden_segment,
    level_number_skipped, level_number_empty, level_number_zero, level_parent_unknown, level_parent_empty,
    level_child_code_flipped, level_child_code_not_listed, level_of_unknown_kind, line_number_skipped,
)  # fmt: skip
