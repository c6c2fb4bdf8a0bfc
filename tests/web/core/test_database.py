"""The built-in database is for the account that runs it: its socket, its folders, its log; and it is there while served."""

from __future__ import annotations

import os
import pwd
import subprocess
import threading
from pathlib import Path

import psycopg
import pytest

from claimwright.web import database as built_in
from claimwright.web.folders import let_pass, make_private

ROOT = os.geteuid() == 0


def test_no_other_account_reaches_the_server(postgres):
    assert postgres.socket.stat().st_mode & 0o077 == 0
    assert (postgres.socket / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
    if ROOT:  # else there is no other account at hand
        program = f"import socket; socket.socket(socket.AF_UNIX).connect('{postgres.socket}/.s.PGSQL.5432')"
        other = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        tried = subprocess.run(["/usr/bin/python3", "-c", program], cwd="/", capture_output=True, check=False, **other)
        assert b"PermissionError" in tried.stderr
    assert built_in.runs(postgres.data)


def test_its_log_holds_no_statement_and_no_value(postgres):
    with psycopg.connect(host=str(postgres.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        for wrong in ("SELECT 'ZZCANARYZZ'::int", "DO $$ BEGIN RAISE WARNING 'ZZCANARYZZ'; END $$", "ZZCANARYZZ"):
            try:
                connection.execute(wrong)
            except psycopg.Error:
                continue
        logs = [postgres.data / "server.log", *(postgres.data / "log").iterdir()]
        assert "ready to accept connections" in "".join(path.read_text() for path in logs)
        assert not [path for path in logs if "ZZCANARYZZ" in path.read_text()]
        kept = "SELECT current_setting('log_truncate_on_rotation'), current_setting('log_filename')"
        assert connection.execute(kept).fetchone() == ("on", "server-%a.log")


def test_a_folder_of_a_strangers_server_is_not_used(tmp_path):
    server = built_in.server_for(tmp_path / "postgres")
    server.socket.mkdir()
    built_in._refuse_a_strangers(server)
    if ROOT:
        os.chown(server.socket, pwd.getpwnam("nobody").pw_uid, -1)
        with pytest.raises(built_in.DatabaseUnavailable, match="belongs to another account"):
            built_in.ensure_running(server.data)


@pytest.mark.skipif(not ROOT, reason="only root lets others through folders of its own")
def test_one_account_passes_through_a_private_folder_and_nobody_else(tmp_path):
    import tempfile

    def entered(name):
        with tempfile.TemporaryDirectory() as above:
            os.chmod(above, 0o755)
            private = Path(above, "private")
            make_private(private)
            (private / "known").touch(0o644)
            assert private.stat().st_mode & 0o777 == 0o700
            for _ in range(2):  # again changes nothing
                let_pass(private, pwd.getpwnam("nobody").pw_uid)
            os.chmod(private, 0o700)  # takes the right away, for this is the list's mask, too
            let_pass(private, pwd.getpwnam("nobody").pw_uid)
            assert private.stat().st_mode & 0o007 == 0
            other = {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}
            did = [
                subprocess.run([*command, str(path)], cwd="/", capture_output=True, check=False, **other).returncode
                for command, path in ((["cat"], private / "known"), (["ls"], private))
            ]
        return [code == 0 for code in did]

    assert entered("nobody") == [True, False]  # through to what it knows the name of; it cannot look around
    assert entered("daemon") == [False, False]


def test_whoever_serves_starts_a_server_that_is_gone(tmp_path, monkeypatch):
    started, running = threading.Event(), [False, False, True]

    def ensure_running(data):
        running.pop(0)
        if running[0]:
            started.set()
        raise built_in.DatabaseUnavailable("not yet")  # the next look tries again

    monkeypatch.setattr(built_in, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(built_in, "runs", lambda data: running[0])
    monkeypatch.setattr(built_in, "ensure_running", ensure_running)
    with built_in.kept_running(tmp_path):
        assert started.wait(60)
    assert running == [True]


def test_a_command_stops_only_what_nobody_uses(postgres, monkeypatch):
    stopped = []
    monkeypatch.setattr(built_in, "stop", stopped.append)
    with psycopg.connect(host=str(postgres.socket), user="postgres", dbname="postgres"):
        built_in.stop_unless_used(postgres.data)
    assert stopped == []


def test_the_auditor_connects_as_the_application_does(database, monkeypatch):
    from django.db import connection
    from psycopg.conninfo import conninfo_to_dict

    from claimwright.web.bootstrap import connection_text

    proved = {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/ca.pem", "connect_timeout": 9}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", proved)
    told = conninfo_to_dict(connection_text())
    assert told | {name: str(value) for name, value in proved.items()} == told
    assert told["dbname"] == database and told["host"] == connection.settings_dict["HOST"]


def test_keys_are_made_with_the_installation_and_never_beside_a_database_in_use(tenant, tmp_path, monkeypatch):
    from django.conf import settings

    from claimwright.web import bootstrap
    from claimwright.web.core import keys

    monkeypatch.setattr(settings, "HOME", tmp_path)
    with pytest.raises(built_in.DatabaseUnavailable, match="patients.key, patient-index.key, connections.key, sign-in"):
        bootstrap._see_to_keys(whole_home=False)  # a database elsewhere, with practices in it
    assert not (tmp_path / "keys").exists()
    bootstrap._see_to_keys(whole_home=True)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == sorted(keys.FILES)
    first = [keys.keys_in(keys.key_file(name)) for name in keys.FILES]
    bootstrap._see_to_keys(whole_home=False)
    assert [keys.keys_in(keys.key_file(name)) for name in keys.FILES] == first
    keys.key_file("connections.key").unlink()
    with pytest.raises(built_in.DatabaseUnavailable, match="lacks connections.key, and"):
        bootstrap._see_to_keys(whole_home=False)


def test_every_key_file_of_the_code_is_made_with_the_installation():
    import re

    import claimwright.web
    from claimwright.web.core import keys

    code = "".join(path.read_text() for path in Path(claimwright.web.__file__).parent.rglob("*.py"))
    audits = {"eligibility.key"}  # the audit action of a page that tells a key
    assert set(re.findall(r'"([a-z-]+\.key)"', code)) - audits == set(keys.FILES)
