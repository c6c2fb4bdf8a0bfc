"""Every address as every role, and every address with another tenant's ids: as the table declares, nothing else.

For whole requests the views are replaced by one that answers 299, so that they ask what stands before the view; what
stands in the views is asked by the walk with foreign ids, as the owner, whom no policy stops.
"""

from __future__ import annotations

import re
import uuid

import pytest
from django.http import HttpRequest, HttpResponse

REACHED = 299
BACKEND = "django.contrib.auth.backends.ModelBackend"
SHAPES = {
    "uuid": lambda name: uuid.UUID(int=7),
    "slug": lambda name: "x",
    "str": lambda name: "x",
    "int": lambda name: 7,
}


class Reached:
    """Stands after all other middleware and answers in place of each view."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs) -> HttpResponse:
        return HttpResponse(status=REACHED)


def addresses():
    """(name, address with made-up parts, names of its uuid parts) of every address outside Django's administration."""
    from tests.house.test_policies import addresses as declared

    for name, pattern in declared():
        ids = re.findall(r"<uuid:(\w+)>", pattern)
        yield name, "/" + re.sub(r"<(\w+):(\w+)>", lambda part: str(SHAPES[part[1]](part[2])), pattern), ids


@pytest.fixture(scope="module")
def staff(offices):
    """Clients of one person a role, signed in; and of somebody who is not."""
    from django.test import Client

    from claimwright.web.core.models import User

    signed_in = {"": Client()}
    for role in User.Role:
        signed_in[role] = Client()
        user = User.objects.create(
            username=f"one-{role}", tenant=offices[0].tenant, role=role
        )  # has no password to hash
        signed_in[role].force_login(user, backend=BACKEND)
    return signed_in


def wanted(name, role):
    from claimwright.web.workbench.policies import OF_ADDRESS, OWN, is_public

    if is_public(name):
        return REACHED
    if not role:
        return 302
    if name in OWN:
        return REACHED
    return REACHED if role in OF_ADDRESS[name].roles else 403


def is_read(name):
    from claimwright.web.workbench.policies import OF_ADDRESS

    return name not in OF_ADDRESS or OF_ADDRESS[name].only_reads


def test_every_cell_of_role_and_address_is_as_declared(offices, monkeypatch):
    """All cells at the door itself; the page of a refusal, slow to draw thousands of times, is another test's."""
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory
    from django.urls import resolve

    from claimwright.web.core.models import User
    from claimwright.web.workbench import doorkeeper
    from claimwright.web.workbench.policies import OF_ADDRESS

    monkeypatch.setattr(doorkeeper, "_refused", lambda request, address: HttpResponse(status=403))
    door = doorkeeper.Doorkeeper(lambda request: HttpResponse(status=REACHED))
    people = {"": AnonymousUser()} | {
        role: User(username=role, role=role, tenant=offices[0].tenant) for role in User.Role
    }
    wrong, cells = [], 0
    for name, address, _ in addresses():
        match = resolve(address)
        assert match.view_name == name
        for role, person in people.items():
            for method in ("GET", "POST", "PUT", "DELETE"):
                request = RequestFactory().generic(method, address)
                request.user, request.resolver_match = person, match
                answer = door.process_view(request, match.func, (), match.kwargs)
                status = REACHED if answer is None else answer.status_code
                due = wanted(name, role)
                if due == REACHED and is_read(name) and method != "GET" and name in OF_ADDRESS:
                    due = 405
                cells += 1
                if status != due:
                    wrong.append((name, role, method, status, due))
    assert not wrong and cells > 10_000


def test_whole_requests_are_let_in_and_refused_as_declared(staff, monkeypatch):
    """Each address twice through every middleware: as one role that may and one that may not, all roles in turn."""
    from django.conf import settings

    monkeypatch.setattr(settings, "MIDDLEWARE", [*settings.MIDDLEWARE, f"{__name__}.Reached"])
    for one in staff.values():
        monkeypatch.setattr(one.handler, "_middleware_chain", None)  # each makes its own again, with the one above
    wrong, asked = [], set()
    for number, (name, address, _) in enumerate(addresses()):
        for due in (REACHED, 403, 302):
            roles = [role for role in staff if wanted(name, role) == due]
            if roles:
                role = roles[number % len(roles)]
                asked.add((role, due))
                client = staff[role]
                answer = (client.get if is_read(name) else client.post)(address).status_code
                if answer != due:
                    wrong.append((name, role, answer, due))
    assert not wrong
    assert len(asked) >= 15, asked


def test_no_act_is_done_by_a_get(staff):
    """As the owner, on the real views: an address that acts answers a GET with 405, unless it is the page of a form."""
    from claimwright.web.workbench.policies import POLICIES

    forms = {
        "new_patient", "edit_patient", "new_visit", "edit_visit", "new_authorization", "edit_authorization", "fix",
        "change_claim", "correct_claim", "ask_authorization", "claim_authorizations", "key_eligibility", "new_rule", "edit_rule", "paper",
        "correct_visit_charges",
    }  # fmt: skip
    acting = {name for policy in POLICIES if not policy.only_reads for name in policy.addresses.split()}
    answers = {
        name: staff["owner"].get(address).status_code for name, address, _ in addresses() if name in acting - forms
    }
    assert {name: answer for name, answer in answers.items() if answer != 405} == {}


