"""Row 18: backups made under write load restore and hold; a plain copy of the running database's folder does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from claimwright.cli.backup import create_backup, drill_backup
from claimwright.web.database import DatabaseUnavailable, binaries, ensure_running, server_for, stop
from claimwright.web.operations.backup_contents import read_backup
from claimwright.web.operations.sealed_files import SecretKey
from tests.faults.office import open_office
from tests.lib.proving import result, scale

DRILLS = 30
COPIES = 3


@contextmanager
def write_load(tenant):
    """Transactions that each move one counter by one and add one row: whole snapshots have as many of both."""
    from django.db import connections

    from claimwright.web.core.services import next_number, record_audit
    from claimwright.web.core.tenancy import tenant_scope

    stopped = threading.Event()

    def write():
        while not stopped.is_set():
            with tenant_scope(tenant):
                next_number(name="load")
                record_audit(action="test.load", detail="x" * 300)
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        yield
    finally:
        stopped.set()
        for writer in writers:
            writer.join()


@pytest.mark.prove
def test_row18_backups_under_load_restore(tenant, tmp_path):
    home, key, drills = Path(os.environ["CLAIMWRIGHT_HOME"]), SecretKey.generate(), scale(DRILLS)
    open_office(tenant, tmp_path / "partner", claims=3)
    seconds = []
    with result(18, lambda: f"{drills} of {drills} drills passed, the slowest restore took {max(seconds):.0f} s"):
        for number in range(drills):
            file, folder = tmp_path / f"{number}.age", tmp_path / f"drill-{number}"
            with write_load(tenant):
                time.sleep(0.2)
                create_backup(home, file, key)
            folder.mkdir()
            report = drill_backup(file, key, folder, durable=False)
            assert report["passed"], report
            assert read_backup(file, key).rows == report["rows"]
            seconds.append(float(report["seconds_to_restore"]))


@pytest.mark.prove
def test_row18_a_plain_copy_under_load_fails(tenant, tmp_path):
    """The canary: what the proof must refuse. A large database's folder is copied for minutes; this one pauses for that."""
    home = Path(os.environ["CLAIMWRIGHT_HOME"])
    open_office(tenant, tmp_path / "partner", claims=3)
    copies = min(COPIES, scale(COPIES))
    with result(
        18, lambda: f"{copies} of {copies} plain copies were refused, and one made by the database's own tool held"
    ):
        whole = tmp_path / "whole"  # the other side: what is consistent stands up to the same questions
        with write_load(tenant):
            own = [str(binaries() / "pg_basebackup"), "-h", str(server_for(home / "postgres").socket), "-U", "postgres"]
            subprocess.run([*own, "-D", str(whole / "postgres"), "-c", "fast", "-X", "stream"], check=True)
        hand_over(home / "postgres", whole / "postgres")
        assert faults_of(whole, os.environ["CLAIMWRIGHT_DATABASE"]) == ""
        shutil.rmtree(whole, ignore_errors=True)
        for number in range(copies):
            target = tmp_path / f"copy-{number}"
            with write_load(tenant):
                time.sleep(0.5)
                copy_plainly(home / "postgres", target / "postgres")
            assert faults_of(target, os.environ["CLAIMWRIGHT_DATABASE"])
            shutil.rmtree(target, ignore_errors=True)


def copy_plainly(source: Path, target: Path) -> None:
    """File after file, as `cp -r` would, while the server writes and comes to a checkpoint in between."""
    target.mkdir(parents=True)
    paths = sorted(path for path in source.rglob("*") if path.name != "postmaster.pid")
    for number, path in enumerate(paths):
        copy = target / path.relative_to(source)
        try:
            if path.is_dir():
                copy.mkdir(exist_ok=True)
            else:
                shutil.copy2(path, copy)
        except FileNotFoundError:
            continue
        if number % 400 == 399:
            time.sleep(0.05)
        if path.name == "global":
            with psycopg.connect(
                host=str(server_for(source).socket), user="postgres", dbname="postgres", autocommit=True
            ) as asked:
                asked.execute("CHECKPOINT")
            time.sleep(0.5)
    hand_over(source, target)


def hand_over(source: Path, target: Path) -> None:
    """The copy belongs to the account that the server runs as."""
    if os.geteuid() == 0:
        owner = source.stat()
        for path in (target, *target.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
    target.chmod(0o700)


def faults_of(home: Path, database: str) -> str:
    """Why the copy is no whole database; "" where it stands up to everything."""
    try:
        server = ensure_running(home / "postgres", durable=False)
    except DatabaseUnavailable:
        return "it does not start"
    try:
        checked = subprocess.run(
            [str(binaries() / "pg_amcheck"), "--install-missing", "--heapallindexed", "-h", str(server.socket),
             "-U", "postgres", database],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if checked.returncode:
            return f"indexes and tables differ: {checked.stdout[:200]}"
        with psycopg.connect(host=str(server.socket), user="postgres", dbname=database) as connection:
            counted = connection.execute("SELECT value FROM core_counter WHERE name = 'load'").fetchone()
            added = connection.execute("SELECT count(*) FROM core_auditevent WHERE action = 'test.load'").fetchone()
        return "" if counted == added else f"half a transaction: {counted} counted, {added} added"
    except psycopg.Error as problem:
        return f"it cannot be read: {type(problem).__name__}"
    finally:
        stop(home / "postgres")
