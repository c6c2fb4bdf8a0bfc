"""The verbs' own small decisions: which folder, how a figure reads, what an audit is held to. No database."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from claimwright.cli.books import day_of, earlier_heads, value_text
from claimwright.cli.office import choose_home
from claimwright.cli.words import Refused


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLAIMWRIGHT_HOME", raising=False)
    return tmp_path


def test_the_folder_given_wins_then_the_environment(folder, monkeypatch):
    (folder / "var/demo/postgres").mkdir(parents=True)
    monkeypatch.setenv("CLAIMWRIGHT_HOME", "elsewhere")
    assert choose_home(Path("here")) == Path("here")
    assert choose_home() == Path("elsewhere")


@pytest.mark.parametrize(
    ("made", "home"),
    [
        ([], "var"),
        (["var/demo/postgres"], "var/demo"),
        (["var/demo/postgres", "var/postgres"], "var"),
        (["var/demo"], "var"),
    ],
)
def test_the_demonstration_is_opened_where_it_is_the_only_one(folder, made, home):
    for name in made:
        (folder / name).mkdir(parents=True)
    assert choose_home() == Path(home)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "percent", "n/a"), (None, "dollars", "n/a"), (Decimal("94.00"), "percent", "94.00 %"),
        (Decimal("45.00"), "days", "45.00 days"), (Decimal("1234.50"), "dollars", "$1,234.50"),
    ],
)  # fmt: skip
def test_a_figure_reads_as_people_write_it(value, unit, text):
    assert value_text(value, unit) == text


def test_a_day_that_is_none_is_refused_by_the_options_name():
    with pytest.raises(Refused, match="--as-of is a date"):
        day_of("30.9.2026", "--as-of", None)


def _heads(folder, name, sequence):
    folder.mkdir(exist_ok=True)
    heads = {chain: {"sequence": sequence, "hash": "a" * 64} for chain in ("ledger", "audit")}
    (folder / name).write_text(json.dumps(heads))


def test_the_newest_heads_of_this_tenant_alone_are_used(tmp_path):
    folder = tmp_path / "audit-heads"
    assert earlier_heads(folder, "north") is None
    _heads(folder, "north-2026-09-29.json", 1)
    _heads(folder, "north-2026-09-30.json", 2)
    _heads(folder, "north-east-2026-10-01.json", 3)
    assert earlier_heads(folder, "north") == {"ledger": (2, "a" * 64), "audit": (2, "a" * 64)}


@pytest.mark.parametrize("content", ["", "{}", '{"ledger": {"sequence": "x", "hash": ""}, "audit": {}}', "[]"])
def test_damaged_heads_are_named_and_not_passed_over(tmp_path, content):
    (tmp_path / "north-2026-09-30.json").write_text(content)
    with pytest.raises(Refused, match="north-2026-09-30.json is damaged"):
        earlier_heads(tmp_path, "north")
