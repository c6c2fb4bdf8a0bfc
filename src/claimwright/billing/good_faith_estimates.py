"""Good-faith estimates for who has no insurance or does not use it: when, with what in them, and when a bill is too high.

Source: 45 CFR 149.610 (the estimate) and 149.620 (the dispute). Periods are rows of `codes/data/deadlines.tsv`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.nouns import ZERO, Noun
from claimwright.codes.dates import add_business_days, add_months, business_days_between, statutory_period
from claimwright.codes.money import money

NEAR_BUSINESS_DAYS = 3  # scheduled at least so long ahead: an estimate is owed; 45 CFR 149.610(b)(1)(vi)(A)
FAR_BUSINESS_DAYS = 10  # at least so long ahead: it may take longer; 45 CFR 149.610(b)(1)(vi)(B)
DISPUTE_EXCESS_AMOUNT = Decimal("400.00")  # a provider's bill this much over may be disputed; 45 CFR 149.620(a)(2)(ii)
LONGEST_MONTHS = 12  # one estimate for services that recur covers at most so many; 45 CFR 149.610(b)(1)(x)


class Owed(StrEnum):
    """Why an estimate is owed, or that none is."""

    NEAR = "scheduled_near"
    FAR = "scheduled_far"
    REQUEST = "on_request"
    NONE = "none"


class EstimateRefused(ValueError):
    """An estimate that lacks what it must say; the message names the field and the mend."""


class EstimateClock(Noun, frozen=True, kw_only=True):
    """`due_on` is the last day to give the estimate; None when none is owed."""

    owed: Owed
    due_on: date | None
    starts_on: date | None


class EstimateItem(Noun, frozen=True, kw_only=True):
    """One expected service. `charge` is for all its units, after any discount for self-pay. `ours`: we bill it."""

    code: str
    description: str
    diagnosis_codes: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    charge: Decimal
    on: date | None = None
    provider_name: str
    provider_npi: str
    provider_tax_id: str = ""
    place: str = ""  # where it is given: name or state
    ours: bool = True


class OtherService(Noun, frozen=True, kw_only=True):
    """Something likely to be needed that is scheduled apart; its own estimate comes when it is scheduled or asked for."""

    description: str
    provider_name: str = ""


class Estimate(Noun, frozen=True, kw_only=True):
    """The content of 45 CFR 149.610(c). The provider of the first items convenes; co-providers are items not `ours`."""

    patient_name: str
    birth_date: date | None
    primary_service: str
    service_on: date | None
    diagnosis_codes: tuple[str, ...]
    items: tuple[EstimateItem, ...]
    others: tuple[OtherService, ...] = ()
    recurs_until: date | None = None
    issued_on: date

    @property
    def total(self) -> Decimal:
        return sum((item.charge for item in self.items), ZERO)


def estimate_clock(
    *, scheduled_on: date | None = None, service_on: date | None = None, requested_on: date | None = None
) -> EstimateClock:
    """When an estimate is due. A visit scheduled less than three business days ahead owes none unless it is asked for.

    Where a request and a schedule both start a clock, the earlier day counts.
    """
    found: list[EstimateClock] = []
    if scheduled_on is not None and service_on is not None:
        ahead = business_days_between(scheduled_on, service_on)
        owed = Owed.FAR if ahead >= FAR_BUSINESS_DAYS else Owed.NEAR if ahead >= NEAR_BUSINESS_DAYS else Owed.NONE
        if owed is not Owed.NONE:
            found.append(_clock(owed, scheduled_on))
    if requested_on is not None:
        found.append(_clock(Owed.REQUEST, requested_on))
    if not found:
        return EstimateClock(owed=Owed.NONE, due_on=None, starts_on=None)
    return min(found, key=lambda clock: clock.due_on or date.max)


def _clock(owed: Owed, start: date) -> EstimateClock:
    period = statutory_period(f"good_faith_estimate_{owed.value}", start).value
    return EstimateClock(owed=owed, due_on=period.after(start), starts_on=start)


def new_version_due(service_on: date) -> date:
    """The last day to give a changed estimate: one business day before the service. Source: 45 CFR 149.610(b)(1)(vii)."""
    return add_business_days(service_on, -1)


def keep_until(issued_on: date) -> date:
    return statutory_period("good_faith_estimate_retention", issued_on).value.after(issued_on)


def dispute_deadline(billed_on: date) -> date:
    """The last day on which the patient may start a dispute over a first bill of `billed_on`."""
    return statutory_period("good_faith_estimate_dispute", billed_on).value.after(billed_on)


def self_pay_price(
    price: Decimal | None, units: Decimal, *, contracted: Decimal | None = None, policies: Policies = DEFAULT_POLICIES
) -> Decimal | None:
    """The expected charge of a line: the self-pay contract's where there is one, else the charge master's less the discount.

    `price` and `contracted` are of one unit. None where there is no price at all.
    """
    if contracted is not None:
        return money(contracted * units)
    if price is None:
        return None
    return money(price * units * (1 - policies.self_pay_discount_share))


def check_estimate(estimate: Estimate) -> None:
    """Raises EstimateRefused for the first thing that the regulation asks for and that is not there."""
    if not estimate.items:
        raise EstimateRefused("services: name at least one")
    if not estimate.patient_name or estimate.birth_date is None:
        raise EstimateRefused("patient: the estimate names the patient with the date of birth")
    if not estimate.primary_service.strip():
        raise EstimateRefused("primary service: say it in plain words")
    for number, item in enumerate(estimate.items, start=1):
        if not item.code or not item.description.strip():
            raise EstimateRefused(f"service {number}: its code, and what it is in plain words")
        if not item.provider_npi or not item.provider_tax_id or not item.provider_name:
            raise EstimateRefused(f"service {number}: the provider's name, NPI and tax number")
        if item.charge <= 0 or item.charge != money(item.charge):
            raise EstimateRefused(f"service {number}: its expected charge, above zero, in whole cents")
        if item.units <= 0:
            raise EstimateRefused(f"service {number}: units above zero")
    if estimate.recurs_until is not None:
        first = estimate.service_on or estimate.issued_on
        if not first <= estimate.recurs_until <= add_months(first, LONGEST_MONTHS):
            raise EstimateRefused(f"recurring services: at most {LONGEST_MONTHS} months in one estimate")


class Excess(Noun, frozen=True, kw_only=True):
    """One provider's bill against its estimate."""

    provider_npi: str
    estimated: Decimal
    billed: Decimal
    may_be_disputed: bool

    @property
    def over(self) -> Decimal:
        return self.billed - self.estimated


def by_provider(items: Iterable[EstimateItem]) -> dict[str, Decimal]:
    """Expected charges by who bills them."""
    found: dict[str, Decimal] = {}
    for item in items:
        found[item.provider_npi] = found.get(item.provider_npi, ZERO) + item.charge
    return found


def compare(estimated: Mapping[str, Decimal], billed: Mapping[str, Decimal]) -> tuple[Excess, ...]:
    """Each provider that billed, in order of NPI. One that was not in the estimate has an estimate of nothing."""
    return tuple(
        Excess(
            provider_npi=npi, estimated=estimated.get(npi, ZERO), billed=amount,
            may_be_disputed=amount - estimated.get(npi, ZERO) >= DISPUTE_EXCESS_AMOUNT,
        )
        for npi, amount in sorted(billed.items())
    )  # fmt: skip


class DisputeState(StrEnum):
    OPEN = "OPEN"
    SETTLED = "SETTLED"  # the parties agreed
    DECIDED = "DECIDED"  # by the dispute resolution entity
    WITHDRAWN = "WITHDRAWN"


def check_dispute(*, excesses: Sequence[Excess], filed_on: date, first_billed_on: date | None) -> None:
    """Raises EstimateRefused where no bill is high enough or the time is over. The federal process decides; we log it."""
    if not any(excess.may_be_disputed for excess in excesses):
        raise EstimateRefused(f"dispute: no provider's bill is {DISPUTE_EXCESS_AMOUNT} or more over its estimate")
    if first_billed_on is None:
        raise EstimateRefused("dispute: the patient was not billed yet")
    last = dispute_deadline(first_billed_on)
    if filed_on > last:
        raise EstimateRefused(f"dispute: the time to file ended on {last}")
    if filed_on < first_billed_on:
        raise EstimateRefused("dispute: filed before the first bill")
