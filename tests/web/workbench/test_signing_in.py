"""Two proofs or no page; a session that is over is over on every address; reliability row 23 at commit scale."""

from __future__ import annotations

import time

import pytest

from tests.lib.signing_in import APP_KEY, code_now, give_app, sign_in
from tests.lib.web_data import PASSWORD, a_user

RFC_6238 = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def two_proofs(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "SECOND_FACTOR", "required")
    monkeypatch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])


@pytest.fixture(scope="module")
def tenants(module_database):
    from tests.conftest import _two_tenants

    return _two_tenants()


@pytest.fixture
def person(tenants, request):
    """Somebody of the office with a password and an app, for this test alone."""
    user = a_user(tenants[0], f"p{abs(hash(request.node.name)) % 10**9}", "manager")
    give_app(user)
    return user


@pytest.fixture
def client():
    from django.test import Client

    return Client()


def audited(user):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(user.tenant):
        rows = AuditEvent.objects.filter(actor=user.username).order_by("sequence")
        return [(row.action, row.detail) for row in rows]


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_codes_are_those_of_the_standard(seconds, code):
    import base64

    from claimwright.web.core.second_factors import code_at

    assert code_at(base64.b32encode(b"12345678901234567890").decode(), seconds // 30) == code


def test_a_password_alone_opens_nothing_and_a_code_opens_once(client, person):
    answer = client.post("/login/", {"username": person.username, "password": PASSWORD, "next": "/claims/"})
    assert answer.headers["Location"] == "/login/second/"
    assert client.get("/claims/").headers["Location"] == "/login/?next=/claims/"
    assert client.get("/login/enrol/").headers["Location"] == "/login/second/"
    code = code_now(person)
    assert client.post("/login/second/", {"code": "000000" if code != "000000" else "111111"}).status_code == 200
    assert client.post("/login/second/", {"code": f"{code[:3]} {code[3:]}"}).headers["Location"] == "/claims/"
    assert client.get("/account/").status_code == 200
    assert ("session.sign_in", "password and app") in audited(person)

    from django.test import Client

    other = Client()
    other.post("/login/", {"username": person.username, "password": PASSWORD})
    assert other.post("/login/second/", {"code": code}).status_code == 200  # the same code again
    assert other.get("/account/").status_code == 302


def test_no_other_way_of_opening_a_session_opens_a_page(client, person):
    """What signs in beside our own pages (Django's administration, a library) has proved a password at most."""
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/").headers["Location"].startswith("/login/")
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.headers["Location"] == "/login/?next=/admin/"
    assert client.post("/admin/login/", {"username": person.username, "password": PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 302


def test_a_newcomer_is_led_to_a_second_step_and_gets_codes_on_paper(client, tenants):
    from claimwright.web.core.second_factors import code_at, step_now

    user = a_user(tenants[0], "newcomer", "biller")
    answer = client.post("/login/", {"username": "newcomer", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/login/enrol/"
    text = client.get("/login/enrol/").content.decode()
    key = text.split('app-key">')[1].split("<")[0].replace(" ", "")
    assert "<svg" in text and "viewBox" in text and "style=" not in text  # whole at any size
    assert client.get("/account/").status_code == 302
    assert client.post("/login/enrol/", {"code": "000000"}).status_code == 200
    text = client.post("/login/enrol/", {"code": code_at(key, step_now())}).content.decode()
    codes = [part.split("<")[0] for part in text.split('<li class="code">')[1:]]
    assert len(set(codes)) == 10 and 'href="/"' in text
    assert client.get("/account/").status_code == 200

    client.post("/logout/")
    for proved in (True, False):  # a paper code is good once
        client.post("/login/", {"username": "newcomer", "password": PASSWORD})
        answer = client.post("/login/second/", {"code": codes[0].lower()})
        assert (answer.status_code == 302) is proved
        client.post("/logout/")
    assert ("session.sign_in", "recovery code") in audited(user)


def test_keys_and_codes_are_not_in_the_database_as_they_are(person):
    from claimwright.web.core.second_factors import new_recovery_codes
    from claimwright.web.core.sign_in_models import AuthenticatorApp, RecoveryCode

    codes = new_recovery_codes(user=person)
    assert APP_KEY.encode() not in bytes(AuthenticatorApp.objects.get(user=person).sealed_key)
    assert not {row.digest for row in RecoveryCode.objects.filter(user=person)} & set(codes)


def test_wrong_codes_lock_out_as_wrong_passwords_do_and_in_the_end_from_everywhere(client, person):
    from claimwright.web.core.second_factors import MOST_WRONG, check_code
    from claimwright.web.core.sign_in_models import AuthenticatorApp

    client.post("/login/", {"username": person.username, "password": PASSWORD})
    answers = [client.post("/login/second/", {"code": "12345x"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = client.post("/login/second/", {"code": code_now(person)})
    assert locked.status_code == 429 and "Wait 15 minutes" in locked.content.decode()
    assert client.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 429
    AuthenticatorApp.objects.filter(user=person).update(wrong_in_a_row=MOST_WRONG)
    assert check_code(user=person, code=code_now(person)) == ""


def test_five_wrong_passwords_lock_out_and_a_manager_unlocks(client, person, tenants):
    from django.test import Client

    chief = a_user(tenants[0], "unlocker", "owner")
    give_app(chief)
    for number in range(5):
        answer = client.post("/login/", {"username": person.username, "password": "not the passphrase"})
        assert answer.status_code == (429 if number == 4 else 200)
    assert client.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 429
    office = Client()
    sign_in(office, chief)
    assert "Locked" in office.get("/people/").content.decode()
    office.post(f"/people/{person.pk}/unlock/")
    assert client.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 302


def test_an_open_session_is_no_place_to_guess_the_password(client, person):
    """At a screen left open: what is counted at the door is counted here, and the lock ends the session."""
    sign_in(client, person)
    answers = [client.post("/account/codes/", {"password": f"guess {number}"}).status_code for number in range(5)]
    assert answers == [403, 403, 403, 403, 429]
    assert client.get("/account/").status_code == 302
    assert client.post("/login/", {"username": person.username, "password": PASSWORD}).status_code == 429
    assert [action for action, _ in audited(person)].count("session.password_refused") == 5


# What ends a session -------------------------------------------------------------------------------------------------


def change_session(client, **values):
    session = client.session
    session.update(values)
    session.save()


def idle(client, user):
    change_session(client, last_seen=time.time() - 15 * 60 - 1)


def absolute(client, user):
    change_session(client, signed_in_at=time.time() - 12 * 60 * 60 - 1)


def signed_out(client, user):
    cookie = client.cookies["sessionid"].value
    client.post("/logout/")
    client.cookies["sessionid"] = cookie


def disabled(client, user):
    user.is_active = False
    user.save()


def another_password(client, user):
    user.set_password("another long enough passphrase")
    user.save()


def ended_elsewhere(client, user):
    from claimwright.web.core.sessions import end_sessions

    assert end_sessions(user=user) == 1


def one_proof(client, user):
    change_session(client, proved_by="password")


ENDS = (idle, absolute, signed_out, disabled, another_password, ended_elsewhere, one_proof)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_session_that_is_over_is_over_at_the_next_request(client, person, end):
    assert sign_in(client, person).status_code == 302
    assert client.get("/account/").status_code == 200
    end(client, person)
    answer = client.get("/account/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


def test_every_address_refuses_who_is_not_wholly_signed_in(client, person):
    """All addresses of the table of policies: without a session, half way, and with sessions that are over, in turn."""
    from django.test import Client

    from claimwright.web.workbench.policies import PUBLIC
    from tests.web.workbench.test_policies import addresses

    sign_in(client, person)
    good = dict(client.session)
    half = Client()
    half.post("/login/", {"username": person.username, "password": PASSWORD})
    stale = {
        "idle": {"last_seen": time.time() - 901}, "absolute": {"signed_in_at": time.time() - 43_201},
        "one proof": {"proved_by": "password"}, "old password": {"_auth_user_hash": "0" * 64},
    }  # fmt: skip
    nobody, old = Client(), Client()
    old.cookies["sessionid"] = "a" * 32
    states = [("half way", half), ("old cookie", old), *stale.items()]
    let_in, asked = [], []
    for number, (name, address, _) in enumerate(addresses()):
        if name in PUBLIC:
            continue
        state, visitor = states[number % len(states)]  # one middleware ends them all: each on its share of addresses
        if isinstance(visitor, dict):
            session = client.session
            session.update({**good, **visitor})
            session.save()
            client.cookies["sessionid"] = session.session_key
            visitor = client
        for who, asks in (("nobody", nobody), (state, visitor)):
            answer = asks.get(address) if number % 2 else asks.post(address)
            asked.append(who)
            if answer.status_code != 302 or not answer.headers["Location"].startswith("/login/"):
                let_in.append((name, who, answer.status_code))
    assert not let_in
    assert len(asked) > 400 and min(asked.count(state) for state, _ in states) >= 30


def test_questions_of_the_page_itself_extend_nothing(client, person):
    sign_in(client, person)
    change_session(client, last_seen=time.time() - 600)
    background = {"X-Claimwright-Background": "1"}
    from claimwright.web.core.sessions import mark_of

    for _ in range(3):
        told = client.get("/session/", {"mark": mark_of(person)}, headers=background).json()
        client.get("/account/", headers=background)
    assert 295 <= told["left"] <= 300 and told["csrf"]
    assert client.post("/session/alive/", {"mark": mark_of(person)}).json()["left"] > 890
    change_session(client, signed_in_at=time.time() - 12 * 60 * 60 + 60)
    assert client.post("/session/alive/", {"mark": mark_of(person)}).json()["left"] <= 60  # work extends no 12 hours


# Signing in again under what was typed -------------------------------------------------------------------------------


def test_the_same_person_signs_in_again_in_place_and_nobody_else(person, tenants):
    from django.test import Client

    from claimwright.web.core.sessions import mark_of

    client = Client(enforce_csrf_checks=True)
    page = client.get("/login/").content.decode()
    token = page.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    mine = {"mark": mark_of(person), "csrfmiddlewaretoken": token}
    json = {"Accept": "application/json"}

    def again(**fields):
        return client.post("/login/again/", {**mine, **fields}, headers=json)

    assert again(password=PASSWORD).json()["words"].startswith("The password or the code")
    assert again(password="wrong", code=code_now(person)).status_code == 403
    assert again(mark="forged", password=PASSWORD).json() == {"go": "/login/"}
    state = again(password=PASSWORD, code=code_now(person)).json()
    assert state["left"] > 890
    assert client.post("/account/sessions/end/", {"csrfmiddlewaretoken": token}).status_code == 403  # the kept form's
    assert client.post("/account/sessions/end/", {"csrfmiddlewaretoken": state["csrf"]}).status_code == 302

    other = a_user(tenants[0], "another-one", "biller")
    assert again(mark=mark_of(other), password=PASSWORD, csrfmiddlewaretoken=state["csrf"]).json()["go"] == "/"
    told = client.get("/session/", {"mark": mark_of(other)}).json()
    assert told == {"left": 0, "go": "/"}  # a page of another person goes away, whatever it holds


def test_guessing_in_place_locks_out_as_at_the_door(client, person):
    from claimwright.web.core.sessions import mark_of

    asked = {"mark": mark_of(person), "password": PASSWORD, "code": "12345x"}
    answers = [client.post("/login/again/", asked, headers={"Accept": "application/json"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [403] * 4 + [429] * 2
    assert answers[-1].json()["words"].startswith("Too many wrong tries")


def test_a_program_does_not_sign_in_to_pages(client, tenants):
    a_user(tenants[0], "a-program", "api")
    answer = client.post("/login/", {"username": "a-program", "password": PASSWORD})
    assert answer.status_code == 200 and "is not right" in answer.content.decode()


def test_passwords_are_changed_with_the_old_one_and_end_other_sessions(person):
    from django.test import Client

    here, there = Client(), Client()
    sign_in(here, person), sign_in(there, person)
    new = "quite another passphrase"
    wrong = here.post("/account/password/", {"password": "x", "new_password": new, "again": new})
    assert wrong.status_code == 403 and there.get("/account/").status_code == 200
    short = here.post("/account/password/", {"password": PASSWORD, "new_password": "short", "again": "short"})
    assert short.status_code == 400 and "at least 15" in short.content.decode()
    assert here.post("/account/password/", {"password": PASSWORD, "new_password": new, "again": new}).status_code == 302
    assert here.get("/account/").status_code == 200 and there.get("/account/").status_code == 302
    text = here.get("/account/").content.decode()
    assert text.count("password and app") == 1 and "Here" in text


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Lakeside-Family-2026", False),
        ("L4kes1de F@mily!!!!!", False),
        ("claimwright-owner-1", False),
        ("lee.wong.lee.wong.lee", False),
        ("Lakeside and a rowing boat", True),
        ("#%^&*()_+-=<>?,./", True),  # no such word in it: any characters will do
        ("73640182957301846", True),
    ],
)
def test_words_that_anybody_would_try_are_no_password(password, good):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from claimwright.web.core.models import Tenant, User

    lee = User(username="lee.wong", first_name="Lee", last_name="Wong", tenant=Tenant(name="Lakeside Family"))
    if good:
        validate_password(password, lee)
    else:
        with pytest.raises(ValidationError, match="names and words"):
            validate_password(password, lee)


def test_the_last_second_step_is_not_taken_away(person):
    from django.test import Client

    client = Client()
    sign_in(client, person)
    kept = client.post("/account/factors/remove/", {"password": PASSWORD, "what": "app"})
    assert kept.status_code == 409 and "only second factor" in kept.content.decode()
    assert client.post("/account/codes/", {"password": "no"}).status_code == 403
    assert client.post("/account/codes/", {"password": PASSWORD}).content.decode().count('<li class="code">') == 10


def test_where_it_is_switched_off_every_page_says_so(client, tenants, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "SECOND_FACTOR", "off")
    a_user(tenants[0], "demonstrator", "biller")
    assert client.post("/login/", {"username": "demonstrator", "password": PASSWORD}).headers["Location"] == "/"
    assert "the second step is switched off" in client.get("/account/").content.decode()
    monkeypatch.setattr(settings, "SECOND_FACTOR", "required")
    assert client.get("/account/").status_code == 302  # what it let in is out when it is switched on
