"""How many decided claims no person touched: posted by themselves, in full, and denied by nobody."""

from __future__ import annotations

import msgspec
from django.db.models import Exists, OuterRef

from claimwright.web.charges.models import Encounter
from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.denials.models import Denial
from claimwright.web.payments.models import ClaimPayment
from claimwright.web.submissions.models import Claim


class Touched(msgspec.Struct, frozen=True):
    decided: int
    untouched: int
    encounters: int
    claims_sent: int


def count_touched(tenant: Tenant) -> Touched:
    """`decided`: claim payments of posted remittances. A held one, or one with a denial of its claim, was touched."""
    with tenant_scope(tenant):
        decided = ClaimPayment.objects.filter(remittance__state__in=["posted", "partial"])
        denied = Denial.objects.filter(version=OuterRef("version"), received_on=OuterRef("remittance__received_on"))
        alone = decided.filter(state="posted", worklist="").filter(~Exists(denied))
        return Touched(
            decided=decided.count(), untouched=alone.count(), encounters=Encounter.objects.count(),
            claims_sent=Claim.objects.filter(versions__first_sent__isnull=False).distinct().count(),
        )  # fmt: skip
