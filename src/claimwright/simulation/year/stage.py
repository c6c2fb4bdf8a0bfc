"""The year from an empty database to its result: three offices side by side, one process each."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from claimwright.simulation.stage import StageOccupied
from claimwright.simulation.year.codes import carry_over_codes
from claimwright.simulation.year.offices import OFFICES

if TYPE_CHECKING:
    from claimwright.simulation.year.result import YearResult
    from claimwright.simulation.year.run import OfficeRun

FIRST_DAY, LAST_DAY = date(2026, 1, 2), date(2026, 12, 31)
LOOK_SECONDS = 2.0
READY = "days"

Progress = Callable[[str, date], None]


def prepare(home: Path) -> None:
    """A fresh database at `home`. Raises StageOccupied when somebody else's practice lives there."""
    from claimwright.web.bootstrap import setup
    from claimwright.web.database import ensure_running

    home.mkdir(parents=True, exist_ok=True)
    server = ensure_running(home / "postgres", durable=False)  # a year that loses its power is begun again
    with psycopg.connect(host=str(server.socket), user="postgres", dbname="postgres", autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'claimwright'").fetchone():
            _check_own(str(server.socket))
            connection.execute("DROP DATABASE claimwright WITH (FORCE)")
    for slug in (*OFFICES, READY):
        shutil.rmtree(home / slug, ignore_errors=True)
    carry_over_codes(home, at=datetime.combine(FIRST_DAY, datetime.min.time(), UTC))
    setup()


def _check_own(host: str) -> None:
    with psycopg.connect(host=host, user="postgres", dbname="claimwright") as connection:
        try:
            slugs = {slug for (slug,) in connection.execute("SELECT slug FROM core_tenant")}
        except psycopg.errors.UndefinedTable:
            return
    if slugs - set(OFFICES):
        raise StageOccupied("this database holds a practice of another kind: give the year another --home")


def live(home: Path, first: date, last: date, progress: Progress) -> YearResult:
    """Every office from `first` to `last`; the YearResult."""
    from claimwright.simulation.year.result import whole_year

    ready = home / READY
    ready.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with ProcessPoolExecutor(max_workers=len(OFFICES), mp_context=multiprocessing.get_context("spawn")) as pool:
        started: list[Future[OfficeRun]] = [
            pool.submit(run_by_name, slug, str(home), first, last, str(ready)) for slug in OFFICES
        ]
        waiting = set(started)
        while waiting:
            _, waiting = wait(waiting, timeout=LOOK_SECONDS)
            for slug in OFFICES:
                if (ready / slug).exists():
                    progress(slug, date.fromisoformat((ready / slug).read_text() or first.isoformat()))
        runs = [future.result() for future in started]
    result = whole_year(runs, first, last, time.monotonic() - began, scale=(first, last) == (FIRST_DAY, LAST_DAY))
    result.write(home)
    return result


def steps_back(slug: str) -> int:
    """How far the office's process lets others go first, as `nice` counts: 0 for the largest, more the smaller it is.

    With fewer cores than offices they would share evenly, and the largest be left to work alone at the end.
    """
    largest = max(office.visits_a_day for office in OFFICES.values())
    return round(10 * (1 - OFFICES[slug].visits_a_day / largest))


def run_by_name(slug: str, home: str, first: date, last: date, ready: str) -> OfficeRun:
    """One office in a process of its own; progress is a file with the day it has done."""
    os.nice(steps_back(slug))
    from claimwright.web.bootstrap import setup

    setup(migrate=False)
    from claimwright.simulation.year.run import run_office

    def progress(_: str, day: date) -> None:
        (Path(ready) / slug).write_text(day.isoformat())

    return run_office(OFFICES[slug], Path(home), first, last, progress)
