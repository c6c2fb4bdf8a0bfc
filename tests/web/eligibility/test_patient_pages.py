"""One patient's eligibility by the page: asked at once without a page that hangs, answers keyed with their source."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from django.urls import reverse

from tests.web.eligibility.conftest import MEMBER, Office
from tests.web.eligibility.test_pages import desk, text
from tests.web.eligibility.test_real_time import real_time

__all__ = ["desk"]

SAID = {
    "source": "telephone", "reference": "C-4711", "told_by": "Ms. Doe", "on": "09/30/2026", "status": "active",
    "start": "01/01/2026", "last": "", "plan_name": "GOLD", "member_id": MEMBER, "group_number": "", "primary_care": "",
    "other_payer": "", "other_payer_member_id": "", "authorization_required": "", "service_type": "98", "network": "in",
    "copay": "$25", "coinsurance": "20", "deductible": "1,000", "deductible_left": "100.00", "out_of_pocket": "",
    "out_of_pocket_left": "", "note": "",
}  # fmt: skip


def test_a_payer_is_asked_at_once_from_the_patients_page(office: Office, desk: Any):
    with real_time(office):
        address = reverse("patient_eligibility", args=[office.patient.pk])
        assert "Never asked" in text(desk.get(address)) and 'data-key="a"' in desk.get(address).content.decode()
        begun = time.monotonic()
        sent = desk.post(reverse("ask_at_once", args=[office.coverage.pk]))
        assert sent.status_code == 302 and "/asking/" in sent.url and time.monotonic() - begun < 5
        first = desk.get(sent.url)
        for _ in range(200):
            shown = desk.get(sent.url)
            if shown.status_code == 302:
                break
            assert shown["Refresh"] == "2" and "has the question" in text(shown)
            time.sleep(0.1)
        assert first.status_code in (200, 302) and "/answers/" in shown.url
        told = text(desk.get(shown.url))
    assert "Active" in told and "ST*271" in told and "Ask again a" in told
    assert "271 of 09/30/2026" in text(desk.get(address))


def test_a_medicaid_answer_speaks_for_its_whole_month(office: Office, desk: Any):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.eligibility.selectors import EligibilityFacts

    with tenant_scope(office.tenant):
        save_payer_check(payer=office.payer, calendar_month=True)
    desk.post(reverse("save_keyed_eligibility", args=[office.coverage.pk]), SAID | {"start": ""})
    with tenant_scope(office.tenant):
        (fact,) = EligibilityFacts([office.patient.pk]).of(office.patient.pk, office.payer.pk) or ()
    assert fact.start is not None and fact.start.day == 1 and fact.month is not None and fact.month.day == 30


def test_doors(office: Office, desk: Any, other_tenant: Any):
    from django.test import Client

    from claimwright.web.core.tenancy import tenant_scope
    from tests.lib.web_data import a_user

    with tenant_scope(other_tenant):
        stranger = a_user(other_tenant, "stranger")
    theirs = Client()
    theirs.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    pages = [
        reverse("patient_eligibility", args=[office.patient.pk]),
        reverse("key_eligibility", args=[office.coverage.pk]),
    ]
    acts = [reverse(name, args=[office.coverage.pk]) for name in ("ask_at_once", "save_keyed_eligibility")]
    for client, status in ((theirs, 404), (Client(), 302)):
        assert [client.get(one).status_code for one in pages] == [status] * 2
        assert [client.post(one).status_code for one in acts] == [status] * 2
    assert desk.get(reverse("eligibility_asking", args=[uuid4()])).status_code == 404
    no_way = text(desk.post(acts[0], follow=True))
    assert "not asked in real time" in no_way
