"""A run of demo size with the shipped plan: everything balances, carries forward and is conserved."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from claimwright.sandbox.day import advance
from claimwright.sandbox.plan import Payer, load_plan
from claimwright.sandbox.records import Biller, Cut, Line, LineResult, Person, Result
from claimwright.sandbox.remittance import Offset, Payment, Settlement, Unbalanced, check_balance
from claimwright.x12 import Transaction, read
from tests.lib.pyx12_oracle import check
from tests.unit.sandbox.made import Paid, Sent, Svc, file_of, medicare_id, outbound, remittances, statuses, upload

START = date(2026, 8, 3)
CODES = ("99213", "99214", "99203", "93000", "80053", "87880", "71046")
D = Decimal


def practice_weeks() -> list[list[Sent]]:
    """Eight weeks of 90 claims: a third to each payer, every second Medicare patient with a supplement."""
    weeks, number = [], 0
    for week in range(8):
        claims = []
        for at in range(90):
            number += 1
            payer = ("MEDB1", "COMM1", "MCAID")[number % 3]
            member = medicare_id(number) if payer == "MEDB1" else f"W{200000 + number}"
            day = START + timedelta(days=7 * week + at % 5)
            lines = (Svc(CODES[number % 7], "180", day=day), Svc(CODES[(number + 3) % 7], "95", day=day))
            supplement = "SUPP1" if payer == "MEDB1" and number % 2 else ""
            claims.append(Sent(number=f"K{number:05d}", payer=payer, member=member, lines=lines, next_payer=supplement))
        weeks.append(claims)
    return weeks


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice's weeks sent each Friday, and days enough for every carried balance to come back."""
    root = tmp_path_factory.mktemp("sandbox")
    weeks = practice_weeks()
    for ahead in range(110):
        day = START + timedelta(days=ahead)
        if day.weekday() == 4 and ahead // 7 < len(weeks):
            claims = weeks[ahead // 7]
            for part in range(0, len(claims), 30):
                control = 100 * (ahead // 7) + part + 1
                upload(root, f"{control:05d}.edi", file_of(claims[part : part + 30], control, day))
        advance(root, day)
    return root


def transactions(root: Path) -> list[tuple[str, Transaction]]:
    return [(path.name, t) for path in outbound(root, "835_") for t in read(path.read_bytes()).transactions()]


def taken_back(paid: Paid) -> bool:
    """A payment of its own that only takes a claim back: nothing is paid and the whole is carried forward."""
    return [c.status for c in paid.claims] == ["22", "1"] and [code for code, _, _ in paid.offsets] == ["FB"]


def amounts(segment: object, first: int) -> Decimal:
    return sum((D(segment[at]) for at in range(first, len(segment) + 1, 3)), D(0))  # type: ignore[index, arg-type]


def test_every_remittance_balances_at_three_levels(ran: Path) -> None:
    """Recomputed from the segments alone, for every CLP and SVC, reversals included."""
    seen = 0
    for name, transaction in transactions(ran):
        claims: list[dict[str, Decimal]] = []
        offsets = paid = D(0)
        line: dict[str, Decimal] = {}
        for segment in transaction.segments:
            if segment.id == "BPR":
                paid = D(segment[2])
            elif segment.id == "CLP":
                zero = {"svc": D(0), "svc_paid": D(0), "cas": D(0)}
                claims.append({"charge": D(segment[3]), "paid": D(segment[4]), **zero})
                line = {}
            elif segment.id == "SVC":
                assert not line or line["charge"] - line["cas"] == line["paid"], name
                line = {"charge": D(segment[2]), "paid": D(segment[3]), "cas": D(0)}
                claims[-1]["svc"] += line["charge"]
                claims[-1]["svc_paid"] += line["paid"]
            elif segment.id == "CAS":
                assert all(D(segment[at]) != 0 for at in range(3, len(segment) + 1, 3))
                line["cas"] += amounts(segment, 3)
                claims[-1]["cas"] += amounts(segment, 3)
            elif segment.id == "PLB":
                offsets += sum((D(segment[at]) for at in range(4, len(segment) + 1, 2)), D(0))
        for claim in claims:
            assert claim["charge"] - claim["cas"] == claim["paid"], name
            assert (claim["svc"], claim["svc_paid"]) == (claim["charge"], claim["paid"]), name
            seen += 1
        assert sum((claim["paid"] for claim in claims), D(0)) - offsets == paid >= 0, name
    assert seen > 700


def test_forwarding_balances_come_in_chains_and_nothing_is_lost(ran: Path) -> None:
    opened: dict[tuple[str, str], Decimal] = {}
    closed: dict[tuple[str, str], Decimal] = {}
    for paid in remittances(ran):
        for code, reference, amount in paid.offsets:
            if code == "FB" and amount < 0:
                assert paid.amount == 0 and paid.method == "NON"
                assert (paid.payer, reference) not in opened
                opened[paid.payer, reference] = -amount
            elif code == "FB":
                assert (paid.payer, reference) in opened, "a balance came back before it was carried"
                closed[paid.payer, reference] = amount
    assert len(opened) >= 2
    assert closed == opened  # every one came back, whole, under its own reference


def test_a_taken_back_claim_is_reversed_exactly_and_then_denied(ran: Path) -> None:
    alone = [p for p in remittances(ran) if taken_back(p)]
    assert len(alone) >= 2
    earlier = {
        (claim.payer, claim.icn): claim for paid in remittances(ran) for claim in paid.claims if claim.status != "22"
    }
    for paid in alone:
        reversal, correction = paid.claims
        original = earlier[reversal.payer, reversal.icn]
        assert (reversal.charge, reversal.paid) == (-original.charge, -original.paid)
        assert sorted(reversal.cuts) == sorted((g, r, -a) for g, r, a in original.cuts)
        assert correction.number == reversal.number and correction.original == reversal.icn
        assert correction.paid == 0 and {cut[1] for cut in correction.cuts} == {"27"}


def test_a_withheld_overpayment_is_recovered_later(ran: Path) -> None:
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for paid in remittances(ran):
        for code, reference, amount in paid.offsets:
            if code == "WO":
                sums[paid.payer, reference].append(amount)
    pairs = [rows for rows in sums.values() if len(rows) == 2]
    assert pairs and all(rows[0] < 0 and sum(rows) == 0 for rows in pairs)
    assert [rows for rows in sums.values() if len(rows) == 1] == [[D("12.40")]]  # the claim nobody has


def test_each_manner_of_the_plan_shows(ran: Path) -> None:
    paid = remittances(ran)
    claims = [claim for p in paid for claim in p.claims]
    status = Counter(claim.status for claim in claims)
    assert status["19"] >= 25 and status["2"] == status["19"] and status["22"] >= 4
    reasons = {cut[:2] for claim in claims for cut in claim.cuts}
    wanted = {("CO", "16"), ("CO", "22"), ("PR", "27"), ("CO", "50"), ("CO", "197"), ("CO", "288"), ("CO", "253")}
    assert wanted | {("CO", "45"), ("PR", "1"), ("PR", "2"), ("PR", "3"), ("OA", "23")} <= reasons
    codes = Counter(code for p in paid for code, _, _ in p.offsets)
    assert codes["L6"] >= 1 and codes["FC"] == 1
    assert sum(claim.number.startswith("ELSE") for claim in claims) == 1
    assert any(c.paid == 0 and {r for _, r, _ in c.cuts} <= {"45", "1"} for c in claims)  # all to the deductible
    told = Counter(action for _, action, _ in statuses(ran).values())
    assert told["U"] >= 3 and told["WQ"] > 600
    assert list(outbound(ran, "277CA_CWSANDBOX_COPY")) or list(outbound(ran, "277CA_MEDB1_COPY"))
    copies = outbound(ran, "835_")
    digests = Counter(path.read_bytes() for path in copies)
    assert set(digests.values()) == {1, 2}  # some file came twice, under another name
    assert all(digests[path.read_bytes()] == 2 for path in copies if "_COPY_" in path.name)


def test_crossed_over_claims_are_paid_what_medicare_left(ran: Path) -> None:
    claims = [claim for paid in remittances(ran) for claim in paid.claims]
    left = {claim.number: claim for claim in claims if claim.status == "19"}
    for claim in claims:
        if claim.status == "2":
            assert claim.payer == "SUPP1" and claim.paid == left[claim.number].responsibility
            assert sum(a for _, r, a in claim.cuts if r == "23") == claim.charge - left[claim.number].responsibility


def test_payment_numbers_are_unique_and_payers_keep_their_days(ran: Path) -> None:
    paid = remittances(ran)
    assert len({(p.payer, p.trace) for p in paid}) == len(paid)
    plan = load_plan()
    for p in paid:
        when = date.fromisoformat(
            f"{p.trace[len(p.payer) :][:4]}-{p.trace[len(p.payer) :][4:6]}-{p.trace[len(p.payer) :][6:8]}"
        )
        payer = plan.payer(p.payer)
        assert payer and (taken_back(p) or when.weekday() in payer.payment_weekdays)


def test_an_independent_validator_accepts_what_is_sent(ran: Path) -> None:
    """All acknowledgements of two weeks and one remittance in three; pyx12 refuses a second PLB, which the guide repeats."""
    files = [*outbound(ran, "999")[:6], *outbound(ran, "277CA")[:12], *outbound(ran, "835_")[::3]]
    assert len(files) > 20
    for path in files:
        faults = [fault for fault in check(path.read_bytes()) if "Loop FOOTER exceeded" not in fault]
        assert faults == [], path.name


def test_an_unbalanced_remittance_is_never_written() -> None:
    payer = load_plan().payers[0]
    good = LineResult(line=Line(charge=D("100")), paid=D("60"), cuts=(Cut("CO", "45", D("40")),))
    check_balance(payment(payer, good))
    for bad in (
        LineResult(line=Line(charge=D("100")), paid=D("60.01"), cuts=(Cut("CO", "45", D("40")),)),
        LineResult(line=Line(charge=D("100")), paid=D("100"), cuts=(Cut("CO", "45", D("0")),)),
    ):
        with pytest.raises(Unbalanced):
            check_balance(payment(payer, bad))
    with pytest.raises(Unbalanced):
        check_balance(payment(payer, good, Offset("WO", "X", D("60.01"))))


def payment(payer: Payer, row: LineResult, *offsets: Offset) -> Payment:
    settlement = Settlement(
        control_number="A",
        result=Result(status="1", lines=(row,)),
        icn="I",
        patient=Person(),
        member_id="",
        subscriber=Person(),
    )
    return Payment(
        payer=payer, payee=Biller(npi="1"), trace="T", paid_on=START, settlements=(settlement,), offsets=offsets
    )
