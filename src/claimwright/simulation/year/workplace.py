"""One office at work: what its desks share, and the seeded chance by which its people act."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from claimwright.simulation.biller import share
from claimwright.simulation.clearinghouse import Clearinghouse
from claimwright.simulation.year.bank import Bank
from claimwright.simulation.year.offices import Office
from claimwright.simulation.year.visits import FrontDesk
from claimwright.web.core.models import Tenant, User
from claimwright.web.practice.models import Practice


class Workplace(msgspec.Struct):
    """An office with its books open. Every desk is `work(place, day) -> counts`."""

    office: Office
    tenant: Tenant
    practice: Practice
    clearinghouse: Clearinghouse
    front_desk: FrontDesk
    bank: Bank
    home: Path

    @property
    def outbound(self) -> Path:
        """Where the clearinghouse leaves its answers."""
        return self.clearinghouse.root / "sftp" / "outbound"

    def person(self, role: str) -> User:
        return User.objects.get(username=f"{self.office.slug}-{role}", tenant=self.tenant)

    def chance(self, *parts: object) -> Decimal:
        """From 0 to 1, the same for the same office and parts."""
        return share(self.office.seed, *parts)

    def stands_still(self, day: date) -> None:
        """The office's clock stands on `day`."""
        Tenant.objects.filter(pk=self.tenant.pk).update(fixed_date=day)
        self.tenant.fixed_date = day
