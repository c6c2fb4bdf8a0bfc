"""Real PostgreSQL for every test that asks for it: one server a run, a migrated database as if fresh for each test."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.lib.databases import TEMPLATE, Databases, close_connections, use_database

HOME_VARIABLE = "CLAIMWRIGHT_HOME"

# Files that take long, longest first. A worker takes a whole file: one of these taken last keeps a single worker at it
# while the other has nothing left. Order is all that this says; a file missing here is only run later.
LONG_FILES = (
    "tests/faults/test_receive_and_post.py",
    "tests/browser/test_billers_day.py",
    "tests/web/auditor/test_corruptions.py",
    "tests/faults/test_retried_requests.py",
    "tests/web/api/test_operations.py",
    "tests/generative/test_synthetic_sets.py",
    "tests/browser/test_charge_entry.py",
    "tests/simulation/test_demo.py",
    "tests/web/auditor/test_daily.py",
    "tests/faults/test_pressed_together.py",
    "tests/safety/test_canary_patients.py",
    "tests/browser/test_front_desk.py",
    "tests/scenarios/test_scenarios.py",
    "tests/simulation/test_year.py",
    "tests/browser/test_workbench.py",
    "tests/browser/test_accessibility.py",
    "tests/faults/test_duplicate_remittances.py",
    "tests/faults/test_credits_surface.py",
    "tests/unit/cli/test_x12_verbs.py",
    "tests/safety/test_audit_coverage.py",
    "tests/safety/test_route_walker.py",
    "tests/safety/test_hostile_text.py",
    "tests/web/bank/test_missing_halves.py",
    "tests/web/cli/test_verbs.py",
    "tests/web/operations/test_receive.py",
    "tests/generative/test_claims_837p.py",
    "tests/web/workbench/test_policies.py",
    "tests/web/workbench/test_ways.py",
    "tests/generative/test_claims_by_kind.py",
    "tests/generative/test_enrollment_round_trip.py",
    "tests/generative/test_two_paths.py",
    "tests/web/workbench/test_admin.py",
    "tests/unit/edits/test_shared.py",
    "tests/unit/x12/test_claim_acknowledge.py",
    "tests/web/payments/test_release.py",
    "tests/web/submissions/test_claims.py",
    "tests/web/workbench/test_charge_entry.py",
    "tests/unit/sandbox/test_remittances.py",
    "tests/unit/cli/test_codes.py",
    "tests/generative/test_eligibility_round_trip.py",
    "tests/generative/test_authorization_round_trip.py",
    "tests/unit/documents/test_claim_paper.py",
    "tests/unit/edits/test_generative.py",
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
def postgres() -> Iterator[Any]:
    """The running server and the migrated template database; Django is set up in this process."""
    import django

    from claimwright.web import bootstrap
    from claimwright.web.database import ensure_running

    home = Path(os.environ[HOME_VARIABLE])
    server = ensure_running(home / "postgres", durable=False)
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    _hash_passwords_quickly()
    with (home / ".template.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not (home / "template.ready").exists():
            bootstrap.create_roles_and_database(str(server.socket), TEMPLATE)
            use_database(TEMPLATE)
            bootstrap.migrate_all()
            close_connections()
            (home / "template.ready").touch()
    yield server
    databases_of(server).close()


def _hash_passwords_quickly() -> None:
    """One turn of the product's own algorithm: a user costs no third of a second, and every process checks the result."""
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    PBKDF2PasswordHasher.iterations = 1


@cache
def databases_of(server: Any) -> Databases:
    """The databases of this process."""
    return Databases(host=str(server.socket), home=Path(os.environ[HOME_VARIABLE]))


def administrate(server: Any, statement: str) -> None:
    databases_of(server).administrate(statement)


def _copy(server: Any) -> Iterator[str]:
    databases = databases_of(server)
    copy = databases.take()
    use_database(copy.name)
    yield copy.name
    close_connections()
    databases.give_back(copy)


@contextmanager
def prepared(server: Any, key: str, build: Callable[[], Any]) -> Iterator[Any]:
    """A database as `build` left it, in use, and what `build` gave: made once a run and put in wherever it is asked for.

    Nothing but rows comes again: a `build` that writes files or changes this process is not for this.
    """
    databases = databases_of(server)

    def built(name: str) -> Any:
        use_database(name)
        given = build()
        close_connections()
        return given

    content, given = databases.prepared(key, built)
    copy = databases.take(content)
    use_database(copy.name)
    yield pickle.loads(given)
    close_connections()
    databases.give_back(copy)


@pytest.fixture
def database(postgres: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database for this test alone; commits are real. It holds two clinics for a test that asks for them."""
    if "two_clinics" not in request.fixturenames:
        yield from _copy(postgres)
        return
    from tests.lib.practices import two_clinics

    with prepared(postgres, "two-clinics", two_clinics) as request.node.two_clinics:
        yield os.environ["CLAIMWRIGHT_DATABASE"]


@pytest.fixture
def two_clinics(database: str, request: pytest.FixtureRequest) -> Any:
    """The parts of what the database then holds."""
    return request.node.two_clinics


@pytest.fixture(scope="module")
def module_database(postgres: Any) -> Iterator[str]:
    """A fresh database shared by the tests of one module that only read what its own set-up wrote."""
    yield from _copy(postgres)


@pytest.fixture
def tenant(database: str, request: pytest.FixtureRequest) -> Any:
    """The tenant under test. A second one, `other_tenant`, always exists beside it."""
    made = getattr(request.node, "two_clinics", None)
    return _two_tenants()[0] if made is None else made.tenant


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
