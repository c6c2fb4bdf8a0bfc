"""The price of one line before reductions that look at the other lines: rate, schedule, modifiers, professional."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from claimwright.billing.pricing import contracts
from claimwright.billing.pricing.anesthesia import DAILY_MANAGEMENT, anesthesia_price, is_anesthesia
from claimwright.billing.pricing.contracts import ContractVersion, Rate, rate_book
from claimwright.billing.pricing.facilities import outpatient_price, surgery_center_price
from claimwright.billing.pricing.modifiers import applied, is_assistant, modifier_fractions, professional_fraction
from claimwright.billing.pricing.physician import Setting, physician_fee
from claimwright.billing.pricing.tables import PriceTables
from claimwright.billing.pricing.words import HUNDRED, Priced, Step, Unpriced, percent, plain
from claimwright.claims.nouns import Claim, Line
from claimwright.codes.fee_files import EquipmentFee, LaboratoryFee
from claimwright.codes.money import money
from claimwright.codes.relative_values import RelativeValue
from claimwright.codes.tables import read_table

MINUTES = "MJ"
OUTPATIENT_BILLS = ("13", "14", "85")  # CLM05-1 of a hospital outpatient claim
SURGERY_CENTER_PLACE = "24"
SURGERY_CENTER_TAXONOMY = "261QA1903X"


class Work(msgspec.Struct, kw_only=True):
    """A line while it is being priced. `amount` is dollars for all its units, not rounded until the end.

    `expense` is the practice expense of one unit in dollars, of the physician schedule only. `row` is its row there.
    """

    line: Line
    on: date
    facility: bool
    version: ContractVersion
    rate: Rate | None = None
    row: RelativeValue | None = None
    amount: Decimal | None = None
    contract_amount: Decimal | None = None  # before the lesser-of clause
    expense: Decimal = Decimal(0)
    setting: Setting | None = None  # of the physician fee schedule, where that prices the line
    indicator: str = ""  # how a facility's rate stands beside others on the claim: T reduced, J1 comprehensive
    steps: list[Step] = []
    reason: str = ""
    capitated: bool = False

    @property
    def code(self) -> str:
        return self.line.procedure_code or self.line.revenue_code

    @property
    def units(self) -> Decimal:
        return Decimal(1) if self.line.unit_basis == MINUTES else self.line.units

    @property
    def method(self) -> str:
        return self.rate.method if self.rate is not None else ""

    def tell(self, says: str, amount: Decimal | None = None) -> None:
        self.steps.append(Step(says, money(amount) if amount is not None else None))

    def give_up(self, reason: str) -> None:
        self.amount, self.reason = None, reason

    def priced(self) -> Priced:
        """The line as the caller gets it."""
        return Priced(
            number=self.line.number,
            control_number=self.line.control_number,
            code=self.code,
            modifiers=self.line.modifiers,
            on=self.on,
            charge=self.line.charge,
            allowed=None if self.amount is None else money(self.amount),
            contract_amount=self.contract_amount,
            working=tuple(self.steps),
            reason=self.reason,
            method=self.method,
            capitated=self.capitated,
        )


@lru_cache(maxsize=1)
def _facility_places() -> frozenset[str]:
    return frozenset(row["code"] for row in read_table("place_of_service.tsv") if row["facility"] == "1")


def is_facility(place_of_service: str) -> bool:
    """Whether Medicare pays the physician's facility rate at this place of service."""
    return place_of_service in _facility_places()


def price_line(claim: Claim, line: Line, on: date, version: ContractVersion, tables: PriceTables) -> Work:
    """The line by its own rate. Where it cannot be priced the work says why."""
    place = line.place_of_service or claim.place_of_service
    facility = is_facility(place) if claim.kind == "P" else True
    work = Work(line=line, on=on, facility=facility, version=version)
    work.row = tables.relative_value(work.code, line.modifiers, on)
    work.rate = rate_book(version).find(work.code, line.modifiers, facility)
    try:
        _by_rate(claim, work, tables)
    except Unpriced as reason:
        work.give_up(str(reason))
    return work


