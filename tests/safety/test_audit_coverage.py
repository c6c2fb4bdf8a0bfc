"""Every reading and every change of patients' data leaves a row in the audit log: each address of the table is opened."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import resolve

from tests.conftest import _two_tenants
from tests.house.test_policies import addresses
from tests.lib.web_data import a_practice_at_work, a_user

# Pages that show no patient's data; why. Anything else must leave a row.
NOTHING_OF_PATIENTS = {
    "home": "counts and sums",
    "find_codes": "code sets", "find_price": "prices of a code", "find_level": "a level from what is typed",
    "edits": "the catalogue", "edit": "one edit's page", "letter_templates": "letters without a patient",
    "rule_proposals": "edits that denials ask for: reasons and counts",
    "setup": "prices and rules", "contracts": "terms with payers", "contract": "terms with one payer",
    "rules": "local edits", "rule": "one local edit", "new_rule": "a form for one", "edit_rule": "a form for one",
    "code_sets": "what is loaded", "charge_master": "prices", "price_import": "prices that would change",
    "clients": "what the billing service earns", "client": "what one client pays", "invoice_paper": "an invoice to a client",
    "takeovers": "which sets were loaded", "takeover_template": "an empty file", "jobs": "the office's jobs",
    "new_patient": "an empty form",
    "settings": "which settings there are, and how many of each", "settings_practice": "the practice's own name and numbers",
    "settings_policies": "what a practice does as a rule", "settings_providers": "who renders care",
    "settings_provider": "one provider's numbers", "settings_new_provider": "an empty form",
    "settings_locations": "where care is given", "settings_location": "one place", "settings_new_location": "an empty form",
    "settings_payers": "payers", "settings_payer": "one payer's ids and limits",
    "settings_payer_rules": "what a payer asks of claims",
    "settings_posting": "what posts by itself: reasons and counts", "settings_connections": "trading partners",
    "settings_connection": "one partner's address", "settings_new_connection": "an empty form",
    "settings_new_practice": "an empty form", "settings_new_payer": "kinds of payers", "settings_new_payer_of": "an empty form",
    "settings_first_claim": "what a practice's set-up lacks", "settings_enrolments": "a practice and its payers",
    "settings_enrolment": "a practice and one payer", "settings_new_enrolment": "an empty form",
    "help_index": "the documentation", "help_page": "the documentation",
    "programs": "tokens of programs", "program_endpoint": "where one is told of events, and what came of it",
}  # fmt: skip
# The same of operations of the API: what a program may read without a row.
NOTHING_FOR_PROGRAMS = {
    "list_bank_accounts": "names and last four digits", "list_contracts": "terms", "read_contract": "terms",
    "list_rates": "terms", "list_prices": "prices", "list_payers": "payers", "read_payer": "a payer",
    "list_practices": "practices", "list_providers": "providers", "list_locations": "places",
    "list_figures": "sums", "list_reports": "which reports there are", "list_jobs": "jobs",
    "list_job_runs": "runs of jobs", "read_job_run": "a run of a job", "list_worklists": "counts",
    "read_first_claim": "what a practice's set-up lacks", "list_enrolments": "a practice and its payers",
    "read_payer_settings": "a payer's ids and limits", "read_payer_rules": "what a payer asks", "list_code_set_endings": "code sets",
    "check_contract_price": "a price", "check_price": "a price", "find_visit_level": "a code", "search_codes": "codes",
    "list_code_sets": "code sets", "list_edits": "the edits", "list_rules": "own rules", "list_price_imports": "prices",
    "read_price_import": "prices", "list_agencies": "agencies", "list_agency_files": "names of files",
    "list_connections": "partners", "list_drawers": "sums", "list_slips": "sums", "list_paper": "checks of payers",
    "list_mail_batches": "counts", "list_following_steps": "counts and sums", "list_denial_trends": "counts and sums",
    "list_letters": "templates", "list_rule_proposals": "counts", "list_interfaces": "senders",
    "read_interface": "a sender, its ids of providers and payers", "list_takeovers": "sums",
    "download_takeover_template": "made-up rows", "read_month": "counts and sums", "list_closed_days": "sums",
    "prove_a_month": "hashes", "prove_audit_log": "hashes", "list_clients": "practices and what they owe",
    "read_client": "sums", "draft_client_invoice": "sums", "read_client_invoice": "sums", "list_costs": "costs",
    "list_trends": "sums", "list_payer_automation": "payers", "list_never_automatic": "reasons",
    "read_practice_settings": "a practice", "read_practice_policies": "numbers", "read_provider_settings": "a provider",
    "read_location_settings": "a place",
    "list_webhooks": "a program's own endpoints", "list_deliveries": "what came of its messages",
}  # fmt: skip
# Where the view or the service itself writes the row, with the subject that it found.
THEMSELVES = {
    "new_visit": "patient.read", "new_authorization": "patient.read", "card_image": "card.read",
    "document_content": "document.read", "search": "patient.list, where it answers with names",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def django_ready():
    import django

    django.setup()


@pytest.fixture(scope="module")
def office(module_database):
    from claimwright.web.core.tenancy import tenant_scope

    tenant = _two_tenants()[0]
    with tenant_scope(tenant):
        made = a_practice_at_work()
    made.tenant, made.user = tenant, a_user(tenant, "owner", "owner")
    return made


@pytest.fixture(scope="module")
def client(office):
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.force_login(office.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _view(name, pattern):
    address = "/" + re.sub(
        r"<(\w+):\w+>", lambda part: {"uuid": str(uuid.UUID(int=7)), "int": "7"}.get(part[1], "x"), pattern
    )
    return address, resolve(address).func


def unaudited():
    """Names of addresses of the table whose view names no action of the audit log and has no reason for it."""
    from claimwright.web.workbench.policies import OF_ADDRESS

    found = []
    for name, pattern in addresses():
        if name in OF_ADDRESS and not getattr(_view(name, pattern)[1], "audits", ""):
            found.append(name)
    return found


def test_every_page_and_act_names_what_it_writes_or_shows_no_patient():
    found = set(unaudited())
    assert found - set(NOTHING_OF_PATIENTS) - set(THEMSELVES) == set(), "give the page reads= (pages.page)"
    assert set(NOTHING_OF_PATIENTS) <= found, "these write a row now: take them out of the list"


def test_every_reading_of_a_program_is_in_the_log_or_shows_no_patient():
    """What acts leaves a row by itself (web/api/door.py); of what reads, the declaration says so."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns  # every operation is declared
    from claimwright.web.api.door import OPERATIONS

    quiet = {one.name for (method, _), one in OPERATIONS.items() if method == "GET" and not one.reads}
    assert quiet - set(NOTHING_FOR_PROGRAMS) == set(), "declare the operation with reads=True"
    assert set(NOTHING_FOR_PROGRAMS) <= quiet and len(OPERATIONS) > 100


