"""What a restored installation must not do: give a number out again, send by itself, or keep old sessions open.

Between the backup and its restore the lost installation may have sent files. Their control numbers are unknown here, and
a partner refuses one it has seen; so every counter jumps, and every connection stays off until a person has compared what
was sent with what is known.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import Greatest

from claimwright.web.core.models import Counter, Tenant
from claimwright.web.core.services import acting_as, raise_work_item, record_audit
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.exchange.models import Connection

ENVELOPE = ("ISA13:", "GS06:")


def settle(*, made_at: datetime, leap: int, last_sent: int = 0, keep_connections: bool = False) -> dict[str, int]:
    """Guard counters, connections and sessions of every tenant; each tenant's audit log says that it was restored.

    `last_sent`, when known, is the highest control number that a partner has acknowledged: those of envelopes go beyond
    it. Gives how many counters jumped, connections were switched off and sessions ended.
    """
    done = {"counters": 0, "connections": 0, "sessions": Session.objects.count()}
    Session.objects.all().delete()
    for tenant in Tenant.objects.order_by("slug"):
        with tenant_scope(tenant), acting_as("restore"):
            done["counters"] += Counter.objects.update(value=F("value") + leap)
            for prefix in ENVELOPE:
                Counter.objects.filter(name__startswith=prefix).update(value=Greatest(F("value"), last_sent))
            off = 0 if keep_connections else _switch_off(made_at)
            done["connections"] += off
            record_audit(
                action="installation.restored", subject_type="tenant", subject_id=tenant.pk,
                detail=f"backup of {made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}; counters raised by {leap}; {off} connections off",
            )  # fmt: skip
    return done


def _switch_off(made_at: datetime) -> int:
    names = list(Connection.objects.filter(active=True).values_list("pk", "name"))
    for pk, name in names:
        raise_work_item(
            worklist=Worklist.CONNECTION_PROBLEMS, key=f"restored:{pk}:{made_at.isoformat()}",
            reason_code="RESTORED", subject_type="connection", subject_id=pk,
            reason=f"{name} is off: this installation was restored from a backup of {made_at:%Y-%m-%d %H:%M} UTC",
            what_to_do="Ask the partner which files it has received since then; mark those claims as sent, then switch the connection on",
        )  # fmt: skip
    return Connection.objects.filter(active=True).update(active=False)
