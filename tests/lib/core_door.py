"""The sandbox's HTTP door and a door that says what a test wants, on 127.0.0.1 in threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

USERNAME, PASSWORD = "practice", "a long secret"


@contextmanager
def sandbox_door(root: Path, plan: Any, **given: Any) -> Iterator[str]:
    """The address of a sandbox over `root` that plays `plan`."""
    from claimwright.sandbox.real_time import Desk, real_time_door

    with real_time_door(Desk(root, plan, username=USERNAME, password=PASSWORD), **given) as address:
        yield address


@contextmanager
def door_that(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server whose answer is the test's; the bodies it was sent."""
    came: list[bytes] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append(body)
            try:
                answer(self, body)
            except OSError:
                pass  # who asked has hung up

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/core", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
