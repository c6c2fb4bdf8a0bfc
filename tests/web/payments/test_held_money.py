"""Held money that is the payer's: listed with its clock, sent back by check, acknowledged, taken back, or recouped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.patient import RefusedPayment
from claimwright.claims.nouns import ProviderAdjustment
from claimwright.ledger.accounts import Kind
from tests.faults import office as offices
from tests.web.payments.test_release import at_work, browser, deliver, open_items


def stranger(office: Any, **changes: Any) -> Any:
    """A claim of another office, paid 85.00 to ours."""
    found = offices.payment(office.versions[0], **changes)
    return msgspec.structs.replace(found, control_number="NOTOURS7", payer_claim_number="ICN-77")


def plb(code: str, amount: str, reference: str) -> ProviderAdjustment:
    return ProviderAdjustment(code=code, reference=reference, amount=Decimal(amount), segment=40)


@pytest.fixture
def held(office: Any) -> Any:
    """Beside a claim of ours the payer, a federal one, paid for one that is not: 85.00 stand in Suspense."""
    from claimwright.web.payments.models import ClaimPayment
    from claimwright.web.practice.models import Payer
    from tests.lib.web_data import a_user

    with at_work(office):
        Payer.objects.filter(key="NMUT").update(kind="medicare")
        for name, role in (("ann", "manager"), ("bea", "biller"), ("chief", "supervisor")):
            a_user(office.tenant, name, role)
    deliver(office, 10, [offices.payment(office.versions[1]), stranger(office)])
    with at_work(office):
        return ClaimPayment.objects.select_related("remittance").get(state="held")


def standing(office: Any, kind: Kind) -> Decimal:
    from claimwright.web.accounts.selectors import balances

    with at_work(office):
        return -sum(balances(kinds=[kind]).values(), Decimal("0.00"))


def test_a_check_sends_it_back_the_payers_72_restores_it_and_its_reversal_takes_it(office: Any, held: Any) -> None:
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments import held_money, payer_refunds, refunds

    with at_work(office):
        with pytest.raises(RefusedPayment, match="say why"):
            held_money.owe_back(item=held, note=" ")
        row = held_money.owe_back(item=held, note="A patient of the clinic across the street")
        assert (row.amount, (row.due_on - row.identified_on).days, row.state) == (Decimal("85.00"), 60, "IDENTIFIED")
        with pytest.raises(RefusedPayment, match="already"):
            held_money.owe_back(item=held, note="again")
        refunds.request_refund(refund=row)
        with pytest.raises(RefusedPayment, match="who asks"):
            refunds.approve_refund(refund=row)
    assert standing(office, Kind.SUSPENSE) == Decimal("85.00")
    with at_work(office):
        with acting_as("bea"), pytest.raises(RefusedPayment, match="needs a supervisor"):
            refunds.approve_refund(refund=row)
        with acting_as("chief"):
            refunds.approve_refund(refund=row)
        check = payer_refunds.issue_payer_refund(refunds=[row], reference="7001")
        held.refresh_from_db()
        assert (held.state, held.remittance.__class__.objects.get(pk=held.remittance_id).state) == (
            "returned",
            "posted",
        )
        assert not WorkItem.objects.filter(subject_id=str(held.remittance_id)).exclude(state="done").exists()
    assert standing(office, Kind.SUSPENSE) == 0
    assert offices.audit_faults(office.tenant) == []
    # In one remittance the payer says that it has the check, and reverses the claim that was never ours.
    deliver(
        office,
        20,
        [offices.payment(office.versions[2]), stranger(office, status="22")],
        adjustments=[plb("72", "-85.00", "7001")],
    )
    with at_work(office):
        check.refresh_from_db()
        held.refresh_from_db()
        assert (check.acknowledged_on is not None, held.state) == (True, "held")
        with pytest.raises(RefusedPayment, match="our check 7001"):
            held_money.owe_back(item=held, note="again")
        reversal = held.__class__.objects.select_related("remittance").get(status="22")
        assert [one.pk for one in held_money.held_of(reversal)] == [held.pk]
        held_money.take_held_back(item=held, by=reversal)
        with pytest.raises(RefusedPayment, match="not held"):
            held_money.take_held_back(item=held, by=reversal)
        assert set(held.__class__.objects.filter(control_number="NOTOURS7").values_list("state", flat=True)) == {
            "returned"
        }
    assert (standing(office, Kind.SUSPENSE), standing(office, Kind.REFUND)) == (0, 0)
    assert open_items(office, "unmatched_payments") == 0
    assert offices.audit_faults(office.tenant) == []


def test_what_the_payer_takes_from_a_later_payment_needs_no_check(office: Any, held: Any) -> None:
    from django.urls import reverse

    from claimwright.web.payments import payer_refunds
    from claimwright.web.payments.models import Refund
    from claimwright.web.recoveries.models import Takeback
    from claimwright.web.recoveries.takebacks import list_takebacks

    chief = browser(office.tenant, "lead", "supervisor")
    page = reverse("remittance", args=[held.remittance_id])
    assert "Owed back to the payer" in chief.get(page).content.decode()
    owe = reverse("give_back", args=["claim", held.pk, "owe"])
    assert "ask there for the refund" in chief.post(owe, {"note": "Not ours"}, follow=True).content.decode()
    credits = chief.get(reverse("refunds")).content.decode()
    assert "60 days left" in credits and "held in" in credits
    with at_work(office):
        row = Refund.objects.get(cause="not_ours")
        payer_refunds.choose_recoupment(refund=row)
    deliver(office, 20, [offices.payment(office.versions[2])], adjustments=[plb("WO", "85.00", "NOTOURS7")])
    assert standing(office, Kind.PAYER_OFFSET) == Decimal("-85.00")
    with at_work(office):
        list_takebacks()
        found = Takeback.objects.get()
    listed = chief.get(reverse("takebacks")).content.decode()
    assert f'value="claim:{held.pk}"' in listed
    step = reverse("work_takeback", args=[found.pk, "held"])
    assert "has its money back" in chief.post(step, {"held": f"claim:{held.pk}"}, follow=True).content.decode()
    with at_work(office):
        row.refresh_from_db()
        found.refresh_from_db()
        assert (row.state, row.amount, found.state) == ("RECOUPED", 0, "ACCEPTED")
    assert (standing(office, Kind.PAYER_OFFSET), standing(office, Kind.SUSPENSE)) == (0, 0)
    assert open_items(office, "unidentified_takebacks") == 0
    assert offices.audit_faults(office.tenant) == []


def test_money_that_proves_to_be_ours_leaves_the_list_of_credits(office: Any) -> None:
    from claimwright.web.payments import assignments, held_money
    from claimwright.web.payments.models import ProviderAdjustment as Pair

    deliver(office, 10, [offices.payment(office.versions[0])], adjustments=[plb("ZZ", "-7.00", "ONE")])
    with at_work(office):
        pair = Pair.objects.select_related("remittance").get()
        row = held_money.owe_back(item=pair, note="Nobody knows what it is")
        assert (row.amount, row.due_on) == (Decimal("7.00"), None)
        assignments.map_adjustment(adjustment=pair, kind="OTHER_INCOME", note="A bonus, says the payer")
        row.refresh_from_db()
        assert (row.state, row.amount) == ("CLEARED", 0)
    assert standing(office, Kind.SUSPENSE) == 0
    assert offices.audit_faults(office.tenant) == []
