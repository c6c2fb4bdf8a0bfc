"""Denials in the browser: a list by worth, a page with its decision, an appeal written, looked at, sent and answered."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pikepdf
import pytest

LISTS = ("denials", "denial_trends", "letter_templates", "rule_proposals")


@pytest.fixture
def denial(mine):
    """One line denied for lack of an authorization, of a claim that went out; those of the test before are gone."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.models import Appeal, Denial, RecordsRequest
    from claimwright.web.payments.denial_scores import rescore

    with tenant_scope(mine.tenant):
        for model in (Appeal, RecordsRequest):
            model.objects.all().delete()
        Denial.objects.filter(carc="197").delete()
        WorkItem.objects.filter(worklist="records_requested").delete()
        row = Denial.objects.create(
            practice=mine.practice, version=mine.paid, payer=mine.payer, line_id="L1001", group="CO", carc="197",
            rarcs=["M62"], amount=Decimal("150.00"), category="AUTH", actions=["AU", "FC", "AP"],
            received_on=date(2026, 9, 28),
        )  # fmt: skip
        rescore([row])
    return row


def at(name, *arguments):
    from django.urls import reverse

    return reverse(name, args=arguments)


def does(client, denial, step, **given):
    response = client.post(at("work_denial", denial.pk, step), given, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def inside(mine):
    from claimwright.web.core.tenancy import tenant_scope

    return tenant_scope(mine.tenant)


@pytest.mark.parametrize("name", LISTS)
def test_the_pages_work_and_need_a_sign_in(client, denial, offices, name):
    from django.test import Client

    response = client.get(at(name))
    assert response.status_code == 200
    text = response.content.decode()
    assert "<script>" not in text and "style=" not in text and "onclick" not in text
    assert Client().get(at(name)).status_code == 302


def test_the_list_shows_the_score_and_what_is_picked_and_filters(client, denial):
    text = client.get(at("denials")).content.decode()
    for wanted in ("CO-197", "M62", "1.93", "150.00", "Northern Mutual"):
        assert wanted in text, wanted
    assert "CO-197" not in client.get(at("denials") + "?category=CODE").content.decode().split("<tbody>")[-1]
    assert client.get(at("denials") + "?payer=junk&older=x&amount=..&page=99").status_code == 200


def test_one_denial_shows_its_working_and_both_ways(client, denial):
    text = client.get(at("denial", denial.pk)).content.decode()
    for wanted in (
        "150.00 (denied) x 0.45 / 35 min x 1.00 urgency",
        "Authorization",
        "preventable",
        "first internal appeal",
    ):
        assert wanted in text, wanted


def test_who_only_reads_is_shown_no_form(client, mine, offices, denial):
    from django.test import Client

    from tests.lib.web_data import a_user

    does(client, denial, "draft", argument="Called on 14 September")
    reader = Client()
    reader.force_login(
        a_user(mine.tenant, "denial-reader", "auditor"), backend="django.contrib.auth.backends.ModelBackend"
    )
    text = reader.get(at("denial", denial.pk)).content.decode()
    assert "Called on 14 September" in text and "/do/" not in text and 'name="argument"' not in text


def test_another_tenants_denial_is_not_found(client, theirs, denial):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.denials.models import Denial

    with tenant_scope(theirs.tenant):
        other = Denial.objects.first()
        assert other is not None
    assert client.get(at("denial", other.pk)).status_code == 404
    assert client.post(at("work_denial", other.pk, "analyze")).status_code == 404


def test_an_appeal_is_written_looked_at_sent_and_answered(client, mine, denial):
    assert "Drafted the first internal appeal" in does(
        client, denial, "draft", argument="Called on 14 September: A-4471."
    )
    proof = client.get(at("appeal_proof", denial.pk))
    assert proof["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(proof.content)) as opened:
        assert len(opened.pages) >= 3  # letter, remittance, claim
    assert "Not done" in does(client, denial, "send", method="mail", tracking=" ")
    assert "an answer is due" in does(client, denial, "send", method="mail", tracking="9400 1", signer="Rosa").lower()
    with inside(mine):
        denial.refresh_from_db()
        appeal = denial.appeals.get()
        assert (denial.state, appeal.state, appeal.packet.pages >= 3) == ("ACTION_SENT", "SENT", True)
    assert "won when the remittance pays" in does(client, denial, "promise", amount="110.00")
    with inside(mine):
        denial.refresh_from_db()
        assert (denial.state, denial.outcome_amount) == ("PENDING", None)
    assert "The decision is on record" in does(client, denial, "close", state="UPHELD", note="no medical need")
    assert "level 2" in client.get(at("denial", denial.pk)).content.decode()
    assert "Drafted the second internal appeal" in does(client, denial, "draft", argument="The record shows it.")
    with inside(mine):
        denial.refresh_from_db()
        assert denial.state == "ESCALATED"
        assert [one.level for one in denial.appeals.order_by("level")] == [1, 2]


def test_a_win_is_not_booked_by_hand(client, mine, denial):
    does(client, denial, "draft", argument="x")
    does(client, denial, "send", method="fax", tracking="1")
    assert "remittance" in does(client, denial, "close", state="OVERTURNED_FULL", note="they said so")
    with inside(mine):
        assert denial.appeals.get().state == "SENT"


def test_an_appeal_for_the_patient_needs_the_signed_authorization(client, mine, denial):
    does(client, denial, "draft", argument="x", for_patient="on")
    assert "signed authorization" in does(client, denial, "send", method="mail", tracking="1")
    with inside(mine):
        assert denial.appeals.get().state == "DRAFT"


def test_records_are_asked_for_with_a_day_and_never_sent_empty(client, mine, denial):
    assert "must be there by 10/20/2026" in does(client, denial, "ask-records", due_on="2026-10-20", what="visit note")
    assert "no record to send" in does(client, denial, "send-records", method="portal", tracking="P1")
    with inside(mine):
        from claimwright.web.core.models import WorkItem

        item = WorkItem.objects.get(worklist="records_requested")
        assert (item.due_date, item.state) == (date(2026, 10, 20), "open")


def test_a_denial_and_its_item_have_one_owner_and_one_sleep(client, mine, denial):
    """Whether the work is handed over from the denial, from the list of denials, or from the worklist."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.denials.models import Denial
    from claimwright.web.denials.services import KEY
    from tests.lib.web_data import a_work_item

    with inside(mine):
        WorkItem.objects.filter(worklist="denials").delete()
        item = a_work_item("denials", f"{KEY}{denial.pk}", subject_type="denial", subject_id=denial.pk)

    def both():
        with inside(mine):
            one, other = Denial.objects.get(pk=denial.pk), WorkItem.objects.get(pk=item.pk)
        assert (one.owner, one.snoozed_until, one.snooze_reason) == (
            other.owner,
            other.snoozed_until,
            other.snooze_reason,
        )
        return other.owner, other.snoozed_until, other.escalated_by

    def on_worklist(act, **fields):
        client.post(at("work_together", "denials"), {"act": act, "item": [item.pk], **fields})

    def on_list(act, **fields):
        fields |= {"act": act, "denial": [denial.pk], "next": "/denials/?view=all"}
        return client.post(at("batch_denials"), fields, follow=True).content.decode()

    later = date(2026, 10, 9)
    does(client, denial, "assign")
    assert both() == ("biller", None, "")
    on_worklist("snooze", until="2026-10-09", reason="Calls back")
    assert both() == ("biller", later, "") and "Calls back" in client.get(at("denial", denial.pk)).content.decode()
    assert "1 denial woken." in on_list("wake") and both()[1] is None
    assert "nobody of that name works on denials" in on_list("assign", owner="stranger")
    assert "1 denial given." in on_list("assign", owner="") and both()[0] == ""
    client.post("/next/", {"worklist": "denials"})
    assert both()[0] == "biller"
    assert "1 denial put aside." in on_list("snooze", until="2026-10-09", reason="Records come") and both()[1] == later
    on_worklist("wake")
    assert "Passed up" in does(client, denial, "escalate", question="May it be written off?")
    assert both() == ("", None, "biller")
    assert "May it be written off?" in client.get(at("denials") + "?view=all").content.decode()
    assert "answered by a supervisor" in on_list("return", question="Yes")
    with inside(mine):
        Denial.objects.filter(pk=denial.pk).update(appeal_deadline=later)
    on_worklist("snooze", until="2026-10-10", reason="Too late")
    assert both()[1] is None


def test_what_sleeps_is_off_the_list_and_never_past_its_deadline(client, mine, denial):
    from claimwright.web.denials.models import Denial

    with inside(mine):
        Denial.objects.filter(pk=denial.pk).update(appeal_deadline=date(2026, 10, 10))
    assert "it is due on 10/10/2026" in does(client, denial, "snooze", until="2026-10-11", reason="waits")
    assert "Off the list" in does(client, denial, "snooze", until="2026-10-09", reason="the payer calls back")
    assert "CO-197" not in client.get(at("denials")).content.decode()
    assert "the payer calls back" in client.get(at("denials") + "?view=asleep").content.decode()


def test_a_batch_is_of_one_payer_reason_and_code_with_a_result_for_each(client, mine, denial):
    from claimwright.web.denials.models import Denial

    with inside(mine):
        other = Denial.objects.exclude(pk=denial.pk).exclude(carc="197").first()
        same = Denial.objects.create(
            practice=mine.practice, version=mine.sent, payer=mine.payer, line_id="L1001", group="CO", carc="197",
            amount=Decimal("150.00"), category="AUTH", appealable=False, received_on=date(2026, 9, 28),
        )  # fmt: skip
    here = "/denials/?carc=197&view=all"
    picked = {"denial": [denial.pk, other.pk], "action": "analyze", "next": here}
    mixed = client.post(at("batch_denials"), picked, follow=True)
    assert "Nothing is done" in mixed.content.decode() and mixed.redirect_chain[-1][0] == here
    text = client.post(
        at("batch_denials"), {"denial": [denial.pk, same.pk], "action": "appeal", "argument": "Authorized by telephone."},
        follow=True,
    ).content.decode()  # fmt: skip
    assert "Done for 1 of 2" in text
    assert "cannot be appealed" in text


def test_the_practices_own_letter_holds_until_it_goes_back(client, mine, denial):
    own = "Subject: Ours\n\nPlease read. {argument}\n\nRequest:\nPay {amount}."
    assert (
        "Kept"
        in client.post(at("save_letter_template"), {"category": "AUTH", "text": own}, follow=True).content.decode()
    )
    assert "Subject: Ours" in client.get(at("letter_templates") + "?category=AUTH").content.decode()
    bad = client.post(
        at("save_letter_template"), {"category": "AUTH", "text": own.replace("{amount}", "{ssn}")}, follow=True
    ).content.decode()
    assert "Not kept" in bad and "line 6" in bad
    client.post(at("save_letter_template"), {"category": "AUTH", "text": ""})
    with inside(mine):
        from claimwright.web.denials.letters import template_text

        assert "Ours" not in template_text("AUTH")
