"""What a person does on the pages: POST only, with a token, by the roles that may, never on another tenant's rows."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest


def address(name, *arguments):
    from django.urls import reverse

    return reverse(name, args=arguments)


@pytest.fixture
def item(mine):
    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_work_item

    with tenant_scope(mine.tenant):
        made = a_work_item("posting_review", f"one/{uuid4()}")
    return made


def read(mine, row):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        row.refresh_from_db()
    return row


def test_an_item_is_closed_with_what_was_done(client, mine, item):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    response = client.post(
        address("finish", item.pk), {"resolution": "Looked at it", "next": "/worklists/posting_review/?due=today"}
    )
    assert response.status_code == 302 and response.headers["Location"] == "/worklists/posting_review/?due=today"
    closed = read(mine, item)
    assert (closed.state, closed.resolution, closed.resolved_by) == ("done", "Looked at it", "biller")
    with tenant_scope(mine.tenant):
        last = AuditEvent.objects.order_by("-sequence").first()
    assert (last.action, last.subject_id) == ("worklist.done", str(item.pk))


def test_an_item_is_not_closed_without_a_word(client, mine, item):
    response = client.post(address("finish", item.pk), {"resolution": "  "}, follow=True)
    assert "Say what was done" in response.content.decode()
    assert read(mine, item).state == "open"


def test_an_item_is_closed_once(client, mine, item):
    client.post(address("finish", item.pk), {"resolution": "First"})
    response = client.post(address("finish", item.pk), {"resolution": "Second"}, follow=True)
    assert "closed already" in response.content.decode()
    assert read(mine, item).resolution == "First"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(client, item, elsewhere):
    response = client.post(address("finish", item.pk), {"resolution": "Done", "next": elsewhere})
    assert response.headers["Location"] == "/worklists/posting_review/"


def test_an_act_that_takes_long_keeps_nobody_from_the_audit_log(client, mine, item, monkeypatch):
    from claimwright.web.workbench import pages
    from tests.lib.web_data import log_is_free

    free = []
    monkeypatch.setattr(pages, "take_form", lambda request: (object(), None))
    monkeypatch.setattr(pages, "keep_answer", lambda *terms: free.append(log_is_free(mine.tenant)))
    client.post(address("finish", item.pk), {"resolution": "Done"})
    assert free == [True]  # after the act's own row and the service's


def acts(office):
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant):
        item = WorkItem.objects.filter(worklist="denials").first()
        finding = office.held.findings.get(severity="H")
    return {
        "finish": item.pk, "override": finding.pk, "hold": office.ready.pk, "release": office.ready.pk,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["finish", "override", "hold", "release"])
def test_acts_are_posts_with_a_token_by_someone_signed_in(client, mine, theirs, name):
    from django.test import Client

    own = address(name, acts(mine)[name])
    refused = name == "override"  # a biller lets no finding go, whosever it is
    assert client.get(own).status_code == (403 if refused else 405)
    foreign = client.post(address(name, acts(theirs)[name]), {"reason": "x", "resolution": "x"})
    assert foreign.status_code == (403 if refused else 404)
    assert Client().post(own).headers["Location"].startswith("/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mine.user, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(own, {"reason": "x", "resolution": "x"}).status_code == 403


def test_a_biller_may_not_let_a_hold_go_and_a_supervisor_may(client, mine):
    from django.test import Client

    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user

    finding = acts(mine)["override"]
    own = address("override", finding)
    assert "Why it may go out" not in client.get(address("claim", mine.held.claim_id)).content.decode()
    assert client.post(own, {"reason": "Proof of filing is kept"}).status_code == 403
    chief = Client()
    chief.force_login(a_user(mine.tenant, "chief", "supervisor"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Why it may go out" in chief.get(address("claim", mine.held.claim_id)).content.decode()
    assert chief.post(own, {"reason": "Proof of filing is kept"}).status_code == 302
    with tenant_scope(mine.tenant):
        kept = mine.held.findings.filter(override_reason="Proof of filing is kept")
        assert [row.overridden_by for row in kept] == ["chief (supervisor)"]


def test_hold_and_release(client, mine):
    body = {"reason": "Waiting for the note", "until": "2026-10-07"}
    assert client.post(address("hold", mine.ready.pk), body).status_code == 302
    held = read(mine, mine.ready)
    assert (held.state, held.hold_until) == ("ON_HOLD", date(2026, 10, 7))
    assert "On hold until 10/07/2026" in client.get(address("claim", mine.ready.claim_id)).content.decode()
    client.post(address("release", mine.ready.pk), {"reason": "The note is in"})
    assert read(mine, mine.ready).state == "READY"


def test_a_hold_needs_a_reason_and_an_unsent_claim(client, mine):
    client.post(address("hold", mine.ready.pk), {"reason": " "})
    assert read(mine, mine.ready).state == "READY"
    response = client.post(address("hold", mine.sent.pk), {"reason": "Too late"}, follow=True)
    assert response.status_code == 200 and "error" in response.content.decode()
    assert read(mine, mine.sent).state == "SENT"
