"""Claims with something in every box; `python -m tests.unit.documents.paper_claims` writes the expected boxes anew."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from claimwright.claims.institutional import IcdProcedure, Occurrence, OccurrenceSpan, ValueAmount
from claimwright.claims.nouns import (
    Address,
    AttachmentReference,
    Claim,
    Diagnosis,
    Drug,
    Line,
    Person,
    PriorPayment,
    Provider,
)
from claimwright.claims.professional import Professional, ProfessionalLine
from claimwright.documents.claim_forms import form_boxes
from tests.lib.builders import (
    COMMERCIAL,
    HOME,
    MEDICAID,
    MEDICARE,
    SECOND_COMMERCIAL,
    a_claim,
    a_coverage,
    a_line,
    a_patient,
    a_referring_provider,
    a_secondary_claim,
)
from tests.lib.kind_builders import an_inpatient_claim, an_institutional_line

BOXES = Path(__file__).parent / "boxes"
TWELVE = ("J06.9", "I10", "E119", "S72001A", "R509", "Z23", "M545", "K219", "F329", "N179", "G43909", "T7840XA")
OVERFLOWING = ("11", "A1", "A2", "A3", "01", "02", "03", "04", "05")
CONDITIONS = ("C5", "09", "39", "40", "41", "42", "43", "44", "45", "46", "47")
EIGHTEEN = (*TWELVE, "J449", "I5020", "D649", "E785", "I2510", "N183")


def _replace(noun: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(noun, **changes)


def _service(number: int, code: str, charge: str, **more: Any) -> Line:
    return a_line(
        number=number, control_number=f"L{number}", procedure_code=code, charge=Decimal(charge),
        **({"diagnosis_pointers": (1,)} | more),
    )  # fmt: skip


def a_full_professional_claim() -> Claim:
    """Eight lines: two pages. A child under a parent's plan, hurt in a car, with a second plan behind."""
    drug = Drug(ndc="00026-0648-71", quantity=Decimal("4.500"), unit="ML")
    lines = (
        _service(1, "99213", "150.00", modifiers=("25",), diagnosis_pointers=(1, 2)),
        _service(2, "87880", "40.00", modifiers=("QW",), emergency=True, date_to=date(2026, 9, 1)),
        _service(3, "J1885", "1234.50", modifiers=("JZ", "59", "RT", "LT"), units=Decimal("4.500"), drug=drug,
                 diagnosis_pointers=(1, 2, 3, 4)),
        _service(4, "64999", "98765.43", note="nerve block, unlisted", diagnosis_pointers=(3,)),
        _service(5, "00840", "900.00", modifiers=("AA", "P2"), unit_basis="MJ", units=Decimal(135)),
        _service(6, "99392", "210.25", professional=ProfessionalLine(epsdt=True), diagnosis_pointers=(12,)),
        _service(7, "36415", "12.00"),
        _service(8, "80053", "55.10", modifiers=("90",),
                 professional=ProfessionalLine(purchased_service_amount=Decimal("30.05"))),
    )  # fmt: skip
    parent = Person(
        last_name="Tester-Müller", first_name="Anna", middle_name="Beatrice", suffix="Jr", birth_date=date(1980, 5, 17),
        sex="F", address=HOME, phone="608-555-0199",
    )  # fmt: skip
    own = _replace(
        COMMERCIAL, address=Address(line1="PO Box 1234", city="Madison", state="WI", postal_code="537011234")
    )
    return a_claim(
        patient=a_patient(
            first_name="Tim", middle_name="Quincy", birth_date=date(2018, 2, 3), sex="M", phone="6085550100"
        ),
        lines=lines,
        coverage=a_coverage(
            relationship="19", subscriber=parent, group_name="Lakeside Employees Plan", payer=own,
            property_claim_number="AUTO-99887",
        ),
        prior_payments=(
            PriorPayment(
                coverage=a_coverage(
                    sequence="S", payer=SECOND_COMMERCIAL, member_id="P7654321", group_number="G77", subscriber=parent,
                    relationship="19",
                ),
                adjudicated=False,
            ),
        ),
        diagnoses=tuple(
            Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(TWELVE)
        ),
        referring=a_referring_provider(secondary_ids=(("G2", "REF12345"),)),
        onset_date=date(2026, 8, 28),
        accident_date=date(2026, 8, 27),
        causes=("AA",),
        accident_state="WI",
        admission_date=date(2026, 8, 29),
        discharge_date=date(2026, 9, 1),
        patient_paid=Decimal("25.00"),
        prior_authorization="AUTH12345678",
        note="Seen after a collision",
        frequency="7",
        payer_claim_number="PCN778899",
        attachments=(AttachmentReference(report_type="OZ", transmission="EL", control_number="ACN1"),),
        condition_codes=("AB", "W2"),
        professional=Professional(disability_start=date(2026, 8, 28), disability_end=date(2026, 9, 15)),
        facility=Provider(
            is_organization=True, last_name="Lakeside Surgery Center", npi="1999999984",
            address=Address(line1="12 Harbor St., Suite 4", city="Madison", state="WI", postal_code="537031111"),
        ),
    )  # fmt: skip


