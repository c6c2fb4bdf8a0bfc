"""Two practices at work and a biller signed in to the first; written once, each test's own changes rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import _two_tenants
from tests.lib.web_data import a_practice_at_work, a_user


@pytest.fixture(scope="module")
def offices(module_database: str) -> Any:
    """(mine, theirs): the parts of each tenant's practice, with `tenant` and `user`."""
    from claimwright.web.core.tenancy import tenant_scope

    made = []
    for tenant, username in zip(_two_tenants(), ("biller", "stranger"), strict=True):
        with tenant_scope(tenant):
            office = a_practice_at_work()
        office.tenant, office.user = tenant, a_user(tenant, username)
        made.append(office)
    return tuple(made)


@pytest.fixture
def mine(offices: Any) -> Any:
    return offices[0]


@pytest.fixture
def theirs(offices: Any) -> Any:
    return offices[1]


@pytest.fixture
def client(offices: Any) -> Iterator[Any]:
    """The biller's browser, without one."""
    from django.test import Client

    client = Client(raise_request_exception=True)
    client.force_login(offices[0].user, backend="django.contrib.auth.backends.ModelBackend")
    yield client
