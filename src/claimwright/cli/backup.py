"""Backups: make one while the office works, prove it, restore it, and rehearse the restore."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.office import HOME_VARIABLE, Home, Json, choose_home, open_office
from claimwright.cli.words import Refused, console, plural, print_json

if TYPE_CHECKING:
    from claimwright.web.operations.backup_contents import Manifest
    from claimwright.web.operations.sealed_files import Key

app = typer.Typer(help="Back up an installation, prove the backup, restore it.", no_args_is_help=True)

KEY_VARIABLE, PASSPHRASE_VARIABLE = "CLAIMWRIGHT_BACKUP_KEY", "CLAIMWRIGHT_BACKUP_PASSPHRASE"
SERVER_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_BACKUP_URL")
DRILLS = "backup-drills"

KeyFile = Annotated[
    Path | None, typer.Option("--key", help=f"Key file: public to make, secret to open. Else {KEY_VARIABLE} names it.")
]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help=f"File with a passphrase. Else {PASSPHRASE_VARIABLE} is it.")
]


def choose_key(key_file: Path | None, passphrase_file: Path | None) -> Key:
    """The key that was named, by option or by the environment. Raises Refused where there is none, or no usable one."""
    from claimwright.web.operations.sealed_files import Passphrase, key_of

    named = key_file or (Path(os.environ[KEY_VARIABLE]) if os.environ.get(KEY_VARIABLE) else None)
    if key_file and passphrase_file:
        raise Refused("give --key or --passphrase-file, not both")
    try:
        if passphrase_file is not None:
            return Passphrase(passphrase_file.read_text().strip("\r\n"))
        if named is not None:
            return key_of(named.read_text())
    except OSError as problem:
        raise Refused(f"{passphrase_file or named}: {problem.strerror or 'cannot be read'}") from None
    except ValueError as problem:
        raise Refused(f"{named}: {problem}") from None
    if os.environ.get(PASSPHRASE_VARIABLE):
        return Passphrase(os.environ[PASSPHRASE_VARIABLE])
    raise Refused("a backup is always sealed: `claimwright backup key FILE` makes a pair of keys; name one with --key")


@app.command("key")
def make_key(
    file: Annotated[Path, typer.Argument(help="Where the secret key goes; the public one goes beside it, as .pub.")],
) -> None:
    """Make a pair of keys: the public one seals backups, only the secret one opens them."""
    from claimwright.web.operations.sealed_files import SecretKey

    public = file.with_name(file.name + ".pub")
    made = SecretKey.generate()
    try:
        for path, text, mode in ((file, made.text, 0o600), (public, made.public_text, 0o644)):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as handle:
                handle.write(f"{text}\n")
    except OSError as problem:
        raise Refused(f"{problem.filename}: {problem.strerror}; a key file is never replaced") from None
    console.print(f"{file}: the secret key. Keep it away from this machine, in two places; without it no backup opens.")
    console.print(f"{public}: the public key, for `claimwright backup create --key`. It opens nothing.")


@app.command("create")
def create(
    home: Home = None,
    to: Annotated[Path | None, typer.Option("--to", help="A file, or a folder; else backups/ of the home.")] = None,
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    keep: Annotated[int, typer.Option(help="Keep only so many in the folder, the newest; 0 keeps all.")] = 0,
    as_json: Json = False,
) -> None:
    """Back up the installation while it works: database, keys, heads of the chains, library of code sets."""
    key = choose_key(key_file, passphrase_file)
    started = time.monotonic()
    with _left_as_found(home), open_office(home, migrate=False) as chosen:
        from claimwright.web.operations.backup_making import name_of, prune

        target = to or chosen / "backups"
        if target.suffix != ".age":
            target = target / name_of(datetime.now(UTC))
        manifest = create_backup(chosen, target, key)
        gone = prune(target.parent, keep) if keep > 0 else []
    figures = {
        "file": str(target), "bytes": target.stat().st_size, "rows": manifest.rows, "tables": len(manifest.tables),
        "files": len(manifest.files), "made_at": manifest.made_at, "seconds": round(time.monotonic() - started, 1),
        "removed": [str(path) for path in gone],
    }  # fmt: skip
    if as_json:
        print_json(figures)
        return
    console.print(f"{target}: {_contents(manifest)}, {figures['bytes']:,} bytes.", markup=False, soft_wrap=True)
    if gone:
        console.print(f"{plural(len(gone), 'older backup')} removed.")


@contextmanager
def _left_as_found(home: Path | None) -> Iterator[None]:
    """A database of our own that did not run is stopped at the end: it would be ended with the unit that makes backups,
    under whoever came to use it meanwhile."""
    data = choose_home(home).resolve() / "postgres"
    if os.environ.get("DATABASE_URL") or not data.exists():
        yield
        return
    from claimwright.web import database

    ran = database.runs(data)
    try:
        yield
    finally:
        if not ran:
            database.stop_unless_used(data)


def create_backup(home: Path, target: Path, key: Key) -> Manifest:
    """The backup of the open office. Raises Refused."""
    from django.conf import settings

    from claimwright.codes.library_sets import codes_folder
    from claimwright.web.operations.backup_contents import BackupRefused
    from claimwright.web.operations.backup_making import make_backup

    try:
        return make_backup(
            home=home, conninfo=reading_role(), target=target, key=key, secret_key=settings.SECRET_KEY,
            codes=codes_folder(home),
        )  # fmt: skip
    except (BackupRefused, ValueError) as problem:
        raise Refused(str(problem)) from None


def reading_role() -> str:
    """How libpq reaches the open office's database as a role that sees every row."""
    from django.conf import settings
    from django.db import connections
    from psycopg.conninfo import make_conninfo

    database = connections["default"].settings_dict["NAME"]
    if settings.EMBEDDED:
        return make_conninfo(host=str(settings.DATABASES["default"]["HOST"]), user="postgres", dbname=str(database))
    return os.environ.get("DATABASE_BACKUP_URL") or os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Read a backup to its last byte and hold everything in it to its manifest; change nothing. Exit 2 where it fails."""
    from claimwright.web.operations.backup_contents import BackupRefused, read_backup

    try:
        manifest = read_backup(file, choose_key(key_file, passphrase_file))
    except BackupRefused as problem:
        raise Refused(str(problem)) from None
    if as_json:
        print_json({"file": str(file), "made_at": manifest.made_at, "product": manifest.product, "rows": manifest.rows,
                    "tables": len(manifest.tables), "files": len(manifest.files), "lsn": manifest.lsn})  # fmt: skip
        return
    console.print(f"{file}: whole, of {manifest.made_at}, {_contents(manifest)}.", markup=False, soft_wrap=True)
    console.print("That it restores, only a restore shows: `claimwright backup drill`.")


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="The backup.")],
    home: Annotated[Path, typer.Option("--home", help="A new or empty folder: the installation's home to be.")],
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    last_sent: Annotated[
        int,
        typer.Option(help="The highest ISA13 or GS06 a partner has acknowledged, if known: numbers go on above it."),
    ] = 0,
    keep_connections: Annotated[
        bool, typer.Option("--keep-connections", help="Leave connections on: only where nothing was sent since.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Rebuild an installation from a backup, prove its books, and guard it against numbers given out twice.

    Exit 1 when the books of a tenant do not hold.
    """
    found = restore_into(
        file, choose_key(key_file, passphrase_file), home, last_sent=last_sent, keep_connections=keep_connections
    )
    if as_json:
        print_json(found)
    else:
        _show_restored(found, home)
    raise typer.Exit(0 if found["balanced"] else 1)


