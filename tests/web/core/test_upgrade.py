"""An office with work in it is brought up to date: offices kept as older versions left them, and today's migrations.

Migrations of an empty database say little: a new foreign key is checked against rows, a changed column has values, and
row-level security binds the owner who migrates. `tools/keep_office.py` keeps an office of each release.
"""

from __future__ import annotations

import lzma
import re
import subprocess
import uuid
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

KEPT = sorted((Path(__file__).parents[2] / "upgrades").glob("*.dump.xz"))
OURS = ("django_", "auth_", "procrastinate_")  # what frameworks keep changes with each version
CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")
WITH_WORK = ("accounts_ledgertransfer", "submissions_claimversion", "payments_claimpayment", "payments_statement",
             "bank_bankline", "core_auditevent", "exchange_inboxfile", "denials_denial")  # fmt: skip


@pytest.fixture(params=KEPT, ids=lambda path: path.name.partition(".")[0])
def old_office(postgres: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database as the version of that day left it, and not yet touched by this one."""
    from claimwright.web.bootstrap import create_roles_and_database
    from claimwright.web.database import OWNER_ROLE, binaries
    from claimwright.web.operations.backup_restoring import OPTIONS
    from tests.conftest import administrate, close_connections, use_database

    name = f"upgrade_{uuid.uuid4().hex[:12]}"
    create_roles_and_database(str(postgres.socket), name)
    where = f"host={postgres.socket} dbname={name} user={OWNER_ROLE}"
    restore = [str(binaries() / "pg_restore"), *OPTIONS, f"--dbname={where}"]
    subprocess.run(restore, input=lzma.decompress(request.param.read_bytes()), check=True)
    use_database(name)
    yield name
    close_connections()
    administrate(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


def rows(server: Any, name: str) -> dict[str, int]:
    """How many rows each table of ours holds, whoever's they are."""
    import psycopg

    with psycopg.connect(host=str(server.socket), user="postgres", dbname=name) as connection:
        tables = [
            table for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        counts = [f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables if not table.startswith(OURS)]
        return dict(connection.execute(" UNION ALL ".join(counts)).fetchall())


def schema(server: Any, name: str) -> set[str]:
    """Every statement that would make these tables, keys, triggers, functions and policies.

    Without casts of text and brackets: PostgreSQL writes them otherwise in a database that was restored.
    """
    from claimwright.web.database import binaries

    dump = [str(binaries() / "pg_dump"), "--schema-only", "--no-owner", "--no-comments", f"--host={server.socket}"]
    said = subprocess.run([*dump, "--username=postgres", name], check=True, capture_output=True, text=True).stdout
    lines = [line for line in said.splitlines() if not line.startswith(("--", "\\"))]
    return {CASTS.sub("", statement).strip() for statement in "\n".join(lines).split("\n\n")}


def test_an_office_of_an_older_version_is_brought_up_to_date(postgres, old_office, monkeypatch):
    from django.db import IntegrityError, connections

    from claimwright.auditor import audit
    from claimwright.web.bootstrap import connection_text, migrate_all
    from claimwright.web.core.isolation import assert_isolated
    from claimwright.web.core.models import Tenant
    from tests.conftest import databases_of

    before = rows(postgres, old_office)
    assert {table for table in WITH_WORK if not before[table]} == set()
    with monkeypatch.context() as patch:  # canary: a fault that an empty database does not show, as it once was made
        fills = import_module("claimwright.web.payments.migrations.0007_last_decision_filled").Migration.operations
        makes = import_module("claimwright.web.payments.migrations.0006_last_decision").Migration
        patch.setattr(makes, "operations", [*makes.operations, *fills])
        with pytest.raises(IntegrityError, match="violates foreign key"):
            migrate_all()
    del connections["owner"]  # as another process would begin
    migrate_all()  # what was stopped half-way goes on
    after = rows(postgres, old_office)
    assert {table: after.get(table) for table in before} == before
    assert after["submissions_claimmoney"] == before["submissions_claim"] and after["payments_lastdecision"] > 5
    copy = databases_of(postgres).take()  # not the template itself: whoever copies it waits for the last to leave it
    assert schema(postgres, old_office) ^ schema(postgres, copy.name) == set()
    databases_of(postgres).give_back(copy)
    assert_isolated()
    reports = [audit(connection_text(), str(tenant.pk)) for tenant in Tenant.objects.all()]
    assert len(reports) == 2 and [report.faults for report in reports] == [(), ()]
    assert all(sum(check.examined for check in report.checks) > 500 for report in reports)
