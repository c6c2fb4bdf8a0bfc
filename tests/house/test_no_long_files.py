"""A file is at most 500 lines and a function at most 70, so that each can be read in one sitting."""

from __future__ import annotations

import ast

from tests.house.source_files import PACKAGE, parsed, python_files

FILE_LINES = 500
FUNCTION_LINES = 70
# Pure tables, one element a line, laid out to be read beside the manual.
TABLES = {
    f"x12/guides/{name}.py"
    for name in (
        "dental_claim", "eligibility_inquiry", "eligibility_response", "enrollment", "institutional_claim",
        "professional_claim", "services_review_request", "services_review_response", "status_response", "shapes",
    )
}  # fmt: skip


def long_functions(tree: ast.AST) -> list[str]:
    return [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]


def test_files_are_short():
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
        and "/migrations/" not in path.as_posix()
    }
    assert set(long) <= TABLES, long


def test_tables_are_tables():
    for name in TABLES:
        tree = parsed(PACKAGE / name)
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.For | ast.While)], name


def test_functions_are_short():
    found = {
        str(path.relative_to(PACKAGE)): names for path in python_files() if (names := long_functions(parsed(path)))
    }
    assert found == {}


def test_the_canary_is_caught():
    body = "\n".join("    x = 1" for _ in range(FUNCTION_LINES))
    assert long_functions(ast.parse(f"def f():\n{body}")) == [f"f ({FUNCTION_LINES + 1} lines)"]
