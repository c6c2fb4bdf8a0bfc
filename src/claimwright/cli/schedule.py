"""The practice's schedule from files: `claimwright schedule import FILE...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_practice, choose_tenant, open_office
from claimwright.cli.words import Refused, console, plural, print_json, read_bytes, table

if TYPE_CHECKING:
    from claimwright.web.practice.models import Practice

app = typer.Typer(name="schedule", help="The practice's schedule.", no_args_is_help=True)
COUNTS = ("scheduled", "changed", "cancelled", "arrived", "no_shows", "unchanged", "stale")


@app.callback()
def schedule() -> None:
    """The practice's schedule."""


@app.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="HL7 SIU messages, FHIR Bundles of Appointments, or CSV.")],
    npi: Annotated[str, typer.Option("--practice", help="The practice's NPI; needed where there are several.")] = "",
    interface: Annotated[
        str,
        typer.Option(help="Whose appointment ids these are: the connection that brings the others. Else the kind."),
    ] = "",
    kind: Annotated[str, typer.Option(help="hl7, fhir or csv, where a file does not tell it.")] = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Put appointments on the schedule, or bring them up to date there: moved, cancelled, arrived, did not come.

    Each file by itself, in the order given; again with the same file nothing changes. What cannot be used is on the
    worklist of schedule problems. Exit status 1 when there is such, 2 when a file is no schedule: nothing is taken then.
    """
    from claimwright.claims.schedule_files import KINDS, kind_of_schedule

    if kind and kind not in KINDS:
        raise Refused(f"--kind is one of {', '.join(KINDS)}")
    contents = [(file, read_bytes(file)) for file in files]
    kinds = [kind or kind_of_schedule(content) for _, content in contents]
    for (file, _), found in zip(contents, kinds, strict=True):
        if not found:
            raise Refused(
                f"{file}: this is no schedule: no HL7 SIU message, no FHIR Bundle of Appointments, and no CSV with "
                "the columns appointment_id, date and time; nothing was taken"
            )
    rows: list[dict[str, Any]] = []
    with open_office(home):
        chosen = choose_tenant(tenant)
        for (file, content), found in zip(contents, kinds, strict=True):
            with _scope(chosen):
                rows.append(_take(file.name, content, found, choose_practice(npi), interface))
    _print(rows, as_json)
    raise typer.Exit(1 if any(row["problems"] for row in rows) else 0)


def _take(name: str, content: bytes, kind: str, practice: Practice, interface: str) -> dict[str, Any]:
    from claimwright.web.core.models import WorkItem
    from claimwright.web.exchange.services import store_received
    from claimwright.web.operations.schedule import take_in_schedule

    stored = store_received(source="upload", name=name, content=content)
    # A file that came over a connection and waits for its practice keeps that connection's appointment ids.
    own = interface or (stored.source if stored.connection is not None else "")
    report = take_in_schedule(file=stored, practice=practice, kind=kind, interface=own)
    counts = {field: getattr(report, field) for field in COUNTS}
    items = WorkItem.objects.filter(file_id=stored.pk).exclude(state=WorkItem.State.DONE).order_by("raised_at", "key")
    problems = list(items.values("reason_code", "reason", "what_to_do"))
    return {
        "file": name,
        "kind": kind,
        "known": report.known,
        "refused": report.refused,
        **counts,
        "problems": problems,
    }


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json({"files": rows})
        return
    columns = [("File", "left"), ("Kind", "left"), *((name.replace("_", " ").capitalize(), "right") for name in COUNTS)]
    console.print(
        table(
            "Schedules",
            columns,
            [[row["file"], row["kind"], *(str(row[name]) for name in COUNTS)] for row in rows],
        )
    )
    for row in rows:
        if row["known"]:
            console.print(f"{row['file']}: taken in before, nothing changed", markup=False)
        if row["refused"]:
            console.print(f"{row['file']}: nothing of it was taken", style="red", markup=False)
        for problem in row["problems"]:
            says = f"{problem['reason']}. {problem['what_to_do']}".replace("..", ".")
            console.print(f"  {says}", markup=False, soft_wrap=True)
    found = sum(len(row["problems"]) for row in rows)
    if found:
        console.print(f"{plural(found, 'problem')}: see the worklist of schedule problems.")
