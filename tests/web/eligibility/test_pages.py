"""The pages: visits with what payers say, asking, one answer with its raw 271, candidates, payers; other tenants' are none."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.web.eligibility.conftest import MEMBER, TODAY, Office
from tests.web.eligibility.test_eligibility import ask_now


@pytest.fixture
def desk(office: Office) -> Any:
    from django.test import Client

    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user

    with tenant_scope(office.tenant):
        user = a_user(office.tenant, "biller")
        for number, ahead in enumerate((0, 2)):
            a_visit_of(office, number, ahead)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def a_visit_of(office: Office, number: int, ahead: int) -> Any:
    from claimwright.web.charges.visits import schedule_visit

    on = TODAY + timedelta(days=ahead)
    return schedule_visit(
        practice=office.clinic.practice, patient=office.patient, appointment_id=f"A{number}", interface="desk", on=on,
        starts_at=datetime.combine(on, time(14), UTC),
    )  # fmt: skip


def text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_a_visit_is_asked_about_from_the_page_and_its_answer_is_read(office: Office, desk):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.models import EligibilityInquiry, EligibilitySnapshot

    address = reverse("eligibility")
    assert "Never asked" in text(desk.get(address)) and "Never asked" in text(desk.get(address, {"view": "upcoming"}))
    said = desk.post(reverse("ask_eligibility", args=[office.coverage.pk]), {"next": address}, follow=True)
    assert "goes with the next sending" in text(said) and "On its way" in text(said)
    with tenant_scope(office.tenant):
        assert EligibilityInquiry.objects.get().asked_by == "biller"
    assert "Waits for the answer" in text(desk.get(address, {"view": "waiting"}))
    office.sandbox_day(fates={MEMBER: "other_payer"})
    assert "Active" in text(desk.get(address))
    with tenant_scope(office.tenant):
        row = EligibilitySnapshot.objects.select_related("inquiry").get()
    shown = text(desk.get(reverse("eligibility_snapshot", args=[row.pk]), {"allowed": "240", "type": "30"}))
    assert "Deductible whole plan 500.00 calendar year individual in network" in shown
    assert "PLAINS HEALTH" in shown and f"TRN*2*{row.inquiry.trace}" in shown and "ST*271" in shown
    assert re.search(r"What the patient will owe .* to \$\d", shown) and "range: what is left" in shown
    bad = text(desk.get(reverse("eligibility_snapshot", args=[row.pk]), {"allowed": "a lot"}))
    assert "no amount in dollars" in bad


def test_a_candidate_is_decided_by_a_person(office: Office, desk):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.models import CoverageCandidate

    ask_now(office)
    office.sandbox_day(fates={MEMBER: "other_payer"})
    listed = text(desk.get(reverse("eligibility"), {"view": "candidates"}))
    assert "PLAINS HEALTH not set up" in listed and "90" in listed
    with tenant_scope(office.tenant):
        row = CoverageCandidate.objects.get()
    address = reverse("decide_candidate", args=[row.pk])
    refused = text(desk.post(address, {"decision": "accept", "member_id": "P1"}, follow=True))
    assert "not set up as a payer" in refused
    assert "why it is not" in text(desk.post(address, {"decision": "decline"}, follow=True))
    assert "not the patient" in text(desk.post(address, {"decision": "decline", "note": "divorced"}, follow=True))
    with tenant_scope(office.tenant):
        row.refresh_from_db()
        assert (row.state, row.note, row.decided_by, row.coverage_id) == ("declined", "divorced", "biller", None)
        assert row.score == Decimal(90)


def test_a_payer_is_set_up_from_the_page(office: Office, desk):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.models import PayerCheck
    from claimwright.web.practice.models import Payer

    with tenant_scope(office.tenant):
        payer = Payer.objects.get(key="WIMCD")
    address = reverse("save_eligibility_payer", args=[payer.pk])
    given = {
        "active": "1",
        "discovery": "1",
        "calendar_month": "1",
        "before_visit_days": "5",
        "service_types": "98, mh",
    }
    desk.post(address, given)
    with tenant_scope(office.tenant):
        row = PayerCheck.objects.get(payer=payer)
        assert (row.active, row.discovery, row.calendar_month, row.before_visit_days) == (True, True, True, 5)
        assert row.service_types == ["98", "MH"]
    assert "number from 0 to 99" in text(desk.post(address, given | {"before_visit_days": "soon"}, follow=True))
    assert "Yes" in text(desk.get(reverse("eligibility"), {"view": "payers"}))


def test_doors(office: Office, desk, other_tenant):
    from django.test import Client

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    with tenant_scope(other_tenant):
        theirs = Payer.objects.get(key="NMUT")
    assert Client().get(reverse("eligibility")).status_code == 302
    assert desk.post(reverse("eligibility")).status_code == 405
    assert desk.get(reverse("eligibility_snapshot", args=[uuid4()])).status_code == 404
    assert desk.post(reverse("save_eligibility_payer", args=[theirs.pk]), {}).status_code == 404
    for name in ("ask_eligibility", "look_for_coverage", "decide_candidate", "save_eligibility_payer"):
        assert desk.get(reverse(name, args=[uuid4()])).status_code == 405, name
        assert desk.post(reverse(name, args=[uuid4()])).status_code == 404, name
        assert Client().post(reverse(name, args=[uuid4()])).status_code == 302, name


def test_the_list_grows_and_its_queries_do_not(office: Office, desk):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.core.tenancy import tenant_scope

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("eligibility"), {"view": "upcoming"})
        return len(queries)

    asked()
    before = asked()
    with tenant_scope(office.tenant):
        for number in range(5):
            a_visit_of(office, 10 + number, 3 + number)
    assert asked() == before <= 22
