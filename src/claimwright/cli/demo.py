"""`claimwright demo`: a practice bills weeks of work before your eyes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.words import Refused, console, print_json

DEMO_HOME = Path("var/demo")


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON instead of the screen.")] = False,
    home: Annotated[Path, typer.Option(help="Where the demonstration's database and files live.")] = DEMO_HOME,
    data: Annotated[Path, typer.Option(help="The demonstration's inputs.")] = Path("demo"),
) -> None:
    """Bill two months of a practice's work end to end, prove the books, and show what it came to."""
    if os.environ.get("DATABASE_URL"):
        raise Refused("the demo starts from an empty database of its own: unset DATABASE_URL and run it again")
    if not (data / "registration.csv").exists():
        raise Refused(f"{data}: no demonstration inputs here; run it from the repository or give --data")
    os.environ["CLAIMWRIGHT_HOME"] = str(home)
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from claimwright.simulation.stage import build, prepare

    with Progress(
        TextColumn("{task.description:<34}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=console,
        transient=False,
        disable=as_json,
    ) as bars:
        first = bars.add_task("Starting the database", total=None)
        prepare(home)
        bars.update(first, total=1, completed=1)
        days = bars.add_task("Billing", total=None)

        def progress(words: str, done: int, total: int) -> None:
            bars.update(days, description=f"Billing {words}", completed=done, total=total)

        proof = bars.add_task("Proving the books", total=None)
        report = build(data, home, progress)
        bars.update(proof, total=1, completed=1)
    if as_json:
        print_json(report.figures)
    else:
        report.show(console)
    raise typer.Exit(0 if report.figures["books"]["balanced"] else 1)
