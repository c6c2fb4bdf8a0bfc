from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import TEMPLATE, _two_tenants, administrate, close_connections, use_database
from tests.faults import office


@pytest.fixture(scope="module")
def filled(postgres: Any, tmp_path_factory: Any) -> Iterator[tuple[str, office.Office]]:
    """A database with an office whose claims are out, whose partner's answers lie in the folder; nobody works in it."""
    name = f"filled_{uuid.uuid4().hex[:12]}"
    administrate(postgres, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER claimwright_owner')
    use_database(name)
    first, _ = _two_tenants()
    made = office.open_office(first, tmp_path_factory.mktemp("partner"), claims=6)
    office.deliver_answers(made)
    shutil.copytree(made.clinic.incoming, made.clinic.incoming.with_name("kept"))
    close_connections()
    yield name, made
    administrate(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def open_copy(postgres: Any, filled: tuple[str, office.Office]) -> Iterator[Any]:
    """Opens a copy of the filled office, folder and all; each call a new one, so that ids agree between copies."""
    name, made = filled
    copies: list[str] = []

    def copy() -> office.Office:
        close_connections()
        copies.append(f"test_{uuid.uuid4().hex[:12]}")
        administrate(postgres, f'CREATE DATABASE "{copies[-1]}" TEMPLATE "{name}" OWNER claimwright_owner')
        shutil.rmtree(made.clinic.incoming)
        shutil.copytree(made.clinic.incoming.with_name("kept"), made.clinic.incoming)
        use_database(copies[-1])
        return made

    yield copy
    close_connections()
    for each in copies:
        administrate(postgres, f'DROP DATABASE "{each}" WITH (FORCE)')


@pytest.fixture
def opened(open_copy: Any) -> office.Office:
    copied: office.Office = open_copy()
    return copied


@pytest.fixture(scope="module")
def once(postgres: Any, filled: tuple[str, office.Office]) -> dict[str, list[Any]]:
    """The state that one clean run of receive and post leaves, and that every other way must end in."""
    name, made = filled
    scratch = f"test_{uuid.uuid4().hex[:12]}"
    close_connections()
    administrate(postgres, f'CREATE DATABASE "{scratch}" TEMPLATE "{name}" OWNER claimwright_owner')
    shutil.rmtree(made.clinic.incoming)
    shutil.copytree(made.clinic.incoming.with_name("kept"), made.clinic.incoming)
    use_database(scratch)
    office.run(made)
    state = office.snapshot(made.tenant)
    assert office.audit_faults(made.tenant) == []
    close_connections()
    administrate(postgres, f'DROP DATABASE "{scratch}" WITH (FORCE)')
    return state
