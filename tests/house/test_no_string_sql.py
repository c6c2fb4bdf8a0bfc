"""SQL is made of constants; what a person or a file says reaches it as a parameter only (reliability row 21).

A statement with other text in it stands in one of the files below, where that text is a name of our own tables and columns
or SQL chosen by code.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src/claimwright"
NAMES_OF_OUR_OWN = {
    "auditor/daily.py": "tables and queries of the auditor's own plan, parents from the catalog",
    "auditor/remittances.py": "queries of the auditor's own plan",
    "auditor/run.py": "chained tables",
    "auditor/structure.py": "tables and columns from the catalog",
    "web/accounts/selectors.py": "two sides of one table, put together from constants",
    "web/core/chain.py": "table and columns of a chained model",
    "web/core/isolation.py": "the role of the settings",
    "web/submissions/transitions.py": "the role of the settings",
}  # fmt: skip
CALLS = ("execute", "executemany", "raw", "extra", "RawSQL", "copy")


def made_of_text(tree: ast.AST) -> list[int]:
    """Lines of calls whose statement is put together: f-strings with more than constants, %, + and format."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CALLS and _is_made(node.args[0]):
            found.append(node.lineno)
    return found


def _is_made(given: ast.expr) -> bool:
    if isinstance(given, ast.JoinedStr):
        parts = [part.value for part in given.values if isinstance(part, ast.FormattedValue)]
        return not all(isinstance(part, ast.Name) and part.id.isupper() for part in parts)
    if isinstance(given, ast.BinOp):
        return isinstance(given.op, ast.Mod) or _is_made(given.left) or _is_made(given.right) or _has_name(given)
    return isinstance(given, ast.Call) and isinstance(given.func, ast.Attribute) and given.func.attr == "format" and (
        isinstance(given.func.value, ast.Constant)
    )  # fmt: skip


def _has_name(given: ast.BinOp) -> bool:
    sides = (given.left, given.right)
    return any(isinstance(side, ast.Name) and not side.id.isupper() for side in sides)


def test_sql_is_made_of_constants():
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if lines := made_of_text(ast.parse(path.read_text())):
            found[place] = lines
    others = {place: lines for place, lines in found.items() if place not in NAMES_OF_OUR_OWN}
    assert others == {}, "give what is not constant as a parameter"
    assert set(NAMES_OF_OUR_OWN) <= set(found), "this file has none any more: take it out"


@pytest.mark.parametrize(
    "line",
    [
        "c.execute(f'SELECT {name}')", "c.execute('SELECT %s' % name)", "c.execute('SELECT ' + name)",
        "c.execute('SELECT {}'.format(name))", "M.objects.raw(f'{x}')", "M.objects.extra('a' + b)",
    ],
)  # fmt: skip
def test_the_ban_sees(line):
    assert made_of_text(ast.parse(line)) == [1]


def test_constants_and_parameters_are_free():
    assert made_of_text(ast.parse("c.execute(f'SET ROLE {ROLE}'); c.execute('SELECT %s', [name])")) == []


SHELLS = re.compile(r"shell\s*=\s*True|os\.(system|popen)\(|getoutput\(|create_subprocess_shell\(")


def test_no_shell_is_started():
    """Programs are called by lists of arguments: no text is ever read by a shell."""
    assert SHELLS.search("subprocess.run(text, shell=True)")
    assert not [str(path) for path in SOURCE.rglob("*.py") if SHELLS.search(path.read_text())]
