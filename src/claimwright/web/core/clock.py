"""The only clock of the product. A tenant with a fixed date (a demonstration, a rehearsal) stands on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import current_tenant


def zone_of(tenant: Tenant) -> tzinfo:
    """In which the tenant's days begin and its people read times; on a fixed date the clock itself counts in UTC."""
    return UTC if tenant.fixed_date else ZoneInfo(tenant.time_zone)


def now() -> datetime:
    """The moment in UTC; on a tenant's fixed date its calendar day is that date."""
    moment = datetime.now(UTC)
    fixed = current_tenant().fixed_date
    return datetime.combine(fixed, moment.timetz()) if fixed else moment


def today() -> date:
    """The tenant's calendar date, in its own time zone."""
    tenant = current_tenant()
    return tenant.fixed_date or datetime.now(zone_of(tenant)).date()


def local(moment: datetime) -> datetime:
    """The moment as the tenant's people read it."""
    return moment.astimezone(zone_of(current_tenant()))


def day_of(moment: datetime) -> date:
    """The tenant's calendar date at that moment."""
    return local(moment).date()


def begins(day: date) -> datetime:
    """The moment at which the tenant's day begins."""
    return datetime.combine(day, time(), tzinfo=zone_of(current_tenant()))
