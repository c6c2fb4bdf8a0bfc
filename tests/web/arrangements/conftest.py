"""A practice with a patient who has no insurance, on a clock that tests turn by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lib.builders import COMMERCIAL, a_patient
from tests.lib.web_data import a_patient_row, a_payer, a_practice, a_user


class Office(SimpleNamespace):
    """Rows of the practice; `turn(day)` sets the clock, `visit(...)` charges a visit, `owed()` is what the patient owes."""


@pytest.fixture
def office(tenant: Any) -> Iterator[Office]:
    with open_office(tenant) as made:
        yield made


@contextmanager
def open_office(tenant: Any) -> Iterator[Office]:
    """In a scope of the tenant, that ends with the block."""
    from claimwright.web.core.services import acting_as
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Charge

    tenant.fixed_date = date(2026, 6, 1)
    tenant.save(update_fields=["fixed_date"])
    with tenant_scope(tenant), acting_as("anna"):
        practice = a_practice()
        for code, amount in (("99205", "600.00"), ("99204", "280.00"), ("87880", "40.00")):
            Charge.objects.create(
                practice=practice,
                code=code,
                amount=Decimal(amount),
                start=date(2026, 1, 1),
                description=f"Visit {code}",
            )
        patient = a_patient_row(practice, a_payer(COMMERCIAL), a_patient())
        patient.coverages.all().delete()
        yield Office(
            tenant=tenant, practice=practice, patient=patient, supervisor=a_user(tenant, "bo", "supervisor"),
            turn=_turner(tenant), visit=_visitor(practice, patient), owed=lambda: _owed(patient),
        )  # fmt: skip


def _turner(tenant: Any) -> Callable[[date], None]:
    def turn(day: date) -> None:
        from claimwright.web.core.tenancy import current_tenant

        for row in (tenant, current_tenant()):
            row.fixed_date = day
        tenant.save(update_fields=["fixed_date"])

    return turn


def _visitor(practice: Any, patient: Any) -> Callable[..., Any]:
    def visit(key: str, amount: str | Decimal, on: date, *, code: str = "99205", encounter: Any = None) -> Any:
        """A self-pay visit whose charge the patient owes."""
        from claimwright.ledger.accounts import Account, Kind, receivable
        from claimwright.ledger.transfers import EntryType, Transfer
        from claimwright.web.accounts.services import post_transfers
        from claimwright.web.charges.models import ChargeLine, Encounter

        row = encounter or Encounter(practice=practice, patient=patient, external_id=key, source="csv", received_on=on)
        row.state, row.date_from, row.date_to = Encounter.State.CHARGES_LOCKED, on, on
        row.save()
        ChargeLine.objects.create(
            encounter=row, practice=practice, patient=patient, line_id=key, number=1, code=code, units=1,
            charge=Decimal(amount), date_of_service=on, charged_on=on,
        )  # fmt: skip
        post_transfers(
            transfers=[
                Transfer(
                    debit=receivable(key, "PAT"), credit=Account(Kind.REVENUE, str(practice.pk)), amount=Decimal(amount),
                    entry_type=EntryType.CHARGE, key=f"charge:{key}", effective_date=on,
                )
            ]
        )  # fmt: skip
        return row

    return visit


def _owed(patient: Any) -> Decimal:
    from claimwright.web.payments.services import patient_lines

    return sum((line.balance for line in patient_lines(patient.pk)), Decimal(0))
