"""docs/file-verbs.md shows what the verbs print. `python -m tests.unit.cli.test_file_verbs_page` writes it anew."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from claimwright.cli import app

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "file-verbs.md"
GOLDEN = ROOT / "tests" / "golden"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sources(folder: Path) -> None:
    """The files that the page speaks of."""
    claims = (GOLDEN / "837D/pass/own-secondary-payer.edi").read_bytes()
    (folder / "claims.edi").write_bytes(claims)
    broken = claims.replace(b"CLM*DENT-4*165*", b"CLM*DENT-4*166*")
    assert broken != claims
    (folder / "broken.edi").write_bytes(broken)
    (folder / "payment.edi").write_bytes((GOLDEN / "835/pass/kputnam-secondary-payments.edi").read_bytes())


def output(command: str) -> str:
    """What a command prints, errors after the rest; `> file` writes its output."""
    words = shlex.split(command)
    target = ""
    if ">" in words:
        target, words = words[-1], words[:-2]
    assert words[0] == "claimwright"
    result = CliRunner().invoke(app, words[1:])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    if target:
        Path(target).write_text(result.stdout)
        return ""
    text = result.stdout + result.stderr
    return text if text.endswith("\n") or not text else text + "\n"


def written(text: str) -> str:
    """The page with what its commands print now. The working folder must hold the sources."""

    def block(match: re.Match[str]) -> str:
        shown = "".join(
            f"{line}\n{output(line[2:])}" for line in match[1].splitlines() if line.startswith("$ ")
        )  # fmt: skip
        return f"```console\n{shown}```"

    return BLOCK.sub(block, text)


def test_the_page_shows_what_the_verbs_print(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    sources(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8")
    assert len(BLOCK.findall(text)) > 10
    assert written(text) == text, "python -m tests.unit.cli.test_file_verbs_page writes the page anew"


if __name__ == "__main__":
    import contextlib

    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        sources(Path(name))
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