def foreign(office):
    """Ids of the other tenant's rows, by the name of the part of an address that takes them; all of its rows' ids."""
    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.tenancy import tenant_scope

    found = {}
    with tenant_scope(office.tenant):
        for model in tenant_models():
            row = model.objects.order_by("pk").values_list("pk", flat=True).first()
            if row is not None:
                found[model._meta.model_name] = row
        found["version"], found["claim"] = office.held.pk, office.held.claim_id
        found["finding"], found["item"] = found["editfinding"], found["workitem"]
        found["received_file"], found["sent_file"] = office.remittance.part.file_id, office.outgoing.pk
        found["claim_payment"], found["coverage"] = found["claimpayment"], found["patientcoverage"]
        found["adjustment"], found["receipt"] = found["provideradjustment"], found["patientreceipt"]
    return found


def test_another_tenants_ids_are_found_on_no_address(staff, theirs):
    """Every address with an id, by GET or POST as it takes, with an id of the other tenant's row of that kind."""
    from claimwright.web.workbench.policies import OF_ADDRESS

    rows = foreign(theirs)
    walked, met, leaked = 0, set(), []
    for name, address, ids in addresses():
        if not ids or name not in OF_ADDRESS:
            continue
        for part in ids:
            kind = part.removesuffix("_id")
            met |= {kind} & set(rows)
            address = address.replace(str(uuid.UUID(int=7)), str(rows.get(kind, rows["patient"])), 1)
        client = staff["owner"]
        answer = client.get(address)
        if answer.status_code == 405:
            answer = client.post(address, {"reason": "x", "next": "/"})
        walked += 1
        if answer.status_code != 404 or "Other Practice" in answer.content.decode(errors="replace"):
            leaked.append((name, answer.status_code))
    assert not leaked
    assert walked > 100 and {"claim", "version", "patient", "remittance", "denial", "statement", "practice"} <= met


def test_a_role_counts_from_the_next_request_and_a_disabled_person_is_out(offices):
    from django.test import Client

    from tests.lib.web_data import a_user

    user = a_user(offices[0].tenant, "moving", "poster")
    client = Client()
    client.force_login(user, backend=BACKEND)
    assert client.get("/bank/").status_code == 200
    user.role = "front_desk"
    user.save()
    refused = client.get("/bank/")
    assert refused.status_code == 403
    text = refused.content.decode()
    assert "Your role, Front desk, may not see the bank" in text
    assert 'href="/bank/"' not in text and 'href="/counter/"' in text
    user.role = "poster"
    user.is_active = False
    user.save()
    assert client.get("/bank/").headers["Location"] == "/login/?next=/bank/"


def test_a_refusal_is_in_the_audit_log_and_changes_nothing(staff, mine):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    before = mine.ready.state
    assert staff["auditor"].post(f"/claims/versions/{mine.ready.pk}/hold/", {"reason": "x"}).status_code == 403
    with tenant_scope(mine.tenant):
        last = AuditEvent.objects.order_by("-sequence").first()
        mine.ready.refresh_from_db()
    assert (last.actor, last.action, last.subject_id) == ("one-auditor", "access.refused", "hold")
    assert mine.ready.state == before


def test_an_address_without_a_row_is_refused_even_to_the_owner(staff, monkeypatch):
    from claimwright.web.workbench import policies

    monkeypatch.delitem(policies.OF_ADDRESS, "claims")
    refused = staff["owner"].get("/claims/")
    assert refused.status_code == 403 and "Nobody may open this address" in refused.content.decode()


def test_worklists_of_money_are_not_the_desks(staff, mine):
    """In its address, its file, its items and on the page that begins the day."""
    from claimwright.web.core.models import WorkItem
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(mine.tenant):
        item = WorkItem.objects.get(worklist="unmatched_payments")
    desk = staff["front_desk"]
    for address in ("/worklists/unmatched_payments/", "/worklists/unmatched_payments.csv"):
        assert desk.get(address).status_code == 403 and staff["poster"].get(address).status_code == 200
    assert desk.post(f"/worklists/items/{item.pk}/done/", {"resolution": "x"}).status_code == 404
    title = "Payments for unknown claims"
    assert title in staff["poster"].get("/").content.decode() and title not in desk.get("/").content.decode()
    trace = mine.remittance.trace_number
    address = f"/remittances/{mine.remittance.pk}/"
    assert address in staff["poster"].get("/search/", {"q": trace}, follow=True).request["PATH_INFO"]
    found = desk.get("/search/", {"q": trace})
    assert found.status_code == 200 and "Nothing is found" in found.content.decode()
    assert address not in found.content.decode()
