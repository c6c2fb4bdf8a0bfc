"""837I to claims: 005010X223 and its errata, and 4010 (X096) as far as its loops are alike. Never raises."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from claimwright.claims.from_x12.claim_levels import ClaimReader, Coded
from claimwright.claims.institutional import (
    IcdProcedure,
    InpatientAdjudication,
    Institutional,
    InstitutionalLine,
    Occurrence,
    OccurrenceSpan,
    OutpatientAdjudication,
    ValueAmount,
)
from claimwright.claims.positions.institutional import GUIDE, INPATIENT_NUMBERS, INPATIENT_REMARKS, OUTPATIENT_NUMBERS
from claimwright.codes.money import CENT
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment

CLOCK = slice(8, 12)  # HHMM of a DT

StayTimes = tuple[Segment | None, Segment | None]  # DTP*435, DTP*096


class InstitutionalReader(ClaimReader):
    kind = "I"
    guide_id = GUIDE

    def own_claim(self, loop: Loop, head: Segment, coded: Coded) -> dict[str, Any]:
        admission, discharge = self.first(loop, "DTP", "435"), self.first(loop, "DTP", "096")
        notes = self.notes(loop)
        billing_note = next((note for note in notes if note.code == "ADD"), None)
        return {
            "admission_date": self.day(admission, 3),
            "discharge_date": self.day(discharge, 3) if discharge is not None and discharge[2] != "TM" else None,
            "accident_state": self.reference(loop, "LU"),
            "device_exemptions": tuple(segment[2].strip() for segment in self.all(loop, "REF", "LX")),
            "note": billing_note.text if billing_note else "",
            "further_notes": tuple(note for note in notes if note is not billing_note),
            "condition_codes": self.codes(coded, "BG"),
            "condition_indicators": self.conditions(self.all(loop, "CRC", "ZZ")),
            **self.contracted(loop),
            "institutional": self.institutional(loop, head, coded, (admission, discharge)),
        }

    def institutional(self, loop: Loop, head: Segment, coded: Coded, stay_times: StayTimes) -> Institutional:
        statement, stay = self.first(loop, "DTP", "434"), self.first(loop, "CL1")
        first_day, last_day = self.span(statement)
        admitting = self.diagnoses(coded, "ABJ", "BJ")
        return Institutional(
            facility_type=head.component(5, 1),
            statement_from=first_day,
            statement_through=last_day or first_day,
            admission_time=clock_of(stay_times[0]),
            discharge_time=clock_of(stay_times[1]),
            admission_type=stay[1].strip() if stay else "",
            admission_source=stay[2].strip() if stay else "",
            patient_status=stay[3].strip() if stay else "",
            drg=next(iter(self.codes(coded, "DR")), ""),
            admitting_diagnosis=admitting[0] if admitting else None,
            visit_reasons=self.diagnoses(coded, "APR", "PR", "ZZ"),
            external_causes=self.diagnoses(coded, "ABN", "BN"),
            principal_procedure=next(iter(self.listed(coded, self.icd_procedure, "BBR", "BR", "CAH", "BP")), None),
            other_procedures=self.listed(coded, self.icd_procedure, "BBQ", "BQ", "BO"),
            occurrences=self.listed(coded, self.occurrence, "BH"),
            occurrence_spans=self.listed(coded, self.occurrence_span, "BI"),
            values=self.listed(coded, self.value_amount, "BE"),
            treatment_codes=self.codes(coded, "TC"),
            estimated_amount_due=self.money(loop, "F3"),
            peer_review_authorization=self.reference(loop, "G4"),
            attending=self.provider_below(loop, "71"),
            operating=self.provider_below(loop, "72"),
            other_operating=self.provider_below(loop, "ZZ", "73"),
        )

    def listed(self, coded: Coded, read: Callable[[Segment, int], Any], *qualifiers: str) -> tuple[Any, ...]:
        places = [place for qualifier in qualifiers for place in coded.pop(qualifier, ())]
        return tuple(read(segment, at) for segment, at in places)

    def icd_procedure(self, segment: Segment, at: int) -> IcdProcedure:
        return IcdProcedure(
            code=segment.component(at, 2).strip().replace(".", ""),
            qualifier=segment.component(at, 1),
            performed=self.day_at(segment, at, 4),
        )

    def occurrence(self, segment: Segment, at: int) -> Occurrence:
        return Occurrence(code=segment.component(at, 2).strip(), on=self.day_at(segment, at, 4))

    def occurrence_span(self, segment: Segment, at: int) -> OccurrenceSpan:
        start, end = self.days_at(segment, at, 4)
        return OccurrenceSpan(code=segment.component(at, 2).strip(), start=start, end=end)

    def value_amount(self, segment: Segment, at: int) -> ValueAmount:
        amount = self.number_at(segment, at, 5) or Decimal(0)
        exponent = amount.as_tuple().exponent
        fits = isinstance(exponent, int) and exponent >= -2
        return ValueAmount(code=segment.component(at, 2).strip(), amount=amount.quantize(CENT) if fits else amount)

    def adjudication_details(self, loop: Loop, moa: Segment | None) -> dict[str, Any]:
        mia = self.first(loop, "MIA")
        inpatient = outpatient = None
        if mia is not None:
            numbers = {field: self.number_at(mia, at) for field, at in INPATIENT_NUMBERS.items()}
            remarks = tuple(code for at in INPATIENT_REMARKS if (code := mia[at].strip()))
            inpatient = InpatientAdjudication(**numbers, remarks=remarks)
        if moa is not None and any(moa[at].strip() for at in OUTPATIENT_NUMBERS.values()):
            outpatient = OutpatientAdjudication(
                **{field: self.number_at(moa, at) for field, at in OUTPATIENT_NUMBERS.items()}
            )
        return {"inpatient": inpatient, "outpatient": outpatient}

    def service(self, service: Segment) -> dict[str, Any]:
        units = self.quantity(service, 5)
        return {
            **self.procedure(service, 2),
            "revenue_code": service[1].strip(),
            "charge": self.amount(service, 3),
            "unit_basis": service[4].strip(),
            "units": units if units is not None else Decimal(0),
            "non_covered_amount": self.optional_amount(service, 7),
        }

    def own_line(self, loop: Loop) -> dict[str, Any]:
        note = self.first(loop, "NTE", "TPO")
        own = InstitutionalLine(
            rate=self.number_at(loop.first("SV2"), 6),
            service_tax=self.money(loop, "GT"),
            facility_tax=self.money(loop, "N8"),
            operating=self.provider_below(loop, "72"),
            other_operating=self.provider_below(loop, "ZZ", "73"),
        )
        return {
            "third_party_note": note.text_of(2).strip() if note else "",
            "institutional": own if own != InstitutionalLine() else None,
        }


def clock_of(segment: Segment | None) -> str:
    """HHMM of a TM or DT."""
    if segment is None or segment[2] not in ("TM", "DT"):
        return ""
    value = segment[3].strip()
    return value if segment[2] == "TM" else value[CLOCK]
