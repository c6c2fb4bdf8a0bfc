"""Days: the same inputs give the same bytes, a killed day changes nothing, odd files stop nothing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimwright.sandbox import day as days
from claimwright.sandbox.behaviour import chain_of, nth, pick
from claimwright.sandbox.books import load_books
from claimwright.sandbox.day import DayError, advance
from claimwright.sandbox.plan import DEFAULT_PLAN, Plan, PlanError, Rate, clean, load_members, load_plan
from claimwright.sandbox.submitted import read_claims
from claimwright.x12 import read
from tests.unit.sandbox.made import Sent, Svc, file_of, medicare_id, outbound, remittances, statuses, upload
from tests.unit.sandbox.test_front_end import DAY, after

INTAKE = Path(__file__).parents[3] / "demo" / "intake" / "837p"


def some_claims(first: int = 0) -> list[Sent]:
    return [
        Sent(
            number=f"N{number:04d}",
            payer=("MEDB1", "COMM1", "MCAID")[number % 3],
            member=medicare_id(number) if number % 3 == 0 else f"W{500000 + number}",
            lines=(Svc("99213", "160"), Svc("80053", "70")),
            next_payer="SUPP1" if number % 3 == 0 else "",
        )
        for number in range(first, first + 40)
    ]


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in outbound(root)}


def sent(root: Path) -> Path:
    for control in (1, 2, 3, 4):
        upload(root, f"f{control}.edi", file_of(some_claims(40 * control), control))
    return root


def test_the_same_inputs_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = sent(tmp_path / "one"), sent(tmp_path / "two")
    for ahead in range(40):
        for root in (one, two):
            advance(root, DAY + timedelta(days=ahead))
    assert contents(one) == contents(two) and len(contents(one)) > 20


def test_another_seed_gives_another_history(tmp_path: Path) -> None:
    one, two = sent(tmp_path / "one"), sent(tmp_path / "two")
    other = msgspec.structs.replace(load_plan(), seed=7)
    for ahead in range(40):
        advance(one, DAY + timedelta(days=ahead))
        advance(two, DAY + timedelta(days=ahead), other)
    assert contents(one) != contents(two)


def test_days_left_out_are_made_up_to_the_same_bytes(tmp_path: Path) -> None:
    daily, late = sent(tmp_path / "daily"), sent(tmp_path / "late")
    for ahead in range(41):
        advance(daily, DAY + timedelta(days=ahead))
    advance(late, DAY)
    advance(late, DAY + timedelta(days=40))
    assert contents(daily) == contents(late)


@pytest.mark.parametrize("broken", ["save_books", "_release", "_move_away"])
def test_a_killed_day_is_run_again_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    whole, killed = sent(tmp_path / "whole"), sent(tmp_path / "killed")
    for ahead in range(30):
        advance(whole, DAY + timedelta(days=ahead))
    calls = 0

    def kill(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt

    for ahead in range(30):
        if ahead in (0, 1, 2, 16, 23):
            with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
                patch.setattr(days, broken, kill)
                advance(killed, DAY + timedelta(days=ahead))
        advance(killed, DAY + timedelta(days=ahead))
    assert calls == 5
    assert contents(whole) == contents(killed)


def test_a_kill_after_saving_does_not_read_a_file_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = sent(tmp_path)
    original = days._move_away
    seen = []

    def second_dies(*arguments: object) -> None:
        seen.append(1)
        if len(seen) == 2:
            raise KeyboardInterrupt
        original(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(days, "_move_away", second_dies)
        advance(root, DAY)
    assert len(list((root / "sftp" / "inbound").iterdir())) == 4
    report = advance(root, DAY)
    assert (report.files_received, report.interchanges_rejected) == (0, 0)
    assert list((root / "sftp" / "inbound").iterdir()) == [] and len(list((root / "received").iterdir())) == 4


def test_time_runs_forward_only(tmp_path: Path) -> None:
    advance(tmp_path, DAY)
    assert advance(tmp_path, DAY).files_received == 0
    with pytest.raises(DayError):
        advance(tmp_path, DAY - timedelta(days=1))


def test_a_second_upload_of_the_day_gets_its_own_answers(tmp_path: Path) -> None:
    upload(tmp_path, "one.edi", file_of([Sent(number="A1")], 1))
    assert advance(tmp_path, DAY, load_plan("clean")).claims_received == 1
    upload(tmp_path, "two.edi", file_of([Sent(number="A2", member="W333444")], 2))
    assert advance(tmp_path, DAY, load_plan("clean")).claims_received == 1
    after(tmp_path, 2)
    assert set(statuses(tmp_path)) == {"A1", "A2"}
    assert len({path.name for path in outbound(tmp_path, "TA1")}) == 2


def test_files_still_arriving_and_junk_stop_nothing(tmp_path: Path) -> None:
    good = file_of([Sent(number="A1")], 1)
    for name in ("half.edi.part", ".hidden.edi", "half.tmp"):
        upload(tmp_path, name, good)
    for at, junk in enumerate((b"", b"\x00\xff" * 40, b"<html>no</html>", good[:90], b"ISA*00*", good[:400])):
        upload(tmp_path, f"junk{at}.edi", junk)
    upload(tmp_path, "zz.edi", good.replace(b"000000001", b"000000009"))
    report = advance(tmp_path, DAY, load_plan("clean"))
    assert report.claims_received == 1 and report.files_received == 7 and report.files_unreadable == 5
    kept = {path.name for path in (tmp_path / "sftp" / "inbound").iterdir()}
    assert kept == {"half.edi.part", ".hidden.edi", "half.tmp"}
    assert len(list((tmp_path / "received").iterdir())) == 7


def test_files_of_other_systems_are_read_and_paid(tmp_path: Path) -> None:
    """The 837Ps other systems export: each claim of an accepted transaction is answered, and what is paid balances."""
    plan = lenient()
    count = 0
    for number, path in enumerate(sorted(INTAKE.rglob("*")), 1):
        if path.is_file():
            upload(tmp_path, f"{number:03d}.edi", path.read_bytes())
            count += 1
    reports = [advance(tmp_path, DAY + timedelta(days=ahead), plan) for ahead in range(30)]
    assert reports[0].files_received == count > 50
    received = reports[0].claims_received
    assert received > 5
    answered = reports[0].clearinghouse_accepted + reports[0].clearinghouse_rejected
    assert answered == received
    forwarded = reports[1].payer_accepted + reports[1].payer_rejected
    assert forwarded == reports[0].clearinghouse_accepted
    assert sum(report.claims_decided for report in reports) >= reports[1].payer_accepted - 1
    assert remittances(tmp_path)


def lenient() -> Plan:
    plan = load_plan("clean")
    payers = tuple(msgspec.structs.replace(p, member_id_pattern=".*", timely_filing_days=99_999) for p in plan.payers)
    middle = msgspec.structs.replace(plan.clearinghouse, unknown_payer="by_filing_indicator")
    return msgspec.structs.replace(plan, payers=payers, clearinghouse=middle)


def test_the_walk_reads_what_was_written() -> None:
    line = Svc("99214", "200.5", ("25", "GT"), prior=("101.92", (("CO", "45", "72.58"), ("PR", "2", "26"))))
    sent_claim = Sent(
        number="A1-2", frequency="7", original="ICN9", sequence="S", prior_payer="MEDB1", lines=(line, Svc("80053", "10")),
        authorization="AU1", referral="RF1",
    )  # fmt: skip
    (transaction,) = read(file_of([sent_claim], 5)).transactions()
    (claim,) = read_claims(transaction)
    assert (claim.control_number, claim.frequency, claim.original_reference, claim.sequence) == (
        "A1-2",
        "7",
        "ICN9",
        "S",
    )
    assert (claim.authorization, claim.referral, claim.batch, claim.sender) == ("AU1", "RF1", "BATCH5", "ACMEBILLING")
    assert (claim.biller.npi, claim.biller.tax_id, claim.rendering.member_id) == (
        "1000000004",
        "900000099",
        "1234567893",
    )
    assert [str(row.charge) for row in claim.lines] == ["200.50", "10.00"]
    assert claim.lines[0].modifiers == ("25", "GT") and claim.lines[0].control_number == "A1-2L1"
    (prior,) = claim.lines[0].priors
    assert (str(prior.paid), [(c.group, c.reason, str(c.amount)) for c in prior.cuts]) == (
        "101.92", [("CO", "45", "72.58"), ("PR", "2", "26.00")],
    )  # fmt: skip
    assert claim.priors[0].paid == prior.paid and claim.priors[0].member_id.startswith("SUP")


def test_chance_is_seeded_and_shares_add_up() -> None:
    rates = (Rate("a", Decimal("0.3")), Rate("b", Decimal("0.2")))
    drawn = [pick(rates, 1, number) for number in range(3000)]
    assert drawn == [pick(rates, 1, number) for number in range(3000)]
    assert 0.27 < drawn.count("a") / 3000 < 0.33 and 0.17 < drawn.count("b") / 3000 < 0.23
    assert [number for number in range(1, 30) if nth(number, 10, 3)] == [3, 13, 23]
    assert [number for number in range(1, 30) if nth(number, 0, 3)] == [3]
    assert not any(nth(number, 5, 0) for number in range(1, 30))
    suffix = load_plan().version_suffix
    assert {chain_of(text, suffix) for text in ("C12", "C12-2", "C12V3", "C12.10")} == {"C12"}


def test_plans_and_member_files_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    raw = msgspec.json.decode(DEFAULT_PLAN.read_bytes())
    path.write_bytes(msgspec.json.encode({**raw, "speed": 3}))
    with pytest.raises(PlanError, match="speed"):
        load_plan(path)
    path.write_bytes(msgspec.json.encode({**raw, "payers": [raw["payers"][0], raw["payers"][0]]}))
    with pytest.raises(PlanError, match="twice"):
        load_plan(path)
    (tmp_path / "members.csv").write_text("member_id,payer,end\nW1,COMM1,2026-08-01\nW2,COMM1,\n")
    members = load_members(tmp_path / "members.csv")
    assert members["COMM1", "W1"].end == date(2026, 8, 1) and members["COMM1", "W2"].end is None
    assert load_members(tmp_path / "none.json") == {}
    assert all(not payer.denials for payer in clean(load_plan()).payers)


def test_the_books_keep_what_was_decided(tmp_path: Path) -> None:
    upload(tmp_path, "one.edi", file_of([Sent(number="A1")], 1))
    after(tmp_path, 15)
    (record,) = load_books(tmp_path).records
    assert (record.state, record.claim.control_number) == ("adjudicated", "A1")
    assert record.result is not None and record.result.paid == remittances(tmp_path)[0].amount
