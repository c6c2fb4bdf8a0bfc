"""A clinic that checks with its commercial payer, whose clearinghouse is the sandbox; one patient with one coverage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from claimwright.sandbox.plan import Benefit, EligibilityManners, Payer, Plan

TODAY = date(2026, 9, 30)
MEMBER = "W12345678"
TERMS = Benefit(name="gold", deductible=Decimal(500), coinsurance=Decimal("0.2"))


def plan(**manners: Any) -> Plan:
    """The clinic's payers as the sandbox plays them."""
    common = {"street": "1 ELM ST", "city": "MADISON", "state": "WI", "zip_code": "537030001"}
    rows = (("60054", "NORTHERN MUTUAL", "12", "1900000001"), ("77777", "PLAINS HEALTH", "12", "1900000002"))
    payers = tuple(
        Payer(
            id=code,
            name=name,
            filing_indicator=kind,
            company_id=company,
            benefits=(TERMS,),
            deductible_met_share=Decimal(0),
            **common,
        )
        for code, name, kind, company in rows
    )
    return Plan(seed=1, payers=payers, eligibility=EligibilityManners(**manners))


class Office(msgspec.Struct, kw_only=True):
    tenant: Any
    clinic: Any
    patient: Any
    payer: Any
    coverage: Any
    root: Path

    def sandbox_day(self, **manners: Any) -> Any:
        """What we sent to the sandbox, and its answers of the same day back in our inbox; the receive report."""
        from claimwright.sandbox.day import advance
        from claimwright.web.operations.receive import receive
        from claimwright.web.submissions.sending import send_prepared

        send_prepared(tenant=self.tenant)
        inbound, outbound = self.root / "sftp" / "inbound", self.root / "sftp" / "outbound"
        inbound.mkdir(parents=True, exist_ok=True)
        for path in self.clinic.outgoing.iterdir():
            path.replace(inbound / path.name)
        ours = EligibilityManners(answer_days=0, **manners)
        advance(self.root, TODAY, msgspec.structs.replace(plan(), eligibility=ours))
        for path in outbound.glob("271_*"):
            path.replace(self.clinic.incoming / path.name)
        return receive(tenant=self.tenant)


@pytest.fixture
def office(tenant: Any, clinic: Any, tmp_path: Path) -> Office:
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.eligibility.asking import save_payer_check
    from claimwright.web.patients.coverages import NewCoverage, add_coverage
    from claimwright.web.patients.services import save_patient
    from claimwright.web.practice.models import Payer as PayerRow
    from tests.lib.builders import a_patient

    with tenant_scope(tenant):
        payer = PayerRow.objects.get(key="NMUT")
        save_payer_check(payer=payer)
        patient = save_patient(practice=clinic.practice, patient=a_patient())
        coverage = add_coverage(patient=patient, new=NewCoverage(payer=payer, member_id=MEMBER, start=date(2026, 1, 1)))
    return Office(
        tenant=tenant, clinic=clinic, patient=patient, payer=payer, coverage=coverage, root=tmp_path / "sandbox"
    )
