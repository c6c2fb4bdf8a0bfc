"""The product's source, parsed once, for the tests that hold it to the house's rules."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "claimwright"
BELOW_WEB = ("x12", "codes", "claims", "ledger", "edits", "billing", "documents")


def python_files(*rooms: str) -> list[Path]:
    """Modules of the given rooms, of all rooms when none is given."""
    folders = [PACKAGE / room for room in rooms] if rooms else [PACKAGE]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every call, as far as it is plain names: `datetime.now`, `date.today`, `float`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if name := dotted(node.func):
                yield node.lineno, name


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
