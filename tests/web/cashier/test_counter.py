"""Cash, checks and cards: receipts, the drawer counted by two, slips the bank sees as one, what comes back, refunds."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.billing.cash_drawer import DrawerRefused
from claimwright.billing.patient import RefusedPayment
from tests.faults import office as offices
from tests.lib.bank_lines import Row
from tests.web.bank.test_bank import bring, cash, figures, lines
from tests.web.payments.test_release import at_work, deliver, open_items


@contextmanager
def acting(name: str) -> Any:
    from claimwright.web.core.services import acting_as

    with acting_as(name):
        yield


def money(text: str) -> Decimal:
    return Decimal(text)


def owing(office: Any) -> Any:
    """Three patients who owe 25.00 each; gives (practice, patients)."""
    from claimwright.web.patients.models import Patient
    from claimwright.web.practice.models import Practice

    deliver(office, 10, [offices.payment(version) for version in office.versions])
    with at_work(office):
        return Practice.objects.get(), list(Patient.objects.order_by("record_number"))


def owed(patient: Any) -> Decimal:
    from claimwright.web.payments.services import patient_lines

    return sum((line.balance for line in patient_lines(patient.pk)), Decimal("0.00"))


def slip_line(amount: str, number: str) -> Row:
    return Row(code="301", amount=Decimal(amount), text="DEPOSIT", reference=number)


def test_cash_is_counted_by_two_and_goes_to_the_bank_with_the_checks_as_one_slip(office):
    from claimwright.web.bank.models import BankMatch
    from claimwright.web.bank.selectors import open_money
    from claimwright.web.bank.services import BankRefused, accept_match, import_bank_file, open_account, undo_match
    from claimwright.web.cashier import selectors, services
    from claimwright.web.core import clock
    from claimwright.web.practice.models import Payer

    practice, (ada, ben, eve) = owing(office)
    with at_work(office):
        take = {"practice": practice, "method": "cash"}
        with pytest.raises(RefusedPayment, match="open the cash drawer"):
            services.take_payment(patient=ada, amount=money("25.00"), key="a", **take)
        drawer = services.open_drawer(practice=practice, float_amount=money("100.00"))
        with pytest.raises(DrawerRefused, match="is open"):
            services.open_drawer(practice=practice, float_amount=money("1.00"))
        first = services.take_payment(patient=ada, amount=money("25.00"), key="a", **take)
        assert services.take_payment(patient=ada, amount=money("25.00"), key="a", **take) == first
        assert (first.number, owed(ada)) == ("RC000001", 0)
        check = services.take_payment(
            patient=ben, practice=practice, method="check", amount=money("30.00"), key="b", check_number="118"
        )
        assert check.drawer is None and owed(ben) == 0
        paper_check = offices.payment(office.versions[2])
        with acting("pat"):
            services.count_drawer(drawer=drawer, pieces={"100.00": 1, "20.00": 1, "1.00": 3})
            with pytest.raises(DrawerRefused, match="another person"):
                services.count_drawer(drawer=drawer, amount=money("123.00"))
        with pytest.raises(RefusedPayment, match="being counted"):
            services.take_payment(patient=eve, amount=money("25.00"), key="c", **take)
        assert services.count_drawer(drawer=drawer, amount=money("125.00")).state == "open"  # they differ: again
        with acting("pat"):
            services.count_drawer(drawer=drawer, amount=money("123.00"))
        closed = services.count_drawer(drawer=drawer, amount=money("123.00"))
        assert (closed.state, closed.over_short_amount, closed.counts.count()) == ("closed", money("-2.00"), 4)
        assert paper_check.paid and Payer.objects.exists()
        slip = services.make_slip(practice=practice)
        assert (slip.cash_amount, slip.check_amount, slip.number) == (money("23.00"), money("30.00"), "D000001")
        assert not selectors.undeposited(practice).exists()
        expected = {one.expected_id.partition(":")[0]: one.amount for one in open_money()}
        assert expected == {"remittance": money("255.00"), "slip": money("53.00")}
        today = clock.today()
    assert cash(office) == {"BANK": -2, "REMITTANCE": 255, "PATIENT_CASH": 55, "FEE": 2}
    bring(office, slip_line("53.00", "S1"), on=today)
    (line,) = lines(office)
    with at_work(office):
        (group,) = [one.expected_id for one in open_money() if one.expected_id.startswith("slip")]
        with pytest.raises(BankRefused, match="matched or gone"):
            accept_match(line_ids=[str(line.pk)], expected_ids=[f"receipt:{first.receipt_id}"])
        accept_match(line_ids=[str(line.pk)], expected_ids=[group])
        with pytest.raises(DrawerRefused, match="undo the match"):
            services.void_slip(slip=slip, note="never went")
    assert cash(office) == {"BANK": 53, "REMITTANCE": 255, "PATIENT_CASH": 0, "FEE": 2}
    total = figures(office, end=today + timedelta(days=1))
    assert total.adds_up and total.ties_to_bank and total.matched == money("53.00")
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):
        undo_match(match=BankMatch.objects.get(), note="another slip")
        services.void_slip(slip=slip, note="never went")
        assert selectors.undeposited(practice).count() == 2
    assert cash(office) == {"BANK": -2, "REMITTANCE": 255, "PATIENT_CASH": 55, "FEE": 2}
    # Made anew, and its number is on the bank's line: matched without a person.
    with at_work(office):
        assert services.make_slip(practice=practice).number == "D000002"
        account = open_account(name="Operating")
        rows = f"posted on,amount,batch number,description\n{today.isoformat()},53.00,D000002,DEPOSIT\n"
        assert import_bank_file(name="slip.csv", content=rows.encode(), account=account).matched == 1
    assert cash(office) == {"BANK": 53, "REMITTANCE": 255, "PATIENT_CASH": 0, "FEE": 2}
    assert open_items(office, "cash_differences") == 1 and offices.audit_faults(office.tenant) == []


def test_a_check_the_bank_has_shown_is_not_loose_and_takes_no_other_money_back(office, monkeypatch):
    from claimwright.billing.closing import Item
    from claimwright.web.bank import services as bank
    from claimwright.web.bank.selectors import open_money
    from claimwright.web.bank.services import BankRefused, accept_best, accept_match, undo_match
    from claimwright.web.cashier import services
    from claimwright.web.close.selectors import findings
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.payments.models import Remittance
    from tests.faults.clients import Clients

    practice, (ada, *_) = owing(office)
    with at_work(office):
        check = services.take_payment(
            patient=ada, practice=practice, method="check", amount=money("25.00"), key="a", check_number="118"
        )
        today = clock.today()

        def loose() -> Any:
            return next((one.count, one.amount) for one in findings(today.replace(day=1)) if one.item is Item.DRAWERS)

        assert loose() == (1, money("25.00"))
    bring(office, slip_line("25.00", "B1"), Row(code="555", amount=money("-255.00"), text="RETURN", reference="B2"))
    out, deposit = sorted(lines(office), key=lambda line: line.amount)
    with at_work(office):
        (remittance,) = [one.expected_id for one in open_money() if one.amount == 255]
        with pytest.raises(BankRefused, match="money that leaves"):
            accept_match(line_ids=[str(out.pk)], expected_ids=[remittance])
    # One person ties the check to the bank's line, another puts it on a slip meanwhile: it does not go twice.
    tried, tie = threading.Event(), bank._tie
    monkeypatch.setattr(bank, "_tie", lambda *told, **more: (tried.wait(1), tie(*told, **more))[1])

    def press(number: int) -> Any:
        if not number:
            return accept_match(line_ids=[str(deposit.pk)], expected_ids=[f"receipt:{check.receipt_id}"])
        read.wait(10)
        try:
            return services.make_slip(practice=practice)
        finally:
            tried.set()

    read = threading.Event()
    read_money = bank.selectors.open_money
    monkeypatch.setattr(bank.selectors, "open_money", lambda *told: (read_money(*told), read.set())[0])
    with Clients(office.tenant, 2) as clients:
        match, slip = clients.together(press)
    monkeypatch.undo()
    assert (match.kind, type(slip)) == ("ACCEPTED", DrawerRefused)
    with at_work(office):
        assert loose() == (0, 0)
        services.record_return(receipt=check.receipt, kind="nsf")
        with pytest.raises(BankRefused, match="came back since"):
            undo_match(match=match, note="another slip")
        paper = Remittance.objects.get()
        Remittance.objects.update(method="CHK")
        slip = services.make_slip(practice=practice, receipt_ids=[], remittance_ids=[paper.pk])
    assert cash(office) == {"BANK": 25, "REMITTANCE": 255, "PATIENT_CASH": -25, "FEE": -25}
    bring(office, slip_line("255.00", "B3"), name="next.bai")
    with at_work(office):
        accept_best(line=next(line for line in lines(office) if line.amount > 0))
    # Whoever is limited to this practice is refused as everybody is, though the matches are closed to them.
    limited = tenant_scope(office.tenant, practices=[practice.pk])
    with limited, acting("clerk"), pytest.raises(DrawerRefused, match="undo the match"):
        services.void_slip(slip=slip, note="never went")


def test_a_card_pays_once_by_a_signed_message_and_what_comes_back_stops_statements(office):
    from claimwright.web.cashier import services
    from claimwright.web.cashier.models import CardEvent
    from claimwright.web.cashier.processors import Message, MessageRefused, SandboxProcessor
    from claimwright.web.core import clock
    from claimwright.web.payments.models import Refund
    from claimwright.web.payments.services import request_refund

    practice, (ada, ben, eve) = owing(office)
    pay = SandboxProcessor()
    with at_work(office):
        attempt = services.start_checkout(patient=ada, practice=practice, amount=money("40.00"), key="k1")
        assert services.start_checkout(patient=ada, practice=practice, amount=money("40.00"), key="k1") == attempt
        with pytest.raises(RefusedPayment, match="begun already"):
            services.start_checkout(patient=ada, practice=practice, amount=money("1.00"), key="k1")
        said = pay.outcome(
            session=attempt.session, amount=money("40.00"), outcome="captured", means="card", on="2026-10-01"
        )
        now = clock.now()
        body = pay.message(said)
        signature = pay.sign(body, now)
        assert pay.read_message(body=body, signature=signature, now=now) == said
        for wrong in (
            (body.replace(b"40.00", b"41.00"), signature, now), (body, signature.replace("v1=", "v1=0"), now),
            (body, signature, now + timedelta(minutes=6)), (body, "", now),
        ):  # fmt: skip
            with pytest.raises(MessageRefused):
                pay.read_message(body=wrong[0], signature=wrong[1], now=wrong[2])
        leaking = pay.message(msgspec.structs.replace(said, reason="4242 4242 4242 4242"))
        with pytest.raises(MessageRefused, match="card number"):
            pay.read_message(body=leaking, signature=pay.sign(leaking, now), now=now)
        for _ in range(3):
            services.take_message(message=said)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.receipt.amount, attempt.last_four) == ("captured", money("40.00"), "4242")
        assert (attempt.receipt.reference, CardEvent.objects.count(), owed(ada)) == ("SB20261001", 1, 0)
        services.take_message(message=msgspec.structs.replace(said, event="other", reference="pay_other"))
        services.take_message(message=Message(event="x", session="none", outcome="captured", amount=money("9.00")))
        refund = request_refund(refund=Refund.objects.get(patient=ada))  # 15.00 over
        with pytest.raises(RefusedPayment):
            services.refund_to_card(refund=refund, attempt=attempt)  # who asked does not approve
        with acting("pat"):
            back = services.refund_to_its_card(refund=refund)
            assert (back.amount, services.refund_to_card(refund=refund, attempt=attempt)) == (money("15.00"), back)
        attempt.refresh_from_db()
        refund.refresh_from_db()
        assert attempt.refunded_amount == money("15.00")
        assert (refund.method, refund.reference, refund.dormant_on) == ("CARD", back.reference, None)
    assert open_items(office, "card_payments") == 2
    assert offices.audit_faults(office.tenant) == []
    with at_work(office):
        check = services.take_payment(
            patient=ben, practice=practice, method="check", amount=money("25.00"), key="b", check_number="118"
        )
        returned = services.record_return(receipt=check.receipt, kind="nsf")
        assert services.record_return(receipt=check.receipt, kind="nsf") == returned
        ben.refresh_from_db()
        assert (owed(ben), ben.flags, returned.fee_amount) == (money("50.00"), ["returned_payment"], money("25.00"))
        with pytest.raises(RefusedPayment, match="no checks before"):
            services.take_payment(
                patient=ben, practice=practice, method="check", amount=money("50.00"), key="c", check_number="119"
            )
        services.settle_return(returned=returned, note="pays by card from now on")
        ben.refresh_from_db()
        assert ben.flags == [] and services.note_bank_returns() == 0
        # A brother's 30.00 pays what the other owes: unapplied, moved with its reason, used there.
        given = services.take_payment(
            patient=eve, practice=practice, method="check", amount=money("30.00"), key="e", check_number="7"
        )
        assert owed(eve) == 0
        with pytest.raises(RefusedPayment, match="at most the unapplied"):
            services.move_credit(source=eve, target=ben, amount=money("30.00"), reason="brothers")
        assert services.unapply_receipt(receipt=given.receipt, reason="meant for his brother") == money("25.00")
        services.move_credit(source=eve, target=ben, amount=money("30.00"), reason="brothers")
        assert (owed(eve), owed(ben)) == (money("25.00"), money("20.00"))
    assert open_items(office, "returned_payments") == 0
    assert offices.audit_faults(office.tenant) == []
