"""The X12 files of tests/golden, for tests that must hold for any file."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.rglob("*.edi"))
PASSING = [path for path in FILES if path.parent.name == "pass"]


def name_of(path: Path) -> str:
    return str(path.relative_to(GOLDEN))


def of_kind(*kinds: str, passing: bool = False) -> list[Path]:
    return [path for path in (PASSING if passing else FILES) if path.relative_to(GOLDEN).parts[0] in kinds]
