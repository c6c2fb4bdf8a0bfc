"""A person limited to some practices: the database shows the rows of these, whatever asks, and takes no others."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from tests.safety.attacked import BACKEND, CANARIES


@pytest.fixture
def limited(attacked):
    from claimwright.web.core.tenancy import tenant_scope

    def scope():
        return tenant_scope(attacked.tenant, practices=[attacked.granted.pk])

    return scope


def test_every_model_of_a_tenant_says_whose_its_rows_are():
    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.practice_grants import CLOSED, OPEN, THROUGH, ungrouped

    assert ungrouped(tenant_models()) == [], "give it a place in core/practice_grants.py"
    labels = {model._meta.label for model in tenant_models()}
    assert {*THROUGH, *CLOSED, *OPEN} <= labels
    assert not CLOSED & set(OPEN) and not set(THROUGH) & (CLOSED | set(OPEN))


def test_no_row_of_another_practice_is_seen_in_any_table(attacked, limited):
    from claimwright.web.core.isolation import tenant_models
    from claimwright.web.core.practice_grants import OPEN
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(attacked.tenant):
        filled = [model for model in tenant_models() if model.objects.exists()]
    with limited():
        seen = {model: set(model.objects.values_list("pk", flat=True)) for model in tenant_models()}
    leaks = {
        model._meta.label
        for model in tenant_models()
        if model._meta.label not in OPEN and attacked.ids.get(model._meta.model_name) in seen[model]
    }
    assert leaks == set()
    assert len(filled) > 0.75 * len(tenant_models()), attacked.unfilled
    own = {model._meta.label for model in tenant_models() if seen[model] and model._meta.label not in OPEN}
    assert {
        "practice.Practice", "patients.Patient", "patients.PatientCoverage", "charges.Encounter", "submissions.Claim",
        "submissions.ClaimVersion", "submissions.ClaimEvent", "accounts.LedgerTransfer", "core.WorkItem",
    } <= own  # fmt: skip


def test_nothing_is_written_into_another_practice_and_nothing_widens_the_limit(attacked, limited):
    from django.db import Error

    from claimwright.web.core.tenancy import current_practices, every_practice, tenant_scope
    from claimwright.web.patients.models import Patient

    fields = {"record_number": "X1", "last_name": "X", "first_name": "Y", "birth_date": "2000-01-01"}
    with pytest.raises(Error), limited():
        Patient.objects.create(practice_id=attacked.office.practice.pk, **fields)
    with limited():
        assert Patient.objects.filter(pk=attacked.ids["patient"]).update(last_name="Changed") == 0
        with tenant_scope(attacked.tenant):  # a scope inside keeps the limit
            assert not Patient.objects.filter(pk=attacked.ids["patient"]).exists()
        with pytest.raises(ZeroDivisionError), every_practice():
            assert Patient.objects.filter(pk=attacked.ids["patient"]).exists()
            raise ZeroDivisionError  # an error inside ends it too
        assert not Patient.objects.filter(pk=attacked.ids["patient"]).exists()
        assert current_practices() == (attacked.granted.pk,)
    with tenant_scope(attacked.tenant):
        assert Patient.objects.filter(pk=attacked.ids["patient"]).exists() and current_practices() == ()


def test_a_person_without_any_practice_that_exists_sees_nothing(attacked):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.patients.models import Patient
    from claimwright.web.submissions.models import ClaimVersion

    with tenant_scope(attacked.tenant, practices=[uuid.UUID(int=3)]):
        assert not Patient.objects.exists() and not ClaimVersion.objects.exists()


def test_claims_are_found_by_an_index_and_the_grant_is_read_once(attacked, limited):
    """What makes a million claims fast: no policy at all for who sees everything, else one look at the setting a query."""
    from django.db import connection

    from claimwright.web.core.tenancy import tenant_scope

    def plan():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN SELECT * FROM submissions_claim WHERE id = %s", [attacked.granted.pk])
            return "\n".join(line for (line,) in cursor.fetchall())

    with tenant_scope(attacked.tenant):
        free = plan()
    with limited():
        bound = plan()
    assert "Index Scan" in free and "claimwright.practices" not in free and "InitPlan" not in free
    assert "Index Scan" in bound and "InitPlan" in bound and "SubPlan" not in bound


def test_a_limited_persons_posting_joins_the_one_chain(attacked, limited):
    from datetime import date

    from claimwright.ledger.accounts import Account, Kind, receivable
    from claimwright.ledger.transfers import EntryType, Transfer
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.accounts.services import LedgerConflict, post_transfers
    from claimwright.web.core.tenancy import every_practice

    taken = "charge/CW1001"
    own = Account(Kind.REVENUE, str(attacked.granted.pk))

    def transfer(key):
        return Transfer(
            debit=receivable("HCL0", "INS1"), credit=own, amount=Decimal("1.00"), entry_type=EntryType.CHARGE, key=key,
            effective_date=date(2026, 9, 9),
        )  # fmt: skip

    with limited():
        with every_practice():
            head, taken = LedgerTransfer.objects.order_by("-sequence").values_list("sequence", "key").first()
            other = LedgerTransfer.objects.order_by("sequence").values_list("key", flat=True).first()
        from claimwright.web.accounts.models import PeriodEvent

        if not PeriodEvent.objects.exists():
            assert post_transfers(transfers=[transfer("limited/1")]) == 1
            row = LedgerTransfer.objects.get(key="limited/1")
            assert row.sequence == head + 1
        with pytest.raises(LedgerConflict):  # a key of a practice that is not seen is used all the same
            post_transfers(transfers=[transfer(other)])


def test_grants_are_given_on_the_page_and_count_from_the_next_request(attacked):
    from django.test import Client

    from claimwright.web.core.models import AuditEvent, User
    from claimwright.web.core.tenancy import tenant_scope

    owner = User.objects.create(username="grantor", tenant=attacked.tenant, role="owner")
    biller = User.objects.create(username="grantee", tenant=attacked.tenant, role="biller")
    giver, given = Client(), Client()
    giver.force_login(owner, backend=BACKEND)
    given.force_login(biller, backend=BACKEND)
    assert "CW1001" in given.get("/claims/").content.decode() and given.get("/files/").status_code == 200
    address = f"/people/{biller.pk}/practices/"
    assert given.post(address, {"which": "all"}).status_code == 403
    for wrong in ({"which": "some"}, {"which": "some", "practice": "x"}, {"which": "some", "practice": uuid.uuid4()}):
        giver.post(address, wrong)
        biller.refresh_from_db()
        assert biller.practice_ids == []
    giver.post(address, {"which": "some", "practice": str(attacked.granted.pk)})
    assert "Hillcrest Clinic" in giver.get("/people/practices/").content.decode()
    page = given.get("/claims/").content.decode()
    assert "HC2001" in page and not [word for word in CANARIES if word in page]
    refused = given.get("/files/")
    assert refused.status_code == 403 and "some of its practices only" in refused.content.decode()
    assert given.get(f"/patients/{attacked.ids['patient']}/").status_code == 404
    giver.post(address, {"which": "all"})
    assert "CW1001" in given.get("/claims/").content.decode()
    giver.post(f"/people/{owner.pk}/practices/", {"which": "some", "practice": str(attacked.granted.pk)})
    owner.refresh_from_db()
    assert owner.practice_ids == []  # nobody decides on herself
    with tenant_scope(attacked.tenant):
        assert AuditEvent.objects.filter(action="person.practices", subject_id=str(biller.pk)).count() == 2
