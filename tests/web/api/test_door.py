"""The door: keys, limits, practices, versions, cursors, and errors that say nothing of anybody."""

from __future__ import annotations

import json
import threading

import pytest

from tests.web.api.conftest import Caller

PERSON = {
    "last_name": "CANARY", "first_name": "Zoe", "birth_date": "1990-05-06", "sex": "F", "line1": "1 Elm St", "city": "Madison",
    "state": "WI", "postal_code": "53703",
}  # fmt: skip


def a_token(office, **terms):
    from claimwright.web.api.tokens import issue_token
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(office.tenant):
        row, text = issue_token(
            by=office.owner, **({"name": "one", "scopes": ["patients.read", "patients.work"]} | terms)
        )
    return row, Caller(text)


def registered(office, name):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient

    with tenant_scope(office.tenant):
        return Patient.objects.filter(last_name=name).count()


def test_a_key_has_one_effect_and_one_answer(mine, call, undone):
    body = {"practice_id": str(mine.practice.pk), **PERSON}
    first = call("POST", "/patients", body, key="k1")
    again = call("POST", "/patients", dict(reversed(body.items())), key="k1")  # the same, in another order
    assert first.status_code == again.status_code == 201 and first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true" and first.headers["ETag"] == again.headers["ETag"]
    assert registered(mine, "CANARY") == 1
    other = call("POST", "/patients", body | {"first_name": "Amy"}, key="k1")
    assert other.status_code == 422 and b"idempotency-key-reused" in other.content and registered(mine, "CANARY") == 1
    assert call("POST", "/patients", body, key="").status_code == 400
    _, second = a_token(mine)  # another program's same key is another key
    assert second("POST", "/patients", body | {"decided_new": True}, key="k1").status_code == 201


def test_a_refused_request_changes_nothing_and_may_be_put_right_under_its_key(mine, call, undone):
    body = {"practice_id": str(mine.practice.pk), **PERSON, "state": "ZZ"}
    assert call("POST", "/patients", body, key="k2").status_code == 422
    assert call("POST", "/patients", body | {"state": "WI"}, key="k2").status_code == 201


