"""Advance beneficiary notices: printed, signed, kept, and told on Medicare claims that have not gone out."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from claimwright.billing.advance_notice import AdvanceNotice, NoticedService, modifiers_of


def test_the_modifiers_follow_the_choice():
    from datetime import date

    notice = AdvanceNotice(services=(NoticedService(code="82306", reason="x"),), option="1", signed_on=date(2026, 9, 1))
    free = AdvanceNotice(services=notice.services, option="1", signed_on=notice.signed_on, voluntary=True)
    unbilled = AdvanceNotice(services=notice.services, option="2", signed_on=notice.signed_on)
    assert (modifiers_of(notice), modifiers_of(free), modifiers_of(unbilled)) == (("GA",), ("GX", "GY"), ())
    assert (modifiers_of(None), modifiers_of(None, never_covered=True)) == (("GZ",), ("GY",))


@pytest.fixture
def held(mine):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        yield mine


def test_a_signed_notice_goes_on_the_claim(client, held):
    from claimwright.web.authorizations.models import Questionnaire

    patient = held.held.claim.patient  # Medicare; 99214 on 08/31/2026
    address, save = (reverse(name, args=[patient.pk]) for name in ("advance_notices", "save_advance_notice"))
    assert "No notice is on file" in client.get(address).content.decode()
    cells = {"services": "99214 200.00 more often than Medicare pays", "more": "Ask your doctor"}
    paper = client.post(save, cells | {"do": "print"})
    assert paper.content.startswith(b"%PDF-") and paper.headers["X-Content-Type-Options"] == "nosniff"
    told = client.post(save, cells | {"do": "keep", "services": "99214"}).content.decode()
    assert "cannot be read" in told and "day of the signature is missing" in told
    late = client.post(save, cells | {"do": "keep", "signed_on": "08/30/2026"}).content.decode()
    assert "no option is chosen" in late and not Questionnaire.objects.exists()
    signed = cells | {
        "do": "keep", "signed_on": "08/30/2026", "option": "1", "signed_by": "patient",
        "file": SimpleUploadedFile("notice.pdf", paper.content, "application/pdf"),
    }  # fmt: skip
    body = client.post(save, signed, follow=True).content.decode()
    assert "1 claim that had not gone out" in body and "notice.pdf" in body and ">GA<" in body
    held.held.refresh_from_db()
    assert held.held.content["lines"][0]["modifiers"] == ["GA"]
    row = Questionnaire.objects.get()
    assert row.document is not None and row.document.signed_on == row.answered_on
    withdraw = reverse("withdraw_advance_notice", args=[row.pk])
    assert "say why" in client.post(withdraw, {"reason": " "}, follow=True).content.decode()
    assert "It stays on record" in client.post(
        withdraw, {"reason": "wrong form"}, follow=True
    ).content.decode().replace("it stays", "It stays")
