"""Real PostgreSQL for every test that asks for it: one server a run, a fresh copy of the migrated database a test."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HOME_VARIABLE = "CLAIMWRIGHT_HOME"
TEMPLATE = "claimwright_template"

# Files that take long, longest first. A worker takes a whole file: one of these taken last keeps a single worker at it
# while the other has nothing left. Order is all that this says; a file missing here is only run later.
LONG_FILES = (
    "tests/simulation/test_demo.py",
    "tests/generative/test_claims_by_kind.py",
    "tests/generative/test_batches.py",
    "tests/web/operations/test_receive.py",
    "tests/browser/test_front_desk.py",
    "tests/browser/test_billers_day.py",
    "tests/generative/test_claims_837p.py",
    "tests/web/cli/test_verbs.py",
    "tests/web/submissions/test_claims.py",
    "tests/faults/test_receive_and_post.py",
    "tests/scenarios/test_scenarios.py",
    "tests/generative/test_synthetic_sets.py",
    "tests/generative/test_acknowledgements_round_trip.py",
    "tests/web/payments/test_release.py",
    "tests/unit/edits/test_shared.py",
    "tests/browser/test_charge_entry.py",
    "tests/generative/test_enrollment_round_trip.py",
    "tests/unit/edits/test_generative.py",
    "tests/web/workbench/test_admin.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: number for number, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[HOME_VARIABLE] = tempfile.mkdtemp(prefix="claimwright-tests-")
        os.environ.pop("DATABASE_URL", None)
    os.environ["CLAIMWRIGHT_SECOND_FACTOR"] = "off"  # tests sign in by force; those of signing in switch it on
    os.environ["DJANGO_SETTINGS_MODULE"] = "claimwright.web.settings"


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    home = Path(os.environ[HOME_VARIABLE])
    if (home / "postgres").exists():
        from claimwright.web.database import stop

        stop(home / "postgres")
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Any:
    """The running server and the migrated template database; Django is set up in this process."""
    import django

    from claimwright.web import bootstrap
    from claimwright.web.database import ensure_running

    home = Path(os.environ[HOME_VARIABLE])
    server = ensure_running(home / "postgres", durable=False)
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    with (home / ".template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (home / "template.ready").exists():
            bootstrap.create_roles_and_database(str(server.socket), TEMPLATE)
            use_database(TEMPLATE)
            bootstrap.migrate_all()
            close_connections()
            (home / "template.ready").touch()
    return server


def close_connections() -> None:
    from django.db import connections

    for connection in connections.all():
        connection.close()


def use_database(name: str) -> None:
    from django.db import connections

    close_connections()
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = name
    os.environ["CLAIMWRIGHT_DATABASE"] = name


def administrate(server: Any, statement: str) -> None:
    import psycopg

    with psycopg.connect(host=str(server.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


def _copy(server: Any) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    administrate(server, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER claimwright_owner STRATEGY FILE_COPY')
    use_database(name)
    yield name
    close_connections()
    administrate(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(postgres: Any) -> Iterator[str]:
    """A fresh database for this test alone; commits are real."""
    yield from _copy(postgres)


@pytest.fixture(scope="module")
def module_database(postgres: Any) -> Iterator[str]:
    """A fresh database shared by the tests of one module that only read what its own set-up wrote."""
    yield from _copy(postgres)


@pytest.fixture
def tenant(database: str) -> Any:
    """The tenant under test. A second one, `other_tenant`, always exists beside it."""
    return _two_tenants()[0]


@pytest.fixture
def other_tenant(tenant: Any) -> Any:
    from claimwright.web.core.models import Tenant

    return Tenant.objects.get(slug="other")


def _two_tenants() -> tuple[Any, Any]:
    from datetime import date

    from claimwright.web.core.models import Tenant

    first = Tenant.objects.create(slug="first", name="First Practice", fixed_date=date(2026, 9, 30))
    second = Tenant.objects.create(slug="other", name="Other Practice", fixed_date=date(2026, 9, 30))
    return first, second