def restore_into(
    file: Path,
    key: Key,
    home: Path,
    *,
    last_sent: int = 0,
    keep_connections: bool = False,
    durable: bool = True,
    own_server: bool = False,
) -> dict[str, object]:
    """Restore, compare, audit and guard; the report as plain values. `own_server` ignores DATABASE_URL. Raises Refused."""
    from claimwright.web.operations.backup_contents import BackupRefused
    from claimwright.web.operations.backup_restoring import restore_backup

    home = home.resolve()
    outside = bool(os.environ.get("DATABASE_URL")) and not own_server
    missing = [name for name in SERVER_VARIABLES if not os.environ.get(name)]
    if outside and missing:
        raise Refused(f"to restore into a server of your own set {' and '.join(missing)} too")
    server = {"owner": os.environ["DATABASE_OWNER_URL"], "reader": os.environ["DATABASE_BACKUP_URL"]} if outside else {}
    started = time.monotonic()
    try:
        manifest = restore_backup(file, key, home=home, durable=durable, **server)
    except BackupRefused as problem:
        raise Refused(str(problem)) from None
    settled = _settle(home, manifest, last_sent, keep_connections, outside)
    audits = settled["audits"]
    assert isinstance(audits, dict)
    return {
        **settled, "made_at": manifest.made_at, "rows": manifest.rows, "tables": len(manifest.tables), "home": str(home),
        "balanced": all(audit["balanced"] for audit in audits.values()), "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def _settle(home: Path, manifest: Manifest, last_sent: int, keep_connections: bool, outside: bool) -> dict[str, object]:
    from claimwright.web.operations.backup_restoring import DATABASE, leap_for

    leap = leap_for(datetime.fromisoformat(manifest.made_at), datetime.now(UTC))
    asked = {"home": str(home), "made_at": manifest.made_at, "leap": leap, "last_sent": last_sent,
             "keep_connections": keep_connections}  # fmt: skip
    environment = {**os.environ, HOME_VARIABLE: str(home), "CLAIMWRIGHT_DATABASE": DATABASE}
    environment.pop("CLAIMWRIGHT_CODES", None)
    if not outside:
        for name in SERVER_VARIABLES:
            environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "claimwright.cli.backup_settling"], input=json.dumps(asked), text=True,
        capture_output=True, env=environment, check=False,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["without a word"])[-1].split(":")[0]
        raise Refused(f"{home} was restored, but could not be proved ({last[:200]}): do not serve from it")
    return dict(json.loads(done.stdout))


