"""LIN: ambulance transports and durable equipment, which carry data of their own."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.claims.nouns import Address, Claim, Line
from claimwright.claims.professional import Ambulance, Equipment
from claimwright.codes.modifiers import modifier_group
from claimwright.codes.service_rules import CERTIFICATES_END, service
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import CMS, REJECT, TR3, Hits, edit
from claimwright.edits.tables import is_route

GUIDE = "005010X222A1"
AMBULANCE_MANUAL = "Medicare Claims Processing Manual 100-04"
TRANSPORT_REASONS = frozenset("ABCDE")  # CR104
AMBULANCE_CONDITIONS = "07"  # CRC01
PRICING = modifier_group("dme")
STATED = frozenset(("KX", "GA", "GZ", "GY"))
PERIODS = frozenset(("1", "4", "6"))  # SV506: weekly, monthly, daily
RENTED = "RR"


def _is_place(address: Address | None) -> bool:
    """A street, or a description of where there is none, with its postal code."""
    return address is not None and bool(address.line1.strip() and address.postal_code.strip())


def _has_route(line: Line) -> bool:
    return any(map(is_route, line.modifiers))


def _lacking(claim: Claim, line: Line) -> Iterator[tuple[str, str]]:
    """Fields of the transport that are not there, each with its words. A line's own data go before the claim's."""
    of_line: Ambulance | None = line.professional.ambulance if line.professional is not None else None
    of_claim: Ambulance | None = claim.professional.ambulance if claim.professional is not None else None
    found = [one for one in (of_line, of_claim) if one is not None]
    if not any(_is_place(one.pick_up) for one in found):
        yield "pick_up", "where the patient was picked up"
    if not any(_is_place(one.drop_off) for one in found):
        yield "drop_off", "where the patient was taken"
    if not any(one.reason in TRANSPORT_REASONS for one in found):
        yield "reason", "the reason of the transport (A to E)"
    if not any(one.miles is not None and one.miles >= 0 for one in found):
        yield "miles", "the miles"
    if not any(each.codes and each.category == AMBULANCE_CONDITIONS for one in found for each in one.conditions):
        yield "conditions", "the condition codes (CRC)"


@edit(
    "LIN17",
    REJECT,
    says="Transport {0} lacks {1}",
    fix="Complete the transport data",
    cites=[
        TR3(GUIDE, "2310E PW, 2310F 45, 2300 CR1 and CRC*07"),
        CMS(AMBULANCE_MANUAL, "chapter 15, 30 origin and destination modifiers"),
    ],
)
def transport_is_whole(claim: Claim, facts: Facts) -> Hits:
    if claim.kind != "P":
        return  # a hospital's bill tells it by value code A0 and modifiers
    told: set[str] = set()
    for index, line in enumerate(claim.lines):
        rules = service(line.procedure_code)
        if not rules.ambulance or line.date_from is None or not rules.ambulance_on(line.date_from):
            continue
        for field, words in _lacking(claim, line):
            if field not in told:  # one transport a claim: told once, not for base and mileage each
                told.add(field)
                yield f"professional.ambulance.{field}", line.procedure_code, words
        if not _has_route(line):
            yield f"lines[{index}].modifiers", line.procedure_code, "the modifier of origin and destination"


def _equipment(line: Line) -> Equipment | None:
    return line.professional.equipment if line.professional is not None else None


@edit(
    "LIN18",
    REJECT,
    says="Equipment {0}: {1}",
    fix="Complete the equipment data: RR, NU or UE, and KX, GA or GZ, or the certificate where one is asked",
    cites=[
        CMS(AMBULANCE_MANUAL, "chapter 20, 30 and 130 rental and purchase"),
        CMS("DME MAC local coverage determinations", "KX, GA, GZ and GY"),
        TR3(GUIDE, "2400 SV5, CR3"),
    ],
    uses=("payer",),
)
def equipment_is_whole(claim: Claim, facts: Facts) -> Hits:
    asked = facts.payer is not None and facts.payer.requires_equipment_data
    for index, line in enumerate(claim.lines):
        own = _equipment(line)
        if own is not None:
            yield from _terms(f"lines[{index}]", line, own)
        if not asked or line.date_from is None:
            continue
        rule = service(line.procedure_code).equipment_on(line.date_from)
        if rule is None:
            continue
        if rule.pricing and PRICING.isdisjoint(line.modifiers):
            yield f"lines[{index}].modifiers", line.procedure_code, "rented (RR), new (NU) or used (UE) is not said"
        certified = own is not None and own.certification_type and line.date_from < CERTIFICATES_END
        if rule.statement and not certified and STATED.isdisjoint(line.modifiers):
            words = "nothing says whether the coverage criteria are met (KX) or not (GA, GZ, GY)"
            yield f"lines[{index}].modifiers", line.procedure_code, words


def _terms(path: str, line: Line, own: Equipment) -> Hits:
    """SV5 as the guide asks it: the days, and for a rental its price and period."""
    if not (own.procedure_code or own.days or own.rental_price or own.purchase_price or own.rental_unit):
        return  # a certificate alone
    field = f"{path}.professional.equipment"
    if own.days is None or own.days <= 0:
        yield f"{field}.days", line.procedure_code, "the days of medical necessity are missing (SV503)"
    if own.rental_price is None and own.purchase_price is None:
        yield f"{field}.rental_price", line.procedure_code, "neither rental nor purchase price (SV504, SV505)"
    if (own.rental_price is not None or RENTED in line.modifiers) and own.rental_unit not in PERIODS:
        yield f"{field}.rental_unit", line.procedure_code, "the period of the rental is missing (SV506)"


EDITS = (transport_is_whole, equipment_is_whole)