def a_medicare_claim(**changes: Any) -> Claim:
    return a_claim(**({"coverage": a_coverage(payer=MEDICARE, member_id="1EG4TE5MK73", group_number="")} | changes))


def a_medicare_secondary_claim() -> Claim:
    claim = a_secondary_claim()
    return _replace(
        claim,
        coverage=_replace(claim.coverage, payer=MEDICARE, member_id="1EG4TE5MK73", insurance_type="12"),
        patient_paid=Decimal("10.00"),
    )


def _hospital_line(at: int) -> Line:
    return an_institutional_line(
        number=at, control_number=f"U{at}", revenue_code="0636" if at == 3 else "0300",
        procedure_code="80053" if at % 2 else "J1885", procedure_qualifier="HC",
        modifiers=("25", "59") if at == 5 else (), charge=Decimal("1234.50"), unit_basis="UN",
        units=Decimal("12.500") if at == 4 else Decimal(2), date_from=date(2026, 8, 4),
        non_covered_amount=Decimal("10.00") if at == 6 else None, description="" if at == 3 else "Laboratory panel",
        drug=Drug(ndc="00026064871", quantity=Decimal("1234.567"), unit="UN") if at == 3 else None,
    )  # fmt: skip


def a_full_institutional_claim(lines: int = 30) -> Claim:
    """A stay of thirty lines: two pages, three payers of which the second is billed, codes that overflow into 81."""
    claim = an_inpatient_claim()
    values = ("80 3.00", "A2 15.31", "01 1200.00", "06 3.00", "37 2.00", "38 0.00", "39 1.00", "54 3500.00", "50 1.00",
              "51 2.00", "52 3.00", "53 4.00")  # fmt: skip
    facts = _replace(
        claim.institutional,
        occurrences=tuple(Occurrence(code=code, on=date(2026, 8, 2)) for code in OVERFLOWING),
        occurrence_spans=tuple(
            OccurrenceSpan(code=code, start=date(2026, 8, 3), end=date(2026, 8, 6)) for code in ("70", "71", "72", "74")
        ),
        values=tuple(ValueAmount(code=text.split()[0], amount=Decimal(text.split()[1])) for text in values),
        external_causes=tuple(
            Diagnosis(code=code, qualifier="ABN", present_on_admission="Y") for code in ("W19XXXA", "Y92009", "Y9389")
        ),
        visit_reasons=tuple(Diagnosis(code=code, qualifier="APR") for code in ("R1031", "R509", "R110")),
        other_procedures=tuple(
            IcdProcedure(code=code, qualifier="BBQ", performed=date(2026, 8, 4))
            for code in ("0DTJ4ZZ", "0W3P8ZZ", "0DJ08ZZ", "3E0T3BZ", "4A023N7")
        ),
        other_operating=Provider(npi="1234567893", last_name="Halvorsen", first_name="Ingrid"),
    )
    services = (an_institutional_line(), *(_hospital_line(at) for at in range(2, lines + 1)))
    second = _replace(
        SECOND_COMMERCIAL, address=Address(line1="PO Box 9", city="Milwaukee", state="WI", postal_code="53201")
    )
    return _replace(
        claim,
        lines=services,
        institutional=facts,
        total_charge=sum((line.charge for line in services), Decimal("0.00")),
        diagnoses=tuple(
            Diagnosis(code=code, qualifier="ABF" if at else "ABK", present_on_admission="YN"[at % 2])
            for at, code in enumerate(EIGHTEEN)
        ),
        condition_codes=CONDITIONS,
        accident_state="WI",
        prior_authorization="AUTH123456",
        frequency="7",
        payer_claim_number="PCN7788990011",
        note="Surgery followed by observation after a fall at home, see records",
        pay_to_address=Address(line1="PO Box 77", city="Madison", state="WI", postal_code="537011234"),
        coverage=a_coverage(sequence="S", payer=second, group_name="Lakeside Plan"),
        prior_payments=(
            PriorPayment(
                coverage=a_coverage(group_name="Northern Group"), paid_amount=Decimal("12345.67"),
                payer_claim_number="ICN556677",
            ),
            PriorPayment(coverage=a_coverage(sequence="T", payer=MEDICAID), adjudicated=False),
        ),
    )  # fmt: skip


STORIES = {
    "cms1500-full": a_full_professional_claim,
    "cms1500-primary": a_claim,
    "cms1500-secondary": a_secondary_claim,
    "cms1500-medicare": a_medicare_claim,
    "cms1500-medicare-secondary": a_medicare_secondary_claim,
    "ub04-stay": an_inpatient_claim,
    "ub04-full": a_full_institutional_claim,
}


def expected(name: str) -> Path:
    return BOXES / f"{name}.json"


def as_json(claim: Claim) -> str:
    return json.dumps(form_boxes(claim), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    BOXES.mkdir(exist_ok=True)
    for story, make in STORIES.items():
        expected(story).write_text(as_json(make()))
