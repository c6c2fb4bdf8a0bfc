"""TA1, 999 and 277CA: who is refused where, and in files an independent validator accepts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from claimwright.sandbox.day import advance
from claimwright.sandbox.front_end import npi_is_valid
from claimwright.sandbox.plan import Every, Plan, load_plan
from claimwright.x12 import read
from tests.lib.pyx12_oracle import check
from tests.unit.sandbox.made import Sent, Svc, file_of, medicare_id, outbound, statuses, upload

DAY = date(2026, 8, 10)


def after(root: Path, days: int, plan: Plan | None = None, start: date = DAY) -> None:
    for ahead in range(days + 1):
        advance(root, start + timedelta(days=ahead), plan or load_plan("clean"))


def ta1s(root: Path) -> list[tuple[str, str, str]]:
    return [
        (segment[1], segment[4], segment[5])
        for path in outbound(root, "TA1")
        for interchange in read(path.read_bytes()).interchanges
        for segment in interchange.ta1s
    ]


def segments(path: Path, name: str) -> list[list[str]]:
    return [segment.elements for segment in read(path.read_bytes()).segments if segment.id == name]


def test_a_good_claim_is_acknowledged_at_every_level_in_turn(tmp_path: Path) -> None:
    data = file_of([Sent(number="A1")], 1)
    assert check(data) == []
    upload(tmp_path, "one.edi", data)
    advance(tmp_path, DAY, load_plan("clean"))
    assert outbound(tmp_path) == []  # nothing comes on the day itself
    advance(tmp_path, DAY + timedelta(days=1), load_plan("clean"))
    names = [path.name for path in outbound(tmp_path)]
    assert names == ["277CA_CWSANDBOX_20260811_0001.edi", "999_20260811_0001.edi", "TA1_20260811_0001.edi"]
    assert ta1s(tmp_path) == [("000000001", "A", "000")]
    assert segments(outbound(tmp_path, "999")[0], "AK9") == [["AK9", "A", "1", "1", "1"]]
    assert statuses(tmp_path)["A1"] == ("A1:19:PR", "WQ", "")
    advance(tmp_path, DAY + timedelta(days=2), load_plan("clean"))
    status, action, icn = statuses(tmp_path, "277CA_COMM1")["A1"]
    assert (status, action) == ("A2:20", "WQ") and icn.startswith("COMM1")
    for path in [*outbound(tmp_path, "277CA"), *outbound(tmp_path, "999")]:
        assert check(path.read_bytes()) == [], path.name


def test_an_interchange_number_used_twice_is_refused_whole(tmp_path: Path) -> None:
    upload(tmp_path, "one.edi", file_of([Sent(number="A1")], 7))
    after(tmp_path, 0)
    upload(tmp_path, "two.edi", file_of([Sent(number="A2", member="W900800700")], 7))
    after(tmp_path, 3)
    assert ta1s(tmp_path) == [("000000007", "A", "000"), ("000000007", "R", "025")]
    assert len(outbound(tmp_path, "999")) == 1
    assert set(statuses(tmp_path)) == {"A1"}


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [(b"IEA*1*000000001", b"IEA*1*000000002", "001"), (b"IEA*1*", b"IEA*2*", "021"), (b"IEA*1*000000001~", b"", "023")],
)
def test_a_broken_envelope_is_refused_by_its_ta1_note(tmp_path: Path, old: bytes, new: bytes, note: str) -> None:
    upload(tmp_path, "one.edi", file_of([Sent(number="A1")], 1).replace(old, new))
    after(tmp_path, 1)
    assert ta1s(tmp_path) == [("000000001", "R", note)]
    assert outbound(tmp_path, "999") == []


@pytest.mark.parametrize(
    ("old", "new", "segment", "code"),
    [
        (b"DMG*D8*19600102*F~", b"DMG*D8*19601502*F~", "DMG", "8"),
        (b"NM1*41*2*ACME", b"NM1*41*7*ACME", "NM1", "8"),
        (b"~SE*", b"~SE*1", "SE", "8"),
        (b"HI*ABK:J069~", b"ZZZ*1~", "ZZZ", ""),
    ],
)
def test_a_syntax_fault_refuses_the_transaction_with_its_place(
    tmp_path: Path, old: bytes, new: bytes, segment: str, code: str
) -> None:
    data = file_of([Sent(number="A1")], 1)
    assert old in data
    upload(tmp_path, "one.edi", data.replace(old, new))
    after(tmp_path, 1)
    (path,) = outbound(tmp_path, "999")
    assert segments(path, "IK5") == [["IK5", "R", "5"]]
    assert segments(path, "AK9") == [["AK9", "R", "1", "1", "0"]]
    named = [row for row in segments(path, "IK3") if row[1] == segment]
    assert named and (not code or named[0][-1] == code)
    assert check(path.read_bytes()) == []
    assert statuses(tmp_path) == {}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (Sent(number="A1", member="BAD ID"), "A7:164:IL"),
        (Sent(number="A1", payer="MEDB1", member="W100200300"), "A7:164:IL"),
        (Sent(number="A1", total="151"), "A8:178"),
        (Sent(number="A1", lines=(Svc(day=date(2026, 8, 11)),)), "A7:187"),
        (
            Sent(
                number="A1",
                sequence="S",
                prior_payer="MCAID",
                lines=(Svc(prior=("80", (("CO", "45", "40"), ("PR", "2", "29")))),),
            ),
            "A8:286",
        ),
    ],
)
def test_the_clearinghouse_refuses_by_category_and_code(tmp_path: Path, sent: Sent, status: str) -> None:
    upload(tmp_path, "one.edi", file_of([sent, Sent(number="GOOD", member="W555666777")], 1))
    after(tmp_path, 3)
    told = statuses(tmp_path, "277CA_CWSANDBOX")
    assert told["A1"] == (status, "U", "")
    assert told["GOOD"][1] == "WQ"
    assert set(statuses(tmp_path, "277CA_COMM1")) == {"GOOD"}  # refused claims never reach the payer
    assert all(check(path.read_bytes()) == [] for path in outbound(tmp_path, "277CA"))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (Sent(number="B1", frequency="7"), "A6:464"),
        (Sent(number="B1", frequency="7", original="NOSUCHNUMBER"), "A7:464"),
        (Sent(number="B1", frequency="7", original="X", payer="MEDB1", member=medicare_id(1)), "A7:535"),
    ],
)
def test_the_payer_refuses_a_replacement_it_cannot_place(tmp_path: Path, sent: Sent, status: str) -> None:
    upload(tmp_path, "one.edi", file_of([sent], 1))
    after(tmp_path, 2)
    assert statuses(tmp_path, f"277CA_{sent.payer}")["B1"] == (status, "U", "")


def test_a_late_and_a_repeated_acknowledgement_come_as_planned(tmp_path: Path) -> None:
    plan = load_plan("clean")
    middle = msgspec.structs.replace(
        plan.clearinghouse, late_share="1", late_days=5, duplicate_acknowledgement=Every(offset=1)
    )
    plan = msgspec.convert(msgspec.to_builtins(msgspec.structs.replace(plan, clearinghouse=middle)), type=Plan)
    upload(tmp_path, "one.edi", file_of([Sent(number="A1")], 1))
    after(tmp_path, 8, plan)
    by_clearinghouse = outbound(tmp_path, "277CA_CWSANDBOX")
    assert [path.name for path in by_clearinghouse] == [
        "277CA_CWSANDBOX_20260816_0001.edi",
        "277CA_CWSANDBOX_COPY_20260817_0001.edi",
    ]
    assert by_clearinghouse[0].read_bytes() == by_clearinghouse[1].read_bytes()


def test_planned_refusals_of_a_whole_file_and_of_a_transaction(tmp_path: Path) -> None:
    plan = load_plan("clean")
    middle = msgspec.structs.replace(
        plan.clearinghouse, refuse_interchange=Every(offset=1), refuse_transaction=Every(offset=1)
    )
    plan = msgspec.structs.replace(plan, clearinghouse=middle)
    for number in (1, 2, 3):
        upload(tmp_path, f"{number}.edi", file_of([Sent(number=f"A{number}", member=f"W00000000{number}")], number))
    after(tmp_path, 2, plan)
    assert [row[1:] for row in ta1s(tmp_path)] == [("R", "024"), ("A", "000"), ("A", "000")]
    verdicts = [segments(path, "IK5")[0][1] for path in outbound(tmp_path, "999")]
    assert verdicts == ["R", "A"]
    assert set(statuses(tmp_path)) == {"A3"}
    assert all(check(path.read_bytes()) == [] for path in outbound(tmp_path, "999"))


def test_npi_check_digit() -> None:
    assert npi_is_valid("1234567893") and npi_is_valid("1000000004")
    assert not npi_is_valid("1234567890") and not npi_is_valid("3234567893") and not npi_is_valid("123456789")
