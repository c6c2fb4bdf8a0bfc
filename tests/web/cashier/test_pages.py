"""The pages: a check typed to its posting, a day at the counter, a card paid by a link without signing in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.faults import office as offices
from tests.lib.web_data import a_user
from tests.web.payments.test_release import at_work, deliver


@pytest.fixture
def client(office: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(a_user(office.tenant), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_a_check_is_typed_saved_mended_and_posted_by_its_page(office, client):
    from claimwright.web.cashier.models import PaperRemittance

    version = office.versions[0]
    assert "No check is being typed" in text(client.get("/paper/"))
    begun = {"payer": "NMUT", "check_number": "5001", "check_date": "2026-09-15", "amount": "1o0"}
    assert "Not begun: choose the payer" in text(client.post("/paper/start/", begun, follow=True))
    answer = client.post("/paper/start/", begun | {"amount": "$85.00"}, follow=True)
    page = answer.redirect_chain[-1][0]
    assert "No claim yet" in text(answer) and "$85.00</strong> left" in text(answer)
    assert "No claim that went to this payer" in text(
        client.post(f"{page}save/", {"do": "add", "q": "NOBODY"}, follow=True)
    )
    several = text(client.post(f"{page}save/", {"do": "add", "q": "2026-09-01"}, follow=True))
    assert several.count('value="add:') == 3
    added = text(client.post(f"{page}save/", {"do": f"add:{version.control_number}", "q": ""}, follow=True))
    assert version.control_number in added and "c0-l0-paid" in added
    typed = {"c0-l0-paid": "85.00", "c0-l0-copay": "25.0x", "c0-l0-adjustments": "CO45", "do": "save"}
    saved = client.post(f"{page}save/", typed, headers={"Accept": "application/json"}).json()
    assert saved == {"left": "0.00", "ready": False}
    shown = text(client.get(page))
    assert 'href="#c0-l0-copay">Claim 1 line 1, copay' in shown and 'value="25.0x"' in shown
    assert "Not done: it does not add up yet" in text(client.post(f"{page}save/", typed | {"do": "post"}, follow=True))
    posted = text(client.post(f"{page}save/", typed | {"c0-l0-copay": "25", "do": "post"}, follow=True))
    assert "Posted as R" in posted and "Adds up" in posted
    with at_work(office):
        row = PaperRemittance.objects.select_related("remittance").get()
        payment = row.remittance.claim_payments.get()
    for address in (f"/remittances/{row.remittance_id}/eob.pdf", f"/remittances/claims/{payment.pk}/eob.pdf"):
        assert client.get(address).content.startswith(b"%PDF")
    assert "It is the remittance" in text(client.get(page))
    typed_card = {"last_four": "1234", "batch_number": "B77", "fee": "2.55"}
    assert "Recorded: the bank" in text(client.post(f"/remittances/{row.remittance_id}/card/", typed_card, follow=True))
    assert "Noted: the payer" in text(client.post(f"/remittances/{row.remittance_id}/card/", follow=True))
    with at_work(office):
        from claimwright.web.bank.selectors import open_money

        assert [(one.method, one.batch_number) for one in open_money()] == [("CARD", "B77")]


def test_a_day_at_the_counter_and_a_card_paid_by_its_link(office, client):
    from django.test import Client
    from django.urls import reverse

    from claimwright.web.cashier.models import CardAttempt, CashDrawer
    from claimwright.web.patients.models import Patient
    from claimwright.web.payments.models import PatientReceipt, Refund

    deliver(office, 10, [offices.payment(version) for version in office.versions])
    with at_work(office):
        ada, ben, _ = Patient.objects.order_by("record_number")
        practice = ada.practice_id
    assert "Nothing waits" in text(client.get("/counter/"))
    assert ada.record_number in text(client.get("/counter/", {"q": ada.last_name}))
    assert "$25.00" in text(client.get("/counter/", {"patient": ada.pk}))
    pay = f"/counter/patients/{ada.pk}/pay/"
    cash = {"amount": "25", "method": "cash", "key": "one"}
    assert "Not done: open the cash drawer" in text(client.post(pay, cash, follow=True))
    assert "drawer is open with 50.00" in text(
        client.post("/counter/drawer/open/", {"practice": practice, "amount": "50"}, follow=True)
    )
    for _ in range(2):  # sent twice: one receipt
        assert "Receipt RC000001: 25.00 taken" in text(client.post(pay, cash, follow=True))
    with at_work(office):
        receipt, drawer = PatientReceipt.objects.get(), CashDrawer.objects.get()
    assert client.get(f"/counter/receipts/{receipt.pk}.pdf").content.startswith(b"%PDF")
    count = f"/counter/drawer/{drawer.pk}/count/"
    assert "Counted once" in text(client.post(count, {"n50.00": "1", "n20.00": "1", "n5.00": "1"}, follow=True))
    assert "another person" in text(client.post(count, {"amount": "75.00"}, follow=True))
    second = Client()
    second.force_login(a_user(office.tenant, "second"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Closed: it agrees" in text(second.post(count, {"amount": "75.00"}, follow=True))
    waiting = re.findall(r'name="receipt" value="([^"]+)"', text(client.get("/counter/")))
    made = text(client.post("/counter/slips/", {"practice": practice, "receipt": waiting}, follow=True))
    slip = re.findall(r"/counter/slips/[^/]+\.pdf", made)
    assert "Deposit slip D000001 over 25.00" in made and client.get(slip[0]).content.startswith(b"%PDF")

    answer = client.post(f"/counter/patients/{ben.pk}/pay/", {"amount": "40", "method": "card", "key": "two"})
    patient = Client(enforce_csrf_checks=True)  # nobody is signed in
    page = text(patient.get(answer.url))
    sandbox = re.findall(r'class="button main" href="([^"]+)"', page)[0]
    form = text(patient.get(sandbox))
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[0]
    for _ in range(2):
        paid = patient.post(sandbox, {"choice": "captured:card", "csrfmiddlewaretoken": token}, follow=True)
        assert "is paid" in text(paid) and "Visa ending 4242" in text(paid) and ben.last_name not in text(paid)
    assert patient.get(f"{answer.url}receipt.pdf").content.startswith(b"%PDF")
    assert patient.get("/pay/forged/").status_code == 404
    with at_work(office):
        from claimwright.web.cashier.links import notify_address

        notify = notify_address()
        attempt = CardAttempt.objects.get()
        assert (attempt.state, PatientReceipt.objects.filter(method="card").count()) == ("captured", 1)
    unsigned = patient.post(notify, b"{}", content_type="application/json", headers={"Card-Signature": "t=1,v1=0"})
    assert unsigned.status_code == 400
    # What was too much goes back on the card it came from: asked for by one, approved and issued by another.
    with at_work(office):
        refund = Refund.objects.get(patient=ben)
    for who, step, form in ((client, "ask", {}), (second, "approve", {}), (second, "issue", {"method": "CARD"})):
        text(who.post(reverse("work_refund", args=[refund.pk, step]), form, follow=True))
    with at_work(office):
        refund.refresh_from_db()
        attempt.refresh_from_db()
        assert (refund.state, refund.method, refund.reference) == ("ISSUED", "CARD", refund.card_refund.reference)
        assert refund.reference and attempt.refunded_amount == refund.amount == 15
    back = client.post(f"/counter/receipts/{attempt.receipt_id}/returned/", {"fee": ""}, follow=True)
    assert "with a fee of 0.00" in text(back) and "Chargeback" in text(back)
    with at_work(office):
        returned = attempt.receipt.returned.pk
    settled = client.post(f"/counter/returned/{returned}/settle/", {"note": "paid in cash"}, follow=True)
    assert "Settled" in text(settled)
    assert offices.audit_faults(office.tenant) == []
