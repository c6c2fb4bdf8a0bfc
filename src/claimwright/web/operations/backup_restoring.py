"""Restoring a backup into an empty home: nothing is changed before the whole file was proved, nothing is kept that differs.

The database is rebuilt from the dump as the owner role, so it may be restored into a newer PostgreSQL, or into a server of
your own; then each table is compared with what the backup recorded of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from claimwright.web.bootstrap import create_roles_and_database
from claimwright.web.database import OWNER_ROLE, binaries, ensure_running, stop
from claimwright.web.folders import make_private
from claimwright.web.operations.backup_contents import DUMP, BackupRefused, Manifest, differences, read_backup
from claimwright.web.operations.sealed_files import Key

DATABASE = "claimwright"
OLDEST_SERVER = 170_000  # pg_restore sets what servers before 17 do not know, and fails at its first line
LEAP = 10_000  # numbers a day that an office may have given out since: several times what a large one does
OPTIONS = ("--single-transaction", "--no-owner", "--no-acl", "--no-comments", "--format=custom")


def restore_backup(
    path: Path,
    key: Key,
    *,
    home: Path,
    codes: Path | None = None,
    owner: str = "",
    reader: str = "",
    durable: bool = True,
) -> Manifest:
    """Rebuild the installation of a backup in `home`, and compare every table with the backup's own record of it.

    Without `owner` the database is one of our own under `home`; else `owner` and `reader` (a role that sees every row)
    are libpq strings of an empty database on another server. Raises BackupRefused: for a file that does not hold, before
    anything was changed; for anything later, after all that was made is gone again.
    """
    if _holds_something(home):
        raise BackupRefused(f"{home} is not empty: a restore overwrites nothing; name a new folder")
    read_backup(path, key)
    if owner:
        _require_empty(owner)
    existed = home.exists()
    try:
        make_private(home)
    except OSError as problem:
        raise BackupRefused(
            f"{home}: {problem.strerror}; make the folder as root and give it to this account"
        ) from None
    try:
        if not owner:
            server = ensure_running(home / "postgres", durable=durable)
            create_roles_and_database(str(server.socket), DATABASE)
            where = {"host": str(server.socket), "dbname": DATABASE}
            owner, reader = make_conninfo(**where, user=OWNER_ROLE), make_conninfo(**where, user="postgres")
        manifest = _put_back(path, key, home, codes or home / "codes", owner)
        with psycopg.connect(reader) as connection:
            differing = differences(manifest, connection)
        if differing:
            raise BackupRefused("what was restored is not what was backed up: " + "; ".join(differing[:5]))
    except BaseException:
        stop(home / "postgres")
        for made in home.iterdir() if existed else (home,):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        raise
    return manifest


def _holds_something(home: Path) -> bool:
    try:
        return home.exists() and any(home.iterdir())
    except OSError as problem:
        raise BackupRefused(f"{home}: {problem.strerror}; name a new folder that this account may write to") from None


def leap_for(made_at: datetime, now: datetime) -> int:
    """How far the counters jump: LEAP for each day begun since the backup. Gaps in numbers harm nothing, repeats do."""
    return LEAP * (1 + max(0, (now - made_at).days))


def _require_empty(owner: str) -> None:
    try:
        with psycopg.connect(owner) as connection:
            version = connection.info.server_version
            found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    except psycopg.Error as problem:
        raise BackupRefused(f"the database to restore into is not reached: {type(problem).__name__}") from None
    if version < OLDEST_SERVER:
        raise BackupRefused(f"the server is PostgreSQL {version // 10_000}: this needs 17 or newer")
    if found and found[0]:
        raise BackupRefused("the database has tables: a restore overwrites nothing; make an empty one")


def _put_back(path: Path, key: Key, home: Path, codes: Path, owner: str) -> Manifest:
    """Files to their places and the dump to pg_restore, in one pass. The database is filled in one transaction."""
    places = {"heads": home / "audit-heads", "home": home, "codes": codes}
    options = conninfo_to_dict(owner)
    password = str(options.pop("password", "") or "")
    command = [str(binaries() / "pg_restore"), *OPTIONS, f"--dbname={make_conninfo(**options)}"]
    with tempfile.TemporaryFile() as says:
        restoring = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=says,
            env={**os.environ, "PGPASSWORD": password} if password else None,
        )  # fmt: skip
        assert restoring.stdin is not None
        try:
            manifest = read_backup(path, key, _taker(places, restoring.stdin))
            restoring.stdin.close()
        except BaseException as problem:
            restoring.kill()
            restoring.wait()
            if isinstance(problem, BrokenPipeError):
                raise BackupRefused(f"pg_restore gave up: {_said(says)}") from None
            raise
        if restoring.wait():
            raise BackupRefused(f"pg_restore ended with status {restoring.returncode}: {_said(says)}")
    return manifest


def _taker(places: dict[str, Path], restore: IO[bytes]) -> Callable[[str, IO[bytes]], None]:
    def take(name: str, content: IO[bytes]) -> None:
        if name.startswith(DUMP):
            while piece := content.read(1 << 20):
                restore.write(piece)
            return
        folder, _, rest = name.partition("/")
        target = places[folder] / rest
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            while piece := content.read(1 << 20):
                handle.write(piece)

    return take


def _said(says: IO[bytes]) -> str:
    """pg_restore's first line, which names the object. Its further lines may hold a row's content."""
    says.seek(0)
    lines = says.read(4000).decode(errors="replace").strip().splitlines()
    return lines[0][:300] if lines else "without a word"
