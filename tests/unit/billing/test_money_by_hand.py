"""A paper remittance as typed, the drawer's arithmetic, money moved and returned: the rules without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing import cash_drawer, paper_remittance, patient_money
from claimwright.billing.cash_drawer import Count, DrawerRefused, SlipItem
from claimwright.billing.paper_remittance import PaperHeader, faults, read_grid, running_total, to_remittance
from claimwright.billing.patient import RefusedPayment
from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.claims.nouns import Adjustment, Payer
from claimwright.ledger.accounts import Account, Kind

DAY = date(2026, 9, 15)


def header(amount: str) -> PaperHeader:
    return PaperHeader(
        payer=Payer(payer_id="60054", name="PLAN"), trace_payer_id="1999999991", payee_name="LAKESIDE",
        payee_npi="1000000004", check_number="4711", check_date=DAY, amount=Decimal(amount),
    )  # fmt: skip


def line(code: str, charge: str, **typed: str) -> dict[str, str]:
    return {"line_id": f"L{code}", "code": code, "charge": charge, "date": "2026-09-01", "units": "1"} | typed


def grid(*lines: dict[str, str], **more: object) -> dict[str, object]:
    claim = {"control_number": "CW1", "status": "1", "last_name": "A", "first_name": "B", "lines": list(lines)}
    return {"claims": [claim]} | more


# Scenario S2 of the domain specification as it would come on paper: 190 / 85 / 47.
S2 = grid(
    line("99213", "150.00", allowed="110.00", paid="85", copay="25", adjustments="CO45"),
    line("87880", "40.00", allowed="22.00", paid="0", deductible="$22.00", adjustments="co-45 18.00"),
)


def test_scenario_two_as_typed_is_the_835_of_the_specification():
    paper, wrong = read_grid(header("85.00"), S2)
    assert paper is not None and wrong == () and faults(paper) == ()
    made = to_remittance(paper)
    (claim,) = made.claims
    assert (claim.charge, claim.paid, claim.patient_responsibility) == (
        Decimal("190.00"),
        Decimal("85.00"),
        Decimal("47.00"),
    )
    assert [one.adjustments for one in claim.lines] == [
        (Adjustment("PR", "3", Decimal("25.00")), Adjustment("CO", "45", Decimal("40.00"))),
        (Adjustment("PR", "1", Decimal("22.00")), Adjustment("CO", "45", Decimal("18.00"))),
    ]
    assert (made.handling, made.method, made.trace_number, made.amount) == ("I", "CHK", "4711", Decimal("85.00"))


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ({"paid": "85,0x"}, ["claim 1 line 1, paid"]),
        ({"paid": "85.001"}, ["claim 1 line 1, paid"]),
        ({"paid": "85", "adjustments": "XX45"}, ["claim 1 line 1, adjustments"]),
        ({"paid": "85", "adjustments": "CO999"}, ["claim 1 line 1, adjustments"]),
        ({"paid": "85", "adjustments": "CO45; PI204"}, ["claim 1 line 1, adjustments"]),
        ({"paid": "85", "adjustments": "CO45", "remarks": "HELLO"}, ["claim 1 line 1, remarks"]),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place_and_no_value(typed, places):
    paper, wrong = read_grid(header("85.00"), grid(line("99213", "150.00", **typed)))
    assert paper is None and [fault.place for fault in wrong] == places
    assert all(fault.says and fault.fix and "85" not in fault.says for fault in wrong)


@pytest.mark.parametrize(
    ("amount", "typed", "place", "says"),
    [
        ("85.00", {"paid": "85", "adjustments": "CO45 60.00"}, "claim 1 line 1", "5.00"),
        ("84.99", {"paid": "85", "adjustments": "CO45"}, "check", "0.01"),
        ("85.01", {"paid": "85", "adjustments": "CO45"}, "check", "-0.01"),
    ],
)
def test_a_cent_that_does_not_balance_is_a_fault(amount, typed, place, says):
    paper, _ = read_grid(header(amount), grid(line("99213", "150.00", **typed)))
    assert paper is not None
    wrong = [fault for fault in faults(paper) if not fault.warns]
    assert (wrong[0].place, says in wrong[0].says) == (place, True)


def test_the_rest_of_a_check_stays_unapplied_only_with_a_reason_and_interest_adds_to_it():
    typed = grid(line("99213", "150.00", paid="85", adjustments="CO45"), unapplied_reason="no claim | named")
    paper, _ = read_grid(header("90.00"), typed)
    assert paper is not None and faults(paper) == () and paper.unapplied == Decimal("5.00")
    (rest,) = to_remittance(paper).provider_adjustments
    assert (rest.code, rest.amount, rest.reference) == (paper_remittance.UNAPPLIED, Decimal("-5.00"), "NO CLAIM NAMED")
    interest = typed | {
        "provider_adjustments": [{"code": "l6", "reference": "", "amount": "-1.98"}],
        "unapplied_reason": "",
    }
    paper, _ = read_grid(header("86.98"), interest)
    assert paper is not None and faults(paper) == () and running_total(interest, Decimal("86.98")).left == 0
    own = typed | {"provider_adjustments": [{"code": "ZZ", "amount": "1"}]}
    assert [fault.place for fault in read_grid(header("1.00"), own)[1]] == ["provider adjustment 1, code"]
    assert [fault.place for fault in read_grid(header("1.00"), {})[1]] == ["grid"]


def test_allowed_that_differs_only_warns():
    paper, _ = read_grid(
        header("85.00"), grid(line("99213", "150.00", allowed="112", paid="85", copay="25", adjustments="CO45"))
    )
    assert paper is not None and [(fault.place, fault.warns) for fault in faults(paper)] == [
        ("claim 1 line 1, allowed", True)
    ]


def test_a_drawer_is_counted_by_two_who_agree_and_its_difference_is_booked_once():
    assert cash_drawer.counted({"20.00": 3, "0.25": 5}) == Decimal("61.25")
    with pytest.raises(DrawerRefused):
        cash_drawer.counted({"3.00": 1})
    one = Count(counted_by="ann", amount=Decimal("61.25"))
    with pytest.raises(DrawerRefused, match="another person"):
        cash_drawer.check_second(one, one)
    with pytest.raises(DrawerRefused, match="differ"):
        cash_drawer.check_second(one, Count(counted_by="bob", amount=Decimal("61.20")))
    receipts = [Decimal("10.00"), Decimal("2.25")]
    short = cash_drawer.difference(float_amount=Decimal("50.00"), receipts=receipts, count=Decimal("61.25"))
    assert short == Decimal("-1.00")
    (entry,) = cash_drawer.book_difference(practice_id="p", amount=short, key="k", on=DAY)
    assert (entry.debit, entry.credit) == (Account(Kind.FEE, "p", "over_short"), Account(Kind.BANK, "p"))
    (over,) = cash_drawer.book_difference(practice_id="p", amount=-short, key="k", on=DAY)
    assert (over.debit, over.credit, over.amount) == (entry.credit, entry.debit, Decimal("1.00"))
    assert cash_drawer.book_difference(practice_id="p", amount=Decimal("0.00"), key="k", on=DAY) == ()


def test_a_slip_is_cash_and_checks_with_the_drawers_difference():
    items = [
        SlipItem(item_id="1", kind="cash", amount=Decimal("12.25")),
        SlipItem(item_id="2", kind="check", amount=Decimal("30.00")),
    ]
    sums = cash_drawer.slip_sums(items, Decimal("-1.00"))
    assert (sums.cash, sums.checks, sums.check_count, sums.total) == (
        Decimal("11.25"),
        Decimal("30.00"),
        1,
        Decimal("41.25"),
    )
    with pytest.raises(DrawerRefused, match="nothing to deposit"):
        cash_drawer.slip_sums([], Decimal("0.00"))
    with pytest.raises(DrawerRefused, match="cash and checks"):
        cash_drawer.slip_sums([SlipItem(item_id="3", kind="card", amount=Decimal("1.00"))], Decimal("0.00"))


def test_credit_moves_with_a_reason_and_between_practices_they_owe_it_each_other():
    def move(**changes: object) -> object:
        told = {
            "source_id": "a", "target_id": "b", "amount": Decimal("10.00"), "available": Decimal("10.00"),
            "reason": "brothers", "key": "k", "on": DAY, "source_practice_id": "p", "target_practice_id": "p",
        }  # fmt: skip
        return patient_money.move_credit(**(told | changes))  # type: ignore[arg-type]

    (one,) = move()  # type: ignore[misc]
    assert (one.debit, one.credit) == (Account(Kind.CREDIT, "a"), Account(Kind.CREDIT, "b"))
    first, between = move(target_practice_id="q")  # type: ignore[misc]
    assert (between.debit.subject, between.credit.subject, between.amount) == ("q", "p", Decimal("10.00"))
    for wrong in ({"amount": Decimal("10.01")}, {"reason": " "}, {"target_id": "a"}, {"amount": Decimal("0.00")}):
        with pytest.raises(RefusedPayment):
            move(**wrong)


def test_checks_are_blocked_for_the_policys_months_after_the_last_that_was_returned():
    assert patient_money.checks_blocked_until([], DEFAULT_POLICIES) is None
    assert patient_money.checks_blocked_until([date(2024, 2, 29), date(2023, 5, 1)], DEFAULT_POLICIES) == date(
        2025, 2, 28
    )
    assert patient_money.returned_fee("nsf", DEFAULT_POLICIES) == Decimal("25.00")
    assert patient_money.returned_fee("chargeback", DEFAULT_POLICIES) == 0
