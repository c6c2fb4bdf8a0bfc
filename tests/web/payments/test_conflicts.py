"""A payment whose identity came before: two people decide what it is, the books follow, and the auditor still holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from claimwright.ledger.accounts import Kind
from tests.faults import office as offices
from tests.lib import world
from tests.web.payments.test_release import at_work, buckets, open_items


def arrive(office: Any, number: int, claims: Any, **changes: Any) -> Any:
    """One more remittance under the trace number T1."""
    from claimwright.web.payments.models import Remittance

    payment = world.remittance(claims, trace="T1", **changes)
    office.put(f"{number}.835", world.as_file([payment], control_number=number))
    offices.run(office)
    with at_work(office):
        return Remittance.objects.order_by("number").last()


def person(office: Any, name: str) -> Any:
    from claimwright.web.core.models import User

    return User.objects.create_user(name, password="a long enough password", tenant=office.tenant, role="supervisor")


def test_a_corrected_resend_posts_only_what_differs_and_moves_no_second_sum(office):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.accounts.selectors import balances
    from claimwright.web.payments import conflicts, release

    first, second, third = office.versions
    was = [offices.payment(version) for version in office.versions]
    arrive(office, 1, was)
    now = [offices.payment(first, paid="75.00"), offices.payment(second, paid="95.00"), was[2]]
    held = arrive(office, 2, now)
    assert (held.state, open_items(office, "remittance_conflicts")) == ("held", 1)
    other = person(office, "ann")
    with at_work(office):
        conflicts.ask_to_post_held(remittance=held, decision="RESEND", reason="The payer swapped two amounts")
        before = LedgerTransfer.objects.count()
        with pytest.raises(release.ReleaseRefused, match="does not approve"):
            conflicts.approve_held(remittance=held, approver=type("User", (), {"get_username": lambda self: "sam"})())
        assert LedgerTransfer.objects.count() == before
        conflicts.approve_held(remittance=held, approver=other)
        held.refresh_from_db()
        assert (held.state, held.amount, held.identity_suffix, held.approved_by) == (
            "posted",
            Decimal("0.00"),
            "2",
            "ann",
        )
        assert sum(balances(kinds=[Kind.REMITTANCE]).values(), Decimal("0.00")) == Decimal("255.00")
        assert not LedgerTransfer.objects.filter(payment=held.number, claim=third.control_number).exists()
        assert sorted(held.claim_payments.values_list("status", flat=True)) == ["1", "1", "22", "22"]
    assert offices.audit_faults(office.tenant) == []
    assert open_items(office, "remittance_conflicts") == 0
    assert buckets(office, third) == {"PAT": Decimal("25.00")}
    # The same corrected bytes again are a duplicate of it, and ask nobody.
    assert arrive(office, 3, now).state == "duplicate"
    assert offices.audit_faults(office.tenant) == []


def test_a_number_used_again_posts_beside_the_first_and_what_is_the_same_again_does_not(office):
    from claimwright.web.payments import conflicts, release
    from claimwright.web.payments.models import Remittance

    first, second, _ = office.versions
    arrive(office, 1, [offices.payment(first)])
    mixed = arrive(office, 2, [offices.payment(first), offices.payment(second)])
    other = person(office, "ann")
    with at_work(office):
        conflicts.ask_to_post_held(remittance=mixed, decision="SEPARATE", reason="Recycled check number")
        with pytest.raises(release.ReleaseRefused, match="sent again"):
            conflicts.approve_held(remittance=mixed, approver=other)
        conflicts.withdraw_held(remittance=mixed)
        conflicts.dismiss_held(remittance=mixed, reason="The clearinghouse merged two files")
    alone = arrive(office, 3, [offices.payment(second)])
    with at_work(office):
        conflicts.ask_to_post_held(remittance=alone, decision="SEPARATE", reason="Recycled check number")
        conflicts.approve_held(remittance=alone, approver=other)
        assert list(Remittance.objects.order_by("number").values_list("state", "identity_suffix")) == [
            ("posted", ""), ("duplicate", ""), ("posted", "2")
        ]  # fmt: skip
    assert buckets(office, second) == {"PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):  # a second payment that nobody decided on is a fault
        Remittance.objects.filter(pk=alone.pk).update(approved_by="sam")
    assert [fault.invariant for fault in offices.audit_faults(office.tenant)] == ["I5"]
