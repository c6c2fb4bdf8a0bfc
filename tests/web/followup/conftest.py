"""A clinic with one claim that the sandbox's payer took in, and days that pass for both."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from claimwright.sandbox.plan import Benefit, Clearinghouse, Payer, Plan, StatusManners
from tests.web.authorizations.conftest import a_visit

START = date(2026, 9, 30)  # the fixed date of the tenant under test
TERMS = Benefit(name="gold", copay=Decimal(20))


def plan(**manners: Any) -> Plan:
    payer = Payer(
        id="60054", name="NORTHERN MUTUAL", filing_indicator="CI", company_id="1900000001", street="1 ELM ST",
        city="MADISON", state="WI", zip_code="537030001", benefits=(TERMS,), deductible_met_share=Decimal(1),
        floor_days=30,
    )  # fmt: skip
    return Plan(
        seed=1, payers=(payer,), status=StatusManners(**{"answer_days": 0} | manners),
        clearinghouse=Clearinghouse(id="CLEARHOUSE", acknowledgement_days=1),
    )  # fmt: skip


class Office(msgspec.Struct, kw_only=True):
    tenant: Any
    clinic: Any
    payer: Any
    root: Path
    day: date = START
    lost: tuple[str, ...] = ()  # stems of answers that never come

    def today(self, day: date) -> None:
        from claimwright.web.core.models import Tenant

        self.day = day
        Tenant.objects.filter(pk=self.tenant.pk).update(fixed_date=day)
        self.tenant.refresh_from_db()

    def passes(self, days: int = 1, **manners: Any) -> Any:
        """So many days on: what we sent goes to the sandbox, its answers come back; the last day's receive report."""
        from claimwright.sandbox.day import advance
        from claimwright.web.operations.post import post
        from claimwright.web.operations.receive import receive
        from claimwright.web.submissions.sending import send_prepared

        self.today(self.day + timedelta(days=days))
        send_prepared(tenant=self.tenant)
        inbound, outbound = self.root / "sftp" / "inbound", self.root / "sftp" / "outbound"
        inbound.mkdir(parents=True, exist_ok=True)
        for path in self.clinic.outgoing.iterdir():
            path.replace(inbound / path.name)
        advance(self.root, self.day, plan(**manners))
        for path in outbound.iterdir():
            if path.name.startswith(self.lost):
                path.unlink()
            else:
                path.replace(self.clinic.incoming / path.name)
        report = receive(tenant=self.tenant)
        post(tenant=self.tenant)
        return report

    def follow(self) -> Any:
        from claimwright.web.core.tenancy import tenant_scope
        from claimwright.web.operations.status_inquiries import follow_claims

        with tenant_scope(self.tenant):
            return follow_claims()


@pytest.fixture
def office(tenant: Any, clinic: Any, tmp_path: Path) -> Office:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.followup.norms import save_payer_norm
    from claimwright.web.practice.models import Payer as PayerRow
    from claimwright.web.submissions.scrubbing import scrub
    from claimwright.web.submissions.sending import submit_ready

    with tenant_scope(tenant):
        payer = PayerRow.objects.get(key="NMUT")
        save_payer_norm(payer=payer, asks_status=True, answer_days=14)
        a_visit(clinic, dos_from="2026-09-28", cpt="99213", charge="150.00")
        scrub()
    made = Office(tenant=tenant, clinic=clinic, payer=payer, root=tmp_path / "sandbox")
    made.today(START)
    submit_ready(tenant=tenant)
    made.passes(0)
    return made
