"""The worked scenarios and the negative tests, played from raw files through the inbox on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("[sn][0-9]*.yml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(database, path):
    from claimwright.web.operations.scenario import run_scenario

    report = run_scenario(path)
    assert report.failures == []
    assert report.passed
    assert report.expectations >= 5
