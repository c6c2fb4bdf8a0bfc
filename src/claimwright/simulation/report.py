"""What the demonstration came to: one screen and one file, every figure asked of the books."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import Count
from rich.console import Console
from rich.table import Table

from claimwright.auditor import AuditReport, audit
from claimwright.simulation.demo import FIRST_DAY, LAST_DAY, Totals
from claimwright.simulation.office import PASSWORD
from claimwright.web.bootstrap import connection_text
from claimwright.web.charges.models import CodeMapping, Encounter
from claimwright.web.core.models import Tenant, WorkItem
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import TITLES
from claimwright.web.payments.models import ProviderAdjustment, Statement
from claimwright.web.reports import selectors
from claimwright.web.submissions.models import Claim, ClaimVersion

REPORT = "report.json"
RATES = ("clean_claim_rate", "first_pass_resolution_rate", "denial_rate", "days_in_ar")
QUEUES_SHOWN = 12
PLACES = {"INS1": "1st", "INS2": "2nd", "INS3": "3rd"}


class Report:
    """The figures as `report.json` holds them, and the screen."""

    def __init__(self, figures: dict[str, Any], aging: selectors.Aging, audited: AuditReport) -> None:
        self.figures, self.aging, self.audited = figures, aging, audited

    def show(self, console: Console) -> None:
        """The one screen a biller understands."""
        figures = self.figures
        console.print()
        console.rule(f"Lakeside Family Medicine, {FIRST_DAY:%-d %B} to {LAST_DAY:%-d %B %Y}", align="left")
        console.print(
            f"{figures['encounters']:,} visits became {figures['claims_sent']:,} claims, "
            f"{figures['secondary_claims']:,} of them to a second payer ({figures['crossed_over']:,} crossed over by the "
            f"first). {figures['remittances_posted']:,} remittances posted {figures['auto_posted_lines']:,} lines by "
            f"themselves; {figures['exceptions']:,} items were held for a person."
        )
        console.print()
        for table in (self._money(), self._rates(), self._aging(), self._queues()):
            console.print(table)
            console.print()
        books = figures["books"]
        verdict = "[green]proved[/green]" if books["balanced"] else "[red]DO NOT HOLD[/red]"
        console.print(f"The books are {verdict}: {books['checks']} checks, {books['faults']} faults.")
        for fault in self.audited.faults[:10]:
            console.print(f"  {fault.invariant} {fault.subject}: {fault.message}", style="red", markup=False)
        console.print(f"Statements: {figures['statements']:,}. Report: {figures['files']['report']}")
        console.print(f"Next: [bold]make serve[/bold], then sign in as biller / {PASSWORD}")

    def _money(self) -> Table:
        figures = self.figures
        table = Table(title="The money", title_justify="left", box=None, padding=(0, 3, 0, 0), show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for label, name in (
            ("Charges", "charges"), ("Payments, less refunds", "payments"), ("Adjustments", "adjustments"),
            ("Open A/R", "open_ar"),
        ):  # fmt: skip
            table.add_row(label, f"{Decimal(figures[name]):,.2f}")
        return table

    def _rates(self) -> Table:
        labels = {
            "clean_claim_rate": "Clean claim rate", "first_pass_resolution_rate": "Resolved on first pass",
            "denial_rate": "Denial rate", "days_in_ar": "Days in A/R",
        }  # fmt: skip
        table = Table(title="How well", title_justify="left", box=None, padding=(0, 3, 0, 0), show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for name, label in labels.items():
            value = self.figures[name]
            unit = "" if name == "days_in_ar" else " %"
            table.add_row(label, "n/a" if value is None else f"{value}{unit}")
        return table

    def _aging(self) -> Table:
        table = Table(
            title="Who owes, by age from the date of service", title_justify="left", box=None, padding=(0, 1, 0, 0)
        )
        labels = [label for label, amount in self.aging.total.amounts.items() if amount]
        for heading in ("", *labels, "Credits", "Total"):
            table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
        for row in (*self.aging.rows, self.aging.total):
            amounts = [row.amounts[label] for label in labels]
            name = " ".join(filter(None, (row.group.removeprefix("Sandbox "), PLACES.get(row.bucket, ""))))
            table.add_row(name, *(f"{amount:,.2f}" for amount in (*amounts, row.credits, row.total)))
        return table

    def _queues(self) -> Table:
        table = Table(title="Waiting for a person", title_justify="left", box=None, padding=(0, 3, 0, 0))
        table.add_column("List")
        table.add_column("Items", justify="right")
        table.add_column("Dollars", justify="right")
        queues = self.figures["worklists"]
        for queue in queues[:QUEUES_SHOWN]:
            table.add_row(queue["title"], str(queue["open"]), f"{Decimal(queue['amount']):,.2f}")
        rest = [queue for queue in queues[QUEUES_SHOWN:] if queue["open"]]
        if rest:
            table.add_row(f"and {len(rest)} more lists", str(sum(queue["open"] for queue in rest)), "")
        return table


def gather(tenant: Tenant, totals: Totals, home: Path) -> Report:
    """Ask the books, write `report.json`, prove the books by the auditor's own path."""
    with tenant_scope(tenant):
        figures, aging = _figures(totals, LAST_DAY)
    audited = audit(connection_text(), str(tenant.pk))
    figures["books"] = {
        "balanced": audited.balanced, "checks": sum(check.examined for check in audited.checks),
        "faults": len(audited.faults),
    }  # fmt: skip
    path = home / REPORT
    figures["files"] = {"report": str(path)}
    path.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    return Report(figures, aging, audited)


