"""Making a backup while the office works: one snapshot of the database, the keys and the code library, sealed.

Nothing of it touches the disk unsealed: pg_dump's output goes through the seal piece by piece.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import claimwright
from claimwright.web.database import DatabaseUnavailable, binaries
from claimwright.web.operations.backup_contents import (
    DUMP,
    FORMAT,
    MANIFEST,
    NAME,
    BackupRefused,
    Held,
    Manifest,
    state_of,
)
from claimwright.web.operations.sealed_files import Key, SealingFile

PIECE = 8 * 1024 * 1024
NOT_OF_THE_HOME = {"postgres", "backups", "backup-drills", "audit-heads", "codes", "secret_key", "socket.name", "run"}
NEWEST = "newest-backup.json"


def make_backup(
    *, home: Path, conninfo: str, target: Path, key: Key, secret_key: str, codes: Path, moment: datetime | None = None
) -> Manifest:
    """Write the sealed backup to `target`, whole or not at all.

    `conninfo` names a role that sees every row. The snapshot is of one moment however long the dump takes and whatever
    is written meanwhile. Raises BackupRefused; the target then does not exist.
    """
    if target.exists():
        raise BackupRefused(f"{target} exists: a backup replaces no file")
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
            sealed = SealingFile(handle, key)
            manifest = _write(sealed, home, conninfo, secret_key, codes, moment or datetime.now(UTC))
            sealed.finish()
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
    except OSError as problem:
        where = problem.filename or target
        raise BackupRefused(f"{where}: {problem.strerror or 'it cannot be written'}") from None
    except psycopg.Error as problem:
        raise BackupRefused(f"the database did not give its content: {type(problem).__name__}") from None
    finally:
        part.unlink(missing_ok=True)
    _remember(home, target, manifest)
    return manifest


def _write(sealed: SealingFile, home: Path, conninfo: str, secret_key: str, codes: Path, moment: datetime) -> Manifest:
    files: dict[str, Held] = {}
    with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        # Heads first: one written after the snapshot would name rows that the dump does not have.
        for path, name in _files(home / "audit-heads", "heads"):
            _add(archive, name, path, files)
        with psycopg.connect(conninfo) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            snapshot, lsn, version = connection.execute(
                "SELECT pg_export_snapshot(), pg_current_wal_lsn()::text, current_setting('server_version')"
            ).fetchone()  # type: ignore[misc]
            tables, chains, migrations = state_of(connection)
            dump = _dump(archive, conninfo, str(snapshot))
        # Keys last: a row of the snapshot may need a key made just before it, never one that is gone.
        _add_bytes(archive, "home/secret_key", secret_key.encode(), files)
        for path, name in _files(home, "home"):
            if path.relative_to(home).parts[0] not in NOT_OF_THE_HOME:
                _add(archive, name, path, files)
        for path, name in _files(codes, "codes"):
            _add(archive, name, path, files)
        manifest = Manifest(
            format=FORMAT, product=claimwright.__version__, made_at=moment.isoformat(timespec="seconds"),
            postgres=str(version), lsn=str(lsn), dump=dump, files=files, tables=tables, chains=chains,
            migrations=migrations,
        )  # fmt: skip
        _add_bytes(archive, MANIFEST, msgspec.json.encode(manifest, order="sorted"), {})
    return manifest


def _dump(archive: tarfile.TarFile, conninfo: str, snapshot: str) -> Held:
    try:
        command = [str(binaries() / "pg_dump"), "--format=custom", "--compress=gzip:1", f"--snapshot={snapshot}"]
    except DatabaseUnavailable as problem:
        raise BackupRefused(str(problem)) from None
    options = conninfo_to_dict(conninfo)
    password = str(options.pop("password", "") or "")  # never on a command line that others can list
    plain = make_conninfo(**options)
    digest, size, number = hashlib.sha256(), 0, 0
    with tempfile.TemporaryFile() as says:
        dumping = subprocess.Popen(
            [*command, f"--dbname={plain}"], stdout=subprocess.PIPE, stderr=says, stdin=subprocess.DEVNULL,
            env={**os.environ, "PGPASSWORD": password} if password else None,
        )  # fmt: skip
        with dumping:  # a disk that is full ends the dump too: its pipe closes
            assert dumping.stdout is not None
            while piece := dumping.stdout.read(PIECE):
                number += 1
                digest.update(piece)
                size += len(piece)
                _add_bytes(archive, f"{DUMP}.{number:04d}", piece, {})
        says.seek(0)
        words = says.read(300).decode(errors="replace").strip()
    if dumping.returncode or not number:
        raise BackupRefused(f"pg_dump ended with status {dumping.returncode}: {words or 'without a word'}")
    return Held(size, digest.hexdigest())


def _files(folder: Path, into: str) -> Iterator[tuple[Path, str]]:
    """Regular files below a folder and their names in the archive; no links, locks, sockets or unfinished files."""
    # A folder that goes while the office works is one that the walk does not enter.
    found = (Path(at) / name for at, _, names in os.walk(folder) for name in names)
    for path in sorted(found):
        passing = path.name.startswith((".secret", ".socket", ".postgres", ".template")) or path.suffix in (
            ".lock",
            ".new",
            ".part",
        )
        if path.is_file() and not path.is_symlink() and not passing and path.name != NEWEST:
            yield path, f"{into}/{path.relative_to(folder).as_posix()}"


def _add(archive: tarfile.TarFile, name: str, path: Path, files: dict[str, Held]) -> None:
    try:
        content = path.open("rb")
    except FileNotFoundError:  # an upload that was taken in meanwhile
        return
    with content:
        about, counted = os.fstat(content.fileno()), _Hashing(content)
        size = about.st_size
        _add_file(archive, name, size, counted, about.st_mode & 0o700)
    files[name] = Held(size, counted.digest.hexdigest())


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes, files: dict[str, Held]) -> None:
    _add_file(archive, name, len(content), io.BytesIO(content), 0o600)
    files[name] = Held(len(content), hashlib.sha256(content).hexdigest())


def _add_file(archive: tarfile.TarFile, name: str, size: int, content: object, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    entry.mtime = int(time.time())
    archive.addfile(entry, content)  # type: ignore[arg-type]


class _Hashing:
    def __init__(self, source: IO[bytes]) -> None:
        self._source, self.digest = source, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        return piece


def _remember(home: Path, target: Path, manifest: Manifest) -> None:
    """When the newest backup was made: what the checks and the metrics look at."""
    fresh = home / f".{NEWEST}.new"
    fresh.write_bytes(msgspec.json.encode({"made_at": manifest.made_at, "file": str(target), "rows": manifest.rows}))
    fresh.replace(home / NEWEST)


def newest_backup(home: Path) -> datetime | None:
    """When the newest backup of this installation was made; None where none was, or nobody knows."""
    try:
        return datetime.fromisoformat(msgspec.json.decode((home / NEWEST).read_bytes())["made_at"])
    except (OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError):
        return None


def name_of(moment: datetime) -> str:
    return f"claimwright-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}.age"


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder; only files named as backups are named. Says which went."""
    found = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    gone = found[: max(0, len(found) - keep)]
    for path in gone:
        path.unlink()
    return gone
