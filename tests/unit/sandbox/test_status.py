"""The sandbox's 277s: each agrees with what the same payer's books say that day, read back by a walk of segments."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from claimwright.sandbox.day import advance
from claimwright.sandbox.plan import Every, Plan, StatusManners, Trigger, load_plan
from claimwright.x12 import Envelope, InterchangeBuilder, TransactionBuilder, read
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.unit.sandbox.made import DOS, SUBMITTER, Sent, file_of, remittances, upload

DAY = date(2026, 8, 10)
GUIDE = "005010X212"
CLAIM = Sent(number="A1", payer="COMM1")


def asking(*claims: Sent, control: int, day: date, payer: str = "", dependent: bool = False, **numbers: str) -> bytes:
    """`numbers`: EJ and K1 in place of the claim's own; "" leaves one out."""
    out = TransactionBuilder("276", "0001", GUIDE)
    out.add("BHT", "0010", "13", "BATCH1", day, "0800")
    out.add("HL", "1", "", "20", "1")
    out.add("NM1", "PR", "2", "PAYER", "", "", "", "", "PI", payer or claims[0].payer)
    out.add("HL", "2", "1", "21", "1")
    out.add("NM1", "41", "2", "ACME BILLING", "", "", "", "", "46", SUBMITTER)
    out.add("HL", "3", "2", "19", "1")
    out.add("NM1", "1P", "2", "CLINIC", "", "", "", "", "XX", "1000000004")
    level = 3
    for at, claim in enumerate(claims, 1):
        level += 1
        out.add("HL", str(level), "3", "22", "1" if dependent else "0")
        if not dependent:
            out.add("DMG", "D8", "19800517", "F")
        out.add("NM1", "IL", "1", "TESTER", "ANNA", "", "", "", "MI", claim.member)
        if dependent:
            level += 1
            out.add("HL", str(level), str(level - 1), "23")
            out.add("DMG", "D8", "20150517", "M")
            out.add("NM1", "QC", "1", "TESTER", "BEN")
        out.add("TRN", "1", f"T{at}")
        if numbers.get("K1"):
            out.add("REF", "1K", numbers["K1"])
        if numbers.get("EJ", claim.number):
            out.add("REF", "EJ", numbers.get("EJ", claim.number))
        out.add("AMT", "T3", claim.charge)
        out.add("DTP", "472", "D8", DOS)
    builder = InterchangeBuilder(
        Envelope(sender_id=SUBMITTER, receiver_id="CWSANDBOX"), control, datetime(day.year, day.month, day.day, 8)
    )
    builder.add_group("276", control, GUIDE, [out.build()])
    return builder.build()


class Payers:
    """A sandbox that runs day by day; what it answered last."""

    def __init__(self, root: Path, **manners: object) -> None:
        self.root, self.day, self.control = root, DAY, 100
        self.plan: Plan = msgspec.structs.replace(
            load_plan("clean"), status=StatusManners(**({"answer_days": 0} | manners))  # type: ignore[arg-type]
        )  # fmt: skip

    def send(self, *claims: Sent) -> None:
        upload(self.root, "claims.837", file_of(list(claims), 1))
        advance(self.root, self.day, self.plan)

    def on(self, days: int) -> None:
        self.day += timedelta(days=days)
        advance(self.root, self.day, self.plan)

    def ask(self, *claims: Sent, **options: object) -> list[list[str]]:
        """The segments of the 277, which the guide takes."""
        self.control += 1
        upload(self.root, f"q{self.control}.276", asking(*claims, control=self.control, day=self.day, **options))  # type: ignore[arg-type]
        report = advance(self.root, self.day, self.plan)
        assert (report.transactions_accepted, report.transactions_rejected) == (1, 0)
        assert report.status_inquiries_received == len(claims)
        path = max((self.root / "sftp" / "outbound").glob("277_*"), key=lambda one: one.name)
        assert [fault for fault in check(path.read_bytes()) if fault.severity is Severity.REJECT] == []
        return [
            [segment.id, *(segment[at] for at in range(1, len(segment) + 1))]
            for transaction in read(path.read_bytes()).transactions() for segment in transaction.segments
        ]  # fmt: skip


def told(segments: list[list[str]], name: str, *at: int) -> list[tuple[str, ...]]:
    return [tuple(row[one] if one < len(row) else "" for one in at) for row in segments if row[0] == name]


def test_a_claim_is_not_found_then_in_process_then_paid_by_the_check_of_its_835(tmp_path):
    payers = Payers(tmp_path)
    payers.send(CLAIM)
    assert told(payers.ask(CLAIM), "STC", 1) == [("D0:35",)], "the clearinghouse has it, the payer not yet"
    payers.on(2)
    segments = payers.ask(CLAIM)
    assert told(segments, "STC", 1, 4) == [("P1:20", "150")]
    assert told(segments, "TRN", 1, 2) == [("2", "T1")] and told(segments, "BHT", 3) == [("BATCH1",)]
    (icn,) = [value for kind, value in told(segments, "REF", 1, 2) if kind == "1K"]
    payers.on(20)
    (paid,) = remittances(tmp_path)
    (clp,) = paid.claims
    segments = payers.ask(CLAIM)
    ((status, charge, amount, decided, on, trace),) = told(segments, "STC", 1, 4, 5, 6, 8, 9)
    assert (status, Decimal(charge), Decimal(amount), trace) == ("F1:65", clp.charge, clp.paid, paid.trace[-16:])
    assert decided == on and clp.icn == icn
    # By the payer's own number alone, and by member, day and charge alone.
    assert told(payers.ask(CLAIM, EJ="", K1=icn), "STC", 9) == [(trace,)]
    assert told(payers.ask(CLAIM, EJ="X9", dependent=True), "STC", 9) == [(trace,)]


@pytest.mark.parametrize(
    ("options", "manners", "status"),
    [
        ({"payer": "NOSUCH"}, {}, "E4:0"),
        ({"EJ": "X9", "payer": "MEDB1"}, {}, "D0:35"),
        ({}, {"unavailable": Every(1, 1)}, "E1:0"),
        ({}, {"not_found_share": Decimal(1)}, "D0:35"),
    ],
)
def test_each_manner(tmp_path, options, manners, status):
    payers = Payers(tmp_path, **manners)
    payers.send(CLAIM)
    payers.on(2)
    assert told(payers.ask(CLAIM, **options), "STC", 1) == [(status,)]


def test_a_slow_payer_is_in_review_or_waits_for_records(tmp_path):
    second = Sent(number="B2", payer="COMM1", member="W100200301")
    payers = Payers(tmp_path, records_share=Decimal(1))
    slow = [msgspec.structs.replace(one, slow_share=Decimal(1)) for one in payers.plan.payers]
    payers.plan = msgspec.structs.replace(payers.plan, payers=tuple(slow))
    payers.send(CLAIM, second)
    payers.on(2)
    assert told(payers.ask(CLAIM, second), "STC", 1) == [("R4:294",), ("R4:294",)]
    payers.plan = msgspec.structs.replace(payers.plan, status=StatusManners(answer_days=0))
    assert told(payers.ask(CLAIM), "STC", 1) == [("P2:41",)]


def test_what_was_denied_says_so_with_no_payment(tmp_path):
    payers = Payers(tmp_path)
    fate = Trigger(fate="necessity", member_id=CLAIM.member)
    payers.plan = msgspec.structs.replace(payers.plan, triggers=(fate,))
    payers.send(CLAIM)
    payers.on(22)
    assert told(payers.ask(CLAIM), "STC", 1, 5, 9) == [("F2:585", "0", "")]
