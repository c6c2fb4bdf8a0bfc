"""A million rows of the audit log: written in one go, then verified; and what one row costs whoever waits for it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROWS = int(os.environ.get("CLAIMWRIGHT_BENCH_AUDIT_ROWS", "1000000"))
AT_ONCE = 50_000
SINGLE = 300


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="claimwright-bench-") as home:
        os.environ["CLAIMWRIGHT_HOME"] = home
        os.environ.pop("DATABASE_URL", None)
        from claimwright.web.bootstrap import setup
        from claimwright.web.database import stop

        setup()
        try:
            _measure()
        finally:
            from django.db import connections

            connections.close_all()
            stop(Path(home) / "postgres")


def _measure() -> None:
    from claimwright.web.core.audit_log import find, verify
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.services import record_audit
    from claimwright.web.core.tenancy import tenant_scope

    tenant = Tenant.objects.create(slug="bench", name="Bench")
    start = time.perf_counter()
    _write(tenant)
    print(f"{ROWS:,} rows written: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    for _ in range(SINGLE):
        with tenant_scope(tenant):
            record_audit(action="claim.read", subject_type="claim", subject_id="x")
    print(f"one row and its commit: {(time.perf_counter() - start) / SINGLE * 1000:.2f} ms")
    with tenant_scope(tenant):
        start = time.perf_counter()
        verdict = verify()
        print(f"{verdict.rows:,} rows verified: {time.perf_counter() - start:.1f} s, holds: {verdict.holds}")
        start = time.perf_counter()
        found = list(find(subjects=[f"{7:032x}"])[:50])
        print(f"{len(found)} rows about one claim: {(time.perf_counter() - start) * 1000:.1f} ms")


def _write(tenant: Any) -> None:
    """The rows as the product writes them, many at once: hashes made here, so that the database checks another's work."""
    from django.db import connection

    from claimwright.web.core.tenancy import tenant_scope

    at, previous = datetime(2026, 1, 1, 9, tzinfo=UTC), "0" * 64
    for first in range(1, ROWS + 1, AT_ONCE):
        columns: list[list[object]] = [[], [], [], [], [], []]
        for number in range(first, min(first + AT_ONCE, ROWS + 1)):
            at += timedelta(milliseconds=1_700)
            actor, subject = f"person{number % 25}", f"{number % 40_000:032x}"
            payload = f"{at.isoformat()}|{actor}|claim.read|claim|{subject}|"
            digest = hashlib.sha256(f"{previous}\n{payload}".encode()).hexdigest()
            for column, value in zip(columns, (number, previous, digest, at, actor, subject), strict=True):
                column.append(value)
            previous = digest
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO core_auditevent (id, sequence, previous_hash, hash, at, actor, subject_id, action,
                     subject_type, detail)
                   SELECT gen_random_uuid(), *, 'claim.read', 'claim', '' FROM unnest(
                     %s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[])""",
                columns,
            )
