"""The worked scenarios of the domain, step by step, on a book in memory: every cell of every table."""

from __future__ import annotations

from claimwright.billing.lifecycle import State
from claimwright.billing.posting import ClaimOutcome, Fate
from claimwright.claims.nouns import Payer
from claimwright.ledger.accounts import Kind
from tests.unit.billing.desk import Desk, clp, d, era, plb, reversed_clp, svc


def row(desk: Desk, chain: str = "") -> tuple:
    return desk.bucket("INS1", chain), desk.bucket("INS2", chain), desk.bucket("PAT", chain), desk.book.cash()


def test_s1_medicare_crosses_over_by_itself():
    desk = Desk()
    desk.visit("S1", ("99214", 200), payers=("MEDICARE", "MEDIGAP"))
    assert row(desk) == (d(200), d(0), d(0), d(0))
    first = clp(
        "S1", 19, svc("99214", 200, "101.92", "CO-45", 70, "CO-253", "2.08", "PR-2", 26),
        forwarded_to=Payer(payer_id="MEDIGAP"),
    )  # fmt: skip
    remittance = era("T1", "MEDICARE", first)
    assert remittance.amount == d("101.92")
    plan = desk.receive(remittance)
    kinds = [(t.entry_type.value, t.reason, t.amount) for t in plan.transfers]
    assert kinds == [
        ("INS_PAY", "", d("101.92")), ("ADJ", "CO-45", d(70)), ("ADJ", "CO-253", d("2.08")), ("XFER", "PR-2", d(26)),
    ]  # fmt: skip
    assert row(desk) == (d(0), d(26), d(0), d("101.92"))
    assert [a.kind.value for a in plan.next_payer] == ["await_crossover"]
    assert desk.state("S1") is State.ADJUDICATED and desk.state("S1-S") is State.AWAIT_CROSSOVER
    assert plan.items == ()
    second = era("T2", "MEDIGAP", clp("S1", 2, svc("99214", 200, 26, "OA-23", 174)))
    plan = desk.receive(second)
    assert plan.items == (), "174.00 is what Medicare paid and adjusted"
    assert row(desk) == (d(0), d(0), d(0), d("127.92"))
    assert desk.state("S1-S") is State.ADJUDICATED
    before = len(desk.book)
    assert desk.receive(second).fate is Fate.DUPLICATE
    assert len(desk.book) == before


def test_s3_missing_data_is_corrected_and_paid_with_interest():
    desk = Desk()
    desk.visit("S3", ("99204", 280))
    plan = desk.receive(
        era("T1", "CARRIER", clp("S3", 1, svc("99204", 280, 0, "CO-16", 280, remarks=("N290", "MA130"))))
    )
    assert plan.transfers == ()
    assert desk.bucket("INS1") == d(280)
    (denial,) = plan.denials
    assert (denial.category, denial.appeal_allowed, denial.new_claim_required) == ("TECH", False, True)
    assert plan.claims[0].outcome is ClaimOutcome.DENIED
    desk.resubmit("S3", "S3B")
    second = era(
        "T2", "CARRIER", clp("S3B", 1, svc("99204", 280, 160, "CO-45", 90, "PR-3", 30)), plbs=(plb("L6", "-1.98"),)
    )
    assert second.amount == d("161.98")
    plan = desk.receive(second)
    assert (desk.bucket("INS1"), desk.bucket("PAT")) == (d(0), d(30))
    assert desk.book.total(Kind.INTEREST) == d("-1.98")
    assert desk.book.cash() == d("161.98")
    assert [(u.state, u.outcome_amount) for u in plan.denial_updates] == [("OVERTURNED", d(190))]
    assert desk.state("S3") is State.REPLACED and desk.state("S3B") is State.ADJUDICATED
    assert plan.items == ()


def test_s4_reversal_and_reprocessing():
    desk = Desk()
    desk.visit("S4", ("99215", 320))
    first = clp("S4", 1, svc("99215", 320, 168, "CO-45", 110, "PR-2", 42))
    desk.receive(era("T1", "CARRIER", first))
    assert row(desk) == (d(0), d(0), d(42), d(168))
    again = era(
        "T2", "CARRIER", reversed_clp(first), clp("S4", 1, svc("99215", 320, 184, "CO-45", 90, "PR-2", 46))
    )  # fmt: skip
    assert again.amount == d(16)
    plan = desk.receive(again)
    assert plan.items == ()
    assert row(desk) == (d(0), d(0), d(46), d(184))
    assert desk.state("S4") is State.ADJUDICATED
