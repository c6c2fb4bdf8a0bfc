"""Contracts on their pages: a sheet is looked at before it counts, its rates are found, and a price shows its working."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.web.workbench.test_front_desk import as_role, clean, desk, payer, text, within  # noqa: F401

SHEET = b"code,modifier,method,amount,percent,note\n99213,,fixed,92.00,,\n99214,,fixed,131.50,,\n*,,charge_percent,,60,the rest\n"
NEXT = b"code,modifier,method,amount,percent,note\n99213,,fixed,95.00,,\n99215,,fixed,180.00,,\n*,,charge_percent,,60,the rest\n"


@pytest.fixture
def agreed(desk):  # noqa: F811
    """The manager's browser; `contract` has no version yet."""
    from claimwright.web.contracts.models import Contract

    as_role(desk, "manager")
    response = desk.post(
        reverse("save_contract"), {"payer": payer(desk, "NMUT"), "tax_id": "39-1234567", "name": "NMUT 2026"}
    )
    assert response.status_code == 302
    with within(desk):
        desk.contract = Contract.objects.get()
    return desk


def preview(client, content=SHEET, start="01/01/2026", **more):
    form = {"file": SimpleUploadedFile("nmut.csv", content), "start": start} | more
    return text(client.post(reverse("preview_sheet", args=[client.contract.pk]), form))


def accept(client, body):
    def cell(name):
        return body.split(f'name="{name}" value="')[1].split('"')[0]

    told = {name: cell(name) for name in ("token", "start", "end", "label")}
    return text(client.post(reverse("accept_sheet", args=[client.contract.pk]), told, follow=True))


def page_of(client, **values):
    return clean(text(client.get(reverse("contract", args=[client.contract.pk]), values)))


def test_a_sheet_counts_only_when_it_is_accepted(agreed):
    from claimwright.web.contracts.models import ContractRate, ContractVersion

    body = clean(preview(agreed, label="2026"))
    assert "3 rates from 01/01/2026" in body and "Added: 3" in body and "92.00" in body
    with within(agreed):
        assert not ContractVersion.objects.exists()
    assert "3 rates hold from 01/01/2026" in accept(agreed, body)
    body = page_of(agreed)
    assert "In force" in body and "131.50" in body and "every other code" in body and "Percent of charge" in body
    assert "99214" in page_of(agreed, code="99214") and "No rate begins so" in page_of(agreed, code="A")
    later = preview(agreed, NEXT, "10/01/2026", label="autumn")
    for words in ("Compared with the version “2026”", "1 rates stay", "Changed: 1", "92.00", "95.00", "Gone: 1", "ends on 10/01/2026"):  # fmt: skip
        assert words in later, words
    accept(agreed, later)
    with within(agreed):
        assert ContractVersion.objects.count() == 2 and ContractRate.objects.count() == 6
    again = preview(agreed, NEXT, "10/01/2026")
    assert "changes nothing" in again
    assert "In force" in page_of(agreed) and "NMUT 2026" in text(agreed.get(reverse("contracts")))


@pytest.mark.parametrize(
    ("content", "start", "told"),
    [
        (b"code,amount\n99213,ninety\n", "01/01/2026", "row 2"),
        (b"code,amount\n99213x,90.00\n", "01/01/2026", "row 2"),
        (b"name\nx\n", "01/01/2026", "unknown: name"),
        (SHEET, "soon", "from which day"),
        (SHEET, "01/01/2026", "ends"),
    ],
)
def test_what_is_not_taken_is_told_with_its_row(agreed, content, start, told):
    from claimwright.web.contracts.models import ContractVersion

    end = "12/01/2025" if told == "ends" else ""
    body = clean(preview(agreed, content, start, end=end))
    assert told in body or "would end" in body
    with within(agreed):
        assert not ContractVersion.objects.exists()


