"""A payment whose identity came before: two people decide what it is, the books follow, and the auditor still holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from claimwright.ledger.accounts import Account, Kind
from tests.faults import office as offices
from tests.lib import world
from tests.web.payments.test_release import adjustment, at_work, browser, buckets, open_items


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


def test_a_claim_of_another_practice_posts_there_and_the_debt_between_them_is_settled(office):
    from claimwright.web.accounts.selectors import balance
    from claimwright.web.payments import assignments
    from claimwright.web.payments.models import PracticeDebt
    from claimwright.web.practice.models import Practice

    first, _, _ = office.versions
    with at_work(office):
        elsewhere = Practice.objects.create(name="Elsewhere", npi="1999999992", tax_id="391234568")
    held = arrive(office, 1, [offices.payment(first)], payee_npi="1999999992", payee_tax_id="391234568")
    assert (held.state, held.practice_id) == ("partial", elsewhere.pk)
    with at_work(office):
        claim = held.claim_payments.get()
        owner = assignments.owner_of(claim)
        assignments.assign_to_practice(claim_payment=claim, reason="The payer mixed up the two")
        debt = PracticeDebt.objects.get()
        assert (debt.received_by, debt.belongs_to, debt.amount) == (elsewhere, owner, Decimal("85.00"))
    assert open_items(office, "other_practice") == 1
    assert buckets(office, first) == {"PAT": Decimal("25.00")}
    with at_work(office):
        assignments.settle_practice_debt(debt=debt, reference="WIRE 7")
        assert balance(Account(Kind.BANK, str(elsewhere.pk))) == Decimal("-85.00")
        assert balance(Account(Kind.BANK, str(owner.pk))) == Decimal("85.00")
    assert open_items(office, "other_practice") == 0
    assert offices.audit_faults(office.tenant) == []


def test_the_page_asks_and_another_person_approves_and_a_code_is_mapped_for_good(office):
    from django.urls import reverse

    first, second, _ = office.versions
    pair = adjustment("ZZ", "-7.00", "ONE")
    held = arrive(office, 1, [offices.payment(first)], adjustments=[pair])
    chief, other = browser(office.tenant, "chief", "supervisor"), browser(office.tenant, "boss", "manager")
    with at_work(office):
        place = reverse("place_adjustment", args=[held.provider_adjustments.get().pk])
    asked = {"kind": "OTHER_INCOME", "note": "A bonus, says the payer", "remember": "1"}
    assert "say what" in chief.post(place, asked | {"note": ""}, follow=True).content.decode()
    assert "A bonus" in chief.post(place, asked, follow=True).content.decode()
    again = arrive(office, 2, [offices.payment(second)], adjustments=[pair])
    page, steps = reverse("remittance", args=[again.pk]), {}
    for step in ("ask", "approve"):
        steps[step] = reverse("decide_held", args=[again.pk, step])
    assert "Decide what this is" in chief.get(page).content.decode()
    chief.post(steps["ask"], {"decision": "SEPARATE", "reason": "Recycled number"})
    assert "does not approve" in chief.post(steps["approve"], follow=True).content.decode()
    done = other.post(steps["approve"], follow=True).content.decode()
    assert "approved by boss" in done
    with at_work(office):  # the remembered account took the second pair without asking
        again.refresh_from_db()
        assert (again.state, again.provider_adjustments.get().state) == ("posted", "posted")
    assert offices.audit_faults(office.tenant) == []
