"""Who approves a refund, by when a federal payer must have its money, and what checks and stops move."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.billing import refund_rules as rules
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.policies import Policies
from claimwright.ledger.accounts import Account, Kind, receivable
from claimwright.ledger.book import Book

MARCH = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("since", "concluded", "due"),
    [
        (None, None, date(2026, 4, 30)),  # 60 days
        (MARCH, None, date(2026, 10, 27)),  # 180 days and all 60 left
        (date(2026, 3, 11), None, date(2026, 10, 17)),  # 10 of the 60 had run
        (date(2026, 3, 11), date(2026, 3, 21), date(2026, 5, 10)),  # stopped for 10 days
        (date(2026, 3, 11), date(2027, 1, 1), date(2026, 10, 17)),  # concluded too late: as if never
        (date(2026, 4, 30), date(2026, 5, 30), date(2026, 5, 30)),  # begun on the last day: none left
    ],
)
def test_the_sixty_days_stop_while_an_investigation_runs(since, concluded, due):
    assert rules.overpayment_clock(MARCH, investigating_since=since, concluded=concluded).due == due


@pytest.mark.parametrize("since", [date(2026, 2, 28), date(2026, 5, 1)])
def test_an_investigation_out_of_time_stops_nothing(since):
    with pytest.raises(RefusedPayment):
        rules.overpayment_clock(MARCH, investigating_since=since)


def test_the_look_back_is_six_years():
    assert rules.within_look_back(date(2020, 3, 1), MARCH)
    assert not rules.within_look_back(date(2020, 2, 29), MARCH)
    assert rules.within_look_back(None, MARCH)


@pytest.mark.parametrize(
    ("role", "amount", "allowed"),
    [("biller", "50.00", True), ("biller", "50.01", False), ("supervisor", "500.00", True), ("supervisor", "500.01", False),
     ("manager", "2500.00", True), ("manager", "2500.01", False), ("owner", "90000.00", True), ("stranger", "0.01", False)],
)  # fmt: skip
def test_each_role_approves_up_to_its_limit_and_never_its_own(role, amount, allowed):
    asked = {"amount": Decimal(amount), "requested_by": "lee", "approved_by": "sam", "role": role}
    if allowed:
        rules.check_approval(**asked)
    else:
        with pytest.raises(RefusedPayment, match="needs a"):
            rules.check_approval(**asked)
    by_program = {"requested_by": "program Books of A of sam"}  # a token that sam gave
    for who in ({"approved_by": "lee"}, {"approved_by": ""}, {"requested_by": ""}, by_program):
        with pytest.raises(RefusedPayment):
            rules.check_approval(**(asked | who))


def test_a_practice_sets_its_own_limits_and_its_states_days():
    strict = Policies(refund_manager_limit_amount=Decimal("100.00"), dormancy_months={"IL": 12})
    assert rules.approver_role(Decimal("500.01"), strict) == "owner"
    assert rules.dormant_on(date(2026, 1, 31), "il", strict) == date(2027, 1, 31)
    assert rules.dormant_on(date(2026, 1, 31), "FL") == date(2031, 1, 31)
    assert rules.dormant_on(date(2026, 1, 31), "??") == date(2029, 1, 31)


def test_a_check_to_a_payer_stopped_and_paid_again_leaves_the_bank_once():
    owed = receivable("L1", "INS1")
    parts = [rules.Part(line_id="L1", bucket="INS1", amount=Decimal("80.00")),
             rules.Part(line_id="L2", bucket="INS1", amount=Decimal("20.00"))]  # fmt: skip
    account = {"subject": "medicare|39", "practice_id": "north", "ledger_id": "7"}
    issued = rules.issue_payer_refund(parts, refund_id="7", on=MARCH, **account)
    assert [leg.payment for leg in issued] == ["refund:7", "refund:7", ""]  # PLB 72 undoes the first two
    book = Book()
    book.extend(issued)
    book.extend([rules.stop_payment(issued[-1], on=MARCH)])
    bank, refund = Account(Kind.BANK, "north"), Account(Kind.REFUND, "medicare|39", "7")
    assert (book.balance(bank), book.balance(refund)) == (Decimal("0.00"), Decimal("-100.00"))
    book.extend([rules.pay_again(amount=Decimal("100.00"), attempt=2, on=MARCH, **account)])
    assert (book.balance(bank), book.balance(refund)) == (Decimal("-100.00"), Decimal("0.00"))
    assert book.balance(owed) == Decimal("80.00")
    with pytest.raises(RefusedPayment):
        rules.issue_payer_refund(
            [msgspec.structs.replace(parts[0], amount=Decimal("0.00"))], refund_id="8", on=MARCH, **account
        )
