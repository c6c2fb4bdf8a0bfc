"""The audit log as a page: filters, the proof, who saw one record, disclosures, and files out that are rows themselves."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import pytest

from tests.conftest import _two_tenants
from tests.lib.web_data import a_practice_at_work, a_user

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="module")
def office(module_database):
    from claimwright.web.core.tenancy import tenant_scope

    first, second = _two_tenants()
    with tenant_scope(second):
        other = a_practice_at_work()
    with tenant_scope(first):
        made = a_practice_at_work()
        made.patient = made.held.claim.patient
    with tenant_scope(second):
        made.strangers_id = other.held.claim.patient_id
    made.tenant = first
    made.people = {role: a_user(first, f"one-{role}", role) for role in ("auditor", "biller", "manager", "front_desk")}
    return made


def _client(office, role):
    from django.test import Client

    client = Client()
    client.force_login(office.people[role], backend=BACKEND)
    return client


def _patient(office):
    return office.patient


def _text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_the_log_is_filtered_by_person_thing_patient_and_day(office):
    biller, auditor = _client(office, "biller"), _client(office, "auditor")
    patient = _patient(office)
    biller.get(f"/patients/{patient.pk}/")
    biller.get(f"/claims/{office.held.claim_id}/")
    text = _text(auditor.get("/audit/", {"actor": "one-biller"}))
    assert "Patient: opened" in text and "Claim: opened" in text
    text = _text(auditor.get("/audit/", {"actor": "one-biller", "thing": "patient"}))
    assert "Patient: opened" in text and "Claim: opened" not in text
    text = _text(auditor.get("/audit/", {"actor": "one-biller", "action": "claim.read"}))
    assert "Only “Claim: opened”" in text and "Patient: opened" not in text and "Every action" in text
    text = _text(auditor.get("/audit/", {"patient": patient.record_number, "actor": "one-biller"}))
    assert "Patient: opened" in text and "Claim: opened" in text, "the claim is the patient's"
    assert "No patient has this record number" in _text(auditor.get("/audit/", {"patient": "nobody"}))
    tomorrow = (date(2026, 9, 30) + timedelta(days=2)).isoformat()
    assert "Nothing was seen or done" in _text(auditor.get("/audit/", {"from": tomorrow}))
    assert _client(office, "biller").get("/audit/").status_code == 403


def test_taking_it_out_is_a_row_of_the_log_itself(office):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope

    auditor = _client(office, "auditor")
    answer = auditor.get("/audit/", {"as": "csv", "thing": "patient"})
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    assert answer.content.decode("utf-8-sig").splitlines()[0].startswith("Number,When (UTC),Person,What")
    book = zipfile.ZipFile(io.BytesIO(auditor.get("/audit/", {"as": "xlsx"}).content))
    assert "one-auditor" in book.read("xl/worksheets/sheet1.xml").decode()
    with tenant_scope(office.tenant):
        assert AuditEvent.objects.filter(action="audit.export", actor="one-auditor").count() == 2


def test_the_proof_says_whole_or_names_the_row(office, postgres):
    import psycopg
    from django.db import connection

    auditor = _client(office, "auditor")
    assert "Every row is as it was written" in _text(auditor.get("/audit/proof/"))
    name = connection.settings_dict["NAME"]
    change = "UPDATE core_auditevent SET actor = %s WHERE tenant_id = %s AND sequence = 2"
    with psycopg.connect(host=str(postgres.socket), user="postgres", dbname=name, autocommit=True) as administrator:
        administrator.execute("SET session_replication_role = replica")
        was = administrator.execute(
            "SELECT actor FROM core_auditevent WHERE tenant_id = %s AND sequence = 2", [office.tenant.pk]
        ).fetchone()[0]
        administrator.execute(change, ["nobody", office.tenant.pk])
        text = _text(auditor.get("/audit/proof/"))
        administrator.execute(change, [was, office.tenant.pk])
    assert "The log was changed: 1 fault." in text and "its content was changed" in text
    assert "Every row is as it was written" in _text(auditor.get("/audit/proof/"))


def test_who_saw_a_record_counts_what_hangs_on_it_and_files_it_lies_in(office):
    biller, manager = _client(office, "biller"), _client(office, "manager")
    patient = _patient(office)
    biller.get(f"/claims/{office.held.claim_id}/")
    biller.get(f"/files/sent/{office.outgoing.pk}/")
    text = _text(manager.get(f"/patients/{patient.pk}/seen/"))
    assert "one-biller" in text and "Claim: opened" in text
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.audit_trail import subjects_of
    from claimwright.web.submissions.models import Submission

    with tenant_scope(office.tenant):
        sent = Submission.objects.select_related("version__claim__patient").first()
        inside = subjects_of(sent.version.claim.patient)
        assert {str(sent.file_id), str(sent.version_id), str(sent.version.claim_id)} <= inside
        strangers = {str(one.pk) for one in type(patient).objects.exclude(pk=sent.version.claim.patient_id)}
        assert not strangers & inside
    other = office.strangers_id
    assert manager.get(f"/patients/{other}/seen/").status_code == 404


def test_disclosures_are_recorded_told_to_the_patient_and_withdrawn(office):
    from claimwright.web.core.models import AuditEvent
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Disclosure

    desk, auditor, patient = _client(office, "front_desk"), _client(office, "auditor"), _patient(office)
    page = f"/patients/{patient.pk}/disclosures/"
    assert "Nothing was disclosed" in _text(desk.get(page))
    form = {"disclosed_on": "2026-09-01", "basis": "court", "recipient": "County Court", "address": "1 Main St, Reno NV",
            "what": "Visit notes of 2025", "purpose": "Subpoena 26-114"}  # fmt: skip
    assert "Not recorded: say why" in _text(desk.post(f"{page}record/", {**form, "basis": "payment"}, follow=True))
    assert "Recorded." in _text(desk.post(f"{page}record/", form, follow=True))
    text = _text(auditor.get(page))
    assert "County Court" in text and "1 Main St, Reno NV" in text and "Record a disclosure" not in text
    withheld = {**form, "basis": "oversight", "recipient": "State board", "withheld_until": "2026-12-31"}
    desk.post(f"{page}record/", withheld)
    assert "kept from the patient until 12/31/2026" in _text(auditor.get(page))
    pdf = auditor.get(f"/patients/{patient.pk}/disclosures.pdf", {"asked": "2026-09-30"})
    assert pdf.content[:5] == b"%PDF-"
    with tenant_scope(office.tenant):
        last = AuditEvent.objects.filter(action="disclosure.accounting").latest("sequence")
        assert last.detail == "asked on 2026-09-30, 1 given" and last.subject_id == str(patient.pk)
        row = Disclosure.objects.get(recipient="County Court")
    assert auditor.post(f"/disclosures/{row.pk}/withdraw/", {"reason": "typed twice"}).status_code == 403
    assert "Withdrawn" in _text(desk.post(f"/disclosures/{row.pk}/withdraw/", {"reason": "typed twice"}, follow=True))
    assert "County Court" not in _text(auditor.get(page))
    foreign = office.strangers_id
    assert desk.post(f"/patients/{foreign}/disclosures/record/", form).status_code == 404


def test_a_refund_turned_over_to_the_state_is_a_disclosure_once(office):
    """What the law makes the office tell the state about a patient is in the accounting without anybody's typing."""
    from types import SimpleNamespace

    from django.db import transaction

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Disclosure
    from claimwright.web.payments.payer_refunds import _disclosed_to_the_state

    patient = _patient(office)
    with tenant_scope(office.tenant):
        refund = SimpleNamespace(pk="7", reference="NV-2026-1")
        _disclosed_to_the_state(refund, patient)
        _disclosed_to_the_state(refund, patient)
        (row,) = Disclosure.objects.filter(key="escheat:7")
        assert row.basis == "required_by_law" and "NV-2026-1" in row.purpose and row.recorded_by
        transaction.set_rollback(True)
