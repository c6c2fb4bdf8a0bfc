"""The settings: each page opens, a fault saves nothing and names its fix, roles are kept, secrets are never shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lib.web_data import a_user

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="module")
def manager(offices: Any) -> Any:
    from django.test import Client

    made = Client()
    made.force_login(a_user(offices[0].tenant, "the-manager", "manager"), backend=BACKEND)
    return made


@pytest.fixture
def rows(mine: Any) -> Any:
    from types import SimpleNamespace

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.practice.models import Payer, Practice

    with tenant_scope(mine.tenant):
        return SimpleNamespace(
            practice=Practice.objects.first(), payer=Payer.objects.first(), connection=Connection.objects.first()
        )


def text(answer: Any) -> str:
    return answer.content.decode()


def cells(answer: Any) -> dict[str, str]:
    """What the form of a page holds, as a browser would send it."""
    return {
        shown.field.name: shown.value for group in answer.context["groups"] for shown in group.fields
        if shown.field.kind != "tick" or shown.value
    }  # fmt: skip


def again(model: Any, mine: Any, pk: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        return model.objects.get(pk=pk)


def audited(mine: Any) -> set[str]:
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        return set(AuditEvent.objects.values_list("action", flat=True))


def test_every_page_opens_and_a_biller_looks_without_buttons(manager: Any, client: Any, rows: Any):
    practice, payer, connection = rows.practice.pk, rows.payer.pk, rows.connection.pk
    seen = [
        "/settings/", f"/settings/practices/{practice}/", f"/settings/practices/{practice}/policies/",
        "/settings/providers/", "/settings/providers/new/", "/settings/locations/", "/settings/locations/new/",
        "/settings/payers/", f"/settings/payers/{payer}/", "/settings/posting/",
    ]  # fmt: skip
    for address in seen:
        assert manager.get(address).status_code == 200, address
        answer = client.get(address)
        assert answer.status_code == 200 and 'data-key="s"' not in text(answer), address
    for address in ("/settings/connections/", "/settings/connections/new/", f"/settings/connections/{connection}/"):
        assert manager.get(address).status_code == 200, address
        assert client.get(address).status_code == 403, address
    assert client.post(f"/settings/practices/{practice}/save/", {"name": "x"}).status_code == 403
    assert client.post(f"/settings/payers/{payer}/automation/", {"posts": "hand", "reason": "x"}).status_code == 403


def test_a_practice_its_policies_and_its_numbers_change(manager: Any, mine: Any, rows: Any):
    from claimwright.web.practice.models import Practice
    from claimwright.web.practice.selectors import policies_of

    address = f"/settings/practices/{rows.practice.pk}/"
    given = cells(manager.get(address))
    wrong = manager.post(f"{address}save/", given | {"line1": "PO Box 4"})
    assert wrong.status_code == 200 and "Move the box to the pay-to address" in text(wrong)
    assert again(Practice, mine, rows.practice.pk).content == rows.practice.content
    good = given | {"line1": "4 Long Street", "postal_code": "53703-1234", "statement_name": "Lakeside"}
    assert manager.post(f"{address}save/", good).status_code == 302
    changed = again(Practice, mine, rows.practice.pk)
    assert (changed.content["address"]["line1"], changed.statement_name) == ("4 Long Street", "Lakeside")
    assert (changed.npi, changed.content["npi"]) == (rows.practice.npi, rows.practice.content["npi"])
    policies = cells(manager.get(f"{address}policies/"))
    assert "rising days" in text(manager.post(f"{address}policies/save/", policies | {"dunning_reminder_days": "5, 4"}))
    manager.post(
        f"{address}policies/save/", policies | {"nsf_fee_amount": "31.50", "hold_payments_over_amount": "9000"}
    )
    assert str(policies_of(again(Practice, mine, rows.practice.pk)).nsf_fee_amount) == "31.50"
    assert "Fee for a returned check" in text(manager.get(f"{address}policies/"))
    bad = manager.post(f"{address}numbers/", {"kind": "NPI", "value": "123", "start": "01/01/2027"}, follow=True)
    assert "Compare it with NPPES" in text(bad)
    good = manager.post(
        f"{address}numbers/", {"kind": "CLIA", "value": "52D1234567", "start": "01/01/2027"}, follow=True
    )
    assert "52D1234567" in text(good)
    assert {"practice.change", "practice.policies", "practice.identifier"} <= audited(mine)


def test_providers_locations_and_payers_change(manager: Any, mine: Any, rows: Any):
    from claimwright.web.practice.models import Payer

    new = {"npi": "1000000012", "last_name": "Bell", "first_name": "Nora", "aliases": "EHR-9"}
    assert "Compare it with NPPES" in text(manager.post("/settings/providers/new/save/", new | {"npi": "1"}))
    assert "Nora Bell" in text(manager.post("/settings/providers/new/save/", new, follow=True))
    assert "is here already" in text(manager.post("/settings/providers/new/save/", new))
    place = {"code": "EAST", "name": "East", "place_of_service": "11"}
    assert "EAST" in text(manager.post("/settings/locations/new/save/", place, follow=True))
    assert "This key is taken" in text(manager.post("/settings/locations/new/save/", place))
    address = f"/settings/payers/{rows.payer.pk}/"
    given = cells(manager.get(address)) | {"filing_indicator": "CI"}
    assert "from 1 to 3650" in text(manager.post(f"{address}save/", given | {"original_count": "0"}))
    manager.post(f"{address}save/", given | {"original_count": "180", "aliases": "TRN-9"})
    payer = again(Payer, mine, rows.payer.pk)
    assert (payer.aliases, payer.profile["timely_filing"]["original"]["period"]["count"]) == (["TRN-9"], 180)
    assert "say why" in text(manager.post(f"{address}automation/", {"posts": "hand"}, follow=True))
    manager.post(f"{address}automation/", {"posts": "hand", "hold_over_amount": "12.5", "reason": "new"})
    assert again(Payer, mine, rows.payer.pk).posts_by_itself is False
    manager.post("/settings/posting/never/", {"carc": "29", "reason": "looked at by Ann"})
    shown = manager.get("/settings/posting/")
    assert "looked at by Ann" in text(shown) and rows.payer.name in text(shown)
    (listed,) = shown.context["listed"]
    manager.post(f"/settings/posting/never/{listed[0].pk}/end/", {"reason": "no more"})
    assert manager.get("/settings/posting/").context["listed"] == []
    assert "no time zone" in text(manager.post("/settings/time-zone/", {"time_zone": "Mars/Base"}, follow=True))


def test_a_connection_is_tried_its_secret_stays_inside_and_a_person_trusts_a_key(
    manager: Any, mine: Any, rows: Any, tmp_path: Any
):
    import asyncssh

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.exchange.secrets import decrypt

    with tenant_scope(mine.tenant):
        folders = rows.connection
        folders.outgoing, folders.incoming = str(tmp_path / "out"), str(tmp_path / "in")
        folders.save()
    address = f"/settings/connections/{folders.pk}/"
    assert "does not exist" in text(manager.post(f"{address}try/"))
    (tmp_path / "out").mkdir(), (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.835").write_text("ISA")
    assert "to be fetched: 1" in text(manager.post(f"{address}try/")) and (tmp_path / "in" / "a.835").exists()
    moved = cells(manager.get(address)) | {"outgoing": "/etc", "incoming": "/etc", "name": "Renamed"}
    manager.post(f"{address}save/", moved)
    assert again(Connection, mine, folders.pk).incoming == str(tmp_path / "in")
    new = cells(manager.get("/settings/connections/new/")) | {
        "name": "Payer by SFTP", "host": "127.0.0.1", "port": "1", "username": "office", "sender_id": "US", "receiver_id": "THEM",
    }  # fmt: skip
    refused = manager.post(
        "/settings/connections/new/save/", new | {"host": "http://x y", "port": "0", "secret": "hush-now"}
    )
    assert "It is no host name" in text(refused) and "hush-now" not in text(refused)
    made = manager.post("/settings/connections/new/save/", new | {"secret": "hush-now"}, follow=True)
    assert made.status_code == 200 and "hush-now" not in text(made)
    connection = made.context["connection"]
    assert "hush-now" not in connection.secret and decrypt(connection.secret) == "hush-now"
    address = f"/settings/connections/{connection.pk}/"
    manager.post(f"{address}save/", cells(manager.get(address)))
    assert decrypt(again(Connection, mine, connection.pk).secret) == "hush-now"  # blank keeps it
    assert "no host key is pinned" in text(manager.post(f"{address}try/"))
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    assert "no OpenSSH public key" in text(
        manager.post(f"{address}key/", {"host_key": "x", "reason": "y"}, follow=True)
    )
    assert "say who confirmed" in text(manager.post(f"{address}key/", {"host_key": key}, follow=True))
    trusted = manager.post(f"{address}key/", {"host_key": key, "reason": "their desk, by telephone"}, follow=True)
    assert "SHA256:" in text(trusted)
    assert "try again later" in text(manager.post(f"{address}try/"))
    assert {"connection.try", "connection.host_key_confirmed", "connection.create"} <= audited(mine)
