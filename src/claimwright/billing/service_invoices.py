"""What a billing service charges its client for a month, with the working; and what it gives back for money undone later.

domain.md section 7: a share of net collections (payments less refunds less exclusions), by claim or flat, with a
minimum, for a posted and locked month; (54,000 - 1,200 - 300) x 6% = 3,150.00.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.money import money

HUNDRED = Decimal(100)


class InvalidContract(ValueError):
    """Terms that cannot be invoiced; the text names the item and what would be right."""


class Fee(StrEnum):
    PERCENT = "percent"  # of net collections, by tiers
    PER_CLAIM = "per_claim"  # of claims first sent in the month
    FLAT = "flat"  # a month


class Exclusion(StrEnum):
    """Collections that the share is not taken of, as the contract names them."""

    CAPITATION = "capitation"
    INTEREST = "interest"
    AT_VISIT = "at_visit"  # what the front desk took before a claim was decided
    EARLIER_CLAIMS = "earlier_claims"  # visits before the contract began


class Tier(Noun, frozen=True, kw_only=True):
    """`percent` of the collections up to `up_to` (None: of all that is above the tier before)."""

    percent: Decimal
    up_to: Decimal | None = None


class FeeItem(Noun, frozen=True, kw_only=True):
    """One thing the contract charges for. `rate` is dollars a claim or a month; a share has `tiers`."""

    fee: Fee
    words: str
    rate: Decimal = ZERO
    tiers: tuple[Tier, ...] = ()


class FeeTerms(Noun, frozen=True, kw_only=True):
    """A contract's terms from a month on. `minimum` is for the items together; `due_days` after the invoice's date."""

    items: tuple[FeeItem, ...]
    minimum: Decimal = ZERO
    exclusions: tuple[Exclusion, ...] = ()
    due_days: int = 30


class Collected(Noun, frozen=True, kw_only=True):
    """A month's money by the day it was posted. `excluded` is what the contract leaves out, by its name; all are above
    zero when they lower the base."""

    payments: Decimal = ZERO
    refunds: Decimal = ZERO
    excluded: Mapping[str, Decimal] = {}
    claims: int = 0

    @property
    def base(self) -> Decimal:
        return self.payments - self.refunds - sum(self.excluded.values(), ZERO)


class Charged(Noun, frozen=True, kw_only=True):
    """A line of an invoice; `working` is the sum as it was done."""

    words: str
    working: str
    amount: Decimal


class EarlierInvoice(Noun, frozen=True, kw_only=True):
    """An invoice of an earlier month whose collections were undone since: `undone` in all, `credited` already. Below zero
    where what an earlier undoing took away stands again: then it is charged."""

    number: str
    month: date
    terms: FeeTerms
    collected: Collected
    undone: Decimal
    credited: Decimal = ZERO


class ServiceInvoice(Noun, frozen=True, kw_only=True):
    """`total` may be below zero: what the client is owed then goes to the next invoice or back to it."""

    month: date
    lines: tuple[Charged, ...]
    credits: tuple[Charged, ...]
    credited: Mapping[str, Decimal]  # number of an earlier invoice: what this one gives back of it
    fees: Decimal
    total: Decimal


def check_terms(terms: FeeTerms) -> None:
    """Raises InvalidContract for terms without an item, with rates below zero, or tiers out of order."""
    if not terms.items:
        raise InvalidContract("the contract charges for nothing: give it an item")
    if terms.minimum < 0 or terms.due_days < 0:
        raise InvalidContract("the minimum and the days to pay are zero or more")
    for item in terms.items:
        if item.fee is Fee.PERCENT:
            _check_tiers(item)
        elif item.tiers or item.rate <= 0:
            raise InvalidContract(f"{item.words}: a rate above zero, and no tiers")
    if sum(item.fee is Fee.PERCENT for item in terms.items) > 1:
        raise InvalidContract("one share of collections with tiers, not two beside each other")


def _check_tiers(item: FeeItem) -> None:
    if not item.tiers or item.rate:
        raise InvalidContract(f"{item.words}: a share has tiers and no rate")
    if item.tiers[-1].up_to is not None:
        raise InvalidContract(f"{item.words}: the last tier has no end, so that every dollar has its share")
    ends = [tier.up_to for tier in item.tiers[:-1]]
    if None in ends or any(low >= high for low, high in zip([ZERO, *ends], ends, strict=False)):  # type: ignore[operator]
        raise InvalidContract(f"{item.words}: each tier ends above the one before")
    if any(not ZERO <= tier.percent <= HUNDRED for tier in item.tiers):
        raise InvalidContract(f"{item.words}: a share is from 0 to 100 percent")


def share(tiers: Iterable[Tier], base: Decimal) -> tuple[Decimal, str]:
    """The share of `base` dollars and its working, each tier rounded to the cent. A base below zero has none."""
    amount, parts, low = ZERO, [], ZERO
    for tier in tiers:
        high = base if tier.up_to is None else min(base, tier.up_to)
        if high <= low:
            break
        part = money((high - low) * tier.percent / HUNDRED)
        amount += part
        parts.append(f"{high - low:,.2f} × {tier.percent.normalize():f}% = {part:,.2f}")
        low = high
    return amount, "; ".join(parts) or "nothing collected"


def fees_of(terms: FeeTerms, collected: Collected) -> tuple[Charged, ...]:
    """The month's items, and what is wanting to the minimum as a line of its own."""
    lines = [_charged(item, collected) for item in terms.items]
    total = sum((line.amount for line in lines), ZERO)
    if total < terms.minimum:
        words = f"{terms.minimum:,.2f} − {total:,.2f} = {terms.minimum - total:,.2f}"
        lines.append(Charged(words="To the monthly minimum", working=words, amount=terms.minimum - total))
    return tuple(lines)


