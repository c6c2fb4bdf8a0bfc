"""The page of people, links good once, who decides on whom; and pages opened in an emergency."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.lib.signing_in import give_app
from tests.lib.web_data import PASSWORD, a_user

BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = "a newcomer's own passphrase"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])


@pytest.fixture(scope="module")
def crew(offices):
    """People of the office by role, and a client signed in as each."""
    from django.test import Client

    made = {}
    for role in ("owner", "manager", "supervisor", "poster", "auditor"):
        user = a_user(offices[0].tenant, f"the-{role}", role)
        client = Client()
        client.force_login(user, backend=BACKEND)
        made[role] = (user, client)
    return made


def link_in(answer):
    return re.search(r'value="http://testserver(/welcome/[^"]+/)"', answer.content.decode())[1]


def refreshed(user):
    user.refresh_from_db()
    return user


def test_a_person_is_added_and_her_link_is_good_once(crew, offices, monkeypatch):
    from django.conf import settings
    from django.test import Client

    from claimwright.web.core.models import User

    _, manager = crew["manager"]
    answer = manager.post("/people/add/", {"username": "Nora.Bell", "full_name": "Nora Bell", "role": "coder"})
    address = link_in(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    person = User.objects.get(username="nora.bell")
    assert (person.role, person.tenant_id, person.has_usable_password()) == ("coder", offices[0].tenant.pk, False)
    assert address.split("/")[2] not in manager.get("/people/").content.decode()  # shown once

    monkeypatch.setattr(settings, "SECOND_FACTOR", "required")
    visitor = Client()
    assert visitor.get(address).status_code == visitor.get(address).status_code == 200  # looking uses nothing up
    for wrong in ({"new_password": NEW, "again": "x"}, {"new_password": "short", "again": "short"}):
        assert visitor.post(address, wrong).status_code == 200
    answer = visitor.post(address, {"new_password": NEW, "again": NEW})
    assert answer.headers["Location"] == "/login/enrol/"
    assert Client().get(address).status_code == 403
    assert visitor.get("/").status_code == 302  # half way


def test_links_end_with_time_with_a_newer_one_and_with_the_person(crew, offices):
    from django.test import Client

    from claimwright.web.core.sign_in_models import SignInLink

    user, (_, manager) = a_user(offices[0].tenant, "linked", "biller"), crew["manager"]
    first, second = (link_in(manager.post(f"/people/{user.pk}/link/")) for _ in range(2))
    assert (Client().get(first).status_code, Client().get(second).status_code) == (403, 200)
    row = SignInLink.objects.get(user=user)
    SignInLink.objects.filter(pk=row.pk).update(expires_at=row.made_at - timedelta(seconds=1))
    assert Client().get(second).status_code == 403
    third = link_in(manager.post(f"/people/{user.pk}/link/"))
    manager.post(f"/people/{user.pk}/disable/")
    assert Client().get(third).status_code == 403
    assert Client().get("/welcome/made-up/").status_code == 403


def test_who_decides_on_whom(crew, offices):
    """Nobody on herself, only an owner on an owner, the last owner stays, and nobody across tenants."""
    from claimwright.web.core.models import User
    from claimwright.web.core.sign_in_models import SignInLink

    (owner, as_owner), (manager, as_manager) = crew["owner"], crew["manager"]
    poster, _ = crew["poster"]
    as_manager.post(f"/people/{manager.pk}/role/", {"role": "owner"})
    as_manager.post(f"/people/{poster.pk}/role/", {"role": "owner"})
    as_manager.post(f"/people/{poster.pk}/role/", {"role": "api"})
    as_manager.post("/people/add/", {"username": "second-owner", "role": "owner"})
    for act in ("disable", "link", "second-factor"):
        as_manager.post(f"/people/{owner.pk}/{act}/")
        as_owner.post(f"/people/{owner.pk}/{act}/")
    assert refreshed(manager).role == "manager" and refreshed(poster).role == "poster"
    assert refreshed(owner).is_active and owner.check_password(PASSWORD)
    assert not User.objects.filter(username="second-owner").exists()
    program = a_user(offices[0].tenant, "a-program", "api")
    for act in ("link", "second-factor", "role"):
        as_owner.post(f"/people/{program.pk}/{act}/", {"role": "owner"})
    assert refreshed(program).role == "api" and not SignInLink.objects.filter(user=program).exists()
    stranger = offices[1].user
    for act in ("disable", "enable", "unlock", "link", "second-factor", "role"):
        assert as_owner.post(f"/people/{stranger.pk}/{act}/", {"role": "owner"}).status_code == 404
    as_owner.post(f"/people/{poster.pk}/role/", {"role": "owner"})
    assert refreshed(poster).role == "owner"
    as_owner.post(f"/people/{poster.pk}/role/", {"role": "poster"})
    assert refreshed(poster).role == "poster"


def test_two_owners_who_disable_each_other_do_not_both_succeed(offices):
    from claimwright.web.core.models import User
    from claimwright.web.core.people import NotAllowed, change_role, disable_person

    tenant = offices[1].tenant
    one, two = a_user(tenant, "owner-one", "owner"), a_user(tenant, "owner-two", "owner")
    disable_person(by=one, person=two)
    for act in (lambda: disable_person(by=None, person=one), lambda: change_role(by=None, person=one, role="biller")):
        with pytest.raises(NotAllowed, match="last owner"):
            act()
    assert User.objects.get(pk=one.pk).is_active


def test_a_reset_starts_a_person_anew_and_ends_what_is_open(crew, offices):
    from claimwright.web.core.second_factors import factors_of, new_recovery_codes

    user, (_, manager) = a_user(offices[0].tenant, "lost-phone", "biller"), crew["manager"]
    give_app(user)
    new_recovery_codes(user=user)
    assert "app" in manager.get("/people/").content.decode()
    link_in(manager.post(f"/people/{user.pk}/second-factor/"))
    found = factors_of(user)
    assert (found.any, found.recovery_codes, refreshed(user).has_usable_password()) == (False, 0, False)


def test_the_page_is_for_those_who_manage_and_every_act_is_in_the_log(crew, mine):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    assert crew["supervisor"][1].get("/people/").status_code == 403
    read = crew["auditor"][1].get("/people/")
    assert read.status_code == 200 and "Add a person" not in read.content.decode()
    text = crew["manager"][1].get("/people/").content.decode()
    assert (
        "Other Practice" not in text
        and "stranger" not in text
        and "This is you" in text
        and "Only an owner decides on an owner" in text
    )
    user = a_user(mine.tenant, "watched", "biller")
    for act in ("disable", "enable", "unlock"):
        crew["manager"][1].post(f"/people/{user.pk}/{act}/")
    with tenant_scope(mine.tenant):
        done = list(AuditEvent.objects.filter(subject_id=str(user.pk)).values_list("actor", "action"))
    assert {("the-manager", f"person.{act}") for act in ("disabled", "enabled", "unlocked")} <= set(done)


def test_an_emergency_opens_a_patients_page_for_an_hour_and_is_reviewed(crew, mine):
    from claimwright.web.core.emergency import opened_by
    from claimwright.web.core.models import AuditEvent, WorkItem
    from claimwright.web.core.sign_in_models import EmergencyAccess
    from claimwright.web.core.tenancy import tenant_scope

    user, poster = crew["poster"]
    refused = poster.get("/denials/")
    assert refused.status_code == 403 and "Is it an emergency?" in refused.content.decode()
    assert "Is it an emergency?" not in poster.get("/people/").content.decode()  # no patient's page
    ask = {"permission": "denials.read", "next": "/denials/"}
    poster.post("/emergency/", {**ask, "reason": "because"})
    assert poster.get("/denials/").status_code == 403
    for never in ("files.read", "bank.read", "people.work", "claims.send"):
        poster.post("/emergency/", {"permission": never, "reason": "a long enough reason"})
    answer = poster.post("/emergency/", {**ask, "reason": "The appeal is due today and the biller is ill"})
    assert answer.headers["Location"] == "/denials/"
    page = poster.get("/denials/")
    assert page.status_code == 200 and "Opened in an emergency" in page.content.decode()
    assert "Opened in an emergency" in poster.get("/").content.decode()
    assert poster.post("/denials/batch/", {}).status_code in (403, 404)  # it reads, and only what was asked for
    assert poster.get("/following/").status_code == 403

    with tenant_scope(mine.tenant):
        row = EmergencyAccess.objects.get(person="the-poster")
        item = WorkItem.objects.get(worklist="emergency_access")
        log = list(AuditEvent.objects.filter(actor="the-poster").values_list("action", flat=True))
        assert opened_by(user).permissions == {"denials.read"}
    assert log.count("emergency.opened") == 1 and "emergency.used" in log and "the biller is ill" in item.reason
    manager = crew["manager"][1]
    assert "the biller is ill" in manager.get("/people/").content.decode()
    manager.post(f"/people/emergencies/{row.pk}/review/", {"review": "Right: the appeal went out"})
    with tenant_scope(mine.tenant):
        item.refresh_from_db()
        assert item.state == "done" and item.resolved_by == "the-manager"
        EmergencyAccess.objects.update(until=row.opened_at)
    assert poster.get("/denials/").status_code == 403


def test_nobody_reviews_her_own_emergency(crew, mine):
    from claimwright.web.core.emergency import NotOpened, open_in_emergency, opened_by, review
    from claimwright.web.core.tenancy import tenant_scope

    user = crew["manager"][0]
    with tenant_scope(mine.tenant):
        row = open_in_emergency(user=user, practice_id=mine.practice.pk, reason="Covering for the other office today")
        assert opened_by(user).practice_ids == {mine.practice.pk}
        with pytest.raises(NotOpened, match="her own"):
            review(by=user, access_id=row.pk, words="fine")
        review(by=crew["owner"][0], access_id=row.pk, words="fine")
        with pytest.raises(NotOpened, match="already"):
            review(by=crew["owner"][0], access_id=row.pk, words="fine")


def test_a_practice_not_granted_is_opened_in_the_same_way(mine):
    from django.test import Client

    from claimwright.web.core.emergency import opened_by
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice

    with tenant_scope(mine.tenant):
        second = Practice.objects.create(name="Harbor Street Clinic", npi="1000000012", tax_id="391234567")
    user = a_user(mine.tenant, "one-practice", "biller", practice_ids=[second.pk])
    client = Client()
    client.force_login(user, backend=BACKEND)
    address = f"/patients/{mine.patients['MRN1001'].pk}/"
    assert client.get(address).status_code == 404
    home = client.get("/").content.decode()
    assert 'href="/claims/"' in home and 'href="/files/"' not in home  # of the office as a whole: not of one practice
    assert "Lakeside Family Medicine" in client.get("/account/").content.decode()
    for wrong in (second.pk, mine.tenant.pk):  # seen already; none of ours
        client.post("/emergency/", {"practice": wrong, "reason": "a long enough reason"})
    with tenant_scope(mine.tenant):
        assert not opened_by(user).practice_ids
    client.post("/emergency/", {"practice": mine.practice.pk, "reason": "Covering for the other office today"})
    page = client.get(address)
    assert page.status_code == 200 and "see what is of Lakeside Family Medicine" in page.content.decode()
