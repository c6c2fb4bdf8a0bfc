"""Mends: claims made right where there is one right way. Each is pure and gives a new claim, or None where it is not safe."""

from __future__ import annotations

import msgspec

from claimwright.claims.nouns import ZERO, Claim
from claimwright.edits.facts import Facts
from claimwright.edits.shapes import Finding

LONGEST_CONTROL_NUMBER = 30  # REF*6R of 005010X222A1


def recalculate_total(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """CLM02 as the sum of the lines. Not once another payer has decided on the total that was sent."""
    if any(prior.adjudicated for prior in claim.prior_payments):
        return None
    return msgspec.structs.replace(claim, total_charge=sum((line.charge for line in claim.lines), ZERO))


def remove_duplicate_diagnoses(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """Each diagnosis once, in the order given, and the pointers follow. Not where two of one code differ otherwise."""
    kept: list[int] = []  # old indexes
    new_place: dict[int, int] = {}  # pointer before -> pointer after
    for index, diagnosis in enumerate(claim.diagnoses):
        first = next((old for old in kept if claim.diagnoses[old].code == diagnosis.code), None)
        if first is None:
            kept.append(index)
            new_place[index + 1] = len(kept)
        elif msgspec.structs.replace(diagnosis, qualifier=claim.diagnoses[first].qualifier) != claim.diagnoses[first]:
            return None
        else:
            new_place[index + 1] = new_place[first + 1]
    lines = tuple(
        msgspec.structs.replace(
            line,
            diagnosis_pointers=tuple(
                dict.fromkeys(new_place.get(number, number) for number in line.diagnosis_pointers)
            ),
        )
        for line in claim.lines
    )
    return msgspec.structs.replace(claim, diagnoses=tuple(claim.diagnoses[index] for index in kept), lines=lines)


def renumber_lines(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """A control number of its own for each line that has an earlier one's. Not where a payer has decided by line."""
    if any(line.adjudications for line in claim.lines):
        return None
    taken = {line.control_number for line in claim.lines}
    seen: set[str] = set()
    lines = []
    for line in claim.lines:
        if line.control_number and line.control_number in seen:
            number = _free_number(claim.control_number, line.number, taken)
            taken.add(number)
            line = msgspec.structs.replace(line, control_number=number)
        seen.add(line.control_number)
        lines.append(line)
    return msgspec.structs.replace(claim, lines=tuple(lines))


def _free_number(claim_number: str, line_number: int, taken: set[str]) -> str:
    """The claim's number, which is unique, with the line's behind it."""
    tail = f"L{line_number}"
    while (number := claim_number[: LONGEST_CONTROL_NUMBER - len(tail)] + tail) in taken:
        tail += "X"
    return number


def leave_out_pay_to(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    return msgspec.structs.replace(claim, pay_to_address=None)


def leave_out_facility(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    return msgspec.structs.replace(claim, facility=None)


def leave_out_patient_payment(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    return msgspec.structs.replace(claim, patient_paid=None)


def set_filing_indicator(claim: Claim, facts: Facts, finding: Finding) -> Claim | None:
    """The payer's own indicator, where it has exactly one."""
    indicators = facts.payer.filing_indicators if facts.payer is not None else ()
    if len(indicators) != 1:
        return None
    payer = msgspec.structs.replace(claim.coverage.payer, filing_indicator=indicators[0])
    return msgspec.structs.replace(claim, coverage=msgspec.structs.replace(claim.coverage, payer=payer))
