"""The installation's key: one for all processes, whole from the moment it is seen."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from claimwright.web.database import secret_key


def _ask(home: Path, start: object, answers: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    answers.put(secret_key(home))  # type: ignore[attr-defined]


def test_processes_that_start_together_read_one_whole_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for turn in range(5):
        start, answers = context.Event(), context.Queue()
        home = tmp_path / str(turn)
        asking = [context.Process(target=_ask, args=(home, start, answers)) for _ in range(6)]
        for process in asking:
            process.start()
        start.set()
        keys = {answers.get(timeout=20) for _ in asking}
        for process in asking:
            process.join()
        assert len(keys) == 1 and len(keys.pop()) > 40
        assert sorted(path.name for path in home.iterdir()) == [".secret.lock", "secret_key"]
        assert (home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_an_empty_key_left_by_a_crash_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch(0o600)
    assert len(secret_key(tmp_path)) > 40
    assert secret_key(tmp_path) == secret_key(tmp_path)