def test_two_at_once_under_one_key_have_one_effect(mine):
    from django.db import connection

    _, caller = a_token(mine, name="racer")
    body = {"practice_id": str(mine.practice.pk), **PERSON, "last_name": "RACER"}
    answers = []

    def ask():
        answers.append(Caller(caller.token)("POST", "/patients", body, key="race"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {one.status_code for one in answers} == {201} and len({one.content for one in answers}) == 1
    assert registered(mine, "RACER") == 1
    assert sorted(one.headers.get("Idempotency-Replayed", "") for one in answers) == ["", "true", "true", "true"]


def test_tokens_end_by_their_day_by_revoking_and_by_the_minute(mine, undone):
    from django.utils import timezone

    from claimwright.web.api.models import ApiToken
    from claimwright.web.api.tokens import TokenRefused, issue_token, revoke_token
    from claimwright.web.core.tenancy import tenant_scope

    row, caller = a_token(mine, name="ends", requests_a_minute=3)
    assert row.hash not in caller.token and caller.token.split("_", 3)[3] not in row.hash
    assert caller("GET", "/patients").status_code == 200
    with tenant_scope(mine.tenant):
        ApiToken.objects.filter(pk=row.pk).update(minute=10**9)
        row.refresh_from_db()
        assert row.last_used_at is not None
        ApiToken.objects.filter(pk=row.pk).update(minute=int(timezone.now().timestamp()) // 60, used=3)
    over = caller("GET", "/patients")
    assert over.status_code in (429, 200)  # 200 where a new minute began in between
    if over.status_code == 429:
        assert 0 < int(over.headers["Retry-After"]) <= 60
    with tenant_scope(mine.tenant):
        ApiToken.objects.filter(pk=row.pk).update(used=0, expires_at=timezone.now())
    assert caller("GET", "/patients").status_code == 401
    row, caller = a_token(mine, name="revoked")
    with tenant_scope(mine.tenant):
        revoke_token(token=row, by=mine.owner)
    assert caller("GET", "/patients").status_code == 401
    assert Caller(caller.token[:-1] + "x")("GET", "/patients").status_code == 401
    with tenant_scope(mine.tenant):
        mine.owner.role = "manager"
        for bad in ({"scopes": ["codes.work"]}, {"scopes": []}, {"days": 999}, {"name": ""}, {"name": "everything"}):
            with pytest.raises(TokenRefused):
                issue_token(by=mine.owner, **({"name": "n", "scopes": ["office.read"]} | bad))
        mine.owner.role = "owner"


def test_a_token_for_some_practices_sees_no_other(mine, undone):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice

    with tenant_scope(mine.tenant):
        second = Practice.objects.create(name="Hillside", npi="1000000012", tax_id="391234568")
    _, caller = a_token(
        mine, name="hillside", practice_ids=[second.pk],
        scopes=["patients.read", "claims.read", "office.read", "files.read", "reports.read", "patients.work"],
    )  # fmt: skip
    assert caller("GET", "/claims").json()["items"] == [] and caller("GET", "/patients").json()["items"] == []
    assert [one["name"] for one in caller("GET", "/practices").json()] == ["Hillside"]
    assert caller("GET", f"/patients/{mine.patients['MRN1001'].pk}").status_code == 404
    assert caller("GET", "/files/received").status_code == 403
    assert caller("POST", "/patients", {"practice_id": str(mine.practice.pk), **PERSON}).status_code == 404
    assert caller("POST", "/patients", {"practice_id": str(second.pk), **PERSON}).status_code == 201


def test_a_change_names_what_it_saw(mine, call, undone):
    place = f"/patients/{mine.patients['MRN1007'].pk}"
    seen = call("GET", place)
    fields = {name: value for name, value in seen.json()["registration"].items() if name in _fields()}
    fields = {
        name: value == "on" if name.endswith(("_text", "_message", "_calls")) else value or None
        for name, value in fields.items()
    }
    fields = {name: value for name, value in fields.items() if value is not None}
    changed = {**fields, **PERSON, "city": "Monona"}
    assert call("PUT", place, changed).status_code == 428
    assert call("PUT", place, changed, If_Match='"other"').status_code == 412
    done = call("PUT", place, changed, If_Match=seen.headers["ETag"])
    assert done.status_code == 200 and done.json()["address"]["city"] == "Monona", done.content
    assert call("PUT", place, changed, If_Match=seen.headers["ETag"]).status_code == 412
    assert call("GET", place, If_None_Match=done.headers["ETag"]).status_code == 304


def _fields():
    from claimwright.web.api.of_patients import PatientFields

    return PatientFields.model_fields


def test_lists_go_on_by_cursor_and_miss_nothing(mine, call):
    whole = [one["id"] for one in call("GET", "/claims?limit=200").json()["items"]]
    found, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"/claims?limit=2&cursor={cursor}").json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert found == whole and len(whole) >= 5
    for bad in ("x", "W10=", "WyJ4Il0="):
        assert call("GET", f"/claims?cursor={bad}").status_code == 400
    claim = call("GET", "/claims?q=CW1001").json()["items"]
    assert len(claim) == 1 and claim[0]["total_charge"] == "190.00"


def test_no_error_repeats_what_was_sent(mine, call, undone):
    body = {
        "practice_id": "CANARY-7",
        **PERSON,
        "birth_date": "CANARY-7",
        "sex": "CANARY-7",
        "ssn": "CANARY-7",
        "more": "CANARY-7",
    }
    answers = [
        call("POST", "/patients", body),
        call("POST", "/patients", {"practice_id": str(mine.practice.pk), **PERSON, "ssn": "CANARY-7", "email": "CANARY-7", "state": "CANARY-7"}),
        call("POST", f"/patients/{mine.patients['MRN1001'].pk}/payments", {"amount": 5.0, "method": "CANARY-7"}),
        call("POST", "/edi/validate", b"CANARY-7"),
        call("GET", "/claims/CANARY-7"),
    ]  # fmt: skip
    for one in answers:
        assert one.status_code in (404, 422) and one.headers["Content-Type"] == "application/problem+json"
        assert b"CANARY-7" not in one.content and json.loads(one.content)["status"] == one.status_code
    assert {"field": "amount", "says": 'is no amount: write dollars and cents as text, such as "25.00"'} in answers[
        2
    ].json()["errors"]


def test_methods_addresses_and_sessions_open_nothing(mine, call):
    assert (
        call("POST", "/claims").status_code == call("TRACE", "/claims").status_code == 405
        and call("GET", "/nothing").status_code == 404
    )
    from django.test import Client

    person = Client()
    person.force_login(mine.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert person.get("/api/v1/claims").status_code == 401
    described = Client().get("/api/v1/openapi.json")
    assert described.status_code == 200 and described.json()["openapi"].startswith("3.1")
    assert call("GET", "/claims").headers["Cache-Control"] == "no-store"


def test_looks_and_refusals_are_in_the_audit_log(mine, undone):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    _, caller = a_token(mine, name="watched")
    patient = mine.patients["MRN1001"].pk
    caller("GET", f"/patients/{patient}")
    caller("GET", "/audit")
    with tenant_scope(mine.tenant):
        rows = list(
            AuditEvent.objects.filter(actor=f"program watched of {mine.owner.username}")
            .order_by("sequence")
            .values_list("action", "subject_id")
        )
    assert rows == [("api.read_patient", str(patient)), ("access.refused", "list_audit")]


def test_a_session_beside_a_token_is_nobody_here(mine, theirs, undone):
    """Whatever cookie comes along: the act is the program's, the session is not extended, no other office is opened."""
    from django.test import Client

    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.sessions import LAST_SEEN
    from claimwright.web.core.tenancy import tenant_scope

    patient = mine.patients["MRN1001"].pk
    for number, office in enumerate((mine, theirs)):
        _, caller = a_token(mine, name=f"beside {number}")
        caller.client = person = Client(raise_request_exception=False)
        person.force_login(office.owner, backend="django.contrib.auth.backends.ModelBackend")
        session = person.session
        session[LAST_SEEN] = 1.0
        session.save()
        assert caller("GET", f"/patients/{patient}").status_code == 200
        assert person.session[LAST_SEEN] == 1.0
    with tenant_scope(mine.tenant):
        actors = AuditEvent.objects.filter(action="api.read_patient", actor__startswith="program beside")
        assert actors.count() == 2


def test_without_tls_a_page_is_led_on_and_a_program_is_refused(mine, call):
    from django.test import Client, override_settings

    with override_settings(SECURE_SSL_REDIRECT=True):
        plain = call("GET", "/claims")
        assert plain.status_code == 403 and "Location" not in plain.headers
        assert Client().get("/login/").headers["Location"].startswith("https://")


def test_a_nul_is_refused_as_a_problem_wherever_it_stands(mine, call, undone):
    fields = {"last_name": "A\x00B", "first_name": "A", "birth_date": "1980-01-01", "sex": "F"}
    answers = [
        call("GET", "/patients?q=A%00"), call("POST", "/patients", fields),
        call("POST", "/patients", fields | {"last_name": "\ud800"}), call("POST", "/patients", {"\x00": 1}),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [400] * 4
    assert all("problem+json" in one.headers["Content-Type"] for one in answers)


def test_a_long_operation_keeps_nobody_from_the_audit_log(mine, call, undone, monkeypatch):
    from claimwright.web.operations import interfaces
    from tests.lib.web_data import log_is_free
    from tests.web.api.more_acts import HL7

    free, take = [], interfaces.take_message

    def watched(**terms):
        free.append(log_is_free(mine.tenant))
        return take(**terms)

    monkeypatch.setattr(interfaces, "take_message", watched)
    assert call("POST", "/hl7", HL7.replace(b"|M1|", b"|LONG|")).status_code == 201
    assert free == [True]


def test_the_page_gives_a_token_once_and_only_to_managers(mine, undone, monkeypatch):
    from django.test import Client, override_settings

    from tests.lib.web_data import a_user

    people = Client()
    people.force_login(mine.owner, backend="django.contrib.auth.backends.ModelBackend")
    with override_settings(SECOND_FACTOR="off"):
        made = people.post("/programs/tokens/issue/", {"name": "scheduler", "scope": ["patients.read"], "days": "30"})
        text = made.content.decode()
        assert made.status_code == 200 and "cw1_" in text, text[:500]
        token = text[text.index("cw1_") :].split("<")[0]
        assert Caller(token)("GET", "/patients").status_code == 200
        assert token not in people.get("/programs/").content.decode()
        biller = Client()
        biller.force_login(a_user(mine.tenant, "bill", "biller"), backend="django.contrib.auth.backends.ModelBackend")
        assert biller.get("/programs/").status_code == 403
