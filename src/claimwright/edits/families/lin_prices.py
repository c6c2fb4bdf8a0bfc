"""LIN: charges against the fee schedule and the contract, lines against the note, and lines that payers keep apart."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from claimwright.claims.nouns import ZERO, Claim, Line
from claimwright.edits.facts import Facts, Price
from claimwright.edits.shapes import HOLD, LOCAL, PAYER, REJECT, WARN, Finding, Hits, edit

CENT = Decimal("0.01")


@edit(
    "LIN07",
    WARN,
    says="{0} is charged at {1}, below the {2} that the contract allows",
    fix="Charge too low: raise the fee, or the payer pays the charge and no more",
    cites=[LOCAL("Contract file", "expected allowed amount of each line, before the lesser of charge")],
    needs=("expected_prices",),
)
def charge_is_not_below_the_contract(claim: Claim, facts: Facts) -> Hits:
    prices = facts.expected_prices
    if not prices:
        return
    for index, line in enumerate(claim.lines):
        price = prices.get(line.control_number)
        if price is not None and price.allowed is not None and ZERO < line.charge < price.allowed:
            yield f"lines[{index}].charge", line.procedure_code, line.charge, price.allowed


def _price(prices: tuple[Price, ...], line: Line) -> Decimal | None:
    """The price of one unit on the day: that of the first modifier with a price of its own, else the plain one."""
    on = line.date_from
    if len(prices) == 1 and not prices[0].modifier:  # as most codes are priced
        return prices[0].amount if on is not None and prices[0].holds(on) else None
    held = [row for row in prices if on is not None and row.holds(on)]
    for modifier in (*line.modifiers, ""):
        for row in held:
            if row.modifier == modifier:
                return row.amount
    return None


def charge_of_the_master(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The practice's own price. Not once another payer has decided, nor where the difference may be meant."""
    if facts.charge_master is None or any(prior.adjudicated for prior in claim.prior_payments):
        return None
    index = int(finding.path.partition("[")[2].partition("]")[0])
    line = claim.lines[index]
    amount = _price(facts.charge_master.get(line.procedure_code, ()), line)
    if amount is None or line.charge > ZERO:
        return None
    lines = list(claim.lines)
    lines[index] = msgspec.structs.replace(line, charge=(amount * line.units).quantize(CENT))
    total = sum((one.charge for one in lines), ZERO)
    return msgspec.structs.replace(claim, lines=tuple(lines), total_charge=total)


@edit(
    "LIN08",
    WARN,
    says="{0} is charged at {1}; the fee schedule says {2} for {3} units",
    fix="Verify the price, or correct the fee schedule",
    cites=[LOCAL("Practice charge master", "price of the date of service")],
    needs=("charge_master",),
)
def charge_is_the_practices_own(claim: Claim, facts: Facts) -> Hits:
    master = facts.charge_master
    if not master:
        return
    for index, line in enumerate(claim.lines):
        prices = master.get(line.procedure_code)
        # Anesthesia is priced by base and time; of a charge that is not above zero LIN02 tells.
        if not prices or line.unit_basis == "MJ" or line.charge <= ZERO:
            continue
        amount = _price(prices, line)
        if amount is None or (line.charge == amount and line.units == 1):
            continue
        wanted = (amount * line.units).quantize(CENT)
        if line.charge != wanted:
            yield f"lines[{index}].charge", line.procedure_code, line.charge, wanted, line.units


@edit(
    "LIN10",
    REJECT,
    says="The claim has {0} {1}, and this payer takes one a claim",
    fix="Split the claim",
    cites=[PAYER("Payer billing manual", "one place of service, one rendering provider a claim")],
    needs=("payer",),
)
def lines_may_stand_together(claim: Claim, facts: Facts) -> Hits:
    payer = facts.payer
    if payer is None or not (payer.one_place or payer.one_rendering):
        return
    if payer.one_place:
        places = dict.fromkeys(line.place_of_service or claim.place_of_service for line in claim.lines)
        if len(places) > 1:
            yield "lines", len(places), f"places of service ({' '.join(places)})"
    if payer.one_rendering:
        doers = (line.rendering or claim.rendering for line in claim.lines)
        people = dict.fromkeys(provider.npi for provider in doers if provider is not None)
        if len(people) > 1:
            yield "lines", len(people), f"rendering providers ({' '.join(people)})"


@edit(
    "LIN11",
    HOLD,
    says="{0} is documented ({1}) and has no charge",
    fix="Add the charge, or say in the record who bills it or why it is not billed",
    cites=[LOCAL("Charge reconciliation", "every documented service has a line, or a reason for none")],
    needs=("encounter",),
)
def documented_services_are_charged(claim: Claim, facts: Facts) -> Hits:
    record = facts.encounter
    if record is None or not record.services or claim.frequency not in ("1", "7", ""):
        return
    billed = {line.procedure_code for line in claim.lines}
    told: set[str] = set()
    for service in record.services:
        if service.code not in billed and service.code not in record.charged and service.code not in told:
            told.add(service.code)
            yield "lines", service.code, service.source or "in the note"


EDITS = (
    charge_is_not_below_the_contract,
    charge_is_the_practices_own,
    lines_may_stand_together,
    documented_services_are_charged,
)
