"""What was typed into a form whose act refused comes back once, to the same person, and lies in clear nowhere."""

from __future__ import annotations

import json
import re
from html import unescape
from uuid import uuid4

import pytest

ARGUMENT = "The record shows the visit of Ana Pereira was separate and significant."
LETTER = "Subject: {nobody}\n\n" + ARGUMENT + "\n\nRequest: pay it."


@pytest.fixture
def letter():
    return {"category": "BUNDLE", "text": LETTER, "password": "a pass phrase of hers", "form_key": uuid4().hex}


def again(response):
    """The form that the page fills again, or None."""
    found = re.search(r'id="kept-form" hidden data-form="([^"]*)"', response.content.decode())
    return json.loads(unescape(found[1])) if found else None


def test_a_refused_form_comes_back_once_with_its_cells_and_the_reason(client, letter):
    kept = again(client.post("/denials/letters/save/", letter, follow=True))
    assert kept["cells"] == {"category": ["BUNDLE"], "text": [LETTER]}  # neither password nor the keys of one showing
    assert kept["action"] == "/denials/letters/save/" and "nobody" in kept["why"]
    assert again(client.get("/denials/letters/?category=BUNDLE")) is None


def test_the_same_form_sent_twice_comes_back_as_well(client, letter):
    client.post("/denials/letters/save/", letter)
    again(client.get("/denials/letters/"))  # the second request of a double click writes the session last
    assert again(client.post("/denials/letters/save/", letter, follow=True))["cells"]["text"] == [LETTER]


def test_other_content_under_the_key_of_a_form_that_counts_comes_not_back(client, letter):
    client.post("/denials/letters/save/", letter | {"text": ""})
    other = client.post("/denials/letters/save/", letter, follow=True)
    assert "sent before with other content" in other.content.decode() and again(other) is None


def test_what_is_kept_is_sealed_and_ends_with_the_session(client, letter):
    from django.contrib.sessions.models import Session

    client.post("/denials/letters/save/", letter)
    rows = [str(row.get_decoded()) for row in Session.objects.all()]
    assert any("kept_form" in row for row in rows) and not any("Pereira" in row or "nobody}" in row for row in rows)
    key = client.session.session_key
    client.post("/logout/")
    assert not Session.objects.filter(session_key=key).exists()


def test_what_a_page_asks_by_itself_takes_nothing(client, letter):
    client.post("/denials/letters/save/", letter)
    assert again(client.get("/denials/", headers={"X-Claimwright-Background": "1"})) is None
    assert again(client.get("/denials/", headers={"Sec-Fetch-Mode": "cors"})) is None
    assert again(client.get("/denials/"))["action"] == "/denials/letters/save/"


def test_what_nobody_came_for_and_what_is_too_long_is_dropped(client, letter):
    client.post("/denials/letters/save/", letter)
    session = client.session
    session["kept_form"] = session["kept_form"] | {"at": session["kept_form"]["at"] - 601}
    session.save()
    assert again(client.get("/denials/letters/")) is None
    assert again(client.post("/denials/letters/save/", letter | {"text": LETTER + "x" * 100_000}, follow=True)) is None


def test_what_was_done_comes_back_empty(client):
    response = client.post("/denials/letters/save/", {"category": "BUNDLE", "text": ""}, follow=True)
    assert "shipped words hold again" in response.content.decode() and again(response) is None


def test_a_day_that_is_none_loses_nothing_and_the_list_stands_as_it_was(client, mine):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(mine.tenant):
        version = ClaimVersion.objects.get(state="READY")
    page, form = "/claims/?payer=ACME&page=2", {"reason": "the provider is asked", "until": "13/45/2026"}
    response = client.post(
        f"/claims/versions/{version.pk}/hold/", form, headers={"Referer": f"http://testserver{page}"}
    )
    assert response["Location"].endswith(page)
    kept = again(client.get(response["Location"]))
    assert kept["cells"] == {name: [value] for name, value in form.items()} and "no day" in kept["why"]


def test_an_act_in_a_closed_month_is_refused_and_loses_nothing(client, letter, monkeypatch):
    from claimwright.web.accounts.periods import PeriodClosed
    from claimwright.web.denials import letters

    def closed(**_):
        raise PeriodClosed("the books are closed through September 2026")

    monkeypatch.setattr(letters, "save_template", closed)
    kept = again(client.post("/denials/letters/save/", letter, follow=True))
    assert kept["cells"]["text"] == [LETTER]
    assert kept["why"] == "Nothing was changed: the books are closed through September 2026."


@pytest.mark.parametrize(
    ("came_from", "leads_to"),
    [
        (
            "http://testserver/denials/letters/?category=COB&page=3",
            "/denials/letters/?category=BUNDLE",
        ),  # as the view says
        ("http://elsewhere/denials/letters/?a=b", "/denials/letters/?category=BUNDLE"),
    ],
)
def test_a_view_that_says_which_part_of_its_page_is_heeded(client, letter, came_from, leads_to):
    response = client.post("/denials/letters/save/", letter, headers={"Referer": came_from})
    assert response["Location"] == leads_to