def test_the_check_sees_a_page_that_writes_nothing(monkeypatch):
    from claimwright.web.workbench import patient

    monkeypatch.setattr(patient.patient, "audits", "")
    assert "patient" in unaudited()


def _ids(office):
    """Ids of the practice's rows, by the name of the part of an address that takes them."""
    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.tenancy import tenant_scope

    found = {}
    with tenant_scope(office.tenant):
        for model in tenant_models():
            row = model.objects.order_by("pk").values_list("pk", flat=True).first()
            if row is not None:
                found[model._meta.model_name] = row
    found |= {
        "version": office.held.pk, "claim": office.held.claim_id, "received_file": office.remittance.part.file_id,
        "sent_file": office.outgoing.pk, "finding": found["editfinding"], "item": found["workitem"],
        "claim_payment": found["claimpayment"], "coverage": found["patientcoverage"],
        "adjustment": found["provideradjustment"], "receipt": found["patientreceipt"],
    }  # fmt: skip
    return found


def _rows(tenant):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        return AuditEvent.objects.count()


TEXTS = {"worklist": "edit_holds", "report": "aging", "form": "csv", "code": "x"}


def test_each_address_opened_leaves_a_row(office, client):
    """All pages by GET, all acts by POST, as the owner with ids of real rows. What was not found was not shown."""
    from claimwright.web.workbench.policies import OF_ADDRESS

    ids, silent, reached = _ids(office), [], 0
    for name, pattern in addresses():
        if name not in OF_ADDRESS:
            continue

        def part(found):
            kind = found[2].removesuffix("_id")
            return str(ids.get(kind, ids.get(kind.replace("_", ""), uuid.UUID(int=7)))) if found[1] == "uuid" else "x"

        address = "/" + re.sub(r"<(\w+):(\w+)>", part, pattern)
        before = _rows(office.tenant)
        answer = client.get(address, {"q": "Lee", "patient": str(ids["patient"])})
        if answer.status_code == 405:
            answer = client.post(address, {"reason": "x", "next": "/"})
        if answer.status_code >= 400 or answer.status_code == 302 and answer.request["REQUEST_METHOD"] == "GET":
            continue  # not found, or sent elsewhere: nothing was shown
        reached += 1
        if _rows(office.tenant) == before and name not in NOTHING_OF_PATIENTS:
            silent.append((name, answer.status_code))
    assert not silent
    assert reached > 120, reached


def actions_of_the_code():
    from pathlib import Path

    import claimwright

    text = "\n".join(path.read_text() for path in Path(claimwright.__file__).parent.glob("web/**/*.py"))
    found = set(re.findall(r"(?:action|does|reads)=\s*\"([a-z_]+(?:\.[a-z_.]+)?)\"", text))
    return {one for one in found if "." in one or one in ("intake", "takeover")}


def test_every_action_has_plain_words():
    from claimwright.web.workbench.audit_words import THINGS, action_words

    actions = actions_of_the_code()
    assert len(actions) > 250
    unknown = {one.partition(".")[0] for one in actions} - set(THINGS)
    assert not unknown, "name the thing in workbench/audit_words.py"
    for one in actions:
        assert "_" not in action_words(one) and action_words(one)[0].isupper(), one
    assert action_words("claim.hold") == "Claim: held"
    assert action_words("claim.hold_asked") == "Claim: hold, button pressed"
