"""The pretend clearinghouse and payers: a process of their own, without a wall clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.words import Refused, console, print_json

app = typer.Typer(help="A pretend clearinghouse with payers, to rehearse with.", invoke_without_command=True)

Root = Annotated[Path, typer.Option(help="The sandbox's own folder.")]
DEFAULT_ROOT = Path("var/sandbox")


@app.callback()
def serve(
    context: typer.Context,
    root: Root = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(help="Port to listen on, 127.0.0.1 only; 0 chooses one.")] = 0,
    plan: Annotated[str, typer.Option(help='Plan file; "clean" for payers that never err.')] = "",
    password_file: Annotated[Path | None, typer.Option(help="File that holds the SFTP password.")] = None,
) -> None:
    """Serve SFTP until stopped; `claimwright sandbox day DATE` releases what is due."""
    if context.invoked_subcommand is not None:
        return
    from claimwright.sandbox.plan import PlanError
    from claimwright.sandbox.server import USERNAME
    from claimwright.sandbox.server import serve as run

    password = password_file.read_text().strip() if password_file else ""
    try:
        run(root, plan or None, port, USERNAME, password)
    except PlanError as error:
        raise Refused(str(error)) from None


@app.command("day")
def day(
    when: Annotated[str, typer.Argument(metavar="DATE", help="The day that has come, YYYY-MM-DD.")],
    root: Root = DEFAULT_ROOT,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Read what arrived, answer it, release what is due by DATE."""
    from datetime import date

    from claimwright.sandbox.day import DayError, advance
    from claimwright.sandbox.plan import PlanError

    try:
        report = advance(root, date.fromisoformat(when))
    except ValueError as error:
        if isinstance(error, DayError | PlanError):
            raise Refused(str(error)) from None
        raise Refused("DATE is a date such as 2026-08-03") from None
    if as_json:
        print_json(report)
    else:
        console.print(f"{when}: {report}", markup=False)
