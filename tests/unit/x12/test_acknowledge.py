"""TA1 and 999: valid for pyx12 and for our own check, with the right verdicts, places and counts."""

from __future__ import annotations

from datetime import datetime

import pytest

from claimwright.x12 import Envelope, read
from claimwright.x12.acknowledge import functional_acknowledgement, ta1
from claimwright.x12.check import check
from tests.lib.pyx12_oracle import check as oracle
from tests.lib.x12_samples import CLEAN
from tests.unit.x12.test_check import PLANTED, spoiled

BACK = Envelope(sender_id="RECEIVER", receiver_id="SENDER")
WHEN = datetime(2026, 8, 4, 9, 5)


def answer(data: bytes, with_ta1: bool = False) -> bytes:
    document = read(data)
    return functional_acknowledgement(
        document, check(document), envelope=BACK, control_number=77, when=WHEN, with_ta1=with_ta1
    )


def lines(data: bytes) -> list[str]:
    return [segment.text().rstrip("~") for segment in next(read(data).transactions()).segments]


@pytest.mark.parametrize("kind", ["837P", "835", "277CA"])
def test_a_clean_file_is_accepted(kind: str) -> None:
    data = answer(CLEAN[kind])
    assert oracle(data) == [] and check(data) == []
    assert [line for line in lines(data) if line.startswith(("IK5", "AK9"))] == ["IK5*A", "AK9*A*1*1*1"]


def test_a_bad_element_is_named_by_place_code_and_copy() -> None:
    data = answer(spoiled("837P", "HC:99213*100*UN => HC:99213*1E2*UN")[0])
    assert lines(data)[3:8] == ["IK3*SV1*29*2400*8", "CTX*CLM01:CLAIM-1", "IK4*2**6*1E2", "IK5*R*5", "AK9*R*1*1*0"]


LEVELS_1_AND_2 = [row for row in PLANTED if row[0] in ("837P", "835") and row[2].startswith(("SNIP1", "SNIP2"))]


@pytest.mark.parametrize("row", LEVELS_1_AND_2[::4], ids=lambda row: row[1])
def test_every_answer_to_a_spoiled_file_is_itself_valid(row: tuple[str, str, str, str, str, int]) -> None:
    data = answer(spoiled(row[0], row[1])[0])
    assert oracle(data) == []
    assert check(data) == []
    found = lines(data)
    assert "IK5*R*5" in found
    assert any(line.startswith("IK3*") and line.endswith("*" + row[3]) for line in found)


def test_balancing_faults_are_not_the_999s_business() -> None:
    assert "IK5*A" in lines(answer(spoiled("837P", "CLM*CLAIM-1*150 => CLM*CLAIM-1*263")[0]))


def test_a_group_accepted_in_part() -> None:
    bad = spoiled("837P", "SBR*S*18 => SBR*Z*18")[0].decode()
    good = CLEAN["837P"].decode()
    second = good[good.index("ST*") : good.index("GE*")].replace("*0001", "*0002", 1).replace("*0001~\n", "*0002~\n")
    data = answer((bad[: bad.index("GE*")] + second + "GE*2*1~\nIEA*1*000000101~\n").encode())
    assert lines(data)[-2] == "AK9*P*2*2*1"
    assert oracle(data) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SE*42*0001", "SE*42*0009", "IK5*R*3"),
        ("SE*42*0001", "SE*7*0001", "IK5*R*4"),
        ("005010X222A1", "004010X098A1", "IK5*R*I6"),
    ],
)
def test_envelope_faults_of_the_transaction(old: str, new: str, expected: str) -> None:
    text = CLEAN["837P"].decode()
    assert old in text
    assert expected in lines(answer(text.replace(old, new).encode()))


def test_group_faults() -> None:
    assert lines(answer(CLEAN["837P"].replace(b"GE*1*1", b"GE*5*1")))[-2] == "AK9*R*5*1*0*5"


@pytest.mark.parametrize(
    ("old", "new", "code", "note"),
    [
        (b"", b"", "A", "000"),
        (b"IEA*1*000000101", b"IEA*1*000000109", "R", "001"),
        (b"*0*T*:", b"*0*X*:", "E", "020"),
        (b"IEA*1*000000101~", b"", "R", "023"),
    ],
)
def test_ta1(old: bytes, new: bytes, code: str, note: str) -> None:
    document = read(CLEAN["837P"].replace(old, new) if old else CLEAN["837P"])
    assert ta1(document.interchanges[0], check(document)) == ("000000101", "260803", "0905", code, note)


def test_ta1_stands_right_after_the_isa() -> None:
    data = answer(CLEAN["837P"], with_ta1=True)
    assert [segment.id for segment in read(data).segments[:3]] == ["ISA", "TA1", "GS"]
    assert check(data) == []


def test_a_999_is_not_answered_with_a_999() -> None:
    document = read(answer(CLEAN["999"]))
    assert not list(document.transactions()) and len(document.interchanges[0].ta1s) == 1


def test_a_bad_value_cannot_break_the_answer() -> None:
    data = answer(CLEAN["837P"].replace(b"11:B:1*Y*A", b"11:B:1*Y*^>\x07"))
    assert check(data) == [] and oracle(data) == []