def _figures(totals: Totals, as_of: date) -> tuple[dict[str, Any], selectors.Aging]:
    rates = {row.name: row for row in selectors.kpis(start=FIRST_DAY, end=as_of, as_of=as_of)}
    rolled = selectors.roll_forward(start=FIRST_DAY, end=as_of, dated_by="posted_on")
    aging = selectors.aging(as_of=as_of)
    sent = Claim.objects.filter(versions__first_sent__isnull=False).distinct()
    crossed = ClaimVersion.objects.filter(claim__sequence="S", events__to_state="AWAIT_CROSSOVER").distinct().count()
    second = sent.filter(sequence="S").count() + crossed
    figures: dict[str, Any] = {
        "period": {"start": FIRST_DAY.isoformat(), "end": as_of.isoformat()},
        "encounters": Encounter.objects.count(),
        "encounters_by_source": _counts(Encounter.objects.values_list("source").annotate(n=Count("id"))),
        "claims_sent": sent.count(),
        "secondary_claims": second,
        "crossed_over": crossed,
        "forwarding_balances": ProviderAdjustment.objects.filter(code="FB", amount__lt=0).count(),
        "code_map_rows": CodeMapping.objects.count(),
        "remittances_posted": totals.remittances_posted,
        "auto_posted_lines": totals.auto_posted_lines,
        "exceptions": totals.exceptions,
        "statements": Statement.objects.count(),
        "charges": _text(rolled.charges),
        "payments": _text(rolled.payments - rolled.refunds),
        "adjustments": _text(rolled.adjustments),
        "open_ar": _text(aging.total.total),
        "worklists": _worklists(),
    }
    for name in RATES:
        value = rates[name].value
        figures[name] = None if value is None else _text(value)
    return figures, aging


def _worklists() -> list[dict[str, Any]]:
    """Every list with what it holds now and ever held, the most money first."""
    ever = dict(WorkItem.objects.values_list("worklist").annotate(n=Count("id")))
    now = {queue.worklist: queue for queue in selectors.queues()}
    rows = [
        {
            "worklist": str(name), "title": title, "ever": ever.get(name, 0),
            "open": now[name].count if name in now else 0, "amount": _text(now[name].amount if name in now else Decimal(0)),
        }
        for name, title in TITLES.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-Decimal(row["amount"]), -row["open"], row["worklist"]))


def _counts(pairs: Any) -> dict[str, int]:
    return {str(name): int(count) for name, count in pairs}


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"
