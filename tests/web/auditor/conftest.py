"""One set of books for the whole folder, copied for each test that spoils them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import psycopg
import pytest

from tests.conftest import databases_of
from tests.lib.databases import Content, close_connections, use_database
from tests.web.auditor import books


class Books(msgspec.Struct):
    """A database with the books of two tenants, nobody connected to it; `rows` is all of them as they were made."""

    host: str
    name: str
    tenant: str
    other: str
    rows: Content

    def audit(self, tenant: str = "", **options: Any) -> Any:
        from django.conf import settings

        from claimwright.auditor import audit

        conninfo = f"host={self.host} dbname={self.name} user={settings.DATABASES['default']['USER']}"
        return audit(conninfo, tenant or self.tenant, **options)

    def spoil(self, *statements: str) -> None:
        """As the database's administrator, with every trigger and foreign key silent."""
        with psycopg.connect(host=self.host, user="postgres", dbname=self.name) as administrator:
            administrator.execute("SET session_replication_role = replica")
            for statement in statements:
                changed = administrator.execute(statement.format(tenant=self.tenant, other=self.other))
                assert changed.rowcount, f"changed nothing: {statement}"

    def ask(self, query: str) -> Any:
        with psycopg.connect(host=self.host, user="postgres", dbname=self.name) as administrator:
            return administrator.execute(query.format(tenant=self.tenant, other=self.other)).fetchone()


@pytest.fixture(scope="package")
def made(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    from datetime import date

    databases = databases_of(postgres)
    database = databases.take()
    use_database(database.name)
    from claimwright.web.core.models import Tenant

    tenants = []
    for slug in ("first", "other"):
        tenant = Tenant.objects.create(slug=slug, name=f"{slug} practice", fixed_date=date(2026, 9, 18))
        books.build(tenant, tmp_path_factory.mktemp(slug))
        tenants.append(str(tenant.pk))
    close_connections()
    rows = databases.content_of(database)
    yield Books(host=str(postgres.socket), name=database.name, tenant=tenants[0], other=tenants[1], rows=rows)
    databases.give_back(database)


@pytest.fixture
def copy(made: Books, postgres: Any) -> Iterator[Books]:
    """The same books for one test alone, to be spoilt."""
    close_connections()
    databases = databases_of(postgres)
    database = databases.take(made.rows)
    yield msgspec.structs.replace(made, name=database.name)
    databases.give_back(database)
