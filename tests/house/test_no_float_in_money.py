"""Money is Decimal: no float literal, no float() and no float annotation in a room that handles amounts."""

from __future__ import annotations

import ast

import pytest

from tests.house.source_files import PACKAGE, parsed, python_files

ROOMS = ("codes", "claims", "ledger", "edits", "billing", "documents")
# Lengths on paper, in points and columns. No amount comes here but as text.
DRAWING = {f"documents/{name}.py" for name in ("paper", "packs", "claim_forms", "cms1500_sheet", "ub04_sheet")}


def floats(tree: ast.AST) -> list[int]:
    """Lines that make or announce a float. `isinstance(x, float)`, which keeps floats out, is no such line."""
    allowed = {
        id(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
        for name in ast.walk(node)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float" and id(node) not in allowed)
    ]


def test_no_float_where_amounts_are():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in python_files(*ROOMS)
        if path.relative_to(PACKAGE).as_posix() not in DRAWING
        for line in floats(parsed(path))
    ]
    assert found == []


@pytest.mark.parametrize("name", sorted(DRAWING))
def test_no_amount_is_drawn_but_as_text(name):
    source = (PACKAGE / name).read_text(encoding="utf-8")
    assert "Decimal" not in source and "codes.money" not in source


@pytest.mark.parametrize(
    "planted", ["x = 0.1", "x = float(y)", "def f(amount: float) -> None: ...", "list(map(float, x))"]
)
def test_the_canary_is_caught(planted):
    assert floats(ast.parse(planted)) == [1]


def test_refusing_a_float_is_allowed():
    assert floats(ast.parse("if isinstance(value, float): raise TypeError")) == []
