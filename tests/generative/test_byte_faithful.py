"""What is read is written back byte for byte from its segments; a changed element changes those bytes and no others.

Set SAMPLES to a folder of X12 files to hold this to all of them as well: `SAMPLES=folder pytest tests/generative`.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from claimwright.x12 import read, write
from claimwright.x12.check import check

GOLDEN = Path(__file__).parents[1] / "golden"
SAMPLES = os.environ.get("SAMPLES", "")
FILES = [
    *sorted(GOLDEN.glob("*/*/*.edi")),
    *(sorted(path for path in Path(SAMPLES).rglob("*") if path.is_file()) if SAMPLES else ()),
]
CHANGES = 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_a_change_of_one_element_leaves_every_other_byte_alone(path: Path) -> None:
    data = path.read_bytes()
    document = read(data)
    assert write(document) == data
    check(data)
    chance = random.Random(path.name)
    places = [
        (at, element)
        for at, segment in enumerate(document.segments)
        if segment.as_read is None
        for element in range(1, len(segment.elements))
    ]
    for at, element in chance.sample(places, min(CHANGES, len(places))):
        segment = document.segments[at]
        before = segment.elements[element]
        start = segment.offset + sum(len(one) + 1 for one in segment.elements[:element])
        assert data[start : start + len(before)].decode("latin-1") == before
        segment.elements[element] = "CHANGED"
        assert write(document) == data[:start] + b"CHANGED" + data[start + len(before) :]
        segment.elements[element] = before
    assert write(document) == data
