"""The demonstration from an empty stage to its report."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from claimwright.simulation.report import Report

OWN_TENANTS = {"demo", "neighbour"}


class StageOccupied(RuntimeError):
    """The database at this home holds more than a demonstration: it is not swept away."""


def prepare(home: Path) -> None:
    """A fresh database at `home`. Raises StageOccupied when somebody else's practice lives there."""
    from claimwright.web.bootstrap import setup
    from claimwright.web.database import ensure_running

    home.mkdir(parents=True, exist_ok=True)
    server = ensure_running(home / "postgres")
    with psycopg.connect(host=str(server.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'claimwright'").fetchone()
        if known:
            _check_own(str(server.socket))
            connection.execute("DROP DATABASE claimwright WITH (FORCE)")
    shutil.rmtree(home / "sandbox", ignore_errors=True)
    (home / "demonstration").touch()  # its passwords are printed: settings ask for no second factor here
    setup()


def _check_own(host: str) -> None:
    with psycopg.connect(host=host, user="postgres", dbname="claimwright") as connection:
        try:
            slugs = {slug for (slug,) in connection.execute("SELECT slug FROM core_tenant")}
        except psycopg.errors.UndefinedTable:
            return
    if slugs - OWN_TENANTS:
        raise StageOccupied("this database holds a practice that is no demonstration: give the demo another --home")


def build(data: Path, home: Path, progress: Callable[[str, int, int], None]) -> Report:
    """Run the demonstration and gather its report."""
    from claimwright.simulation.demo import run
    from claimwright.simulation.report import gather

    tenant, totals = run(data, home, progress)
    return gather(tenant, totals, home)
