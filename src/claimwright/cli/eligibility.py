"""Eligibility asked from the command line: `claimwright eligibility check MRN`, and the job `eligibility due`."""

from __future__ import annotations

from typing import Annotated

import typer

from claimwright.cli.office import Home, Json, TenantName, _scope, choose_tenant, open_office
from claimwright.cli.words import Refused, console, print_json

app = typer.Typer(name="eligibility", help="Ask payers whether they cover a patient.", no_args_is_help=True)


@app.callback()
def eligibility() -> None:
    """Ask payers whether they cover a patient."""


@app.command("check")
def check(
    record_number: Annotated[str, typer.Argument(metavar="RECORD", help="The patient's record number.")],
    payer: Annotated[str, typer.Option(help="The payer's key or id; needed where there are several coverages.")] = "",
    on: Annotated[str, typer.Option(help="The day asked about, YYYY-MM-DD; today where it is left out.")] = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Ask the payer of a coverage at once (CAQH CORE) and show what it says.

    Exit status 0 for active, 1 for anything else; 2 where the payer cannot be asked in real time.
    """
    from datetime import date

    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        raise Refused("--on is a date such as 2026-08-03") from None
    with open_office(home):
        from claimwright.billing.eligibility import InquiryRefused
        from claimwright.web.core import clock
        from claimwright.web.eligibility.asking import ask
        from claimwright.web.eligibility.real_time import real_time_way
        from claimwright.web.operations.real_time import ask_question

        chosen = choose_tenant(tenant)
        with _scope(chosen):
            coverage = _coverage(record_number, payer)
            if real_time_way(coverage.payer) is None:
                raise Refused(f"{coverage.payer.name} is not asked in real time: give its set-up a CORE connection")
            try:
                row = ask(
                    patient=coverage.patient, payer=coverage.payer, coverage=coverage, on=day or clock.today(),
                    in_real_time=True,
                )  # fmt: skip
            except InquiryRefused as refused:
                raise Refused(f"not asked: {refused}") from None
        row = ask_question(tenant=chosen, inquiry_id=row.pk)
        with _scope(chosen):
            told = row.snapshots.order_by("-checked_at").first()
            plain = {
                "state": row.state, "status": told.status if told is not None else "unknown", "reasons": row.reasons,
                "start": told.start if told is not None else None, "end": told.end if told is not None else None,
                "next_try_at": row.next_try_at, "trace": row.trace,
            }  # fmt: skip
    if as_json:
        print_json(plain)
    else:
        console.print(f"{coverage.payer.name}: {plain['status']}", markup=False)
        for name in ("start", "end", "reasons", "next_try_at", "trace"):
            if plain[name]:
                console.print(f"  {name.replace('_', ' ')}: {plain[name]}", markup=False)
    raise typer.Exit(0 if plain["status"] == "active" else 1)


def _coverage(record_number: str, payer: str):  # type: ignore[no-untyped-def]
    from claimwright.web.patients.models import PatientCoverage

    rows = PatientCoverage.objects.filter(patient__record_number=record_number, patient__merged_into=None)
    found = list(rows.select_related("payer__connection", "patient__practice").order_by("sequence"))
    if not found:
        raise Refused(f"no patient {record_number} with a coverage here")
    wanted = [row for row in found if payer in ("", row.payer.key, row.payer.payer_id)]
    if len(wanted) != 1:
        raise Refused(f"name one coverage with --payer: {', '.join(sorted(row.payer.key for row in found))}")
    return wanted[0]


@app.command("due")
def due(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Ask again what was not answered in real time and is due (1, 5, 30 minutes after); run it every minute."""
    with open_office(home):
        from claimwright.web.operations.real_time import ask_due_again

        report = ask_due_again(tenant=choose_tenant(tenant))
    if as_json:
        print_json(report)
    else:
        console.print(
            f"{report.asked} asked, {report.answered} answered, {report.taken_up} taken up that had broken off",
            markup=False,
        )
