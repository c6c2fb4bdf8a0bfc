"""A PostgreSQL of one's own behind several processes: restored into, checked, served from, stopped."""

from __future__ import annotations

import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from claimwright.cli.backup import create_backup, restore_into
from claimwright.cli.words import Refused
from claimwright.web.database import binaries
from claimwright.web.operations.backup_contents import BackupRefused, read_backup
from claimwright.web.operations.backup_making import make_backup
from claimwright.web.operations.sealed_files import SecretKey
from tests.faults.office import open_office

KEY = SecretKey.generate()
PASSWORD = "a-password-with-%-and-/"
QUOTED = "a-password-with-%25-and-%2F"


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_server(command, **options):
    """PostgreSQL refuses root: then it is started as another account, as in production."""
    user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    return subprocess.run(
        [str(binaries() / command[0]), *command[1:]], check=True, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, **user, **options,
    )  # fmt: skip


@pytest.fixture(scope="module")
def own_server():
    """A server that knows nothing of us, over TCP, with passwords; the variables that name its three roles."""
    folder = Path(tempfile.mkdtemp(prefix="claimwright-server-"))  # the server's account may not enter pytest's own
    folder.chmod(0o777)
    data, port, words = folder / "data", free_port(), folder / "pw"
    words.write_text(PASSWORD)
    words.chmod(0o644)
    as_server(["initdb", "-D", str(data), "-U", "admin", "--auth=scram-sha-256", f"--pwfile={words}", "--no-sync"])
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
    as_server(
        ["pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-o", options, "-w", "start"], start_new_session=True
    )
    admin = {"host": "127.0.0.1", "port": port, "user": "admin", "password": PASSWORD}
    with psycopg.connect(**admin, dbname="postgres", autocommit=True) as connection:
        for role, more in (("owner", ""), ("app", ""), ("backup", "BYPASSRLS")):
            quoted = psycopg.sql.Literal(PASSWORD)
            connection.execute(psycopg.sql.SQL(f"CREATE ROLE cw_{role} LOGIN {more} PASSWORD {{}}").format(quoted))
        connection.execute("GRANT pg_read_all_data TO cw_backup")
        connection.execute("CREATE ROLE claimwright_limited NOLOGIN")
        connection.execute("GRANT claimwright_limited TO cw_app WITH INHERIT FALSE, SET TRUE")
        connection.execute("CREATE DATABASE billing OWNER cw_owner")
    urls = {
        name: f"postgres://cw_{role}:{QUOTED}@127.0.0.1:{port}/billing"
        for name, role in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner"), ("DATABASE_BACKUP_URL", "backup"))
    }
    yield urls
    as_server(["pg_ctl", "-D", str(data), "-m", "immediate", "stop"])
    shutil.rmtree(folder, ignore_errors=True)


def test_an_office_moves_to_a_server_of_its_own(own_server, tenant, tmp_path, monkeypatch):
    open_office(tenant, tmp_path / "partner", claims=2)
    file, home = tmp_path / "moving.age", tmp_path / "moved"
    create_backup(Path(os.environ["CLAIMWRIGHT_HOME"]), file, KEY)
    with monkeypatch.context() as variables:
        for name, url in own_server.items():
            variables.setenv(name, url)
        moved = restore_into(file, KEY, home, keep_connections=True)
        assert moved["balanced"] and moved["connections"] == 0 and not (home / "postgres").exists()
        with pytest.raises(Refused, match="a restore overwrites nothing"):
            restore_into(file, KEY, tmp_path / "again")
        variables.delenv("DATABASE_BACKUP_URL")
        with pytest.raises(Refused, match="DATABASE_BACKUP_URL"):
            restore_into(file, KEY, tmp_path / "again")
    own = {"home": home, "key": KEY, "secret_key": "x", "codes": home / "codes"}
    made = make_backup(**own, conninfo=own_server["DATABASE_BACKUP_URL"], target=tmp_path / "own.age")
    assert read_backup(tmp_path / "own.age", KEY) == made and made.rows >= moved["rows"]
    for role in ("DATABASE_OWNER_URL", "DATABASE_URL"):  # row-level security would hide rows from these
        with pytest.raises(BackupRefused, match="BYPASSRLS"):
            make_backup(**own, conninfo=own_server[role], target=tmp_path / "blind.age")
    assert not list(tmp_path.glob("*blind.age*"))
    serve_and_stop(home, own_server)


def test_a_worker_that_ends_is_followed_by_another_and_the_last_one_stops(tmp_path, monkeypatch, caplog):
    from claimwright.cli import jobs

    begins = "import os, pathlib; path = pathlib.Path(os.environ['CLAIMWRIGHT_HOME'], str(os.getpid())); path.touch()"
    lives = f"{begins}; import time; time.sleep(0 if len(list(path.parent.iterdir())) < 3 else 600)"
    monkeypatch.setattr(jobs, "WORKER", (sys.executable, "-c", lives))
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(jobs, "PAUSE_SECONDS", 0.01)
    with jobs.worker_beside(tmp_path):
        deadline = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
    begun = [int(path.name) for path in tmp_path.iterdir()]
    assert len(begun) == 3 and [record.message for record in caplog.records].count("worker_ended") == 2
    for process in begun:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def serve_and_stop(home, urls):
    port = free_port()
    command = [sys.executable, "-m", "claimwright.cli", "serve", "--no-worker", "--port", str(port), "--processes", "2"]
    environment = {**os.environ, **urls, "CLAIMWRIGHT_HOME": str(home), "CLAIMWRIGHT_LOG_LEVEL": "INFO",
                   "CLAIMWRIGHT_HTTPS": "true", "CLAIMWRIGHT_PROXIES": "1"}  # fmt: skip
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert json.loads(get(port, "/readyz"))["ready"] is True
        for _ in range(20):
            get(port, "/healthz")
        # Whichever of the two processes answers knows the requests of both.
        for _ in range(4):
            assert 'claimwright_requests_total{route="healthz",status="2xx"} 20' in get(port, "/metrics")
        without_tls, with_tls = headers(port, "/login/", "http"), headers(port, "/login/", "https")
        assert without_tls[0] == 301 and without_tls[1]["Location"] == "https://localhost/login/"
        assert with_tls[0] == 200
        refused = headers(port, "/api/v1/claims", "http")
        assert refused[0] == 403 and "Location" not in refused[1]  # a token in the clear is not led on
        assert headers(port, "/api/v1/claims", "https")[0] == 401
        assert with_tls[1]["Strict-Transport-Security"] == "max-age=31536000"
        assert with_tls[1]["X-Content-Type-Options"] == "nosniff" and with_tls[1]["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in with_tls[1]["Content-Security-Policy"]
        assert "unsafe" not in with_tls[1]["Content-Security-Policy"]
        assert "Secure" in with_tls[1]["Set-Cookie"]
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=60)
    lines = [json.loads(line) for line in said.splitlines()]
    answered = [line for line in lines if line["event"] == "request"]
    assert server.returncode == 0 and len([line for line in answered if line["route"] == "healthz"]) == 20


def headers(port, path, scheme):
    """Status and headers of one answer, asked as the proxy asks for a caller of that scheme."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as asked:
        forwarded = {"Host": "localhost", "X-Forwarded-Proto": scheme, "X-Forwarded-For": "203.0.113.9"}
        asked.request("GET", path, headers=forwarded)
        answer = asked.getresponse()
        return answer.status, answer.headers


def get(port, path):
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
