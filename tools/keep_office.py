"""Two small offices with a month's work in them, as this version keeps them: what tests/web/core/test_upgrade.py brings up to date.

    python tools/keep_office.py tests/upgrades/2026-11-25.dump.xz

Run it with each release and commit what it makes: who runs that release has such tables and such rows in them, and every
later migration is tried on them. All people in it are synthetic; of papers (PDF, ZIP) only the beginning is kept, so that it
is under 300 KB. For an older version run this file in a checkout of that.
"""

# ruff: noqa: PLC0415  Django is made ready first

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import msgspec
import psycopg

FIRST = date(2026, 1, 2)
LAST = {"surgery": date(2026, 1, 30), "family": date(2026, 1, 8)}  # the second to have another tenant's rows
MOST_BYTES = 300_000


def shorten_papers(host: str) -> None:
    """By the administrator, with every trigger silent: no migration reads a paper, and they would be most of the file.

    Of each only what tells its kind is kept, and wherever its digest stands that of what is kept.
    """
    columns = """SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND (data_type = 'bytea' OR column_name = 'sha256')"""
    with psycopg.connect(host=host, user="postgres", dbname="claimwright") as connection:
        connection.execute("SET session_replication_role = replica")
        found = connection.execute(columns).fetchall()
        digests = [table for table, column in found if column == "sha256"]
        for kind in (b"%PDF", b"PK\x03\x04"):
            before: list[str] = []
            for table, column in found:
                if column != "sha256":
                    where = f'FROM "{table}" WHERE substr("{column}", 1, 4) = %s'
                    if table in digests:
                        before += [digest for (digest,) in connection.execute(f"SELECT sha256 {where}", [kind])]
                    connection.execute(
                        f'UPDATE "{table}" SET "{column}" = %s WHERE substr("{column}", 1, 4) = %s', [kind, kind]
                    )
            for table in digests:
                connection.execute(
                    f'UPDATE "{table}" SET sha256 = %s WHERE sha256 = ANY(%s)',
                    [hashlib.sha256(kind).hexdigest(), before],
                )


def main() -> None:
    target = Path(sys.argv[1]).resolve()
    home = Path(tempfile.mkdtemp(prefix="claimwright-kept-"))
    os.environ["CLAIMWRIGHT_HOME"] = str(home)
    from claimwright.simulation.year.stage import prepare
    from claimwright.web.database import binaries, server_for, stop

    try:
        prepare(home)
        from claimwright.simulation.year.offices import OFFICES
        from claimwright.simulation.year.run import run_office

        for slug, last in LAST.items():
            run = run_office(msgspec.structs.replace(OFFICES[slug], visits_a_day=1), home, FIRST, last)
            print(f"{slug}: {run.encounters} visits, {run.claims_sent} claims sent, faults {run.faults}")
        host = str(server_for(home / "postgres").socket)
        shorten_papers(host)
        dump = [
            str(binaries() / "pg_dump"),
            f"--host={host}",
            "--username=postgres",
            "--format=custom",
            "--compress=none",
        ]
        said = subprocess.run([*dump, "--no-owner", "--no-acl", "claimwright"], check=True, stdout=subprocess.PIPE)
        target.write_bytes(lzma.compress(said.stdout, preset=9 | lzma.PRESET_EXTREME))
    finally:
        stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)
    print(f"{target}: {target.stat().st_size} bytes")
    if target.stat().st_size > MOST_BYTES:
        sys.exit(f"more than {MOST_BYTES}: take fewer visits")


if __name__ == "__main__":
    main()
