"""Runs a few lines in another process that dies at a failpoint, against the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KILLED = 86
ROOT = Path(__file__).resolve().parents[2]


def run_and_die(code: str, *, fail_at: str) -> int:
    """Exit status of `code` run with Django ready and FAIL_AT set; 86 when it died at the point, 0 when it ended."""
    script = "from claimwright.web import bootstrap\nbootstrap.setup(migrate=False)\n" + code
    environment = os.environ | {"FAIL_AT": fail_at, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode in (0, KILLED), done.stderr[-3000:]
    return done.returncode
