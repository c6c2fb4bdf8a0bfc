"""The later payer's claim follows what the payers before it decide, take back and decide again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from claimwright.claims.nouns import Claim as ClaimNoun
from claimwright.claims.nouns import ProviderAdjustment
from tests.lib import world


@pytest.fixture
def chain(tenant: Any, other_tenant: Any) -> Any:
    """(tenant, the version to the first payer, the version to the second)."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(tenant):
        (sent,) = world.sent_claims(world.set_up(), [world.visit(1, second=True)])
        first = ClaimVersion.objects.select_related("claim__patient").get(pk=sent.pk)
        second = ClaimVersion.objects.get(claim__encounter=first.claim.encounter_id, claim__sequence="S")
    return tenant, first, second


def receive(tenant: Any, number: int, *claims: Any, lent: str = "0.00") -> None:
    """Post a payment; `lent` balances a negative one by a forwarding balance."""
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post

    carried = [ProviderAdjustment(code="FB", reference="X", amount=Decimal(lent), provider_id=world.PAYEE_NPI)]
    content = world.as_file(
        [world.remittance(claims, trace=f"T{number}", adjustments=carried if Decimal(lent) else ())],
        control_number=number,
    )
    with tenant_scope(tenant):
        world.deliver(content, f"{number}.835")
    assert post(tenant=tenant).remittances_posted == 1


def state(tenant: Any, version: Any) -> tuple[str, Decimal]:
    """The later claim's state and what it says the payer before has paid."""
    import msgspec

    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        version.refresh_from_db(fields=["state", "content", "held_from"])
    payments = msgspec.convert(version.content, ClaimNoun).prior_payments
    return version.state, sum((payment.paid_amount for payment in payments), Decimal("0.00"))


def test_an_unsent_claim_waits_while_the_decision_it_tells_of_is_taken_back(chain):
    tenant, first, second = chain
    receive(tenant, 10, world.paid(first))
    before, told = state(tenant, second)
    assert before in ("READY", "EDIT_HOLD") and told == Decimal("85.00")
    receive(tenant, 20, world.paid(first, status="22"), lent="-85.00")
    assert state(tenant, second)[0] == "ON_HOLD"
    receive(tenant, 30, world.paid(first, paid="95.00"))
    assert state(tenant, second) == (before, Decimal("95.00"))


def test_a_hold_that_a_person_set_stays_when_the_payer_decides_anew(chain):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.services import hold

    tenant, first, second = chain
    receive(tenant, 10, world.paid(first))
    state(tenant, second)
    with tenant_scope(tenant):
        hold(version=second, reason="waiting for the card")
    receive(tenant, 20, world.paid(first, status="22"), lent="-85.00")
    receive(tenant, 30, world.paid(first, paid="95.00"))
    assert state(tenant, second) == ("ON_HOLD", Decimal("95.00"))


def test_a_later_claim_is_replaced_with_the_new_decision_of_the_payer_before(chain):
    import msgspec

    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.next_payer import replace_later
    from claimwright.web.submissions.models import ClaimVersion
    from claimwright.web.submissions.services import Move, move_all

    tenant, first, second = chain
    receive(tenant, 10, world.paid(first))
    if state(tenant, second)[0] == "EDIT_HOLD":
        with tenant_scope(tenant):
            move_all(moves=[Move(version=second, trigger=Trigger.PASSED)])
    with tenant_scope(tenant):
        for trigger in (Trigger.BATCH, Trigger.SEND_CONFIRMED, Trigger.REMITTANCE):
            move_all(moves=[Move(version=second, trigger=trigger)])
    receive(tenant, 20, world.paid(first, status="22"), world.paid(first, paid="95.00"))
    with tenant_scope(tenant):
        assert WorkItem.objects.filter(worklist="primary_changed", state="open").exists()
        ClaimVersion.objects.filter(pk=second.pk).update(payer_claim_number="ICN2")
        following = replace_later(version=ClaimVersion.objects.get(pk=second.pk), reason="primary changed")
        assert (following.number, following.state) == (2, "DRAFT")
        told = msgspec.convert(following.content, ClaimNoun)
        assert [payment.paid_amount for payment in told.prior_payments] == [Decimal("95.00")]
        assert told.control_number == following.control_number != second.control_number
        assert not WorkItem.objects.filter(worklist="primary_changed", state="open").exists()
