"""The charge master: a price has a start, an earlier one stays for earlier dates, a wrong file changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest


@pytest.fixture
def inside(tenant, clinic):
    from claimwright.web.core.tenancy import tenant_scope

    with tenant_scope(tenant):
        yield clinic


def price(clinic, code, on, *modifiers):
    from claimwright.web.practice.selectors import charge_master

    return charge_master(clinic.practice).price(code, modifiers, on)


def test_a_price_holds_from_its_day_until_the_next(inside):
    from claimwright.web.practice.services import set_price

    for amount, start in (("170.00", date(2026, 9, 1)), ("160.00", date(2026, 1, 1))):
        set_price(practice=inside.practice, code="99213", amount=Decimal(amount), start=start)
    set_price(practice=inside.practice, code="99213", modifier="26", amount=Decimal("50.00"), start=date(2026, 1, 1))
    assert price(inside, "99213", date(2024, 12, 31)) is None
    assert price(inside, "99213", date(2025, 12, 31)) == Decimal("150.00")
    assert price(inside, "99213", date(2026, 1, 1)) == Decimal("160.00")
    assert price(inside, "99213", date(2026, 8, 31)) == Decimal("160.00")
    assert price(inside, "99213", date(2026, 9, 1)) == Decimal("170.00")
    assert price(inside, "99213", date(2026, 9, 1), "25", "26") == Decimal("50.00")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (b"9213,1.00,2026-01-01", "column code"),
        (b"99213,1.005,2026-01-01", "column amount"),
        (b"99213,0.00,2026-01-01", "column amount"),
        (b"99213,1.00,1/1/26", "column start"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(inside, row, place):
    from claimwright.web.practice.models import Charge
    from claimwright.web.practice.services import ChargeMasterRefused, load_charge_master

    before = Charge.objects.count()
    with pytest.raises(ChargeMasterRefused, match=f"row 3, {place}"):
        load_charge_master(practice=inside.practice, content=b"code,amount,start\n99499,5.00,2026-01-01\n" + row)
    assert Charge.objects.count() == before


def test_an_old_date_of_service_is_billed_under_the_old_tax_id(inside):
    from claimwright.web.practice.selectors import biller
    from claimwright.web.practice.services import replace_identifier

    replace_identifier(practice=inside.practice, kind="EI", value="397654321", start=date(2026, 9, 1))
    held = biller(inside.practice)
    assert held.provider_on(date(2026, 8, 31)).tax_id == "391234567"
    assert held.provider_on(date(2026, 9, 1)).tax_id == "397654321"
    assert [row.end for row in held.facts().identifiers if row.value == "391234567"] == [date(2026, 9, 1)]


def test_a_claim_with_tests_carries_the_laboratorys_number_of_its_day(inside):
    import msgspec

    from claimwright.web.practice.selectors import biller
    from claimwright.web.practice.services import replace_identifier
    from claimwright.web.submissions.building import claim_for
    from tests.lib import world

    replace_identifier(practice=inside.practice, kind="CLIA", value="52D0000001", start=date(2024, 1, 1))
    replace_identifier(practice=inside.practice, kind="CLIA", value="52D0000002", start=date(2026, 9, 1))
    held = biller(inside.practice)
    assert held.provider_on(date(2026, 8, 31)).tax_id == "391234567"  # another kind of number closes no tax id
    assert [row.number for row in held.facts().laboratories] == ["52D0000001", "52D0000002"]
    assert {row.kind for row in held.facts().identifiers} == {"npi", "tin"}

    def sent_on(day: date, *codes: str) -> str:
        visit = world.visit(1, charges=("1.00",) * 4, on=day)
        lines = tuple(line for line in visit.lines if line.procedure_code in codes)
        visit = msgspec.structs.replace(visit, lines=lines)
        cover = visit.coverages[0]
        return claim_for(visit, patient=visit.patient, billed=cover, coverages=[cover], biller=held, number="C1").clia

    assert sent_on(date(2026, 8, 31), "99213", "87880") == "52D0000001"
    assert sent_on(date(2026, 9, 1), "81002") == "52D0000002"
    assert sent_on(date(2023, 12, 31), "81002") == ""
    assert sent_on(date(2026, 8, 31), "99213", "36415") == ""  # a visit and a blood draw are no test
