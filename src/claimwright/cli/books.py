"""Reports on the books, and the proof that they hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from claimwright.cli.office import Home, Json, TenantName, choose_tenant, open_office
from claimwright.cli.words import Refused, console, dollars, plural, print_json, table

if TYPE_CHECKING:
    from claimwright.auditor import AuditReport
    from claimwright.auditor.report import Listed

report = typer.Typer(help="Reports on the books.", no_args_is_help=True)
audit = typer.Typer(help="Prove the books.", no_args_is_help=True)

AsOf = Annotated[str, typer.Option("--as-of", help="The day, YYYY-MM-DD; today when not given.")]
PERIOD_DAYS = 90
FAULTS_SHOWN = 20  # of one check: a broken chain breaks at every row


def day_of(text: str, option: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{option} is a date such as 2026-09-30") from None


@report.command("aging")
def aging(
    home: Home = None,
    tenant: TenantName = "",
    as_of: AsOf = "",
    basis: Annotated[
        str, typer.Option(help="service, first_submission, last_submission or responsibility.")
    ] = "service",
    as_json: Json = False,
) -> None:
    """Open balances by payer and bucket and how old they are."""
    with open_office(home):
        from claimwright.web.core import clock
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports.selectors import BASES
        from claimwright.web.reports.selectors import aging as select

        if basis not in BASES:
            raise Refused(f"--basis is one of {', '.join(BASES)}")
        with tenant_scope(choose_tenant(tenant)):
            found = select(as_of=day_of(as_of, "--as-of", clock.today()), basis=basis)
    if as_json:
        print_json(found)
        return
    labels = list(found.total.amounts)
    columns = [("Payer", "left"), ("Bucket", "left"), *((label, "right") for label in labels)]
    columns += [("Credits", "right"), ("Total", "right")]
    rows = [
        [
            row.group,
            row.bucket,
            *(dollars(row.amounts[label]) for label in labels),
            dollars(row.credits),
            dollars(row.total),
        ]
        for row in (*found.rows, found.total)
    ]
    console.print(table(f"Open balances on {found.as_of}, aged from {basis.replace('_', ' ')}", columns, rows))


@report.command("kpi")
def kpi(
    home: Home = None,
    tenant: TenantName = "",
    start: Annotated[str, typer.Option("--from", help=f"First day; {PERIOD_DAYS} days back when not given.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day; today when not given.")] = "",
    as_json: Json = False,
) -> None:
    """The practice's figures of a period, each with what it was computed from."""
    with open_office(home):
        from claimwright.web.core import clock
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.reports.selectors import kpis

        with tenant_scope(choose_tenant(tenant)):
            last = day_of(end, "--to", clock.today())
            first = day_of(start, "--from", last - timedelta(days=PERIOD_DAYS - 1))
            if first > last:
                raise Refused(f"--from {first} is after --to {last}")
            found = kpis(start=first, end=last, as_of=last)
    if as_json:
        print_json([{**{name: getattr(row, name) for name in row.__struct_fields__ if name != "ids"},
                     "rows": len(row.ids)} for row in found])  # fmt: skip
        return
    from claimwright.web.workbench.words import DOLLAR_FIGURES, figure_words

    def counted(name: str, value: Decimal) -> str:
        return dollars(value) if name in DOLLAR_FIGURES or name.startswith("write_off_rate") else _plain(value)

    columns = [("Figure", "left"), ("Value", "right"), ("Part", "right"), ("Of", "right"), ("Counted by", "left")]
    rows = [
        [
            figure_words(row.name),
            value_text(row.value, row.unit),
            counted(row.name, row.numerator),
            counted(row.name, row.denominator),
            row.basis,
        ]
        for row in found
    ]
    console.print(table(f"{first} to {last}", columns, rows))


def _plain(value: Decimal) -> str:
    """A count without places, an amount with two."""
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value:,.2f}"


def value_text(value: Decimal | None, unit: str) -> str:
    """A figure as people read it; n/a where there is nothing to divide by."""
    if value is None:
        return "n/a"
    if unit == "dollars":
        return dollars(value)
    return f"{value:.2f} %" if unit == "percent" else f"{value:.2f} {unit}"


# The proof -----------------------------------------------------------------------------------------------------------


@audit.callback()
def audit_books() -> None:
    """Prove the books from SQL and raw files, by another path than they were made."""


