"""What a payer should allow for a claim under its contract, line by line, with the working (domain.md section 1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.pricing import contracts
from claimwright.billing.pricing.contracts import Contract, StopLoss
from claimwright.billing.pricing.facilities import BESIDE_COMPREHENSIVE, COMPREHENSIVE
from claimwright.billing.pricing.lines import Work, price_line
from claimwright.billing.pricing.reductions import reduce
from claimwright.billing.pricing.tables import PriceTables
from claimwright.billing.pricing.words import HUNDRED, Expected, Priced, Step, percent
from claimwright.claims.nouns import Claim, Line
from claimwright.codes.money import ZERO, money


def expected_allowed(claim: Claim, contract: Contract | None, tables: PriceTables, on: date | None = None) -> Expected:
    """Each line's allowed dollars with its working, or the reason why it cannot be priced; never zero for want of a price.

    The date of service of each line decides contract version, rate and schedule; `on` stands in for a line without one.
    Lesser-of-charge comes last, stop-loss after it.
    """
    works: list[Work] = []
    unpriced: dict[int, Priced] = {}
    for line in claim.lines:
        day = line.date_from or on or claim.date_of_service
        version = contract.version_on(day) if contract is not None and day is not None else None
        if day is None or version is None:
            unpriced[id(line)] = _without_contract(line, day, contract)
        else:
            works.append(price_line(claim, line, day, version, tables))
    by_day: dict[date, list[Work]] = defaultdict(list)
    for work in works:
        by_day[work.on].append(work)
    for together in by_day.values():
        _comprehensive(together)
        reduce(together, tables, lambda work, code: _base_price(claim, work, code, tables))
    _case_rates(works)
    _lesser_of_charge(works)
    steps = _stop_loss(claim, works)
    by_line = {id(work.line): work.priced() for work in works} | unpriced
    lines = tuple(by_line[id(line)] for line in claim.lines)
    names = dict.fromkeys(work.version.name for work in works)
    return Expected(lines=lines, total=_total(lines), working=tuple(steps), version=", ".join(names))


def _total(lines: Sequence[Priced]) -> Decimal | None:
    if not lines or any(line.allowed is None and not line.capitated for line in lines):
        return None
    return sum((line.allowed for line in lines if line.allowed is not None), ZERO)


def _without_contract(line: Line, day: date | None, contract: Contract | None) -> Priced:
    if day is None:
        reason = "the line has no date of service, and prices go by date: fill it in"
    elif contract is None:
        reason = "no contract with this payer is on file: load it, or leave the allowed amount unknown"
    else:
        reason = f"the contract {contract.name or contract.payer_id} has no version for {day}: add one"
    return Priced(
        number=line.number, control_number=line.control_number, code=line.procedure_code or line.revenue_code,
        modifiers=line.modifiers, on=day, charge=line.charge, reason=reason,
    )  # fmt: skip


def _base_price(claim: Claim, work: Work, code: str, tables: PriceTables) -> Decimal | None:
    """What the base code of an endoscopy family would be allowed on the same line: same place, units and modifiers."""
    line = msgspec.structs.replace(work.line, procedure_code=code)
    return price_line(claim, line, work.on, work.version, tables).amount


def _comprehensive(works: Sequence[Work]) -> None:
    """A comprehensive outpatient service (J1) takes in all others of the claim; of two, the whole claim decides."""
    leading = [work for work in works if work.indicator == COMPREHENSIVE and work.amount is not None]
    if not leading:
        return
    if len(leading) > 1:
        for work in leading:
            work.give_up("two comprehensive services (J1) may be adjusted for complexity: the payer's grouper decides")
    for work in works:
        if work.indicator and work.indicator != COMPREHENSIVE and work.indicator not in BESIDE_COMPREHENSIVE:
            work.amount = ZERO
            work.tell(f"Packaged into the comprehensive service {leading[0].code}", ZERO)


def _case_rates(works: Sequence[Work]) -> None:
    """A case rate is for the whole claim: its line carries it, the others are within, but for carve-outs."""
    cases = [work for work in works if work.method == contracts.CASE and work.amount is not None]
    if not cases:
        return
    cases.sort(key=lambda work: -(work.amount or ZERO))
    leading = cases[0]
    for work in cases[1:]:
        work.give_up(
            f"two case rates on one claim ({leading.code} and {work.code}): the contract must say how both are paid"
        )
    for work in works:
        if work.method != contracts.CASE and not work.capitated and not (work.rate is not None and work.rate.carve_out):
            work.amount, work.reason = ZERO, ""
            work.tell(f"Within the case rate of {leading.code}", ZERO)


def _lesser_of_charge(works: Sequence[Work]) -> None:
    cases = [work for work in works if work.method == contracts.CASE and work.amount is not None]
    case_charge = sum((work.line.charge for work in works if _is_in_case(work)), ZERO) if cases else ZERO
    for work in works:
        if work.amount is None:
            continue
        work.contract_amount = money(work.amount)
        if not work.version.terms.lesser_of_charge:
            continue
        charge = case_charge if work in cases else work.line.charge
        if ZERO < charge < money(work.amount):  # a line without a charge is no offer to do it for nothing
            work.amount = charge
            work.tell(f"The charge {charge} is less: the lesser is allowed", charge)


def _is_in_case(work: Work) -> bool:
    return work.method == contracts.CASE or not (work.capitated or (work.rate is not None and work.rate.carve_out))


def _stop_loss(claim: Claim, works: Sequence[Work]) -> list[Step]:
    """Above the threshold of charges: a percent of the excess on top, or of all charges instead, spread by charge."""
    terms = [work.version.terms for work in works]
    rule = terms[0].stop_loss if terms else None
    charges = sum((line.charge for line in claim.lines), ZERO)
    if rule is None or charges <= rule.threshold:
        return []
    priced = [work for work in works if work.amount is not None]
    if not priced or (rule.basis == contracts.ALL and len(priced) < len(works)):
        return []
    total, steps = _beyond_threshold(rule, charges)
    share_of = sum((work.line.charge for work in priced), ZERO)
    left = total
    for place, work in enumerate(priced):
        part = left if place == len(priced) - 1 else money(total * work.line.charge / share_of) if share_of else ZERO
        left -= part
        assert work.amount is not None
        work.amount = part if rule.basis == contracts.ALL else money(work.amount) + part
        work.tell(f"Stop-loss: this line's part {part}", work.amount)
    return steps


def _beyond_threshold(rule: StopLoss, charges: Decimal) -> tuple[Decimal, list[Step]]:
    fraction = rule.percent / HUNDRED
    if rule.basis == contracts.ALL:
        total = money(charges * fraction)
        return total, [
            Step(f"Charges {charges} exceed {rule.threshold}: {percent(fraction)} of all charges is paid", total)
        ]
    total = money((charges - rule.threshold) * fraction)
    return total, [
        Step(f"Charges {charges} exceed {rule.threshold}: {percent(fraction)} of the excess is added", total)
    ]
