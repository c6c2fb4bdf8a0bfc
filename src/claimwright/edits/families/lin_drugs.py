"""LIN: drugs. The NDC, its quantity against the HCPCS units, and what was discarded of a single dose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from claimwright.claims.nouns import Claim, Drug, Line
from claimwright.codes.drugs import (
    NDC_UNITS,
    NO_WASTE,
    WASTE,
    WASTE_REPORTING_REQUIRED_FROM,
    Drugs,
    hyphenated,
    ndc_candidates,
)
from claimwright.codes.identifiers import Ndc
from claimwright.codes.procedure_traits import traits
from claimwright.edits.compiled import ByIdentity, CodeIndex
from claimwright.edits.facts import Facts
from claimwright.edits.payer_profile import CodeRange
from claimwright.edits.shapes import CMS, FRONT_END, HOLD, PAYER, REJECT, TR3, Finding, Hits, Unanswered, edit

GUIDE = "005010X222A1"
NATIONAL_DRUG_CODE = "N4"
CROSSWALK = CMS("ASP NDC-HCPCS crosswalk, or the practice's own table of drugs")


def _index(codes: tuple[CodeRange, ...]) -> CodeIndex[bool]:
    return CodeIndex([(codes, True)])


_required: ByIdentity[CodeRange, CodeIndex[bool]] = ByIdentity(_index)


@edit(
    "LIN12",
    REJECT,
    says="{0} needs the NDC of the drug for this payer",
    fix="Add the NDC from the package, with quantity and unit",
    cites=[
        PAYER("Payer billing manual", "NDC of drugs given in the office"),
        CMS("42 USC 1396r-8(a)(7), 42 CFR 447.520", "Medicaid"),
        TR3(GUIDE, "2410 LIN03"),
    ],
    needs=("payer",),
)
def drug_has_its_ndc(claim: Claim, facts: Facts) -> Hits:
    asked = facts.payer.ndc_required if facts.payer is not None else ()
    if not asked:
        return
    index = _required(asked)
    for place, line in enumerate(claim.lines):
        if line.drug is None or not line.drug.ndc.strip():
            if index.at(line.procedure_code):
                yield f"lines[{place}].drug", line.procedure_code


def _drug_lines(claim: Claim) -> Iterator[tuple[str, Line, Drug]]:
    """Lines with an NDC; other products (2410 has some) are left alone."""
    for index, line in enumerate(claim.lines):
        drug = line.drug
        if drug is not None and drug.qualifier == NATIONAL_DRUG_CODE and drug.ndc.strip():
            yield f"lines[{index}].drug", line, drug


def _fault_of_ndc(drugs: Drugs, line: Line, ndc: str, on: date) -> str:
    """By the crosswalk, which does not hold every drug: an NDC it never heard of is not judged."""
    if not drugs.knows_ndc(ndc) or drugs.row(line.procedure_code, ndc, on) is not None:
        return ""
    held = drugs.of_ndc(ndc, on)
    if not held:
        return f"is not active on {on}"
    codes = " ".join(sorted({row.hcpcs for row in held}))
    return f"is of {codes}, not of {line.procedure_code}"


def as_billed(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """Eleven digits where the label's form leaves no doubt; ten bare digits only where the crosswalk knows one of them."""
    index = int(finding.path.partition("[")[2].partition("]")[0])
    line = claim.lines[index]
    if line.drug is None or Ndc(line.drug.ndc).is_valid:
        return None
    found = ndc_candidates(line.drug.ndc)
    ndc: Ndc | None = found[0] if len(found) == 1 else None
    if ndc is None and facts.drugs is not None and line.date_from is not None:
        ndc = facts.drugs.normalize(line.drug.ndc, line.date_from, line.procedure_code)
    if ndc is None or not ndc.is_valid:
        return None
    lines = list(claim.lines)
    lines[index] = msgspec.structs.replace(line, drug=msgspec.structs.replace(line.drug, ndc=str(ndc)))
    return msgspec.structs.replace(claim, lines=tuple(lines))


@edit(
    "LIN13",
    REJECT,
    says="NDC {0} {1}",
    fix="Correct the NDC: 11 digits, 5-4-2 without hyphens, of the package that was used",
    cites=[FRONT_END("Clearinghouse edits", "2410 LIN03"), TR3(GUIDE, "2410 LIN03"), CROSSWALK],
    uses=("drugs",),
    mends=as_billed,
)
def ndc_is_the_drugs(claim: Claim, facts: Facts) -> Hits:
    for path, line, drug in _drug_lines(claim):
        if not Ndc(drug.ndc).is_valid:
            yield f"{path}.ndc", drug.ndc, "has not 11 digits"
        elif facts.drugs is not None and line.date_from is not None:
            if not facts.drugs.covers(line.date_from):
                yield Unanswered(f"{path}.ndc", f"the table of drugs that is loaded does not cover {line.date_from}")
                continue
            fault = _fault_of_ndc(facts.drugs, line, drug.ndc, line.date_from)
            if fault:
                yield f"{path}.ndc", hyphenated(drug.ndc), fault


