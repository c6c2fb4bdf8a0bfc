"""A payer's money given back: found, clocked, approved, paid by one check, acknowledged, cleared, stopped, dormant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claimwright.billing.patient import RefusedPayment
from claimwright.claims.nouns import ProviderAdjustment
from tests.faults import office as offices
from tests.lib.bank_lines import Row
from tests.web.bank.test_bank import bring, lines
from tests.web.payments.test_release import at_work, buckets, deliver


@pytest.fixture
def overpaid(office):
    """The payer, now a federal one, paid two claims; on each its receivable is made to stand 40.00 below zero."""
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.payments.credits import list_credits
    from claimwright.web.payments.models import Refund
    from claimwright.web.practice.models import Payer
    from tests.lib.web_data import a_user

    first, second, _ = office.versions
    deliver(office, 10, [offices.payment(first), offices.payment(second)])
    for name, role in (("ann", "manager"), ("bea", "biller")):
        a_user(office.tenant, name, role)
    with at_work(office):
        Payer.objects.filter(key="NMUT").update(kind="medicare")
        practice = str(office.clinic.practice.pk)
        lines = [version.content["lines"][0]["control_number"] for version in (first, second)]
        post_transfers(
            transfers=[
                transfer(
                    debit=Account(Kind.ADJUSTMENT, practice, "CO-45"), credit=receivable(line, "INS1"), reason="CO-45",
                    amount=Decimal("40.00"), entry_type=EntryType.ADJ, key=f"over/{line}", effective_date=date(2026, 9, 1),
                )
                for line in lines
            ]
        )  # fmt: skip
        list_credits(encounter_ids=[version.claim.encounter_id for version in (first, second)])
        return list(Refund.objects.filter(payer__isnull=False).order_by("key"))


def asked_and_approved(rows):
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments import refunds

    for row in rows:
        refunds.request_refund(refund=row)
        with acting_as("bea"):
            refunds.approve_refund(refund=row)


def test_one_check_pays_two_claims_and_the_payers_own_notice_undoes_what_it_reverses(office, overpaid):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments import payer_refunds, refunds
    from claimwright.web.payments.models import Refund

    first = office.versions[0]
    with at_work(office):
        assert [row.amount for row in overpaid] == [Decimal("40.00")] * 2
        assert {(row.due_on - row.identified_on).days for row in overpaid} == {60}
        assert {row.received_on for row in overpaid} != {None}
        with pytest.raises(RefusedPayment, match="approved credits"):
            payer_refunds.issue_payer_refund(refunds=overpaid, reference="5001")
        refunds.request_refund(refund=overpaid[0])
        with pytest.raises(RefusedPayment, match="who asks"):
            refunds.approve_refund(refund=overpaid[0])
        asked_and_approved(overpaid)
        check = payer_refunds.issue_payer_refund(refunds=overpaid, reference="5001")
        assert (check.amount, check.state, check.reference) == (Decimal("80.00"), "ISSUED", "5001")
        assert not WorkItem.objects.filter(worklist="credit_balances").exclude(state="done").exists()
        assert Refund.objects.filter(state="CLEARED", amount=0).count() == 1
        payer_refunds.clear_refund(refund=check, on=date(2026, 9, 20))
    assert buckets(office, first) == {"PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []
    # The payer takes both claims back in full and says that 80.00 of it it has by check.
    deliver(
        office, 20, [offices.payment(first, status="22"), offices.payment(first, paid="45.00", patient="25.00")],
        adjustments=[ProviderAdjustment(code="72", reference="5001", amount=Decimal("-80.00"), segment=40)],
    )  # fmt: skip
    with at_work(office):
        check.refresh_from_db()
        assert check.acknowledged_on is not None and check.state == "CLEARED"
        with acting_as("bea"), pytest.raises(RefusedPayment):
            payer_refunds.stop_payment(refund=check, reason="lost")
    assert offices.audit_faults(office.tenant) == []


def test_a_lost_check_is_stopped_paid_again_and_at_last_the_states(office, overpaid):
    from claimwright.ledger.accounts import Account, Kind
    from claimwright.web.accounts.selectors import balance
    from claimwright.web.bank.models import BankMatch
    from claimwright.web.bank.services import accept_match, undo_match
    from claimwright.web.core.models import WorkItem
    from claimwright.web.payments import payer_refunds
    from claimwright.web.payments.models import Refund

    with at_work(office):
        asked_and_approved(overpaid[:1])
        bank = Account(Kind.BANK, str(office.clinic.practice.pk))
        before = balance(bank)
        check = payer_refunds.issue_payer_refund(refunds=overpaid[:1], reference="5001")
        assert balance(bank) - before == Decimal("-40.00")
        with pytest.raises(RefusedPayment, match="without a reason"):
            payer_refunds.stop_payment(refund=check, reason=" ")
        payer_refunds.stop_payment(refund=check, reason="never came")
        assert balance(bank) == before
        assert WorkItem.objects.filter(worklist="refunds_out", state="open").count() == 1
        payer_refunds.pay_again(refund=check, reference="5002")
        assert balance(bank) - before == Decimal("-40.00")
        due = check.dormant_on
    # From the moment the bank shows it as paid it is not stopped, until that proves to be another check.
    bring(office, Row(code="475", amount=Decimal("-40.00"), text="CHECK PAID", reference="5002"))
    with at_work(office):
        check.refresh_from_db()
        if check.state == "ISSUED":  # no proof: a person ties them
            accept_match(line_ids=[str(lines(office)[0].pk)], expected_ids=[f"refund:{check.pk}"])
        with pytest.raises(RefusedPayment, match="CLEARED does not become STOPPED"):
            payer_refunds.stop_payment(refund=check, reason="never came")
        undo_match(match=BankMatch.objects.get(parts__refund=check), note="another payer's check")
        check.refresh_from_db()
        assert (check.state, check.cleared_on, check.dormant_on) == ("ISSUED", None, due)
        with pytest.raises(RefusedPayment, match="it is the payee's"):
            payer_refunds.escheat_refund(refund=check, reference="IL-1")
        Refund.objects.filter(pk=check.pk).update(dormant_on=date(2026, 1, 1))
        assert payer_refunds.list_dormant_refunds() == 1
        payer_refunds.escheat_refund(refund=check, reference="IL-1")
        assert (check.state, balance(bank) - before) == ("ESCHEATED", Decimal("-40.00"))
        assert not WorkItem.objects.filter(worklist="refunds_out", state="open").exists()
    assert offices.audit_faults(office.tenant) == []


def test_the_clock_stops_once_and_a_recoupment_forbids_the_check(office, overpaid):
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments import payer_refunds, refunds

    row, other = overpaid
    with at_work(office):
        payer_refunds.begin_investigation(refund=row)
        row.refresh_from_db()
        assert (row.due_on - row.identified_on).days == 240
        with pytest.raises(RefusedPayment, match="before"):
            payer_refunds.begin_investigation(refund=row)
        payer_refunds.conclude_investigation(refund=row)
        row.refresh_from_db()
        assert (row.due_on - row.identified_on).days == 60
        payer_refunds.choose_recoupment(refund=other)
        with pytest.raises(RefusedPayment, match="later payment"):
            refunds.request_refund(refund=other)
        payer_refunds.choose_recoupment(refund=other, recoup=False)
        refunds.request_refund(refund=other)
        with acting_as("bea"):
            refunds.approve_refund(refund=other)
        with pytest.raises(RefusedPayment, match="approved already"):
            payer_refunds.choose_recoupment(refund=other)
    assert offices.audit_faults(office.tenant) == []


def test_a_payers_letter_is_limited_to_what_it_paid(office, overpaid):
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments import payer_refunds, refunds

    version = office.versions[1]
    line = version.content["lines"][0]["control_number"]
    asked = {"encounter": version.claim.encounter, "line_id": line, "bucket": "INS1"}
    with at_work(office):
        with pytest.raises(RefusedPayment, match="at most what it paid"):
            payer_refunds.record_payer_request(**asked, amount=Decimal("85.01"))
        row = payer_refunds.record_payer_request(**asked, amount=Decimal("85.00"))
        with pytest.raises(RefusedPayment, match="at most what it paid"):
            payer_refunds.record_payer_request(**asked, amount=Decimal("0.01"))
        refunds.request_refund(refund=row)
        with acting_as("bea"), pytest.raises(RefusedPayment, match="needs a supervisor"):
            refunds.approve_refund(refund=row)
        with acting_as("ann"):
            refunds.approve_refund(refund=row)
        payer_refunds.issue_payer_refund(refunds=[row], reference="77")
        with pytest.raises(RefusedPayment, match="at most what it paid"):
            payer_refunds.record_payer_request(**asked, amount=Decimal("1.00"))
    assert buckets(office, version) == {"INS1": Decimal("45.00"), "PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []
    # Asked for and approved; before the check goes out the payer takes it all with a remittance.
    other = office.versions[0]
    with at_work(office):
        line = other.content["lines"][0]["control_number"]
        row = payer_refunds.record_payer_request(
            encounter=other.claim.encounter, line_id=line, bucket="INS1", amount=Decimal("85.00")
        )
        refunds.request_refund(refund=row)
        with acting_as("ann"):
            refunds.approve_refund(refund=row)
    deliver(office, 20, [offices.payment(other, status="22"), offices.payment(office.versions[2], paid="95.00")])
    with at_work(office):
        with pytest.raises(RefusedPayment, match=r" 0.00 is left"):
            payer_refunds.issue_payer_refund(refunds=[row], reference="78")
        payer_refunds.refuse_payer_request(refund=row, reason="taken with remittance T20")


def test_a_check_that_bounces_after_its_refund_is_asked_back_from_the_patient(office):
    from claimwright.auditor import audit
    from claimwright.web.accounts.selectors import line_balances, patient_credits
    from claimwright.web.bootstrap import connection_text
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.services import acting_as
    from claimwright.web.patients.models import Disclosure
    from claimwright.web.payments import payer_refunds, refunds
    from claimwright.web.payments.models import Refund
    from claimwright.web.payments.services import receive_patient_payment, return_payment
    from tests.lib.web_data import a_user

    for name, role in (("ann", "manager"), ("bea", "biller")):
        a_user(office.tenant, name, role)
    version = office.versions[0]
    patient = version.claim.patient
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        receipt = receive_patient_payment(
            patient=patient, practice=office.clinic.practice, amount=Decimal("65.00"), method="check", key="bounces"
        )
        account = f"account-{patient.pk}"
        (row,) = Refund.objects.filter(patient=patient)
        refunds.request_refund(refund=row)
        with acting_as("bea"):
            refunds.approve_refund(refund=row)
        with acting_as("ann"):
            refunds.issue_refund(refund=row)
        return_payment(receipt=receipt, fee=Decimal("0.00"))
        assert patient_credits([str(patient.pk)]).get(str(patient.pk), Decimal(0)) == 0
        assert line_balances([account])[account] == {"PAT": Decimal("40.00")}
        assert WorkItem.objects.get(reason_code="CREDIT_SHORT").amount == Decimal("40.00")
        return_payment(receipt=receipt, fee=Decimal("0.00"))  # pressed twice
        assert line_balances([account])[account] == {"PAT": Decimal("40.00")}
        # Nobody cashes the refund either: the state is told who the patient is, and the patient's accounting says so.
        Refund.objects.filter(pk=row.pk).update(dormant_on=date(2026, 1, 1))
        payer_refunds.escheat_refund(refund=row, reference="IL-2")
        assert "IL-2" in Disclosure.objects.get(patient=patient).purpose
    assert buckets(office, version) == {"PAT": Decimal("25.00")}
    assert audit(connection_text(), str(office.tenant.pk)).faults == ()
