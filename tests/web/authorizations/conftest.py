"""A clinic whose commercial payer asks for an authorization of 87880 and a referral for 99214, and its patient."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from claimwright.edits.payer_profile import AuthorizationRule, CodeRange
from tests.lib.practices import superbill_row, take_in

DAY = date(2026, 8, 31)
RULES = (
    AuthorizationRule(codes=(CodeRange(first="87880"),), source="NMUT list 2026-07"),
    AuthorizationRule(kind="referral", codes=(CodeRange(first="99214"),), source="NMUT plan booklet"),
)


@pytest.fixture
def inside(tenant: Any, clinic: Any) -> Any:
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        asking(clinic)
        yield clinic


def asking(clinic: Any) -> None:
    """The payer's rules, in the open scope."""
    from claimwright.edits.payers.commercial import COMMERCIAL
    from claimwright.web.practice import services
    from tests.lib.builders import COMMERCIAL as NOUN

    services.save_payer(
        key="NMUT", filing_indicator="CI", connection=clinic.connection,
        profile=msgspec.structs.replace(
            COMMERCIAL, payer_id=NOUN.payer_id, name=NOUN.name, authorization_rules=RULES
        ),
    )  # fmt: skip


def a_visit(clinic: Any, number: int = 1, **cells: str) -> Any:
    """A visit of one line taken in as a draft claim; its version. Patient MRN1001 unless said otherwise."""
    from claimwright.web.submissions.models import ClaimVersion

    row = superbill_row(external_id=f"V{number}", **({"cpt": "87880", "charge": "40.00"} | cells))
    take_in(clinic, row, name=f"visit{number}.csv")
    return ClaimVersion.objects.select_related("claim__payer", "claim__patient").get(
        claim__encounter__external_id__contains=f"V{number}", number=1
    )


def register(clinic: Any) -> Any:
    """The patient of the visits, before any of them."""
    from claimwright.claims.nouns import Patient
    from claimwright.web.patients.services import save_patient
    from tests.lib.builders import a_patient

    noun: Patient = a_patient()
    return save_patient(practice=clinic.practice, patient=noun)


def on_file(patient: Any, number: str = "A1", **given: Any) -> Any:
    """An authorization of two units for 87880, good from July to October."""
    from claimwright.web.authorizations.services import record_authorization
    from claimwright.web.practice.models import Payer

    fields = {
        "payer": Payer.objects.get(key="NMUT"), "status": "approved", "number": number,
        "codes": [CodeRange(first="87880")], "units_approved": Decimal(2), "start": date(2026, 7, 1),
        "through": date(2026, 10, 31),
    } | given  # fmt: skip
    return record_authorization(patient=patient, **fields)


def taken(authorization: Any) -> tuple[Decimal, Decimal]:
    """(reserved, used) units."""
    from claimwright.web.authorizations.selectors import standings

    units = standings(authorization_ids=[authorization.pk])[authorization.pk].units
    return units.reserved, units.used


def again(version: Any) -> Any:
    version.refresh_from_db()
    return version


def open_findings(version: Any) -> dict[str, str]:
    return dict(version.findings.filter(open=True).values_list("edit_id", "message"))
