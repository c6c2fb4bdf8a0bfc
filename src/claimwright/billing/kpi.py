"""KPI definitions as folds over plain rows. Each shows its numerator and denominator; a zero denominator is n/a.

Rates are in percent with two places. A report may compute the same by SQL: a property test holds both equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.money import money

HUNDRED = Decimal(100)


class Kpi(Noun, frozen=True, kw_only=True):
    """`value` is None when the denominator is zero: shown as n/a, never as zero."""

    name: str
    numerator: Decimal
    denominator: Decimal
    value: Decimal | None
    unit: str  # percent, days, dollars


class ClaimFact(Noun, frozen=True, kw_only=True):
    """One claim version, as the KPIs count it. Dates are None until the event."""

    claim_id: str
    charge: Decimal = ZERO
    number: int = 1  # version
    first_sent: date | None = None
    payer_accepted_on_first: bool = False
    edit_held: bool = False
    touched: bool = False
    rejected: bool = False
    first_adjudicated: date | None = None
    denied_on_first: bool = False
    denied_charge: Decimal = ZERO
    reworked: bool = False
    resolved_on_first: bool = False
    duplicate: bool = False  # a copy the payer refused as such: it never counts against the original


def rate(name: str, numerator: Decimal | int, denominator: Decimal | int) -> Kpi:
    """A share in percent."""
    above, below = Decimal(numerator), Decimal(denominator)
    value = money(above / below * HUNDRED) if below else None
    return Kpi(name=name, numerator=above, denominator=below, value=value, unit="percent")


def mean_days(name: str, days: Iterable[int]) -> Kpi:
    counted = list(days)
    total = Decimal(sum(counted))
    value = money(total / len(counted)) if counted else None
    return Kpi(name=name, numerator=total, denominator=Decimal(len(counted)), value=value, unit="days")


def is_clean(fact: ClaimFact) -> bool:
    """Accepted by the payer on first transmission: no edit hold, no human touch, no rejection."""
    return fact.payer_accepted_on_first and not (fact.edit_held or fact.touched or fact.rejected)


def clean_claim_rate(facts: Iterable[ClaimFact]) -> Kpi:
    sent = [fact for fact in facts if fact.first_sent and fact.number == 1]
    return rate("clean_claim_rate", sum(is_clean(fact) for fact in sent), len(sent))


def first_pass_resolution_rate(facts: Iterable[ClaimFact]) -> Kpi:
    decided = [fact for fact in facts if fact.first_adjudicated and fact.number == 1]
    resolved = sum(f.resolved_on_first and not f.denied_on_first and not f.reworked for f in decided)
    return rate("first_pass_resolution_rate", resolved, len(decided))


def denial_rate(facts: Iterable[ClaimFact]) -> Kpi:
    """By count: claims with a denied line on first adjudication. Duplicates the payer refused do not count."""
    decided = [fact for fact in facts if fact.first_adjudicated and not fact.duplicate]
    return rate("denial_rate", sum(fact.denied_on_first for fact in decided), len(decided))


def denial_rate_dollars(facts: Iterable[ClaimFact]) -> Kpi:
    decided = [fact for fact in facts if fact.first_adjudicated and not fact.duplicate]
    denied = sum((fact.denied_charge for fact in decided), ZERO)
    return rate("denial_rate_dollars", denied, sum((fact.charge for fact in decided), ZERO))


def rejection_rate(facts: Iterable[ClaimFact]) -> Kpi:
    sent = [fact for fact in facts if fact.first_sent]
    return rate("rejection_rate", sum(fact.rejected for fact in sent), len(sent))


def days_in_ar(active_receivable: Decimal, charges_last_90_days: Decimal) -> Kpi:
    """Active A/R over the average daily charge of the last 90 days; credits are shown apart."""
    value = money(active_receivable * 90 / charges_last_90_days) if charges_last_90_days else None
    return Kpi(
        name="days_in_ar", numerator=active_receivable, denominator=charges_last_90_days / 90, value=value, unit="days"
    )


def receivable_over_90(aged_over_90: Decimal, active_receivable: Decimal) -> Kpi:
    return rate("ar_over_90", aged_over_90, active_receivable)


class MoneyFacts(Noun, frozen=True, kw_only=True):
    """Sums of one cohort of dates of service."""

    charges: Decimal = ZERO
    payments: Decimal = ZERO
    refunds: Decimal = ZERO
    contractual: Decimal = ZERO
    sequestration: Decimal = ZERO
    capitation: Decimal = ZERO
    charity: Decimal = ZERO
    billing_cost: Decimal = ZERO
    credit_balances: Decimal = ZERO  # as held, negative
    gross_receivable: Decimal = ZERO
    write_offs: Decimal = ZERO

    @property
    def net_cash(self) -> Decimal:
        return self.payments - self.refunds


def gross_collection_rate(facts: MoneyFacts) -> Kpi:
    return rate("gross_collection_rate", facts.net_cash, facts.charges)


def net_collection_rate(facts: MoneyFacts) -> Kpi:
    """Against charges less contractual, sequestration and capitation adjustments."""
    allowed = facts.charges - facts.contractual - facts.sequestration - facts.capitation
    return rate("net_collection_rate", facts.net_cash, allowed)


def adjusted_net_collection_rate(facts: MoneyFacts) -> Kpi:
    """As net collection, with approved charity off the denominator too."""
    allowed = facts.charges - facts.contractual - facts.sequestration - facts.capitation - facts.charity
    return rate("adjusted_net_collection_rate", facts.net_cash, allowed)


def cost_to_collect(facts: MoneyFacts) -> Kpi:
    return rate("cost_to_collect", facts.billing_cost, facts.net_cash)


def credit_balance_rate(facts: MoneyFacts) -> Kpi:
    return rate("credit_balance_rate", abs(facts.credit_balances), facts.gross_receivable)


def write_off_rate(facts: MoneyFacts) -> Kpi:
    return rate("write_off_rate", facts.write_offs, facts.charges)


def charge_lag(pairs: Iterable[tuple[date, date]]) -> Kpi:
    """Mean days from the date of service to the charge date: pairs (DOS, charge date)."""
    return mean_days("charge_lag", ((charged - served).days for served, charged in pairs))


def submission_lag(pairs: Iterable[tuple[date, date]]) -> Kpi:
    """Pairs (charge date, first sent)."""
    return mean_days("submission_lag", ((sent - charged).days for charged, sent in pairs))


def payment_lag(pairs: Iterable[tuple[date, date]]) -> Kpi:
    """Pairs (first sent, deposit)."""
    return mean_days("payment_lag", ((deposited - sent).days for sent, deposited in pairs))


def auto_post_rate(untouched: int, received: int) -> Kpi:
    return rate("era_auto_post_rate", untouched, received)


def appeal_overturn_rate(paid: int, decided: int) -> Kpi:
    """Appeals that brought any payment over those decided."""
    return rate("appeal_overturn_rate", paid, decided)


class Invoice(Noun, frozen=True, kw_only=True):
    base: Decimal
    amount: Decimal


def service_invoice(
    *, collections: Decimal, refunds: Decimal, excluded: Decimal, share: Decimal, minimum: Decimal
) -> Invoice:
    """A billing service's fee for a locked month: a share of net collections, never below the minimum."""
    base = collections - refunds - excluded
    return Invoice(base=base, amount=max(money(base * share), minimum))


def point_of_service_collection_rate(collected: Decimal, due: Decimal) -> Kpi:
    """What patients paid at the visit over what they paid in all, or over what was due there, as the caller counts."""
    return rate("point_of_service_collection_rate", collected, due)


def cost_per_claim(billing_cost: Decimal, claims_sent: int) -> Kpi:
    value = money(billing_cost / claims_sent) if claims_sent else None
    return Kpi(
        name="cost_per_claim", numerator=billing_cost, denominator=Decimal(claims_sent), value=value, unit="dollars"
    )
