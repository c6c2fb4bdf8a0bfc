"""The staff's pages of statements: due and held with reasons, sent, returned, calls; each act through the page."""

from __future__ import annotations

from datetime import date, timedelta
from unittest import mock

import pytest

from tests.lib.web_data import a_user
from tests.web.statements.desk import PAID, SendingDesk

TODAY = date(2026, 9, 30)


@pytest.fixture
def desk(tenant):
    made = SendingDesk(tenant)
    made.biller = a_user(tenant)
    return made


def test_the_pages_of_a_week(desk):
    from django.test import Client

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.operations.models import JobRun
    from claimwright.web.patients.models import PatientPhone

    client = Client()
    client.force_login(desk.biller, backend="django.contrib.auth.backends.ModelBackend")
    assert "None issued yet" in client.get("/statements/").content.decode()
    held = desk.add_patient(last_name="Held")
    desk.visit(*PAID, patient=held)
    desk.visit(*PAID)
    with desk.scope():
        held.flags = ["bankruptcy"]
        held.save()
        PatientPhone.objects.create(patient=desk.patient, kind="home", number="6085550101", start=date(2026, 1, 1))
    due = client.get("/statements/due/").content.decode()
    assert "1 due, $25.00" in due
    assert "Bankruptcy" in due
    assert f"/patients/{held.pk}/" in due
    assert client.get("/statements/due/?as=csv").content.decode().splitlines()[1].endswith("Bankruptcy,25.00")
    with mock.patch("claimwright.web.operations.due_look.preview_due_statements", side_effect=AssertionError("once")):
        again = client.get("/statements/due/?reason=Bankruptcy").content.decode()  # by what was worked out just now
    assert "as of" in again
    assert client.get("/statements/due/?anew=1&reason=x").headers["Location"] == "/statements/due/?reason=x"
    assert client.get("/statements/due/?reason=none").content.decode().count(f"/patients/{held.pk}/") == 0
    client.post("/statements/issue/")
    client.post("/statements/print/")
    client.post("/statements/email/")  # speaks to no mail server itself: the worker does
    with desk.scope():
        assert JobRun.objects.get().job == "send_emails"
    (piece,) = desk.rows("Delivery")
    assert client.get(f"/statements/batches/{piece.batch_id}.zip").content.startswith(b"PK")
    (whole,) = desk.rows("GuarantorStatement")
    assert client.get(f"/statements/sent/{whole.pk}.pdf").content.startswith(b"%PDF")
    listed = client.get("/statements/").content.decode()
    assert f"{whole.number} (PDF)" in listed
    assert "Sent in MB000001" in listed
    assert whole.number not in client.get("/statements/?q=zzz").content.decode()
    # Day 30: a call to make, and what came of it.
    desk.set_day(TODAY + timedelta(days=30))
    desk.dun()
    asked = client.get("/statements/dunning/").content.decode()
    assert "6085550101" in asked
    assert "10:00 to 21:00" in asked  # 9 to 20 in Wisconsin, read in New York
    (contact,) = desk.rows("Contact")
    client.post(f"/statements/contacts/{contact.pk}/", {"state": "cancelled", "note": "Wrote instead"})
    assert desk.rows("Contact")[0].state == "cancelled"
    account = client.get(f"/patients/{desk.patient.pk}/").content.decode()
    assert "Day 30 since the first unanswered statement" in account
    assert "first reminder, by phone" in account
    # Mail comes back, and the statement is withdrawn: refusals are said, nothing breaks.
    client.post(f"/statements/pieces/{piece.pk}/returned/", {"reason": "Moved"})
    refused = client.post(f"/statements/sent/{whole.pk}/change/", {"act": "again"}, follow=True).content.decode()
    assert "Not done: mail came back" in refused
    assert (
        "say why" in client.post(f"/statements/sent/{whole.pk}/change/", {"act": "void"}, follow=True).content.decode()
    )
    client.post(f"/statements/sent/{whole.pk}/change/", {"act": "void", "reason": "Wrong visit"})
    assert "Withdrawn" in client.get("/statements/").content.decode()
    with desk.scope():
        actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"statements.due", "statements.list", "statement.read", "statement.mail_batch_read"} <= actions


def test_a_large_office_has_it_worked_out_by_a_job(desk, monkeypatch):
    from django.test import Client

    from claimwright.web.operations import due_look
    from claimwright.web.operations.job_table import ASKED
    from claimwright.web.operations.models import JobRun

    client = Client()
    client.force_login(desk.biller, backend="django.contrib.auth.backends.ModelBackend")
    desk.visit(*PAID)
    monkeypatch.setattr(due_look, "LARGE", 0)
    with mock.patch("claimwright.web.operations.due_look.preview_due_statements", side_effect=AssertionError("a page")):
        assert "Not worked out yet" in client.get("/statements/due/").content.decode()
        client.get("/statements/due/?anew=1")
        assert "Being worked out" in client.get("/statements/due/").content.decode()
    with desk.scope():
        run = JobRun.objects.get(job=due_look.JOB)
    assert ASKED[run.job].run(desk.tenant, {}) == {"statements due": 1, "patients held": 0}
    with desk.scope():
        JobRun.objects.update(state=JobRun.State.DONE)
    assert "1 due, $25.00" in client.get("/statements/due/").content.decode()
    assert "Queued" in client.post("/statements/issue/", follow=True).content.decode()
    with desk.scope():
        assert JobRun.objects.filter(job="statements").count() == 1
    assert not desk.rows("GuarantorStatement")
