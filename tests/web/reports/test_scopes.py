"""Figures of a payer, a provider, a location: their parts and wholes add up to those of all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.web.reports.random_books import FIRST_DAY, Maker

LAST = date(2026, 9, 30)
BY_CLAIM = ("clean_claim_rate", "denial_rate_dollars", "rejection_rate", "payment_lag")
BY_LINE = ("gross_collection_rate", "charge_lag", "write_off_rate")


@pytest.fixture(scope="module")
def written(module_database):
    from claimwright.web.charges.models import ChargeLine, Encounter
    from claimwright.web.core.models import Tenant
    from claimwright.web.core.tenancy import tenant_scope

    tenant = Tenant.objects.create(slug="own", name="own", fixed_date=LAST)
    with tenant_scope(tenant):
        books = Maker(5, visits=50).make()
        for number, visit in enumerate(Encounter.objects.order_by("external_id")):
            visit.location_code = ("MAIN", "EAST")[number % 2]
            visit.save(update_fields=["location_code"])
            ChargeLine.objects.filter(encounter=visit).update(
                rendering_npi=("1234567893", "1999999984")[number % 3 == 0]
            )
    return tenant, books


def figures(written, **scope):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports.indicators import kpis
    from claimwright.web.reports.scope import Scope

    with tenant_scope(written[0]):
        rows = kpis(start=FIRST_DAY, end=LAST, as_of=LAST, scope=Scope(**scope))
    return {row.name: row for row in rows}


def payers(written):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.practice.models import Payer

    with tenant_scope(written[0]):
        return list(Payer.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("by", ["payer", "provider", "location", "practice"])
def test_the_parts_of_a_dimension_add_up(written, by):
    values = {
        "payer": payers(written), "provider": ["1234567893", "1999999984"], "location": ["MAIN", "EAST"],
        "practice": [practice.pk for practice in written[1].practices],
    }[by]  # fmt: skip
    whole, parts = figures(written), [figures(written, **{by: value}) for value in values]
    for name in (*BY_CLAIM, *(() if by == "payer" else BY_LINE)):  # a visit without a claim is no payer's
        assert sum(part[name].denominator for part in parts) == whole[name].denominator > 0, name
        assert sum(part[name].numerator for part in parts) == whole[name].numerator, name
        if name != "payment_lag":  # few were paid: they may all be of one
            assert all(part[name].denominator < whole[name].denominator for part in parts), name
    open_parts = sum(part["ar_over_90"].denominator for part in parts)
    on_services = whole["ar_over_90"].denominator - (0 if by == "practice" else _on_no_service(written))
    assert open_parts == on_services or by == "payer"  # what has no claim yet is no payer's


def _on_no_service(written):
    """A/R on patients' accounts: fees and credits."""
    from claimwright.web.accounts.selectors import balances
    from claimwright.web.core.tenancy import tenant_scope

    lines = {line.line_id for line in written[1].lines}
    with tenant_scope(written[0]):
        held = balances(kinds=["RECEIVABLE", "CREDIT"], as_of=LAST)
    return sum((total for account, total in held.items() if account.subject not in lines), Decimal(0))


def test_nobody_has_no_figures_and_costs_are_not_shared_out(written):
    from claimwright.web.core import clock
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports.models import BillingCost

    none = figures(written, provider="0000000000")
    assert {row.value for row in none.values()} == {None}
    with tenant_scope(written[0]):
        BillingCost.objects.create(
            month=date(2026, 9, 1),
            amount=Decimal("100.00"),
            actor="a",
            at=clock.now(),
            practice=written[1].practices[0],
        )
    assert figures(written)["cost_to_collect"].numerator == Decimal("100.00")
    assert figures(written, practice=written[1].practices[1].pk)["cost_to_collect"].value is None
    assert "cost_to_collect" not in figures(written, location="MAIN")


def test_the_dimensions_side_by_side(written):
    from claimwright.web.core.tenancy import tenant_scope
    from claimwright.web.reports import breakdown
    from claimwright.web.reports.scope import Scope

    with tenant_scope(written[0]):
        for by in breakdown.DIMENSIONS:
            found = breakdown.figures_by(by, start=date(2026, 8, 15), end=LAST, scope=Scope())
            assert len(found) == 2 and breakdown.as_sheet(found, str).columns[0] == "", by
        with pytest.raises(ValueError):
            breakdown.figures_by("colour", start=FIRST_DAY, end=LAST, scope=Scope())
        months = breakdown.figures_by("month", start=date(2026, 8, 15), end=LAST, scope=Scope())
        assert [(m.name, m.figures["denial_rate"].start) for m in months] == [
            ("2026-08", date(2026, 8, 15)), ("2026-09", date(2026, 9, 1))
        ]  # fmt: skip
