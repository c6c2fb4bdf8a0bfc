"""Claim to 837D, 005010X224A2."""

from __future__ import annotations

from claimwright.claims.dental import Dental, DentalLine
from claimwright.claims.nouns import Claim, Line
from claimwright.claims.positions.dental import GUIDE, LINE_DATES
from claimwright.claims.to_x12.claim_writer import ClaimWriter, line_procedure, same_person
from claimwright.claims.to_x12.parties import Code, Words

TOOTH_CODES = "JP"  # the universal national tooth designation


NO_FACTS, NO_LINE_FACTS = Dental(), DentalLine()


class DentalWriter(ClaimWriter):
    """One method for each loop or group of segments. SBR05 has no place in this guide, and PAT only the relationship."""

    guide = GUIDE
    carries_insurance_type = False
    billing_ids = ("0B", "1G")

    def claim(self, claim: Claim) -> None:
        facts = claim.dental or NO_FACTS
        self.head(claim, facts)
        self.day("439", claim.accident_date)
        self.day("452", facts.appliance_placement_date)
        self.days("472", facts.service_from, facts.service_through)
        if claim.repricing is not None:
            self.day("050", claim.repricing.received_date)
        self.orthodontics(facts)
        for tooth in facts.tooth_statuses:
            self.add("DN2", Code(tooth.number), tooth.status, "", "", "", TOOTH_CODES)
        self.attachments(claim.attachments)
        self.contract(claim.obligated_amount, claim.contract)
        self.money("F5", claim.patient_paid)
        self.claim_references(claim, facts)
        self.information(claim.file_information)
        if claim.note:
            self.add("NTE", claim.note_code, Words(claim.note))
        for note in claim.further_notes:
            self.add("NTE", note.code, Words(note.text))
        if claim.diagnoses:
            coded = zip(("ABK", *("ABF" for _ in claim.diagnoses)), claim.diagnoses, strict=False)
            self.coded([(one.qualifier or default, Code(one.code)) for default, one in coded])
        self.repricing(claim.repricing)
        self.claim_providers(claim, facts)
        self.other_subscribers(claim)
        for line in claim.lines:
            self.line(line, claim)

    def head(self, claim: Claim, facts: Dental) -> None:
        coverage = claim.coverage
        causes = [*claim.causes, "", "", ""][:3]
        accident = (*causes, Code(claim.accident_state), Code(claim.accident_country))
        self.add(
            "CLM",
            claim.control_number,
            claim.total_charge,
            "",
            "",
            (claim.place_of_service, "B", claim.frequency),
            claim.provider_signature,
            coverage.accepts_assignment,
            coverage.benefits_assigned,
            coverage.release_of_information,
            "",
            accident if claim.causes or claim.accident_state else "",
            claim.special_program,
            *("" for _ in range(6)),
            "PB" if facts.predetermination else "",
            claim.delay_reason,
        )

    def orthodontics(self, facts: Dental) -> None:
        months = (facts.orthodontic_months_total, facts.orthodontic_months_remaining)
        if facts.orthodontic or months != (None, None):
            self.add("DN1", *months, "", "Y" if facts.orthodontic else "")

    def claim_references(self, claim: Claim, facts: Dental) -> None:
        self.reference("G3", facts.predetermination_number)
        self.reference("4N", claim.service_exception)
        self.reference("F8", claim.payer_claim_number)
        self.reference("9F", claim.referral)
        self.reference("G1", claim.prior_authorization)
        self.repricing_references(claim.repricing, of_claim=True)
        self.reference("D9", claim.clearinghouse_trace)

    def claim_providers(self, claim: Claim, facts: Dental) -> None:
        if claim.referring is not None:
            self.provider("DN", claim.referring, taxonomy="RF")
        if facts.primary_care is not None:
            self.provider("P3", facts.primary_care, taxonomy="RF")
        if claim.rendering is not None and not same_person(claim.rendering, claim.billing_provider):
            self.provider("82", claim.rendering, taxonomy="PE")
        if claim.facility is not None:
            self.provider("77", claim.facility, addressed=True)
        if facts.assistant_surgeon is not None:
            self.provider("DD", facts.assistant_surgeon, taxonomy="AS")
        if claim.supervising is not None:
            self.provider("DQ", claim.supervising)

    def line(self, line: Line, claim: Claim) -> None:
        facts = line.dental or NO_LINE_FACTS
        self.add("LX", line.number)
        self.service(line, claim, facts)
        for tooth in facts.teeth:
            self.add("TOO", TOOTH_CODES, Code(tooth.number), tooth.surfaces)
        self.days("472", line.date_from, line.date_to)
        self.day("139" if facts.prior_placement_is_estimated else "441", facts.prior_placement_date)
        for qualifier, field in LINE_DATES.items():
            self.day(qualifier, getattr(facts, field))
        self.contract(line.obligated_amount, line.contract)
        self.reference("G3", facts.predetermination_number)
        self.reference("G1", line.prior_authorization)
        self.repricing_references(line.repricing, of_claim=False)
        self.reference("6R", line.control_number)
        self.reference("9F", line.referral)
        self.line_references(line)
        self.money("T", line.sales_tax)
        self.information(line.file_information)
        self.repricing(line.repricing)
        self.line_providers(line, claim, facts)
        for adjudication in line.adjudications:
            self.adjudication(adjudication)

    def service(self, line: Line, claim: Claim, facts: DentalLine) -> None:
        self.add(
            "SV3",
            line_procedure(line),
            line.charge,
            line.place_of_service if line.place_of_service != claim.place_of_service else "",
            facts.oral_cavity_areas,
            facts.prosthesis,
            line.units,
            "",
            "",
            "",
            "",
            line.diagnosis_pointers,
        )

    def line_providers(self, line: Line, claim: Claim, facts: DentalLine) -> None:
        """2420: only what differs from the claim's."""
        own = claim.dental or NO_FACTS
        rendering = claim.rendering or claim.billing_provider
        if line.rendering is not None and not same_person(line.rendering, rendering):
            self.provider("82", line.rendering, taxonomy="PE")
        if facts.assistant_surgeon is not None and facts.assistant_surgeon != own.assistant_surgeon:
            self.provider("DD", facts.assistant_surgeon, taxonomy="AS")
        if line.supervising is not None and line.supervising != claim.supervising:
            self.provider("DQ", line.supervising)
        if line.facility is not None and line.facility != claim.facility:
            self.provider("77", line.facility, addressed=True)
