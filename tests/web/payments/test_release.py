"""Releasing what was held: out of Suspense by the same rules, once, and the books stay sound; else nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.claims.nouns import ProviderAdjustment
from claimwright.ledger.accounts import Account, Kind
from tests.faults import office as offices
from tests.lib import world


@contextmanager
def at_work(office: Any) -> Iterator[None]:
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant), acting_as("sam"):
        yield


def deliver(office: Any, number: int, claims: Any = (), **changes: Any) -> Any:
    from claimwright.web.payments.models import Remittance

    trace = f"T{number}"
    payment = world.remittance(claims, trace=trace, **changes)
    office.put(f"{number}.835", world.as_file([payment], control_number=number))
    offices.run(office)
    with at_work(office):
        return Remittance.objects.get(trace_number=trace)


def held_claims(office: Any, remittance: Any) -> list[Any]:
    with at_work(office):
        return list(remittance.claim_payments.filter(state="held").order_by("segment"))


def release(office: Any, payment: Any) -> Any:
    from claimwright.web.payments.release import release_held

    with at_work(office):
        return release_held(claim_payment=payment)


def buckets(office: Any, version: Any) -> dict[str, Decimal]:
    from claimwright.web.accounts.selectors import line_balances

    line_id = version.content["lines"][0]["control_number"]
    with at_work(office):
        return {name: amount for name, amount in line_balances([line_id])[line_id].items() if amount}


def suspense(office: Any) -> Decimal:
    from claimwright.web.accounts.selectors import balances

    with at_work(office):
        return sum(balances(kinds=[Kind.SUSPENSE]).values(), Decimal("0.00"))


def open_items(office: Any, worklist: str) -> int:
    from claimwright.web.core.models import WorkItem

    with at_work(office):
        return WorkItem.objects.filter(worklist=worklist, state="open").count()


def ledger_rows(office: Any) -> int:
    from claimwright.web.accounts.models import LedgerTransfer

    with at_work(office):
        return LedgerTransfer.objects.count()


def adjustment(code: str, amount: str, reference: str = "") -> ProviderAdjustment:
    return ProviderAdjustment(code=code, amount=Decimal(amount), reference=reference, provider_id=world.PAYEE_NPI)


def test_a_reversal_that_came_before_its_original_is_released_after_it(office):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.payments.release import ReleaseRefused

    version, other, third = office.versions
    early = deliver(
        office, 10,
        [offices.payment(version, status="22"), offices.payment(version, paid="95.00"), offices.payment(other, paid="90.00")],
    )  # fmt: skip
    late = deliver(office, 20, [offices.payment(version)])
    assert (early.state, late.state) == ("partial", "partial")
    (original,) = held_claims(office, late)
    reversal, correction = held_claims(office, early)
    before = ledger_rows(office)
    with pytest.raises(ReleaseRefused, match="no posted decision is its exact opposite"):
        release(office, reversal)
    assert ledger_rows(office) == before
    assert suspense(office) == Decimal("-95.00")  # 85 + 10 are held
    release(office, original)
    assert buckets(office, version) == {"PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []
    release(office, reversal)
    assert buckets(office, version) == {"INS1": Decimal("150.00")}
    assert offices.audit_faults(office.tenant) == []
    release(office, correction)
    assert buckets(office, version) == {"PAT": Decimal("25.00")}
    assert suspense(office) == 0
    assert open_items(office, "reversals_without_original") == 0
    with at_work(office):
        for row in (early, late, original, reversal, correction):
            row.refresh_from_db()
        version.refresh_from_db()
        actors = set(AuditEvent.objects.filter(action="remittance.released").values_list("actor", flat=True))
    assert (early.state, late.state) == ("posted", "posted")
    assert {row.state for row in (original, reversal, correction)} == {"released"}
    assert original.reversed_by_id == reversal.pk
    assert (version.state, version.outcome) == ("ADJUDICATED", "PAID")
    assert actors == {"sam"}
    assert offices.audit_faults(office.tenant) == []
    before = ledger_rows(office)
    with pytest.raises(ReleaseRefused, match="not held"):
        release(office, correction)
    assert ledger_rows(office) == before


def test_a_released_decision_is_reversed_by_a_later_payment_like_any_other(office):
    version, other, third = office.versions
    unmatched = msgspec.structs.replace(
        offices.payment(version), control_number="NOTOURS1", payer_claim_number="PAYER77",
        patient=msgspec.structs.replace(offices.payment(version).patient, last_name="ELSE"), lines=(
            msgspec.structs.replace(offices.payment(version).lines[0], control_number=""),),
    )  # fmt: skip
    held = deliver(office, 10, [unmatched, offices.payment(other)])
    (payment,) = held_claims(office, held)
    with at_work(office):  # the payer's number becomes known, and the name is put right
        version.payer_claim_number = "PAYER77"
        version.save(update_fields=["payer_claim_number"])
        patient = version.claim.patient
        patient.last_name = "ELSE"
        patient.save(update_fields=["last_name"])
    release(office, payment)
    with at_work(office):
        payment.refresh_from_db()
        assert payment.version_id == version.pk
        assert {(row.group, row.carc) for row in payment.records.all()} == {("CO", "45"), ("PR", "3")}
    reversal = msgspec.structs.replace(offices.payment(version, status="22"), payer_claim_number="PAYER77")
    deliver(office, 20, [reversal, offices.payment(third, paid="90.00")])
    assert buckets(office, version) == {"INS1": Decimal("150.00")}
    assert offices.audit_faults(office.tenant) == []


def test_a_provider_adjustment_is_released_onto_the_account_it_is_mapped_to(office):
    from claimwright.web.accounts.selectors import balance
    from claimwright.web.payments.release import ReleaseRefused, release_provider_adjustment

    remittance = deliver(
        office, 10, [offices.payment(office.versions[0])],
        adjustments=[adjustment("ZZ", "-7.00", "ONE"), adjustment("ZZ", "-3.00", "TWO")],
    )  # fmt: skip
    with at_work(office):
        first, second = remittance.provider_adjustments.order_by("ordinal")
        account = Account(Kind.OTHER_INCOME, str(remittance.practice_id), "ZZ")
    assert {first.state, second.state} == {"held"}
    with pytest.raises(ReleaseRefused, match="no account is mapped"), at_work(office):
        release_provider_adjustment(adjustment=first)
    with at_work(office):
        release_provider_adjustment(adjustment=first, account=account)
        remittance.refresh_from_db()
        assert remittance.state == "partial"
        assert balance(account) == Decimal("-7.00")
    assert open_items(office, "provider_adjustments") == 1
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):
        release_provider_adjustment(adjustment=second, account=account)
        remittance.refresh_from_db()
        assert remittance.state == "posted"
        assert balance(account) == Decimal("-10.00")
    assert suspense(office) == 0
    assert offices.audit_faults(office.tenant) == []


def test_two_balances_forwarded_under_different_references_settle_each_their_own(office):
    version, other, third = office.versions
    deliver(
        office, 10, [offices.payment(version)],
        adjustments=[adjustment("FB", "-25.00", "AAA"), adjustment("FB", "-40.00", "BBB")],
    )  # fmt: skip
    settling = deliver(office, 20, [offices.payment(other)], adjustments=[adjustment("FB", "40.00", "BBB")])
    with at_work(office):
        row = settling.provider_adjustments.get()
        assert (row.settles.reference, row.settles.amount) == ("BBB", Decimal("-40.00"))
    last = deliver(office, 30, [], adjustments=[adjustment("FB", "25.00", "AAA"), adjustment("L6", "-25.00")])
    with at_work(office):
        assert last.provider_adjustments.get(code="FB").settles.reference == "AAA"
    assert open_items(office, "unidentified_takebacks") == 0
    assert offices.audit_faults(office.tenant) == []


def test_a_recovery_that_names_a_claim_of_an_earlier_payment_takes_that_payment_back(office):
    version, other, third = office.versions
    deliver(office, 10, [offices.payment(version)])
    deliver(
        office, 20, [offices.payment(other)],
        adjustments=[adjustment("WO", "85.00", f"{version.control_number} 20260901")],
    )  # fmt: skip
    assert buckets(office, version) == {"INS1": Decimal("85.00"), "PAT": Decimal("25.00")}
    assert open_items(office, "unidentified_takebacks") == 0
    assert open_items(office, "posting_review") == 1
    assert offices.audit_faults(office.tenant) == []
    # Taken once more, then reversed and corrected: each posts, and what was taken too often stands with the payer.
    deliver(office, 30, [offices.payment(third)], adjustments=[adjustment("WO", "85.00", version.control_number)])
    assert open_items(office, "unidentified_takebacks") == 1
    corrected = [offices.payment(version, status="22"), offices.payment(version, paid="95.00")]
    assert deliver(office, 40, corrected).state == "posted"
    assert buckets(office, version) == {"PAT": Decimal("25.00")} and suspense(office) == 0
    with at_work(office):
        from claimwright.web.accounts.selectors import balances

        assert sum(balances(kinds=[Kind.PAYER_OFFSET]).values()) == Decimal("170.00")
    assert offices.audit_faults(office.tenant) == []


def browser(tenant: Any, username: str, role: str) -> Any:
    from django.test import Client

    from tests.lib.web_data import a_user

    client = Client()
    client.force_login(a_user(tenant, username, role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_releases_for_a_supervisor_of_the_tenant_and_for_nobody_else(office, other_tenant):
    from django.urls import reverse

    from claimwright.web.core.models import AuditEvent

    version, other, _ = office.versions
    remittance = deliver(
        office, 10, [offices.payment(other), offices.payment(version)], adjustments=[adjustment("ZZ", "-7.00")]
    )
    early = deliver(office, 20, [offices.payment(version, paid="95.00")])
    (second,) = held_claims(office, early)
    with at_work(office):
        pair = remittance.provider_adjustments.get()
    page = reverse("remittance", args=[remittance.pk])
    release_pair = reverse("release_adjustment", args=[pair.pk])
    release_second = reverse("release_payment", args=[second.pk])
    biller, chief = browser(office.tenant, "bill", "biller"), browser(office.tenant, "chief", "supervisor")
    stranger = browser(other_tenant, "stranger", "owner")
    assert release_pair not in biller.get(page).content.decode()
    assert release_pair in chief.get(page).content.decode()
    assert [client.post(release_pair).status_code for client in (biller, stranger)] == [403, 404]
    assert chief.get(release_pair).status_code == 405
    assert "no account is mapped" in chief.post(release_pair, follow=True).content.decode()
    assert "already posted" in chief.post(release_second, follow=True).content.decode()
    assert suspense(office) == Decimal("-102.00")
    assert "Released" in chief.post(release_pair, {"account": "other_income"}, follow=True).content.decode()
    assert suspense(office) == Decimal("-95.00")
    with at_work(office):
        assert AuditEvent.objects.filter(action="remittance.released").values_list("actor", flat=True)[0] == "chief"
    assert offices.audit_faults(office.tenant) == []
