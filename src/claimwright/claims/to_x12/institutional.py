"""Claim to 837I, 005010X223A2."""

from __future__ import annotations

from claimwright.claims.institutional import IcdProcedure, InpatientAdjudication, Institutional, InstitutionalLine
from claimwright.claims.nouns import Claim, Diagnosis, Line, PriorPayment
from claimwright.claims.positions.institutional import GUIDE, INPATIENT_NUMBERS, INPATIENT_REMARKS, OUTPATIENT_NUMBERS
from claimwright.claims.to_x12.claim_writer import ClaimWriter, line_procedure
from claimwright.claims.to_x12.parties import Code, Part, Words
from claimwright.x12.writer import Element

INPATIENT_ELEMENTS = 24
OUTPATIENT_ELEMENTS, FIRST_OUTPATIENT_REMARK = 9, 3
CONDITIONS, EXTERNAL = "BG", "ABN"

NO_FACTS, NO_LINE_FACTS = Institutional(), InstitutionalLine()


class InstitutionalWriter(ClaimWriter):
    """One method for each loop or group of segments. SBR05, CLM06 and PAT have no place in this guide."""

    guide = GUIDE
    carries_insurance_type = False
    billing_ids = ()

    def claim(self, claim: Claim) -> None:
        facts = claim.institutional or NO_FACTS
        self.head(claim, facts)
        self.claim_dates(claim, facts)
        self.add("CL1", facts.admission_type, facts.admission_source, facts.patient_status)
        self.attachments(claim.attachments)
        self.contract(claim.obligated_amount, claim.contract)
        self.money("F3", facts.estimated_amount_due)
        self.claim_references(claim, facts)
        self.information(claim.file_information)
        for note in claim.further_notes:
            self.add("NTE", note.code, Words(note.text))
        if claim.note:
            self.add("NTE", "ADD", Words(claim.note))
        self.conditions(claim.condition_indicators)
        self.claim_diagnoses(claim, facts)
        self.claim_codes(claim, facts)
        self.repricing(claim.repricing)
        self.claim_providers(claim, facts)
        self.other_subscribers(claim)
        for line in claim.lines:
            self.line(line, claim)

    def head(self, claim: Claim, facts: Institutional) -> None:
        coverage = claim.coverage
        self.add(
            "CLM",
            claim.control_number,
            claim.total_charge,
            "",
            "",
            (Code(facts.facility_type), "A", claim.frequency),
            "",
            coverage.accepts_assignment,
            coverage.benefits_assigned,
            coverage.release_of_information,
            *("" for _ in range(10)),
            claim.delay_reason,
        )

    def claim_dates(self, claim: Claim, facts: Institutional) -> None:
        if facts.discharge_time:
            self.add("DTP", "096", "TM", facts.discharge_time)
        start, end = facts.statement_from, facts.statement_through or facts.statement_from
        if start is not None and end is not None:
            self.add("DTP", "434", "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}")
        admitted = claim.admission_date
        if admitted is not None and facts.admission_time:
            self.add("DTP", "435", "DT", f"{admitted:%Y%m%d}{facts.admission_time}")
        else:
            self.day("435", admitted)
        if claim.repricing is not None:
            self.day("050", claim.repricing.received_date)

    def claim_references(self, claim: Claim, facts: Institutional) -> None:
        self.reference("4N", claim.service_exception)
        self.reference("9F", claim.referral)
        self.reference("G1", claim.prior_authorization)
        self.reference("F8", claim.payer_claim_number)
        self.repricing_references(claim.repricing, of_claim=True)
        for exemption in claim.device_exemptions:
            self.reference("LX", exemption)
        self.reference("D9", claim.clearinghouse_trace)
        self.reference("LU", claim.accident_state)
        self.reference("EA", claim.patient.record_number)
        self.reference("P4", claim.demonstration)
        self.reference("G4", facts.peer_review_authorization)

    def claim_diagnoses(self, claim: Claim, facts: Institutional) -> None:
        """Each kind of diagnosis has its own HI; the principal one stands alone."""
        principal, others = claim.diagnoses[:1], claim.diagnoses[1:]
        self.coded([diagnosis(one, "ABK") for one in principal])
        if facts.admitting_diagnosis is not None:
            self.coded([diagnosis(facts.admitting_diagnosis, "ABJ")])
        self.coded([diagnosis(one, "APR") for one in facts.visit_reasons])
        self.coded([diagnosis(one, EXTERNAL) for one in facts.external_causes])
        if facts.drg:
            self.coded([("DR", Code(facts.drg))])
        self.coded([diagnosis(one, "ABF") for one in others])

    def claim_codes(self, claim: Claim, facts: Institutional) -> None:
        if facts.principal_procedure is not None:
            self.coded([icd_procedure(facts.principal_procedure, "BBR")])
        self.coded([icd_procedure(one, "BBQ") for one in facts.other_procedures])
        spans = [(one.code, f"{one.start or ''}-{one.end or ''}".replace("-", "")) for one in facts.occurrence_spans]
        self.coded([("BI", Code(code), "RD8", f"{days[:8]}-{days[8:]}") for code, days in spans])
        self.coded([("BH", Code(one.code), "D8", _day(one.on)) for one in facts.occurrences])
        self.coded([("BE", Code(one.code), "", "", one.amount) for one in facts.values])
        self.coded([(CONDITIONS, Code(code)) for code in claim.condition_codes])
        self.coded([("TC", Code(code)) for code in facts.treatment_codes])

    def claim_providers(self, claim: Claim, facts: Institutional) -> None:
        if facts.attending is not None:
            self.provider("71", facts.attending, taxonomy="AT")
        if facts.operating is not None:
            self.provider("72", facts.operating)
        if facts.other_operating is not None:
            self.provider("ZZ", facts.other_operating)
        if claim.rendering is not None and claim.rendering != facts.attending:
            self.provider("82", claim.rendering)
        if claim.facility is not None:
            self.provider("77", claim.facility, addressed=True)
        if claim.referring is not None:
            self.provider("DN", claim.referring)

    def adjudication_details(self, prior: PriorPayment) -> None:
        if prior.inpatient is not None:
            self.inpatient(prior.inpatient)
        outpatient = prior.outpatient
        if prior.remarks or outpatient is not None:
            elements: list[Element] = [""] * OUTPATIENT_ELEMENTS
            for at, remark in enumerate(prior.remarks, FIRST_OUTPATIENT_REMARK - 1):
                elements[at] = remark
            if outpatient is not None:
                for field, at in OUTPATIENT_NUMBERS.items():
                    elements[at - 1] = getattr(outpatient, field)
            self.add("MOA", *elements)

    def inpatient(self, adjudication: InpatientAdjudication) -> None:
        elements: list[Element] = [""] * INPATIENT_ELEMENTS
        for field, at in INPATIENT_NUMBERS.items():
            elements[at - 1] = getattr(adjudication, field)
        for at, remark in zip(INPATIENT_REMARKS, adjudication.remarks, strict=False):
            elements[at - 1] = remark
        self.add("MIA", *elements)

    def line(self, line: Line, claim: Claim) -> None:
        facts = line.institutional or NO_LINE_FACTS
        self.add("LX", line.number)
        self.add(
            "SV2",
            Code(line.revenue_code),
            line_procedure(line),
            line.charge,
            line.unit_basis,
            line.units,
            "",
            line.non_covered_amount,
        )
        self.attachments(line.attachments)
        self.days("472", line.date_from, line.date_to)
        self.reference("6R", line.control_number)
        self.repricing_references(line.repricing, of_claim=False)
        self.money("GT", facts.service_tax)
        self.money("N8", facts.facility_tax)
        if line.third_party_note:
            self.add("NTE", "TPO", Words(line.third_party_note))
        self.repricing(line.repricing)
        self.drug(line.drug)
        self.line_providers(line, claim, facts)
        for adjudication in line.adjudications:
            self.adjudication(adjudication)

    def line_providers(self, line: Line, claim: Claim, facts: InstitutionalLine) -> None:
        """2420: only what differs from the claim's."""
        own = claim.institutional or NO_FACTS
        if facts.operating is not None and facts.operating != own.operating:
            self.provider("72", facts.operating)
        if facts.other_operating is not None and facts.other_operating != own.other_operating:
            self.provider("ZZ", facts.other_operating)
        if line.rendering is not None and line.rendering not in (claim.rendering, own.attending):
            self.provider("82", line.rendering)
        if line.referring is not None and line.referring != claim.referring:
            self.provider("DN", line.referring)


def diagnosis(noun: Diagnosis, qualifier: str) -> Part:
    """A HI composite; present on admission is its ninth component."""
    return (noun.qualifier or qualifier, Code(noun.code), *("" for _ in range(6)), noun.present_on_admission)


def icd_procedure(noun: IcdProcedure, qualifier: str) -> Part:
    dated = ("D8", _day(noun.performed)) if noun.performed is not None else ()
    return (noun.qualifier or qualifier, Code(noun.code), *dated)


def _day(on: object) -> str:
    return str(on).replace("-", "") if on is not None else ""
