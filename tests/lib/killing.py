"""Runs a few lines in another process that dies at a failpoint, against the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

KILLED = 86
ROOT = Path(__file__).resolve().parents[2]


def run_and_die(code: str, *, fail_at: str) -> int:
    """Exit status of `code` run in a forked process with FAIL_AT set; 86 when it died at the point, 0 when it ended.

    A fork has Django ready: it costs milliseconds where a process started anew takes a second or two.
    """
    from tests.faults.processes import Child

    child = Child(lambda: exec(compile(code, "<killed>", "exec"), {}), fail_at=fail_at)
    child.go()
    status, said = child.end()
    assert status in (0, KILLED), said
    return status


def run_anew_and_die(code: str, *, fail_at: str) -> int:
    """The same in a Python started for it, as an office's own runs are."""
    script = "from claimwright.web import bootstrap\nbootstrap.setup(migrate=False)\n" + code
    environment = os.environ | {"FAIL_AT": fail_at, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode in (0, KILLED), done.stderr[-3000:]
    return done.returncode


EACH = """
import os, sys, traceback
from django.db import connections
connections.close_all()
for POINT in {points!r}:
    child = os.fork()
    if not child:
        os.environ["FAIL_AT"] = POINT
        try:
            exec(compile({code!r}, "killed", "exec"))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def run_and_die_at_each(code: str, points: Sequence[str]) -> list[int]:
    """Exit status of `code` at each point, one after another: as `run_and_die`, with Django made ready once for all.

    `code` finds the point in POINT. A status other than 0 and 86 fails with what was said.
    """
    script = "from claimwright.web import bootstrap\nbootstrap.setup(migrate=False)\n"
    script += EACH.format(points=list(points), code=code)
    environment = os.environ | {"FAIL_AT": "", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    statuses = [int(line) for line in done.stdout.split()]
    assert len(statuses) == len(points) and set(statuses) <= {0, KILLED}, (done.stdout, done.stderr[-3000:])
    return statuses
