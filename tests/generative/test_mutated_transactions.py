"""Golden files with bytes changed, cut out and put in: every reader takes them, every writer writes or refuses."""

from __future__ import annotations

import random

import pytest

from claimwright.claims.from_x12.acknowledgements import claim_acknowledgement_report, group_acknowledgements
from claimwright.claims.to_x12.acknowledgements import group_acknowledgement
from claimwright.x12 import ValueRefused, read
from tests.lib.golden import files
from tests.unit.claims.test_golden_transactions import KINDS

PARTS = (b"*", b"~", b":", b"^", b"HL*1", b"\xff", b"-", b"EB*", b"RMR*IK*1**", b"9" * 20, b"\n", b"D8*20261399")
LARGEST = 6_000  # bytes: large files only take longer


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at, what = chance.randrange(len(changed)), chance.random()
        if what < 0.4:
            changed[at] = chance.randrange(256)
        elif what < 0.7:
            del changed[at : at + chance.randint(1, 30)]
        else:
            changed[at:at] = chance.choice(PARTS)
    return bytes(changed)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_read_raises_and_nothing_written_but_a_refusal(seed: int) -> None:
    chance = random.Random(seed)
    for path in files():
        data = path.read_bytes()
        if len(data) > LARGEST or path.parents[1].name.startswith("837"):
            continue
        for transaction in read(mutated(data, chance)).transactions():
            claim_acknowledgement_report(transaction)
            for group in group_acknowledgements(transaction):
                try:
                    group_acknowledgement(group)
                except ValueRefused:
                    pass
            for reader, writer in KINDS.values():
                noun = reader(transaction).noun
                try:
                    writer(noun, "0001")
                except ValueRefused:
                    pass
