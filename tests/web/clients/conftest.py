"""An office with three claims sent, whose tenant is also the billing service of its practice."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def office(tenant: Any, other_tenant: Any, tmp_path: Any) -> Any:
    from tests.faults import office as offices

    return offices.open_office(tenant, tmp_path, claims=3)
