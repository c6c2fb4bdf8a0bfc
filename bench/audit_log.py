"""A million rows of the audit log: written in one go, then verified; and what one row costs whoever waits for it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

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
    from claimwright.web.core.chain import append
    from claimwright.web.core.clock import now
    from claimwright.web.core.models import AuditEvent, Tenant
    from claimwright.web.core.services import record_audit
    from claimwright.web.core.tenancy import tenant_scope

    tenant = Tenant.objects.create(slug="bench", name="Bench")
    start = time.perf_counter()
    for first in range(0, ROWS, AT_ONCE):
        with tenant_scope(tenant):
            at = now()
            append(AuditEvent, [
                AuditEvent(at=at, actor=f"person{number % 25}", action="claim.read", subject_type="claim",
                           subject_id=f"{number % 40_000:032x}", detail="")
                for number in range(first, min(first + AT_ONCE, ROWS))
            ])  # fmt: skip
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
