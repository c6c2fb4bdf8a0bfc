"""A billing service's invoice: the worked example, tiers, the minimum, and credit for money undone later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.service_invoices import (
    Collected,
    EarlierInvoice,
    Fee,
    FeeItem,
    FeeTerms,
    InvalidContract,
    Tier,
    check_terms,
    invoice,
    share,
)

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
SIX = FeeItem(fee=Fee.PERCENT, words="Billing service", tiers=(Tier(percent=D(6)),))
TERMS = FeeTerms(items=(SIX,), minimum=D("1500.00"))
AUGUST_MONEY = Collected(payments=D("54000.00"), refunds=D("1200.00"), excluded={"capitation": D("300.00")})


def made(collected, terms=TERMS, earlier=()):
    return invoice(terms=terms, month=AUGUST, collected=collected, earlier=earlier)


def test_the_worked_example():
    one = made(AUGUST_MONEY)
    assert one.total == one.fees == D("3150.00")
    (line,) = one.lines
    assert line.working == (
        "54,000.00 collected − 1,200.00 refunded − 300.00 excluded = 52,500.00; 52,500.00 × 6% = 3,150.00"
    )


@pytest.mark.parametrize(
    ("payments", "fee", "wanting"),
    [("25000.00", "1500.00", None), ("24999.99", "1500.00", None), ("24999.00", "1499.94", "0.06"),
     ("0.00", "0.00", "1500.00"), ("-800.00", "0.00", "1500.00")],
)  # fmt: skip
def test_the_minimum(payments, fee, wanting):
    one = made(Collected(payments=D(payments)))
    assert one.total == max(D("1500.00"), D(fee))
    assert one.lines[0].amount == D(fee)
    assert [line.amount for line in one.lines[1:]] == ([D(wanting)] if wanting else [])


@pytest.mark.parametrize(
    ("base", "fee"),
    [("0.00", "0.00"), ("9999.99", "700.00"), ("10000.00", "700.00"), ("10000.10", "700.01"), ("50000.00", "3100.00"),
     ("50000.01", "3100.00"), ("60000.00", "3500.00")],
)  # fmt: skip
def test_tiers_are_of_what_lies_in_them(base, fee):
    tiers = (
        Tier(percent=D(7), up_to=D("10000.00")),
        Tier(percent=D(6), up_to=D("50000.00")),
        Tier(percent=D(4)),
    )
    assert share(tiers, D(base))[0] == D(fee)


def test_claims_and_flat_items_add_up():
    terms = FeeTerms(
        items=(
            SIX,
            FeeItem(fee=Fee.PER_CLAIM, words="Paper claims", rate=D("0.85")),
            FeeItem(fee=Fee.FLAT, words="Patient portal", rate=D("99.00")),
        )
    )
    one = made(Collected(payments=D("1000.00"), claims=37), terms)
    assert [line.amount for line in one.lines] == [D("60.00"), D("31.45"), D("99.00")]
    assert one.total == D("190.45")


def earlier(undone, credited="0.00", collected=AUGUST_MONEY, terms=TERMS):
    return EarlierInvoice(
        number="2026-08-1", month=AUGUST, terms=terms, collected=collected, undone=D(undone), credited=D(credited)
    )


@pytest.mark.parametrize(
    ("undone", "credited", "back"),
    [("1000.00", "0.00", "60.00"), ("1000.00", "60.00", "0.00"), ("2500.00", "60.00", "90.00"),
     ("27500.00", "0.00", "1650.00"), ("40000.00", "0.00", "1650.00"), ("40000.00", "1650.00", "0.00"),
     ("400.00", "60.00", "-36.00"), ("-100.00", "0.00", "-6.00")],
)  # fmt: skip
def test_money_undone_later_is_credited_at_what_was_paid_for_it(undone, credited, back):
    """Down to the minimum: below it the service would have charged the same without that money."""
    one = invoice(
        terms=TERMS, month=OCTOBER, collected=Collected(payments=D("30000.00")), earlier=[earlier(undone, credited)]
    )
    assert one.fees == D("1800.00")
    assert sum(one.credited.values(), D(0)) == D(back)
    assert one.total == D("1800.00") - D(back)
    assert [line.amount for line in one.credits] == ([-D(back)] if D(back) else [])


def test_a_credit_may_be_more_than_the_month():
    free = FeeTerms(items=(SIX,))
    one = invoice(terms=free, month=OCTOBER, collected=Collected(), earlier=[earlier("1000.00", terms=free)])
    assert one.total == D("-60.00")


@given(
    st.lists(st.decimals(min_value=0, max_value=90000, places=2), min_size=1, max_size=6),
    st.decimals(min_value=0, max_value=3000, places=2),
)
def test_credits_in_any_steps_come_to_what_one_step_would(steps, minimum):
    """All of an invoice's money undone, in steps over months: in the end the client has paid the minimum, not a cent more."""
    terms = FeeTerms(items=(SIX,), minimum=minimum)
    whole = Collected(payments=sum(steps, D(0)))
    paid = made(whole, terms).total
    undone = credited = D(0)
    for step in steps:
        undone += step
        one = invoice(terms=FeeTerms(items=(SIX,)), month=OCTOBER, collected=Collected(),
                      earlier=[EarlierInvoice(number="1", month=AUGUST, terms=terms, collected=whole, undone=undone, credited=credited)])  # fmt: skip
        assert all(amount > 0 for amount in one.credited.values())
        credited += sum(one.credited.values(), D(0))
    assert paid - credited == minimum


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        (FeeTerms(items=()), "charges for nothing"),
        (FeeTerms(items=(SIX,), minimum=D(-1)), "zero or more"),
        (FeeTerms(items=(SIX, SIX)), "not two"),
        (FeeTerms(items=(FeeItem(fee=Fee.PERCENT, words="Share"),)), "has tiers"),
        (FeeTerms(items=(FeeItem(fee=Fee.PERCENT, words="Share", tiers=(Tier(percent=D(6), up_to=D(5)),)),)), "no end"),
        (
            FeeTerms(
                items=(
                    FeeItem(
                        fee=Fee.PERCENT, words="Share",
                        tiers=(Tier(percent=D(6), up_to=D(9)), Tier(percent=D(5), up_to=D(9)), Tier(percent=D(4))),
                    ),
                )
            ),
            "ends above",
        ),
        (FeeTerms(items=(FeeItem(fee=Fee.PERCENT, words="Share", tiers=(Tier(percent=D(101)),)),)), "0 to 100"),
        (FeeTerms(items=(FeeItem(fee=Fee.FLAT, words="Portal"),)), "above zero"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_invoiced_are_refused(terms, says):
    with pytest.raises(InvalidContract, match=says):
        check_terms(terms)
