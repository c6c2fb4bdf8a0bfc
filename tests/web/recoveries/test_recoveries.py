"""Paid less than agreed: found, disputed, recovered by the ledger. Debts: placed, collected with a fee, recalled."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import msgspec
import pytest

from claimwright.billing.bad_debt import PlacementRefused
from claimwright.claims.nouns import Adjustment
from tests.faults import office as offices
from tests.faults.clients import Clients
from tests.web.payments.test_release import at_work, buckets, deliver


def expect(version, allowed):
    """The contract's price of the version's one line, as scrubbing keeps it."""
    from claimwright.web.contracts.models import ExpectedClaim, ExpectedLine
    from claimwright.web.core import clock

    line = version.content["lines"][0]
    row = ExpectedClaim.objects.create(
        claim_version_id=version.pk, contract_version="Plan First 2026", total=allowed, priced_at=clock.now(),
        priced_by="test",
    )  # fmt: skip
    ExpectedLine.objects.create(
        expected=row, line_control_number=line["control_number"], number=1, code=line["procedure_code"],
        charge=Decimal("150.00"), allowed=allowed, contract_amount=allowed,
    )  # fmt: skip


def allowed_at(version, paid, contractual, left="0.00"):
    claim = offices.payment(version, paid=paid)
    line = msgspec.structs.replace(
        claim.lines[0],
        adjustments=(
            Adjustment(group="CO", reason="45", amount=Decimal(contractual)),
            Adjustment(group="PR", reason="2", amount=Decimal("25.00")),
            *([Adjustment(group="OA", reason="18", amount=Decimal(left))] if left != "0.00" else []),
        ),
    )
    return msgspec.structs.replace(claim, lines=(line,))


def test_lines_paid_below_contract_are_disputed_by_one_letter_and_recovered_by_the_ledger(office):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.payments.services import settle_visits
    from claimwright.web.recoveries import disputes, underpaid
    from claimwright.web.recoveries.models import LineComparison, Underpayment
    from claimwright.web.submissions.models import ClaimVersion

    first, second = office.versions
    with at_work(office):
        for version in office.versions:
            expect(version, Decimal("125.00"))
    deliver(office, 10, [offices.payment(first), offices.payment(second)])  # 85.00 and a share of 25.00: 110.00
    with at_work(office):
        visits = [version.claim.encounter_id for version in office.versions]
        settle_visits(encounter_ids=visits)  # before anybody compared: no claim closes on what is not paid as agreed
        assert {row.state for row in ClaimVersion.objects.all()} == {"ADJUDICATED"}
        assert underpaid.compare_posted() == 0
        assert LineComparison.objects.count() == 2
        assert underpaid.underpayment_rate() == (2, 2)
        (group,) = underpaid.open_groups()
        assert (len(group.ids), group.variance, group.cause) == (2, Decimal("30.00"), "FEE_SCHEDULE")
        cases = list(Underpayment.objects.filter(pk__in=group.ids))
        dispute = disputes.make_dispute(cases=cases, signer="Sam Doe")
        assert bytes(dispute.letter).startswith(b"%PDF")
        with pytest.raises(underpaid.RecoveryRefused, match="only open cases"):
            disputes.make_dispute(cases=cases, signer="Sam Doe")
        disputes.send_dispute(dispute=dispute)
        assert (dispute.answer_due_on - dispute.sent_on).days == 30
    again = [offices.payment(first, status="22"), allowed_at(first, "100.00", "25.00")]
    deliver(office, 20, again)
    with at_work(office):
        underpaid.compare_posted()
        case = Underpayment.objects.get(version=first)
        assert (case.state, case.recovered) == ("RECOVERED", Decimal("15.00"))
        settle_visits(encounter_ids=visits)
        assert [ClaimVersion.objects.get(pk=one.pk).state for one in (first, second)] == ["CLOSED", "ADJUDICATED"]
        other = Underpayment.objects.get(version=second)
        assert (other.state, other.recovered) == ("DISPUTED", Decimal("0.00"))
        disputes.record_dispute_answer(dispute=dispute, answer="The rate is right", agreed=False)
        other.refresh_from_db()
        assert other.state == "OPEN"
        underpaid.decide_underpayment(case=other, state="CONTRACT_DATA_ERROR", note="Our copy is of last year")
        dispute.refresh_from_db()
        assert dispute.state == "CLOSED"
        assert not WorkItem.objects.filter(worklist="underpayments", state="open").exists()
    assert offices.audit_faults(office.tenant) == []


def owe_a_fee(patient, amount):
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.core import clock

    fee = transfer(
        debit=receivable(f"account-{patient.pk}", "PAT"), credit=Account(Kind.FEE, str(patient.practice_id), "nsf"),
        amount=amount, entry_type=EntryType.FEE, key="a fee", effective_date=clock.today(),
    )  # fmt: skip
    post_transfers(transfers=[fee])


def test_s9_a_debt_placed_collected_with_a_fee_and_recalled(office, monkeypatch):
    from claimwright.ledger.accounts import Account, Kind
    from claimwright.web.accounts.selectors import balance
    from claimwright.web.bank.models import BankLine
    from claimwright.web.bank.selectors import open_money
    from claimwright.web.bank.services import accept_match, import_bank_file, open_account, undo_match
    from claimwright.web.core import clock
    from claimwright.web.core.models import WorkItem
    from claimwright.web.recoveries import agencies

    def awaited():
        return [one for one in open_money() if one.expected_id.startswith("deposit:")]

    version = office.versions[0]
    patient = version.claim.patient
    deliver(office, 10, [offices.payment(version)])
    with at_work(office):
        noticed = clock.today()
        agency = agencies.open_agency(name="Northern Recovery", fee_share=Decimal("0.25"))
        row = agencies.await_agency_review(patient=patient, final_notice_on=noticed)
        assert agencies.await_agency_review(patient=patient, final_notice_on=noticed + timedelta(days=9)) == row
        assert agencies.list_agency_reviews() == 0
        with pytest.raises(PlacementRefused, match="not before"):
            agencies.place_account(placement=row, agency=agency)
    office.tenant.fixed_date = today = noticed + timedelta(days=20)
    office.tenant.save()
    with at_work(office):
        owe_a_fee(patient, Decimal("9.00"))  # after the notice, which did not ask for it
        visit = version.claim.encounter
        visit.statement_hold = "the patient disputes this visit"
        visit.save()
        assert agencies.list_agency_reviews() == 0
        with pytest.raises(agencies.RecoveryRefused, match="on hold"):
            agencies.place_account(placement=row, agency=agency)
        visit.statement_hold = ""
        visit.save()
        assert agencies.list_agency_reviews() == 1
        assert WorkItem.objects.get(worklist="agency_review").amount == Decimal("25.00")
        agencies.place_account(placement=row, agency=agency)
        assert row.amount == Decimal("25.00")
        file = agencies.export_placements(agency=agency)
        assert row.number.encode() in bytes(file.content)
        with pytest.raises(agencies.RecoveryRefused):
            agencies.export_placements(agency=agency)
    assert buckets(office, version) == {"BD": Decimal("25.00")}
    bank = Account(Kind.BANK, str(office.clinic.practice.pk))
    rows = f"account,date,gross,fee,net\n{row.number},{date(2026, 9, 1)},20.00,5.00,15.00\nA9999999,2026-09-01,9.00,1.00,8.00\n"
    with at_work(office):
        before = balance(bank)
        done = agencies.import_agency_payments(agency=agency, name="september.csv", content=rows.encode())
        assert (done.posted, done.problems, done.gross, done.net) == (1, 1, Decimal("20.00"), Decimal("15.00"))
        assert agencies.import_agency_payments(agency=agency, name="again.csv", content=rows.encode()).seen_before
        assert balance(bank) - before == Decimal("15.00")
        assert [(one.amount, one.payer_names) for one in awaited()] == [(Decimal("15.00"), ("Northern Recovery",))]
        listed = WorkItem.objects.get(worklist="deposits", state="open")
        account = open_account(name="Operating", practice=office.clinic.practice)
        told = f"posted on,amount,description\n{today},15.00,ORIG CO NAME:NORTHERN RECOVERY\n".encode()
        import_bank_file(name="september.csv", content=told, account=account)
        match = accept_match(
            line_ids=[str(BankLine.objects.get().pk)], expected_ids=[one.expected_id for one in awaited()]
        )
        assert not awaited() and balance(bank) - before == Decimal("15.00")
        listed.refresh_from_db()
        assert listed.state == "done"
        undo_match(match=match, note="wrong line")
        listed.refresh_from_db()
        assert listed.state == "open" and len(awaited()) == 1
        assert WorkItem.objects.filter(worklist="agency_problems", state="open").count() == 1
    assert buckets(office, version) == {"BD": Decimal("5.00")}
    # What the agency collected comes in while the account is recalled: a dollar is collected or owed, never both.
    late, debt_of = f"account,date,gross,fee,net\n{row.number},2026-09-01,4.00,1.00,3.00\n".encode(), agencies.debt_of
    monkeypatch.setattr(agencies, "debt_of", lambda patient: (debt_of(patient), time.sleep(0.2))[0])

    def press(number: int) -> object:
        if number:
            return agencies.recall_account(placement=row, reason="New coverage")
        return agencies.import_agency_payments(agency=agency, name="late.csv", content=late)

    with Clients(office.tenant, 2) as clients:
        done, _ = clients.together(press)
    monkeypatch.undo()
    assert buckets(office, version) == {"PAT": Decimal("1.00") if done.posted else Decimal("5.00")}
    with at_work(office):
        assert b"New coverage" in bytes(agencies.export_recalls(agency=agency).content)
    assert offices.audit_faults(office.tenant) == []


@contextmanager
def undone():
    """What is written inside is gone after."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_small_balances_go_by_the_batch_and_charity_needs_another_person(office):
    from claimwright.billing.write_offs import WriteOffRefused
    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, transfer
    from claimwright.web.accounts.services import post_transfers
    from claimwright.web.charges.models import ChargeLine
    from claimwright.web.payments import writing_off
    from claimwright.web.submissions.models import ClaimVersion
    from tests.lib.web_data import a_user

    first, second = office.versions
    deliver(office, 10, [allowed_at(first, "85.00", "36.00", "4.00"), offices.payment(second)])
    with at_work(office):
        chief = a_user(office.tenant, "chief", "supervisor")
    assert buckets(office, first) == {"INS1": Decimal("4.00"), "PAT": Decimal("25.00")}
    with at_work(office):
        small = partial(writing_off.small_balances, practice=office.clinic.practice)
        assert [one.amount for one in small()] == [Decimal("4.00")]
        with undone():  # a corrected claim is made: the payer is not done
            corrected = ClaimVersion.objects.get(pk=first.pk)
            corrected.pk, corrected.number, corrected.state, corrected.control_number = uuid4(), 2, "DRAFT", "C2"
            corrected._state.adding = True
            corrected.save()
            assert small() == []
        with undone():  # a larger line of the visit is open at the payer
            line = ChargeLine.objects.get(line_id=first.content["lines"][0]["control_number"])
            line.pk, line.line_id, line.number, line._state.adding = uuid4(), "L2OPEN", 2, True
            line.save()
            charged = transfer(
                debit=receivable("L2OPEN", "INS1"), credit=Account(Kind.REVENUE, str(line.practice_id)),
                amount=Decimal("120.00"), entry_type=EntryType.CHARGE, key="second-line", effective_date=line.date_of_service,
            )  # fmt: skip
            post_transfers(transfers=[charged])
            assert small() == []
        assert writing_off.write_off_small_balances(practice=office.clinic.practice) == Decimal("4.00")
        assert writing_off.write_off_small_balances(practice=office.clinic.practice) == Decimal("0.00")
        line = second.content["lines"][0]["control_number"]
        given = {"amounts": {line: Decimal("10.00")}, "approver": chief, "key": "application-1"}
        with pytest.raises(WriteOffRefused, match="who asks"):
            writing_off.write_off_charity(**given, requested_by="chief")
    with at_work(office):
        assert writing_off.write_off_charity(**given, requested_by="sam") == Decimal("10.00")
        assert writing_off.write_off_charity(**given, requested_by="sam") == Decimal("0.00")
    assert buckets(office, first) == {"PAT": Decimal("25.00")}
    assert buckets(office, second) == {"PAT": Decimal("15.00")}
    assert offices.audit_faults(office.tenant) == []
