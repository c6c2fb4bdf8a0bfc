"""From what was given and opened to the lines of a drug: administered units, waste, JW or JZ, NDC quantity.

Source: CMS Pub. 100-04 chapter 17, 40 and its JW/JZ policy. A part of a unit given is billed as a whole one, and is then
no waste; waste is whole units only.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from claimwright.claims.basis import Drug, Noun
from claimwright.codes.drugs import NO_WASTE, WASTE, WASTE_REPORTING_REQUIRED_FROM, DrugRow

_THOUSANDTH = Decimal("0.001")


class DrugLine(Noun, frozen=True):
    """One line as it would be billed: HCPCS, units, the waste modifier, and the NDC block that goes with those units."""

    procedure_code: str = ""
    units: Decimal = Decimal(0)
    modifiers: tuple[str, ...] = ()
    drug: Drug = Drug()


class DrugLines(Noun, frozen=True):
    """The lines, and what a person must still say. `problem` "" when the lines are whole."""

    lines: tuple[DrugLine, ...] = ()
    problem: str = ""


def bill_dose(row: DrugRow, *, given: Decimal, packages: Decimal, on: date) -> DrugLines:
    """Lines of one drug given to one patient: `given` in the dose's own unit (mg), `packages` opened for this patient.

    350 mg of a 10-mg-unit drug from four 100-mg vials is 35 units and 5 units JW. With no whole unit of waste the line
    has JZ from July 2023. A multi-dose container has neither; where the crosswalk does not say, the person must.
    """
    if row.dose_per_unit is None:
        return DrugLines(problem="The crosswalk does not say what one unit is: enter the units by hand")
    if given <= 0 or packages <= 0:
        return DrugLines(problem="Enter the amount given and the packages opened, both above zero")
    return bill_units(row, units=given / row.dose_per_unit, packages=packages, on=on)


def bill_units(row: DrugRow, *, units: Decimal, packages: Decimal, on: date) -> DrugLines:
    """As `bill_dose`, with the amount given in HCPCS units, which need not be whole."""
    opened = (packages * row.units_per_package).quantize(_THOUSANDTH)
    if units > opened:
        return DrugLines(problem="More was given than the packages hold: correct the amount or the packages")
    administered = units.to_integral_value(ROUND_CEILING)
    # Where the package ends in a part of a unit, the last unit billed reaches beyond it: then there is no waste either.
    wasted = max(Decimal(0), (opened - administered).to_integral_value(ROUND_FLOOR))
    if row.single_dose is None:
        line = _line(row, administered, row.quantity_of(units), "")
        return DrugLines(lines=(line,), problem="The crosswalk does not say whether the container is single-dose")
    if not row.single_dose:
        return DrugLines(lines=(_line(row, administered, row.quantity_of(units), ""),))
    if wasted:
        return DrugLines(
            lines=(
                _line(row, administered, row.quantity_of(administered), ""),
                _line(row, wasted, row.quantity_of(wasted), WASTE),
            )
        )
    none = NO_WASTE if on >= WASTE_REPORTING_REQUIRED_FROM else ""
    return DrugLines(
        lines=(_line(row, administered, min(row.quantity_of(administered), packages * row.package_quantity), none),)
    )


def _line(row: DrugRow, units: Decimal, quantity: Decimal, modifier: str) -> DrugLine:
    return DrugLine(
        procedure_code=row.hcpcs,
        units=units,
        modifiers=(modifier,) if modifier else (),
        drug=Drug(ndc=row.ndc, quantity=quantity, unit=row.unit),
    )
