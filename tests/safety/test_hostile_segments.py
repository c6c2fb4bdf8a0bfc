"""Row 20: no text of ours makes a segment or an element: each is refused, or goes out as one value of one element.

Hostile strings in every text of professional, institutional and dental claims and of a remittance, one text at a time;
what was written is split by two parsers, ours and pyx12's, and has the shape of the same message with a harmless text.
`make prove ROW=20` writes 10,000.
"""

from __future__ import annotations

import io
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import pyx12.x12file

from claimwright.claims.nouns import Claim, Remittance
from claimwright.claims.to_x12 import claims as claim_files
from claimwright.claims.to_x12 import remittance
from claimwright.x12 import read
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_remittance
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim
from tests.lib.proving import result, scale, seeds, under

FULL_SCALE = 10_000
SEPARATORS = ("~", "*", ":", "^", "|", ">", "\r\n", "\n", "\r", "\x1d", "\x1c", "\t", "\x00", "\u2028")
PIECES = (
    "SV1*HC:99215*999*UN*1***1", "SE*1*0001", "IEA*1*000000001", "ISA*00*", "CLP*X*1*9999999.99", "NM1*QC*1*EVE", "", "A", "X",
)  # fmt: skip
HOSTILE = tuple(f"A{mark}{piece}{mark}Z" for mark, piece in itertools.product(SEPARATORS, PIECES)) + (
    "\uff5e\uff0a", "é~", "\u202eABC", "\ufeffABC", "A" * 300, " ", "***", "~~~", "ISAAC", "NARCISA", "\ud83d\ude00", "ISA",
)  # fmt: skip
HARMLESS = "PLAIN"
Shape = list[tuple[str, int]]


def writers() -> list[tuple[Any, type, Callable[[Any], bytes]]]:
    """(noun, its type, what writes it)."""
    claims: dict[str, Any] = {
        "submitter": SUBMITTER, "receiver": RECEIVER, "envelope": ENVELOPE, "control_number": 1, "group_control_number": 1, "reference": "B1",
        "when": WHEN,
    }  # fmt: skip
    money: dict[str, Any] = {"envelope": ENVELOPE, "control_number": 1, "group_control_number": 1, "when": WHEN}
    return [
        (a_claim(), Claim, lambda one: claim_files.build_interchange([one], **claims)),
        (an_inpatient_claim(), Claim, lambda one: claim_files.build_interchange([one], **claims)),
        (a_dental_claim(), Claim, lambda one: claim_files.build_interchange([one], **claims)),
        (a_remittance(), Remittance, lambda one: remittance.build_interchange([one], **money)),
    ]


def texts(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every text in a noun as plain data."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, str):
            yield (*at, key)
        else:
            yield from texts(value, (*at, key))


def with_text(data: Any, at: tuple[Any, ...], text: str) -> Any:
    copy = msgspec.json.decode(msgspec.json.encode(data))
    node = copy
    for key in at[:-1]:
        node = node[key]
    node[at[-1]] = text
    return copy


def ours(content: bytes) -> Shape:
    document = read(content)
    return [(segment.id, len(segment.elements)) for segment in document.segments]


def theirs(content: bytes) -> Shape:
    source = pyx12.x12file.X12Reader(io.StringIO(content.decode("latin-1"), newline=""))
    return [(segment.get_seg_id(), len(segment)) for segment in source]


def shapes(kind: type, write: Callable[[Any], bytes], data: Any) -> tuple[Shape, Shape] | None:
    """What both parsers see; None where the text is refused, by the noun's type or by the writer."""
    try:
        content = write(msgspec.convert(data, kind, strict=False))
    except (ValueError, KeyError):
        return None
    return ours(content), theirs(content)


def fits(got: tuple[Shape, Shape], due: tuple[Shape, Shape]) -> bool:
    """The same segments to both parsers, none with more elements."""
    return all(
        [name for name, _ in a] == [name for name, _ in b]
        and all(mine <= most for (_, mine), (_, most) in zip(a, b, strict=True))
        for a, b in zip(got, due, strict=True)
    )


def try_all(rng: random.Random, count: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    made = [(msgspec.to_builtins(noun), kind, write) for noun, kind, write in writers()]
    places = [(data, kind, write, at) for data, kind, write in made for at in texts(data)]
    rng.shuffle(places)
    harmless: dict[int, list[Any]] = {}
    for number in range(count):
        data, kind, write, at = places[number % len(places)]
        due = harmless.setdefault(
            number % len(places), [shapes(kind, write, data), shapes(kind, write, with_text(data, at, HARMLESS))]
        )
        got = shapes(kind, write, with_text(data, at, rng.choice(HOSTILE)))
        counts["refused" if got is None else "written"] += 1
        if got is not None:
            # an optional text that maps to nothing is left out: shapes without it, never one with a segment or element more
            due = [*due, shapes(kind, write, with_text(data, at, ""))] if got not in due else due
            assert any(fits(got, one) for one in due if one is not None), f"{kind.__name__} {at}"
    counts["places"] = len(places)
    return counts


def test_row20_commit_scale_text_makes_no_segment():
    counts: Counter[str] = Counter()
    with result(
        20, lambda: f"{counts['written']} written, {counts['refused']} refused, 0 made a segment or an element"
    ):
        for seed in seeds():
            with under(seed) as rng:
                counts += try_all(rng, 250)
        assert counts["written"] > 50 and counts["refused"] > 50 and counts["places"] > 200


def test_both_parsers_would_see_a_segment_more():
    noun, _, write = writers()[0]
    content = write(noun)
    broken = content.replace(b"*TESTER", b"*TES~NM1*QC*1*EVE", 1)
    assert broken != content
    assert len(ours(broken)) == len(ours(content)) + 1 and len(theirs(broken)) == len(theirs(content)) + 1


@pytest.mark.prove
def test_row20_full_scale():
    counts: Counter[str] = Counter()
    with result(
        20, lambda: f"{counts['written']} written, {counts['refused']} refused, 0 made a segment or an element"
    ):
        for seed in seeds():
            with under(seed) as rng:
                counts += try_all(rng, scale(FULL_SCALE) // 2)
