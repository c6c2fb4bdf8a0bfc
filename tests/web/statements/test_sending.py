"""Guarantor statements out, withdrawn, issued anew, printed, mailed and returned; each ties to the ledger throughout."""

from __future__ import annotations

import csv
import hashlib
import io
import smtplib
import zipfile
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.lib.builders import a_patient
from tests.web.statements.desk import PAID, PRINTED, SendingDesk

TODAY = date(2026, 9, 30)


@pytest.fixture
def desk(tenant):
    return SendingDesk(tenant)


def test_a_family_gets_one_statement_that_sums_its_parts_and_ties_to_each_ledger(desk, monkeypatch):
    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", PRINTED)
    parent = desk.patient
    ben = desk.child_of(parent, first_name="Ben")
    cora = desk.child_of(parent, first_name="Cora")
    desk.small_visit("3.00", patient=ben)  # each below the minimum of 5, together above it
    desk.small_visit("4.00", patient=cora, dos=date(2026, 8, 30))
    stranger = desk.add_patient(first_name="Zoe")
    desk.small_visit("4.99", patient=stranger)
    run = desk.send()
    assert sorted(due for _, due in run.issued) == [Decimal("3.00"), Decimal("4.00")]
    assert run.not_sent == {"below the minimum balance": 1}
    (whole,) = desk.rows("GuarantorStatement")
    from claimwright.web.statements.services import document_of, pdf_of

    with desk.scope():
        document, pdf = document_of(whole), pdf_of(whole)
        assert sum(part.statement.amount_due for part in whole.parts.all()) == whole.amount_due == Decimal("7.00")
    assert hashlib.sha256(pdf).hexdigest() == whole.sha256
    assert [(visit.patient.split()[0], visit.amount_owed) for visit in document.visits] == [
        ("Cora", Decimal("4.00")), ("Ben", Decimal("3.00")),
    ]  # fmt: skip
    assert document.guarantor_name.startswith(a_patient().first_name)
    assert sum(amount for _, amount in document.aging) == document.total_due == Decimal("7.00")
    assert document.payment_url == f"{PRINTED}/bill/{desk.tenant.slug}/"
    assert document.statement_code.startswith(f"{int(whole.number[2:])}-")
    assert desk.audit_faults() == []
    # The cycle is the guarantor's: a sibling who owes since waits for it, then all go out again as one.
    desk.set_day(TODAY + timedelta(days=10))
    desk.small_visit("50.00", patient=desk.child_of(parent, first_name="Dan"), on=TODAY + timedelta(days=5))
    assert desk.send().issued == []
    desk.set_day(TODAY + timedelta(days=28))
    assert len(desk.send().issued) == 3
    assert sorted(row.amount_due for row in desk.rows("GuarantorStatement")) == [Decimal("7.00"), Decimal("57.00")]
    assert desk.audit_faults() == []


@pytest.mark.parametrize("flag", ["bankruptcy", "bad_address", "deceased"])
def test_what_bars_billing_the_guarantor_bars_the_childs_statement(desk, flag):
    child = desk.child_of(desk.patient, first_name="Ben")
    desk.visit(*PAID, patient=child)
    with desk.scope():
        desk.patient.flags = [flag]
        desk.patient.save()
    assert desk.send().issued == []


def test_a_reason_that_another_app_knows_holds_the_statement_until_it_is_gone(desk, monkeypatch):
    from claimwright.web.statements import holds
    from claimwright.web.statements.services import preview_due_statements, register_check

    monkeypatch.setattr(holds, "_checks", {})
    desk.visit(*PAID)
    reasons = {desk.patient.pk: "billed 400.00 or more above the estimate"}
    register_check("estimates", lambda patients, on: {one: reasons[one] for one in patients if one in reasons})
    assert desk.send().not_sent == {"billed 400.00 or more above the estimate": 1}
    with desk.scope():
        (held,) = preview_due_statements().held
        assert (held.patient.pk, held.amount) == (desk.patient.pk, Decimal("25.00"))
    reasons.clear()
    assert len(desk.send().issued) == 1


