"""The month's checklist: what is clean, what a person may sign for, and what no reason covers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from claimwright.billing import closing
from claimwright.billing.closing import Finding, Item

CLEAN = [Finding(item=item, count=0) for item in Item]


def found(item: Item, count: int, amount: str | None = None) -> list[Finding]:
    wrong = Finding(item=item, count=count, amount=None if amount is None else Decimal(amount))
    return [*(one for one in CLEAN if one.item is not item), wrong]


def test_a_clean_month_closes_and_an_item_not_looked_at_does_not() -> None:
    assert not closing.what_keeps_it_open(closing.checklist(CLEAN))
    assert [one.rule.item for one in closing.checklist(CLEAN)] == list(Item)
    with pytest.raises(KeyError):
        closing.checklist(CLEAN[1:])


@pytest.mark.parametrize("item", Item)
def test_each_item_keeps_the_month_open_until_somebody_signs_for_it(item: Item) -> None:
    wrong = found(item, 3, "12.00")
    (held,) = closing.what_keeps_it_open(closing.checklist(wrong))
    assert held.rule.item is item
    if closing.BY_ITEM[item].must_hold:
        with pytest.raises(closing.SignOffRefused):
            closing.sign_off(wrong[-1], by="boss", reason="because")
        return
    given = closing.sign_off(wrong[-1], by="boss", reason=" waits for the payer ")
    assert given.reason == "waits for the payer"
    assert not closing.what_keeps_it_open(closing.checklist(wrong, [given]))


@pytest.mark.parametrize(
    ("count", "amount", "stands"),
    [(3, "12.00", True), (2, "8.00", True), (4, "12.00", False), (3, "12.01", False), (2, "-12.01", False)],
)
def test_a_sign_off_covers_what_was_open_then_and_no_more(count: int, amount: str, stands: bool) -> None:
    given = closing.sign_off(found(Item.SUSPENSE, 3, "12.00")[-1], by="boss", reason="a reason")
    later = closing.checklist(found(Item.SUSPENSE, count, amount), [given])
    assert (not closing.what_keeps_it_open(later)) is stands


def test_the_last_sign_off_counts_and_none_is_given_for_nothing() -> None:
    wrong = found(Item.SUSPENSE, 3, "12.00")
    old = closing.sign_off(found(Item.SUSPENSE, 1, "1.00")[-1], by="a", reason="old")
    new = closing.sign_off(wrong[-1], by="b", reason="new")
    assert closing.checklist(wrong, [new, old])[6].sign_off is None
    signed = [one for one in closing.checklist(wrong, [old, new]) if one.sign_off]
    assert [(one.rule.item, one.sign_off) for one in signed] == [(Item.SUSPENSE, new)]
    for finding, reason in ((CLEAN[0], "why"), (wrong[-1], "  ")):
        with pytest.raises(closing.SignOffRefused):
            closing.sign_off(finding, by="a", reason=reason)
