"""What the year came to: figures against their targets, one table and one file."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from claimwright.simulation.year.run import OfficeRun

RESULT = "year.json"
LONGEST_MINUTES = 60
UNTOUCHED_LEAST, OLD_MOST = Decimal("0.85"), Decimal("0.03")
CLAIMS_WANTED = 20_000
ZERO = Decimal("0.00")


class Figure(msgspec.Struct, frozen=True):
    """One row: what was measured, what is wanted ("" for a figure without a target), and whether it is met."""

    name: str
    value: str
    target: str = ""
    met: bool | None = None


class YearResult(msgspec.Struct):
    first: date
    last: date
    figures: list[Figure]  # the same for the same seed
    measured: list[Figure]  # times and memory, which are the machine's
    by_office: dict[str, dict[str, str]]
    seconds: dict[str, float]  # by desk, of all offices together; the machine's
    faults: list[str]

    @property
    def met(self) -> bool:
        return not self.faults and all(figure.met is not False for figure in (*self.figures, *self.measured))

    def write(self, home: Path) -> Path:
        path = home / RESULT
        path.write_text(json.dumps(msgspec.to_builtins(self) | {"met": self.met}, indent=2) + "\n")
        return path

    def show(self, console: Console) -> None:
        title = f"Three practices, {self.first:%-d %B %Y} to {self.last:%-d %B %Y}"
        table = Table(title=title, title_justify="left", box=None, padding=(0, 3, 0, 0))
        for heading, side in (("", "left"), ("Result", "right"), ("Target", "left"), ("", "left")):
            table.add_column(heading, justify="right" if side == "right" else "left")
        for figure in (*self.figures, *self.measured):
            mark = "" if figure.met is None else "[green]met[/green]" if figure.met else "[red]MISSED[/red]"
            table.add_row(figure.name, figure.value, figure.target, mark)
        console.print(table)
        for fault in self.faults[:20]:
            console.print(f"  {fault}", style="red", markup=False)


def whole_year(runs: list[OfficeRun], first: date, last: date, seconds: float, *, scale: bool = True) -> YearResult:
    """The offices together. `scale` False leaves out targets that only a whole year can meet."""
    faults = [f"{run.office}: {fault}" for run in runs for fault in run.faults]
    claims = sum(run.claims_sent for run in runs)
    decided, untouched = sum(run.decided for run in runs), sum(run.untouched for run in runs)
    charges, old = sum((run.charges for run in runs), ZERO), sum((run.old for run in runs), ZERO)
    planted, found = sum(run.planted for run in runs), sum(run.planted_found for run in runs)
    audits, examined = sum(run.audits for run in runs), sum(run.examined for run in runs)
    homeless = sum(run.homeless for run in runs)
    untied = [difference for run in runs for difference in run.untied]
    share = Decimal(untouched) / decided if decided else Decimal(0)
    old_share = old / charges if charges else Decimal(0)
    wanted = (f"at least {CLAIMS_WANTED:,}", claims >= CLAIMS_WANTED) if scale else ("", None)
    figures = [
        Figure("Claims sent", f"{claims:,}", *wanted),
        Figure("Visits", f"{sum(run.encounters for run in runs):,}"),
        Figure("Charges", f"${charges:,.2f}"),
        *_where_they_are(runs, charges),
        Figure("Simulated days audited", f"{audits:,}", "each work day", audits == sum(run.days for run in runs)),
        Figure("Faults the auditor found", f"{len(faults):,}", "0", not faults),
        Figure("Charges that are nowhere", f"{homeless:,} lines", "0 lines", homeless == 0),
        Figure("Reports that differ from the ledger or the bank", f"{len(untied):,}", "0", not untied),
        Figure("Remittance claims no person touched", f"{share:.2%}", f"at least {UNTOUCHED_LEAST:.0%}",
               share >= UNTOUCHED_LEAST),
        Figure("Charges on worklists over 90 days", f"{old_share:.2%}", f"at most {OLD_MOST:.0%}", old_share <= OLD_MOST),
        Figure("Planted corruptions found", f"{found} of {planted}", "all", found == planted),
    ]  # fmt: skip
    peak = sum(run.peak_megabytes for run in runs)
    measured = [
        Figure("Minutes", f"{seconds / 60:.1f}", f"at most {LONGEST_MINUTES}", seconds <= LONGEST_MINUTES * 60),
        Figure("Objects examined by the auditor", f"{examined:,}"),
        Figure("Full audits among those of the days", f"{sum(run.full_audits for run in runs):,}"),
        Figure("Peak memory of all offices' processes", f"{peak:,} MB"),
    ]  # fmt: skip
    by_office = {run.office: _office(run) for run in runs}
    return YearResult(first, last, figures, measured, by_office, seconds_by_desk(runs), faults + untied)


def _where_they_are(runs: list[OfficeRun], charges: Decimal) -> list[Figure]:
    """Every cent of the charges by what became of it, largest first, and that it is all of them."""
    places: dict[str, Decimal] = defaultdict(Decimal)
    for run in runs:
        for name, amount in run.settled.items():
            places[name.split(":")[0]] -= amount
        places["open, on a list with an owner"] += sum(run.open.values(), ZERO)
        places["paid above the charge, on the list of credits"] += run.credits
    rows = [
        Figure(f"  {name}", f"${amount:,.2f}")
        for name, amount in sorted(places.items(), key=lambda one: (-one[1], one[0]))
    ]
    total = sum(places.values(), ZERO)
    return [*rows, Figure("  together", f"${total:,.2f}", f"${charges:,.2f}", total == charges)]


def _office(run: OfficeRun) -> dict[str, str]:
    rows = {f"settled: {place}": f"{amount:.2f}" for place, amount in sorted(run.settled.items())}
    rows |= {f"open: {place}": f"{amount:.2f}" for place, amount in sorted(run.open.items())}
    rows |= {
        f"{desk}: {word}": str(count) for desk, words in run.counts.items() for word, count in sorted(words.items())
    }
    return {"charges": f"{run.charges:.2f}", "credits": f"{run.credits:.2f}"} | rows


def seconds_by_desk(runs: Iterable[OfficeRun]) -> dict[str, float]:
    found: dict[str, float] = {}
    for run in runs:
        for desk, seconds in run.seconds.items():
            found[desk] = found.get(desk, 0.0) + seconds
    return {desk: round(seconds, 1) for desk, seconds in sorted(found.items(), key=lambda one: -one[1])}