def _charged(item: FeeItem, collected: Collected) -> Charged:
    if item.fee is Fee.PERCENT:
        amount, working = share(item.tiers, collected.base)
        left_out = sum(collected.excluded.values(), ZERO)
        base = f"{collected.payments:,.2f} collected − {collected.refunds:,.2f} refunded − {left_out:,.2f} excluded"
        return Charged(words=item.words, working=f"{base} = {collected.base:,.2f}; {working}", amount=amount)
    if item.fee is Fee.PER_CLAIM:
        amount = money(item.rate * collected.claims)
        return Charged(words=item.words, working=f"{collected.claims:,} claims × {item.rate:,.2f}", amount=amount)
    return Charged(words=item.words, working="a month", amount=money(item.rate))


def invoice(
    *, terms: FeeTerms, month: date, collected: Collected, earlier: Iterable[EarlierInvoice] = ()
) -> ServiceInvoice:
    """The month's invoice. Money of an earlier month that was undone since is credited by what that invoice would have
    come to without it: where it was at its minimum then, nothing was paid for the money and nothing comes back.

    Raises InvalidContract.
    """
    check_terms(terms)
    lines = fees_of(terms, collected)
    fees = sum((line.amount for line in lines), ZERO)
    credits, credited = [], {}
    for one in earlier:
        back = _credit(one)
        if back:
            credits.append(
                Charged(
                    words=f"{'Credit' if back > 0 else 'Addition'} to invoice {one.number} of {one.month:%B %Y}",
                    working=f"{one.undone:,.2f} of its collections undone since"
                    + (f", {one.credited:,.2f} credited already" if one.credited else ""),
                    amount=ZERO - back,
                )
            )
            credited[one.number] = back
    given = sum(credited.values(), ZERO)
    return ServiceInvoice(
        month=month, lines=lines, credits=tuple(credits), credited=credited, fees=fees, total=fees - given
    )


def _credit(one: EarlierInvoice) -> Decimal:
    then = sum((line.amount for line in fees_of(one.terms, one.collected)), ZERO)
    without = Collected(
        payments=one.collected.payments - one.undone, refunds=one.collected.refunds, excluded=one.collected.excluded,
        claims=one.collected.claims,
    )  # fmt: skip
    now = sum((line.amount for line in fees_of(one.terms, without)), ZERO)
    return then - now - one.credited
