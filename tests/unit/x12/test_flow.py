"""A source as one flow of segments: nothing is lost, and each segment stands in the loop the parser puts it in."""

from __future__ import annotations

import io

import pytest

from claimwright.x12 import loops, read
from claimwright.x12.flow import Flow, placed, stream
from claimwright.x12.loops import Loop
from tests.lib.golden_x12 import FILES, name_of
from tests.lib.x12_samples import CLEAN


class Trickle(io.BytesIO):
    """A file that gives a few bytes at a time, so that every line break falls on an edge somewhere."""

    def read(self, size: int = -1) -> bytes:
        return super().read(min(size, 7) if size > 0 else size)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_pieces_are_the_source_to_the_byte(path):
    data = path.read_bytes()
    assert "".join(Flow(path).pieces()).encode("latin-1") == data
    assert "".join(Flow(Trickle(data)).pieces()).encode("latin-1") == data


def test_text_around_the_segments_comes_too():
    data = b"\r\nhello\n" + CLEAN["835"] + b"\n\n  junk"
    flow = Flow(data)
    text = "".join(flow.pieces())
    assert text.encode("latin-1") == data
    assert "hello" in flow.preamble


def homes(loop: Loop) -> dict[int, str]:
    """Ordinal of each segment to the loop that the parser of whole transactions put it in."""
    found = {segment.ordinal: loop.id for segment in loop.segments}
    for inner in loop.loops:
        found |= homes(inner)
    return found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_each_segment_stands_in_its_loop(path):
    expected: dict[int, str] = {}
    for transaction in read(path.read_bytes()).transactions():
        if loops.guide_of(transaction) is not None:
            expected |= homes(loops.parse(transaction))
    got = {one.segment.ordinal: one.loop.id for one in stream(path) if one.loop is not None}
    assert got == expected


def test_depth_and_opening_segments_are_told():
    told = [(one.segment.id, one.depth, one.opens) for one in stream(CLEAN["835"])]
    assert told[0] == ("ISA", 0, False)
    assert ("ST", 1, True) in told and ("BPR", 1, False) in told
    assert ("CLP", 3, True) in told and ("SVC", 4, True) in told
    assert told[-1] == ("IEA", 0, False)


def test_a_transaction_that_breaks_off_after_st_is_told():
    segments = [one for one in read(CLEAN["835"]).segments if one.id in ("ISA", "GS", "ST")]
    assert [one.segment.id for one in placed(iter(segments))] == ["ISA", "GS", "ST"]
    assert list(placed(iter(()))) == []
