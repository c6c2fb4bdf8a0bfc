"""What two files say differently, and what is no difference."""

from __future__ import annotations

import pytest

from claimwright.x12 import Delimiters
from claimwright.x12.differing import WINDOW, differences
from claimwright.x12.layout import SeparatorClash, formatted
from tests.lib.golden_x12 import FILES, name_of
from tests.lib.x12_samples import CLEAN

A = CLEAN["835"]


def told(before: bytes, after: bytes, **how: bool) -> list[tuple[str, str, str, list[tuple[int, int, str, str]]]]:
    return [
        (one.kind, one.loop, one.segment_id, [(c.element, c.component, c.before, c.after) for c in one.changes])
        for one in differences(before, after, **how)
    ]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_does_not_differ_from_itself(path):
    data = path.read_bytes()
    assert told(data, data) == []
    try:
        other = "".join(formatted(data, line_break="\r\n", delimiters=Delimiters("|", ">", "!", "~")))
    except SeparatorClash:
        return
    if b"U*00401" not in data:  # 4010 names no separator for repeats
        assert told(data, other.encode("latin-1")) == []


def test_an_element_that_changed_is_told_with_its_loop():
    assert told(A, A.replace(b"CLP*CLAIM-1*1*150", b"CLP*CLAIM-1*1*151")) == [
        ("changed", "2100", "CLP", [(3, 0, "150", "151")])
    ]
    assert told(A, A.replace(b"SVC*HC:87880*50", b"SVC*HC:87881*50")) == [
        ("changed", "2110", "SVC", [(1, 2, "87880", "87881")])
    ]


def test_a_segment_that_came_or_went_is_told_as_such():
    without = A.replace(b"LQ*HE*N19~\n", b"")
    assert [one[:3] for one in told(A, without)][:1] == [("removed", "2110", "LQ")]
    assert [one[:3] for one in told(without, A)][:1] == [("added", "2110", "LQ")]


def test_control_numbers_and_times_count_when_asked():
    other = (
        A.replace(b"000000101", b"000000102")
        .replace(b"*0001~", b"*0009~")
        .replace(b"20260803*0905*1*X", b"20260804*0906*1*X")
    )
    assert other != A
    assert told(A, other) == []
    assert {one[2] for one in told(A, other, control_numbers=True)} == {"ISA", "IEA", "ST", "SE"}
    assert {one[2] for one in told(A, other, times=True)} == {"GS"}


def test_a_long_insertion_does_not_hide_what_follows():
    claim = A[A.index(b"CLP*CLAIM-2") : A.index(b"PLB*")]
    many = b"".join(claim.replace(b"CLAIM-2", b"MORE-%d" % number) for number in range(WINDOW // 8))
    longer = A.replace(b"PLB*", many + b"PLB*").replace(b"WO:OLD1", b"WO:OLD2")
    kinds = [(one[0], one[2]) for one in told(A, longer)]
    assert ("changed", "PLB") in kinds
    assert not [kind for kind in kinds if kind[0] == "removed"]


def test_places_are_those_of_each_file():
    (found,) = differences(A, b"\n\n" + A.replace(b"N1*PR*FIRST PAYER", b"N1*PR*SECOND PAYER"))
    assert found.before is not None and found.after is not None
    assert found.after.line == found.before.line + 2
