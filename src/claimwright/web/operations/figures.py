"""What the office and its server count, in Prometheus's text format: sums over all tenants, no names, no patient data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone

import claimwright
from claimwright.web.core import clock
from claimwright.web.core.models import Tenant, WorkItem
from claimwright.web.core.request_figures import BOUNDS_SECONDS, figures
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.exchange.models import InboxPart, OutboxFile
from claimwright.web.operations.backup_making import newest_backup
from claimwright.web.operations.job_table import BY_NAME
from claimwright.web.operations.models import JobRun

Labels = Mapping[str, str]


class Office(msgspec.Struct):
    """Sums over the tenants: numbers by what they count, each by its label's value."""

    tenants: int = 0
    open_items: Counter[str] = msgspec.field(default_factory=Counter)
    oldest_item_days: dict[str, int] = msgspec.field(default_factory=dict)
    runs: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    failed: Counter[str] = msgspec.field(default_factory=Counter)
    since_done_seconds: dict[str, float] = msgspec.field(default_factory=dict)
    outbox: Counter[str] = msgspec.field(default_factory=Counter)
    inbox: Counter[str] = msgspec.field(default_factory=Counter)


def office() -> Office:
    """One pass over the tenants, each in its own scope: row-level security allows no other way."""
    found, now = Office(), timezone.now()
    for tenant in Tenant.objects.order_by("slug"):
        with tenant_scope(tenant):
            found.tenants += 1
            _worklists(found)
            _jobs(found, now)
            waiting = (OutboxFile.State.PREPARED, OutboxFile.State.UPLOADING, OutboxFile.State.AMBIGUOUS)
            for state, count in (
                OutboxFile.objects.filter(state__in=waiting).values_list("state").annotate(n=Count("pk"))
            ):
                found.outbox[state] += count
            for kind, count in (
                InboxPart.objects.filter(fate=InboxPart.Fate.PENDING).values_list("kind").annotate(n=Count("pk"))
            ):
                found.inbox[kind] += count
    return found


def _worklists(found: Office) -> None:
    open_items = WorkItem.objects.filter(state=WorkItem.State.OPEN).values_list("worklist")
    for worklist, count, oldest in open_items.annotate(n=Count("pk"), oldest=Min("raised_on")):
        found.open_items[worklist] += count
        days = (clock.today() - oldest).days
        found.oldest_item_days[worklist] = max(days, found.oldest_item_days.get(worklist, 0))


# Newest runs by the index, whatever many years of runs are kept: a job that runs each minute has half a million a year.
JOBS_SQL = """
SELECT s.job, newest.state, done.ended_at
FROM unnest(%s::text[]) AS s(job)
LEFT JOIN LATERAL (SELECT state FROM operations_jobrun r WHERE r.job = s.job ORDER BY slot DESC LIMIT 1) newest ON true
LEFT JOIN LATERAL (SELECT ended_at FROM operations_jobrun r WHERE r.job = s.job AND r.state = 'done'
                   ORDER BY slot DESC LIMIT 1) done ON true
"""
DAY_SQL = """
SELECT s.job, day.state, day.runs
FROM unnest(%s::text[]) AS s(job)
JOIN LATERAL (SELECT state, count(*) AS runs FROM operations_jobrun r
              WHERE r.job = s.job AND r.slot > now() - interval '1 day' GROUP BY state) day ON true
"""


def _jobs(found: Office, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DAY_SQL, [list(BY_NAME)])
        for job, state, runs in cursor.fetchall():
            found.runs[job, state] += runs
        cursor.execute(JOBS_SQL, [list(BY_NAME)])
        for job, state, ended_at in cursor.fetchall():
            if state:
                found.failed[job] += state == JobRun.State.FAILED
            if ended_at:
                age = (now - ended_at).total_seconds()
                found.since_done_seconds[job] = max(age, found.since_done_seconds.get(job, 0.0))


