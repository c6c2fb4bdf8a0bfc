"""The sandbox as a process of its own: started, stepped day by day, stopped."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec

STOP_SECONDS = 10


class ClearinghouseFailed(RuntimeError):
    """The sandbox process did not do what it was asked; the text holds its own words."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A member as the sandbox's payers know them."""

    member_id: str
    payer: str
    last_name: str = ""
    first_name: str = ""
    crossover_to: str = ""
    crossover_member_id: str = ""


class Clearinghouse:
    """A running sandbox: `host`, `port`, `username`, `password` and `host_key` are how to reach it."""

    def __init__(self, root: Path, *, plan: str = "") -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.password = secrets.token_urlsafe(16)
        (root / "password.txt").write_text(self.password)
        command = [
            sys.executable, "-m", "claimwright.cli", "sandbox", "--root", str(root), "--port", "0",
            "--password-file", str(root / "password.txt"),
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [*command, *(["--plan", plan] if plan else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            _, words = self._process.communicate()
            raise ClearinghouseFailed(f"the sandbox did not start: {words.strip()[-500:]}")
        ready = json.loads(line)
        self.host, self.port, self.username = ready["host"], int(ready["port"]), ready["username"]
        self.host_key = (root / "host_key.pub").read_text().strip()

    def enrol(self, members: list[Member]) -> None:
        """Tell the payers who their members are."""
        (self.root / "members.json").write_bytes(msgspec.json.encode(members))

    def day(self, day: date) -> dict[str, object]:
        """The day has come: `claimwright sandbox day DATE`."""
        done = subprocess.run(
            [sys.executable, "-m", "claimwright.sandbox", "--root", str(self.root), "day", day.isoformat()],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ClearinghouseFailed(f"the sandbox's day {day} failed: {done.stderr.strip()[-500:]}")
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
