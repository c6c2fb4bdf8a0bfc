"""The practice's prices from a file: `claimwright charge-master import FILE`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_practice, choose_tenant, open_office
from claimwright.cli.words import Refused, console, plural, print_json, read_bytes, table

if TYPE_CHECKING:
    from claimwright.billing.charge_master import PricePlan

app = typer.Typer(name="charge-master", help="The practice's prices.", no_args_is_help=True)
CHANGES_SHOWN = 50


@app.callback()
def charge_master() -> None:
    """The practice's prices."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV or Excel file: code, amount, start; modifier, end, description.")],
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From when rows without a start hold.")
    ] = None,
    whole: Annotated[
        datetime | None,
        typer.Option("--whole", formats=["%Y-%m-%d"], help="The file is all there is: what it lacks ends on this day."),
    ] = None,
    npi: Annotated[str, typer.Option("--practice", help="The practice's NPI; needed where there are several.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change and change nothing.")] = False,
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Check the whole file, show what changes, and take it. A file with one fault changes nothing.

    Exit status 1 when the file is refused; again with the same file nothing changes.
    """
    content = read_bytes(file)
    with open_office(home):
        from claimwright.web.practice.charge_master import (
            ImportRefused,
            accept_import,
            check_file,
            discard_import,
            fingerprint,
            preview,
        )

        with _scope(choose_tenant(tenant)):
            practice = choose_practice(npi)
            try:
                made = check_file(
                    practice=practice, name=file.name, content=content, start=start.date() if start else None,
                    whole=whole is not None, ends_on=whole.date() if whole else None,
                )  # fmt: skip
            except ImportRefused as refused:
                raise Refused(str(refused)) from None
            _, plan = preview(made)
            problems, good = made.problems, made.state == made.State.CHECKED
            if good and not dry_run:
                accept_import(made=made, seen=fingerprint(plan))
            else:
                discard_import(made=made)
    _print(plan, problems, good, dry_run, as_json)
    raise typer.Exit(0 if good else 1)


def _print(plan: PricePlan, problems: list[dict[str, Any]], good: bool, dry_run: bool, as_json: bool) -> None:
    counts = {kind: plan.count(kind) for kind in ("added", "changed", "ended")} | {"unchanged": plan.unchanged}
    if as_json:
        print_json({"taken": good and not dry_run, "counts": counts, "changes": plan.changes, "problems": problems})
        return
    for problem in problems:
        console.print(
            f"{problem['place']}: {problem['message']}. {problem.get('fix', '')}", markup=False, soft_wrap=True
        )
    if not good:
        console.print("Nothing was changed.")
        return
    columns = [
        ("", "left"),
        ("Code", "left"),
        ("Modifier", "left"),
        ("From", "left"),
        ("Old", "right"),
        ("New", "right"),
    ]
    rows = [
        [change.kind, change.code, change.modifier, change.start.isoformat(), str(change.old_amount or ""),
         str(change.new_amount or "")]
        for change in plan.changes[:CHANGES_SHOWN]
    ]  # fmt: skip
    if rows:
        console.print(table("Prices", columns, rows))
    if len(plan.changes) > CHANGES_SHOWN:
        console.print(f"and {plural(len(plan.changes) - CHANGES_SHOWN, 'more change')}")
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    console.print(f"{'Would be' if dry_run else 'Done'}: {said}.", markup=False)