def _contents(manifest: Manifest) -> str:
    return f"{plural(manifest.rows, 'row')} in {plural(len(manifest.tables), 'table')}, {plural(len(manifest.files), 'file')}"


def _show_restored(found: dict[str, object], home: Path) -> None:
    console.print(f"{home}: {found['rows']:,} rows, each table as it was at {found['made_at']}.", markup=False)
    audits = found["audits"]
    assert isinstance(audits, dict)
    for tenant, audit in audits.items():
        says = "the books are proved" if audit["balanced"] else f"broken: {', '.join(audit['faults'])}"
        console.print(f"  {tenant}: {audit['examined']:,} things examined, {says}", markup=False)
    console.print(f"  {found['counters']} counters jumped, {found['connections']} connections off, sessions ended.")
    if found["connections"]:
        console.print("Ask each partner what it has received since then before you switch its connection on.")


@app.command("drill")
def drill(
    file: Annotated[Path | None, typer.Argument(help="A backup; without one, a fresh one is made.")] = None,
    home: Home = None,
    key_file: KeyFile = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Rehearse the worst day: restore a backup beside the office, prove it, damage it and see it refused, clean up.

    Keeps a report with its times under backup-drills/ of the home. Exit 1 when anything failed.
    """
    key = choose_key(key_file, passphrase_file)
    chosen = choose_home(home).resolve()
    with tempfile.TemporaryDirectory(prefix="claimwright-drill-") as scratch:
        folder = Path(scratch)
        started = time.monotonic()
        if file is None:
            file = folder / "fresh.age"
            with _left_as_found(home), open_office(home, migrate=False) as chosen:
                create_backup(chosen, file, key)
        made = round(time.monotonic() - started, 1)
        report = drill_backup(file, key, folder)
    report["seconds_to_make"] = made
    kept = chosen / DRILLS
    if chosen.is_dir():
        kept.mkdir(exist_ok=True)
        (kept / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.json").write_text(json.dumps(report, sort_keys=True, indent=1))
    if as_json:
        print_json(report)
    else:
        for name, passed in report["checks"].items():
            console.print(f"  {'ok ' if passed else 'BAD'} {name}", markup=False)
        console.print(f"Made in {made} s, restored and proved in {report['seconds_to_restore']} s.")
    raise typer.Exit(0 if report["passed"] else 1)


def drill_backup(file: Path, key: Key, folder: Path, *, durable: bool = True) -> dict[str, object]:
    """Restore `file` under `folder`, prove it, and try damaged copies and a wrong key. The report as plain values."""
    from claimwright.web.database import stop
    from claimwright.web.operations.backup_contents import BackupRefused, read_backup
    from claimwright.web.operations.sealed_files import Passphrase, SecretKey

    restored = folder / "restored"
    try:
        found = restore_into(file, key, restored, durable=durable, own_server=True)
    finally:
        stop(restored / "postgres")
        shutil.rmtree(restored, ignore_errors=True)
    checks = {"every table as it was backed up": True, "the books of every tenant are proved": bool(found["balanced"])}

    def refused(path: Path, other: Key) -> bool:
        try:
            read_backup(path, other)
        except BackupRefused:
            return True
        return False

    size = file.stat().st_size
    for words, keep, flip in (("cut off in the middle", size // 2, -1), ("without its last byte", size - 1, -1),
                              ("one bit changed", size, size // 3)):  # fmt: skip
        damaged = folder / "damaged.age"
        _damaged_copy(file, damaged, keep, flip)
        checks[f"a copy {words} is refused"] = refused(damaged, key)
        damaged.unlink()
    other: Key = Passphrase("not the passphrase it has") if isinstance(key, Passphrase) else SecretKey.generate()
    checks["another key is refused"] = refused(file, other)
    return {"passed": all(checks.values()), "checks": checks, "seconds_to_restore": found["seconds"],
            "backup": file.name, "bytes": size, "made_at": found["made_at"], "rows": found["rows"]}  # fmt: skip


def _damaged_copy(source: Path, target: Path, keep: int, flip: int) -> None:
    """The first `keep` bytes, with one bit changed at `flip` where that is not below zero. In pieces: backups are large."""
    with source.open("rb") as reading, target.open("wb") as writing:
        left = keep
        while left > 0 and (piece := reading.read(min(left, 1 << 20))):
            writing.write(piece)
            left -= len(piece)
    if flip >= 0:
        with target.open("r+b") as handle:
            handle.seek(flip)
            byte = handle.read(1)[0] ^ 1
            handle.seek(flip)
            handle.write(bytes([byte]))
