"""Payment plans: schedules to the cent, standing by day, disclosures, and what follows a default."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.bad_debt import PlacementRefused, place
from claimwright.billing.payment_plans import (
    Cadence,
    Plan,
    PlanRefused,
    PlanState,
    PlanStep,
    amount_of,
    annual_percentage_rate,
    check_terms,
    count_of,
    disclosures,
    due_dates,
    needs_disclosures,
    plan_standing,
    schedule,
    steps_due,
    with_joined,
)

ON = date(2026, 1, 31)


def d(value: str | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


PLAN = Plan(balance=d(300), amount=d(100), start=ON, count=3)
SIX = Plan(balance=d(600), amount=d(100), start=date(2026, 6, 15), count=6)  # scenario S9


@pytest.mark.parametrize(
    ("cadence", "start", "count", "last"),
    [
        (Cadence.MONTHLY, date(2026, 1, 31), 2, date(2026, 2, 28)), (Cadence.MONTHLY, date(2026, 1, 31), 3, date(2026, 3, 31)),
        (Cadence.MONTHLY, date(2027, 12, 31), 3, date(2028, 2, 29)), (Cadence.MONTHLY, date(2026, 12, 15), 2, date(2027, 1, 15)),
        (Cadence.WEEKLY, date(2026, 2, 26), 2, date(2026, 3, 5)), (Cadence.BIWEEKLY, date(2026, 12, 25), 2, date(2027, 1, 8)),
        (Cadence.QUARTERLY, date(2026, 11, 30), 2, date(2027, 2, 28)),
    ],
)  # fmt: skip
def test_the_days_of_instalments(cadence: Cadence, start: date, count: int, last: date):
    assert due_dates(Plan(balance=d(100), amount=d(1), start=start, count=count, cadence=cadence))[-1] == last


@pytest.mark.parametrize(
    ("balance", "down", "count", "amounts"),
    [
        ("100.00", "0", 3, ["33.33", "33.33", "33.34"]), ("600.00", "0", 6, ["100.00"] * 6),
        ("650.00", "50", 6, ["50.00", *["100.00"] * 6]), ("0.05", "0", 2, ["0.02", "0.03"]),
        ("425.50", "25.50", 4, ["25.50", *["100.00"] * 4]), ("1000.01", "0", 7, [*["142.85"] * 6, "142.91"]),
    ],
)  # fmt: skip
def test_the_last_instalment_takes_the_rest(balance: str, down: str, count: int, amounts: list[str]):
    amount = amount_of(d(balance), count, d(down))
    plan = Plan(balance=d(balance), amount=amount, start=ON, count=count, down_payment=d(down), agreed_on=ON)
    assert [str(row.amount) for row in schedule(plan)] == amounts


def test_an_amount_that_is_named_gives_the_count():
    assert [count_of(d(b), d(300), d(w)) for b, w in ((1000, 0), (900, 0), (1000, 100), (1, 0))] == [4, 3, 3, 1]
    rows = schedule(Plan(balance=d(1000), amount=d(300), start=ON, count=4))
    assert [row.amount for row in rows] == [d(300), d(300), d(300), d(100)]


@given(st.integers(1, 10_000_000), st.integers(1, 60), st.data())
def test_every_schedule_is_the_balance_to_the_cent(cents: int, count: int, data: st.DataObject):
    balance = Decimal(cents) / 100
    down = Decimal(data.draw(st.integers(0, cents - 1))) / 100
    amount = amount_of(balance, count, down)
    plan = Plan(balance=balance, amount=amount, start=ON, count=count, down_payment=down)
    paid = Decimal(data.draw(st.integers(0, cents))) / 100
    relieved = Decimal(data.draw(st.integers(0, cents))) / 100
    assert sum(row.amount for row in schedule(plan)) == balance
    standing = plan_standing(plan, paid, ON, relieved=relieved)
    assert standing.left == max(balance - paid - relieved, d(0))
    assert all(row.left >= 0 for row in standing.instalments)
    assert (standing.state is PlanState.COMPLETED) == (standing.left == 0)


@pytest.mark.parametrize(
    ("paid", "on", "state", "missed", "due"),
    [
        (0, date(2026, 1, 30), PlanState.ACTIVE, 0, 0), (0, date(2026, 1, 31), PlanState.GRACE, 0, 100),
        (0, date(2026, 2, 10), PlanState.GRACE, 0, 100), (0, date(2026, 2, 11), PlanState.GRACE, 1, 100),
        (0, date(2026, 3, 10), PlanState.GRACE, 1, 200), (0, date(2026, 3, 11), PlanState.DEFAULTED, 2, 200),
        (99, date(2026, 2, 11), PlanState.GRACE, 1, 1), (100, date(2026, 2, 27), PlanState.ACTIVE, 0, 0),
        (100, date(2026, 2, 28), PlanState.GRACE, 0, 100), (100, date(2026, 3, 10), PlanState.GRACE, 0, 100),
        (100, date(2026, 3, 11), PlanState.GRACE, 1, 100), (100, date(2026, 4, 10), PlanState.GRACE, 1, 200),
        (100, date(2026, 4, 11), PlanState.DEFAULTED, 2, 200), (200, date(2026, 3, 11), PlanState.ACTIVE, 0, 0),
        (200, date(2027, 1, 1), PlanState.GRACE, 1, 100), (300, date(2026, 2, 1), PlanState.COMPLETED, 0, 0),
        (299, date(2027, 1, 1), PlanState.GRACE, 1, 1), (350, date(2026, 2, 1), PlanState.COMPLETED, 0, 0),
    ],
)  # fmt: skip
def test_where_a_plan_stands(paid: int, on: date, state: PlanState, missed: int, due: int):
    standing = plan_standing(PLAN, d(paid), on)
    assert (standing.state, standing.missed, standing.due) == (state, missed, d(due))


@pytest.mark.parametrize(
    ("on", "paid", "state", "missed"),
    [
        (date(2026, 6, 1), 0, "ACTIVE", 0), (date(2026, 6, 15), 100, "ACTIVE", 0), (date(2026, 7, 15), 200, "ACTIVE", 0),
        (date(2026, 8, 15), 300, "ACTIVE", 0), (date(2026, 8, 20), 200, "GRACE", 0), (date(2026, 8, 25), 200, "GRACE", 0),
        (date(2026, 8, 26), 200, "GRACE", 1), (date(2026, 9, 25), 200, "GRACE", 1), (date(2026, 9, 26), 200, "DEFAULTED", 2),
    ],
)  # fmt: skip
def test_scenario_nine_day_by_day(on: date, paid: int, state: str, missed: int):
    standing = plan_standing(SIX, d(paid), on)
    assert (standing.state.value, standing.missed, standing.regulation_z) == (state, missed, True)


def test_a_down_payment_is_missed_like_an_instalment():
    plan = Plan(balance=d(350), amount=d(100), start=date(2026, 3, 1), count=3, down_payment=d(50), agreed_on=ON)
    assert plan_standing(plan, d(0), date(2026, 2, 11)).missed == 1
    assert plan_standing(plan, d(50), date(2026, 2, 11)).missed == 0
    assert plan_standing(plan, d(0), date(2026, 3, 12)).state is PlanState.DEFAULTED


def test_what_charity_takes_off_shortens_the_plan():
    standing = plan_standing(PLAN, d(100), date(2026, 2, 1), relieved=d(150))
    assert [row.left for row in standing.instalments] == [d(0), d(50), d(0)]
    assert (standing.next_due, standing.next_amount) == (date(2026, 2, 28), d(50))
    assert plan_standing(PLAN, d(100), date(2026, 2, 1), relieved=d(200)).state is PlanState.COMPLETED


@pytest.mark.parametrize(("count", "charge", "needed"), [(4, 0, False), (5, 0, True), (4, 1, True), (1, 1, True)])
def test_when_the_lender_must_disclose(count: int, charge: int, needed: bool):
    plan = Plan(balance=d(100), amount=amount_of(d(100), count), start=ON, count=count, finance_charge=d(charge))
    assert needs_disclosures(plan) is needed
    assert plan_standing(plan, d(0), ON).regulation_z is needed


def test_offers_and_cancellations_are_no_running_plans():
    assert plan_standing(msgspec.structs.replace(PLAN, accepted=False), d(0), ON).state is PlanState.OFFERED
    assert plan_standing(msgspec.structs.replace(PLAN, cancelled=True), d(0), ON).state is PlanState.CANCELLED


def test_the_annual_percentage_rate_is_the_actuarial_one():
    """Appendix J's own kind of example: 5,000 over 36 months at 166.07 a month is 12.00 percent."""
    assert annual_percentage_rate(d(5000), [Decimal("166.07")] * 36, 12) == d(12)
    assert annual_percentage_rate(d(600), [d(100)] * 6, 12) == 0
    told = disclosures(Plan(balance=d(660), amount=d(100), start=ON, count=6, down_payment=d(60), finance_charge=d(18)))
    assert (told.amount_financed, told.finance_charge, told.total_of_payments) == (d(582), d(18), d(600))
    worth = sum(d(100) / (1 + told.annual_percentage_rate / 1200) ** n for n in range(1, 7))
    assert abs(worth - d(582)) < d("0.01") * 2


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"amount": d(99)}, "do not pay"), ({"amount": d(160)}, "fewer"), ({"start": date(2026, 1, 30)}, "start"),
        ({"down_payment": d(300)}, "down payment"), ({"balance": d(0)}, "balance"), ({"count": 0}, "instalments"),
        ({"finance_charge": d(-1)}, "finance"), ({"amount": d(5), "balance": d(15)}, "at least"),
        ({"balance": Decimal("300.001")}, "cents"),
    ],
)  # fmt: skip
def test_terms_that_are_refused(change: dict[str, object], word: str):
    check_terms(PLAN, on=ON)
    with pytest.raises(PlanRefused, match=word):
        check_terms(msgspec.structs.replace(PLAN, **change), on=ON)


