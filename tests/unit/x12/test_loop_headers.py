"""LS and LE in the 271 and 834: around the loops they open, and not without them. No false word on files that are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.x12.check import check, stream_faults
from claimwright.x12.passing import Pass

GOLDEN = Path(__file__).parents[2] / "golden"
BENEFITS = GOLDEN / "271" / "pass" / "own-dependent-benefits.edi"
MEMBERS = GOLDEN / "834" / "pass" / "own-every-loop.edi"
IDS = {"SNIP2-LS-MISSING", "SNIP2-LE-MISSING", "SNIP2-LS-EMPTY"}

# File, first letters of the segments to leave out, what is then told and where: id, loop, segment missing, its number.
PLANTED = [
    (BENEFITS, ("LS*2120",), [("SNIP2-LS-MISSING", "2110D", "LS", 22)]),
    (BENEFITS, ("LE*2120",), [("SNIP2-LE-MISSING", "2110D", "LE", 26)]),
    (BENEFITS, ("LS*2120", "LE*2120"), [("SNIP2-LS-MISSING", "2110D", "LS", 22), ("SNIP2-LE-MISSING", "2110D", "LE", 25)]),
    (BENEFITS, ("NM1*SEP", "PER*IC**TE*8005550199", "NM1*IL*1*DRAKE"), [("SNIP2-LS-EMPTY", "2110D", "LS", 22)]),
    (BENEFITS, ("LS*2120", "NM1*SEP", "PER*IC**TE*8005550199", "NM1*IL*1*DRAKE"), [("SNIP2-LS-MISSING", "2110D", "LS", 22)]),
    (MEMBERS, ("LE*2700",), [("SNIP2-LE-MISSING", "2000", "LE", 118)]),
]  # fmt: skip


def without(path: Path, *beginnings: str) -> bytes:
    """The file, each first segment that begins so left out and SE counted again."""
    text = path.read_text(encoding="ascii")
    lines = [line for line in text.replace("\n", "").split("~") if line]
    for beginning in beginnings:
        lines.remove(next(line for line in lines if line.startswith(beginning)))
    first = next(at for at, line in enumerate(lines) if line.startswith("ST*"))
    last = next(at for at, line in enumerate(lines) if line.startswith("SE*"))
    _, _, control = lines[last].split("*")
    lines[last] = f"SE*{last - first + 1}*{control}"
    return "".join(f"{line}~\n" for line in lines).encode("ascii")


@pytest.mark.parametrize(("path", "gone", "expected"), PLANTED)
@pytest.mark.parametrize("level", [1, 2, 4])
def test_a_missing_header_or_trailer_is_told(path, gone, expected, level: int) -> None:
    found = check(without(path, *gone), level=level)
    assert [(fault.id, fault.loop, fault.segment_id, fault.segment) for fault in found if fault.id in IDS] == expected
    assert {fault.snip for fault in found if fault.id in IDS} == {2}
    assert list(stream_faults(without(path, *gone), level=level)) == found


def test_categories_without_their_header_are_told_once() -> None:
    found = [fault for fault in check(without(MEMBERS, "LS*2700")) if fault.id in IDS]
    assert [fault.id for fault in found] == ["SNIP2-LS-MISSING"]


def test_the_999_names_the_missing_segment() -> None:
    (fault,) = check(without(BENEFITS, "LE*2120"))
    assert (fault.segment_code, fault.element_code) == ("3", "")


def test_a_header_behind_its_loops_is_out_of_place() -> None:
    text = without(BENEFITS, "LS*2120").decode().replace("LE*2120~", "LS*2120~\nLE*2120~").replace("SE*28", "SE*29")
    ids = [fault.id for fault in check(text.encode())]
    assert "SNIP2-SEGMENT-MISPLACED" in ids
    assert not IDS & set(ids)


@pytest.mark.parametrize(
    "path", sorted([*GOLDEN.glob("271/pass/*.edi"), *GOLDEN.glob("834/pass/*.edi")]), ids=lambda p: p.stem
)
def test_files_that_are_right_stay_so(path: Path) -> None:
    judging = Pass(path)
    assert not [fault for fault in judging.faults() if fault.id in IDS]
    assert judging.transactions
