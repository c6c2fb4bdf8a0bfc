from __future__ import annotations

from typing import Any

import pytest

from tests.lib import practices


@pytest.fixture(autouse=True, scope="session")
def django_ready() -> None:
    """Models can be imported in every test of the web room, whichever runs first."""
    import django

    django.setup()


@pytest.fixture
def clinic(tenant: Any, two_clinics: practices.TwoClinics, tmp_path: Any) -> practices.Clinic:
    """A practice of `tenant` that is ready to bill; another tenant has one of the same NPI."""
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(Tenant.objects.get(slug="other")):
        practices.settled(two_clinics.theirs, tmp_path / "other")
    with tenant_scope(tenant):
        return practices.settled(two_clinics.mine, tmp_path / "partner")
