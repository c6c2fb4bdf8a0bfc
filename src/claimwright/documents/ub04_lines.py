"""Locators 42 to 48 of the UB-04: the service lines."""

from __future__ import annotations

from decimal import Decimal

from claimwright.claims.nouns import Claim, Line
from claimwright.documents.paper import Values
from claimwright.documents.paper_text import cents, date6, dollars, quantity

# Room and board, subacute and intensive care: locator 44 takes the day's rate in place of a procedure.
ACCOMMODATION = frozenset(f"{code:03d}" for code in range(10, 22))
DAYS = "DA"
CENT = Decimal("0.01")


def put_lines(values: Values, claim: Claim) -> int:
    """The lines in order; how many there are."""
    for number, line in enumerate(claim.lines, 1):
        _line(values, line, str(number))
    return len(claim.lines)


def _line(values: Values, line: Line, row: str) -> None:
    values.put(f"42.{row}", line.revenue_code)
    values.put(f"43.{row}", _drug(line) or line.description)
    values.put(f"44.{row}", line.procedure_code + "".join(line.modifiers) if line.procedure_code else _rate(line))
    values.put(f"45.{row}", date6(line.date_from))
    if line.date_to is not None and line.date_to != line.date_from:
        values.no_place(f"45.{row}", "the line's last day has no place here: the form takes one day a line")
    values.put(f"46.{row}", quantity(line.units))
    values.put(f"47.{row}", dollars(line.charge))
    values.put(f"47.{row}.cents", cents(line.charge))
    if line.non_covered_amount is not None:
        values.put(f"48.{row}", dollars(line.non_covered_amount))
        values.put(f"48.{row}.cents", cents(line.non_covered_amount))


def _drug(line: Line) -> str:
    """Qualifier, product, unit and quantity without a blank between them."""
    drug = line.drug
    if drug is None or not drug.ndc:
        return ""
    amount = f"{drug.unit}{quantity(drug.quantity)}" if drug.quantity is not None else ""
    return f"{drug.qualifier}{drug.ndc.replace('-', '')}{amount}"


def _rate(line: Line) -> str:
    """The rate of a day: as told, else the charge by its days where that comes out at whole cents."""
    told = line.institutional.rate if line.institutional is not None else None
    if told is not None:
        return f"{told:.2f}"
    if line.revenue_code[:3] not in ACCOMMODATION or line.unit_basis != DAYS or line.units <= 0:
        return ""
    rate = (line.charge / line.units).quantize(CENT)
    return f"{rate:.2f}" if rate * line.units == line.charge else ""
