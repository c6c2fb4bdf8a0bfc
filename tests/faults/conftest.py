from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import _two_tenants, databases_of
from tests.faults import office
from tests.lib.databases import Content, close_connections, use_database


@pytest.fixture(scope="module")
def filled(postgres: Any, tmp_path_factory: Any) -> tuple[Content, office.Office]:
    """The rows of an office whose claims are out, whose partner's answers lie in the folder."""
    databases = databases_of(postgres)
    database = databases.take()
    use_database(database.name)
    first, _ = _two_tenants()
    made = office.open_office(first, tmp_path_factory.mktemp("partner"), claims=6)
    office.deliver_answers(made)
    shutil.copytree(made.clinic.incoming, made.clinic.incoming.with_name("kept"))
    close_connections()
    content = databases.content_of(database)
    databases.give_back(database)
    return content, made


def _opened(postgres: Any, filled: tuple[Content, office.Office]) -> Iterator[office.Office]:
    """The filled office at work, folder and all, in a database with the ids of every other that is opened."""
    content, made = filled
    databases = databases_of(postgres)
    close_connections()
    database = databases.take(content)
    shutil.rmtree(made.clinic.incoming)
    shutil.copytree(made.clinic.incoming.with_name("kept"), made.clinic.incoming)
    use_database(database.name)
    yield made
    close_connections()
    databases.give_back(database)


@pytest.fixture
def opened(postgres: Any, filled: tuple[Content, office.Office]) -> Iterator[office.Office]:
    yield from _opened(postgres, filled)


@pytest.fixture(scope="module")
def once(postgres: Any, filled: tuple[Content, office.Office]) -> dict[str, list[Any]]:
    """The state that one clean run of receive and post leaves, and that every other way must end in."""
    state = {}
    for made in _opened(postgres, filled):
        office.run(made)
        state = office.snapshot(made.tenant)
        assert office.audit_faults(made.tenant) == []
    return state
