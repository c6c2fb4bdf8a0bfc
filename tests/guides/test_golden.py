"""Loops and faults of each golden file are what was looked at and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lib import golden


@pytest.mark.parametrize("path", golden.files(), ids=lambda path: f"{path.parents[1].name}-{path.stem}")
def test_golden(path: Path) -> None:
    assert golden.render(path.read_bytes()) == golden.expected(path).read_text()


def test_no_expectation_without_its_file() -> None:
    kept = {path for kind in golden.KINDS for path in (golden.GOLDEN / kind / "out").glob("*.json")}
    assert kept == {golden.expected(path) for path in golden.files()}