def test_withdrawing_and_issuing_anew(desk):
    from claimwright.web.statements.models import GuarantorStatement
    from claimwright.web.statements.services import (
        StatementRefused,
        reissue_statement,
        send_again,
        void_statement,
    )

    desk.visit(*PAID)
    desk.send()
    (whole,) = desk.rows("GuarantorStatement")
    before = [(row.number, row.sha256, bytes(row.pdf)) for row in desk.statements()]
    with desk.scope(), pytest.raises(StatementRefused, match="say why"):
        void_statement(whole=whole, reason=" ")
    desk.pay("10.00")
    with desk.scope():
        anew = reissue_statement(whole=whole, reason="The payment was missing")
        assert (anew.amount_due, anew.replaces_id) == (Decimal("15.00"), whole.pk)
    # What was issued is as it was; it is only marked.
    assert [(row.number, row.sha256, bytes(row.pdf)) for row in desk.statements()][:1] == before
    assert [row.state for row in desk.rows("Delivery", whole=whole)] == ["cancelled"]
    assert desk.audit_faults() == []
    desk.pay("15.00", key="r2")
    with desk.scope():
        with pytest.raises(StatementRefused, match="nothing is owed"):
            reissue_statement(whole=anew, reason="Paid")
        assert GuarantorStatement.objects.get(pk=anew.pk).state == "issued"  # refused as a whole
        void_statement(whole=anew, reason="Paid at the desk")
        void_statement(whole=anew, reason="again")  # changes nothing
        assert GuarantorStatement.objects.get(pk=anew.pk).void_reason == "Paid at the desk"
        with pytest.raises(StatementRefused, match="withdrawn"):
            send_again(whole=anew)
    # A withdrawn statement starts no cycle.
    desk.visit(*PAID)
    assert len(desk.send().issued) == 1


def test_issuing_anew_pressed_by_two_at_once_makes_one_statement(desk):
    from claimwright.web.statements.services import StatementRefused, reissue_statement
    from tests.faults.clients import Clients

    desk.visit(*PAID)
    desk.send()
    (whole,) = desk.rows("GuarantorStatement")
    with Clients(desk.tenant, 2) as clients:
        answers = clients.together(
            lambda _: reissue_statement(whole=type(whole).objects.get(pk=whole.pk), reason="Late")
        )
    (refused,) = [answer for answer in answers if isinstance(answer, StatementRefused)]
    assert "withdrawn already" in str(refused)
    assert [row.state for row in desk.rows("GuarantorStatement", replaces=whole)] == ["issued"]


def test_the_printers_zip_and_mail_that_comes_back(desk):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.statements.services import make_mail_batch, return_mail, send_again

    name = desk.add_patient(first_name="=HYPERLINK(1)", last_name="Tester")
    desk.visit(*PAID, patient=name)
    desk.visit(*PAID)
    desk.send()
    with desk.scope():
        batch = make_mail_batch()
        assert make_mail_batch() is None  # each piece once
        archive = zipfile.ZipFile(io.BytesIO(bytes(batch.content)))
        rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
        assert len(rows) == batch.pieces == 2
        for row in rows:
            pdf = archive.read(row["file"])
            assert pdf.startswith(b"%PDF")
            assert hashlib.sha256(pdf).hexdigest() == row["sha256"]
            assert not row["name"].startswith("=")
            assert row["address_1"] and row["postal_code"]
    (piece,) = desk.rows("Delivery", account__patient=desk.patient)
    assert (piece.state, piece.batch_id) == ("sent", batch.pk)
    with desk.scope():
        send_again(whole=piece.whole)
        return_mail(piece=piece, because="Moved, left no address")
        return_mail(piece=piece)  # once
        item = WorkItem.objects.get(worklist="returned_mail")
        assert (item.subject_id, item.due_date) == (str(desk.patient.pk), TODAY + timedelta(days=10))
        assert make_mail_batch() is None  # the copy that waited is not printed
    desk.set_day(TODAY + timedelta(days=40))
    assert desk.send().not_sent == {"mail came back": 1}
    # A new address: statements go on, the item is done.
    with desk.scope():
        desk.patient.refresh_from_db()
        desk.patient.flags = []
        desk.patient.save()
    desk.dun()
    assert len(desk.send().issued) == 1
    with desk.scope():
        assert WorkItem.objects.get(worklist="returned_mail").state == "done"


