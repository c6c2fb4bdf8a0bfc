"""docs/how-it-works/wire.md: the fault it follows is really told so, on the screen and in the 999."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.x12.answering import answers, skeleton
from claimwright.x12.check import check
from tests.house.source_files import PACKAGE, ROOT

PAGE = (ROOT / "docs" / "how-it-works" / "wire.md").read_text(encoding="utf-8")
SCREEN, ANSWER = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def bad() -> bytes:
    good = (ROOT / "tests/golden/837D/pass/own-secondary-payer.edi").read_bytes()
    return good.replace(b"DMG*D8*19700102*", b"DMG*D8*19701302*")


def test_the_fault_is_the_one_described(bad):
    (fault,) = check(bad)
    assert bad.index(b"DMG*D8*19701302*F~") == fault.byte
    told = re.search(r"`Fault\((.*?)\)`", PAGE, re.DOTALL)
    assert told is not None
    for name, value in re.findall(r"(\w+)=\"?([\w-]+)\"?", told[1]):
        assert str(getattr(fault, name)) == value, name


def test_the_screen_shows_it_so(bad, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bad.edi").write_bytes(bad)
    result = CliRunner().invoke(app, ["x12", "check", "bad.edi"])
    assert result.exit_code == 1
    assert result.stdout == SCREEN


def test_the_999_answers_it_so(bad):
    (answer,) = answers(skeleton(bad), bad, check(bad), when=datetime(2026, 9, 8, 9, 30))
    assert ANSWER.strip() in answer.functional.decode("ascii").replace("~", "\n")
    assert answer.claims == b""


def test_the_modules_it_names_are_there():
    table, _, _ = PAGE.partition("\n## Cutting")
    named = re.findall(r"`(\w+\.py|[a-z]+/)`", table)
    assert len(named) > 10
    assert [name for name in named if not (PACKAGE / "x12" / name).exists()] == []
