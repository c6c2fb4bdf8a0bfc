"""How many claims a second the whole catalogue checks, on one core: python -m bench.edits"""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import Address, Claim, Coverage, Diagnosis, Line, Patient, Payer, Provider
from claimwright.codes.code_sets import shipped
from claimwright.edits.catalogue import CATALOGUE
from claimwright.edits.engine import run as run_edits
from claimwright.edits.facts import Facts, Practice, PracticeIdentifier, Price, charge_master_by_code
from claimwright.edits.payers.commercial import COMMERCIAL

CLAIMS = 2_000
LINES = 6


def a_claim(number: int) -> Claim:
    """A clean claim of six lines."""
    address = Address(line1="400 MAIN ST", city="MADISON", state="WI", postal_code="537031234")
    billing = Provider(
        npi="1000000004", is_organization=True, last_name="LAKESIDE", tax_id="391234567", address=address
    )
    lines = tuple(
        Line(
            number=index + 1,
            control_number=f"L{number}-{index}",
            procedure_code=f"{90000 + index}",
            charge=Decimal("25.00"),
            diagnosis_pointers=(1, 2),
            date_from=date(2026, 8, 31),
        )
        for index in range(LINES)
    )
    return Claim(
        control_number=f"CW{number}",
        patient=Patient(last_name="TESTER", first_name="ANNA", birth_date=date(1980, 5, 17), sex="F", address=address),
        coverage=Coverage(payer=Payer(payer_id="COMMERCIAL", filing_indicator="CI"), member_id=f"W{number:08d}"),
        billing_provider=billing,
        rendering=Provider(npi="1234567893", last_name="HALVORSEN", first_name="INGRID"),
        place_of_service="11",
        total_charge=Decimal("25.00") * LINES,
        diagnoses=(Diagnosis(code="J069", qualifier="ABK"), Diagnosis(code="E119", qualifier="ABF")),
        lines=lines,
    )


def run(count: int = CLAIMS) -> float:
    """Prints and returns claims a second."""
    prices = charge_master_by_code(Price(code=f"{90000 + index}") for index in range(LINES))
    identifiers = (
        PracticeIdentifier(kind="npi", value="1000000004"),
        PracticeIdentifier(kind="tin", value="391234567"),
    )
    facts = Facts(
        today=date(2026, 9, 8),
        code_sets=shipped(),
        payer=COMMERCIAL,
        practice=Practice(identifiers=identifiers),
        charge_master=prices,
        prior_claims=(),
        control_numbers=(),
        coverages=(),
    )
    claims = [a_claim(number) for number in range(count)]
    found = len(run_edits(claims[0], facts))  # reads the code sets
    begin = time.perf_counter()
    for claim in claims:
        found += len(run_edits(claim, facts))
    seconds = time.perf_counter() - begin
    print(f"{len(CATALOGUE)} edits, {count} claims of {LINES} lines: {count / seconds:,.0f} claims/s, {found} findings")
    return count / seconds


if __name__ == "__main__":
    run()
