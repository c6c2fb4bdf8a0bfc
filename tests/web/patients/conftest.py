"""The clinic under test, inside its tenant's scope; another tenant has one of the same NPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def inside(tenant: Any, clinic: Any) -> Iterator[Any]:
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic
