"""`claimwright scenario`: a written scenario, played in a database that lives only as long as it runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from claimwright.cli.words import Refused, console, dollars, print_json, table

if TYPE_CHECKING:
    from claimwright.web.operations.scenario import ScenarioReport, StepReport

BUCKETS = ("INS1", "INS2", "INS3", "PAT", "BD")
TOTALS = (
    ("AR", "A/R"), ("CREDIT", "credit"), ("BD", "bad debt"), ("cash", "cash"), ("clearing", "clearing"),
    ("suspense", "suspense"), ("interest", "interest"), ("capitation", "capitation"),
)  # fmt: skip


def scenario(file: Path, as_json: bool) -> None:
    """Play `file`; print every balance after each step. Exit status 1 when an expectation is not met."""
    if not file.is_file():
        raise Refused(f"{file}: there is no such file")
    with scratch_database():
        from claimwright.web.operations.scenario import ScenarioFault, run_scenario

        try:
            report = run_scenario(file)
        except ScenarioFault as fault:
            raise Refused(str(fault)) from None
    if as_json:
        print_json(report)
    else:
        _print(report)
    if not report.passed:
        raise SystemExit(1)


@contextmanager
def scratch_database() -> Iterator[None]:
    """A database server of its own in a temporary folder, migrated, stopped and deleted at the end.

    No other database is touched, whatever DATABASE_URL and CLAIMWRIGHT_HOME say.
    """
    home = Path(tempfile.mkdtemp(prefix="claimwright-scenario-"))
    os.environ["CLAIMWRIGHT_HOME"] = str(home)
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "CLAIMWRIGHT_DATABASE"):
        os.environ.pop(name, None)
    from claimwright.web import bootstrap
    from claimwright.web.database import DatabaseUnavailable, ensure_running, stop

    try:
        try:
            ensure_running(home / "postgres", durable=False)
            bootstrap.setup()
        except DatabaseUnavailable as problem:
            raise Refused(str(problem)) from None
        yield
    finally:
        _close()
        if (home / "postgres").exists():
            stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def _close() -> None:
    from django.conf import settings
    from django.db import connections

    if settings.configured:
        connections.close_all()


def _print(report: ScenarioReport) -> None:
    console.print(report.title, style="bold", markup=False)
    for step in report.steps:
        _print_step(step)
    if report.passed:
        console.print(f"\n{report.expectations} expectations, all met.")
        return
    console.print(f"\n{len(report.failures)} of {report.expectations} expectations were not met:")
    for failure in report.failures:
        console.print(f"  {failure}", style="red", markup=False)


def _print_step(step: StepReport) -> None:
    console.print(f"\n{step.number}. {step.on}  {step.title}", style="bold", markup=False)
    if step.refused:
        console.print(f"   refused: {step.refused}", markup=False)
    rows = [[name, *(_amount(row.get(bucket)) for bucket in BUCKETS)] for name, row in step.state["visits"].items()]
    rows += [
        [f"{name} (account)", "", "", "", _amount(row.get("fees")), ""]
        for name, row in step.state["patients"].items()
        if row["fees"]
    ]
    console.print(table("", [("visit", "left"), *((bucket, "right") for bucket in BUCKETS)], rows))
    totals = [f"{label} {dollars(step.state['totals'][name])}" for name, label in TOTALS if step.state["totals"][name]]
    for word, values in (("totals", totals), *_objects(step.state)):
        if values:
            console.print(f"   {word}: {', '.join(values)}", markup=False)
    for check in step.failed:
        console.print(
            f"   NOT MET {check.place}: expected {check.expected}, found {check.found}", style="red", markup=False
        )


def _amount(amount: Decimal | None) -> str:
    return f"{amount or Decimal('0.00'):,.2f}"


def _objects(state: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What stands beside the balances, in short."""
    denials = [f"{row['claim']}/{row['line']} {row['group']}-{row['carc']} {row['state']}" for row in state["denials"]]
    return [
        ("adjusted", [f"{reason} {dollars(amount)}" for reason, amount in state["adjustments"].items() if amount]),
        ("claims", [f"{number} {row['state']} {row['outcome']}".strip() for number, row in state["claims"].items()]),
        ("denials", denials),
        ("worklists", [f"{name} {count}" for name, count in state["worklists"].items()]),
        ("refunds", [f"{row['patient']} {dollars(row['amount'])} {row['state']}" for row in state["refunds"]]),
        ("plans", [f"{name} {row['state']}, {row['missed']} missed" for name, row in state["plans"].items()]),
    ]
