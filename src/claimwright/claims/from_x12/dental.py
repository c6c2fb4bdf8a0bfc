"""837D to claims: 005010X224 and its errata, and 4010 (X097) as far as its loops are alike. Never raises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from claimwright.claims.dental import Dental, DentalLine, Tooth, ToothStatus
from claimwright.claims.from_x12.claim_levels import ClaimReader, Coded
from claimwright.claims.from_x12.claim_reader import whole_number
from claimwright.claims.positions.dental import GUIDE, LINE_DATES
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment


class DentalReader(ClaimReader):
    kind = "D"
    guide_id = GUIDE

    def own_claim(self, loop: Loop, head: Segment, coded: Coded) -> dict[str, Any]:
        notes = self.notes(loop)
        return {
            **self.place_and_causes(head),
            "accident_date": self.dated(loop, "439"),
            "patient_paid": self.money(loop, "F5"),
            **self.contracted(loop),
            "note": notes[0].text if notes else "",
            "note_code": notes[0].code if notes else "ADD",
            "further_notes": tuple(notes[1:]),
            "dental": self.dental(loop, head),
        }

    def dental(self, loop: Loop, head: Segment) -> Dental:
        plan = self.first(loop, "DN1")
        service_from, service_through = self.span(self.first(loop, "DTP", "472"))
        return Dental(
            orthodontic=plan is not None and "Y" in (plan[3].strip(), plan[4].strip()),
            orthodontic_months_total=self.months(plan, 1),
            orthodontic_months_remaining=self.months(plan, 2),
            tooth_statuses=tuple(
                ToothStatus(number=segment[1].strip(), status=segment[2].strip()) for segment in self.all(loop, "DN2")
            ),
            appliance_placement_date=self.dated(loop, "452"),
            service_from=service_from,
            service_through=service_through,
            predetermination=head[19].strip() == "PB",
            predetermination_number=self.reference(loop, "G3"),
            primary_care=self.provider_below(loop, "P3"),
            assistant_surgeon=self.provider_below(loop, "DD"),
        )

    def months(self, plan: Segment | None, element: int) -> int | None:
        value = self.number_at(plan, element)
        return int(value) if value is not None else None

    def service(self, service: Segment) -> dict[str, Any]:
        units = self.quantity(service, 6)
        return {
            **self.procedure(service, 1),
            "charge": self.amount(service, 2),
            "place_of_service": service[3].strip(),
            "units": units if units is not None else Decimal(1),
            "diagnosis_pointers": tuple(whole_number(part) for part in service.components(11) if part),
        }

    def own_line(self, loop: Loop) -> dict[str, Any]:
        service = loop.first("SV3")
        areas = service.components(4) if service else []
        placed, estimated = self.dated(loop, "441"), self.dated(loop, "139")
        own = DentalLine(
            teeth=tuple(
                Tooth(number=segment[2].strip(), surfaces=tuple(part for part in segment.components(3) if part))
                for segment in self.all(loop, "TOO")
            ),
            oral_cavity_areas=tuple(area for area in areas if area),
            prosthesis=service[5].strip() if service else "",
            prior_placement_date=placed or estimated,
            prior_placement_is_estimated=placed is None and estimated is not None,
            **self.dates(loop, LINE_DATES),
            predetermination_number=self.reference(loop, "G3"),
            assistant_surgeon=self.provider_below(loop, "DD"),
        )
        return {
            **self.line_references(loop),
            **self.contracted(loop),
            "supervising": self.provider_below(loop, "DQ"),
            "facility": self.provider_below(loop, "77"),
            "sales_tax": self.money(loop, "T"),
            "file_information": self.information(loop),
            "dental": own if own != DentalLine() else None,
        }
