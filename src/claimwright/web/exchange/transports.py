"""Ways to a trading partner: a pair of folders, SFTP with a pinned host key, CAQH CORE over HTTP. Bytes and names only.

`outgoing` is where we put files (their inbound), `incoming` where we find theirs. A file in `incoming` that was taken
is moved to `incoming/archive`, never deleted.
"""

from __future__ import annotations

import asyncio
import os
import posixpath
from collections.abc import Coroutine, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import asyncssh

from claimwright.web.exchange.core_transport import CoreTransport
from claimwright.web.exchange.models import Connection
from claimwright.web.exchange.problems import RemoteFile, TransportProblem
from claimwright.web.exchange.secrets import decrypt

ARCHIVE = "archive"
ARCHIVED_NAME_BYTES = 180  # file systems take 255, the stamp before it some 40
TIMEOUT_SECONDS = 30
UNFINISHED = (".part", ".filepart", ".tmp", ".partial")

__all__ = [
    "HostKeyRefused",
    "RemoteFile",
    "Transport",
    "TransportProblem",
    "transport_for",
]

T = TypeVar("T")


class HostKeyRefused(TransportProblem):
    """The server's key is not the pinned one: perhaps not the partner. Only a person changes a pinned key."""


class Transport(Protocol):
    """What exchange asks of a connection. Used as a context manager; each method may raise TransportProblem."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def incoming(self) -> Iterable[RemoteFile]:
        """Finished files, by name; names of unfinished ones are left out. Store each before asking for the next."""
        ...

    def fetch(self, file: RemoteFile) -> bytes | None:
        """The content; None when the file is gone or changed while it was read."""
        ...

    def archive(self, file: RemoteFile) -> None:
        """Move a fetched file away. Doing it twice is no error."""
        ...

    def sent(self, name: str) -> bytes | None:
        """The content of `name` in `outgoing`; None when there is none."""
        ...

    def sent_size(self, name: str) -> int | None: ...

    def put(self, name: str, content: bytes) -> None:
        """Write or overwrite `name` in `outgoing`."""
        ...

    def rename(self, old: str, new: str) -> None:
        """Within `outgoing`; never over an existing file."""
        ...


def is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


class FolderTransport:
    """Two folders of this machine or a mounted share."""

    def __init__(self, connection: Connection) -> None:
        self.outgoing, self.inbox = Path(connection.outgoing), Path(connection.incoming)

    def __enter__(self) -> Self:
        for folder in (self.outgoing, self.inbox):
            if not folder.is_dir():
                raise TransportProblem(f"The folder {folder} does not exist: create it or correct the connection")
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def incoming(self) -> list[RemoteFile]:
        files = []
        for path in sorted(self.inbox.iterdir()):
            if is_unfinished(path.name) or not path.is_file() or path.is_symlink():
                continue
            files.append(_local(path))
        return files

    def fetch(self, file: RemoteFile) -> bytes | None:
        path = self.inbox / file.name
        try:
            content = path.read_bytes()
            return content if _local(path) == file and len(content) == file.size else None
        except FileNotFoundError:
            return None

    def archive(self, file: RemoteFile) -> None:
        target = self.inbox / ARCHIVE
        target.mkdir(exist_ok=True)
        try:
            if _local(self.inbox / file.name) == file:
                os.replace(self.inbox / file.name, target / _archive_name(file))
        except FileNotFoundError:
            return

    def sent(self, name: str) -> bytes | None:
        try:
            return (self.outgoing / name).read_bytes()
        except FileNotFoundError:
            return None

    def sent_size(self, name: str) -> int | None:
        try:
            return (self.outgoing / name).stat().st_size
        except FileNotFoundError:
            return None

    def put(self, name: str, content: bytes) -> None:
        with (self.outgoing / name).open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())

    def rename(self, old: str, new: str) -> None:
        try:
            os.link(self.outgoing / old, self.outgoing / new)
        except FileExistsError:
            raise TransportProblem("A file of that name is there already") from None
        (self.outgoing / old).unlink()


def _local(path: Path) -> RemoteFile:
    state = path.stat()
    return RemoteFile(path.name, state.st_size, f"{state.st_mtime_ns}-{state.st_size}")


def _archive_name(file: RemoteFile) -> str:
    """Unique by stamp, so that a later file of the same name does not replace the earlier one; never too long a name."""
    ending = file.name.encode()[-ARCHIVED_NAME_BYTES:].decode("utf-8", "ignore")
    return f"{file.stamp}_{ending}"


class SftpTransport:
    """SFTP. The server's host key must be the pinned one; without a pin nothing is connected."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.seconds: float = TIMEOUT_SECONDS  # for each step
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None

    def __enter__(self) -> Self:
        if not self.connection.host_key.strip():
            raise HostKeyRefused(
                f"{self.connection.name}: no host key is pinned. Ask the partner for it, compare, and enter it"
            )
        self._loop = asyncio.new_event_loop()
        try:
            self._run(self._open())
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is None:
            return
        try:
            if self._session is not None:
                self._session.close()
                self._loop.run_until_complete(asyncio.wait_for(self._session.wait_closed(), TIMEOUT_SECONDS))
        except (OSError, asyncssh.Error, TimeoutError):
            pass  # the link is gone already: nothing is left to close
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
            self._loop = self._session = self._sftp = None

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None, "use the transport in a with statement"
        name = self.connection.name
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, self.seconds))
        except asyncssh.HostKeyNotVerifiable:
            raise HostKeyRefused(
                f"{name}: the server's host key is not the pinned one. Nothing was sent. Ask the partner whether it "
                "changed, and let a person replace the pinned key"
            ) from None
        except asyncssh.PermissionDenied:
            raise TransportProblem(f"{name}: the server refused user name and secret: enter them again") from None
        except TimeoutError:
            raise TransportProblem(f"{name}: no answer within {self.seconds:g} seconds: try again later") from None
        except (OSError, asyncssh.Error) as error:
            raise TransportProblem(f"{name}: the connection failed ({type(error).__name__}): try again later") from None

    async def _open(self) -> None:
        held = self.connection
        try:
            pinned = asyncssh.import_public_key(held.host_key.strip())
        except asyncssh.KeyImportError:
            raise HostKeyRefused(f"{held.name}: the pinned host key is no OpenSSH public key: enter it again") from None
        secret = decrypt(held.secret)
        options: dict[str, Any] = {"password": secret, "client_keys": None, "preferred_auth": "password"}
        if "PRIVATE KEY-----" in secret:
            options = {"client_keys": [asyncssh.import_private_key(secret)], "preferred_auth": "publickey"}
        self._session = await asyncssh.connect(
            held.host, held.port, username=held.username, known_hosts=([pinned], [], []), config=None, agent_path=None,
            server_host_key_algs=_algorithms(pinned), **options,
        )  # fmt: skip
        self._sftp = await self._session.start_sftp_client()

    @property
    def sftp(self) -> asyncssh.SFTPClient:
        assert self._sftp is not None
        return self._sftp

    def incoming(self) -> list[RemoteFile]:
        return self._run(self._incoming())

    async def _incoming(self) -> list[RemoteFile]:
        files = []
        for entry in await self.sftp.readdir(self.connection.incoming):
            name = entry.filename if isinstance(entry.filename, str) else entry.filename.decode("utf-8", "replace")
            regular = entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR
            if regular and "/" not in name and not is_unfinished(name):
                files.append(_remote(name, entry.attrs))
        return sorted(files, key=lambda file: file.name)

    def fetch(self, file: RemoteFile) -> bytes | None:
        return self._run(self._fetch(file))

    async def _fetch(self, file: RemoteFile) -> bytes | None:
        path = posixpath.join(self.connection.incoming, file.name)
        try:
            async with self.sftp.open(path, "rb") as handle:
                content: bytes = await handle.read()
            after = _remote(file.name, await self.sftp.stat(path))
        except asyncssh.SFTPNoSuchFile:
            return None
        return content if after == file and len(content) == file.size else None

    def archive(self, file: RemoteFile) -> None:
        self._run(self._archive(file))

    async def _archive(self, file: RemoteFile) -> None:
        folder = posixpath.join(self.connection.incoming, ARCHIVE)
        path = posixpath.join(self.connection.incoming, file.name)
        try:
            if not await self.sftp.isdir(folder):
                await self.sftp.mkdir(folder)
            if _remote(file.name, await self.sftp.stat(path)) != file:
                return
            await self.sftp.rename(path, posixpath.join(folder, _archive_name(file)))
        except asyncssh.SFTPNoSuchFile:
            return

    def sent(self, name: str) -> bytes | None:
        return self._run(self._sent(name))

    async def _sent(self, name: str) -> bytes | None:
        try:
            async with self.sftp.open(posixpath.join(self.connection.outgoing, name), "rb") as handle:
                content: bytes = await handle.read()
                return content
        except asyncssh.SFTPNoSuchFile:
            return None

    def sent_size(self, name: str) -> int | None:
        return self._run(self._sent_size(name))

    async def _sent_size(self, name: str) -> int | None:
        try:
            return (await self.sftp.stat(posixpath.join(self.connection.outgoing, name))).size
        except asyncssh.SFTPNoSuchFile:
            return None

    def put(self, name: str, content: bytes) -> None:
        self._run(self._put(name, content))

    async def _put(self, name: str, content: bytes) -> None:
        async with self.sftp.open(posixpath.join(self.connection.outgoing, name), "wb") as handle:
            await handle.write(content)

    def rename(self, old: str, new: str) -> None:
        folder = self.connection.outgoing
        self._run(self.sftp.rename(posixpath.join(folder, old), posixpath.join(folder, new)))


def _remote(name: str, attributes: asyncssh.SFTPAttrs) -> RemoteFile:
    size = attributes.size or 0
    return RemoteFile(name, size, f"{attributes.mtime or 0}-{size}")


def _algorithms(key: asyncssh.SSHKey) -> list[str]:
    """Ask the server for the kind of key that is pinned, so that a server with several shows that one."""
    return [algorithm.decode() for algorithm in key.sig_algorithms]


def transport_for(connection: Connection) -> Transport:
    kinds: dict[str, type[FolderTransport] | type[SftpTransport] | type[CoreTransport]] = {
        "folder": FolderTransport, "sftp": SftpTransport, "mime": CoreTransport, "soap": CoreTransport,
    }  # fmt: skip
    return kinds[connection.kind](connection)
