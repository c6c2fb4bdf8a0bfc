"""A practice is taken on by pages alone, from nothing to an empty list of what is left; and code sets' ends are told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lib.web_data import a_user
from tests.web.workbench.test_settings_pages import again, audited, cells, text

BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = {
    "name": "Hillside Pediatrics", "npi": "1000000012", "tax_id": "39-7654321", "taxonomy": "208000000X", "start": "01/01/2026",
    "contact_name": "Office", "phone": "608 555 0142", "line1": "9 Hill Road", "city": "Madison", "state": "WI",
    "postal_code": "53703-1234",
}  # fmt: skip


@pytest.fixture(scope="module")
def manager(offices: Any) -> Any:
    from django.test import Client

    made = Client()
    made.force_login(a_user(offices[0].tenant, "takes-on", "manager"), backend=BACKEND)
    return made


@pytest.fixture(scope="module")
def hillside(manager: Any) -> Any:
    """Taken on by its form."""
    given = cells(manager.get("/settings/practices/new/")) | NEW
    wrong = text(manager.post("/settings/practices/new/save/", given | {"npi": "1000000004", "postal_code": "53703"}))
    assert "Lakeside Family Medicine has or had this NPI" in wrong and "Look up the ZIP+4" in wrong
    return manager.post("/settings/practices/new/save/", given, follow=True).context["practice"]


def left(client: Any, practice: Any) -> dict[str, str]:
    """Keys of what is left with the address of each."""
    return {
        need.key: address for need, address in client.get(f"/settings/practices/{practice.pk}/left/").context["needs"]
    }


def test_a_practice_is_taken_on_until_nothing_keeps_its_claims_in(manager: Any, mine: Any, hillside: Any):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.practice.models import Charge, Enrolment, Payer, PracticeIdentifier
    from claimwright.web.practice.selectors import payer_profile

    with tenant_scope(mine.tenant):
        numbers = PracticeIdentifier.objects.filter(practice=hillside).values_list("kind", "value")
        assert set(numbers) == {("NPI", "1000000012"), ("EI", "397654321")}
        assert list(hillside.locations.values_list("code", "place_of_service")) == [("MAIN", "11")]
        Connection.objects.update(submitter_contact="", submitter_phone="", usage="P")
        way = Connection.objects.get()
    assert {"providers", "prices", "ways", "filing_limits"} <= set(left(manager, hillside))

    provider = {"npi": "1000000020", "last_name": "Bell", "first_name": "Nora", "taxonomy": "208000000X"}
    page = manager.get(left(manager, hillside)["providers"])
    assert f'value="{hillside.pk}" selected' in text(page)
    manager.post("/settings/providers/new/save/", provider | {"practice": str(hillside.pk)})

    assert "42 CFR 424.44" in text(manager.get("/settings/payers/new/"))
    assert manager.get("/settings/payers/new/tin/").status_code == 404
    form = cells(manager.get("/settings/payers/new/medicare/"))
    assert (form["original_count"], form["original_unit"], form["connection"]) == ("1", "years", str(way.pk))
    save = "/settings/payers/new/medicare/save/"
    assert "The payer id is blank" in text(manager.post(save, form | {"name": "Medicare of Wisconsin"}))
    medicare = form | {"name": "Medicare of Wisconsin", "payer_id": "06102", "key": "medicare"}
    assert manager.post(save, medicare).status_code == 302
    assert "goes by this id already" in text(manager.post(save, medicare | {"key": "again"}))
    with tenant_scope(mine.tenant):
        payer = Payer.objects.get(key="medicare")
        assert (payer.kind, payer.connection_id, payer.filing_indicator) == ("medicare", way.pk, "MB")
        assert payer_profile(payer).requires_enrolment and payer_profile(payer).payer_id == "06102"

    rows = f"/settings/practices/{hillside.pk}/enrolments/"
    asked = {"payer": str(payer.pk), "transaction": "837", "status": "submitted", "note": "Asked on Monday"}
    manager.post(f"{rows}new/save/", asked)
    assert "Asked on Monday" in text(manager.get(rows)) and "It is listed already" in text(
        manager.post(f"{rows}new/save/", asked)
    )
    needs = left(manager, hillside)
    assert "ways" not in needs and needs["enrolment_submitted"] == rows  # Medicare is now the one payer that counts
    with tenant_scope(mine.tenant):
        (enrolment,) = hillside.enrolments.all()
    save = f"/settings/enrolments/{enrolment.pk}/save/"
    assert "no day" in text(manager.post(save, {"status": "approved"}))
    manager.post(save, {"status": "approved", "start": "02/01/2026", "payer": "x", "npi": "1"})  # whose it is stays
    enrolment = again(Enrolment, mine, enrolment.pk)
    assert (enrolment.status, enrolment.payer_id, enrolment.npi) == ("approved", payer.pk, "")
    manager.post(f"{rows}new/save/", asked | {"transaction": "835", "status": "approved", "start": "02/01/2026"})

    assert left(manager, hillside)["connection"] == f"/settings/connections/{way.pk}/"
    with tenant_scope(mine.tenant):
        Connection.objects.update(submitter_contact="OFFICE", submitter_phone="6085550142")
        Charge.objects.create(practice=hillside, code="99213", amount="150.00", start="2026-01-01")
    assert set(left(manager, hillside)) == {"connection", "code_lists"}  # never tried; CPT is licensed
    assert {"practice.create", "location.save", "payer.create", "enrolment.save"} <= audited(mine)


def test_a_payer_of_every_kind_is_taken_on(manager, mine):
    from claimwright.billing.payer_starts import STARTS
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    for number, like in enumerate(STARTS):
        form = cells(manager.get(f"/settings/payers/new/{like}/"))
        form |= {"name": f"Plan {like}", "payer_id": f"P{number:04}"}
        answer = manager.post(f"/settings/payers/new/{like}/save/", form)
        assert answer.status_code == 302, (like, text(answer)[:2000])
    with tenant_scope(mine.tenant):
        kinds = set(Payer.objects.values_list("kind", flat=True))
    assert {"workers_compensation", "medicare_advantage", "supplemental"} <= kinds


def test_what_is_left_takes_as_many_queries_for_many_payers_as_for_one(mine: Any, hillside: Any):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Enrolment, Payer
    from claimwright.web.workbench.first_claim import left_for

    with tenant_scope(mine.tenant):
        with CaptureQueriesContext(connection) as few:
            left_for(hillside)
        for number in range(5):
            payer = Payer.objects.create(
                key=f"p{number}", name="P", payer_id=f"P{number}", profile={"payer_id": f"P{number}"}
            )
            Enrolment.objects.create(practice=hillside, payer=payer)
        with CaptureQueriesContext(connection) as many:
            left_for(hillside)
    assert len(few) == len(many) > 5


def test_a_payers_way_and_limits_change_and_a_biller_only_looks(manager: Any, client: Any, mine: Any):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.exchange.models import Connection
    from claimwright.web.practice.models import Payer
    from claimwright.web.practice.selectors import payer_profile

    with tenant_scope(mine.tenant):
        payer, way = Payer.objects.first(), Connection.objects.first()
    address = f"/settings/payers/{payer.pk}/"
    given = cells(manager.get(address)) | {"filing_indicator": "BL", "connection": str(way.pk), "appeal_days": "120"}
    manager.post(f"{address}save/", given | {"requires_enrolment": "on"})
    payer = again(Payer, mine, payer.pk)
    profile = payer_profile(payer)
    assert (payer.connection_id, profile.appeal_days, profile.requires_enrolment) == (way.pk, 120, True)
    manager.post(f"{address}save/", given | {"connection": "", "appeal_days": ""})
    payer = again(Payer, mine, payer.pk)
    assert (payer.connection_id, payer_profile(payer).appeal_days) == (None, None)

    practice = mine.practice.pk
    for one in (
        "practices/new/",
        f"practices/{practice}/left/",
        f"practices/{practice}/enrolments/",
        "payers/new/blue/",
    ):
        answer = client.get(f"/settings/{one}")
        assert answer.status_code == 200 and 'data-key="s"' not in text(answer), one
    for one in ("practices/new/save/", "payers/new/blue/save/", f"practices/{practice}/enrolments/new/save/"):
        assert client.post(f"/settings/{one}", NEW).status_code == 403, one


def test_the_home_page_tells_which_code_sets_end_and_leads_who_may_import(manager: Any, client: Any, mine: Any):
    from django.test import Client

    body = text(client.get("/"))
    assert "Code sets end on <strong>09/30/2026</strong>, today" in body and "imported by the owner" in body
    assert "ICD-10-CM diagnoses" in body and "Claims with later dates of service are held" in body
    told = text(client.get("/codes/")).split("Code sets end on")[1].split("</p>")[0]
    assert "HCPCS Level II, ICD-10-CM" in told and "DX02" in told and "PX02" in told
    desk = Client()
    desk.force_login(a_user(mine.tenant, "at-the-desk", "front_desk"), backend=BACKEND)
    assert "Code sets end" not in text(desk.get("/"))


def test_an_empty_office_is_led_to_its_first_practice(offices: Any):
    from django.test import Client

    from claimwright.web.core.models import Tenant

    owner = Client()
    owner.force_login(a_user(Tenant.objects.create(slug="new", name="New Billing"), "begins", "owner"), backend=BACKEND)
    assert "/settings/practices/new/" in text(owner.get("/"))
    assert "Take on the practice first" in text(owner.post("/settings/locations/new/save/", {"code": "A"}, follow=True))
    assert "There is no payer" not in text(owner.get("/settings/"))
    given = cells(owner.get("/settings/practices/new/")) | NEW
    taken = owner.post("/settings/practices/new/save/", given, follow=True)
    assert "There is no payer" in text(taken) and "/settings/payers/new/" in text(taken)
