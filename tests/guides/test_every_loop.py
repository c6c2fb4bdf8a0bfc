"""The files that use all of a guide: each loop and each segment of its table stands in them, and pyx12 agrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.x12 import read
from claimwright.x12.check import check
from claimwright.x12.loops import Loop, parse
from claimwright.x12.states import State
from tests.lib.pyx12_oracle import check as oracle

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.glob("*/pass/own-every-loop.edi"))
EACH = pytest.mark.parametrize("path", FILES, ids=lambda path: path.parents[1].name)


def in_table(state: State) -> set[tuple[str, int]]:
    """Loop id and bit of each segment of the guide; loops that stand in two places count once."""
    found = {(state.id, place.bit) for place in state.places}
    for child in state.children:
        found |= in_table(child)
    return found


def in_file(loop: Loop) -> set[tuple[str, int]]:
    assert loop.state is not None
    found = {(loop.id, place.bit) for place in loop.state.places if place.bit & loop.seen}
    for inner in loop.loops:
        found |= in_file(inner)
    return found


@EACH
def test_each_loop_and_segment_of_the_guide_is_used(path: Path) -> None:
    (transaction,) = read(path.read_bytes()).transactions()
    root = parse(transaction)
    assert root.state is not None and not root.oddities
    assert in_table(root.state) - in_file(root) == set()


@EACH
def test_no_validator_finds_a_fault(path: Path) -> None:
    data = path.read_bytes()
    assert check(data) == []
    assert oracle(data) == [] or oracle(data)[0].startswith("NOMAP")
