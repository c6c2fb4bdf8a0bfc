"""Money that comes back, comes early or is asked for twice: never more out than in, and nothing lost from view."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.patient import RefusedPayment
from claimwright.billing.write_offs import REASONS, WriteOffRefused
from claimwright.claims.nouns import Adjustment
from tests.faults import office as offices
from tests.lib import world
from tests.web.payments.test_release import at_work, buckets, deliver, open_items

DAY = world.DAY


def credit(office: Any, patient: Any) -> Decimal:
    from claimwright.web.accounts.selectors import patient_credits

    return patient_credits([str(patient.pk)]).get(str(patient.pk), Decimal("0.00"))


def take(office: Any, patient: Any, amount: str, key: str, **changes: Any) -> Any:
    from claimwright.web.payments.services import receive_patient_payment

    return receive_patient_payment(
        patient=patient, practice=office.clinic.practice, amount=Decimal(amount), method="check", key=key, **changes
    )


def denied(version: Any) -> Any:
    claim = offices.payment(version, paid="0.00", patient="0.00")
    line = msgspec.structs.replace(
        claim.lines[0], adjustments=(Adjustment(group="CO", reason="16", amount=Decimal("150.00")),)
    )
    return msgspec.structs.replace(claim, lines=(line,))


def test_a_check_that_bounces_after_its_credit_was_used_opens_the_line_again(office):
    from claimwright.web.payments.services import apply_credits, return_payment

    version = office.versions[0]
    patient = version.claim.patient
    with at_work(office):
        copay = take(office, patient, "20.00", "copay", apply=False)
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        apply_credits(patient_ids=[patient.pk])
        second = take(office, patient, "8.00", "later")
    assert buckets(office, version) == {}
    with at_work(office):
        assert credit(office, patient) == Decimal("3.00")
        return_payment(receipt=copay, fee=Decimal("0.00"))
        assert credit(office, patient) == 0
    assert buckets(office, version) == {"PAT": Decimal("17.00")}
    with at_work(office):
        return_payment(receipt=second, fee=Decimal("0.00"))
        return_payment(receipt=second, fee=Decimal("0.00"))
        assert credit(office, patient) == 0
    assert buckets(office, version) == {"PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []


def test_no_refund_is_more_than_the_credit_and_a_refused_one_moves_nothing(office):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments.models import Refund
    from claimwright.web.payments.services import issue_refund, request_refund

    version, other, third = office.versions
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        take(office, version.claim.patient, "25.00", "paid")
    deliver(
        office, 20,
        [offices.payment(version, status="22"), offices.payment(version, paid="105.00", patient="5.00"), offices.payment(other)],
    )  # fmt: skip
    assert buckets(office, version) == {"PAT": Decimal("-20.00")}
    with at_work(office):
        row = Refund.objects.get(line_id=version.content["lines"][0]["control_number"])
        Refund.objects.filter(pk=row.pk).update(hold_until=None, state="IDENTIFIED")
        with pytest.raises(RefusedPayment, match="first finds the cause"):
            issue_refund(refund=row)
        request_refund(refund=row)
        before = LedgerTransfer.objects.count()
        with acting_as("lee"), pytest.raises(RefusedPayment, match="at most the credit"):
            issue_refund(refund=row, amount=Decimal("50.00"))
        with pytest.raises(RefusedPayment, match="does not approve"):
            issue_refund(refund=row)
        assert LedgerTransfer.objects.count() == before
        stale = Refund.objects.get(pk=row.pk)
        with acting_as("lee"):
            issue_refund(refund=row)
            with pytest.raises(RefusedPayment):
                issue_refund(refund=stale)
        assert credit(office, version.claim.patient) == 0
    assert buckets(office, version) == {}
    assert offices.audit_faults(office.tenant) == []


def test_unapplied_money_is_not_refunded_while_a_payer_may_leave_a_share(office):
    from claimwright.web.core.services import acting_as
    from claimwright.web.payments.models import Refund
    from claimwright.web.payments.services import issue_refund, request_refund

    with at_work(office):
        take(office, office.versions[0].claim.patient, "25.00", "copay", apply=False)
        row = request_refund(refund=Refund.objects.get())
        with acting_as("lee"), pytest.raises(RefusedPayment, match="still open"):
            issue_refund(refund=row)


def test_a_write_off_is_approved_once(office):
    from claimwright.web.payments.models import WriteOff
    from claimwright.web.payments.services import approve_write_off, request_write_off
    from tests.lib.web_data import a_user

    version = office.versions[0]
    line_id = version.content["lines"][0]["control_number"]
    chief = a_user(office.tenant, "chief", "manager")
    with at_work(office):
        asked = request_write_off(
            encounter=version.claim.encounter,
            line_id=line_id,
            bucket="INS1",
            amount=Decimal("60.00"),
            reason=next(iter(REASONS)),
        )
        WriteOff.objects.filter(pk=asked.pk).update(state="REFUSED")
        with pytest.raises(WriteOffRefused, match="decided already"):
            approve_write_off(write_off=asked, approver=chief)
    assert buckets(office, version) == {"INS1": Decimal("150.00")}


def test_a_write_off_of_the_patients_share_leaves_the_payers_denial_open(office):
    from claimwright.web.denials.models import Denial
    from claimwright.web.payments.services import approve_write_off, request_write_off
    from tests.lib.web_data import a_user

    version = office.versions[0]
    claim = offices.payment(version, paid="60.00")
    adjustments = (("CO", "16", "65.00"), ("PR", "2", "25.00"))
    line = msgspec.structs.replace(
        claim.lines[0],
        adjustments=tuple(Adjustment(group=group, reason=carc, amount=Decimal(of)) for group, carc, of in adjustments),
    )
    deliver(office, 10, [msgspec.structs.replace(claim, lines=(line,))])
    assert buckets(office, version) == {"INS1": Decimal("65.00"), "PAT": Decimal("25.00")}
    chief = a_user(office.tenant, "chief", "manager")
    with at_work(office):
        asked = request_write_off(
            encounter=version.claim.encounter, line_id=version.content["lines"][0]["control_number"], bucket="PAT",
            amount=Decimal("25.00"), reason="COURTESY", evidence="income statement",
        )  # fmt: skip
        approve_write_off(write_off=asked, approver=chief)
        assert Denial.objects.get().state == "NEW"
    assert buckets(office, version) == {"INS1": Decimal("65.00")} and open_items(office, "denials") == 1


def meanwhile(monkeypatch: Any, name: str, act: Any) -> list[str]:
    """What another person does and finishes just before the lock that `payments.services` calls `name` is had."""
    from claimwright.web.payments import services

    lock, done = getattr(services, name), []

    def after(**whose: Any) -> None:
        if not done:
            done.append(name)
            act()
        lock(**whose)

    monkeypatch.setattr(services, name, after)
    return done


def test_what_a_patient_pays_meanwhile_is_neither_written_off_nor_a_bad_debt(office, monkeypatch):
    from claimwright.web.payments.services import place_bad_debt, settle_visits
    from claimwright.web.practice.models import Practice

    version = office.versions[0]
    patient = version.claim.patient
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        take(office, patient, "21.00", "most")
        practices = Practice.objects.filter(pk=office.clinic.practice.pk)
        practices.update(policies={"small_balance_limit_amount": "1.00"})
        settle_visits(encounter_ids=[version.claim.encounter_id])
        assert buckets(office, version) == {"PAT": Decimal("4.00")}  # this practice writes off a dollar at most
        practices.update(policies={})
        assert meanwhile(monkeypatch, "lock_accounts", lambda: take(office, patient, "3.50", "meanwhile")) == []
        settle_visits(encounter_ids=[version.claim.encounter_id])
        assert buckets(office, version) == {} and credit(office, patient) == 0
    other = office.versions[1]
    deliver(office, 20, [offices.payment(other)])
    with at_work(office):
        done = meanwhile(monkeypatch, "lock_visits", lambda: take(office, other.claim.patient, "5.00", "late"))
        place_bad_debt(patient=other.claim.patient, final_notice_sent=True)
        assert done == ["lock_visits"]
    assert buckets(office, other) == {"BD": Decimal("20.00")}
    assert offices.audit_faults(office.tenant) == []


def test_a_payment_that_the_bank_takes_back_meets_credit_that_was_just_used(office, monkeypatch):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.accounts.selectors import line_balances
    from claimwright.web.payments.services import apply_credits, return_payment
    from claimwright.web.practice.models import Practice

    version = office.versions[0]
    patient = version.claim.patient
    with at_work(office):
        early = take(office, patient, "20.00", "early", apply=False, received_on=DAY)
        Practice.objects.filter(pk=office.clinic.practice.pk).update(policies={"nsf_fee_amount": "30.00"})
        early.practice.refresh_from_db()
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        done = meanwhile(monkeypatch, "lock_visits", lambda: apply_credits(patient_ids=[patient.pk]))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            return_payment(receipt=early)
        assert done and credit(office, patient) == 0
        # A patient without a visit has unapplied money too: the record is locked, before the visits.
        locks = [
            query["sql"].split(' FROM "')[1].split('"')[0]
            for query in asked
            if "FOR NO KEY" in query["sql"] or "FOR UPDATE" in query["sql"]
        ]
        assert locks.index("patients_patient") < locks.index("charges_encounter")
        account = f"account-{patient.pk}"
        assert line_balances([account])[account] == {"PAT": Decimal("30.00")}  # what this practice asks
        card = take(office, patient, "9.00", "card")
        card.method = "card"
        card.save(update_fields=["method"])
        return_payment(receipt=card)
        assert line_balances([account])[account] == {"PAT": Decimal("30.00")}  # and nothing for a card
        with pytest.raises(RefusedPayment, match="before its day"):
            take(office, patient, "9.00", "ahead", received_on=DAY.replace(year=DAY.year + 1))
    assert buckets(office, version) == {"PAT": Decimal("25.00")}
    assert offices.audit_faults(office.tenant) == []


def test_money_that_came_before_its_remittance_is_tied_to_it_when_that_posts(office):
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import Deposit
    from claimwright.web.payments.services import match_waiting_deposits, record_deposit

    one, other, third = office.versions
    with at_work(office):
        for trace, amount in (("T10", "85.00"), ("T20", "80.00")):
            record_deposit(
                kind="EFT", trace_number=trace, trace_payer_id=world.PAYER_TRACE_ID, amount=Decimal(amount),
                effective_date=DAY, practice=office.clinic.practice,
            )  # fmt: skip
    assert open_items(office, "eft_without_era") == 2
    remittance = deliver(office, 10, [offices.payment(one)])
    with at_work(office):
        assert Deposit.objects.get(trace_number="T10").remittance_id == remittance.pk
        remittance.refresh_from_db()
        assert remittance.bank_state == "MATCHED"
    deliver(office, 20, [offices.payment(other)])
    with at_work(office):
        assert Deposit.objects.get(trace_number="T20").state == "AMOUNT_DIFF"
    assert (open_items(office, "eft_without_era"), open_items(office, "deposits")) == (0, 1)
    # A notice that names no practice is shown to nobody who is limited to one; who posts its check ties it all the same.
    remittance = deliver(office, 30, [offices.payment(third)])
    with at_work(office):
        notice = Deposit.objects.create(
            kind="EFT", trace_number="T30", trace_payer_id=world.PAYER_TRACE_ID, amount=Decimal("85.00"), key="T30",
            effective_date=DAY, state="UNMATCHED_EFT",
        )  # fmt: skip
    limited = tenant_scope(office.tenant, practices=[office.clinic.practice.pk])
    with limited, acting_as("clerk"):
        assert not Deposit.objects.filter(pk=notice.pk).exists()
        match_waiting_deposits(trace_number="T30")
        notice = Deposit.objects.get(pk=notice.pk)
        assert (notice.remittance_id, notice.practice_id) == (remittance.pk, office.clinic.practice.pk)
    assert offices.audit_faults(office.tenant) == []


def test_a_line_denied_again_after_correction_is_worked_on_once(office):
    from claimwright.billing.lifecycle import Trigger
    from claimwright.web.denials.models import Denial
    from claimwright.web.submissions.services import move
    from claimwright.web.submissions.versions import send_anew

    version, other, third = office.versions
    deliver(office, 10, [denied(version), offices.payment(other)])
    with at_work(office):
        version.refresh_from_db(fields=["state", "payer_claim_number"])
        again = send_anew(version=version, reason="remark answered", remarks=("MA130",))
        for trigger in (Trigger.PASSED, Trigger.BATCH, Trigger.SEND_CONFIRMED):
            move(version=again, trigger=trigger)
        again.claim = version.claim
    reversal = msgspec.structs.replace(
        denied(version), status="22", charge=Decimal("-150.00"), patient_responsibility=None, lines=(
            msgspec.structs.replace(
                denied(version).lines[0], charge=Decimal("-150.00"),
                adjustments=(Adjustment(group="CO", reason="16", amount=Decimal("-150.00")),),
            ),
        ),
    )  # fmt: skip
    deliver(office, 20, [reversal, denied(again), offices.payment(third)])
    with at_work(office):
        states = list(Denial.objects.order_by("version__number").values_list("version__number", "state"))
    assert states == [(1, "UPHELD"), (2, "NEW")]
    assert open_items(office, "denials") == 1
    with at_work(office):
        from claimwright.web.payments.positions import load_chains

        (chain,) = load_chains([version.claim.encounter_id]).values()
        assert {denial.state for denial in chain.denials} == {"UPHELD", "NEW"}


def test_a_statement_hold_ends_with_the_decision_that_made_it_or_by_a_person(office):
    from claimwright.web.payments.services import lift_statement_hold

    version, other, third = office.versions
    encounter = version.claim.encounter
    deliver(office, 10, [offices.payment(version, status="19"), offices.payment(other, status="19")])
    with at_work(office):
        encounter.refresh_from_db()
        assert encounter.statement_hold
        with pytest.raises(RefusedPayment):
            lift_statement_hold(encounter=other.claim.encounter, reason=" ")
        lift_statement_hold(encounter=other.claim.encounter, reason="no other cover, the patient says")
        other.claim.encounter.refresh_from_db()
        assert other.claim.encounter.statement_hold == ""
    deliver(
        office,
        20,
        [offices.payment(version, status="22"), offices.payment(version, paid="95.00"), offices.payment(third)],
    )
    with at_work(office):
        encounter.refresh_from_db()
        assert encounter.statement_hold == ""


def test_a_qmb_is_never_made_to_pay(office):
    from claimwright.web.payments.services import transfer_to_patient

    version = office.versions[0]
    with at_work(office):
        patient = version.claim.patient
        patient.flags = ["qmb"]
        patient.save(update_fields=["flags"])
        encounter = type(version.claim.encounter).objects.get(pk=version.claim.encounter_id)
        with pytest.raises(RefusedPayment, match="QMB"):
            transfer_to_patient(encounter=encounter, bucket="INS1", reason="no payer left")
    assert buckets(office, version) == {"INS1": Decimal("150.00")}
