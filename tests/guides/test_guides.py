"""Every guide: loads, is well formed, unambiguous, reachable, and has files that pass and files that fail."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from claimwright.x12 import guides, read
from claimwright.x12.check import check
from claimwright.x12.guides.elements import ELEMENTS
from claimwright.x12.guides.rows import Guide, LoopRows, Shape
from claimwright.x12.loops import guide_of
from claimwright.x12.states import State, compiled, qualifier_values
from tests.lib.pyx12_oracle import check as oracle

GOLDEN = Path(__file__).parents[1] / "golden"
MAPPED = ("277CA", "820", "834", "835", "837I", "837P", "999")  # 5010 guides of which pyx12 has a map
ALL = pytest.mark.parametrize("guide", guides.all_guides(), ids=lambda guide: key(guide))
FOLDERS = {
    "837 005010X222A1": "837P",
    "837 005010X223A2": "837I",
    "837 005010X224A2": "837D",
    "835 005010X221A1": "835",
    "834 005010X220A1": "834",
    "820 005010X218": "820",
    "270 005010X279A1": "270",
    "271 005010X279A1": "271",
    "276 005010X212": "276",
    "277 005010X212": "277",
    "277 005010X214": "277CA",
    "278 005010X217 01 13 36": "278_request",
    "278 005010X217 11": "278_response",
    "275 005010X210": "275",
    "999 005010X231A1": "999",
    "997": "997",
}


def key(guide: Guide) -> str:
    """What tells a guide from all others: two may share an id (270, 271), and even the set (278)."""
    return " ".join((guide.name, *guide.purposes))


def loops(rows: LoopRows) -> list[LoopRows]:
    return [rows, *(below for nest in rows.loops for below in loops(nest.loop))]


@ALL
def test_rows_are_well_formed(guide: Guide) -> None:
    for loop in loops(guide.root):
        assert loop.segments, loop.id
        for use in loop.segments:
            assert use.usage in "RS" and use.most >= 0
            positions = [(row.position, row.component) for row in use.shape.rows]
            assert positions == sorted(set(positions)), use.shape.id
            highest = 0
            for row in use.shape.rows:
                highest = max(highest, row.position)
                assert row.usage in "RS"
                composite = any(part.position == row.position and part.component for part in use.shape.rows)
                assert row.element in ELEMENTS or (composite and row.component == 0) or row.element == "C040", row
            for rule in use.shape.syntax:
                named = [int(rule[at : at + 2]) for at in range(1, len(rule), 2)]
                assert rule[0] in "PRECL" and len(named) > 1
                assert rule[0] in "CLE" or named == sorted(named), rule
        if loop is not guide.root:
            assert loop.segments[0].usage == "R"
        positions = [use.position for use in loop.segments]
        assert positions == sorted(positions), loop.id


def states(state: State) -> list[State]:
    return [state, *(below for child in state.children for below in states(child))]


@ALL
def test_no_segment_of_a_loop_hides_another_and_all_can_be_reached(guide: Guide) -> None:
    """From its loop, each use of a segment and each inner loop can be meant by some segment."""
    for state in states(compiled(guide).root):
        ids = {place.shape.id for place in state.places} | {child.trigger.shape.id for child in state.children}
        for segment_id in ids:
            choice = state.choice(segment_id)
            assert choice is not None
            moves = list(choice.moves())
            for place in state.places[1:] if state.parent else state.places:
                if place.shape.id == segment_id:
                    assert any(move.place is place for move in moves), (state.id, segment_id, place.position)
            for child in state.children:
                if child.trigger.shape.id == segment_id:
                    assert any(move.opens[-1:] == (child,) for move in moves), (state.id, child.id)


@ALL
def test_no_segment_can_mean_two_things_in_a_loop(guide: Guide) -> None:
    """Two uses of a loop never share all values of the elements that tell them apart."""
    for state in states(compiled(guide).root):
        for segment_id in {place.shape.id for place in state.places}:
            uses = [place.shape for place in state.places if place.shape.id == segment_id]
            uses += [child.trigger.shape for child in state.children if child.trigger.shape.id == segment_id]
            for at, one in enumerate(uses):
                for other in uses[at + 1 :]:
                    assert apart(one, other), (state.id, segment_id)


def apart(one: Shape, other: Shape) -> bool:
    """Whether some element's codes tell the two shapes apart: no code in common, or codes in one of them only."""
    for position, component in {(row.position, row.component) for row in (*one.rows, *other.rows) if row.codes}:
        first, second = (set(qualifier_values(shape, position, component)) for shape in (one, other))
        if not first & second:
            return True
    return False


@ALL
def test_ids_and_aliases_lead_to_the_guide(guide: Guide) -> None:
    for name in (guide.id, *guide.aliases):
        assert guides.find(name) is not None
        for purpose in guide.purposes or ("",):
            assert guides.find(name, guide.set_id, purpose) is guide
    assert guides.find("") is None and guides.find("005010X999") is None


@ALL
def test_golden_files_say_what_they_should(guide: Guide) -> None:
    folder = GOLDEN / FOLDERS[key(guide)]
    for verdict in ("pass", "fail"):
        files = sorted((folder / verdict).glob("*.edi"))
        assert files, (guide.id, verdict)
        for path in files:
            rejects = [fault for fault in check(path.read_bytes()) if fault.severity == "reject" and fault.snip <= 2]
            assert bool(rejects) == (verdict == "fail"), (path.name, [fault.id for fault in rejects][:3])


def test_golden_files_use_their_guide() -> None:
    for guide_key, name in FOLDERS.items():
        for path in (GOLDEN / name / "pass").glob("*.edi"):
            assert {key(found) for t in read(path.read_bytes()).transactions() if (found := guide_of(t))} == {guide_key}


def test_what_pyx12_passes_has_no_reject_here() -> None:
    """Asked of pyx12 itself on small files of the kinds it knows, not of a note of what it once said."""
    judged = 0
    for path in sorted(path for kind in MAPPED for path in (GOLDEN / kind).glob("*/*.edi")):
        data = path.read_bytes()
        if len(data) > 1500 or crc32(path.name.encode()) % 3 or oracle(data):
            continue
        judged += 1
        assert not [fault.id for fault in check(data) if fault.severity == "reject" and fault.snip <= 2], path.name
    assert judged >= 15
