"""Every list that a page shows page by page can be taken as a file, whole: the views offer it and the templates show it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.house.source_files import parsed

WEB = Path(__file__).parents[2] / "src/claimwright/web"
VIEWS = [*sorted((WEB / "workbench").glob("*.py")), WEB / "api/pages.py"]
TEMPLATES = sorted((WEB / "templates/workbench").glob("*.html"))
# Function: why its list is no file, or another way to it.
OTHERWISE = {
    "worklist": "its file has an address of its own, worklist_file, with a permission and an audit action of its own",
    "report": "reports are files by an address of their own, with their period",
    "figure": "the ids behind a figure are in the report's own file",
}
WITHOUT_BUTTONS = {"worklist.html", "report.html", "figure.html", "_audit_rows.html"}  # or on the page around them
HOW = "give `exported` the columns before `rows_of`, and the page `_export.html` (web/workbench/exports.py)"


def named(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def lists_without_file(tree):
    """(function, lists it pages, lists it offers as a file) where the first are more."""
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        paged = [call for call in calls if named(call) == "rows_of" and len(call.args) > 1]
        asked = {ast.unparse(call.args[2]) if len(call.args) > 2 else "" for call in paged}
        offered = {
            next((ast.unparse(word.value) for word in call.keywords if word.arg == "of"), "")
            for call in calls if named(call) == "exported"
        }  # fmt: skip
        if len(asked) > len(offered):
            yield function.name, len(asked), len(offered)


def test_what_is_paged_is_offered_as_a_file():
    lacking = [one for path in VIEWS for one in lists_without_file(parsed(path)) if one[0] not in OTHERWISE]
    assert lacking == [], HOW


def test_no_exception_is_of_nothing():
    functions = {name for path in VIEWS for name, _, _ in lists_without_file(parsed(path))}
    assert set(OTHERWISE) <= functions


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if path.name not in WITHOUT_BUTTONS], ids=lambda one: one.name
)
def test_a_page_with_a_pager_has_the_buttons(path):
    text = path.read_text(encoding="utf-8")
    pagers = set(re.findall(r"include \"workbench/_pages\.html\"(?: with rows=(\w+))?", text))
    buttons = set(re.findall(r"include \"workbench/_export\.html\"(?: with)?(?: of=\"(\w+)\")?", text))
    assert len(pagers) <= len(buttons), HOW


def test_the_canary_is_caught():
    view = "def visits(request):\n    {}return show(rows_of(request, every))\n"
    assert list(lists_without_file(ast.parse(view.format("")))) == [("visits", 1, 0)]
    offered = view.format("if file := exported(request, 'visits', COLUMNS, every):\n        return file\n    ")
    assert list(lists_without_file(ast.parse(offered))) == []
