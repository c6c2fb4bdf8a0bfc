"""Django is set up for every test of the web room, so that no test leans on another's fixture for it."""

import django
import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """After the run's own settings are named, also where a path under this folder is all that was asked for."""
    django.setup()
