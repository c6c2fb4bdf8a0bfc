"""The order of the day by role, and until when an item may sleep."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from claimwright.billing.order_of_day import EVERYTHING, ORDER, WHY, Tally, order_of, suggest
from claimwright.billing.work_in_hand import WorkRefused, check_escalation, check_snooze

TODAY = date(2026, 9, 30)
D = Decimal


def a_tally(key: str, count: int = 3, due: int = 0, amount: str = "30.00", days: int = 10) -> Tally:
    return Tally(
        key=key, count=count, amount=D(amount), oldest=TODAY - timedelta(days=days), due=due, due_amount=D(10 * due)
    )


def keys(role: str, *tallies: Tally) -> list[str]:
    return [step.key for step in suggest(role, tallies, today=TODAY)]


def test_what_is_lost_by_waiting_comes_first_then_what_is_due_then_the_roles_own_order():
    day = (a_tally("denied"), a_tally("rejected"), a_tally("no_response", due=2), a_tally("timely_filing", due=1))
    assert keys("biller", *day) == ["timely_filing", "no_response", "rejected", "denied"]


def test_each_role_sees_its_own_queues():
    day = tuple(a_tally(key) for key in EVERYTHING)
    assert keys("poster", *day)[:3] == ["deposits", "remittance_exceptions", "provider_adjustments"]
    assert keys("front_desk", *day) == ["eligibility", "authorizations", "patients", "missing_charges"]
    assert "deposits" not in keys("coder", *day) and len(keys("owner", *day)) == 6
    assert keys("auditor", *day)[0] == "timely_filing"


def test_a_step_of_what_is_due_counts_only_that_and_says_why():
    (step,) = suggest("biller", [a_tally("rejected", count=5, due=2)], today=TODAY)
    assert (step.count, step.amount, step.only_due) == (2, D("20"), True)
    assert step.why == "due today or late: the payer has no claim until it is corrected"
    (step,) = suggest("biller", [a_tally("rejected", count=5)], today=TODAY)
    assert (step.count, step.only_due) == (5, False) and step.why.endswith("the oldest 10 days")


def test_an_empty_queue_is_no_step():
    assert suggest("biller", [a_tally("rejected", count=0)], today=TODAY) == []


def test_every_queue_of_an_order_has_its_reason_and_stands_in_it_once():
    for role in ORDER:
        assert set(order_of(role)) <= set(WHY) and len(order_of(role)) == len(set(order_of(role)))


def test_two_tallies_together():
    both = a_tally("edits", days=3).plus(a_tally("x", count=1, due=1, amount="5.00", days=9))
    assert (both.key, both.count, both.amount, both.due) == ("edits", 4, D("35.00"), 1)
    assert both.oldest == TODAY - timedelta(days=9)


@pytest.mark.parametrize(
    ("until", "reason", "due_on", "refused"),
    [
        (TODAY + timedelta(days=1), "calls back", None, ""),
        (TODAY + timedelta(days=60), "calls back", None, ""),
        (TODAY + timedelta(days=61), "calls back", None, "60 days at most"),
        (TODAY, "calls back", None, "after today"),
        (None, "calls back", None, "after today"),
        (TODAY + timedelta(days=1), "  ", None, "say why"),
        (TODAY + timedelta(days=5), "calls back", TODAY + timedelta(days=4), "it is due on 10/04/2026"),
        (TODAY + timedelta(days=4), "calls back", TODAY + timedelta(days=4), ""),
        (TODAY + timedelta(days=5), "calls back", TODAY - timedelta(days=4), ""),  # late already
    ],
)
def test_until_when_an_item_may_sleep(until, reason, due_on, refused):
    if not refused:
        check_snooze(until=until, reason=reason, today=TODAY, due_on=due_on)
        return
    with pytest.raises(WorkRefused, match=refused):
        check_snooze(until=until, reason=reason, today=TODAY, due_on=due_on)


def test_a_question_is_passed_up_once_and_with_words():
    check_escalation(reason="Write it off?", escalated_on=None)
    with pytest.raises(WorkRefused, match="say what"):
        check_escalation(reason=" ", escalated_on=None)
    with pytest.raises(WorkRefused, match="already"):
        check_escalation(reason="Write it off?", escalated_on=TODAY)
