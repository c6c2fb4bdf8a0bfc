"""`python -m claimwright.cli.backup_settling`: prove what was restored and guard it, in a process of its own.

Django knows one installation a process, and a drill runs in the office of another: so the restored one gets its own.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from claimwright.cli.words import Refused


def run(*, home: Path, made_at: str, leap: int, last_sent: int, keep_connections: bool) -> dict[str, object]:
    """Audit every tenant as it was restored, then guard counters and connections, then check the isolation."""
    from claimwright.cli.books import earlier_heads
    from claimwright.web import bootstrap

    bootstrap.setup(migrate=True, whole_home=True)
    from claimwright.auditor import audit
    from claimwright.web.core.isolation import assert_isolated
    from claimwright.web.core.models import Tenant
    from claimwright.web.operations.after_restore import settle

    assert_isolated()
    audits = {}
    for tenant in Tenant.objects.order_by("slug"):
        known = earlier_heads(home / "audit-heads", tenant.slug)
        found = audit(bootstrap.connection_text(), str(tenant.pk), known_heads=known)
        faults = sorted({fault.invariant for fault in found.faults})
        examined = sum(check.examined for check in found.checks)
        audits[tenant.slug] = {"balanced": found.balanced, "examined": examined, "faults": faults}
    moment = datetime.fromisoformat(made_at)
    done = settle(made_at=moment, leap=leap, last_sent=last_sent, keep_connections=keep_connections)
    return {"audits": audits, **done}


def main() -> None:
    """Settings as JSON on standard input, the report as JSON on standard output; exit 2 with a sentence on standard error."""
    asked = json.loads(sys.stdin.read())
    try:
        print(json.dumps(run(**{**asked, "home": Path(asked["home"])})))
    except Refused as problem:
        raise SystemExit(f"{problem}") from None


if __name__ == "__main__":
    main()
