"""No wall clock, no network and no Django below `web`, nor a wall clock in the sandbox: time comes as data."""

from __future__ import annotations

import ast

import pytest

from tests.house.source_files import BELOW_WEB, PACKAGE, calls, parsed, python_files

CLOCK = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "monotonic_ns", "localtime", "gmtime", "ctime"}
CLOCK_OWNERS = {"datetime", "date", "time", "timezone"}
OUTSIDE = {"django", "socket", "ssl", "http", "urllib", "requests", "httpx", "asyncssh", "psycopg", "smtplib", "ftplib"}


def clocks(tree: ast.AST) -> list[int]:
    """Lines that read the clock through datetime, date, time or a name imported from them."""
    bare = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
    }
    found = []
    for line, name in calls(tree):
        owner, _, method = name.rpartition(".")
        if (method in CLOCK and owner.split(".")[-1] in CLOCK_OWNERS) or (not owner and name in bare):
            found.append(line)
    return found


def outside_imports(tree: ast.AST) -> list[int]:
    found = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        if any(name.split(".")[0] in OUTSIDE for name in names):
            found.append(node.lineno)
    return found


def test_no_clock_in_the_pure_rooms():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in python_files(*BELOW_WEB, "sandbox")
        for line in clocks(parsed(path))
    ]
    assert found == []


def test_no_network_and_no_django_in_the_pure_rooms():
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in python_files(*BELOW_WEB)
        for line in outside_imports(parsed(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "datetime.now()",
        "datetime.datetime.now(tz=UTC)",
        "date.today()",
        "x = datetime.utcnow",
        "time.time()",
        "from time import monotonic\nmonotonic()",
    ],
)
def test_the_clock_canary_is_caught(planted):
    assert bool(clocks(ast.parse(planted))) is planted.rstrip().endswith(")")


@pytest.mark.parametrize("planted", ["import socket", "from django.db import models", "import urllib.request"])
def test_the_network_canary_is_caught(planted):
    assert outside_imports(ast.parse(planted)) == [1]
