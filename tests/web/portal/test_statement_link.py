"""A patient opens a statement: nothing is shown before they say who they are; then figures, words, pay, write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.web.statements.desk import PAID, PRINTED, SendingDesk

TODAY = date(2026, 9, 30)
WRONG = {"birth_date": "1999-01-01", "postal_code": "53703"}


class Visitor:
    def __init__(self, desk):
        from django.test import Client

        self.desk, self.client = desk, Client()
        (self.link,) = desk.rows("StatementLink")
        with desk.scope():
            from claimwright.web.statements.services import statement_code, token_of

            self.whole = self.link.whole
            self.token, self.code = token_of(self.link), statement_code(self.whole.number)
        self.door = f"/s/{self.token}/"
        self.right = {
            "birth_date": desk.patient.birth_date.isoformat(),
            "postal_code": desk.patient.content["address"]["postal_code"],
        }

    def come_in(self):
        assert self.client.post(self.door, self.right).status_code == 302

    def refresh(self):
        with self.desk.scope():
            self.link.refresh_from_db()
        return self.link


@pytest.fixture
def visitor(tenant, monkeypatch):
    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", PRINTED)
    desk = SendingDesk(tenant)
    desk.visit(*PAID)
    desk.send()
    return Visitor(desk)


def test_nothing_is_shown_before_the_answers_and_all_refusals_look_alike(visitor, other_tenant):
    from django.core import signing

    client, patient = visitor.client, visitor.desk.patient
    page = client.get(visitor.door).content.decode()
    for told in (patient.last_name, patient.first_name, "25.00", visitor.whole.number, visitor.desk.practice.name):
        assert told not in page
    for path in ("statement/", "explain/", "statement.pdf"):
        assert client.get(visitor.door + path).url == visitor.door
    strange = signing.dumps({"t": str(other_tenant.pk), "l": str(visitor.link.pk)}, salt="claimwright.statement-link")
    refused = [
        client.post(visitor.door, WRONG), client.post(visitor.door, {**visitor.right, "postal_code": "99999"}),
        client.post(visitor.door, {"postal_code": visitor.right["postal_code"]}),
        client.post(f"/s/{visitor.token[:-2]}xx/", visitor.right), client.post(f"/s/{strange}/", visitor.right),
        client.post("/bill/no-such-office/", {**visitor.right, "code": visitor.code}),
        client.post(f"/bill/{other_tenant.slug}/", {**visitor.right, "code": visitor.code}),
        client.post(f"/bill/{visitor.desk.tenant.slug}/", {**visitor.right, "code": "1-AAAA-AAAA"}),
        client.post(f"/bill/{visitor.desk.tenant.slug}/", {**visitor.right, "code": "'; --"}),
    ]  # fmt: skip
    assert {one.status_code for one in refused} == {403}
    assert all(b"These answers do not open a bill" in one.content for one in refused)


def test_too_many_wrong_answers_lock_and_then_end_the_link(visitor, monkeypatch):
    from claimwright.web.core import clock

    client, now = visitor.client, clock.now
    for _ in range(5):
        assert client.post(visitor.door, WRONG).status_code == 403
    assert client.post(visitor.door, visitor.right).status_code == 429  # right, and still locked
    assert visitor.refresh().failures == 5
    for hours in (1, 2):
        monkeypatch.setattr(clock, "now", lambda hours=hours: now() + timedelta(hours=hours))
        for _ in range(5):
            assert client.post(visitor.door, WRONG).status_code == 403
    assert visitor.refresh().revoked_on == TODAY
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(hours=9))
    assert client.post(visitor.door, visitor.right).status_code == 403


def test_paper_code_expiry_and_withdrawal(visitor):
    client, desk = visitor.client, visitor.desk
    answers = {**visitor.right, "code": visitor.code.lower().replace("-", " ")}
    inside = client.post(f"/bill/{desk.tenant.slug}/", answers).url  # the link is signed anew, with its moment
    assert inside.startswith("/s/") and inside.endswith("/statement/")
    assert client.get(inside).status_code == client.get(visitor.door + "statement/").status_code == 200
    client.post(visitor.door + "leave/")
    assert client.get(visitor.door + "statement/").url == visitor.door
    by_paper = {"birth_date": visitor.right["birth_date"], "code": visitor.code}  # the code instead of the ZIP
    assert client.post(visitor.door, by_paper).status_code == 302
    desk.set_day(visitor.link.expires_on - timedelta(days=1))
    assert client.get(visitor.door + "statement/").status_code == 200
    desk.set_day(visitor.link.expires_on)
    assert client.get(visitor.door + "statement/").url == visitor.door
    desk.set_day(TODAY)
    with desk.scope():
        from claimwright.web.statements.services import void_statement

        void_statement(whole=visitor.whole, reason="Wrong")
    assert client.get(visitor.door + "statement/").url == visitor.door
    assert client.post(visitor.door, visitor.right).status_code == 403


def test_the_pages_behind_the_answers(visitor):
    from claimwright.web.arrangements.models import Inquiry
    from claimwright.web.cashier.models import CardAttempt
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.statements.services import pdf_of

    client, desk = visitor.client, visitor.desk
    visitor.come_in()
    page = client.get(visitor.door + "statement/")
    text = page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    # Nothing to other sites; but with no-referrer a browser would send our own forms with "Origin: null".
    assert page["Referrer-Policy"] == "same-origin"
    for told in ("$150.00", "-$85.00", "-$40.00", "$25.00", visitor.whole.number):
        assert told in text
    explained = client.get(visitor.door + "explain/").content.decode()
    for told in ("We charged $150.00", "Your insurance paid $85.00", "$40.00 was taken off", "That leaves $25.00"):
        assert told in explained
    with desk.scope():
        assert client.get(visitor.door + "statement.pdf").content == pdf_of(visitor.whole)
        part = visitor.whole.parts.get()
    pay = f"{visitor.door}pay/{part.pk}/"
    for amount in ("0", "-5", "25.01", "abc", ""):
        assert client.post(pay, {"amount": amount, "attempt": "a" * 32}).url == visitor.door + "statement/"
    assert client.post(pay, {"amount": "10.00", "attempt": "' or 1"}).url == visitor.door + "statement/"
    for _ in range(2):  # pressed twice: one payment
        assert client.post(pay, {"amount": "$10.00", "attempt": "a" * 32}).url != visitor.door + "statement/"
    client.post(visitor.door + "write/", {"topic": "insurance_not_billed", "words": "I have <b>Acme</b>"})
    client.post(visitor.door + "write/", {"topic": "no such", "words": "hello"})
    client.post(visitor.door + "write/", {"monthly": "5.00"})
    with desk.scope():
        assert [str(row.amount) for row in CardAttempt.objects.all()] == ["10.00"]
        rows = list(Inquiry.objects.order_by("number"))
        assert [(row.topic, row.channel) for row in rows] == [
            ("insurance_not_billed", "portal"),
            ("question", "portal"),
        ]
        assert rows[0].is_on_hold
        assert "5.00 a month" in rows[1].words
        assert AuditEvent.objects.filter(action="portal.statement", actor="patient by link").exists()
    assert desk.dun().stopped == {"the patient disputes or asks": 1}


def test_a_session_of_the_office_that_opens_a_link_still_ends_from_elsewhere(visitor):
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.sessions.middleware import SessionMiddleware
    from django.test import RequestFactory

    from claimwright.web.core.sessions import end_sessions, open_session
    from tests.lib.web_data import a_user

    staff = a_user(visitor.desk.tenant, "looks", "manager")
    request = RequestFactory().get("/")
    SessionMiddleware(lambda _: None).process_request(request)
    request.user = AnonymousUser()
    open_session(request, staff, proved_by="password")
    visitor.client.cookies["sessionid"] = request.session.session_key
    assert visitor.client.get("/account/").status_code == 200
    visitor.come_in()
    assert visitor.client.cookies["sessionid"].value != request.session.session_key, "no key of before is good"
    assert visitor.client.get("/account/").status_code == 200
    assert end_sessions(user=staff) == 1
    assert visitor.client.get("/account/").status_code == 302


def test_a_payment_since_lowers_what_can_be_paid(visitor):
    visitor.come_in()
    visitor.desk.pay("25.00")
    text = visitor.client.get(visitor.door + "statement/").content.decode()
    assert "Nothing is open on this statement any more" in text
    assert "/pay/" not in text


def test_nobody_pays_with_nothing_where_no_processor_is_set_up(visitor, monkeypatch):
    """The pretend processor is for demonstrations: an office whose calendar runs has none until one is named."""
    from claimwright.web.cashier.models import CardAttempt
    from claimwright.web.cashier.processors import keeper
    from claimwright.web.core import clock

    client, desk = visitor.client, visitor.desk
    visitor.come_in()
    with desk.scope():
        part = visitor.whole.parts.get()
    pay, page = f"{visitor.door}pay/{part.pk}/", visitor.door + "statement/"
    client.post(pay, {"amount": "10.00", "attempt": "a" * 32})
    with desk.scope():
        pretended = CardAttempt.objects.get().page
    assert client.get(pretended).status_code == 200
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    desk.set_day(None)
    text = client.get(page).content.decode()
    assert "$25.00" in text and "/pay/" not in text and "To pay, call" in text
    assert client.post(pay, {"amount": "10.00", "attempt": "b" * 32}).url == page
    assert client.get(pretended).status_code == client.post(pretended, {"choice": "captured:card"}).status_code == 404
    with desk.scope():
        assert CardAttempt.objects.get().state == "started" and keeper() is None
    monkeypatch.setenv("CLAIMWRIGHT_CARD_PROCESSOR", "sandbox")  # said in so many words
    assert client.get(pretended).status_code == 200


def test_a_payment_leads_back_to_the_bill_while_its_link_is_open(visitor):
    from claimwright.web.statements.links import revoke_links

    client, desk, page = visitor.client, visitor.desk, visitor.door + "statement/"
    visitor.come_in()
    with desk.scope():
        part = visitor.whole.parts.get()
    started = client.post(f"{visitor.door}pay/{part.pk}/", {"amount": "10.00", "attempt": "c" * 32}).url
    text = client.get(started).content.decode()
    assert f'href="{page}">Back to the bill' in text
    pretended = text.split('class="button main" href="')[1].split('"')[0]
    client.post(pretended, {"choice": "declined:card"})
    assert f'href="{page}">Open the bill and try again' in client.get(started).content.decode()
    assert f'href="{page}">Abrir la factura' in client.get(started + "?language=es").content.decode()
    assert client.get(page).status_code == 200
    with desk.scope():
        revoke_links(whole=visitor.whole)
    assert page not in client.get(started).content.decode()


def test_every_word_of_the_pages_has_both_languages_with_the_same_blanks():
    from claimwright.web.portal.words import WORDS

    for key, (english, spanish) in WORDS.items():
        blanks = [sorted(part.split("}")[0] for part in text.split("{")[1:]) for text in (english, spanish)]
        assert english != spanish, key
        assert blanks[0] == blanks[1], key


def _explained(language="en", **fields):
    from decimal import Decimal

    from claimwright.documents.statement import StatementVisit
    from claimwright.web.portal.pages import explained

    money = {name: Decimal(value) if name != "reasons" else value for name, value in fields.items()}
    return explained(StatementVisit(date_of_service=date(2026, 8, 31), service="Office visit", **money), language)


def test_each_kind_of_charge_is_explained_with_what_can_be_done():
    paid = _explained(charge="150.00", insurer_paid="85.00", discount="40.00", amount_owed="25.00", reasons=("Copay.",))
    assert paid["decided"][-1] == "That leaves $25.00 for you."
    assert paid["reasons"] == [{"words": "Copay.", "language": ""}]  # not a sentence of ours: as the statement said it
    assert any("insurance card" in one for one in paid["can"])
    denied = _explained(charge="150.00", amount_owed="150.00", reasons=("Not covered.",))
    assert "Your insurance paid nothing of it." in denied["decided"]
    uninsured = _explained(charge="150.00", amount_owed="150.00")
    assert any("Had insurance that day" in one for one in uninsured["can"])
    assert not any("insurance" in one for one in uninsured["decided"])
    waiting = _explained(charge="150.00", insurance_pending="150.00")
    assert waiting["can"] == ["Nothing now. We tell you when the insurance has decided."]
    ours = "Your plan says this part goes to your yearly deductible."
    spanish = _explained("es", charge="1150.00", amount_owed="1150.00", reasons=(ours,))
    assert spanish["reasons"] == [
        {"words": "Su plan indica que esta parte corresponde a su deducible anual.", "language": "es"}
    ]
    assert spanish["was"] == "Office visit, 31 de agosto de 2026"
    assert "Cobramos $1,150.00." in spanish["decided"]


def test_the_patient_chooses_the_language_and_it_stays(visitor):
    client = visitor.client
    visitor.come_in()
    page = visitor.door + "statement/"
    first = client.get(page).content.decode()
    assert '<html lang="en">' in first and "Amount to pay now" in first and 'href="?language=es"' in first
    chosen = client.get(page + "?language=es").content.decode()
    assert '<html lang="es">' in chosen and "Monto a pagar ahora" in chosen and "Amount to pay now" not in chosen
    assert "Explicar mi factura" in client.get(visitor.door + "explain/").content.decode()  # chosen once, kept
    client.post(visitor.door + "write/", {"topic": "question", "words": ""})
    assert "Por favor escriba" in client.get(page).content.decode()
    assert '<html lang="es">' in client.get(page + "?language=xx").content.decode()
    assert '<html lang="en">' in client.get(page + "?language=en").content.decode()
