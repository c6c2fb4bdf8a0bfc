"""Guarantor statements out, withdrawn, issued anew, printed, mailed and returned; each ties to the ledger throughout."""

from __future__ import annotations

import csv
import hashlib
import io
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


def test_a_link_by_email_says_nothing_of_the_patient_and_falls_back_to_paper(desk, monkeypatch):
    from django.core import mail

    from claimwright.web.statements.services import send_emails

    monkeypatch.setattr("django.conf.settings.PUBLIC_URL", PRINTED)
    monkeypatch.setattr("django.conf.settings.EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    with desk.scope():
        desk.patient.details = {"channel": "email", "email": "someone@example.org"}
        desk.patient.save()
    desk.visit(*PAID)
    desk.send()
    with desk.scope():
        assert send_emails() == {"sent": 1, "refused": 0}
        assert send_emails() == {"sent": 0, "refused": 0}
    (message,) = mail.outbox
    said = message.subject + message.body
    assert f"{PRINTED}/s/" in said
    for told in (desk.patient.last_name, desk.patient.first_name, "25.00", desk.patient.record_number):
        assert told not in said
    # Refused by the mail server: the next goes on paper.
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _refuse)
    desk.set_day(TODAY + timedelta(days=28))
    desk.send()
    with desk.scope():
        assert send_emails() == {"sent": 0, "refused": 1}
    assert sorted((row.channel, row.state) for row in desk.rows("Delivery", made_on=TODAY + timedelta(days=28))) == [
        ("email", "failed"), ("mail", "waiting"),
    ]  # fmt: skip


def _refuse(self, fail_silently=False):
    import smtplib

    raise smtplib.SMTPRecipientsRefused({})
