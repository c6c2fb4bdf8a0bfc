"""What a backup holds, and the way to read it: a tar stream in a sealed file, its manifest last.

    heads/<name>            the chains' heads kept outside the database, as they stood before its snapshot
    database.dump.0001 ...  the database by pg_dump, in pieces: `cat` of them is one custom-format dump
    home/<path>             keys, the secret key, and whatever else lies in the installation's folder
    codes/<path>            the library of code sets
    manifest.json           what all of these must be: sizes, hashes, rows and digests of each table

Any age tool and tar open it without this product.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec
import psycopg
from psycopg import sql

from claimwright.web.operations.sealed_files import Key, OpenedFile, SealBroken, read_all

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
FOLDERS = ("heads", "home", "codes")
LARGEST_MANIFEST = 64 * 1024 * 1024
NAME = re.compile(r"claimwright-\d{8}T\d{6}Z\.age")


class BackupRefused(RuntimeError):
    """The backup cannot be made, or is not to be trusted; the text says why and what to do."""


class Held(msgspec.Struct, frozen=True):
    """One thing of the archive: its size in bytes and its sha256."""

    size: int
    sha256: str


class TableState(msgspec.Struct, frozen=True):
    """Rows of a table and a digest of them all, whatever their order."""

    rows: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`made_at` in UTC; `lsn` is where the write-ahead log stood at the snapshot that everything of the database is of."""

    format: int
    product: str
    made_at: str
    postgres: str
    lsn: str
    dump: Held
    files: dict[str, Held]
    tables: dict[str, TableState]
    chains: dict[str, dict[str, tuple[int, str]]]
    migrations: list[str]

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())


Connection = psycopg.Connection[tuple[object, ...]]


def state_of(connection: Connection) -> tuple[dict[str, TableState], dict[str, dict[str, tuple[int, str]]], list[str]]:
    """Every table's rows and digest, every tenant's chain heads, the migrations: of the connection's snapshot.

    The role must see all rows: under row-level security a table would look empty. Raises BackupRefused.
    """
    sees_all = connection.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    if not sees_all.fetchone()[0]:  # type: ignore[index]
        raise BackupRefused(
            "the role that makes backups does not see every row: CREATE ROLE claimwright_backup LOGIN BYPASSRLS; "
            "GRANT pg_read_all_data TO claimwright_backup; and name it in DATABASE_BACKUP_URL"
        )
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    # Times and numbers print as the session says: two databases are compared in one way of printing.
    connection.execute("SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false)")
    connection.execute("SELECT set_config('bytea_output', 'hex', false), set_config('extra_float_digits', '1', false)")
    tables = {}
    for (name,) in names.fetchall():
        question = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} t")
        rows, digest = connection.execute(question.format(sql.Identifier("public", str(name)))).fetchone()  # type: ignore[misc]
        tables[str(name)] = TableState(int(rows), str(digest))  # type: ignore[call-overload]
    chains: dict[str, dict[str, tuple[int, str]]] = {}
    for chain, table in (("ledger", "accounts_ledgertransfer"), ("audit", "core_auditevent")):
        heads = connection.execute(
            sql.SQL("SELECT DISTINCT ON (tenant_id) tenant_id::text, sequence, hash FROM {} ORDER BY tenant_id, sequence DESC")
            .format(sql.Identifier(table))
        )  # fmt: skip
        for tenant, sequence, digest in heads.fetchall():
            chains.setdefault(str(tenant), {})[chain] = (int(sequence), str(digest))  # type: ignore[call-overload]
    migrations = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return tables, chains, [str(name) for (name,) in migrations]


