"""What the patient will owe, from the allowed amount and the plan's benefits (domain.md section 2).

    min(deductible remaining, allowed) + coinsurance x (allowed - that) + copay, at most what is left of the year's maximum.

A plan with a copay that does not say it applies both takes the copay alone. What the payer did not state is unknown, not
zero: the estimate is then a range, and says what it lacks.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.pricing.words import Step, percent
from claimwright.claims.eligibility import (
    EligibilityResponse,
    Figure,
    PatientEligibility,
    coinsurance,
    copay,
    out_of_pocket_remaining,
    remaining_deductible,
)
from claimwright.codes.money import ZERO, money

EXACT, RANGE = "estimate", "range"
_NAMES = {
    "deductible_remaining": "the remaining deductible",
    "coinsurance": "the coinsurance",
    "copay": "the copay",
    "out_of_pocket_remaining": "what is left of the out-of-pocket maximum",
}


class Benefits(msgspec.Struct, frozen=True, kw_only=True):
    """The plan's terms for one service. None is unknown. `coinsurance` is the patient's fraction (0.2 is 20 %).

    `copay` of 0.00 is a plan that takes none. `applies_both`: deductible and coinsurance beside the copay.
    """

    deductible_remaining: Decimal | None = None
    coinsurance: Decimal | None = None
    copay: Decimal | None = None
    out_of_pocket_remaining: Decimal | None = None
    applies_both: bool = False
    notes: tuple[str, ...] = ()  # why the payer's answer gave no figure


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Dollars the patient will owe, `low` to `high`: the same where all is known. `label` says what kind it is."""

    low: Decimal
    high: Decimal
    label: str
    working: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        return self.low == self.high


def estimate(allowed: Decimal | None, benefits: Benefits, *, charge: Decimal | None = None) -> Estimate:
    """The patient's share of an allowed amount. With `allowed` unknown, `charge` bounds it from above.

    Raises ValueError when neither is given or an amount is below zero.
    """
    known = [value for value in (allowed, charge, *_figures(benefits).values()) if value is not None]
    if any(value < 0 for value in known):
        raise ValueError("an amount of an estimate is below zero: correct the benefits")
    if allowed is None and charge is None:
        raise ValueError("an estimate needs the allowed amount, or at least the charge: load the contract or the fee")
    unknown = [name for name, value in _figures(benefits).items() if value is None and _matters(name, benefits)]
    if allowed is None:
        assert charge is not None
        high, steps = _share(charge, benefits, highest=True)
        names = ("the allowed amount", *(_NAMES[name] for name in unknown))
        return Estimate(low=ZERO, high=high, label=_label(names), working=steps, unknown=names, notes=benefits.notes)
    low, low_steps = _share(allowed, benefits, highest=False)
    high, high_steps = _share(allowed, benefits, highest=True)
    names = tuple(_NAMES[name] for name in unknown)
    if low == high:
        return Estimate(low=low, high=high, label=EXACT, working=high_steps, notes=benefits.notes)
    working = (*(Step(f"At least: {step.says}", step.amount) for step in low_steps),
               *(Step(f"At most: {step.says}", step.amount) for step in high_steps))  # fmt: skip
    return Estimate(low=low, high=high, label=_label(names), working=working, unknown=names, notes=benefits.notes)


def _figures(benefits: Benefits) -> dict[str, Decimal | None]:
    return {name: getattr(benefits, name) for name in _NAMES}


def _matters(name: str, benefits: Benefits) -> bool:
    """Deductible and coinsurance say nothing where the copay alone is owed."""
    copay_alone = bool(benefits.copay) and not benefits.applies_both
    return not (copay_alone and name in ("deductible_remaining", "coinsurance"))


def _label(names: tuple[str, ...]) -> str:
    return f"{RANGE}: {', '.join(names)} not stated"


def _share(allowed: Decimal, benefits: Benefits, *, highest: bool) -> tuple[Decimal, tuple[Step, ...]]:
    """The share when each unknown figure is the one best (or worst) for the patient."""
    steps: list[Step] = []
    if benefits.copay is None and highest:
        # An unstated copay may be anything up to the whole: the payer's allowed amount is the only bound.
        total = allowed
        steps.append(Step("the copay is not stated: at most the allowed amount", total))
    elif benefits.copay is None and not benefits.applies_both:
        total = ZERO
        steps.append(Step("the copay is not stated: one alone may be small", total))
    elif benefits.copay and not benefits.applies_both:
        total = min(benefits.copay, allowed)
        steps.append(Step(f"copay {benefits.copay}", total))
    else:
        total = _deductible_and_coinsurance(allowed, benefits, highest, steps)
        if benefits.copay:
            total += benefits.copay
            steps.append(Step(f"plus copay {benefits.copay}", total))
    total = min(total, allowed)
    limit = benefits.out_of_pocket_remaining
    if limit is None and not highest:
        limit = ZERO
    if limit is not None and total > limit:
        total = limit
        told = "is not stated and may be met" if benefits.out_of_pocket_remaining is None else f"is {limit}"
        steps.append(Step(f"what is left of the out-of-pocket maximum {told}", total))
    return money(total), tuple(steps)


def _deductible_and_coinsurance(allowed: Decimal, benefits: Benefits, highest: bool, steps: list[Step]) -> Decimal:
    left = benefits.deductible_remaining
    if left is None:
        left = allowed if highest else ZERO
    deductible = min(left, allowed)
    rate = benefits.coinsurance
    if rate is None:
        rate = Decimal(1) if highest else ZERO
    share = money((allowed - deductible) * rate)
    steps.append(Step(f"deductible, the lesser of {left} remaining and {allowed} allowed", deductible))
    steps.append(Step(f"{percent(rate)} of {allowed - deductible}", share))
    return deductible + share


def benefits_of(
    answer: EligibilityResponse | PatientEligibility,
    *,
    service_type: str,
    on: date,
    in_network: bool = True,
    applies_both: bool = False,
) -> Benefits:
    """The benefits of a 271 for one service type on a day, as the payer stated them; what it did not state is None.

    The individual's deductible is the patient's unless the family's has less left. `notes` say why a figure is missing.
    """
    notes: list[str] = []

    def read(name: str, *figures: Figure) -> Decimal | None:
        values = [figure.value for figure in figures if figure.value is not None]
        if values:
            return min(values)
        notes.append(f"{_NAMES[name]}: {next((figure.reason for figure in figures if figure.reason), 'not stated')}")
        return None

    levels = ("IND", "FAM")
    deductibles = [remaining_deductible(answer, level, in_network=in_network, on=on) for level in levels]
    limits = [out_of_pocket_remaining(answer, level, in_network=in_network, on=on) for level in levels]
    return Benefits(
        deductible_remaining=read("deductible_remaining", *deductibles),
        coinsurance=read("coinsurance", coinsurance(answer, service_type, in_network=in_network, on=on)),
        copay=read("copay", copay(answer, service_type, in_network=in_network, on=on)),
        out_of_pocket_remaining=read("out_of_pocket_remaining", *limits),
        applies_both=applies_both,
        notes=tuple(notes),
    )