def test_new_charges_join_only_by_consent():
    with pytest.raises(PlanRefused, match="consent"):
        with_joined(PLAN, added=d(150), on=ON, paid=d(0), consent=False)
    longer = with_joined(PLAN, added=d(150), on=date(2026, 2, 1), paid=d(100), consent=True)
    assert [row.amount for row in schedule(longer)] == [d(100)] * 4 + [d(50)]
    assert plan_standing(longer, d(100), date(2026, 2, 1)).regulation_z, "five instalments now"
    with pytest.raises(PlanRefused, match="runs"):
        with_joined(PLAN, added=d(1), on=ON, paid=d(300), consent=True)


def test_notices_of_a_default_wait_for_an_answer():
    broken = plan_standing(PLAN, d(0), date(2026, 3, 11))
    first, second, third = (date(2026, 3, 11) + timedelta(days=30 * n) for n in range(3))
    sent: list[tuple[str, date]] = []
    for on, step in (
        (first, PlanStep.DEFAULT_NOTICE), (second - timedelta(days=1), None), (second, PlanStep.FINAL_NOTICE),
        (third - timedelta(days=1), None), (third, PlanStep.BAD_DEBT), (third, None),
    ):  # fmt: skip
        found = steps_due(broken, on=on, sent=sent)
        assert found == ((step,) if step else ())
        sent += [(one.value, on) for one in found]


