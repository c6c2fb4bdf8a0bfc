"""What waits for a person's look before it posts, and that the look is enough."""

from __future__ import annotations

import msgspec
import pytest

from claimwright.billing.posting import Fate
from claimwright.billing.posting.state import Automation, PayerAutomation
from claimwright.ledger.accounts import Kind
from tests.unit.billing.desk import Desk, clp, d, era, plb, reversed_clp, svc

BY_HAND = {"CARRIER": PayerAutomation(posts_by_itself=False)}


def a_desk(**automation: object) -> Desk:
    made = Desk()
    made.visit("A", ("99213", 100))
    made.visit("B", ("99214", 200))
    made.context_fields = {
        "automation": Automation(**automation),  # type: ignore[arg-type]
        "payer_aliases": {"CARRIER": "CARRIER"},
    }
    return made


def good(chain: str = "A"):
    return clp(chain, 1, svc("99213", 100, 60, "CO-45", 40))


def denied():
    return clp("B", 1, svc("99214", 200, 0, "CO-29", 200))


def held(plan) -> list[tuple[str, str]]:
    return [(item.worklist.value, item.code) for item in plan.items if item.holds]


@pytest.mark.parametrize(
    ("automation", "code"),
    [
        ({"payers": BY_HAND}, "BY_HAND"),
        ({"payers": {"CARRIER": PayerAutomation(hold_over_amount=d("59.99"))}}, "OVER_AMOUNT"),
        ({"hold_over_amount": d("59.99")}, "OVER_AMOUNT"),
        ({"never_automatic": {"north": frozenset({"45"})}}, "NEVER_AUTOMATIC"),
    ],
)
def test_a_claim_waits_in_suspense_and_posts_whole_once_it_was_looked_at(automation: dict, code: str):
    desk = a_desk(**automation)
    remittance = era("T1", "CARRIER", good())
    plan = desk.receive(remittance)
    assert held(plan) == [("before_posting", code)]
    assert desk.book.total(Kind.SUSPENSE, subject=plan.payment_id) == d(-60)
    assert desk.bucket("INS1") == d(300)
    released = desk.release(remittance, remittance.claims[0].segment)
    assert released.fate is Fate.POSTED
    assert desk.book.total(Kind.SUSPENSE, subject=plan.payment_id) == d(0)
    assert desk.bucket("INS1") == d(200)


@pytest.mark.parametrize(
    "automation",
    [
        {"payers": {"OTHER": PayerAutomation(posts_by_itself=False)}},
        {"payers": {"CARRIER": PayerAutomation(hold_over_amount=d("60.00"))}},
        {"payers": {"CARRIER": PayerAutomation(hold_over_amount=d("60.00"))}, "hold_over_amount": d("1.00")},
        {"never_automatic": {"north": frozenset({"29"}), "south": frozenset({"45"})}},
    ],
)
def test_what_no_switch_names_posts_by_itself(automation: dict):
    assert held(a_desk(**automation).receive(era("T1", "CARRIER", good()))) == []


def test_a_listed_reason_holds_its_own_claim_only():
    desk = a_desk(never_automatic={"north": frozenset({"29", "50"})})
    plan = desk.receive(era("T1", "CARRIER", good(), denied()))
    assert held(plan) == [("before_posting", "NEVER_AUTOMATIC")]
    assert "CARC 29" in next(item.reason for item in plan.items if item.holds)
    assert plan.denials == () and desk.bucket("INS1") == d(200)


def test_a_reversal_is_not_held_by_a_reason_it_takes_back():
    desk = a_desk()
    first = good()
    desk.receive(era("T1", "CARRIER", first))
    desk.context_fields["automation"] = Automation(never_automatic={"north": frozenset({"45"})})
    paid = clp("B", 1, svc("99214", 200, 200))
    assert held(desk.receive(era("T2", "CARRIER", reversed_clp(first), paid))) == []
    assert desk.bucket("INS1") == d(100)


def test_a_provider_adjustment_of_a_payer_looked_at_waits_too():
    plan = a_desk(payers=BY_HAND).receive(era("T1", "CARRIER", good(), plbs=(plb("L6", -5),)))
    assert held(plan) == [("before_posting", "BY_HAND")] * 2


def test_what_the_rules_hold_is_told_first():
    stranger = msgspec.structs.replace(good(), control_number="NOTOURS", lines=())
    (item,) = held(a_desk(payers=BY_HAND).receive(era("T1", "CARRIER", stranger)))
    assert item[0] != "before_posting"
