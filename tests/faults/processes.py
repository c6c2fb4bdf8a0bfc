"""Work done by other processes on the test's database: forked, so that one costs milliseconds and dies for itself."""

from __future__ import annotations

import os
import select
import time
import traceback
from collections.abc import Callable, Sequence

from tests.conftest import close_connections

TIMEOUT_SECONDS = 300
Work = Callable[[], object]


class Child:
    """One forked process that waits for `go`, works, and ends by itself or at a failpoint."""

    def __init__(self, work: Work, *, fail_at: str = "") -> None:
        self._said, said = os.pipe()
        start, self._start = os.pipe()
        close_connections()  # a connection is of one process: the child opens its own
        self.pid = os.fork()
        if not self.pid:
            os.close(self._start)
            _live(work, fail_at, start, said)
        os.close(said)
        os.close(start)

    def go(self) -> None:
        os.write(self._start, b"!")
        os.close(self._start)

    def end(self) -> tuple[int, str]:
        """Exit status and the traceback, if it ended by one."""
        said, deadline = b"", time.monotonic() + TIMEOUT_SECONDS
        while True:
            ready, _, _ = select.select([self._said], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(self.pid, 9)
                break
            piece = os.read(self._said, 65536)
            if not piece:
                break
            said += piece
        os.close(self._said)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), said.decode()


def _live(work: Work, fail_at: str, start: int, said: int) -> None:
    status = 1
    try:
        os.environ["FAIL_AT"] = fail_at
        os.read(start, 1)
        work()
        close_connections()
        status = 0
    except BaseException:
        os.write(said, traceback.format_exc().encode()[-8000:])
    finally:
        os._exit(status)


def die(work: Work, *, fail_at: str) -> int:
    """Exit status of `work` in a process that dies at `fail_at`: 86 there, 0 when it never came there."""
    child = Child(work, fail_at=fail_at)
    child.go()
    status, said = child.end()
    assert not said, said
    return status


def together(works: Sequence[Work]) -> None:
    """All of them at once, from one starting shot; each must end well."""
    children = [Child(work) for work in works]
    time.sleep(0.05)  # every child stands at the line
    for child in children:
        child.go()
    ends = [child.end() for child in children]
    assert [status for status, _ in ends] == [0] * len(ends), "\n".join(said for _, said in ends)