@pytest.mark.parametrize(
    ("on", "paid", "autopay", "sent", "steps"),
    [
        (date(2026, 1, 25), 0, False, [], ()), (date(2026, 1, 26), 0, False, [], (PlanStep.REMIND,)),
        (date(2026, 1, 31), 0, True, ["REMIND:1"], (PlanStep.AUTOPAY,)), (date(2026, 1, 31), 0, True, ["REMIND:1", "AUTOPAY:1"], ()),
        (date(2026, 2, 10), 0, False, ["REMIND:1"], ()), (date(2026, 2, 11), 0, False, ["REMIND:1"], (PlanStep.LATE_NOTICE,)),
        (date(2026, 2, 11), 100, False, [], ()), (date(2026, 2, 11), 0, False, ["LATE_NOTICE:1"], ()),
        (date(2026, 2, 23), 100, False, [], (PlanStep.REMIND,)), (date(2026, 2, 23), 300, True, [], ()),
    ],
)  # fmt: skip
def test_what_a_running_plan_asks_for(on: date, paid: int, autopay: bool, sent: list[str], steps: tuple[PlanStep, ...]):
    standing = plan_standing(PLAN, d(paid), on)
    assert steps_due(standing, on=on, sent=[(name, ON) for name in sent], autopay=autopay) == steps


def test_no_debt_is_placed_while_a_plan_runs():
    owed = {"L1": d(100)}
    assert place(owed, final_notice_sent=True, flags=(), key="bd", on=ON)
    with pytest.raises(PlacementRefused, match="payment_plan"):
        place(owed, final_notice_sent=True, flags=("payment_plan",), key="bd", on=ON)