@edit(
    "LIN14",
    REJECT,
    says="NDC {0}: {1}",
    fix="Add the quantity, above zero, and its unit: F2, GR, ME, ML or UN",
    cites=[TR3(GUIDE, "2410 CTP04 and CTP05")],
)
def ndc_has_quantity_and_unit(claim: Claim, facts: Facts) -> Hits:
    for path, _, drug in _drug_lines(claim):
        if drug.quantity is None or drug.quantity <= 0:
            told = "no quantity" if drug.quantity is None else f"quantity {drug.quantity}"
            yield f"{path}.quantity", hyphenated(drug.ndc), told
        if drug.unit not in NDC_UNITS:
            yield f"{path}.unit", hyphenated(drug.ndc), f"unit {drug.unit}" if drug.unit else "no unit"


@edit(
    "LIN15",
    REJECT,
    says="{0} comes in single doses, and the line says neither JW nor JZ",
    fix="Add JW, on a line of its own with the units discarded, or JZ on the line where nothing was",
    cites=[
        CMS("Medicare Claims Processing Manual 100-04", "chapter 17, 40 discarded drugs, JW and JZ"),
        CMS("42 USC 1395w-3a(h)", "refund for discarded amounts of single-dose drugs"),
    ],
    needs=("payer", "drugs"),
)
def single_dose_tells_its_waste(claim: Claim, facts: Facts) -> Hits:
    if facts.payer is None or facts.drugs is None or not facts.payer.requires_waste_modifier:
        return
    for index, line in enumerate(claim.lines):
        on = line.date_from
        if on is None or on < WASTE_REPORTING_REQUIRED_FROM or not facts.drugs.knows_hcpcs(line.procedure_code):
            continue
        if WASTE in line.modifiers or NO_WASTE in line.modifiers or traits(line.procedure_code).vaccines:
            continue  # preventive vaccines are not among the drugs whose waste is told
        path = f"lines[{index}].modifiers"
        if not facts.drugs.covers(on):
            yield Unanswered(path, f"the table of drugs that is loaded does not cover {on}")
        elif facts.drugs.is_single_dose(line.procedure_code, on, _ndc_of(line)) and not _wasted_beside(claim, line):
            yield path, line.procedure_code


def _ndc_of(line: Line) -> str:
    return line.drug.ndc if line.drug is not None and line.drug.qualifier == NATIONAL_DRUG_CODE else ""


def _wasted_beside(claim: Claim, line: Line) -> bool:
    """Whether a JW line of the same drug and day stands beside it: the line of what was given needs no JZ then."""
    for other in claim.lines:
        same = other.procedure_code == line.procedure_code and other.date_from == line.date_from
        if same and other is not line and WASTE in other.modifiers:
            return True
    return False


@edit(
    "LIN16",
    HOLD,
    says="{0}: {1} units do not fit NDC quantity {2} {3}; {4}",
    fix="Recalculate the units or the quantity",
    cites=[PAYER("Payer billing manual", "NDC quantity and HCPCS units"), CROSSWALK],
    needs=("drugs",),
)
def quantity_fits_the_units(claim: Claim, facts: Facts) -> Hits:
    drugs = facts.drugs
    if drugs is None:
        return
    for path, line, drug in _drug_lines(claim):
        on, quantity = line.date_from, drug.quantity
        if on is None or quantity is None or quantity <= 0:
            continue
        if not drugs.covers(on):
            yield Unanswered(f"{path}.quantity", f"the table of drugs that is loaded does not cover {on}")
            continue
        row = drugs.row(line.procedure_code, drug.ndc, on)
        if row is None:
            continue  # not known, or LIN13's
        if row.unit and drug.unit and row.unit != drug.unit:
            told = f"this NDC is counted in {row.unit}"
        elif not row.units_agree(line.units, quantity):
            right = row.quantity_of(line.units).normalize()
            told = f"{line.units.normalize():f} units are {right:f} {row.unit}".rstrip()
        else:
            continue
        yield f"{path}.quantity", line.procedure_code, line.units, quantity, drug.unit or "(no unit)", told


EDITS = (
    drug_has_its_ndc,
    ndc_is_the_drugs,
    ndc_has_quantity_and_unit,
    single_dose_tells_its_waste,
    quantity_fits_the_units,
)
