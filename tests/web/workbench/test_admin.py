"""The back room: every model is there, what services write is only looked at, and tenants stay apart."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def keeper(offices):
    from django.test import Client

    from tests.lib.web_data import a_user

    client = Client()
    user = a_user(offices[0].tenant, "keeper", "owner", is_staff=True, is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def pages():
    from django.contrib import admin

    return [(model, model._meta.app_label, model._meta.model_name) for model in admin.site._registry]


def test_every_tenant_model_has_its_page_and_append_only_ones_refuse_change(keeper):
    from django.contrib import admin
    from django.urls import reverse

    from claimwright.web.core.admin import SetUp
    from claimwright.web.core.isolation import tenant_models

    registered = admin.site._registry
    missing = {model.__name__ for model in tenant_models()} - {model.__name__ for model in registered}
    assert not missing
    assert not [
        model for model in registered if getattr(model, "append_only", False) and isinstance(registered[model], SetUp)
    ]
    for model, app, name in pages():
        response = keeper.get(reverse(f"admin:{app}_{name}_changelist"))
        assert response.status_code == 200, model
        assert "Other Practice" not in response.content.decode(), model


def test_rows_open_and_what_services_write_cannot_be_changed(keeper, mine):
    from django.urls import reverse

    for row in (mine.paid, mine.remittance, mine.statement, mine.outgoing, mine.patients["MRN1001"]):
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        response = keeper.get(address)
        assert response.status_code == 200, row
        assert 'name="_save"' not in response.content.decode(), row
        assert keeper.post(address, {}).status_code == 403
        add = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_add")
        assert keeper.get(add).status_code == 403
        delete = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
        assert keeper.get(delete).status_code == 403


def test_another_tenants_rows_and_people_are_not_there(keeper, theirs):
    from django.urls import reverse

    for row in (theirs.paid, theirs.practice, theirs.user, theirs.tenant):
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        assert keeper.get(address).status_code == 302, row  # to the index: it does not exist
    assert "stranger" not in keeper.get(reverse("admin:core_user_changelist")).content.decode()


def test_set_up_is_changed_and_leaves_an_audit_row_with_ids_only(keeper, mine):
    from django.contrib.admin.models import LogEntry
    from django.urls import reverse

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Location

    body = {
        "practice": str(mine.practice.pk),
        "code": "MAIN",
        "name": "Main office",
        "place_of_service": "11",
        "content": "{}",
    }
    response = keeper.post(reverse("admin:practice_location_add"), body)
    assert response.status_code == 302, response.content.decode()[:2000]
    with tenant_scope(mine.tenant):
        made = Location.objects.get(code="MAIN")
        last = AuditEvent.objects.order_by("-sequence").first()
    assert (last.actor, last.action, last.subject_id) == ("keeper", "admin.add", str(made.pk))
    assert LogEntry.objects.count() == 0


def test_nobody_makes_people_for_another_tenant(keeper, mine, theirs):
    from django.urls import reverse

    from claimwright.web.core.models import User

    body = {
        "username": "newcomer", "usable_password": "true", "password1": "a long enough passphrase",
        "password2": "a long enough passphrase", "tenant": str(theirs.tenant.pk), "role": "biller",
    }  # fmt: skip
    assert keeper.post(reverse("admin:core_user_add"), body).status_code == 302
    assert User.objects.get(username="newcomer").tenant_id == mine.tenant.pk


def test_secrets_and_bytes_are_never_shown(keeper, mine):
    from django.urls import reverse

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection

    with tenant_scope(mine.tenant):
        Connection.objects.update(secret="do-not-show-me")
    text = keeper.get(reverse("admin:exchange_connection_change", args=[mine.connection.pk])).content.decode()
    assert "do-not-show-me" not in text and "LAKESIDE01" in text


def test_billers_do_not_come_in(client):
    response = client.get("/admin/")
    assert response.status_code == 302 and "/admin/login/" in response.headers["Location"]
