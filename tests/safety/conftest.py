from __future__ import annotations

from typing import Any

import pytest

from tests.safety.attacked import Attacked, attacked_office, person


@pytest.fixture(autouse=True, scope="session")
def django_ready() -> None:
    import django

    django.setup()


@pytest.fixture(scope="module")
def attacked(module_database: str) -> Attacked:
    return attacked_office()


@pytest.fixture(scope="module")
def outsiders(attacked: Attacked) -> dict[tuple[str, str], Any]:
    """(which outsider, role) to a signed-in client: of another tenant, and of the same but with another practice."""
    from claimwright.web.core.models import User

    made = {}
    for role in User.Role:
        made["stranger", role] = person(attacked.other_tenant, role, [], f"stranger-{role}")
        made["limited", role] = person(attacked.tenant, role, [attacked.granted], f"limited-{role}")
    return made
