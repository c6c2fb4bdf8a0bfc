"""The audit log read: its rows by person, action, subject and date, and whether its chain of hashes holds."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import msgspec
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet

from claimwright.web.core import clock, heads
from claimwright.web.core.chain import GENESIS
from claimwright.web.core.models import AuditEvent
from claimwright.web.core.tenancy import current_tenant

FAULTS_TOLD = 50
YEARS_KEPT = 6  # 45 CFR 164.316(b)(2)(i): nothing removes a row of this log, at six years or ever
TABLE = AuditEvent._meta.db_table


class Fault(msgspec.Struct, frozen=True):
    """A row by its number, and what is wrong at it."""

    sequence: int
    problem: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What looking at the whole chain found.

    `head` is the hash of the newest row. `kept` is the number of the head kept outside the database, 0 where there is
    none; `unkept` counts rows behind it: of a process that died after its commit, or written past the product.
    """

    rows: int
    head: str
    faults: tuple[Fault, ...]
    faults_in_all: int
    kept: int
    unkept: int

    @property
    def holds(self) -> bool:
        return not self.faults


def find(
    *,
    actor: str = "",
    action: str = "",
    subjects: Collection[str] | None = None,
    start: date | None = None,
    end: date | None = None,
) -> QuerySet[AuditEvent]:
    """Rows, newest first. `action` is one, or its beginning with a dot ("claim."); `subjects` are ids of what the rows
    are about; both days count, in the tenant's time zone."""
    rows = AuditEvent.objects.order_by("-sequence")
    if actor:
        rows = rows.filter(actor=actor)
    if action:
        rows = rows.filter(action__startswith=action) if action.endswith(".") else rows.filter(action=action)
    if subjects is not None:
        rows = rows.filter(subject_id__in=list(subjects))
    if start:
        rows = rows.filter(at__gte=clock.begins(start))
    if end:
        rows = rows.filter(at__lt=clock.begins(end + timedelta(days=1)))
    return rows


def people(rows: QuerySet[AuditEvent]) -> list[dict[str, object]]:
    """Each person in the rows with the first and last moment and how often, the busiest first."""
    found = rows.order_by().values("actor").annotate(times=Count("pk"), first=Min("at"), last=Max("at"))
    return list(found.order_by("-times", "actor"))


def _escaped(column: str) -> str:
    return f"replace(replace({column}, '\\', '\\\\'), '|', '\\|')"


# The content of a row as chain_payload() writes it, made by the database: a million rows in seconds.
_PAYLOAD = " || '|' || ".join(
    (
        """to_char(at AT TIME ZONE 'UTC', CASE WHEN date_trunc('second', at) = at
             THEN 'YYYY-MM-DD"T"HH24:MI:SS' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US' END) || '+00:00'""",
        *(_escaped(column) for column in ("actor", "action", "subject_type", "subject_id", "detail")),
    )
)
_WALK = f"""
SELECT sequence, before, follows, made, count(*) OVER () FROM (
  SELECT sequence,
         lag(sequence, 1, 0::bigint) OVER inorder AS before,
         previous_hash = lag(hash, 1, %(genesis)s::varchar) OVER inorder AS follows,
         hash = encode(sha256(convert_to(previous_hash || E'\\n' || {_PAYLOAD}, 'UTF8')), 'hex') AS made
  FROM {TABLE} WINDOW inorder AS (ORDER BY sequence)) walked
WHERE sequence <> before + 1 OR NOT follows OR NOT made ORDER BY sequence LIMIT {FAULTS_TOLD}
"""


class End(msgspec.Struct, frozen=True):
    """The newest row's number and hash, the number that is kept outside (0: none), and what is wrong with them."""

    last: int
    head: str
    kept: int
    fault: Fault | None


def look_at_end() -> End:
    """Hold the end of the tenant's log to the head kept outside the database. Quick, however long the log is."""
    newest = AuditEvent.objects.order_by("-sequence").values_list("sequence", "hash").first()
    last, head = newest or (0, "")
    try:
        kept = heads.kept(current_tenant().pk, TABLE)
    except heads.HeadDamaged as damaged:
        return End(last, head, 0, Fault(last, str(damaged)))
    if kept is None:
        return End(last, head, 0, None)
    found = AuditEvent.objects.filter(sequence=kept[0]).values_list("hash", flat=True).first()
    fault = None
    if found is None:
        fault = Fault(kept[0], f"the log ends at {last}, but went to {kept[0]}: its end was cut off")
    elif found != kept[1]:
        fault = Fault(kept[0], "the log was written again: it does not hold the head kept outside the database")
    return End(last, head, kept[0], fault)


def verify() -> Verdict:
    """Walk the tenant's chain from its first row to its last, and hold its end to the head kept outside.

    Reads every row once. Changes nothing; a fault is told with the number of the row at which it shows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WALK, {"genesis": GENESIS})
        broken = cursor.fetchall()
        cursor.execute(f"SELECT count(*) FROM {TABLE}")
        (rows,) = cursor.fetchone()
    end = look_at_end()
    faults = [Fault(row[0], _words(*row[:4])) for row in broken]
    if end.fault is not None:
        faults.append(end.fault)
    return Verdict(
        rows=rows, head=end.head, faults=tuple(faults), kept=end.kept,
        faults_in_all=max(len(faults), broken[0][4] if broken else 0),
        unkept=max(0, end.last - end.kept) if end.kept else 0,
    )  # fmt: skip


def _words(sequence: int, before: int, follows: bool, made: bool) -> str:
    if sequence != before + 1:
        missing = sequence - before - 1
        return f"{missing} rows before it are missing" if missing > 1 else f"row {before + 1} before it is missing"
    return "its content was changed" if not made else "it does not follow the row before it"
