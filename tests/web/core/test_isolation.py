"""The database itself keeps tenants apart and the ledger append-only, whatever the application does."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest


def a_transfer(key="t1"):
    from claimwright.web.accounts.models import LedgerTransfer

    return LedgerTransfer(
        key=key, debit_kind="RECEIVABLE", debit_bucket="INS1", debit_subject="L1", credit_kind="REVENUE",
        credit_subject="P", amount=Decimal("10.00"), entry_type="CHARGE", effective_date=date(2026, 9, 1),
        posted_at=datetime(2026, 9, 1, tzinfo=UTC), posted_on=date(2026, 9, 1), actor="test", journal=uuid.uuid4(),
    )  # fmt: skip


def post(*rows):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core import chain

    chain.append(LedgerTransfer, rows)


def test_a_tenant_sees_only_its_own_rows(tenant, other_tenant):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        post(a_transfer())
        assert LedgerTransfer.objects.count() == 1
    with tenant_scope(other_tenant):
        assert LedgerTransfer.objects.count() == 0
    assert LedgerTransfer.objects.count() == 0  # no scope, no rows


def test_writing_for_another_tenant_is_refused(tenant, other_tenant):
    from django.db import Error

    from claimwright.web.core.models import Counter
    from claimwright.web.core.tenancy import NoTenant, tenant_scope

    with pytest.raises(Error), tenant_scope(tenant):
        Counter.objects.create(name="x", tenant=other_tenant)
    with pytest.raises(Error):
        Counter.objects.create(name="x")
    with pytest.raises(NoTenant), tenant_scope(tenant), tenant_scope(other_tenant):
        pass


ATTACKS = [
    "UPDATE accounts_ledgertransfer SET amount = 1",
    "UPDATE accounts_ledgertransfer SET hash = 'x' WHERE key = 't1'",
    "DELETE FROM accounts_ledgertransfer",
    "TRUNCATE accounts_ledgertransfer",
    "TRUNCATE accounts_ledgertransfer CASCADE",
    "DELETE FROM core_tenant",
    "DROP TABLE accounts_ledgertransfer",
    "DROP TRIGGER accounts_ledgertransfer_append_only ON accounts_ledgertransfer",
    "ALTER TABLE accounts_ledgertransfer DISABLE TRIGGER ALL",
    "ALTER TABLE accounts_ledgertransfer DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE accounts_ledgertransfer NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant_isolation ON accounts_ledgertransfer",
    "CREATE POLICY all_rows ON accounts_ledgertransfer USING (true)",
    "SET session_replication_role = replica",
    "SET ROLE claimwright_owner",
    "SET ROLE postgres",
    "ALTER TABLE accounts_ledgertransfer OWNER TO claimwright_app",
    "GRANT ALL ON accounts_ledgertransfer TO claimwright_app",
    """INSERT INTO accounts_ledgertransfer SELECT * FROM accounts_ledgertransfer
       ON CONFLICT (tenant_id, key) DO UPDATE SET amount = 1""",
    "MERGE INTO accounts_ledgertransfer t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_serving_role_cannot_change_the_ledger(tenant, attack):
    from django.db import Error, connection

    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        post(a_transfer())
        before = list(LedgerTransfer.objects.values())
    refused = False
    try:
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(attack)
    except Error:
        refused = True
    with tenant_scope(tenant):
        assert list(LedgerTransfer.objects.values()) == before
        assert refused or attack.startswith("GRANT")  # a grant of what one does not own is a warning without effect


def test_every_tenant_table_is_forced_and_keyed(tenant):
    from django.db import connection

    from claimwright.web.core.isolation import assert_isolated, tenant_models

    assert_isolated()
    assert len(tenant_models()) > 25
    with connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE conname LIKE '%\\_tenant\\_row'")
        keyed = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in tenant_models()} <= keyed


def test_a_child_of_another_tenants_parent_is_refused(tenant, other_tenant):
    from django.db import IntegrityError

    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Practice, PracticeIdentifier

    with tenant_scope(other_tenant):
        theirs = Practice.objects.create(name="Theirs", npi="1000000004", tax_id="123456789")
    with pytest.raises(IntegrityError), tenant_scope(tenant):
        PracticeIdentifier.objects.create(practice_id=theirs.pk, kind="NPI", value="x", start=date(2020, 1, 1))


def test_the_owner_is_refused_as_a_serving_role(tenant):
    from django.db import connections

    from claimwright.web.core.isolation import NotIsolated, assert_isolated

    user = connections["default"].settings_dict["USER"]
    try:
        connections["default"].close()
        connections["default"].settings_dict["USER"] = "claimwright_owner"
        with pytest.raises(NotIsolated):
            assert_isolated()
    finally:
        connections["default"].close()
        connections["default"].settings_dict["USER"] = user


def test_counters_never_repeat(tenant):
    from claimwright.web.core.services import next_number
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        assert [next_number(name="isa"), next_number(name="isa", count=5), next_number(name="isa")] == [1, 2, 7]


def test_the_chain_shows_an_edit(tenant):
    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core import chain
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        post(a_transfer("a"), a_transfer("b"))
        post(a_transfer("c"))
        rows = list(LedgerTransfer.objects.order_by("sequence"))
    previous = chain.GENESIS
    for row in rows:
        assert row.previous_hash == previous
        assert row.hash == chain.link(previous, row.chain_payload())
        previous = row.hash
    rows[1].amount = Decimal("10.01")
    assert chain.link(rows[0].hash, rows[1].chain_payload()) != rows[1].hash


def test_the_auditor_looks_after_every_table_of_which_rows_are_only_added(tenant):
    from django.apps import apps

    from claimwright.auditor.ledger import APPEND_ONLY

    tables = {model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)}
    assert set(APPEND_ONLY) == tables