def _by_rate(claim: Claim, work: Work, tables: PriceTables) -> None:
    rate, line = work.rate, work.line
    if rate is None:
        raise Unpriced(
            f"the contract {work.version.name} has no rate for {work.code}: add it, or a rate for every code"
        )
    if rate.method == contracts.CAPITATED:
        work.capitated = True
        raise Unpriced(f"{work.code} is capitated: it is paid by the monthly capitation; send it as an encounter")
    if rate.method == contracts.CARVED_OUT:
        raise Unpriced(f"{work.code} is carved out of this contract: bill {rate.note or 'the payer that covers it'}")
    if rate.method == contracts.NOT_COVERED:
        raise Unpriced(f"{work.code} is not covered by this contract: {rate.note or 'ask the payer who owes it'}")
    if rate.method in contracts.AMOUNT_METHODS:
        _by_amount(work, rate)
    elif rate.method == contracts.CHARGE:
        fraction = _fraction(rate)
        work.amount = line.charge * fraction
        work.tell(f"{percent(fraction)} of the charge {line.charge} ({rate.what})", work.amount)
    elif rate.method == contracts.MEDICARE:
        _by_medicare(claim, work, rate, tables)
    else:
        raise Unpriced(f"the method {rate.method} is not known: use one of {', '.join(contracts.METHODS)}")
    _after_modifiers(claim, work)


def _by_amount(work: Work, rate: Rate) -> None:
    if rate.amount is None:
        raise Unpriced(f"the rate for {rate.what} has no amount: fill it in")
    units = work.units if rate.method == contracts.FIXED else work.line.units
    if rate.method == contracts.CASE:
        units = Decimal(1)
    wanted = [modifier for modifier in work.line.modifiers if modifier in ("26", "TC")]
    if wanted and rate.modifier not in wanted and wanted[0] not in work.version.terms.factors:
        raise Unpriced(f"the contract has no rate for {work.code} {wanted[0]}: add one, or a factor for {wanted[0]}")
    work.amount = rate.amount * units
    told = {contracts.FIXED: "a service", contracts.PER_UNIT: "a unit", contracts.CASE: "the whole case"}[rate.method]
    counted = f" x {plain(units)}" if units != 1 else ""
    work.tell(f"{rate.amount} for {told} ({rate.what}){counted}", work.amount)


def _fraction(rate: Rate) -> Decimal:
    if rate.percent is None:
        raise Unpriced(f"the rate for {rate.what} has no percent: fill it in")
    return rate.percent / HUNDRED


def _after_modifiers(claim: Claim, work: Work) -> None:
    """Modifiers, then what the schedule pays a professional who is no physician."""
    rate, terms = work.rate, work.version.terms
    assert rate is not None and work.amount is not None
    if rate.method == contracts.CASE or (rate.method == contracts.CHARGE and not terms.reduces_charge_percent):
        return
    priced_by = rate.modifier or (
        work.row.modifier if work.row is not None and rate.method == contracts.MEDICARE else ""
    )
    work.amount, steps = applied(
        work.amount, work.line.modifiers, on=work.on, row=work.row, overrides=terms.factors, priced_by=priced_by,
        units=work.units,
    )  # fmt: skip
    for step in steps:
        work.tell(step.says, step.amount)
    rendering = work.line.rendering or claim.rendering or claim.billing_provider
    if terms.nonphysician_fraction and work.setting is not None and not is_assistant(work.line.modifiers):
        fraction, who = professional_fraction(rendering.taxonomy)
        if fraction != 1:
            work.amount *= fraction
            work.expense *= fraction
            work.tell(f"Rendered by a {who}: {percent(fraction)}", work.amount)


# Medicare's schedules -------------------------------------------------------------------------------------------------


def _by_medicare(claim: Claim, work: Work, rate: Rate, tables: PriceTables) -> None:
    """The base that a percent of Medicare is taken of, from the schedule that the code belongs to."""
    fraction = _fraction(rate)
    on = rate.medicare_on or work.on
    if rate.medicare_on is not None:
        work.tell(f"The contract takes Medicare's schedule of {on}")
    if _is_outpatient(claim):
        amount, steps, work.indicator = outpatient_price(work.code, work.units, on, work.version.terms, tables)
    elif _is_surgery_center(claim, work.line):
        amount, steps, work.indicator = surgery_center_price(work.code, work.units, on, work.version.terms, tables)
    elif is_anesthesia(work.code):
        amount, steps = _anesthesia(work, on, tables)
    elif (found := _laboratory(work, on, tables) or _equipment(work, on, tables)) is not None:
        amount, steps = found
    else:
        amount, steps = _physician(work, on, tables)
    work.steps += steps
    work.amount = amount * fraction
    work.expense *= fraction
    if fraction != 1:
        work.tell(f"{percent(fraction)} of Medicare ({rate.what})", work.amount)


