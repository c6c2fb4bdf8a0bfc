"""The patient's side: oldest first, nothing refunded too early, and what a statement says adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claimwright.billing.bad_debt import PlacementRefused, agency_recovery, place, recall
from claimwright.billing.patient import (
    SUPPRESSING_FLAGS,
    PatientLine,
    RefundState,
    RefusedPayment,
    check_refund,
    credit_account,
    issue_payer_refund,
    pay,
    refund_may_become,
    returned_payment,
    small_balance,
    statement_line,
    statement_suppressed,
)
from claimwright.billing.write_offs import (
    WriteOffRefused,
    WriteOffRequest,
    approve,
    approver_role,
    is_split,
    payer_residual,
    underpayment,
)
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.book import Book
from claimwright.ledger.transfers import EntryType, Transfer
from tests.unit.billing.desk import DOS, TODAY, Desk, clp, d, era, svc


def line(line_id: str, balance: object, days_old: int = 0) -> PatientLine:
    return PatientLine(line_id=line_id, date_of_service=DOS - timedelta(days=days_old), balance=d(balance))


def paid(amount: object, *lines: PatientLine, **more: object) -> tuple[Transfer, ...]:
    given = {"patient_id": "p", "practice_id": "north", "method": "card", "receipt_id": "r1", "on": TODAY}
    return pay(amount=d(amount), lines=lines, **{**given, **more})


def applied(transfers: tuple[Transfer, ...]) -> list[tuple[str, str]]:
    return [(t.credit.subject, str(t.amount)) for t in transfers if t.entry_type is EntryType.APPLY]


def test_a_payment_goes_to_the_oldest_date_first():
    made = paid(70, line("new", 50), line("old", 40, 30), line("done", 0, 60))
    assert applied(made) == [("old", "40.00"), ("new", "30.00")]


def test_what_the_patient_designates_goes_first():
    assert applied(paid(45, line("new", 50), line("old", 40, 30), designated=("new",))) == [("new", "45.00")]


def test_an_overpayment_stays_in_credit():
    book = Book(paid(100, line("a", 40)))
    assert book.balance(credit_account("p")) == d(-60) and book.cash() == d(100)


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_no_payment_of_nothing(amount: str):
    with pytest.raises(RefusedPayment):
        paid(amount)


def test_the_same_receipt_is_written_once():
    book = Book(paid(40, line("a", 40)))
    assert book.extend(paid(40, line("a", 40))) == 0


def test_a_returned_check_takes_everything_back_and_charges_the_account():
    made = paid(40, line("a", 30))
    undone = returned_payment(made, practice_id="north", patient_id="p", on=TODAY, key="nsf", fee=d(25))
    book = Book([*made, *undone])
    assert book.cash() == 0 and book.balance(credit_account("p")) == 0 and book.balance(receivable("a", "PAT")) == 0
    assert book.balance(receivable("account-p", "PAT")) == d(25)


@pytest.mark.parametrize(
    ("lines", "payer", "written"),
    [(("4.99",), 0, 1), (("5.00",), 0, 0), (("2.00", "2.99"), 0, 2), (("2.00", "3.00"), 0, 0), (("4.00",), 10, 0),
     (("5.00", "-1.00"), 0, 0), ((), 0, 0), (("0.00",), 0, 0)],
)  # fmt: skip
def test_small_balances_go_whole_or_not_at_all(lines: tuple, payer: int, written: int):
    made = small_balance([line(str(n), amount) for n, amount in enumerate(lines)], practice_id="north", on=TODAY, key="k",
                         payer_balance=d(payer))  # fmt: skip
    assert len(made) == written


@pytest.mark.parametrize(
    ("change", "says"),
    [({"amount": d(11)}, "at most the credit"), ({"approved_by": "ann"}, "does not approve"), ({"approved_by": ""}, "does not"),
     ({"payer_balance": d(1)}, "still open"), ({"hold_until": TODAY + timedelta(days=1)}, "on hold"), ({"amount": d(0)}, "above")],
)  # fmt: skip
def test_a_refund_needs_a_credit_two_people_and_no_hold(change: dict, says: str):
    right = {
        "amount": d(10),
        "credit": d(10),
        "requested_by": "ann",
        "approved_by": "bob",
        "on": TODAY,
        "hold_until": TODAY,
    }
    check_refund(**right)
    with pytest.raises(RefusedPayment, match=says):
        check_refund(**{**right, **change})


def test_refund_states():
    assert refund_may_become(RefundState.IDENTIFIED, RefundState.VALIDATED)
    assert not refund_may_become(RefundState.IDENTIFIED, RefundState.ISSUED)
    assert not refund_may_become(RefundState.CLEARED, RefundState.ISSUED)


def test_a_refund_to_a_payer_comes_off_what_it_overpaid():
    account = receivable("a", "INS2")
    made = issue_payer_refund(
        subject="CARRIER|1", practice_id="north", refund_id="r1", on=TODAY, credits={account: d(60)}
    )
    book = Book(made)
    assert book.balance(account) == d(60) and book.cash() == d(-60) and book.total(Kind.REFUND) == 0


# Statements -----------------------------------------------------------------------------------------------------------

READY = {"balance": d(46), "flags": (), "last_statement": None, "last_posted": None, "on": TODAY}


@pytest.mark.parametrize("flag", sorted(SUPPRESSING_FLAGS))
def test_every_flag_keeps_the_statement_back(flag: str):
    assert statement_suppressed(**READY) == ""
    assert statement_suppressed(**{**READY, "flags": (flag,)}) == SUPPRESSING_FLAGS[flag]


@pytest.mark.parametrize(
    ("change", "goes"),
    [({"balance": d("4.99")}, False), ({"balance": d(5)}, True), ({"payer_balance_open": True}, False),
     ({"last_posted": TODAY - timedelta(days=2)}, False), ({"last_posted": TODAY - timedelta(days=3)}, True),
     ({"last_statement": TODAY - timedelta(days=27)}, False), ({"last_statement": TODAY - timedelta(days=28)}, True)],
)  # fmt: skip
def test_when_a_statement_goes_out(change: dict, goes: bool):
    assert (statement_suppressed(**{**READY, **change}) == "") is goes


def test_a_statement_line_adds_up_and_says_why():
    desk = Desk()
    desk.visit("A", ("99213", 150))
    desk.receive(era("T1", "CARRIER", clp("A", 1, svc("99213", 150, 80, "CO-45", 50, "PR-1", 20))))
    desk.book.extend(paid(5, PatientLine(line_id="AL1", date_of_service=DOS, balance=d(20)), patient_id="patient-A"))
    records = [posting.record for posting in desk.visits["A"].postings]
    said = statement_line("AL1", desk.book, records)
    assert (said.charge, said.insurance_paid, said.discount, said.patient_paid, said.pending, said.owed) == (
        d(150), d(80), d(50), d(5), d(0), d(15),
    )  # fmt: skip
    assert said.charge == said.insurance_paid + said.discount + said.patient_paid + said.pending + said.owed
    assert (
        "deductible" in said.reasons[0]
        and said.reasons != statement_line("AL1", desk.book, records, language="es").reasons
    )


# Write-offs and bad debt -----------------------------------------------------------------------------------------------


def asked(amount: object, **more: object) -> WriteOffRequest:
    fields = {"chain_id": "A", "line_id": "a", "bucket": "INS1", "amount": d(amount), "reason": "TIMELY",
              "requested_by": "ann", "requested_on": TODAY}  # fmt: skip
    return WriteOffRequest(**{**fields, **more})


@pytest.mark.parametrize(
    ("amount", "role"),
    [("50.00", "biller"), ("50.01", "supervisor"), ("500.00", "supervisor"), ("500.01", "manager"), ("2500.00", "manager"),
     ("2500.01", "owner"), ("999999.00", "owner")],
)  # fmt: skip
def test_who_may_write_off_how_much(amount: str, role: str):
    assert approver_role(d(amount)) == role


@pytest.mark.parametrize(
    ("request_", "role", "says"),
    [(asked(60), "biller", "needs a supervisor"), (asked(60), "guest", "needs a supervisor"), (asked(101), "owner", "at most"),
     (asked(10, reason="WHIM"), "owner", "no list"), (asked(10, requested_by="bob"), "owner", "does not approve"),
     (asked(10, requested_by="program Books of bob"), "owner", "does not approve"),  # by a token of his own
     (asked(10, bucket="PAT", reason="COURTESY"), "owner", "hardship")],
)  # fmt: skip
def test_what_may_not_be_written_off(request_: WriteOffRequest, role: str, says: str):
    with pytest.raises(WriteOffRefused, match=says):
        approve(request_, open_balance=d(100), approved_by="bob", role=role, practice_id="north", key="k", on=TODAY)


def test_splitting_to_stay_below_a_limit_is_seen():
    assert is_split(asked(30), [asked(30)], "biller") and not is_split(asked(30), [asked(20)], "biller")
    with pytest.raises(WriteOffRefused, match="parts"):
        approve(asked(30), open_balance=d(100), approved_by="bob", role="biller", recent=[asked(30)], practice_id="north",
                key="k", on=TODAY)  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "final", "written"), [(("4.99",), True, 1), (("4.99",), False, 0), (("3", "2"), True, 0)]
)
def test_a_payers_small_residual(amounts: tuple, final: bool, written: int):
    balances = {str(n): d(a) for n, a in enumerate(amounts)}
    assert len(payer_residual(balances, bucket="INS1", final=final, practice_id="n", key="k", on=TODAY)) == written


@pytest.mark.parametrize(
    ("expected", "actual", "flagged"),
    [(100, 97, False), (100, "96.99", True), (50, 48, False), (50, "47.99", True), (100, "103.01", True)],
)
def test_underpayment_beyond_the_larger_tolerance(expected, actual, flagged: bool):
    assert underpayment(d(expected), d(actual)).flagged is flagged
    assert underpayment(None, d(actual)) is None


def test_bad_debt_is_placed_recalled_and_recovered_whole():
    with pytest.raises(PlacementRefused, match="dispute"):
        place({"a": d(10)}, final_notice_sent=True, flags=("dispute",), key="k", on=TODAY)
    book = Book(place({"a": d(10), "b": d(0)}, final_notice_sent=True, flags=(), key="k", on=TODAY))
    assert book.total(Kind.BAD_DEBT) == d(10)
    book.extend(recall({"a": d(10)}, key="back", on=TODAY))
    assert book.total(Kind.BAD_DEBT) == 0
    with pytest.raises(ValueError, match="more than the debt"):
        agency_recovery({"a": d(10)}, gross=d(11), fee_share=d("0.25"), practice_id="n", key="x", on=TODAY)
    got = Book(
        agency_recovery({"a": d(10), "b": d(5)}, gross=d(15), fee_share=d("0.25"), practice_id="n", key="x", on=TODAY)
    )
    assert got.total(Kind.BAD_DEBT) == d(-15) and got.cash() == d("11.25")
    assert got.balance(Account(Kind.FEE, "n", "agency")) == d("3.75")