def exposition() -> str:
    """The whole text. The office's part is left out, and `claimwright_database_up` is 0, where the database is away."""
    from django.db import Error

    lines = [*_server()]
    try:
        lines += [*_office(office()), *_queue(), *_metric("database_up", "gauge", "The database answers.", [({}, 1)])]
    except Error:
        lines += _metric("database_up", "gauge", "The database answers.", [({}, 0)])
    return "\n".join(lines) + "\n"


def _server() -> Iterator[str]:
    version = {"version": claimwright.__version__}
    yield from _metric("build_info", "gauge", "The version that runs.", [(version, 1)])
    made = newest_backup(Path(settings.HOME))
    if made:
        age = (datetime.now(UTC) - made).total_seconds()
        yield from _metric("backup_age_seconds", "gauge", "Time since the newest backup was made.", [({}, age)])
    rows = figures()
    counts = [({"route": row.route, "status": kind}, n) for row in rows for kind, n in row.statuses.items()]
    yield from _metric("requests_total", "counter", "Requests answered since the server started.", counts)
    name = "request_seconds"
    yield from _head(name, "histogram", "Time to answer.")
    for row in rows:
        for bound, count in zip((*map(str, BOUNDS_SECONDS), "+Inf"), row.up_to, strict=True):
            yield _line(f"{name}_bucket", {"route": row.route, "le": bound}, count)
        yield _line(f"{name}_sum", {"route": row.route}, row.seconds)
        yield _line(f"{name}_count", {"route": row.route}, row.count)


def _office(found: Office) -> Iterator[str]:
    yield from _metric("tenants", "gauge", "Tenants of this installation.", [({}, found.tenants)])
    yield from _by("worklist_open_items", "Open items of a worklist.", "worklist", found.open_items)
    yield from _by("worklist_oldest_days", "Age of the oldest open item.", "worklist", found.oldest_item_days)
    runs = [({"job": job, "state": state}, count) for (job, state), count in sorted(found.runs.items())]
    yield from _metric("job_runs_last_day", "gauge", "Runs of each job in the last 24 hours, by how they ended.", runs)
    yield from _by("job_newest_failed", "Tenants whose newest run of the job failed.", "job", found.failed)
    yield from _by(
        "job_last_done_seconds",
        "Time since the job last ran through, where it is longest ago.",
        "job",
        found.since_done_seconds,
    )
    yield from _by("outbox_waiting_files", "Files not yet sent, or not known to have arrived.", "state", found.outbox)
    yield from _by("inbox_waiting_parts", "Parts of received files without a fate.", "kind", found.inbox)


def _queue() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT status::text, count(*), coalesce(extract(epoch FROM now() - min(coalesce(scheduled_at, e.at))), 0)
               FROM procrastinate_jobs j
               LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id) e ON true
               WHERE status IN ('todo', 'doing') GROUP BY status ORDER BY status"""
        )
        rows = cursor.fetchall()
    yield from _by("queue_jobs", "Entries of the queue.", "status", {status: count for status, count, _ in rows})
    oldest = {status: float(max(seconds, 0)) for status, _, seconds in rows if status == "todo"}
    yield from _by(
        "queue_oldest_seconds", "How long the oldest entry waits; one for later is not counted.", "status", oldest
    )


# The format ----------------------------------------------------------------------------------------------------------


def _by(name: str, says: str, label: str, values: Mapping[str, float]) -> Iterator[str]:
    yield from _metric(name, "gauge", says, [({label: key}, value) for key, value in sorted(values.items())])


def _metric(name: str, kind: str, says: str, values: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield from _head(name, kind, says)
    for labels, value in values:
        yield _line(name, labels, value)


def _head(name: str, kind: str, says: str) -> tuple[str, str]:
    return f"# HELP claimwright_{name} {says}", f"# TYPE claimwright_{name} {kind}"


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    shown = f"{{{inside}}}" if inside else ""
    return (
        f"claimwright_{name}{shown} {value:.6f}".rstrip("0").rstrip(".")
        if isinstance(value, float)
        else f"claimwright_{name}{shown} {value}"
    )


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
