"""The audit of a day finds what the full audit finds: in rows of the day, and in rows that were proved before."""

from __future__ import annotations

import msgspec
import psycopg
import pytest

from tests.web.auditor.test_corruptions import FIRST, PLANTED

UNPROVED = (0, "0" * 64)


def _conninfo(books):
    from django.conf import settings

    return f"host={books.host} dbname={books.name} user={settings.DATABASES['default']['USER']}"


def _auditor(books, proof=None):
    from claimwright.auditor.daily import DailyAuditor

    auditor = DailyAuditor(_conninfo(books), books.tenant)
    auditor.proof = proof
    return auditor


def _nothing_proved():
    from claimwright.auditor.daily import Proof

    return Proof(3, {}, UNPROVED, UNPROVED)  # 3 is the first transaction a database can have


@pytest.fixture(scope="module")
def proof(made):
    """The whole books proved once; a copy of the database keeps the transactions its rows were written by."""
    auditor = _auditor(made)
    assert auditor.audit().faults == () and auditor.was_full
    return auditor.proof


def test_every_check_of_the_full_audit_is_in_the_daily_one():
    from claimwright.auditor import daily, ledger, structure
    from claimwright.auditor.run import checks

    apart = {ledger.chains_hold, structure.children_have_parents_of_their_tenant}
    there = [check.title for group in daily.groups() for check in group.checks]
    wanted = [check.title for check in checks() if check.look not in apart]
    assert sorted(there) == sorted(wanted)


def test_notes_that_may_go_are_read_by_no_check_and_pointed_to_by_no_row(made):
    """So a day on which one of them goes is audited by its part: that the row is gone hides no fault."""
    from pathlib import Path

    from claimwright import auditor
    from claimwright.auditor.daily import PASSING, tables
    from claimwright.auditor.structure import FOREIGN_KEYS

    rooms = [path.read_text() for path in Path(auditor.__file__).parent.glob("*.py") if path.name != "daily.py"]
    assert not [table for table in PASSING if any(table in text for text in rooms)]
    administrator = psycopg.connect(host=made.host, user="postgres", dbname=made.name)
    with administrator, administrator.cursor() as cursor:
        assert set(tables(cursor)) >= PASSING
        cursor.execute(FOREIGN_KEYS)
        assert not [row for row in cursor.fetchall() if row[2] in PASSING]


def test_a_quiet_day_examines_little_and_a_day_of_everything_all(made, proof):
    quiet, everything = _auditor(made, proof), _auditor(made, _nothing_proved())
    assert quiet.audit().faults == () and not quiet.was_full
    report = everything.audit()
    assert report.faults == () and not everything.was_full
    whole = _auditor(made).audit()
    counted = {check.title: check.examined for check in report.checks}
    for check in whole.checks:
        if check.title in counted and check.invariant != "I12":
            assert counted[check.title] == check.examined, check.title


def test_every_planted_fault_is_found_in_rows_of_the_day_and_in_rows_proved_before(copy, proof):
    """One after the other, each undone by a rollback. Of rows of the day the part alone must tell."""
    from claimwright.auditor import daily
    from claimwright.web.database import APPLICATION_ROLE

    missed = []
    with psycopg.connect(host=copy.host, user="postgres", dbname=copy.name) as administrator:
        for name, (invariant, subject, says, statements) in PLANTED.items():
            with administrator.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                for statement in statements:
                    cursor.execute(statement.replace("{first}", FIRST).format(tenant=copy.tenant, other=copy.other))
                cursor.execute(f"SET LOCAL ROLE {APPLICATION_ROLE}")
                with administrator.transaction(force_rollback=True):
                    before = _auditor(copy, msgspec.structs.replace(proof)).audit_within(cursor, keep=False)
                cursor.execute("SELECT set_config('claimwright.tenant', %s, true)", [copy.tenant])
                nothing = _nothing_proved()
                of_the_day = daily.audit_part(cursor, daily.touched(cursor, daily.tables(cursor), nothing), nothing)
            administrator.rollback()
            for when, report in (("proved before", before), ("of the day", of_the_day)):
                found = [fault for fault in report.faults if fault.invariant == invariant]
                if not any(fault.subject.startswith(subject) and says in fault.message for fault in found):
                    missed.append((name, when, report.faults))
    assert missed == []


def test_a_transaction_that_is_open_while_the_books_are_proved_costs_no_full_audit(copy):
    """Rows written behind its back are seen again the next day: as those that were proved, unless written once more."""
    rewrite = "UPDATE core_auditevent SET detail = detail WHERE sequence = 1 AND tenant_id = '{tenant}'"
    auditor = _auditor(copy)
    with psycopg.connect(host=copy.host, user="postgres", dbname=copy.name) as open_meanwhile:
        open_meanwhile.execute("SELECT pg_current_xact_id()")
        copy.spoil(rewrite)
        assert auditor.audit().faults == () and auditor.was_full
        for _ in range(2):
            assert auditor.audit().faults == () and not auditor.was_full
    assert auditor.audit().faults == () and not auditor.was_full
    copy.spoil(rewrite)
    assert auditor.audit().faults == () and auditor.was_full
