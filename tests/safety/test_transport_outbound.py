"""Papers are drawn and files are read without a call to anybody: the kernel watches, and ends the process that tries."""

from __future__ import annotations

import json
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.safety.no_network import SOCKET_CALL

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in SOCKET_CALL, reason="the kernel's filter is Linux's"
)


def run(*options):
    command = [sys.executable, "-m", "tests.safety.no_network", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_the_canary_a_call_ends_the_process():
    assert run("--canary").returncode == -signal.SIGSYS


def test_no_paper_and_no_file_calls_anybody():
    done = run()
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["bytes"] > 50_000 and said["entries"] == 8
