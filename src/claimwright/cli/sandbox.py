"""The pretend clearinghouse and payers: a process of their own, without a wall clock."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.words import Refused, console, dollars, print_json, read_bytes

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

    password = read_bytes(password_file).decode(errors="replace").strip() if password_file else ""
    if plan and plan != "clean" and not Path(plan).is_file():
        raise Refused(f"{plan}: there is no such plan file")
    try:
        run(root, plan or None, port, USERNAME, password)
    except PlanError as error:
        raise Refused(str(error)) from None


@app.command("real-time")
def real_time(
    root: Root = DEFAULT_ROOT,
    port: Annotated[int, typer.Option(help="Port to listen on, 127.0.0.1 only; 0 chooses one.")] = 0,
    plan: Annotated[str, typer.Option(help='Plan file; "clean" for payers that never err.')] = "",
    username: Annotated[str, typer.Option(help="The user name that is let in.")] = "practice",
    password_file: Annotated[Path | None, typer.Option(help="File that holds the password.")] = None,
) -> None:
    """Serve CAQH CORE (HTTP MIME and SOAP) until stopped: 270 and 276 answered at once, batches taken."""
    from claimwright.sandbox.plan import PlanError, load_plan
    from claimwright.sandbox.real_time import serve_real_time
    from claimwright.sandbox.server import own_password

    if plan and plan != "clean" and not Path(plan).is_file():
        raise Refused(f"{plan}: there is no such plan file")
    try:
        chosen = load_plan(plan) if plan else None
    except PlanError as error:
        raise Refused(str(error)) from None
    root.mkdir(parents=True, exist_ok=True)
    password = read_bytes(password_file).decode(errors="replace").strip() if password_file else own_password(root)
    serve_real_time(root, chosen, port, username, password)


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

    if not root.is_dir():
        raise Refused(f"{root}: no sandbox here; `claimwright sandbox --root {root}` makes one")
    try:
        report = advance(root, date.fromisoformat(when))
    except ValueError as error:
        if isinstance(error, DayError | PlanError):
            raise Refused(str(error)) from None
        raise Refused("DATE is a date such as 2026-08-03") from None
    if as_json:
        print_json(report)
    else:
        console.print(when, style="bold")
        for name in report.__struct_fields__:
            value = getattr(report, name)
            shown = dollars(value) if isinstance(value, Decimal) else value
            if value and name not in ("day", "released"):
                console.print(f"  {name.replace('_', ' ')}: {shown}", markup=False)
        for name in report.released or ["nothing"]:
            console.print(f"  released: {name}", markup=False)
