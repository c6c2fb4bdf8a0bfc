"""Box 24 of the CMS-1500: the service lines, each with its shaded upper half."""

from __future__ import annotations

from claimwright.claims.nouns import Claim, Line, Provider
from claimwright.documents.paper import Values
from claimwright.documents.paper_text import cents, date6, dollars, no_dot, quantity

LETTERS = "ABCDEFGHIJKL"
MODIFIERS, POINTERS = 4, 4
BETWEEN = "   "  # three blanks part two things told in the shaded half, and a drug from its quantity
MINUTES = "MJ"
# LIN02 of a drug or supply as the shaded half names it; a product number goes by VP or OZ.
PRODUCTS = {"N4": "N4", "HI": "VP", "EO": "OZ", "EN": "OZ", "UK": "OZ", "UP": "OZ"}
# REF01 of a rendering provider's other number, as box 24I takes it.
PAYER_IDS = ("0B", "1G", "G2", "LU")


def put_lines(values: Values, claim: Claim) -> None:
    for number, line in enumerate(claim.lines, 1):
        _line(values, claim, line, f"24.{number}")


def _line(values: Values, claim: Claim, line: Line, box: str) -> None:
    first, last = line.date_from, line.date_to or line.date_from
    for side, day in (("from", date6(first)), ("to", date6(last))):
        for part, text in (("month", day[:2]), ("day", day[2:4]), ("year", day[4:])):
            values.put(f"{box}.A.{side}.{part}", text)
    values.put(f"{box}.B", line.place_of_service or claim.place_of_service)
    values.put(f"{box}.C", "Y" if line.emergency else "")
    values.put(f"{box}.D", no_dot(line.procedure_code))
    values.put_each([f"{box}.D.{at}" for at in range(1, MODIFIERS + 1)], line.modifiers, "modifiers")
    pointed = [LETTERS[pointer - 1] for pointer in line.diagnosis_pointers if 1 <= pointer <= len(LETTERS)]
    values.put(f"{box}.E", "".join(pointed[:POINTERS]))
    if len(line.diagnosis_pointers) > POINTERS:
        values.no_room(f"{box}.E", len(line.diagnosis_pointers), POINTERS, "diagnosis pointers")
    values.put(f"{box}.F", dollars(line.charge))
    values.put(f"{box}.F.cents", cents(line.charge))
    values.put(f"{box}.G", quantity(line.units))
    professional = line.professional
    if professional is not None and (professional.epsdt or professional.family_planning):
        values.put(f"{box}.H", "Y")
        values.put(f"{box}.H.reason", _epsdt_reason(claim))
    _rendering(values, box, line.rendering or claim.rendering, claim.billing_provider)
    values.put(f"{box}.shaded", _shaded(line))


def _epsdt_reason(claim: Claim) -> str:
    """What followed an EPSDT screening: AV, S2, ST, NU."""
    return next((one.codes[0] for one in claim.condition_indicators if one.category == "ZZ" and one.codes), "")


def _rendering(values: Values, box: str, rendering: Provider | None, billing: Provider) -> None:
    """Blank where the billing provider in box 33 did the work."""
    if rendering is None or (rendering.npi and rendering.npi == billing.npi):
        return
    ids = [(kind, value) for kind, value in rendering.secondary_ids if kind in PAYER_IDS]
    if not ids and rendering.taxonomy:
        ids = [("ZZ", rendering.taxonomy)]
    if ids:
        values.put(f"{box}.I", ids[0][0])
        values.put(f"{box}.J.other", ids[0][1])
    values.put(f"{box}.J", rendering.npi)


def _shaded(line: Line) -> str:
    """The drug with its quantity, minutes, and words, in this order."""
    told = []
    drug = line.drug
    if drug is not None and drug.ndc:
        told.append(f"{PRODUCTS.get(drug.qualifier, drug.qualifier)}{drug.ndc.replace('-', '')}")
        if drug.quantity is not None:
            told.append(f"{drug.unit}{quantity(drug.quantity)}")
    if line.unit_basis == MINUTES:
        told.append(f"7TIME {quantity(line.units)} MINUTES")
    words = [part for part in (line.description, line.note) if part]
    if words:
        told.append("ZZ" + " ".join(words))
    return BETWEEN.join(told)
