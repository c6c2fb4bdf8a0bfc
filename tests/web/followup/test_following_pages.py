"""Following by page: the lists, asking one and many, a payer's norm, a contact from log to worklist, the proof of filing."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client

from tests.lib.practices import work_items
from tests.web.followup.conftest import START, Office
from tests.web.followup.test_following import version


@pytest.fixture
def client(office: Office) -> Client:
    from claimwright.web.core.models import User
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant):
        user = User.objects.create_user("rosa", password="a long enough passphrase", tenant=office.tenant)
    made = Client()
    made.force_login(user)
    return made


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def test_what_is_overdue_is_listed_asked_about_and_logged_until_its_day_comes(office: Office, client: Client):
    from django.urls import reverse

    from claimwright.web.core.models import User
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.models import Following, PayerContact, PayerNorm, StatusInquiry

    office.passes(4)
    office.follow()
    page = text(client.get("/following/"))
    assert "No claim is overdue here" in page
    with tenant_scope(office.tenant):
        claim = version()
    waiting = "/following/?list=waiting"
    assert claim.control_number in text(client.get(waiting)) and 'form="asking"' in text(client.get(waiting))
    with tenant_scope(office.tenant):
        User.objects.filter(username="rosa").update(role=User.Role.AUDITOR)
    assert claim.control_number in text(client.get(waiting)) and 'form="asking"' not in text(client.get(waiting))
    with tenant_scope(office.tenant):
        User.objects.filter(username="rosa").update(role=User.Role.BILLER)
    # A person asks at once; the same question is not asked twice.
    for _ in range(2):
        client.post(reverse("ask_status", args=[claim.pk]))
    with tenant_scope(office.tenant):
        inquiry = StatusInquiry.objects.get()
        assert (inquiry.by_hand, inquiry.asked_by, inquiry.state) == (True, "rosa", "sent")
    assert inquiry.trace in text(client.get("/following/?list=questions"))
    office.passes(1)
    shown = text(client.get(reverse("claim", args=[claim.claim_id])))
    assert "What the payer answered (277)" in shown and "P1:20" in shown
    # The payer is no longer asked over the connection: past the norm a person sees the claim.
    saved = client.post(reverse("save_payer_norm", args=[office.payer.pk]), {"answer_days": "10"}, follow=True)
    assert "saved" in text(saved)
    assert "Not saved" in text(
        client.post(reverse("save_payer_norm", args=[office.payer.pk]), {"answer_days": "x"}, follow=True)
    )
    with tenant_scope(office.tenant):
        row = PayerNorm.objects.get()
        assert (row.asks_status, row.answer_days) == (False, 10)
    office.passes(6)
    assert office.follow().listed == {"payer_answer": 1}
    page = text(client.get("/following/"))
    assert claim.control_number in page and "150.00" in page
    refused = client.post("/following/ask/", {"version": [str(claim.pk)]}, follow=True)
    assert "portal or by telephone" in text(refused)
    # What the payer promised is waited for, then it is due on the worklist.
    said = {"channel": "telephone", "said": "In medical review", "spoke_with": "Dana", "reference_number": "C-77"}
    promised = office.day + timedelta(days=5)
    bad = client.post(reverse("log_contact", args=[claim.pk]), said | {"channel": "pigeon"}, follow=True)
    assert "Not logged" in text(bad)
    client.post(reverse("log_contact", args=[claim.pk]), said | {"promised_on": promised.isoformat()})
    shown = text(client.get(reverse("claim", args=[claim.claim_id])))
    assert "In medical review" in shown and "C-77" in shown
    assert "In medical review" in text(client.get("/following/?list=contacts"))
    assert office.follow().listed == {}
    with tenant_scope(office.tenant):
        assert work_items() == []
        assert Following.objects.get().due_on == promised
    office.passes(5)
    assert office.follow().contacts == 1
    with tenant_scope(office.tenant):
        assert work_items() == [("contacts_due", "PROMISED"), ("no_payer_answer", "NO_DECISION")]
        contact = PayerContact.objects.get()
        assert contact.owner == "rosa"
    client.post(reverse("close_contact", args=[contact.pk]), {"because": "They paid"})
    with tenant_scope(office.tenant):
        assert ("contacts_due", "PROMISED") not in work_items()


def test_the_proof_of_filing_shows_what_was_sent_and_who_took_it_in(office: Office, client: Client):
    from django.urls import reverse

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.filing_proof import NothingFiled, filing_pack
    from claimwright.web.submissions.models import ClaimVersion
    from tests.unit.documents.test_letters import words_of

    for _ in range(4):
        office.passes()
    with tenant_scope(office.tenant):
        claim = version()
    response = client.get(reverse("filing_proof", args=[claim.pk]))
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(response.content)) as opened:
        assert len(opened.pages) == 6

    words = words_of(response.content)
    number = claim.payer_claim_number
    assert number and number in words and claim.control_number in words
    assert "Accepted by the payer (277CA)" in words and f"CLM*{claim.control_number}*150" in words
    assert f"{START:%m/%d/%Y}" in words
    with tenant_scope(office.tenant):
        unsent = ClaimVersion(claim=claim.claim, number=0)
        with pytest.raises(NothingFiled):
            filing_pack(version=unsent)