@audit.command("books")
def books(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Check every invariant of the books. Exit 1 when one is broken."""
    with open_office(home) as chosen:
        from claimwright.auditor import audit as run
        from claimwright.web.bootstrap import connection_text

        subject = choose_tenant(tenant)
        heads = chosen / "audit-heads"
        known = newest_heads(subject.pk, earlier_heads(heads, subject.slug))  # before the audit's snapshot, never after
        found = run(connection_text(), str(subject.pk), known_heads=known)
        if found.balanced:  # the heads of broken books are nothing to hold later books to
            keep_heads(heads, subject, found)
    if as_json:
        print_json({"tenant": subject.slug, "balanced": found.balanced, "checks": found.checks,
                    "ledger_head": found.ledger_head, "audit_head": found.audit_head})  # fmt: skip
    else:
        _print_audit(subject.name, found)
    raise typer.Exit(0 if found.balanced else 1)


def earlier_heads(folder: Path, slug: str) -> dict[str, tuple[int, str]] | None:
    """The chains' heads as the newest audit of this tenant kept them outside the database."""
    kept = sorted(folder.glob(f"{slug}-????-??-??.json"))
    if not kept:
        return None
    try:
        content = json.loads(kept[-1].read_bytes())
        return {name: (int(content[name]["sequence"]), str(content[name]["hash"])) for name in ("ledger", "audit")}
    except (ValueError, KeyError, TypeError):
        raise Refused(
            f"{kept[-1]} is damaged: restore it from a copy, or remove it once its loss is explained"
        ) from None


def newest_heads(tenant_id: object, earlier: dict[str, tuple[int, str]] | None) -> dict[str, tuple[int, str]] | None:
    """Of each chain the newer of two heads: as an audit kept it, and as the last commit did (`core/heads.py`)."""
    from claimwright.web.core.heads import HeadDamaged, kept

    found = dict(earlier or {})
    for name, rows in (("ledger", "accounts_ledgertransfer"), ("audit", "core_auditevent")):
        try:
            head = kept(tenant_id, rows)
        except HeadDamaged as damaged:
            raise Refused(str(damaged)) from None
        if head is not None and head[0] > found.get(name, (0, ""))[0]:
            found[name] = head
    return found or None


def keep_heads(folder: Path, tenant: object, found: AuditReport) -> Path:
    """Write the heads of today's chains beside the database; whoever rewrites the books must rewrite this too."""
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        on = clock.today()
    content = {}
    for name, head in (("ledger", found.ledger_head), ("audit", found.audit_head)):
        sequence, _, digest = head.partition(":")
        content[name] = {"sequence": int(sequence), "hash": digest}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{getattr(tenant, 'slug', '')}-{on.isoformat()}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(content, sort_keys=True, indent=1) + "\n")
    fresh.replace(path)  # never half a file
    return path


def _print_audit(name: str, found: AuditReport) -> None:
    rows = [
        [check.invariant, check.title, f"{check.examined:,}", f"{len(check.faults):,}" if check.faults else "holds"]
        for check in found.checks
    ]
    columns = [("", "left"), ("Invariant", "left"), ("Examined", "right"), ("Faults", "right")]
    console.print(table(f"The books of {name}", columns, rows))
    _print_listed([one for check in found.checks for one in check.listed])
    for check in found.checks:
        for fault in check.faults[:FAULTS_SHOWN]:
            says = f"  {fault.invariant} {fault.subject}: {fault.message}"
            console.print(says, style="red", markup=False, soft_wrap=True)
        if len(check.faults) > FAULTS_SHOWN:
            more = f"{len(check.faults) - FAULTS_SHOWN:,}"
            console.print(f"  {check.invariant}: {more} more of the kind; --json names all", style="red", markup=False)
    console.print("The books are proved." if found.balanced else f"{plural(len(found.faults), 'fault')}.")


def _print_listed(listed: list[Listed]) -> None:
    """What waits and is no fault: with its money one by one, else how many of a kind; --json names all."""
    if listed:
        console.print("No fault, but worth a look:")
    for one in listed:
        if one.amount:
            age = plural(one.age_days, "day")
            console.print(f"  {one.what}: {one.subject}, {dollars(one.amount)}, {age}", markup=False, soft_wrap=True)
    kinds = Counter(re.sub(r" \(\d+\)$", "", one.what) for one in listed if not one.amount)
    for what, count in kinds.items():
        console.print(f"  {what}: {count}", markup=False, soft_wrap=True)


def scenario(
    file: Annotated[Path, typer.Argument(help="A scenario in YAML.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Play a billing scenario in a scratch database; show every balance after each step."""
    try:
        from claimwright.cli.scenario import scenario as run
    except ImportError as missing:
        raise Refused(f"{missing.name} is not installed: pip install 'claimwright[web]'") from None
    run(file, as_json)