@pytest.fixture
def posted(desk, monkeypatch):
    """The mail that went out, from a desk whose patient wants a link by e-mail."""
    from django.core import mail

    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", PRINTED)
    monkeypatch.setattr("django.conf.settings.EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    with desk.scope():
        desk.patient.details = {"channel": "email", "email": "someone@example.org"}
        desk.patient.save()
    desk.visit(*PAID)
    desk.send()
    return mail.outbox


def _emailed(desk):
    from claimwright.web.statements.services import send_emails

    done = send_emails(tenant=desk.tenant)
    return done.sent, done.refused, done.waiting


def _states(desk):
    return sorted((row.channel, row.state) for row in desk.rows("Delivery"))


def test_a_link_by_email_says_nothing_of_the_patient_and_goes_once_and_by_itself(desk, posted, monkeypatch):
    from claimwright.web.operations import day

    def breaks():
        raise RuntimeError("something of the end of the day")

    with monkeypatch.context() as patch:
        patch.setattr(day, "_search_duplicates", breaks)
        with pytest.raises(RuntimeError, match="end of the day"):
            day.end_day(tenant=desk.tenant)
    assert posted == [] and _states(desk) == [("email", "waiting")], "nothing goes out of a day that is taken back"
    assert day.end_day(tenant=desk.tenant).sent == 1
    assert _emailed(desk) == (0, 0, 0)
    (message,) = posted
    said = message.subject + message.body
    assert f"{PRINTED}/s/" in said
    for told in (desk.patient.last_name, desk.patient.first_name, "25.00", desk.patient.record_number):
        assert told not in said


FOR_NOW, FOR_GOOD = {"a": (451, b"later")}, {"a": (550, b"nobody")}


@pytest.mark.parametrize(
    ("fault", "at_once", "in_the_end"),
    [
        (smtplib.SMTPRecipientsRefused(FOR_GOOD), (0, 1, 0), None), (ValueError("no address"), (0, 1, 0), None),
        (smtplib.SMTPDataError(554, b"spam"), (0, 1, 0), None), (None, (0, 1, 0), None),
        (smtplib.SMTPRecipientsRefused(FOR_NOW), (0, 0, 1), (0, 1, 0)), (TimeoutError(), (0, 0, 1), (0, 1, 0)),
    ],
    ids=["nobody there", "no address", "not that message", "no mail server", "not now", "no answer"],
)  # fmt: skip
def test_what_no_mail_server_takes_goes_on_paper(desk, posted, monkeypatch, fault, at_once, in_the_end):
    from django.db import connection

    held = []

    def refuse(self, fail_silently=False):
        held.append(connection.in_atomic_block)
        raise fault

    if fault is None:  # a patient's office without one: its calendar runs
        from claimwright.web.core import clock

        monkeypatch.setattr("django.conf.settings.EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
        monkeypatch.setattr(clock, "today", lambda: TODAY)
        desk.set_day(None)
    else:
        monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert _emailed(desk) == at_once
    if in_the_end:
        assert _states(desk) == [("email", "waiting")]
        desk.set_day(TODAY + timedelta(days=3))
        assert _emailed(desk) == in_the_end
    assert not any(held), "nothing is locked while a server thinks"
    assert _states(desk) == [("email", "failed"), ("mail", "waiting")]


def test_a_server_that_does_not_answer_is_asked_once_a_run(desk, posted, monkeypatch):
    from claimwright.web.operations.job_runs import ask, carry_out_run
    from claimwright.web.operations.job_table import JobFailed

    with desk.scope():
        account = desk.rows("Delivery")[0].account
        for _ in range(3):
            account.deliveries.create(channel="email", made_on=TODAY, whole=desk.rows("GuarantorStatement")[0])
        run = ask(tenant=desk.tenant, job="send_emails", about={})
    asked = []

    def away(self, fail_silently=False):
        asked.append(1)
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", away)
        with pytest.raises(JobFailed, match="4 wait for the next run"):
            carry_out_run(tenant=desk.tenant, run_id=run.pk)
    assert len(asked) == 1
    assert _emailed(desk) == (4, 0, 0)