def differences(manifest: Manifest, connection: Connection) -> list[str]:
    """Where a database differs from what the manifest says it held; none: they are the same rows and chains."""
    tables, chains, _ = state_of(connection)
    found = []
    for name in sorted(manifest.tables.keys() | tables.keys()):
        want, have = manifest.tables.get(name), tables.get(name)
        if want is None or have is None:
            found.append(f"table {name}: {'not in the backup' if want is None else 'missing'}")
        elif want.rows != have.rows:
            found.append(f"table {name}: {have.rows:,} rows, the backup had {want.rows:,}")
        elif want.digest != have.digest:
            found.append(f"table {name}: as many rows, but not the same")
    for tenant in sorted(manifest.chains.keys() | chains.keys()):
        if manifest.chains.get(tenant) != chains.get(tenant):
            found.append(f"tenant {tenant}: the heads of its chains differ")
    return found


# Reading -------------------------------------------------------------------------------------------------------------


def members(path: Path, key: Key) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each thing in a backup, in order; every byte up to the end of the file is authenticated.

    Raises BackupRefused for what cannot be read or is none of ours, SealBroken at the byte that does not hold.
    """
    try:
        source = path.open("rb")
    except OSError as problem:
        raise BackupRefused(f"{path}: {problem.strerror or 'it cannot be read'}") from None
    with source:
        content = io.BufferedReader(OpenedFile(source, key), 1 << 20)
        with tarfile.open(fileobj=content, mode="r|") as archive:
            for member in archive:
                held = archive.extractfile(member) if member.isreg() else None
                if held is None or not _is_known(member.name):
                    raise BackupRefused(f"{path}: it holds something that no backup of ours holds")
                yield member.name, held
        read_all(content, lambda piece: None)


def _is_known(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if ".." in parts or name.startswith("/") or "\\" in name or "\0" in name:
        return False
    return name == MANIFEST or bool(re.fullmatch(DUMP + r"\.\d{4,}", name)) or (len(parts) > 1 and parts[0] in FOLDERS)


def read_backup(path: Path, key: Key, take: Callable[[str, IO[bytes]], None] | None = None) -> Manifest:
    """Read a whole backup, hold every thing in it to its manifest, and give the manifest.

    `take` gets each thing's name and content as it passes. Raises BackupRefused where anything differs: a caller that
    must change nothing before it is sure reads once without `take`.
    """
    try:
        return _read(path, key, take)
    except SealBroken as problem:
        raise BackupRefused(f"{path}: {problem}") from None
    except tarfile.TarError:
        raise BackupRefused(f"{path}: what is sealed in it is no archive") from None


def _read(path: Path, key: Key, take: Callable[[str, IO[bytes]], None] | None) -> Manifest:
    dump, dump_size, pieces = hashlib.sha256(), 0, 0
    files: dict[str, Held] = {}
    manifest = None
    for name, content in members(path, key):
        if name == MANIFEST:
            manifest = _manifest(path, content.read(LARGEST_MANIFEST))
            continue
        counted = _Counted(content, dump if name.startswith(DUMP) else hashlib.sha256())
        if name.startswith(DUMP):
            pieces += 1
            if name != f"{DUMP}.{pieces:04d}":
                raise BackupRefused(f"{path}: a piece of the database is missing")
        if take:
            take(name, counted)  # type: ignore[arg-type]
        read_all(counted, lambda piece: None)  # type: ignore[arg-type]
        if name.startswith(DUMP):
            dump_size += counted.size
        else:
            files[name] = Held(counted.size, counted.sha256)
    if manifest is None:
        raise BackupRefused(f"{path}: it has no manifest; it was not finished")
    if (files, Held(dump_size, dump.hexdigest())) != (manifest.files, manifest.dump):
        raise BackupRefused(f"{path}: its content is not what its manifest says")
    return manifest


def _manifest(path: Path, content: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError:
        raise BackupRefused(f"{path}: its manifest cannot be read; was it made by a newer version?") from None
    if found.format != FORMAT:
        raise BackupRefused(f"{path}: it has format {found.format}, this version reads {FORMAT}")
    return found


class _Counted:
    """A file to read that knows how much went through it; `digest` is given every byte."""

    def __init__(self, source: IO[bytes], digest: hashlib._Hash) -> None:
        self._source, self._digest, self.size = source, digest, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._source.read(size)
        self.size += len(piece)
        self._digest.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
