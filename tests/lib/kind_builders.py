"""Whole, valid institutional and dental claims to start a test from; all people and payers are made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.dental import Dental, DentalLine, Tooth
from claimwright.claims.institutional import IcdProcedure, Institutional, Occurrence, OccurrenceSpan, ValueAmount
from claimwright.claims.nouns import Claim, Diagnosis, Line, Provider
from tests.lib.builders import a_billing_provider, a_claim, a_coverage, a_line

ATTENDING = Provider(npi="1245319599", last_name="ODELL", first_name="MARIA", taxonomy="207R00000X")
SURGEON = Provider(npi="1999999984", last_name="OKAFOR", first_name="DANIEL")
DENTIST = Provider(npi="1234567893", last_name="REED", first_name="PAULA", taxonomy="1223G0001X")


def an_institutional_line(**overrides: Any) -> Line:
    return msgspec.structs.replace(
        Line(
            number=1, control_number="L2001", revenue_code="0120", procedure_qualifier="", charge=Decimal("4200.00"),
            unit_basis="DA", units=Decimal(3),
        ),
        **overrides,
    )  # fmt: skip


def an_inpatient_claim(**overrides: Any) -> Claim:
    """A stay of three nights with one operation: bill type 0111, room and board, one surgery line."""
    surgery = an_institutional_line(
        number=2, control_number="L2002", revenue_code="0360", charge=Decimal("9000.00"), unit_basis="UN",
        units=Decimal(1), date_from=date(2026, 8, 4), non_covered_amount=Decimal("100.00"),
    )  # fmt: skip
    facts = Institutional(
        facility_type="11",
        statement_from=date(2026, 8, 3),
        statement_through=date(2026, 8, 6),
        admission_time="0830",
        discharge_time="1415",
        admission_type="3",
        admission_source="1",
        patient_status="01",
        drg="343",
        admitting_diagnosis=Diagnosis(code="R1031", qualifier="ABJ"),
        external_causes=(Diagnosis(code="W19XXXA", qualifier="ABN", present_on_admission="Y"),),
        principal_procedure=IcdProcedure(code="0DTJ4ZZ", qualifier="BBR", performed=date(2026, 8, 4)),
        occurrences=(Occurrence(code="11", on=date(2026, 8, 2)),),
        occurrence_spans=(OccurrenceSpan(code="70", start=date(2026, 8, 3), end=date(2026, 8, 6)),),
        values=(ValueAmount(code="80", amount=Decimal("3.00")), ValueAmount(code="A2", amount=Decimal("15.31"))),
        attending=ATTENDING,
        operating=SURGEON,
    )
    claim = Claim(
        control_number="CW2001",
        kind="I",
        patient=a_claim().patient,
        coverage=a_coverage(),
        billing_provider=a_billing_provider(taxonomy="282N00000X", last_name="LAKESIDE HOSPITAL"),
        total_charge=Decimal("13200.00"),
        admission_date=date(2026, 8, 3),
        diagnoses=(
            Diagnosis(code="K353", qualifier="ABK", present_on_admission="Y"),
            Diagnosis(code="I10", qualifier="ABF", present_on_admission="N"),
        ),
        condition_codes=("C5",),
        lines=(an_institutional_line(), surgery),
        institutional=facts,
    )
    return msgspec.structs.replace(claim, **overrides)


def a_dental_line(**overrides: Any) -> Line:
    return a_line(
        **{
            "control_number": "L3001", "procedure_code": "D2150", "procedure_qualifier": "AD", "diagnosis_pointers": (),
            "dental": DentalLine(teeth=(Tooth(number="12", surfaces=("M", "O")),)),
        } | overrides
    )  # fmt: skip


def a_dental_claim(**overrides: Any) -> Claim:
    """One filling of two surfaces."""
    lines = overrides.pop("lines", (a_dental_line(),))
    base = {
        "control_number": "CW3001", "kind": "D", "patient": a_claim().patient, "diagnoses": (), "rendering": DENTIST,
        "dental": Dental(), "lines": lines,
    }  # fmt: skip
    claim = a_claim(**(base | overrides))
    return msgspec.structs.replace(claim, patient=msgspec.structs.replace(claim.patient, record_number=""))
