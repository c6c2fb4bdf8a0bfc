"""Instalments charged by themselves: the card kept with a payment, charged once each, declined, and the consent taken back."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

D = Decimal


def listed() -> list[str]:
    from claimwright.web.core.models import WorkItem

    return sorted(
        WorkItem.objects.filter(worklist="plan_payments").exclude(state="done").values_list("reason_code", flat=True)
    )


def a_plan(office: Any, key: str, amount: str, instalment: str, starts_on: date) -> Any:
    from claimwright.web.arrangements import services

    visit = office.visit(key, amount, date(2026, 5, 4))
    plan = services.offer_plan(
        patient=office.patient, starts_on=starts_on, instalment=D(instalment), method="card", encounters=[visit]
    )
    return services.accept_plan(plan=plan, autopay=True)


def pay_on_the_page(attempt: Any) -> None:
    """As the sandbox's page does when the patient chooses the card."""
    from claimwright.web.cashier.cards import take_message
    from claimwright.web.cashier.processors import SandboxProcessor

    take_message(
        message=SandboxProcessor().outcome(
            session=attempt.session, amount=attempt.amount, outcome="captured", means="card", on="2026-06-15"
        )
    )


def test_a_kept_card_pays_each_instalment_once_and_what_is_declined_waits_for_a_person(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimwright.billing.payment_plans import PlanRefused
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.plan_state import standing_of
    from claimwright.web.cashier.models import CardAttempt, KeptMeans
    from claimwright.web.cashier.processors import ProcessorUnavailable, SandboxProcessor

    office.visit("OLDER", "40.00", date(2026, 1, 5))  # in no plan: a payment on the plan does not go there first
    plan = a_plan(office, "A", "150.00", "50.00", date(2026, 6, 15))

    def follow(day: date) -> Decimal:
        office.turn(day)
        for _ in range(2):  # twice is once
            services.follow_plans()
            for plan_id, number in services.plans_to_charge():
                services.charge_plan(plan_id=plan_id, number=number)
        return standing_of(plan).left

    assert follow(date(2026, 6, 15)) == D("150.00") and listed() == ["AUTOPAY"], "no card is kept yet"
    attempt = services.begin_keeping(plan=plan)
    assert (attempt.amount, attempt.is_kept) == (D("50.00"), True)
    pay_on_the_page(attempt)
    kept = KeptMeans.objects.get()
    assert (kept.brand, kept.last_four, "4242" in kept.token) == ("Visa", "4242", False)
    assert follow(date(2026, 6, 15)) == D("100.00") and listed() == [] and office.owed() == D("140.00")

    def silent(*_: Any, **__: Any) -> Any:
        raise ProcessorUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(SandboxProcessor, "charge", silent)
        assert follow(date(2026, 7, 15)) == D("100.00") and listed() == []
    assert follow(date(2026, 7, 16)) == D("50.00") and listed() == [], "asked again the next day"
    assert CardAttempt.objects.filter(charged=kept).count() == 1

    other = a_plan(office, "B", "200.26", "100.13", date(2026, 7, 20))  # the sandbox declines such a charge
    follow(date(2026, 7, 20))
    assert (standing_of(other).left, listed()) == (D("200.26"), ["DECLINED"])
    assert services.charge_due(plan=other) == (0, "the bank of the card refused it")
    assert CardAttempt.objects.filter(charged=kept, state="declined").count() == 2, "a person's try is one of its own"

    services.stop_autopay(plan=other, reason="She pays by check from now on")
    kept.refresh_from_db()
    assert kept.ended_on is None and listed() == [], "the first plan is still charged"
    services.stop_autopay(plan=plan, reason="That one too")
    kept.refresh_from_db()
    assert kept.ended_because == "That one too"
    assert follow(date(2026, 8, 15)) == D("50.00")
    with pytest.raises(PlanRefused, match="not signed"):
        services.begin_keeping(plan=plan)


def test_whoever_else_charges_and_whatever_fails_an_instalment_is_charged_once_and_booked(
    tenant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from claimwright.web.arrangements import services
    from claimwright.web.arrangements.plan_state import standing_of
    from claimwright.web.cashier.cards import take_message
    from claimwright.web.cashier.models import CardAttempt
    from claimwright.web.cashier.processors import ProcessorUnavailable, SandboxProcessor
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations import day
    from tests.faults.clients import Clients
    from tests.web.arrangements.conftest import open_office

    with open_office(tenant) as office:
        plan = a_plan(office, "A", "300.00", "50.00", date(2026, 6, 15))
        office.turn(date(2026, 6, 15))
        pay_on_the_page(services.begin_keeping(plan=plan))
        office.turn(date(2026, 8, 15))
    charged, charge = [], SandboxProcessor.charge

    def counted(self: Any, **told: Any) -> Any:
        charged.append(told["key"])
        time.sleep(0.1)
        return charge(self, **told)

    def left() -> Decimal:
        with tenant_scope(tenant):
            return standing_of(plan).left

    monkeypatch.setattr(SandboxProcessor, "charge", counted)
    with Clients(tenant, 2) as clients:
        answers = clients.together(lambda _: services.charge_due(plan=plan))
    assert sorted(answers) == [(D("0.00"), ""), (D("100.00"), "")] and len(charged) == 2, "two who press at once"
    assert left() == D("150.00")

    tenant.fixed_date = date(2026, 9, 15)
    tenant.save()
    with monkeypatch.context() as patch:
        patch.setattr(day, "run_dunning", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            day.end_day(tenant=tenant)
        assert (len(charged), left()) == (2, D("150.00")), (
            "nothing is charged that a later fault takes out of the books"
        )
    day.end_day(tenant=tenant)
    assert (len(charged), left()) == (3, D("100.00"))

    def told_first(self: Any, **told: Any) -> Any:
        """The processor's message is here before the charge has answered; then the processor falls silent."""
        if charged[3:]:
            raise ProcessorUnavailable("no answer")
        said = counted(self, **told)
        with Clients(tenant, 1) as processor:
            assert processor.together(lambda _: take_message(message=said)) == [None]
        return said

    tenant.fixed_date = date(2026, 11, 15)
    tenant.save()
    monkeypatch.setattr(SandboxProcessor, "charge", told_first)
    with tenant_scope(tenant), acting_as("anna"):
        assert services.charge_due(plan=plan) == (D("50.00"), "the processor did not answer: no answer")
    assert left() == D("50.00")
    with tenant_scope(tenant):
        assert set(CardAttempt.objects.values_list("state", flat=True)) == {"captured"}
        assert not WorkItem.objects.filter(worklist="card_payments").exclude(state="done").exists()


def test_a_quiet_day_reads_many_plans_in_as_many_queries_as_one(office: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.arrangements import services

    def quiet_day() -> int:
        services.follow_plans()
        with CaptureQueriesContext(connection) as queries:
            assert services.follow_plans() == 0
        return len(queries)

    a_plan(office, "A", "150.00", "50.00", date(2026, 6, 25))
    one = quiet_day()
    for key in ("B", "C", "E"):
        a_plan(office, key, "150.00", "50.00", date(2026, 6, 25))
    assert quiet_day() == one
