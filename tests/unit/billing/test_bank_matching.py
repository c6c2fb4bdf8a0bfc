"""What is proved and what is only likely: each manner on its smallest case, at the edges of the windows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing.bank_files import DepositItem, LineKind, Trace
from claimwright.billing.bank_matching import Expected, ExpectedKind, Money, Proof, Settled, match_certainly
from claimwright.billing.bank_suggestions import Suggester

DAY = date(2026, 9, 1)
PAYER = "1999999991"
NAME = "PLAN ONE"


def money(amount: str, *numbers: str, id: str = "L1", days: int = 1, **more: object) -> Money:
    traces = tuple(Trace(number=number, payer_id=PAYER) for number in numbers)
    return Money(line_id=id, amount=Decimal(amount), posted_on=DAY + timedelta(days=days), traces=traces, **more)


def remittance(number: str, amount: str, **more: object) -> Expected:
    made = Expected(
        expected_id=f"R{number}", kind=ExpectedKind.REMITTANCE, amount=Decimal(amount), paid_on=DAY,
        trace=Trace(number=number, payer_id=PAYER), payer_names=(NAME,),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def check(number: str, amount: str, **more: object) -> Expected:
    return remittance(number, amount, check_number=number, method="CHK", **more)


def proofs(lines, expected, settled=()):
    found = match_certainly(lines, expected, settled)
    assert {line.line_id for line in lines} == {i for m in found.certain for i in m.line_ids} | set(found.unmatched)
    backwards = match_certainly(lines[::-1], expected[::-1], settled)
    assert {m.proof for m in backwards.certain} == {m.proof for m in found.certain}
    return [(match.proof, sorted(match.expected_ids)) for match in found.certain]


def test_trace_payer_and_amount_are_proof():
    assert proofs([money("85.00", "T1")], [remittance("T1", "85.00"), remittance("T2", "85.00")]) == [
        (Proof.TRACE, ["RT1"])
    ]
    assert proofs([money("85.00", " t1 ")], [remittance("T1", "85.00")]) == [(Proof.TRACE, ["RT1"])]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (money("84.99", "T1"), [remittance("T1", "85.00")]),
        (money("85.00"), [remittance("T1", "85.00")]),
        (money("85.00", "T2"), [remittance("T1", "85.00")]),
        (Money(line_id="L1", amount=Decimal("85.00"), posted_on=DAY, traces=(Trace(number="T1"),)),
         [remittance("T1", "85.00")]),
        (money("85.00", "T1"), [remittance("T1", "85.00", trace=Trace(number="T1", payer_id="1888888881"))]),
        (money("85.00", "T1"), [remittance("T1", "85.00"), remittance("T1", "85.00", expected_id="other")]),
        (money("-85.00", "T1"), [remittance("T1", "85.00")]),
        (money("85.00", check_number="77"), [check("77", "85.00")]),
        (money("85.00", check_number="77", payer_name="PLAN TWO"), [check("77", "85.00")]),
        (money("85.00", check_number="77", payer_name=NAME), [check("77", "85.00"), check("0077", "85.00")]),
        (money("85.00", batch_number="S1"), [remittance("1", "85.01", batch_number="S1")]),
        (money("85.00", batch_number="S1", gross=Decimal("88.00"), fee=Decimal("2.00")),
         [remittance("1", "88.00", batch_number="S1")]),
    ],
    ids=["cent", "no-trace", "other-trace", "no-payer", "other-payer", "two", "out", "check-no-name", "check-other-name",
         "check-twice", "batch-cent", "fee-does-not-sum"],
)  # fmt: skip
def test_what_is_no_proof(line, expected):
    assert proofs([line], expected) == []


@pytest.mark.parametrize(("days", "sure"), [(-11, False), (-10, True), (90, True), (91, False)])
def test_window_of_a_trace(days, sure):
    assert bool(proofs([money("85.00", "T1", days=days)], [remittance("T1", "85.00")])) is sure


@pytest.mark.parametrize(("days", "sure"), [(-4, False), (-3, True), (60, True), (61, False)])
def test_window_of_a_check(days, sure):
    line = money("85.00", check_number="0077", payer_name="Plan, One", days=days)
    assert bool(proofs([line], [check("77", "85.00")])) is sure


def test_split_merged_and_fee():
    parts = [remittance("T1", "60.00"), remittance("T2", "25.00")]
    assert proofs([money("85.00", "T1", "T2")], parts) == [(Proof.TRACE_SPLIT, ["RT1", "RT2"])]
    assert proofs([money("85.00", "T1", "T3")], parts) == []
    assert proofs([money("85.00", "T1", "T2"), money("60.00", "T1", id="L2")], parts) == []
    same = [remittance("T1", "60.00"), remittance("T1", "25.00", expected_id="RT1b")]
    assert proofs([money("85.00", "T1")], same) == [(Proof.TRACE_SPLIT, ["RT1", "RT1b"])]
    merged = [money("60.00", "T1"), money("25.00", "T1", id="L2")]
    assert proofs(merged, [remittance("T1", "85.00")]) == [(Proof.TRACE_MERGED, ["RT1"])]
    assert proofs([merged[0], money("85.00", "T1", id="L2")], [remittance("T1", "85.00")]) == []
    card = money("97.10", batch_number="s1", kind=LineKind.CARD, gross=Decimal("100.00"), fee=Decimal("2.90"))
    batch = [remittance(n, a, batch_number="S1") for n, a in (("1", "40.00"), ("2", "60.00"))]
    (match,) = match_certainly([card], batch).certain
    assert (match.proof, match.fee) == (Proof.BATCH, Decimal("2.90"))


def test_lockbox_by_items():
    items = tuple(
        DepositItem(check_number=n, amount=Decimal(a), payer_name=NAME) for n, a in (("1", "40"), ("2", "60"))
    )
    expected = [check("1", "40.00"), check("2", "60.00")]
    assert proofs([money("100.00", items=items)], expected) == [(Proof.LOCKBOX_ITEMS, ["R1", "R2"])]
    assert proofs([money("101.00", items=items)], expected) == []
    assert proofs([money("100.00", items=items)], expected[:1]) == []
    assert proofs([money("80.00", items=(items[0], items[0]))], expected) == []
    alone = money("40.00", id="L2", check_number="1", payer_name=NAME)
    assert proofs([money("100.00", items=items), alone], expected) == []


def test_two_lines_that_want_one_payment_are_both_for_a_person():
    lines = [money("85.00", "T1"), money("85.00", "T1", id="L2")]
    assert proofs(lines, [remittance("T1", "85.00")]) == []


def test_a_number_that_the_bank_has_shown_before_is_for_a_person():
    past = Settled(line_id="old", match_id="m", amount=Decimal("85.00"), posted_on=DAY,
                   traces=(Trace(number="T1", payer_id=PAYER),))  # fmt: skip
    assert proofs([money("85.00", "T1")], [remittance("T1", "85.00")], [past]) == []


def test_a_reversal_names_the_match_it_undoes():
    past = Settled(line_id="old", match_id="m", amount=Decimal("85.00"), posted_on=DAY,
                   traces=(Trace(number="T1", payer_id=PAYER),))  # fmt: skip
    (match,) = match_certainly([money("-85.00", "T1", days=0)], [], [past]).certain
    assert (match.proof, match.undoes, match.expected_ids) == (Proof.REVERSAL, "m", ())
    assert proofs([money("-85.00", "T1", days=-1)], [], [past]) == []
    assert proofs([money("-84.00", "T1")], [], [past]) == []
    assert proofs([money("-85.00", "T1"), money("-85.00", "T1", id="L2")], [], [past]) == []
    again = msgspec.structs.replace(past, line_id="older", match_id="n")
    assert proofs([money("-85.00", "T1")], [], [past, again]) == []


def best(line, expected, settled=(), others=()):
    return Suggester([line, *others], expected, settled).for_line(line)


def test_suggestions_say_why_and_never_reach_certainty():
    (made,) = best(money("85.00", "T9", kind=LineKind.ACH_CREDIT), [remittance("T1", "85.00")])
    assert (made.expected_ids, made.score) == (("RT1",), 80)
    assert made.reasons == ("the same amount", "the same payer", "1 days apart")
    (short,) = best(money("75.00", "T1"), [remittance("T1", "85.00")])
    assert short.difference == Decimal("-10.00") and "the amount differs by -10.00" in short.reasons
    (slip,) = best(money("85.00", "EFT001243"), [remittance("EFT001234", "85.00")])
    assert "a number that differs by a slip" in slip.reasons and slip.score < 100


def test_equal_suggestions_cost_each_other_points():
    made = best(money("85.00", "T9"), [remittance("T1", "85.00"), remittance("T2", "85.00")])
    assert [one.score for one in made] == [60, 60] and all("2 fit alike" in one.reasons for one in made)


def test_suggestions_of_split_merged_fee_receipts_and_returns():
    parts = [remittance("T1", "60.00"), remittance("T2", "25.00")]
    (split,) = best(money("85.00", payer_name=NAME), parts)
    assert (sorted(split.expected_ids), split.score) == (["RT1", "RT2"], 75)
    (merged,) = best(money("60.00", payer_name=NAME), [remittance("T1", "85.00")],
                     others=[money("25.00", id="L2", payer_name=NAME)])  # fmt: skip
    assert merged.line_ids == ("L1", "L2")
    receipts = [
        Expected(expected_id=f"P{n}", kind=ExpectedKind.RECEIPT, amount=Decimal("50.00"), paid_on=DAY, method="CARD",
                 check_number=str(n)) for n in (1, 2)
    ]  # fmt: skip
    (batch,) = best(money("97.10", kind=LineKind.CARD), receipts)
    assert (batch.expected_ids, batch.fee) == (("P1", "P2"), Decimal("2.90"))
    assert best(money("80.00", kind=LineKind.CARD), receipts) == ()
    past = Settled(line_id="old", match_id="m", amount=Decimal("50.00"), posted_on=DAY, expected=(receipts[0],))
    bounced = best(money("-50.00", kind=LineKind.RETURNED_ITEM, check_number="1"), [], [past])
    assert (bounced[0].expected_ids, bounced[0].score) == (("P1",), 95)


def test_a_deposit_notice_without_its_payers_id_is_not_tied_to_one_of_two_payers():
    from claimwright.billing.deposits import Deposit, DepositState, ExpectedPayment, reassociate

    payments = [
        ExpectedPayment(
            payment_id=payer, amount=Decimal("85.00"), payment_date=DAY, trace_number="T1", trace_payer_id=payer
        )
        for payer in ("1888888881", PAYER)
    ]
    notice = Deposit(deposit_id="D", amount=Decimal("85.00"), effective_date=DAY, trace_number="T1")
    both, only = reassociate([notice], payments), reassociate([notice], payments[:1])
    assert (both[0].state, len(both[0].proposed_payments)) == (DepositState.UNMATCHED_EFT, 2)
    assert only[0].state is DepositState.MATCHED
    named = reassociate([msgspec.structs.replace(notice, trace_payer_id=PAYER)], payments)
    assert (named[0].state, named[0].payment_id) == (DepositState.MATCHED, PAYER)
