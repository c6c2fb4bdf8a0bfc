"""docs/how-it-works/pricing.md shows what `claimwright price` prints, but for the long name of the locality."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from claimwright.cli import app
from tests.lib.fee_files import FOLDER

PAGE = Path(__file__).parents[3] / "docs" / "how-it-works" / "pricing.md"


def test_the_page_shows_what_is_printed(tmp_path):
    (block,) = re.findall(r"```console\n\$ (.*?)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    command, shown = block
    codes = ["--codes", str(tmp_path)]
    imported = CliRunner().invoke(app, ["codes", "import", str(FOLDER / "PPRRVU2026_JUL_nonQPP.csv"), *codes])
    assert imported.exit_code == 0, imported.output
    printed = CliRunner().invoke(app, [*shlex.split(command)[1:], *codes]).output
    assert re.sub(r"\(San Francisco.*\)\)", "(...)", printed) == shown
