"""Two practices at work, and programs of the first with a token for everything, for nothing much, and of the other."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import _two_tenants, prepared
from tests.lib.web_data import a_practice_at_work, a_user


@pytest.fixture(scope="module")
def offices(postgres: Any) -> Iterator[Any]:
    """(mine, theirs), each with `tenant`, `owner` and `token`, which may do everything."""
    with prepared(postgres, "offices-of-programs", _offices) as made:
        yield made


def _offices() -> Any:
    from claimwright.web.api.tokens import issue_token
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.workbench.policies import OF_PERMISSION

    made = []
    for tenant, username in zip(_two_tenants(), ("owner", "stranger"), strict=True):
        with tenant_scope(tenant):
            office = a_practice_at_work()
            office.tenant, office.owner = tenant, a_user(tenant, username, "owner")
            office.token = issue_token(
                name="everything", scopes=list(OF_PERMISSION), by=office.owner, requests_a_minute=6000
            )[1]
        made.append(office)
    return tuple(made)


@pytest.fixture(scope="module")
def mine(offices: Any) -> Any:
    return offices[0]


@pytest.fixture(scope="module")
def theirs(offices: Any) -> Any:
    return offices[1]


class Caller:
    """A program at the door, without a network."""

    def __init__(self, token: str) -> None:
        from django.test import Client

        self.client, self.token, self.count = Client(raise_request_exception=False), token, 0

    def __call__(self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        import json

        self.count += 1
        named = {"Authorization": f"Bearer {self.token}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if method != "GET":
            named["Idempotency-Key"] = f"key-{id(self)}-{self.count}" if key is None else key
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        return self.client.generic(method, f"/api/v1{path}", data=data, content_type=kind, headers=named)


@pytest.fixture(scope="module")
def call(mine: Any) -> Caller:
    return Caller(mine.token)


@pytest.fixture(scope="module")
def rows(mine: Any) -> SimpleNamespace:
    from tests.web.api.rows import rows_of

    return rows_of(mine)


@pytest.fixture
def undone(offices: Any) -> Any:
    """What the test changes is taken back at its end."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)
