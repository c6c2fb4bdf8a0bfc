"""Plans over the ledger: scenario S9 to the cent, payments that came back, charges that join, what ends a plan."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from claimwright.billing.patient import RefusedPayment

D = Decimal


def items(**match: Any) -> list[tuple[str, str]]:
    from claimwright.web.core.models import WorkItem

    return sorted(WorkItem.objects.filter(state="open", **match).values_list("worklist", "reason_code"))


def test_scenario_nine_from_offer_to_bad_debt(office: Any):
    from claimwright.billing.payment_plans import PlanRefused
    from claimwright.web.accounts.selectors import totals_by_kind
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.models import PatientLetter
    from claimwright.web.arrangements.plan_state import standing_of
    from claimwright.web.arrangements.selectors import dunning_stops, suppressions
    from claimwright.web.payments.services import return_payment
    from claimwright.web.recoveries import agencies
    from claimwright.web.recoveries.models import AgencyPlacement

    office.visit("S9L1", "600.00", date(2026, 6, 1))
    plan = services.offer_plan(
        patient=office.patient, starts_on=date(2026, 6, 15), instalments=6, method="card", instalment=D("100.00")
    )
    assert (plan.state, plan.balance_amount, bytes(plan.agreement[:5])) == ("OFFERED", D("600.00"), b"%PDF-")
    assert suppressions([office.patient.pk]) == {}, "an offer stops nothing"
    plan = services.accept_plan(plan=plan, autopay=True)
    assert plan.state == "ACTIVE" and "payment_plan" in office.patient.__class__.objects.get().flags
    (held,) = suppressions([office.patient.pk])[office.patient.pk]
    assert (held.code, held.line_ids, held.stops_statements) == ("plan", ("S9L1",), False)
    assert dunning_stops([office.patient.pk], date(2026, 6, 1)) == {office.patient.pk: "PLAN"}

    def follow(day: date) -> tuple[str, int]:
        office.turn(day)
        services.follow_arrangements()
        services.follow_arrangements()  # twice is once
        plan.refresh_from_db()
        return plan.state, plan.missed

    assert follow(date(2026, 6, 15)) == ("GRACE", 0) and items() == [("plan_payments", "AUTOPAY")]
    first = services.pay_plan(plan=plan, amount=D("100.00"), method="check", check_number="1", key="r1")
    assert services.pay_plan(plan=plan, amount=D("100.00"), method="check", check_number="1", key="r1").pk == first.pk
    assert follow(date(2026, 6, 15)) == ("ACTIVE", 0) and items() == []
    office.turn(date(2026, 7, 15))
    services.pay_plan(plan=plan, amount=D("100.00"), method="check", check_number="2", key="r2")
    assert office.owed() == D("400.00")
    office.turn(date(2026, 8, 15))
    check = services.pay_plan(plan=plan, amount=D("100.00"), method="check", check_number="3", key="r3")
    assert office.owed() == D("300.00") and follow(date(2026, 8, 19)) == ("ACTIVE", 0)
    office.turn(date(2026, 8, 20))
    return_payment(receipt=check, fee=D("25.00"))
    assert office.owed() == D("425.00") and standing_of(plan).left == D("400.00"), "the fee is not in the plan"
    assert follow(date(2026, 8, 25)) == ("GRACE", 0) and follow(date(2026, 8, 26)) == ("GRACE", 1)
    assert follow(date(2026, 9, 25)) == ("GRACE", 1) and follow(date(2026, 9, 26)) == ("DEFAULTED", 2)
    assert ("plan_defaults", "DEFAULT_NOTICE") in items() and suppressions([office.patient.pk]) == {}
    with pytest.raises(PlanRefused, match="final notice"):
        services.hand_plan_to_bad_debt(plan=plan)
    follow(date(2026, 10, 26))
    with pytest.raises(PlanRefused, match="final notice"):
        services.hand_plan_to_bad_debt(plan=plan)
    follow(date(2026, 11, 25))
    assert ("plan_defaults", "BAD_DEBT") in items()
    services.hand_plan_to_bad_debt(plan=plan)
    totals = totals_by_kind()
    by_kind: dict[str, Decimal] = {}
    for (kind, _), amount in totals.items():
        by_kind[kind.value] = by_kind.get(kind.value, D(0)) + amount
    assert (by_kind["BAD_DEBT"], by_kind.get("RECEIVABLE", D(0)), by_kind["PATIENT_CASH"]) == (D(425), D(0), D(200))
    names = list(PatientLetter.objects.order_by("number").values_list("name", flat=True))
    assert names == ["REMIND", "LATE_NOTICE", "DEFAULT_NOTICE", "FINAL_NOTICE"]
    debt = AgencyPlacement.objects.get()
    assert (debt.final_notice_on, agencies.list_agency_reviews()) == (date(2026, 10, 26), 1)
    agencies.place_account(placement=debt, agency=agencies.open_agency(name="Northern", fee_share=D("0.25")))
    assert (debt.state, debt.amount) == ("PLACED", D("425.00"))


def test_the_schedule_of_an_odd_balance_is_paid_to_the_cent(office: Any):
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.plan_state import standing_of

    office.visit("A", "77.77", date(2026, 5, 1))
    office.visit("B", "22.23", date(2026, 5, 2))
    plan = services.accept_plan(
        plan=services.offer_plan(patient=office.patient, starts_on=date(2026, 7, 1), instalments=3, down_payment=D(10))
    )
    assert plan.instalment_amount == D("30.00")
    for method, refused in (("cash", "open the cash drawer"), ("check", "number of the check"), ("card", "processor")):
        with pytest.raises(RefusedPayment, match=refused):  # as any payment over the counter
            services.pay_plan(plan=plan, amount=D("10.00"), method=method, key="down")
    paid = services.pay_plan(plan=plan, amount=D("10.00"), method="check", check_number="1", key="down")
    assert (paid.reference, paid.counter.number, paid.counter.slip) == ("1", "RC000001", None)
    standing = standing_of(plan)
    assert [(row.number, row.left) for row in standing.instalments] == [(0, D(0)), (1, D(30)), (2, D(30)), (3, D(30))]
    later = office.visit("C", "50.00", date(2026, 4, 1))  # older than the plan's visits, and not in it
    services.pay_plan(plan=plan, amount=D("95.00"), method="check", check_number="2", key="rest")
    plan.refresh_from_db()
    assert plan.state == "COMPLETED" and office.owed() == D("45.00"), "what is over goes to the other visit"
    assert later.pk and "payment_plan" not in office.patient.__class__.objects.get().flags


def test_a_finance_charge_stands_on_the_account_and_is_paid_by_the_plan(office: Any):
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.plan_state import standing_of

    visit = office.visit("A", "300.00", date(2026, 5, 1))
    plan = services.accept_plan(
        plan=services.offer_plan(
            patient=office.patient,
            encounters=[visit],
            starts_on=date(2026, 7, 1),
            instalments=3,
            finance_charge=D("6.00"),
        )
    )
    assert office.owed() == D("306.00") and standing_of(plan).regulation_z and standing_of(plan).left == D("306.00")
    joined = office.visit("B", "102.00", date(2026, 6, 1))
    plan = services.join_plan(plan=plan, encounters=[joined], consent="signed on paper")
    assert (plan.balance_amount, plan.instalment_count) == (D("408.00"), 4)
    services.pay_plan(plan=plan, amount=D("408.00"), method="check", check_number="1", key="all")
    plan.refresh_from_db()
    assert plan.state == "COMPLETED" and office.owed() == 0


def test_what_is_refused_changes_nothing(office: Any):
    from claimwright.billing.payment_plans import PlanRefused
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.models import PaymentPlan

    start = date(2026, 7, 1)
    with pytest.raises(PlanRefused, match="nothing is open"):
        services.offer_plan(patient=office.patient, starts_on=start, instalments=2)
    office.visit("A", "300.00", date(2026, 5, 1))
    for change, word in (
        ({"method": "gold"}, "method"), ({"cadence": "daily"}, "cadence"), ({"starts_on": date(2026, 5, 31)}, "start"),
        ({"instalments": None}, "amount"), ({"instalments": 200}, "at least"),
    ):  # fmt: skip
        with pytest.raises(PlanRefused, match=word):
            services.offer_plan(**{"patient": office.patient, "starts_on": start, "instalments": 2} | change)
    assert not PaymentPlan.objects.exists()
    plan = services.offer_plan(patient=office.patient, starts_on=start, instalments=2, method="check")
    with pytest.raises(PlanRefused, match="autopay"):
        services.accept_plan(plan=plan, autopay=True)
    office.turn(date(2026, 7, 2))
    with pytest.raises(PlanRefused, match="lapsed"):
        services.accept_plan(plan=plan)
    services.follow_plans()
    plan.refresh_from_db()
    assert (plan.state, plan.ended_because) == ("CANCELLED", "the offer lapsed")
    office.turn(date(2026, 7, 1))
    again = services.offer_plan(patient=office.patient, starts_on=start, instalments=2)
    office.turn(start + timedelta(days=3))
    from claimwright.web.payments.services import receive_patient_payment

    receive_patient_payment(
        patient=office.patient, practice=office.practice, amount=D("1.00"), method="cash", key="between"
    )
    with pytest.raises(PlanRefused, match="changed"):
        services.accept_plan(plan=again)


def test_a_broken_plan_runs_again_after_a_payment(office: Any):
    from claimwright.billing.payment_plans import PlanRefused
    from claimwright.web.arrangements import services

    office.visit("A", "300.00", date(2026, 5, 1))
    plan = services.accept_plan(
        plan=services.offer_plan(patient=office.patient, starts_on=date(2026, 6, 1), instalments=3)
    )
    office.turn(date(2026, 7, 12))
    services.follow_plans()
    with pytest.raises(PlanRefused, match="payment first"):
        services.reinstate_plan(plan=plan, reason="agreed by phone")
    services.pay_plan(plan=plan, amount=D("150.00"), method="check", check_number="1", key="some")
    plan.refresh_from_db()
    assert plan.state == "DEFAULTED", "a payment alone does not undo a default"
    plan = services.reinstate_plan(plan=plan, reason="agreed by phone")
    assert plan.state == "GRACE" and items() == []
