"""`claimwright x12 make`: a folder or a zip, the same for the same seed, and refusals in a sentence."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.cli.words import Refused

DOCS = Path(__file__).parents[3] / "docs" / "synthetic-sets.md"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["x12", "make", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_folder_is_filled_and_told_of(tmp_path: Path):
    out = tmp_path / "set"
    said = run("--claims", "12", "--out", str(out))
    assert {"837P-1.edi", "835-P-1.edi", "834.edi", "manifest.json", "links.jsonl", "transactions.jsonl"} <= {
        path.name for path in out.iterdir()
    }
    assert "P: 8 claims" in said and "837P-1.edi" in said


def test_json_is_the_manifest(tmp_path: Path):
    out = tmp_path / "set"
    printed = json.loads(run("--claims", "5", "--kinds", "i", "--date", "2026-08-25", "--out", str(out), "--json"))
    assert printed == json.loads((out / "manifest.json").read_text())
    assert (printed["kinds"], printed["date"], printed["totals"]["I"]["claims"]) == (["I"], "2026-08-25", 5)


def test_a_zip_holds_the_same_files_and_is_the_same_again(tmp_path: Path):
    for name in ("one", "two"):
        run("--claims", "6", "--zip", "--out", str(tmp_path / f"{name}.zip"))
    run("--claims", "6", "--out", str(tmp_path / "set"))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held == {path.name: path.read_bytes() for path in (tmp_path / "set").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--claims", "0"), "at least one claim"),
        (("--kinds", "X"), "kinds are P, I and D"),
        (("--date", "tomorrow"), "not a date"),
        (("--claims-per-transaction", "9000"), "1 to 5,000"),
        (("--seed", "-1"), "zero or more"),
    ],
)
def test_what_cannot_be_is_refused(arguments, says, tmp_path: Path):
    result = CliRunner().invoke(app, ["x12", "make", "--out", str(tmp_path / "set"), *arguments])
    assert isinstance(result.exception, Refused) and says in str(result.exception)
    assert not (tmp_path / "set").exists()


def test_nothing_that_is_there_is_written_over(tmp_path: Path):
    (tmp_path / "kept.edi").write_text("mine")
    for more in ((), ("--zip",)):
        result = CliRunner().invoke(app, ["x12", "make", "--out", str(tmp_path), *more])
        assert isinstance(result.exception, Refused) and "is there already" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.edi"]


def test_the_run_in_the_docs_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    text = DOCS.read_text()
    (command, shown) = re.findall(r"```\n\$ claimwright x12 make ([^\n|]*)\| tail -4\n(.*?)```", text, re.DOTALL)[0]
    assert run(*command.split()).splitlines()[-4:] == shown.splitlines()
