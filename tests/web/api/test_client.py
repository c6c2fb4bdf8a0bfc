"""The typed client against the real server, over a socket: round trips, repeats, problems, pages."""

from __future__ import annotations

import threading
from decimal import Decimal
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def served(mine):
    """The address of a running server. It answers one at a time, in a thread of its own."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connection

    application = get_wsgi_application()

    def answering(environ, start):
        try:
            return application(environ, start)
        finally:
            connection.close()

    server = make_server("127.0.0.1", 0, answering, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def client(served, mine):
    from claimwright.client import Client

    with Client(served, mine.token) as client:
        yield client


def test_what_goes_in_comes_out(client, mine):
    from claimwright.client.structs.patients import CoverageFields, NewPatient

    made = client.patients.register_new_patient(
        body=NewPatient(
            practice_id=mine.practice.pk, last_name="ROUND", first_name="Trip", birth_date="1980-01-02", sex="M", line1="1 Elm St",
            city="Madison", state="WI", postal_code="53703",
        )
    )  # fmt: skip
    assert (made.last_name, str(made.birth_date), made.coverages) == ("ROUND", "1980-01-02", []) and made.etag
    cover = client.patients.add_patient_coverage(
        patient_id=made.id, body=CoverageFields(payer_id=mine.payer.pk, member_id="W-1", start="2026-01-01")
    )
    seen = client.patients.read_patient(patient_id=made.id)
    assert [one.id for one in seen.coverages] == [cover.id] and seen.etag != made.etag


def test_money_pages_bytes_and_problems(client, mine):
    from claimwright.client import ApiError
    from claimwright.client.structs.payments import TakePayment

    rows = list(client.every(client.claims.list_claims, limit=2))
    assert {one.control_number for one in rows} >= {"CW1001", "CW1003", "CW1004"}
    assert next(one for one in rows if one.control_number == "CW1001").total_charge == Decimal("190.00")
    assert client.bank.list_bank_lines(open_only=False).items == []
    patient = mine.patients["MRN1001"].pk
    terms = {
        "patient_id": patient,
        "body": TakePayment(amount=Decimal("3"), method="check", check_number="5"),
        "key": "pay-1",
    }
    first, again = client.payments.take_patient_payment(**terms), client.payments.take_patient_payment(**terms)
    assert first.id == again.id and first.amount == Decimal("3.00")
    assert client.payments.read_receipt_paper(receipt_id=first.id).startswith(b"%PDF")
    with pytest.raises(ApiError) as refused:
        client.payments.take_patient_payment(
            patient_id=patient, body=TakePayment(amount=Decimal("3.00"), method="check")
        )
    assert (
        refused.value.status == 409 and refused.value.kind == "refused" and "number of the check" in str(refused.value)
    )
    with pytest.raises(ValueError, match="two places"):
        client.payments.take_patient_payment(
            patient_id=patient, body=TakePayment(amount=Decimal("3.001"), method="cash")
        )
    x12 = client.edi.validate_x12(content=bytes(_outgoing(mine)))
    assert x12.transactions == ["837"]


def _outgoing(office):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant):
        office.outgoing.refresh_from_db()
        return office.outgoing.content


def test_a_repeat_carries_the_same_key_and_waits_as_told():
    from claimwright.client import NoAnswer
    from claimwright.client.core import Asking

    came, waited = [], []
    script = [
        httpx.ConnectError("x"),
        httpx.Response(429, headers={"Retry-After": "7"}),
        httpx.Response(503),
        httpx.Response(200, content=b"{}"),
    ]

    def answer(request):
        came.append(request)
        one = script.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    asking = Asking("https://x.example", "t", timeout=1, transport=httpx.MockTransport(answer), wait=waited.append)
    assert asking.ask("POST", "/x", dict) == {}
    assert len({one.headers["Idempotency-Key"] for one in came}) == 1 and len(came) == 4
    assert waited[1] == 7.0 and waited[0] < waited[1] <= waited[2]
    script[:] = [httpx.ConnectError("x")] * 4
    with pytest.raises(NoAnswer) as silent:
        asking.ask("POST", "/x", dict, key="mine")
    assert silent.value.key == "mine"


def test_a_program_closes_a_month_and_invoices_it_and_opens_none_again(client, mine):
    from claimwright.client import ApiError
    from claimwright.client.structs.clients import FeeItemIn, SetTerms
    from claimwright.client.structs.closing import SignItem

    terms = SetTerms(first_month="2026-08", items=[FeeItemIn(fee="flat", words="Monthly fee", rate=Decimal("500.00"))])
    client.clients.set_client_terms(practice_id=mine.practice.pk, body=terms)
    with pytest.raises(ApiError) as refused:
        client.clients.issue_client_invoice(practice_id=mine.practice.pk, month="2026-08")
    assert "not closed" in str(refused.value)
    month = client.closing.read_month(month="2026-08")
    waits = [one.item for one in month.checklist if not one.lets_close]
    assert waits and not month.is_closed
    with pytest.raises(ApiError) as refused:
        client.closing.lock_a_month(month="2026-08")
    assert refused.value.status == 409 and next(one.title for one in month.checklist if one.item == waits[0]) in str(refused.value)  # fmt: skip
    for item in waits:
        client.closing.sign_month_item(month="2026-08", body=SignItem(item=item, reason="told to the owner"))
    locked = client.closing.lock_a_month(month="2026-08", key="lock-2026-08")
    assert locked.is_closed and locked.events[0].actor.startswith("program everything of ") and locked.reports
    assert client.closing.lock_a_month(month="2026-08", key="lock-2026-08") == locked
    assert all(one.same for one in client.closing.prove_a_month(month="2026-08"))
    kept = next(one for one in locked.reports if one.name == "trial-balance.csv")
    assert client.closing.download_month_report(report_id=kept.id)
    invoice = client.clients.issue_client_invoice(practice_id=mine.practice.pk, month="2026-08")
    assert invoice.total == Decimal("500.00")
    assert client.clients.read_client_invoice(practice_id=mine.practice.pk, month="2026-08").startswith(b"%PDF")
    assert client.clients.read_client(practice_id=mine.practice.pk).balance == Decimal("500.00")
    assert not [name for name in dir(client.closing) if "reopen" in name]
