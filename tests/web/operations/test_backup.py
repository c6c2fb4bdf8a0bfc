"""Backups: one moment of a working office, sealed; refused when damaged; restored, proved and guarded."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from claimwright.cli import app
from claimwright.cli.backup import restore_into
from claimwright.cli.words import Refused
from claimwright.web.database import server_for, stop
from claimwright.web.operations.backup_contents import BackupRefused, differences, members, read_backup
from claimwright.web.operations.sealed_files import SecretKey
from tests.faults.office import open_office

KEY = SecretKey.generate()
HOME = os.environ["CLAIMWRIGHT_HOME"]


def invoke(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def tenant(module_database):
    from tests.conftest import _two_tenants

    return _two_tenants()[0]


@pytest.fixture(scope="module")
def sealed(tenant, tmp_path_factory):
    """A backup of an office with claims sent, whose audit log and counters move on while it is made."""
    from django.db import connections

    from claimwright.web.core.services import next_number, record_audit
    from claimwright.web.core.tenancy import tenant_scope

    folder = tmp_path_factory.mktemp("backup")
    open_office(tenant, folder / "partner", claims=3)
    stopped = threading.Event()

    def write():
        while not stopped.is_set():
            with tenant_scope(tenant):
                next_number(name="claim")
                record_audit(action="test.load", detail="write load")
        connections.close_all()

    key, file = folder / "key.txt", folder / "one.age"
    key.write_text(KEY.public_text)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        said = json.loads(invoke("backup", "create", "--home", HOME, "--to", file, "--key", key, "--json").output)
    finally:
        stopped.set()
        writer.join()
    assert said["rows"] > 100
    return file


def test_a_backup_under_load_restores_whole_and_guarded(sealed, tenant, tmp_path):
    from claimwright.web.core.models import AuditEvent, Counter
    from claimwright.web.core.tenancy import tenant_scope

    manifest = read_backup(sealed, KEY)
    # Not below pytest's own folder: another run of pytest closes that to the account the server runs as.
    home = Path(tempfile.mkdtemp(prefix="claimwright-restored-"))
    try:
        found = restore_into(sealed, KEY, home, durable=False, last_sent=50_000_000)
        assert found["balanced"], found["audits"]
        assert found["audits"]["first"]["examined"] > 50
        assert found["rows"] == manifest.rows
        with tenant_scope(tenant):
            before = {row.name: row.value for row in Counter.objects.all()}
            assert AuditEvent.objects.filter(action="test.load").count() > 0
        with psycopg.connect(
            host=str(server_for(home / "postgres").socket), user="postgres", dbname="claimwright"
        ) as connection:
            after = dict(
                connection.execute("SELECT name, value FROM core_counter WHERE tenant_id = %s", [tenant.pk]).fetchall()
            )
            assert set(after) == set(before)
            # Whatever the old installation gave out since the backup, the restored one gives out none of it again.
            assert all(after[name] > before[name] for name in before)
            assert all(value >= 50_000_000 for name, value in after.items() if name.startswith(("ISA13:", "GS06:")))
            active = connection.execute("SELECT count(*) FROM exchange_connection WHERE active").fetchone()
            events = connection.execute(
                "SELECT detail FROM core_auditevent WHERE action = 'installation.restored'"
            ).fetchall()
            asked = connection.execute("SELECT count(*) FROM core_workitem WHERE reason_code = 'RESTORED'").fetchone()
            assert active == (0,) and len(events) == 2 and asked[0] >= 1
            assert differences(manifest, connection)  # the restored office has moved on: the comparison sees it
        secret = Path(HOME) / "secret_key"
        assert (home / "secret_key").read_text() == secret.read_text()
        assert (home / "secret_key").stat().st_mode & 0o077 == 0
    finally:
        stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def test_a_backup_leaves_the_database_as_it_found_it(sealed, tmp_path, monkeypatch):
    from claimwright.web import database

    stopped = []
    monkeypatch.setattr(database, "stop_unless_used", stopped.append)
    (tmp_path / "key").write_text(KEY.public_text)
    for number, ran in enumerate((True, False)):
        monkeypatch.setattr(database, "runs", lambda data, ran=ran: ran)
        invoke("backup", "create", "--home", HOME, "--to", tmp_path / f"{number}.age", "--key", tmp_path / "key")
    assert stopped == [Path(HOME).resolve() / "postgres"]


def test_a_restore_names_what_stands_in_its_way(sealed, tmp_path, monkeypatch):
    from types import SimpleNamespace

    from claimwright.web.operations import backup_restoring

    def denied(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(backup_restoring, "make_private", denied)
    with pytest.raises(Refused, match="give it to this account"):
        restore_into(sealed, KEY, tmp_path / "home")

    class OldServer:
        info = SimpleNamespace(server_version=160_004)

        def __enter__(self):
            return self

        def __exit__(self, *why):
            return None

        def execute(self, question):
            return SimpleNamespace(fetchone=lambda: (0,))

    monkeypatch.setattr(backup_restoring.psycopg, "connect", lambda conninfo: OldServer())
    with pytest.raises(BackupRefused, match="17 or newer"):
        backup_restoring.restore_backup(sealed, KEY, home=tmp_path / "home", owner="x", reader="x")
    assert not (tmp_path / "home").exists()


def test_what_does_not_hold_is_refused_and_nothing_is_changed(sealed, tmp_path):
    content = sealed.read_bytes()
    home = tmp_path / "untouched"
    for damaged in (
        content[: len(content) // 2],
        content[:-1],
        b"",
        b"PGDMP" + content,
        content[:5000] + b"!" + content[5001:],
    ):
        bad = tmp_path / "bad.age"
        bad.write_bytes(damaged)
        with pytest.raises(Refused):
            restore_into(bad, KEY, home)
        assert not home.exists()
    with pytest.raises(Refused, match="the key does not open it"):
        restore_into(sealed, SecretKey.generate(), home)
    full = tmp_path / "full"
    full.mkdir()
    (full / "kept").write_text("kept")
    with pytest.raises(Refused, match="not empty"):
        restore_into(sealed, KEY, full)
    assert [path.name for path in full.iterdir()] == ["kept"] and not home.exists()
    with pytest.raises(BackupRefused):
        read_backup(tmp_path / "none.age", KEY)
    # Sealed from end to end: neither a patient's name nor the secret key can be read in it.
    names = [name for name, _ in members(sealed, KEY)]
    assert names[-1] == "manifest.json" and "home/secret_key" in names and "database.dump.0001" in names
    assert (Path(HOME) / "secret_key").read_bytes() not in content


def test_keys_are_made_once_and_a_backup_is_never_unsealed(database, tmp_path, monkeypatch):
    monkeypatch.delenv("CLAIMWRIGHT_BACKUP_KEY", raising=False)
    file = tmp_path / "pair"
    assert invoke("backup", "key", file).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0 and file.with_name("pair.pub").read_text().startswith("age1")
    with pytest.raises(Refused, match="never replaced"):
        invoke("backup", "key", file)
    with pytest.raises(Refused, match="always sealed"):
        invoke("backup", "create", "--home", HOME, "--to", tmp_path / "x.age")
    for number in range(4):
        (tmp_path / f"claimwright-2026010{number + 1}T000000Z.age").touch()
    from claimwright.web.operations.backup_making import prune

    prune(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.glob("*.age")) == [
        f"claimwright-2026010{day}T000000Z.age" for day in (3, 4)
    ]


def test_folders_that_go_while_a_backup_looks_end_nothing(tmp_path):
    """Uploads come and go beside it: what is gone is not in the backup, and the rest is."""
    from claimwright.web.operations.backup_making import _files

    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "card.png").write_bytes(b"x")

    def come_and_go():
        while not done.is_set():
            for number in range(40):
                (tmp_path / f"upload-{number}" / "part").mkdir(parents=True, exist_ok=True)
                (tmp_path / f"upload-{number}" / "part" / "file").write_bytes(b"x")
            for number in range(40):
                shutil.rmtree(tmp_path / f"upload-{number}", ignore_errors=True)

    done = threading.Event()
    office = threading.Thread(target=come_and_go)
    office.start()
    try:
        for _ in range(60):
            assert "home/kept/card.png" in [name for _, name in _files(tmp_path, "home")]
    finally:
        done.set()
        office.join()
