from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def migrated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Verbs of this process find the database as it should be: to look for migrations takes longer than what they do.

    Those that are started as processes of their own (`serve`, `scenario`) do look.
    """
    from claimwright.web import bootstrap

    monkeypatch.setattr(bootstrap, "migrate_all", lambda: None)
