"""The jobs' verbs: the worker that runs what is due, and what ran."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from claimwright.cli.office import HOME_VARIABLE, Home, Json, TenantName, _scope, choose_tenant, open_office
from claimwright.cli.words import Refused, console, print_json, table

WORKER = (sys.executable, "-m", "claimwright.cli", "worker")
LOOK_SECONDS, PAUSE_SECONDS = 1.0, 5.0  # how often `serve` looks whether its worker runs; and until the next one
BEHIND_PEOPLE = 10  # of 19: where pages and jobs share a processor, the page that somebody waits for goes first

app = typer.Typer(help="Jobs: what an office does by itself, when, and how each run ended.", no_args_is_help=True)


def worker(
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="Queue what is due, run what is queued, then stop.")] = False,
    at_once: Annotated[int, typer.Option(help="Jobs of different tenants run at the same time.")] = 2,
) -> None:
    """Run the office's jobs as they come due, until stopped. Stopped in the middle of one, it goes on with it later."""
    with suppress(OSError):  # where the system lets no process do so, its administrator has decided
        os.nice(BEHIND_PEOPLE)
    with open_office(home):
        from datetime import UTC, datetime

        from claimwright.web.operations.job_runs import queue_due
        from claimwright.web.operations.tasks import work

        if once:
            queue_due(at=datetime.now(UTC))
        else:
            console.print("Working. Ctrl-C stops after the running jobs.")
        work(at_once=at_once, until_stopped=not once)


@app.command("list")
def list_runs(home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Every job with its schedule and its newest run. Exit 1 when a newest run failed."""
    with open_office(home):
        from claimwright.web.operations.job_runs import runs_of, schedules
        from claimwright.web.operations.job_table import BY_NAME

        with _scope(choose_tenant(tenant)):
            rows = []
            for schedule in schedules():
                run = next(runs_of(job=schedule.job, limit=1), None)
                rows.append(
                    {
                        "job": schedule.job, "what": BY_NAME[schedule.job].words, "schedule": schedule.cron,
                        "on": schedule.enabled, "last": run.slot.isoformat() if run else "",
                        "state": run.state if run else "", "problem": run.problem if run else "",
                    }
                )  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        columns = [(name, "left") for name in ("Job", "What it does", "When", "Last", "Ended", "Problem")]
        shown = [
            [
                row["job"],
                row["what"],
                row["schedule"] if row["on"] else "off",
                row["last"][:16],
                row["state"],
                row["problem"],
            ]
            for row in rows
        ]
        console.print(table("Jobs", columns, [[str(cell) for cell in row] for row in shown]))
    raise typer.Exit(1 if any(row["state"] == "failed" for row in rows) else 0)


@app.command("run")
def run(job: str, home: Home = None, tenant: TenantName = "", as_json: Json = False) -> None:
    """Run one job now, here, and wait for its end. Exit 1 when it failed."""
    with open_office(home):
        from claimwright.web.operations.job_runs import RefusedSchedule, carry_out_run, run_now
        from claimwright.web.operations.models import JobRun

        chosen = choose_tenant(tenant)
        try:
            with _scope(chosen):
                made = run_now(tenant=chosen, job=job)
        except RefusedSchedule as problem:
            raise Refused(str(problem)) from None
        try:
            carry_out_run(tenant=chosen, run_id=made.pk)
        except Exception:  # noted on the run, which is shown next
            pass
        with _scope(chosen):
            ended = JobRun.objects.get(pk=made.pk)
    if as_json:
        print_json({"job": job, "state": ended.state, "counts": ended.counts, "problem": ended.problem})
    else:
        for name, value in ended.counts.items():
            console.print(f"  {name}: {value}", markup=False)
        why = f" ({ended.problem})" if ended.problem else ""
        console.print(f"{job}: {ended.state}{why}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if ended.state == JobRun.State.DONE else 1)


@contextmanager
def worker_beside(home: Path) -> Iterator[None]:
    """A worker in a process of its own for as long as the caller runs; one that ends meanwhile is followed by another."""
    stopping, owner = threading.Event(), os.getpid()
    watch = threading.Thread(target=_keep_a_worker, args=(home, stopping), name="worker-watch")
    watch.start()
    try:
        yield
    finally:
        if os.getpid() == owner:  # the server's forked processes leave through here, too
            stopping.set()
            watch.join()


def _keep_a_worker(home: Path, stopping: threading.Event) -> None:
    from claimwright.web.core import logs

    while not stopping.is_set():
        process = subprocess.Popen(
            WORKER, env={**os.environ, HOME_VARIABLE: str(home)}, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
        while process.poll() is None and not stopping.wait(LOOK_SECONDS):
            pass
        if process.poll() is not None:
            logs.say(logs.jobs, "worker_ended", logging.ERROR, again_in_seconds=PAUSE_SECONDS)
            stopping.wait(PAUSE_SECONDS)  # what it lacked, the database for one, may be back by then
            continue
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
