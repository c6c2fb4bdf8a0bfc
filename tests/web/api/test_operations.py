"""Every operation of the description: once as it is meant, once without its scope, once with another tenant's ids."""

from __future__ import annotations

import re

import pytest

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def described():
    """(name, method, path, operation) of each operation, as the served description says."""
    from claimwright.web.api.write_client import described as description

    return [
        (operation["operationId"], method.upper(), path.removeprefix("/api/v1"), operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


QUERY = {
    "list_rates": "?version_id={contract_version}", "read_appeal_pack": "?signer=Pat%20Lee",
    "read_figure_rows": "", "read_report": "", "read_records_pack": "?signer=Pat%20Lee", "search_codes": "?q=cough",
    "check_price": "?practice_id={practice_id}&code=99204", "find_visit_level": "?on=2026-09-28&minutes=30",
    "check_contract_price": "?code=99213&on=2026-09-01",
}  # fmt: skip
WORDS = {
    "report": "aging", "job": "post", "name": "clean_claim_rate", "month": "2026-08", "file": "patients",
    "category": "GENERAL",
}  # fmt: skip
OF_SENT = ("read_filing_proof", "read_sent_segments")
CLOSED_MONTH = {"prove_a_month": "2026-01"}


def address(path, rows, name=""):
    def part(match):
        if match[1] == "month":
            return CLOSED_MONTH.get(name, WORDS["month"])
        if match[1] == "version_id" and name in OF_SENT:
            return str(rows["sent_version_id"])
        return str(rows[match[1]]) if match[1] in rows else WORDS[match[1]]

    query = re.sub(r"{(\w+)}", part, QUERY.get(name, ""))
    return re.sub(r"{(\w+)}", part, path) + query


# A draft appeal, a payment at the counter, a printed claim ...: other tests have them.
NOT_READY = {
    "read_appeal_pack", "read_receipt_paper", "read_records_pack", "read_mailed_form", "read_received_segments",
}  # fmt: skip


def test_everything_is_read(described, call, rows, undone):
    wrong = []
    for name, method, path, operation in described:
        if method != "GET" or name in NOT_READY:
            continue
        answer = call("GET", address(path, rows, name))
        kinds = list(operation["responses"].get("200", {}).get("content", {}))
        if answer.status_code != 200 or answer.headers["Content-Type"].split(";")[0] not in kinds:
            wrong.append((name, answer.status_code, answer.content[:300]))
    assert not wrong, wrong


@pytest.fixture(scope="module")
def messages(mine):
    """(an 837, an 835) as bytes."""
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        return bytes(mine.outgoing.content), bytes(mine.remittance.part.file.content)


def test_everything_is_done_or_refused_in_words(described, call, mine, rows, messages, undone, monkeypatch):
    from django.db import transaction

    from claimwright.web.api import addresses
    from tests.web.api.acts import ELSEWHERE, WITH_VERSION, acts
    from tests.web.api.more_acts import more_acts

    monkeypatch.setattr(addresses.look_up, "__defaults__", None)
    monkeypatch.setattr(addresses.target_of, "__kwdefaults__", {"find": lambda name, port: ["93.184.216.34"]})
    monkeypatch.setattr(addresses.checked_url, "__kwdefaults__", {"find": lambda name, port: ["93.184.216.34"]})
    told = acts(mine, rows, *messages) | more_acts(mine, rows)
    asked = {name: (method, path) for name, method, path, _ in described if method != "GET"}
    assert set(told) == set(asked) - WITH_VERSION - ELSEWHERE
    wrong, refused = [], 0
    for name, (body, query, due) in told.items():
        method, path = asked[name]
        with transaction.atomic():
            answer = call(method, address(path, rows) + query, body)
            transaction.set_rollback(True)
        refused += answer.status_code == 409
        is_problem = answer.headers["Content-Type"] == PROBLEM
        if answer.status_code not in due or (answer.status_code >= 400) != is_problem:
            wrong.append((name, answer.status_code, answer.content[:400]))
    assert not wrong, "\n".join(map(str, wrong))
    assert refused < 90


def test_nothing_is_open_without_its_scope_or_a_token(described, mine, rows, undone):
    """The door refuses by what it knows of an operation: what it knows of each, and its refusal once a scope."""
    from claimwright.web.api.door import OPERATIONS
    from claimwright.web.api.tokens import issue_token
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench.policies import OF_PERMISSION
    from tests.web.api.conftest import Caller

    known = {one.name: (one.method, one.permission) for one in OPERATIONS.values()}
    assert known == {name: (method, one["x-permission"]) for name, method, _, one in described}
    with tenant_scope(mine.tenant):
        first, second = (
            Caller(issue_token(name=name, scopes=scopes, by=mine.owner, requests_a_minute=6000)[1])
            for name, scopes in (
                ("looks", ["office.read"]),
                ("all but", [one for one in OF_PERMISSION if one != "office.read"]),
            )
        )
    wrong = []
    for name, method, path, operation in {one[3]["x-permission"]: one for one in described}.values():
        caller = second if operation["x-permission"] == "office.read" else first
        answer = caller(method, address(path, rows, name), b"x" if method != "GET" else None)
        if answer.status_code != 403 or answer.headers["Content-Type"] != PROBLEM:
            wrong.append((name, answer.status_code))
    assert not wrong
    assert Caller("cw1_0_0_0")("GET", "/claims").status_code == 401


def test_another_tenants_rows_are_not_there(described, theirs, rows, mine, undone):
    from tests.web.api.acts import acts
    from tests.web.api.conftest import Caller
    from tests.web.api.more_acts import more_acts

    stranger, told = Caller(theirs.token), acts(mine, rows, b"x", b"x") | more_acts(mine, rows)
    wrong, walked = [], 0
    for name, method, path, operation in described:
        if "uuid" not in str([one for one in operation.get("parameters", ()) if one["in"] == "path"]):
            continue
        body, query, _ = told.get(name, ({}, "", None)) if method != "GET" else (None, "", None)
        if name in ("correct_patient_record", "change_entered_visit", "correct_claim_fields"):
            body = (
                {"reason": "x", "entry": {}}
                if "claim" in name
                else {}
                if "patient" in name
                else {"date_from": "2026-09-01", "rendering_npi": "1"}
            )
        answer = stranger(method, address(path, rows, name) + query, body, If_Match='"x"')
        walked += 1
        if answer.status_code != 404:
            wrong.append((name, answer.status_code, answer.content[:200]))
    assert not wrong and walked > 80, wrong


def test_the_description_and_the_client_are_those_that_are_committed():
    from claimwright.web.api.write_client import texts

    stale = [str(path) for path, text in texts().items() if not path.exists() or path.read_text() != text]
    assert not stale, "run python -m claimwright.web.api.write_client"


def test_every_operation_names_a_permission_and_a_reading_one_only_reads(described):
    from claimwright.web.workbench.policies import OF_PERMISSION

    for name, method, _, operation in described:
        policy = OF_PERMISSION[operation["x-permission"]]
        headers = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"}
        assert method == "GET" or not policy.only_reads or "Idempotency-Key" not in headers, name
        assert "default" in operation["responses"], name
    assert len(described) > 400