def test_a_price_is_told_with_its_working(agreed):
    accept(agreed, preview(agreed))
    ask = {"price_code": "99213", "price_on": "09/15/2026"}
    body = page_of(agreed, **ask)
    assert "$92.00" in body and "allowed for 99213 on 09/15/2026" in body and 'class="working"' in body
    assert "$184.00" in page_of(agreed, **ask, price_units="2")
    assert "$80.00" in page_of(agreed, **ask, price_charge="80.00")
    assert "No price" in page_of(agreed, price_code="99213", price_on="09/15/2020")
    assert "no day of the calendar" in page_of(agreed, price_code="99213", price_on="soon")
    assert "are no number" in page_of(agreed, **ask, price_units="NaN")


def test_a_wrong_version_is_withdrawn_with_its_reason(agreed):
    from claimwright.web.contracts.models import ContractVersion

    accept(agreed, preview(agreed))
    with within(agreed):
        version = ContractVersion.objects.get()
    address = reverse("withdraw_version", args=[version.pk])
    assert "say why" in text(agreed.post(address, follow=True))
    assert "Withdrawn: wrong sheet" in text(agreed.post(address, {"reason": "wrong sheet"}, follow=True))
    assert "No version" in text(agreed.get(reverse("contracts")))


def test_an_upload_is_its_sessions_own(agreed):
    from django.test import Client

    from tests.lib.web_data import a_user

    body = preview(agreed)
    other = Client()
    other.force_login(
        a_user(agreed.tenant, "another", role="owner"), backend="django.contrib.auth.backends.ModelBackend"
    )
    other.contract = agreed.contract
    assert "no longer here" in accept(other, body)
    stranger = body.replace(body.split('name="token" value="')[1].split('"')[0], "../../etc")
    assert "no longer here" in accept(agreed, stranger)
    assert "no file is chosen" in text(agreed.post(reverse("preview_sheet", args=[agreed.contract.pk]), {"start": "01/01/2026"}))  # fmt: skip


def test_a_biller_looks_and_changes_nothing(agreed):
    from claimwright.web.contracts.models import ContractVersion

    body = preview(agreed)
    as_role(agreed, "biller")
    assert "Check the sheet" not in page_of(agreed) and "Make it" not in text(agreed.get(reverse("contracts")))
    told = {"token": body.split('name="token" value="')[1].split('"')[0], "start": "01/01/2026"}
    assert agreed.post(reverse("accept_sheet", args=[agreed.contract.pk]), told).status_code == 403
    assert agreed.post(reverse("preview_sheet", args=[agreed.contract.pk])).status_code == 403
    assert agreed.post(reverse("save_contract"), {}).status_code == 403
    with within(agreed):
        assert not ContractVersion.objects.exists()


def test_a_wrong_tax_id_is_refused(agreed):
    told = text(agreed.post(reverse("save_contract"), {"payer": payer(agreed, "MEDB"), "tax_id": "12"}, follow=True))
    assert "nine digits" in told
    assert "Choose the payer" in text(agreed.post(reverse("save_contract"), {"payer": "x"}, follow=True))


def test_doors(agreed, other_tenant):
    from django.test import Client

    from claimwright.web.contracts.models import Contract, ContractVersion
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    with tenant_scope(other_tenant):
        stranger = Contract.objects.create(payer=Payer.objects.first(), tax_id="391234567", name="Theirs")
        version = ContractVersion.objects.create(
            contract=stranger, start="2026-01-01", created_at="2026-01-01T00:00Z", created_by="x"
        )
    assert agreed.get(reverse("contract", args=[stranger.pk])).status_code == 404
    assert agreed.post(reverse("contract", args=[stranger.pk])).status_code == 405
    for name, pk in (("preview_sheet", stranger.pk), ("accept_sheet", stranger.pk), ("withdraw_version", version.pk)):
        assert agreed.post(reverse(name, args=[pk]), {"start": "01/01/2026"}).status_code == 404
        assert agreed.get(reverse(name, args=[pk])).status_code == 405
    assert "Theirs" not in text(agreed.get(reverse("contracts")))
    assert Client().get(reverse("contracts")).status_code == 302
    assert agreed.post(reverse("contracts")).status_code == 405
