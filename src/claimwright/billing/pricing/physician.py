"""The Medicare physician fee: ((work x wGPCI) + (expense x peGPCI) + (malpractice x mpGPCI)) x conversion factor.

Source: 42 CFR 414.22 to 414.28; CMS Pub. 100-04 chapter 12, 20.1. The sum is not rounded before the conversion factor;
the product is rounded half up to the cent, as in the carriers' files.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from claimwright.billing.pricing.tables import Locality, PriceTables
from claimwright.billing.pricing.words import Step, Unpriced, plain
from claimwright.codes.fee_files import CostIndex, LocalFee, conversion_factor
from claimwright.codes.money import money
from claimwright.codes.relative_values import CARRIER_PRICED, RelativeValue

COMPONENTS = ("26", "TC", "53")

# Why a status has no price of its own (readme of PPRRVU, field 4), in our words, with what to do.
_STATUS_REASONS = {
    "B": "is always paid within another service and never by itself: do not expect payment",
    "D": "is deleted: bill the code that took its place",
    "E": "is not paid under the physician fee schedule: price it by its own schedule (drugs by average sales price)",
    "F": "is deleted and was never subject to grace: bill the code that took its place",
    "H": "is a deleted modifier: bill without it",
    "I": "is not accepted by Medicare: another code says the same",
    "J": "is an anesthesia service: it is paid by base units and minutes",
    "M": "only measures quality and is not paid",
    "N": "is not covered by Medicare: the patient or another payer owes it",
    "P": "is paid within the visit that it goes with and never by itself",
    "Q": "only reports a therapy outcome and is not paid",
    "X": "is not a physician service: price it by the laboratory, equipment or other schedule",
}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when: the date whose schedule holds, the locality, whether the place is a facility.

    `qualifying` is a clinician who is a qualifying participant of an advanced payment model (from 2026).
    """

    on: date
    locality: Locality
    facility: bool = False
    qualifying: bool = False


class PhysicianFee(msgspec.Struct, frozen=True, kw_only=True):
    """The fee of one unit in dollars; `expense` is the part of it that is practice expense, not rounded."""

    amount: Decimal
    expense: Decimal = Decimal(0)
    row: RelativeValue
    steps: tuple[Step, ...] = ()


def physician_fee(code: str, modifiers: tuple[str, ...], setting: Setting, tables: PriceTables) -> PhysicianFee:
    """What Medicare's schedule gives for one unit, before any modifier other than 26, TC or 53.

    Raises Unpriced where a table does not speak for the day, the code is not in it, or its status has no price.
    """
    tables.need("relative_values", setting.on)
    row = tables.relative_value(code, modifiers, setting.on)
    if row is None:
        raise Unpriced(f"{code} is not in the relative values of {setting.on}: check the code and the date")
    wanted = next((modifier for modifier in modifiers if modifier in ("26", "TC")), "")
    if wanted and row.modifier != wanted and row.pc_tc in ("0", "1", "4", "9"):
        raise Unpriced(f"{code} has no part {wanted} in the relative values: remove the modifier")
    if row.status == CARRIER_PRICED:
        return _carrier_fee(row, setting, tables)
    if not row.is_payable:
        reason = _STATUS_REASONS.get(row.status, "has no price under the physician fee schedule")
        raise Unpriced(f"{code} (status {row.status}) {reason}")
    if setting.facility and row.facility_na:
        raise Unpriced(
            f"{code} is not paid to a physician in a facility: the facility bills it; bill 26 where it has that part"
        )
    if not row.total(setting.facility):
        raise Unpriced(f"{code} has no relative values on {setting.on}: the carrier prices it")
    return _computed(row, setting, tables)


def _computed(row: RelativeValue, setting: Setting, tables: PriceTables) -> PhysicianFee:
    index = tables.cost_index(setting.locality, setting.on)
    factor, source = _factor(row, setting)
    expense = row.expense(setting.facility)
    sum_ = row.work * index.work + expense * index.expense + row.malpractice * index.malpractice
    amount = money(sum_ * factor)
    name = " ".join(filter(None, (row.code, row.modifier)))
    place = "facility" if setting.facility else "non-facility"
    steps = [
        Step(
            f"Relative values of {name} on {setting.on}: work {plain(row.work)}, practice expense {plain(expense)} "
            f"({place}), malpractice {plain(row.malpractice)}"
        ),
        Step(
            f"Cost indices of {setting.locality} ({index.name.title()}): work {index.work}, expense {index.expense}, "
            f"malpractice {index.malpractice}"
        ),
    ]
    if not setting.facility and row.nonfacility_na:
        steps.append(Step(f"{name} is rarely done outside a facility: the facility expense is used"))
    steps.append(
        Step(
            f"{plain(row.work)} x {index.work} + {plain(expense)} x {index.expense} + {plain(row.malpractice)} x "
            f"{index.malpractice} = {plain(sum_)}"
        )
    )
    steps.append(Step(f"{plain(sum_)} x conversion factor {factor} ({source})", amount))
    cap = _outpatient_cap(row, index, factor, setting, tables)
    part = expense * index.expense * factor
    if cap is not None and cap < amount:
        steps.append(Step("Imaging is paid no more than the hospital outpatient rate", cap))
        amount, part = cap, part * cap / amount
    return PhysicianFee(amount=amount, expense=part, row=row, steps=tuple(steps))


def _factor(row: RelativeValue, setting: Setting) -> tuple[Decimal, str]:
    """The factor of the date of service. The dated table comes first: one file may span a change within the year."""
    known = conversion_factor(setting.on, qualifying=setting.qualifying)
    if known is not None:
        return known.value, known.source
    if row.conversion_factor:
        return row.conversion_factor, "as the relative value file has it"
    raise Unpriced(f"no conversion factor is known for {setting.on}: import the PPRRVU file of that quarter")


def _outpatient_cap(
    row: RelativeValue, index: CostIndex, factor: Decimal, setting: Setting, tables: PriceTables
) -> Decimal | None:
    """The cap on the technical part of imaging (42 U.S.C. 1395w-4(b)(4)): the carrier's, or from the file's own columns."""
    if row.modifier == "26":
        return None
    key = (setting.locality.carrier, setting.locality.number, row.code, row.modifier)
    held: LocalFee | None = tables.find("outpatient_caps", key, setting.on)
    if held is not None:
        return held.amount(setting.facility)
    expense = row.outpatient_facility_expense if setting.facility else row.outpatient_nonfacility_expense
    if not expense:
        return None
    return money(
        (row.work * index.work + expense * index.expense + row.outpatient_malpractice * index.malpractice) * factor
    )


def _carrier_fee(row: RelativeValue, setting: Setting, tables: PriceTables) -> PhysicianFee:
    """A code that each carrier prices itself: from its own file, if the user has it."""
    key = (setting.locality.carrier, setting.locality.number, row.code, row.modifier)
    held: LocalFee | None = tables.find("carrier_fees", key, setting.on)
    amount = held.amount(setting.facility) if held is not None else None
    if amount is None:
        raise Unpriced(f"{row.code} is priced by the carrier: import its PF file, or ask it")
    step = Step(f"{row.code} is priced by the carrier: its own file for {setting.locality}", amount)
    return PhysicianFee(amount=amount, row=row, steps=(step,))
