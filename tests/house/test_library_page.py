"""docs/library.md shows what its blocks print. `python -m tests.house.test_library_page` writes it anew.

The blocks of a section run one after the other in one process. A block that needs a library which is not installed
here (pyspark, pyarrow) is left out, with what it prints.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "library.md"
SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n", re.MULTILINE)
OPTIONAL = {"pyspark": "spark", "pyarrow": "import pyarrow"}  # library: what a block that needs it holds
ROW = re.compile(r"^\|[^|]+\|`(claimwright[\w.]*)`\|([^|]*)\|$", re.MULTILINE)
BETWEEN = "\x1e\n"  # printed between blocks
MINUTE = 60


def sections(text: str) -> dict[str, str]:
    """The recipes by title."""
    return {title: body for title, body in SECTION.findall(text) if PYTHON.search(body)}


def needs(code: str) -> list[str]:
    return [name for name, mark in OPTIONAL.items() if mark in code]


def may_run(code: str) -> bool:
    return all(find_spec(name) is not None for name in needs(code))


def printed(codes: list[str]) -> list[str]:
    """What each block prints, run one after the other."""
    script = f"print({BETWEEN!r}, end='', flush=True)\n".join(codes)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=5 * MINUTE,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split(BETWEEN)


def written(body: str) -> str:
    """The section with what its blocks print now."""
    codes = [code for code, _ in BLOCK.findall(body) if may_run(code)]
    shown = dict(zip(codes, printed(codes), strict=True))

    def block(match: re.Match[str]) -> str:
        return f"```python\n{match[1]}```\n\n```text\n{shown.get(match[1], match[2])}```"

    return BLOCK.sub(block, body)


def text_of_page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("title", sections(text_of_page()))
def test_the_blocks_print_what_is_shown(title):
    body = sections(text_of_page())[title]
    assert len(PYTHON.findall(body)) == len(BLOCK.findall(body)), "a block is not followed by what it prints"
    assert written(body) == body, "python -m tests.house.test_library_page writes the page anew"


def test_there_are_ten_recipes():
    assert [title.split(". ")[0] for title in sections(text_of_page())] == [str(number) for number in range(1, 11)]


def test_only_the_blocks_of_spark_may_be_left_out():
    codes = [code for body in sections(text_of_page()).values() for code, _ in BLOCK.findall(body)]
    spark = [code for code in codes if "pyspark" in needs(code)]
    assert len(spark) == 2
    assert len(codes) - len(spark) >= 11


@pytest.mark.parametrize(("module", "names"), ROW.findall(text_of_page()), ids=lambda value: value.split(" ")[0])
def test_the_names_to_import_are_there(module, names):
    found = importlib.import_module(module)
    listed = re.findall(r"`(\w+)`", names)
    assert listed
    assert [name for name in listed if not hasattr(found, name)] == []


if __name__ == "__main__":
    PAGE.write_text(
        SECTION.sub(
            lambda match: match[0] if not PYTHON.search(match[2]) else f"## {match[1]}\n{written(match[2])}",
            text_of_page(),
        ),
        encoding="utf-8",
    )
