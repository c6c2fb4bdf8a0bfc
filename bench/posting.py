"""A 5,000-claim remittance into a real PostgreSQL: read, matched, posted, saved, in one transaction."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

CLAIMS = int(os.environ.get("CLAIMWRIGHT_BENCH_CLAIMS", "5000"))


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
    from datetime import date

    from tests.lib import world

    from claimwright.web.accounts.models import LedgerTransfer
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.operations.post import post

    tenant = Tenant.objects.create(slug="bench", name="Bench", fixed_date=date(2026, 9, 20))
    start = time.perf_counter()
    with tenant_scope(tenant):
        made = world.set_up()
        versions = world.sent_claims(made, [world.visit(number) for number in range(CLAIMS)])
    print(f"{CLAIMS} claims charged, claimed and sent: {time.perf_counter() - start:.1f} s")
    with tenant_scope(tenant):
        content = world.as_file([world.remittance([world.paid(version) for version in versions])])
        world.deliver(content)
    start = time.perf_counter()
    report = post(tenant=tenant)
    seconds = time.perf_counter() - start
    with tenant_scope(tenant):
        transfers = LedgerTransfer.objects.count()
    print(
        f"835 of {CLAIMS} claims, {len(content) / 1e6:.1f} MB: {seconds:.1f} s, {CLAIMS / seconds:.0f} claims/s, "
        f"{report.auto_posted_lines} lines, {transfers} transfers in the ledger"
    )
