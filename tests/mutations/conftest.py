"""Every test of mutations runs within a bound of memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lib.memory import bounded


@pytest.fixture(autouse=True, scope="module")
def _within_bounds() -> Iterator[None]:
    with bounded():
        yield
