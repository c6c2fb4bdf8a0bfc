"""Two practices at work and a biller signed in to the first; written once, each test's own changes rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import prepared
from tests.lib.web_data import two_offices


@pytest.fixture(scope="module")
def offices(postgres: Any) -> Iterator[Any]:
    """(mine, theirs): the parts of each tenant's practice, with `tenant` and `user`."""
    with prepared(postgres, "two-offices", two_offices) as made:
        yield made


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
