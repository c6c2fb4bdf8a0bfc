"""The cash drawer and the deposit slip: opened with a float, counted by two people, what differs booked, one sum to bank.

A drawer's expected cash is its float and the cash receipts taken in it. Each of two people counts without the other's
figure; both must find the same. What that sum differs from the expected is over or short: it is booked when the drawer
closes, against the bank, because the deposit will bring exactly that much more or less than the receipts say. Source:
the domain specification, sections 7 (reconciliation) and 9 (cash is counted twice); dual count is also what the CMS and
AAFP practice guides ask of a front desk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from claimwright.billing.two_persons import is_one_person
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.money import money
from claimwright.ledger.accounts import Account, Kind
from claimwright.ledger.transfers import EntryType, Transfer, transfer

OVER_SHORT = "over_short"  # bucket of the practice's FEE account: an expense when short, less of it when over
# Bills and coins of the United States Mint and the Bureau of Engraving and Printing in circulation, in dollars.
DENOMINATIONS = tuple(
    Decimal(text) for text in ("100.00", "50.00", "20.00", "10.00", "5.00", "2.00", "1.00", "0.50", "0.25", "0.10", "0.05", "0.01")
)  # fmt: skip


class DrawerRefused(ValueError):
    """What was asked of a drawer or a slip is not done; the message says why and what to do."""


class Count(Noun, frozen=True, kw_only=True):
    """One person's count of all that is in the drawer, float included."""

    counted_by: str
    amount: Decimal


def counted(pieces: Mapping[str, int]) -> Decimal:
    """The sum of a count by denomination: `{"20.00": 3}` is 60.00. Raises DrawerRefused for another denomination."""
    total = ZERO
    for text, number in pieces.items():
        value = Decimal(text) if text in {str(one) for one in DENOMINATIONS} else None
        if value is None or number < 0:
            raise DrawerRefused("a count is of bills and coins that there are, none below zero")
        total += value * number
    return money(total)


def check_second(first: Count, second: Count) -> None:
    """Raises DrawerRefused where one person counted twice, or the two found different sums."""
    if is_one_person(first.counted_by, second.counted_by):
        raise DrawerRefused("the second count is another person's than the first")
    if first.amount != second.amount:
        raise DrawerRefused("the two counts differ: both count again before the drawer is closed")


def difference(*, float_amount: Decimal, receipts: Iterable[Decimal], count: Decimal) -> Decimal:
    """What the drawer holds more (above zero) or less (below) than its float and its receipts."""
    return count - float_amount - sum(receipts, ZERO)


def book_difference(*, practice_id: str, amount: Decimal, key: str, on: date) -> tuple[Transfer, ...]:
    """Short: Dr Fee/over_short, Cr Bank; over: the opposite. Nothing when the drawer agrees."""
    made = transfer(
        debit=Account(Kind.BANK, practice_id), credit=Account(Kind.FEE, practice_id, OVER_SHORT), amount=amount,
        entry_type=EntryType.FEE, key=key, effective_date=on,
    )  # fmt: skip
    return (made,) if made is not None else ()


class SlipItem(Noun, frozen=True, kw_only=True):
    """One piece of money on a deposit slip. `kind` is cash or check."""

    item_id: str
    kind: str
    amount: Decimal


class SlipSums(Noun, frozen=True, kw_only=True):
    """What the teller counts. Cash is the receipts' with what the drawers were over or short."""

    cash: Decimal
    checks: Decimal
    check_count: int
    over_short: Decimal

    @property
    def total(self) -> Decimal:
        return self.cash + self.checks


def slip_sums(items: Iterable[SlipItem], over_short: Decimal) -> SlipSums:
    """Raises DrawerRefused where there is nothing to deposit, or an item is neither cash nor check."""
    every = list(items)
    if any(one.kind not in ("cash", "check") or one.amount <= 0 for one in every):
        raise DrawerRefused("a deposit slip holds cash and checks above zero")
    cash = sum((one.amount for one in every if one.kind == "cash"), ZERO) + over_short
    checks = [one.amount for one in every if one.kind == "check"]
    made = SlipSums(cash=cash, checks=sum(checks, ZERO), check_count=len(checks), over_short=over_short)
    if made.cash < 0 or made.total <= 0:
        raise DrawerRefused("there is nothing to deposit")
    return made
