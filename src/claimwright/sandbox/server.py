"""The sandbox's door: an SFTP server over <root>/sftp, with a host key of its own that a client can pin."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import os
import secrets
from pathlib import Path

import asyncssh
import msgspec

from claimwright.sandbox.day import PLAN_IN_ROOT, folders
from claimwright.sandbox.plan import Plan, load_plan

USERNAME = "practice"
HOST_KEY = "ssh-ed25519"


class Door(asyncssh.SSHServer):
    """Lets in one user, by password or by a key of <root>/authorized_keys."""

    def __init__(self, username: str, password: str, authorized_keys: Path) -> None:
        self.username, self.password, self.authorized_keys = username, password, authorized_keys
        self.connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self.connection = connection

    def begin_auth(self, username: str) -> bool:
        if self.connection is not None and username == self.username and self.authorized_keys.exists():
            self.connection.set_authorized_keys(str(self.authorized_keys))
        return True

    def password_auth_supported(self) -> bool:
        return bool(self.password)

    def validate_password(self, username: str, password: str) -> bool:
        right_user = hmac.compare_digest(username.encode(), self.username.encode())
        return hmac.compare_digest(password.encode(), self.password.encode()) and right_user


def serve(
    root: Path | str,
    plan_path: Path | str | None = None,
    port: int = 0,
    username: str = USERNAME,
    password: str = "",
    host: str = "127.0.0.1",
) -> None:
    """Serve <root>/sftp until interrupted. Prints one JSON line (port, username, host key file) when ready.

    The plan at `plan_path` is checked and kept as <root>/plan.json, where `day` finds it. An empty password means the
    one in <root>/password, made on first use.
    """
    root = Path(root)
    plan = load_plan(plan_path) if plan_path is not None else None
    run(root, port, plan, username=username, password=password, host=host)


def run(
    root: Path,
    port: int = 0,
    plan: Plan | None = None,
    *,
    username: str = USERNAME,
    password: str = "",
    host: str = "127.0.0.1",
) -> None:
    """Blocking; port 0 chooses a free one. Ends on SIGINT."""
    prepare(root, plan)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(root, port, username, password or own_password(root), host))


def prepare(root: Path, plan: Plan | None = None) -> None:
    """Make the folders, the host key (once) and the plan file of `root`."""
    folders(root)
    if plan is not None:
        (root / PLAN_IN_ROOT).write_bytes(_plan_bytes(plan))
    host_key(root)


def host_key(root: Path) -> asyncssh.SSHKey:
    """The server's key, made on first use; its public half lies in <root>/host_key.pub."""
    path = root / "host_key"
    if not path.exists():
        key = asyncssh.generate_private_key(HOST_KEY, comment="claimwright-sandbox")
        _private(path, key.export_private_key())
        (root / "host_key.pub").write_bytes(key.export_public_key())
    return asyncssh.read_private_key(str(path))


def own_password(root: Path) -> str:
    path = root / "password"
    if not path.exists():
        _private(path, secrets.token_urlsafe(18).encode())
    return path.read_text().strip()


def _private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _plan_bytes(plan: Plan) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=2)


async def listen(root: Path, port: int, username: str, password: str, host: str = "127.0.0.1") -> asyncssh.SSHAcceptor:
    """Open the door on `host`:`port`; the caller closes it."""

    def door() -> Door:
        return Door(username, password, root / "authorized_keys")

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str((root / "sftp").resolve()).encode())

    return await asyncssh.listen(
        host,
        port,
        server_factory=door,
        server_host_keys=[host_key(root)],
        sftp_factory=files,
        allow_scp=False,
        agent_forwarding=False,
        x11_forwarding=False,
    )


async def _serve(root: Path, port: int, username: str, password: str, host: str) -> None:
    acceptor = await listen(root, port, username, password, host)
    ready = {
        "ready": True,
        "host": host,
        "port": acceptor.get_port(),
        "username": username,
        "host_key": str(root / "host_key.pub"),
    }
    print(json.dumps(ready), flush=True)
    try:
        await acceptor.wait_closed()
    finally:
        acceptor.close()