def _physician(work: Work, on: date, tables: PriceTables) -> tuple[Decimal, list[Step]]:
    terms = work.version.terms
    if terms.locality is None:
        raise Unpriced("the contract names no Medicare locality: add carrier and locality to its terms")
    setting = Setting(on=on, locality=terms.locality, facility=work.facility, qualifying=terms.qualifying_participant)
    fee = physician_fee(work.code, work.line.modifiers, setting, tables)
    work.row, work.expense, work.setting = fee.row, fee.expense, setting
    steps = list(fee.steps)
    amount = fee.amount * work.units
    if work.units != 1:
        steps.append(Step(f"{fee.amount} x {plain(work.units)} units", money(amount)))
    return amount, steps


def _laboratory(work: Work, on: date, tables: PriceTables) -> tuple[Decimal, list[Step]] | None:
    """The clinical laboratory fee, if the code has one and the physician schedule does not price it."""
    if work.row is not None and work.row.is_payable:
        return None
    for modifier in (*work.line.modifiers, ""):
        row: LaboratoryFee | None = tables.find("laboratory_fees", (work.code, modifier), on)
        if row is not None:
            if row.rate is None:
                raise Unpriced(f"{work.code} is on the laboratory schedule without a rate: the carrier prices it")
            amount = row.rate * work.units
            return amount, [Step(f"Laboratory schedule: {row.rate} x {plain(work.units)}", money(amount))]
    return None


def _equipment(work: Work, on: date, tables: PriceTables) -> tuple[Decimal, list[Step]] | None:
    """The state's equipment fee, if the code has one."""
    terms = work.version.terms
    first, second = (*work.line.modifiers[:2], "", "")[:2]
    for key in ((work.code, first, second), (work.code, first, ""), (work.code, "", "")):
        row: EquipmentFee | None = tables.find("equipment_fees", key, on)
        if row is None:
            continue
        if not terms.state:
            raise Unpriced(f"{work.code} is priced by state: add the state to the contract's terms")
        fee = row.amount(terms.state, terms.rural)
        if fee is None:
            raise Unpriced(f"{work.code} has no equipment fee in {terms.state}: the contractor prices it")
        amount = fee * work.units
        where = f"{terms.state}, rural" if terms.rural else terms.state
        return amount, [Step(f"Equipment schedule of {where}: {fee} x {plain(work.units)}", money(amount))]
    return None


def _anesthesia(work: Work, on: date, tables: PriceTables) -> tuple[Decimal, list[Step]]:
    terms, line = work.version.terms, work.line
    factor = terms.anesthesia.factor
    if factor is None:
        if terms.locality is None:
            raise Unpriced("the contract names no Medicare locality: add carrier and locality to its terms")
        row = tables.anesthesia_factor(terms.locality, on)
        factor = row.factor
        if terms.qualifying_participant and row.qualifying_factor is not None:
            factor = row.qualifying_factor
    base: Any = tables.need("anesthesia_base_units", on).find((work.code,), on)
    if base is None:
        raise Unpriced(f"{work.code} has no base units on {on}: check the code")
    if line.unit_basis != MINUTES and work.code not in DAILY_MANAGEMENT:
        raise Unpriced("anesthesia needs minutes: send the units as MJ")
    amount, steps = anesthesia_price(
        base_units=base.units,
        minutes=line.units if line.unit_basis == MINUTES else Decimal(0),
        factor=factor,
        modifiers=line.modifiers,
        fractions={**modifier_fractions(on), **terms.factors},
        rule=terms.anesthesia,
    )
    return amount, list(steps)


def _is_outpatient(claim: Claim) -> bool:
    return claim.institutional is not None and claim.institutional.facility_type in OUTPATIENT_BILLS


def _is_surgery_center(claim: Claim, line: Line) -> bool:
    place = line.place_of_service or claim.place_of_service
    return place == SURGERY_CENTER_PLACE and claim.billing_provider.taxonomy == SURGERY_CENTER_TAXONOMY
