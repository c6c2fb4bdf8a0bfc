"""A real SFTP server on 127.0.0.1 in a thread of its own, over folders of the test, with faults on demand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh


class Server:
    """`refuse` names SFTP operations that fail; `take_at_once` lets a renamed file vanish as a busy partner would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inbound, self.outbound = root / "inbound", root / "outbound"
        for folder in (self.inbound, self.outbound):
            folder.mkdir(parents=True, exist_ok=True)
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.refuse: set[str] = set()
        self.short: int = 0
        self.take_at_once = False
        self.taken: list[tuple[str, bytes]] = []
        self.port = 0

    @property
    def host_key(self) -> str:
        return self.key.export_public_key().decode().strip()


def _handler(server: Server) -> type[asyncssh.SFTPServer]:
    class Handler(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(server.root))

        def write(self, file_obj: object, offset: int, data: bytes) -> int:
            if "write" in server.refuse:
                raise asyncssh.SFTPFailure("disk full")
            if server.short:
                super().write(file_obj, offset, data[: -server.short])
                return len(data)
            return super().write(file_obj, offset, data)

        def rename(self, oldpath: bytes, newpath: bytes) -> None:
            if "rename" in server.refuse:
                raise asyncssh.SFTPFailure("refused")
            super().rename(oldpath, newpath)
            target = server.root / newpath.decode().lstrip("/")
            if server.take_at_once and target.parent == server.inbound:
                server.taken.append((target.name, target.read_bytes()))
                target.unlink()
            if "answer" in server.refuse:
                raise asyncssh.SFTPConnectionLost("the answer was lost")

    return Handler


class _Login(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("practice", "a long secret")


@contextmanager
def sftp_server(root: Path) -> Iterator[Server]:
    server = Server(root)
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def serve() -> None:
        acceptor = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=_Login, server_host_keys=[server.key], sftp_factory=_handler(server)
        )
        server.port = acceptor.get_port()
        ready.set()
        await stop.wait()
        acceptor.close()
        await acceptor.wait_closed()

    def run() -> None:
        loop.run_until_complete(serve())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
