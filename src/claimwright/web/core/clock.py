"""The only clock of the product. A tenant with a fixed date (a demonstration, a rehearsal) stands on it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from claimwright.web.core.tenancy import current_tenant


def now() -> datetime:
    """The moment in UTC; on a tenant's fixed date its calendar day is that date."""
    moment = datetime.now(UTC)
    fixed = current_tenant().fixed_date
    return datetime.combine(fixed, moment.timetz()) if fixed else moment


def today() -> date:
    """The tenant's calendar date, in its own time zone."""
    tenant = current_tenant()
    return tenant.fixed_date or datetime.now(ZoneInfo(tenant.time_zone)).date()
