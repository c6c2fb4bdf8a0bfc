"""Coming from another system: `claimwright takeover template|check|load|undo|report`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_practice, choose_tenant, open_office
from claimwright.cli.words import Refused, console, dollars, plural, print_json, read_bytes, table

if TYPE_CHECKING:
    from claimwright.web.takeover.models import Takeover

app = typer.Typer(name="takeover", help="Opening balances and work from another system.", no_args_is_help=True)
SHOWN = 50

Name = Annotated[str, typer.Argument(help="The name of the set.")]


@app.callback()
def takeover() -> None:
    """Opening balances and work from another system."""


@app.command("template")
def write_templates(
    folder: Annotated[Path, typer.Argument(help="Where to write them; files that are there are kept.")],
    as_json: Json = False,
) -> None:
    """Write a template of each file of a set, with one made-up row."""
    from claimwright.claims.from_csv.takeover import FILES, template

    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.csv" for name in FILES}
    for path in paths.values():
        if path.exists():
            raise Refused(f"{path} is there already; nothing of yours is overwritten")
    for name, path in paths.items():
        path.write_bytes(template(name))
    if as_json:
        print_json({"files": [str(path) for path in paths.values()]})
        return
    for name, file in FILES.items():
        console.print(f"{name}.csv: {file.holds}", markup=False)


def _amount(text: str, option: str) -> Decimal:
    from claimwright.codes.money import AmountError, parse_amount

    try:
        return parse_amount(text)
    except AmountError:
        raise Refused(f"{option}: write an amount such as 1234.50") from None


@app.command("check")
def check(
    name: Name,
    folder: Annotated[Path, typer.Argument(help="The folder with the CSV files.", exists=True, file_okay=False)],
    as_of: Annotated[str, typer.Option(help="Day of the old system's A/R report, YYYY-MM-DD.")],
    insurance: Annotated[str, typer.Option(help="Insurance A/R of that report.")],
    patient: Annotated[str, typer.Option(help="Patient A/R of that report.")],
    held: Annotated[str, typer.Option("--credits", help="Credits of that report, without a minus.")] = "0.00",
    payer: Annotated[list[str] | None, typer.Option(help="KEY=AMOUNT of one payer; as often as needed.")] = None,
    npi: Annotated[str, typer.Option(help="NPI of the practice, where there is more than one.")] = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Keep the set with the totals and say what is wrong. Exit status 1 unless it is good to load."""
    from claimwright.billing.takeover import ControlTotals

    try:
        on = date.fromisoformat(as_of)
    except ValueError:
        raise Refused("--as-of: a day is written as 2026-08-31") from None
    pairs = [one.rpartition("=") for one in payer or ()]
    totals = ControlTotals(
        insurance=_amount(insurance, "--insurance"), patient=_amount(patient, "--patient"),
        credits=_amount(held, "--credits"), by_payer={key: _amount(text, "--payer") for key, _, text in pairs},
    )  # fmt: skip
    files = {path.name: read_bytes(path) for path in sorted(folder.glob("*.csv"))}
    with open_office(home):
        from claimwright.web.takeover.services import TakeoverRefused, check_takeover, save_takeover

        with _scope(choose_tenant(tenant)):
            try:
                row = save_takeover(
                    practice=choose_practice(npi), name=name, files=files, totals=totals, as_of=on
                )  # fmt: skip
            except TakeoverRefused as refused:
                raise Refused(str(refused)) from None
            report = check_takeover(takeover=row)
    if as_json:
        print_json(
            {"good": report.good, "claims": report.claims, "lines": report.lines, "totals": _tie_rows(report.ties),
             "problems": [{"place": one.place, "code": one.code, "message": one.message, "fix": one.fix,
                           "blocks": one.blocks} for one in report.problems]}
        )  # fmt: skip
        raise typer.Exit(0 if report.good else 1)
    for one in report.problems[:SHOWN]:
        console.print(
            f"{one.place}: {one.message}. {one.fix}.{'' if one.blocks else ' (notice)'}", markup=False, soft_wrap=True
        )
    _print_ties(report.ties)
    console.print(f"{plural(report.claims, 'claim')}, {plural(report.lines, 'line')}, "
                  f"{plural(len(report.faults), 'fault')}.")  # fmt: skip
    raise typer.Exit(0 if report.good else 1)


def _tie_rows(ties: Any) -> list[dict[str, str]]:
    return [
        {"total": one.name, "stated": str(one.stated), "found": str(one.found), "difference": str(one.difference)}
        for one in ties
    ]


def _print_ties(ties: Any) -> None:
    rows = [(one.name, dollars(one.stated), dollars(one.found), dollars(one.difference)) for one in ties]
    columns = (("total", "left"), ("stated", "right"), ("found", "right"), ("difference", "right"))
    console.print(table("Totals", columns, rows))


def _find(name: str) -> Takeover:
    from claimwright.web.takeover.models import Takeover

    found = Takeover.objects.filter(name=name).first()
    if found is None:
        raise Refused(f"no set is named {name}; `takeover check` keeps one")
    return found


@app.command("load")
def load(name: Name, home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Load the set as a whole, or nothing of it. Again it changes nothing."""
    with open_office(home):
        from claimwright.web.takeover.services import TakeoverRefused, load_takeover

        with _scope(choose_tenant(tenant)):
            try:
                done = load_takeover(takeover=_find(name))
            except TakeoverRefused as refused:
                raise _told(refused) from None
    if as_json:
        print_json(
            {"changed": done.changed, "claims": done.claims, "lines": done.lines, "totals": _tie_rows(done.ties)}
        )
        return
    if not done.changed:
        console.print("The set is loaded already; nothing changed.")
        return
    _print_ties(done.ties)
    console.print(f"{plural(done.claims, 'claim')} with {plural(done.lines, 'line')} came over.")


@app.command("undo")
def undo(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Take the loading back as a whole, while nothing of it was posted, sent or worked on."""
    with open_office(home):
        from claimwright.web.takeover.services import TakeoverRefused, undo_takeover

        with _scope(choose_tenant(tenant)):
            try:
                lines = undo_takeover(takeover=_find(name), reason=reason)
            except TakeoverRefused as refused:
                raise _told(refused) from None
    if as_json:
        print_json({"lines": lines})
        return
    console.print(f"Taken back: {plural(lines, 'line')}. The set can be corrected and loaded again.")


@app.command("report")
def report(name: Name, home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """What of the loaded set is due when: appeals, filing, answers of payers, calls, instalments."""
    with open_office(home):
        from claimwright.web.takeover.selectors import ledger_ties, work_in_motion

        with _scope(choose_tenant(tenant)):
            row = _find(name)
            ties, work = ledger_ties(row), work_in_motion(row)
    if as_json:
        print_json(
            {"totals": _tie_rows(ties), "work": [
                {"on": one.on.isoformat() if one.on else None, "kind": one.kind, "number": one.claim_number,
                 "amount": str(one.amount), "late": one.is_late} for one in work]}
        )  # fmt: skip
        return
    _print_ties(ties)
    rows = [
        (
            one.on.isoformat() if one.on else "",
            one.kind,
            one.claim_number,
            dollars(one.amount),
            "late" if one.is_late else "",
        )
        for one in work
    ]
    columns = (("day", "left"), ("what", "left"), ("number", "left"), ("amount", "right"), ("", "left"))
    console.print(table("Work in motion", columns, rows))


def _told(refused: ValueError) -> Refused:
    reasons = getattr(refused, "reasons", ())
    return Refused("\n".join((str(refused), *reasons[:SHOWN])))
