"""Takebacks: carried forward over two payments, the claim suggested, contested by letter, paid again by the payer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.billing import takebacks as rules
from tests.faults import office as offices
from tests.web.payments.test_release import adjustment, at_work, browser, deliver


def test_medicare_sets_days_and_a_contract_sets_its_own():
    days = rules.contest_days("medicare", date(2026, 3, 2))
    assert [(day.on, day.step) for day in days[:3]] == [
        (date(2026, 3, 17), "Rebuttal"), (date(2026, 4, 1), "Redetermination that stops the recoupment"),
        (date(2026, 4, 12), "Recoupment begins"),
    ]  # fmt: skip
    assert rules.next_contest_day("medicare", date(2026, 3, 2), date(2026, 3, 18)).on == date(2026, 4, 1)
    assert rules.contest_days("commercial", date(2026, 3, 2)) == ()


def test_the_payers_number_outweighs_what_only_agrees():
    paid = [
        rules.Paid(claim_payment_id="a", payer_claim_number="ICN1", control_number="C1", amount=Decimal("50.00")),
        rules.Paid(claim_payment_id="b", payer_claim_number="ICN2", control_number="C2", amount=Decimal("85.00")),
        rules.Paid(claim_payment_id="c", payer_claim_number="ICN3", control_number="C3", amount=Decimal("1.00")),
    ]
    found = rules.likely_claims(numbers=["icn1"], amount=Decimal("85.00"), paid=paid)
    assert [(one.claim_payment_id, one.points) for one in found] == [("a", 60), ("b", 25)]


def test_a_carried_balance_is_followed_and_a_takeback_contested_by_letter(office):
    from django.urls import reverse

    from claimwright.web.recoveries import takebacks
    from claimwright.web.recoveries.models import Takeback

    first, second = office.versions
    deliver(office, 10, [offices.payment(first)], adjustments=[adjustment("FB", "-40.00", "FBREF")])
    deliver(office, 20, [offices.payment(second)], adjustments=[adjustment("FB", "15.00", "FBREF")])
    with at_work(office):
        (balance,) = takebacks.open_balances()
        assert (balance.forwarded, balance.taken, balance.remaining) == (
            Decimal("40.00"), Decimal("15.00"), Decimal("25.00")
        )  # fmt: skip
        assert len(balance.months) == 1
        assert takebacks.list_takebacks() == 1
        assert takebacks.list_takebacks() == 0
        payer, practice = first.claim.payer, first.claim.practice
    desk = browser(office.tenant, "bill", "supervisor")
    given = {
        "payer": payer.pk, "practice": practice.pk, "amount": "85.00", "announced_on": "2026-09-01",
        "reference": first.control_number, "reason": "Not covered on that day",
    }  # fmt: skip
    assert "Not done" in desk.post(reverse("takeback_notice"), given | {"amount": "x"}, follow=True).content.decode()
    page = desk.post(reverse("takeback_notice"), given, follow=True).content.decode()
    assert "our claim number, the amount" in page
    with at_work(office):
        row = Takeback.objects.get(adjustment__isnull=True)
        (best, why), *_ = takebacks.suggestions(row)
        assert (best.control_number, why.points) == (first.control_number, 85)
    desk.post(reverse("work_takeback", args=[row.pk, "name"]), {"claim_payment": best.pk})
    contested = reverse("work_takeback", args=[row.pk, "contest"])
    desk.post(contested, {"reason": "The coverage was active"})
    letter = desk.get(reverse("takeback_letter", args=[row.pk]))
    assert letter.content.startswith(b"%PDF")
    with at_work(office):
        row.refresh_from_db()
        assert (row.state, row.encounter_id) == ("CONTESTED", first.claim.encounter_id)
        takebacks.end_takeback(takeback=row, accepted=False, answer="They agree")
    assert "Withdrawn by the payer" in desk.get(reverse("takebacks")).content.decode()
    assert offices.audit_faults(office.tenant) == []
