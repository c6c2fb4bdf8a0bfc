"""Level 4 in a stream: loop by loop, earlier ones gone; claim numbers; the table of situations; junk."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import claimwright.x12.situations as rooms
from claimwright.x12 import guides
from claimwright.x12.findings import Findings
from claimwright.x12.loops import Loop
from claimwright.x12.situations import (
    RULES,
    SITUATIONS,
    ClaimNumbers,
    check_claim_number,
    check_loop,
    rules_for,
)
from tests.lib.x12_rules import SOUND, changed, envelope, root_of, situations
from tests.unit.x12 import test_loop_headers, test_situations, test_situations_guides

FOLDER = Path(rooms.__file__).parent


def loops(rows: guides.rows.LoopRows) -> set[str]:
    return {rows.id}.union(*(loops(nest.loop) for nest in rows.loops))


def test_rules_hang_on_loops_of_their_guides() -> None:
    known = {f"{guide.set_id} {guide.id[:10]}": guide for guide in guides.all_guides()}
    assert set(RULES) <= set(known)
    for name, rules in RULES.items():
        assert set(rules) <= loops(known[name].root), name


def test_every_guide_with_levels_has_its_child_flags_judged() -> None:
    for guide in guides.all_guides():
        judged = {name for name, rules in rules_for(guide).items() if rooms.check_child_levels in rules}
        assert judged == set(_opened_by_level(guide.root)), guide.name


def _opened_by_level(rows: guides.rows.LoopRows) -> list[str]:
    own = [rows.id] if rows.segments and rows.segments[0].shape.id == "HL" else []
    return own + [name for nest in rows.loops for name in _opened_by_level(nest.loop)]


def test_every_situation_in_the_table_is_told_somewhere_and_planted_in_a_test() -> None:
    told = set()
    for path in FOLDER.glob("*.py"):
        if path.name != "tables.py":
            told |= set(re.findall(r'"(SNIP[0-9]-[A-Z0-9-]+)"', path.read_text()))
    assert told == set(SITUATIONS)
    planted: set[str] = {"SNIP4-CLAIM-DUPLICATE", "SNIP4-PAYMENT-DUPLICATE"}  # see below
    module = test_situations_guides
    for rows in (
        test_situations.PROFESSIONAL, test_situations.SECONDARY, module.INPATIENT, module.OUTPATIENT, module.DENTAL,
        module.REMITTANCE, module.ACKNOWLEDGEMENT,
    ):  # fmt: skip
        planted |= {one for _, expected in rows for one in expected}
    assert planted | test_loop_headers.IDS == set(SITUATIONS)


def test_the_table_is_complete() -> None:
    for row in SITUATIONS.values():
        assert row.says and row.fix and row.source and not row.says.endswith("."), row.id
        assert re.search(r"[0-9]{6}X[0-9]{3}|every guide", row.source), row.id


# --- claims in a row


def two_claims(kind: str) -> bytes:
    """The sound transaction with its claim twice under one subscriber, the second with a fault of its own."""
    lines = SOUND[kind].split("\n")
    at = next(index for index, line in enumerate(lines) if line.startswith("CLM"))
    return envelope(kind.split()[0], [*lines, *(line.replace("ABF:R051", "ABF:J069") for line in lines[at:])])


def streamed(root: Loop) -> set[tuple[str, int]]:
    """Rules run on each loop as it ends, and a loop is let go when another of its kind follows."""
    findings = Findings()
    numbers = ClaimNumbers()

    def leave_claims(loop: Loop) -> None:  # a claim is held as a whole, what is above it is not
        if loop.id in rooms.CLAIM_LOOPS:
            whole(loop)
            return
        inner = list(loop.loops)
        loop.loops = []
        for one in inner:
            loop.loops = [kept for kept in loop.loops if kept.state is not one.state]
            loop.loops.append(one)
            leave_claims(one)
        check_loop(loop, findings)

    def whole(loop: Loop) -> None:
        for one in loop.loops:
            whole(one)
        check_loop(loop, findings)
        if loop.id in rooms.CLAIM_LOOPS:
            check_claim_number(loop, numbers, findings)

    leave_claims(root)
    return {(fault.id, fault.segment) for fault in findings.faults}


@pytest.mark.parametrize("kind", [kind for kind in SOUND if kind.startswith("837")])
def test_a_stream_says_what_the_whole_tree_says(kind: str) -> None:
    data = two_claims(kind)
    whole = {(fault.id, fault.segment) for fault in situations(data)}
    assert "SNIP4-CLAIM-DUPLICATE" in {name for name, _ in whole}
    assert streamed(root_of(data)) == whole


def test_the_same_payment_twice_but_not_its_reversal() -> None:
    lines = SOUND["835"].split("\n")
    at = next(index for index, line in enumerate(lines) if line.startswith("CLP*CLAIM-2"))
    again = lines[:-1] + lines[at:-1] + lines[-1:]
    assert {fault.id for fault in situations(envelope("835", again))} == {"SNIP4-PAYMENT-DUPLICATE"}
    other = [*lines[:-1], "CLP*CLAIM-2*22*-100*-80**12*PAYERCLAIM2*11*1", *lines[at + 1 : -1], lines[-1]]
    assert situations(envelope("835", other)) == []


def test_a_271_that_refuses_a_level_may_promise_another() -> None:
    lines = [
        "BHT*0022*11*10001234*20260803*1319",
        "HL*1**20*1",
        "NM1*PR*2*FIRST PAYER*****PI*PAYER01",
        "HL*2*1*21*1",
        "NM1*1P*2*HILLSIDE CLINIC*****XX*1234567893",
        "AAA*N**51*C",
    ]
    assert situations(envelope("271", lines)) == []
    assert {fault.id for fault in situations(envelope("271", lines[:-1]))} == {"SNIP4-HL-CHILD"}


# --- claim numbers


def test_numbers_are_seen_once() -> None:
    numbers = ClaimNumbers()
    assert not numbers.seen("A") and numbers.seen("A") and not numbers.seen("B")
    assert len(numbers) == 2


def test_many_numbers_stay_exact_and_small() -> None:
    numbers = ClaimNumbers()
    count = 120_000
    assert not any(numbers.seen(f"CLAIM{number}") for number in range(count))
    assert all(numbers.seen(f"CLAIM{number}") for number in range(0, count, 7))
    assert len(numbers) == count
    held = sum(table.buffer_info()[1] * table.itemsize for table in numbers._tables)
    assert held < count * 24  # two million come to 34 MB


def test_memory_of_numbers_ends_somewhere() -> None:
    numbers = ClaimNumbers(most=30_000)
    for number in range(50_000):
        numbers.seen(str(number))
    assert len(numbers) == 30_000 and numbers.seen("1") and not numbers.seen("49999") and not numbers.seen("49999")


# --- junk

JUNK = ("", "*", ":", "\xb2", "-", "99999999", "20260230", "A" * 60, ":::::", "^^", "-0.00", "1:2:3:4:5:6:7:8:9")


@pytest.mark.parametrize("kind", SOUND)
def test_junk_never_raises(kind: str) -> None:
    chance = random.Random(7)
    for _ in range(300):
        lines = SOUND[kind].split("\n")
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(lines))
            elements = lines[at].split("*")
            where = chance.randrange(1, len(elements) + 1)
            elements[where:where] = [chance.choice(JUNK)] if chance.random() < 0.3 else []
            if where < len(elements):
                elements[where] = chance.choice(JUNK)
            lines[at] = "*".join(elements)
            if chance.random() < 0.2:
                del lines[chance.randrange(len(lines))]
            if chance.random() < 0.1:
                lines.insert(
                    chance.randrange(len(lines)), chance.choice(("HL", "SV1", "CAS", "HI", "DTP", "LX", "SVD"))
                )
        situations(envelope(kind.split()[0], lines))


def test_the_duplicate_is_told_at_the_second(kind: str = "837P") -> None:
    data = two_claims(kind)
    first, second = (at.start() for at in re.finditer(b"CLM[*]", data))
    found = [fault for fault in situations(data) if fault.id == "SNIP4-CLAIM-DUPLICATE"]
    assert [fault.byte for fault in found] == [second] and first < second
    assert changed(kind) != data
