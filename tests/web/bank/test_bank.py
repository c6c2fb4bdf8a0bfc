"""Statements against a practice's books: matched, listed, accepted, taken back; and the auditor finds nothing after."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.faults import office as offices
from tests.lib import world
from tests.lib.bank_lines import Row, as_bai2
from tests.web.payments.test_release import at_work, deliver, open_items

DAY = world.DAY
LATER = DAY + timedelta(days=16)  # two days after the payments' date
NUMBER = "000123456789"


def eft(trace: str, amount: str, reference: str, payer: str = world.PAYER_TRACE_ID) -> Row:
    code = "142" if Decimal(amount) > 0 else "451"
    return Row(code=code, amount=Decimal(amount), text=f"HCCLAIMPMT TRN*1*{trace}*{payer}\\", reference=reference)


def bring(office: Any, *rows: Row, on: date = LATER, name: str = "day.bai") -> Any:
    from claimwright.web.bank.services import import_bank_file, open_account

    with at_work(office):
        account = open_account(name="Operating", number=NUMBER)
        return import_bank_file(name=name, content=as_bai2(on, list(rows), NUMBER), account=account)


def cash(office: Any) -> dict[str, Decimal]:
    """What stands in the money accounts, by kind."""
    from claimwright.web.accounts.models import LedgerTransfer

    found: dict[str, Decimal] = {}
    with at_work(office):
        for row in LedgerTransfer.objects.all():
            found[row.debit_kind] = found.get(row.debit_kind, Decimal(0)) + row.amount
            found[row.credit_kind] = found.get(row.credit_kind, Decimal(0)) - row.amount
    return {kind: found.get(kind, Decimal(0)) for kind in ("BANK", "REMITTANCE", "PATIENT_CASH", "FEE")}


def lines(office: Any) -> list[Any]:
    from claimwright.web.bank.selectors import open_lines

    with at_work(office):
        return list(open_lines())


def figures(office: Any, start: date = DAY, end: date = DAY + timedelta(days=300)) -> Any:
    from claimwright.web.bank.selectors import reconcile_period

    with at_work(office):
        return reconcile_period(start=start, end=end)


def test_an_eft_that_is_proved_goes_into_the_bank_once_and_the_rest_is_listed(office):
    from claimwright.web.payments.models import Remittance

    one, other, _ = office.versions
    deliver(office, 10, [offices.payment(one)])
    deliver(office, 20, [offices.payment(other)])
    done = bring(office, eft("T10", "85.00", "B1"), eft("T99", "85.00", "B2"))
    assert (done.new_lines, done.matched, done.open, done.faults) == (2, 1, 1, ())
    assert cash(office) == {"BANK": 85, "REMITTANCE": 85, "PATIENT_CASH": 0, "FEE": 0}
    with at_work(office):
        assert dict(Remittance.objects.values_list("trace_number", "bank_state")) == {
            "T10": "MATCHED", "T20": "AWAITING_FUNDS",
        }  # fmt: skip
    assert open_items(office, "bank_lines") == 1
    again = bring(office, eft("T10", "85.00", "B1"), eft("T99", "85.00", "B2"))
    assert again.seen_before
    wider = bring(
        office, eft("T10", "85.00", "B1"), eft("T99", "85.00", "B2"), eft("T98", "1.00", "B3"), name="two.bai"
    )
    assert (wider.new_lines, wider.repeated_lines) == (1, 2)
    assert cash(office)["BANK"] == 85
    total = figures(office)
    assert total.adds_up and total.ties_to_bank
    assert (total.bank_total, total.matched, total.open) == (Decimal("171.00"), Decimal("85.00"), Decimal("86.00"))
    assert total.received - total.cleared == total.closing
    assert offices.audit_faults(office.tenant) == []


def test_a_suggestion_is_accepted_once_and_undone_with_its_reason(office):
    from claimwright.web.bank.models import BankMatch
    from claimwright.web.bank.services import BankRefused, accept_best, accept_match, undo_match

    deliver(office, 10, [offices.payment(office.versions[0])])
    bring(office, eft("T19", "85.00", "B1"), eft("T18", "84.00", "B2"))
    first, second = sorted(lines(office), key=lambda line: -line.amount)
    with at_work(office):
        match = accept_best(line=first)
        assert (match.automatic, match.kind) == (False, "ACCEPTED") and match.score and match.reasons
        money = f"remittance:{match.parts.get().remittance_id}"
        with pytest.raises(BankRefused, match="matched by now"):
            accept_match(line_ids=[str(first.pk)], expected_ids=[money])
        with pytest.raises(BankRefused, match="gone by now"):
            accept_match(line_ids=[str(second.pk)], expected_ids=[money])
    assert cash(office)["BANK"] == 85 and offices.audit_faults(office.tenant) == []
    with at_work(office):
        with pytest.raises(BankRefused, match="why"):
            undo_match(match=match, note=" ")
        undo_match(match=match, note="of another practice")
        with pytest.raises(BankRefused, match="already"):
            undo_match(match=match, note="again")
        with pytest.raises(BankRefused, match="they must agree"):
            accept_match(line_ids=[str(second.pk)], expected_ids=[money])
        assert BankMatch.objects.count() == 2
    assert cash(office) == {"BANK": 0, "REMITTANCE": 85, "PATIENT_CASH": 0, "FEE": 0}
    assert open_items(office, "bank_lines") == 2
    with at_work(office):
        accept_match(line_ids=[str(second.pk)], expected_ids=[money], fee=Decimal("1.00"))
    assert cash(office) == {"BANK": 84, "REMITTANCE": 0, "PATIENT_CASH": 0, "FEE": 1}
    assert offices.audit_faults(office.tenant) == []
    total = figures(office)
    assert total.adds_up and total.ties_to_bank and total.fees == Decimal("1.00")


def test_an_eft_that_the_bank_takes_back_is_expected_again(office):
    deliver(office, 10, [offices.payment(office.versions[0])])
    bring(office, eft("T10", "85.00", "B1"))
    assert bring(office, eft("T10", "-85.00", "B2"), on=LATER + timedelta(days=3), name="back.bai").matched == 1
    assert cash(office)["BANK"] == 0 and cash(office)["REMITTANCE"] == 85
    assert lines(office) == []
    total = figures(office)
    assert (
        total.adds_up
        and total.ties_to_bank
        and (total.closing, total.bank_total) == (Decimal("85.00"), Decimal("0.00"))
    )
    middle = figures(office, end=LATER + timedelta(days=1))
    assert (middle.bank_total, middle.cleared) == (Decimal("85.00"), Decimal("85.00")) and middle.ties_to_bank
    assert offices.audit_faults(office.tenant) == []


def test_patients_checks_are_deposited_and_one_bounces(office):
    from claimwright.web.bank.services import accept_best
    from claimwright.web.payments.models import PatientReceipt
    from claimwright.web.payments.services import receive_patient_payment

    with at_work(office):
        for number, amount in (("1", "20.00"), ("2", "30.00")):
            receipt = receive_patient_payment(
                patient=office.versions[0].claim.patient, practice=office.clinic.practice, amount=Decimal(amount),
                method="check", key=number, received_on=LATER - timedelta(days=1),
            )  # fmt: skip
            receipt.reference = f"100{number}"
            receipt.save(update_fields=["reference"])
    bring(office, Row(code="301", amount=Decimal("50.00"), text="DEPOSIT", reference="B1"))
    with at_work(office):
        accept_best(line=lines(office)[0])
    assert cash(office)["BANK"] == 50 and cash(office)["PATIENT_CASH"] == 0
    bounced = Row(code="555", amount=Decimal("-30.00"), text="CHECK: 1002", reference="B2")
    assert bring(office, bounced, on=LATER + timedelta(days=1), name="back.bai").matched == 0
    with at_work(office):
        accept_best(line=lines(office)[0])
        assert dict(PatientReceipt.objects.values_list("key", "state")) == {"1": "posted", "2": "returned"}
    assert cash(office)["BANK"] == 20 and cash(office)["PATIENT_CASH"] == 0
    total = figures(office)
    assert total.adds_up and total.ties_to_bank and total.closing == Decimal("0.00")
    assert offices.audit_faults(office.tenant) == []


def test_money_before_its_remittance_waits_and_is_matched_when_that_posts(office):
    from claimwright.web.bank.services import explain_line
    from claimwright.web.operations.day import end_day

    fee = Row(code="698", amount=Decimal("-12.50"), text="ANALYSIS FEE", reference="B2")
    bring(office, eft("T10", "85.00", "B1"), fee)
    early = figures(office)
    assert early.ties_to_bank and early.open == Decimal("72.50")
    with at_work(office):
        explain_line(line=next(line for line in lines(office) if line.amount < 0), category="bank_fee")
    deliver(office, 10, [offices.payment(office.versions[0])])
    end_day(tenant=office.tenant)
    assert lines(office) == [] and open_items(office, "bank_lines") == 0
    assert cash(office) == {"BANK": Decimal("72.50"), "REMITTANCE": 0, "PATIENT_CASH": 0, "FEE": Decimal("12.50")}
    assert offices.audit_faults(office.tenant) == []


def test_a_deposit_booked_by_its_notice_is_only_confirmed_by_the_bank(office):
    from claimwright.web.payments.services import record_deposit

    deliver(office, 10, [offices.payment(office.versions[0])])
    with at_work(office):
        record_deposit(
            kind="EFT", trace_number="T10", trace_payer_id=world.PAYER_TRACE_ID, amount=Decimal("85.00"),
            effective_date=DAY, practice=office.clinic.practice,
        )  # fmt: skip
    assert cash(office)["BANK"] == 85
    assert bring(office, eft("T10", "85.00", "B1")).matched == 1
    assert cash(office)["BANK"] == 85 and figures(office).ties_to_bank
    assert offices.audit_faults(office.tenant) == []


def test_a_file_with_a_fault_is_kept_and_gives_no_line(office):
    from claimwright.web.bank.models import BankFile, BankLine
    from claimwright.web.bank.services import BankRefused, import_bank_file, open_account

    good = as_bai2(LATER, [eft("T10", "85.00", "B1")], NUMBER)
    with at_work(office):
        account = open_account(name="Operating", number=NUMBER)
        done = import_bank_file(name="bad.bai", content=good.replace(b"8500", b"8501"), account=account)
        assert {fault["code"] for fault in done.faults} >= {"CONTROL_TOTAL"}
        assert (BankFile.objects.count(), BankLine.objects.count()) == (1, 0)
        other = open_account(name="Other", number="999")
        with pytest.raises(BankRefused, match="not of Other"):
            import_bank_file(name="good.bai", content=good, account=other)
        assert import_bank_file(name="good.bai", content=good).new_lines == 1


def test_money_of_another_practice_is_never_matched_alone(office):
    from claimwright.web.bank.services import import_bank_file, open_account
    from claimwright.web.practice.models import Practice

    deliver(office, 10, [offices.payment(office.versions[0])])
    with at_work(office):
        elsewhere = Practice.objects.create(name="Elsewhere", npi="1999999992", tax_id="391234568")
        account = open_account(name="Elsewhere", practice=elsewhere, number=NUMBER)
        done = import_bank_file(
            name="x.bai", content=as_bai2(LATER, [eft("T10", "85.00", "B1")], NUMBER), account=account
        )
    assert (done.matched, done.open) == (0, 1)


def test_the_bank_page_imports_suggests_accepts_and_undoes(office):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import reverse

    from claimwright.web.bank.models import BankMatch
    from tests.lib.web_data import a_user

    client = Client()
    client.force_login(a_user(office.tenant, "banker", "poster"), backend="django.contrib.auth.backends.ModelBackend")
    deliver(office, 10, [offices.payment(office.versions[0])])
    content = as_bai2(LATER, [eft("T19", "85.00", "B1"), eft("T77", "3.00", "B2")], NUMBER)
    answer = client.post(
        reverse("import_statement"), {"file": SimpleUploadedFile("d.bai", content), "new_account": "Main"}, follow=True
    )
    body = answer.content.decode()
    assert "2 new lines" in body and 'data-key="a"' in body and "Ties to the cent" in body and "the same amount" in body
    assert client.get(reverse("bank"), {"period": "week", "on": DAY.isoformat()}).status_code == 200
    line = next(line for line in lines(office) if line.amount == 85)
    with at_work(office):
        from claimwright.web.bank import selectors

        (money,) = selectors.open_money()
    form = {"lines": str(line.pk), "expected": money.expected_id, "fee": "0.00", "score": "55"}
    assert "Matched." in client.post(reverse("accept_bank_match"), form, follow=True).content.decode()
    assert "matched by now" in client.post(reverse("accept_bank_match"), form, follow=True).content.decode()
    assert (
        "not complete" in client.post(reverse("accept_bank_match"), form | {"lines": "x"}, follow=True).content.decode()
    )
    (left,) = lines(office)
    explained = client.post(reverse("explain_bank_line", args=[left.pk]), {"category": "owner"}, follow=True)
    assert "Every line is matched or explained" in explained.content.decode()
    with at_work(office):
        match = BankMatch.objects.get(kind="ACCEPTED")
    undone = client.post(reverse("undo_bank_match", args=[match.pk]), {"note": "slip"}, follow=True).content.decode()
    assert "open again" in undone
    assert client.get(reverse("import_statement")).status_code == 405


def test_the_auditor_sees_a_line_that_is_lost_or_matched_twice(office):
    """The canary: planted behind the services, each is found."""
    from claimwright.web.bank.models import BankLine, BankMatch, BankMatchLine, BankMatchPart, OpenLine
    from claimwright.web.core.models import WorkItem

    deliver(office, 10, [offices.payment(office.versions[0])])
    bring(office, eft("T10", "85.00", "B1"), eft("T99", "1.00", "B2"))
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):
        row = OpenLine.objects.get()
        waits, row.line = row.line, BankLine.objects.get(amount=Decimal("85.00"))
        row.save()
    assert {fault.message for fault in offices.audit_faults(office.tenant)} == {
        "it is matched, and not marked so", "it is open, and not marked so",
    }  # fmt: skip
    with at_work(office):
        row.line = waits
        row.save()
        WorkItem.objects.filter(worklist="bank_lines").update(state="done")
    assert [fault.message for fault in offices.audit_faults(office.tenant)] == [
        "it is neither matched nor on a worklist"
    ]
    with at_work(office):
        part = BankMatchPart.objects.get()
        tied = BankMatchLine.objects.get()
        again = BankMatch.objects.create(kind="TRACE", actor="x", at=part.match.at, effective_on=LATER)
        BankMatchLine.objects.create(match=again, line=tied.line, amount=Decimal("84.00"))
        BankMatchPart.objects.create(match=again, amount=part.amount, remittance=part.remittance)
    found = {fault.message for fault in offices.audit_faults(office.tenant)}
    assert found == {
        "it is neither matched nor on a worklist", "it is in 2 matches", "its lines are 84.00, its money 85.00",
        "2 matches count it",
    }  # fmt: skip
