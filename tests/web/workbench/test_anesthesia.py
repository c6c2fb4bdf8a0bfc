"""Anesthesia times on the page of a visit: added, taken out, refused with a sentence; not shown where there are none."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.lib.practices import superbill_row, take_in
from tests.web.workbench.test_front_desk import clean, desk, text, within  # noqa: F401

NPI = "1234567893"


@pytest.fixture
def case(desk):  # noqa: F811
    """The biller's browser; `visit` is a case of anesthesia, `office_visit` is none."""
    from claimwright.web.charges.models import Encounter

    with within(desk):
        take_in(
            desk.clinic,
            superbill_row(),
            superbill_row(external_id="V2", mrn="M2", cpt="00840", units="60", charge="900"),
        )
        desk.office_visit, desk.visit = Encounter.objects.order_by("external_id")
    return desk


def save(client, **cells):
    return clean(text(client.post(reverse("save_anesthesia", args=[client.visit.pk]), cells, follow=True)))


def test_a_stretch_is_added_in_the_practices_time_and_taken_out(case):
    from claimwright.web.charges.anesthesia import stretches_of

    body = clean(text(case.get(reverse("visit", args=[case.visit.pk]))))
    assert "Anesthesia time" in body
    assert "No times are recorded" in body
    assert "Anesthesia time" not in clean(text(case.get(reverse("visit", args=[case.office_visit.pk]))))
    body = save(case, npi=NPI, start="2026-08-31T08:00", stop="2026-08-31T09:35")
    assert "95 minutes of anesthesia are recorded" in body
    assert "08/31/2026 08:00" in body
    with within(case):
        ((npi, start, _),) = stretches_of(case.visit)
    assert (npi, start.hour) == (NPI, 12)  # 8:00 in New York is 12:00 UTC in August
    body = save(case, npi=NPI, start="2026-08-31T10:00", stop="2026-08-31T10:15")
    assert "110 minutes" in body
    body = save(case, remove="0")
    assert "15 minutes" in body
    assert "08/31/2026 08:00" not in body


@pytest.mark.parametrize(("cells", "says"), [
    ({"start": "", "stop": "2026-08-31T09:00"}, "enter day and time"),
    ({"start": "2026-08-31T09:00", "stop": "2026-08-31T08:00"}, "ends after it begins"),
    ({"npi": "1", "start": "2026-08-31T08:00", "stop": "2026-08-31T09:00"}, "valid NPI"),
])  # fmt: skip
def test_what_is_no_time_is_refused_with_a_sentence(case, cells, says):
    from claimwright.web.charges.anesthesia import stretches_of

    assert says in save(case, **({"npi": NPI} | cells))
    with within(case):
        assert stretches_of(case.visit) == []


def test_another_practices_visit_is_not_found(case, other_tenant):
    from django.test import Client

    from tests.lib.web_data import a_user

    stranger = Client()
    stranger.force_login(a_user(other_tenant, "stranger"), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("save_anesthesia", args=[case.visit.pk])
    assert stranger.post(address, {"npi": NPI}).status_code == 404
    assert case.get(address).status_code == 405
    assert Client().post(address).status_code == 302
