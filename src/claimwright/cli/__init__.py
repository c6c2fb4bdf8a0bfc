"""The command line: argument parsing and printing, nothing else. File verbs import no Django."""

from __future__ import annotations

import sys

import typer

from claimwright.cli import (
    backup,
    bank,
    books,
    charge_master,
    checks,
    close,
    codes,
    demo,
    edits,
    eligibility,
    eob,
    explain,
    files,
    forms,
    jobs,
    keys,
    listen,
    office,
    people,
    price,
    sandbox,
    schedule,
    takeover,
    x12,
    year,
)

app = typer.Typer(
    name="claimwright",
    help="Medical billing from the encounter to the reconciled cent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("scrub")(files.scrub)
app.command("form")(forms.form)
app.command("explain")(explain.explain)
app.command("eob")(eob.eob)
app.command("price")(price.price)
app.command("demo")(demo.demo)
app.command("year")(year.year)
app.command("serve")(office.serve)
app.command("worker")(jobs.worker)
app.command("listen")(listen.listen)
app.command("check")(checks.check)
app.command("submit")(office.submit)
app.command("receive")(office.receive)
app.command("post")(office.post)
app.command("statements")(office.statements)
app.command("scenario")(books.scenario)
app.add_typer(books.report, name="report")
app.add_typer(books.audit, name="audit")
app.add_typer(close.close, name="close")
app.add_typer(jobs.app, name="jobs")
app.add_typer(people.app, name="user")
app.add_typer(backup.app, name="backup")
app.add_typer(keys.app, name="keys")
app.add_typer(checks.upgrade, name="upgrade")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(codes.app, name="codes")
app.add_typer(charge_master.app, name="charge-master")
app.add_typer(bank.app, name="bank")
app.add_typer(takeover.app, name="takeover")
app.add_typer(schedule.app, name="schedule")
app.add_typer(listen.app, name="interfaces")
app.add_typer(eligibility.app, name="eligibility")
app.add_typer(edits.app, name="edits")
app.add_typer(x12.app, name="x12")


def main() -> None:
    """Run the command line; a fault of the user's input is one line and exit status 2, never a traceback."""
    from claimwright.cli.words import Refused

    try:
        app()
    except Refused as reason:
        print(f"claimwright: {reason}", file=sys.stderr)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
