"""`claimwright year`: three practices bill for a year, and every cent is asked after every day."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.words import Refused, console, print_json

YEAR_HOME = Path("var/year")
DAYS = ["%Y-%m-%d"]


def year(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of the table.")] = False,
    home: Annotated[Path, typer.Option(help="Where the year's database and files live.")] = YEAR_HOME,
    until: Annotated[datetime | None, typer.Option(formats=DAYS, help="Stop after this day of the year.")] = None,
) -> None:
    """Bill three practices' year of some 20,000 claims, audit each day, and show what it came to. Takes most of an hour."""
    if os.environ.get("DATABASE_URL"):
        raise Refused("the year starts from an empty database of its own: unset DATABASE_URL and run it again")
    os.environ["CLAIMWRIGHT_HOME"] = str(home)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from claimwright.simulation.stage import StageOccupied
    from claimwright.simulation.year.offices import OFFICES
    from claimwright.simulation.year.stage import FIRST_DAY, LAST_DAY, live, prepare

    last = until.date() if until else LAST_DAY
    if not FIRST_DAY <= last <= LAST_DAY:
        raise Refused(f"the year has the days from {FIRST_DAY} to {LAST_DAY}")
    with Progress(
        TextColumn("{task.description:<24}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn(),
        console=console, disable=as_json,
    ) as bars:  # fmt: skip
        first = bars.add_task("Starting the database", total=1)
        try:
            prepare(home)
        except StageOccupied as reason:
            raise Refused(str(reason)) from None
        bars.update(first, completed=1)
        tasks = {slug: bars.add_task(slug, total=(last - FIRST_DAY).days + 1) for slug in OFFICES}

        def progress(slug: str, day: date) -> None:
            bars.update(tasks[slug], description=f"{slug} {day:%d %b}", completed=(day - FIRST_DAY).days + 1)

        result = live(home, FIRST_DAY, last, progress)
    if as_json:
        print_json(result)
    else:
        result.show(console)
        console.print(f"Result: {home / 'year.json'}")
    raise typer.Exit(0 if result.met else 1)
