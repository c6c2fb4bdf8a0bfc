"""Laying files out anew: whatever the layout, the elements are the same."""

from __future__ import annotations

import pytest

from claimwright.x12 import Delimiters, read
from claimwright.x12.layout import SeparatorClash, delimiters_from, formatted
from tests.lib.golden_x12 import FILES, name_of
from tests.lib.x12_samples import CLEAN

RARE = Delimiters("\x1d", "\x1f", "\x1e", "\x1c")


def elements(data: bytes) -> list[list[str]]:
    return [segment.elements for segment in read(data).segments]


def again(source: bytes, **how: object) -> bytes:
    return "".join(formatted(source, **how)).encode("latin-1")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_elements_stay_in_every_layout(path):
    data = path.read_bytes()
    expected = elements(data)
    for how in ({}, {"line_break": ""}, {"indent": True}, {"line_break": "\r\n"}):
        assert elements(again(data, **how)) == expected, how


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_other_separators_and_back_is_the_same(path):
    data = path.read_bytes()
    document = read(data)
    if len({segment.delimiters for segment in document.segments}) != 1:
        return
    there = again(data, delimiters=RARE)
    assert read(there).segments[0].delimiters.element == RARE.element
    own = document.segments[0].delimiters
    if own.repetition == "\x1f":  # it names no separator for repeats, so there is none to go back to
        return
    assert elements(again(there, delimiters=own)) == elements(data)


def test_one_segment_a_line_and_unwrapped():
    lines = again(CLEAN["835"]).decode().splitlines()
    assert len(lines) == len(read(CLEAN["835"]).segments)
    assert "\n" not in again(CLEAN["835"], line_break="").decode()


def test_indent_shows_the_loops():
    lines = again(CLEAN["835"], indent=True).decode().splitlines()
    (claim,) = [line for line in lines if "CLP*CLAIM-1" in line]
    service = next(line for line in lines if "SVC*HC:99213" in line)
    assert len(service) - len(service.lstrip()) == len(claim) - len(claim.lstrip()) + 2


def test_a_separator_that_stands_in_the_data_is_refused_with_its_place():
    data = CLEAN["835"].replace(b"FIRST PAYER~", b"FIRST|PAYER~")
    with pytest.raises(SeparatorClash) as refused:
        again(data, delimiters=Delimiters("|", ":", "^", "~"))
    assert (refused.value.segment.id, refused.value.element, refused.value.separator) == ("N1", 2, "|")
    assert "FIRST" not in str(refused.value)


def test_separators_may_change_places():
    swapped = again(CLEAN["837P"], delimiters=Delimiters(":", "*", "^", "~"))
    assert b"SV1:HC*99213:100:UN:1:::1*2~" in swapped
    assert elements(again(swapped, delimiters=Delimiters())) == elements(CLEAN["837P"])


@pytest.mark.parametrize("text", ["", "*:^", "*:^~~", "**^~", "*:^A", "*:^ ", "\n:^~", "*:^é"])
def test_what_is_no_set_of_separators_is_refused(text):
    with pytest.raises(ValueError, match="separator|characters|control"):
        delimiters_from(text)


def test_a_line_break_may_be_the_terminator():
    found = again(CLEAN["835"], delimiters=delimiters_from("*:^\n"))
    assert b"~" not in found and found.count(b"\n") == len(read(CLEAN["835"]).segments)


def test_binary_data_keeps_its_bytes():
    binary = "BIN*5*A*B:C~"
    data = CLEAN["835"].replace(b"LX*1~", binary.encode() + b"\nLX*1~")
    assert b"BIN|5|A*B:C~" in again(data, delimiters=Delimiters("|", ">", "^", "~"))
