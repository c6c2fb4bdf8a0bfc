"""Every KPI example of the domain, with numerator and denominator, and n/a where there is nothing to divide by."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from claimwright.billing import kpi
from tests.unit.billing.desk import d

DAY = date(2026, 8, 3)


def facts(count: int, **fields: object) -> list[kpi.ClaimFact]:
    return [kpi.ClaimFact(claim_id=str(n), **fields) for n in range(count)]


def test_clean_claim_rate():
    clean = {"first_sent": DAY, "payer_accepted_on_first": True}
    rows = facts(940, **clean)
    for fault in ({"edit_held": True}, {"touched": True}, {"rejected": True}, {"payer_accepted_on_first": False}):
        rows += facts(15, **{**clean, **fault})
    rows += facts(5, **{**clean, "number": 2}) + facts(5)  # later versions and unsent claims do not count
    made = kpi.clean_claim_rate(rows)
    assert (made.numerator, made.denominator, made.value) == (940, 1000, d("94.00"))


def test_first_pass_resolution():
    rows = facts(870, first_adjudicated=DAY, resolved_on_first=True)
    rows += facts(80, first_adjudicated=DAY, denied_on_first=True, resolved_on_first=True)
    rows += facts(50, first_adjudicated=DAY, reworked=True, resolved_on_first=True)
    assert kpi.first_pass_resolution_rate(rows).value == d("87.00")


def test_denial_rates():
    rows = facts(80, first_adjudicated=DAY, denied_on_first=True, charge=d(240), denied_charge=d(225))
    rows += facts(920, first_adjudicated=DAY, charge=d(240)) + facts(
        7, duplicate=True, first_adjudicated=DAY, denied_on_first=True
    )
    assert kpi.denial_rate(rows).value == d("8.00")
    made = kpi.denial_rate_dollars(rows)
    assert (made.numerator, made.denominator, made.value) == (d(18000), d(240000), d("7.50"))
    assert kpi.rejection_rate(facts(1, first_sent=DAY, rejected=True) + facts(3, first_sent=DAY)).value == d(25)


def test_receivables():
    assert kpi.days_in_ar(d(180000), d(360000)).value == d("45.00")
    assert kpi.receivable_over_90(d(21600), d(180000)).value == d("12.00")


MONEY = kpi.MoneyFacts(
    charges=d(120000), payments=d(54000), contractual=d(62000), billing_cost=d(3240), credit_balances=d(-3600),
    gross_receivable=d(183600), write_offs=d(1200),
)  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        (kpi.gross_collection_rate, "45.00"), (kpi.net_collection_rate, "93.10"), (kpi.cost_to_collect, "6.00"),
        (kpi.credit_balance_rate, "1.96"), (kpi.write_off_rate, "1.00"),
    ],
)  # fmt: skip
def test_collections(definition, value: str):
    assert definition(MONEY).value == d(value)


def test_adjusted_net_collection_of_the_same_cohort():
    later = kpi.MoneyFacts(
        charges=d(120000), payments=d(54000), refunds=d(500), contractual=d(60000), sequestration=d(1500),
        capitation=d(500), charity=d(500),
    )  # fmt: skip
    made = kpi.adjusted_net_collection_rate(later)
    assert (made.numerator, made.denominator, made.value) == (d(53500), d(57500), d("93.04"))


def test_lags_and_counts():
    pairs = [(DAY, DAY + timedelta(days=days)) for days in (2, 1, 4, 3, 0)]
    for definition in (kpi.charge_lag, kpi.submission_lag, kpi.payment_lag):
        assert definition(pairs).value == d("2.00")
    assert kpi.auto_post_rate(920, 1150).value == d("80.00")
    assert kpi.appeal_overturn_rate(27, 60).value == d("45.00")
    assert kpi.cost_per_claim(d(3240), 1000).value == d("3.24")
    assert kpi.point_of_service_collection_rate(d(75), d(100)).value == d(75)


def test_nothing_to_divide_by_is_not_zero():
    nothing = kpi.MoneyFacts()
    made = [
        kpi.clean_claim_rate([]), kpi.first_pass_resolution_rate([]), kpi.denial_rate([]), kpi.denial_rate_dollars([]),
        kpi.rejection_rate([]), kpi.days_in_ar(d(5), d(0)), kpi.receivable_over_90(d(0), d(0)),
        kpi.gross_collection_rate(nothing), kpi.net_collection_rate(nothing), kpi.charge_lag([]),
        kpi.auto_post_rate(0, 0), kpi.cost_per_claim(d(1), 0),
    ]  # fmt: skip
    assert all(one.value is None for one in made)


def test_the_billing_services_invoice():
    made = kpi.service_invoice(
        collections=d(54000), refunds=d(1200), excluded=d(300), share=Decimal("0.06"), minimum=d(1500)
    )
    assert (made.base, made.amount) == (d(52500), d("3150.00"))
    least = kpi.service_invoice(collections=d(100), refunds=d(0), excluded=d(0), share=Decimal("0.06"), minimum=d(1500))
    assert least.amount == d(1500)
