"""Closing days and months from the command line, for people and for scripts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.books import day_of
from claimwright.cli.office import Home, Json, TenantName, choose_tenant, open_office
from claimwright.cli.words import Refused, console, dollars, plural, print_json, table

if TYPE_CHECKING:
    from claimwright.web.core.models import User

close = typer.Typer(help="Close days and months.", no_args_is_help=True)

Month = Annotated[str, typer.Argument(help="The month, such as 2026-08.")]
By = Annotated[str, typer.Option("--by", help="The user name of the person who does it.")]


def month_of(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Refused("a month is written as 2026-08") from None


def _person(name: str, tenant: object) -> User:
    from claimwright.web.core.models import User

    found = User.objects.filter(username=name, tenant=tenant, is_active=True).first()
    if found is None:
        raise Refused(f"--by: no person of this tenant signs in as {name!r}")
    return found


@close.command("day")
def day(
    day: Annotated[str, typer.Argument(help="The day, YYYY-MM-DD; today when not given.")] = "",
    by: By = "",
    note: str = "",
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Keep the day's sheet, with its control totals."""
    with open_office(home):
        from claimwright.web.core import clock
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports import closing

        chosen = choose_tenant(tenant)
        person = _person(by, chosen)
        with tenant_scope(chosen), acting_as(person.username):
            try:
                made = closing.close_day(day=day_of(day, "DAY", clock.today()), note=note)
            except closing.NotClosed as refused:
                raise Refused(str(refused)) from None
    if as_json:
        print_json({"day": made.day, "revision": made.revision, "postings": made.postings, "charges": made.charges,
                    "receivable": made.receivable, "cash": made.cash, "sha256": made.sha256})  # fmt: skip
        return
    console.print(
        f"{made.day}: {plural(made.postings, 'posting')}, receivables {dollars(made.receivable)}, cash {dollars(made.cash)}."
    )


@close.command("audit")
def audit(by: By = "", home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Prove the books and write the result into the checklist of the month. Exit 1 when a check is broken."""
    with open_office(home):
        from claimwright.auditor import audit as run
        from claimwright.web.bootstrap import connection_text
        from claimwright.web.close.services import record_audit_result
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope

        chosen = choose_tenant(tenant)
        person = _person(by, chosen)
        found = run(connection_text(), str(chosen.pk))
        sequence, _, digest = found.ledger_head.partition(":")
        with tenant_scope(chosen), acting_as(person.username):
            record_audit_result(
                ledger_sequence=int(sequence), ledger_hash=digest, faults=len(found.faults),
                examined=sum(check.examined for check in found.checks),
            )  # fmt: skip
    if as_json:
        print_json({"balanced": found.balanced, "faults": len(found.faults), "ledger_head": found.ledger_head})
    elif found.balanced:
        console.print("The books are proved.")
    else:
        console.print(f"{plural(len(found.faults), 'fault')}: claimwright audit books")
    raise typer.Exit(0 if found.balanced else 1)


@close.command("check")
def check(month: Month, home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """What is open of a month. Exit 1 while something keeps it open."""
    with open_office(home):
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports import closing

        with tenant_scope(choose_tenant(tenant)):
            found = closing.checklist(month_of(month))
    if as_json:
        print_json([{"item": one.rule.item, "title": one.rule.title, "count": one.count, "amount": one.amount,
                     "lets_close": one.lets_close} for one in found])  # fmt: skip
    else:
        rows = [
            [one.rule.title, f"{one.count:,}", "" if one.amount is None else dollars(one.amount),
             "clean" if one.is_clean else f"signed by {one.sign_off.by}" if one.sign_off else "open"]
            for one in found
        ]  # fmt: skip
        console.print(table(f"Checklist of {month}", [("Item", "left"), ("Open", "right"), ("Money", "right"),
                                                      ("State", "left")], rows))  # fmt: skip
    raise typer.Exit(0 if all(one.lets_close for one in found) else 1)


@close.command("month")
def lock(month: Month, by: By = "", home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Close a month with its reports; what is posted afterwards counts in the open month."""
    with open_office(home):
        from claimwright.web.accounts.periods import PeriodClosed
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports import closing

        chosen = choose_tenant(tenant)
        person = _person(by, chosen)
        with tenant_scope(chosen), acting_as(person.username):
            try:
                event = closing.lock_month(month=month_of(month), by=person)
            except (closing.NotClosed, PeriodClosed) as refused:
                raise Refused(str(refused)) from None
    if as_json:
        print_json({"month": month, "revision": event.revision, "ledger_sequence": event.ledger_sequence})
        return
    console.print(f"{month} is closed at entry {event.ledger_sequence:,} of the ledger.")


@close.command("reopen")
def reopen(month: Month, reason: Annotated[str, typer.Option(help="Why.")], by: By = "", home: Home = None,
           tenant: TenantName = "", as_json: Json = False) -> None:  # fmt: skip
    """Open the latest closed month again: an owner, with a reason."""
    with open_office(home):
        from claimwright.web.accounts.periods import PeriodClosed
        from claimwright.web.core.services import acting_as
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports import closing

        chosen = choose_tenant(tenant)
        person = _person(by, chosen)
        with tenant_scope(chosen), acting_as(person.username):
            try:
                closing.reopen_month(month=month_of(month), by=person, reason=reason)
            except PeriodClosed as refused:
                raise Refused(str(refused)) from None
    if as_json:
        print_json({"month": month, "is_open": True})
        return
    console.print(f"{month} is open again.")


@close.command("prove")
def prove(
    month: Month,
    into: Annotated[Path | None, typer.Option("--into", help="A folder to write the kept reports to.")] = None,
    home: Home = None,
    tenant: TenantName = "",
    as_json: Json = False,
) -> None:
    """Make a closed month's reports again from the ledger and compare them byte for byte. Exit 1 where one differs."""
    with open_office(home):
        from claimwright.web.close.models import MonthReport
        from claimwright.web.close.selectors import standing_lock
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports import closing

        first = month_of(month)
        with tenant_scope(choose_tenant(tenant)):
            try:
                proofs = closing.prove_month(first)
            except closing.NotClosed as refused:
                raise Refused(str(refused)) from None
            if into is not None:
                into.mkdir(parents=True, exist_ok=True)
                for row in MonthReport.objects.filter(event=standing_lock(first)):
                    (into / row.name).write_bytes(bytes(row.content))
    if as_json:
        print_json([{"report": one.name, "sha256": one.sha256, "same": one.same} for one in proofs])
        raise typer.Exit(0 if all(one.same for one in proofs) else 1)
    rows = [[one.name, one.sha256[:16], "the same bytes" if one.same else "DIFFERS"] for one in proofs]
    console.print(
        table(f"Reports of {month}, made again", [("Report", "left"), ("SHA-256", "left"), ("", "left")], rows)
    )
    raise typer.Exit(0 if all(one.same for one in proofs) else 1)
