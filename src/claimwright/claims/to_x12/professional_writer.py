"""The loops of an 837P, 005010X222A1, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from claimwright.claims.nouns import ZERO, Address, Claim, Line, Provider
from claimwright.claims.positions.professional import (
    CLAIM_DATES,
    EQUIPMENT_DATES,
    GUIDE,
    LINE_DATES,
    LINE_REFERENCES,
    PROFESSIONAL_DATES,
    PROFESSIONAL_REFERENCES,
)
from claimwright.claims.professional import Ambulance, Equipment, Form, Professional, ProfessionalLine
from claimwright.claims.to_x12.claim_writer import ClaimWriter, line_procedure, same_person
from claimwright.claims.to_x12.parties import Code, Part, Words

NO_FACTS, NO_LINE_FACTS, NO_TRANSPORT = Professional(), ProfessionalLine(), Ambulance()


class ProfessionalWriter(ClaimWriter):
    """One method for each loop or group of segments."""

    guide = GUIDE

    def patient_condition(self, claim: Claim) -> Sequence[Part]:
        facts, death = claim.professional or NO_FACTS, claim.patient.death_date
        weight = facts.patient_weight_pounds
        pregnant = "Y" if facts.pregnant else ""
        if death is None and weight is None and not pregnant:
            return ()
        return ("D8" if death else "", death, "01" if weight is not None else "", weight, pregnant)

    def patient_contact(self, claim: Claim) -> None:
        facts = claim.professional or NO_FACTS
        self.contact(
            Provider(
                contact_name=facts.patient_contact_name,
                phone=facts.patient_contact_phone,
                phone_extension=facts.patient_contact_extension,
            )
        )

    def own_patient_key(self, claim: Claim) -> tuple[object, ...]:
        facts = claim.professional or NO_FACTS
        return (
            facts.patient_weight_pounds,
            facts.pregnant,
            facts.patient_contact_name,
            facts.patient_contact_phone,
            facts.patient_contact_extension,
        )

    def claim(self, claim: Claim) -> None:
        facts = claim.professional or NO_FACTS
        self.head(claim)
        self.claim_dates(claim, facts)
        self.attachments(claim.attachments)
        self.contract(claim.obligated_amount, claim.contract)
        self.money("F5", claim.patient_paid)
        self.claim_references(claim, facts)
        self.information(claim.file_information)
        if claim.note:
            self.add("NTE", claim.note_code, Words(claim.note))
        if facts.ambulance is not None:
            self.transport(facts.ambulance)
        if facts.spine is not None:
            texts = (facts.spine.description, facts.spine.more_description)
            self.add("CR2", *[""] * 7, facts.spine.condition, "", *(Words(text) for text in texts))
        if facts.ambulance is not None:
            self.conditions(facts.ambulance.conditions)
        self.conditions(claim.condition_indicators)
        self.claim_codes(claim, facts)
        self.repricing(claim.repricing)
        self.claim_providers(claim, facts)
        self.other_subscribers(claim)
        for line in claim.lines:
            self.line(line, claim)

    def head(self, claim: Claim) -> None:
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
            claim.patient_signature,
            accident if claim.causes or claim.accident_state else "",
            claim.special_program,
            *("" for _ in range(7)),
            claim.delay_reason,
        )

    def claim_dates(self, claim: Claim, facts: Professional) -> None:
        for qualifier, field in CLAIM_DATES.items():
            self.day(qualifier, getattr(claim, field))
        for qualifier, field in PROFESSIONAL_DATES.items():
            self.day(qualifier, getattr(facts, field))
        self.disability(facts.disability_start, facts.disability_end)
        if claim.repricing is not None:
            self.day("050", claim.repricing.received_date)

    def disability(self, start: date | None, end: date | None) -> None:
        """314 with both days, 360 or 361 with the one that is known."""
        if start is not None and end is not None:
            self.add("DTP", "314", "RD8", f"{start:%Y%m%d}-{end:%Y%m%d}")
        else:
            self.day("360", start)
            self.day("361", end)

    def claim_references(self, claim: Claim, facts: Professional) -> None:
        self.reference("4N", claim.service_exception)
        for qualifier, value in (
            ("9F", claim.referral),
            ("G1", claim.prior_authorization),
            ("F8", claim.payer_claim_number),
            ("X4", claim.clia),
            ("D9", claim.clearinghouse_trace),
        ):
            self.reference(qualifier, value)
        for qualifier, field in PROFESSIONAL_REFERENCES.items():
            self.reference(qualifier, getattr(facts, field))
        self.repricing_references(claim.repricing, of_claim=True)
        for exemption in claim.device_exemptions:
            self.reference("LX", exemption)
        self.reference("EA", claim.patient.record_number)
        self.reference("P4", claim.demonstration)

    def claim_codes(self, claim: Claim, facts: Professional) -> None:
        if claim.diagnoses:
            coded = zip(("ABK", *("ABF" for _ in claim.diagnoses)), claim.diagnoses, strict=False)
            self.add("HI", *((diagnosis.qualifier or default, Code(diagnosis.code)) for default, diagnosis in coded))
        surgery = zip(("BP", "BO"), facts.anesthesia_procedures, strict=False)
        self.coded([(qualifier, Code(code)) for qualifier, code in surgery])
        self.coded([("BG", Code(code)) for code in claim.condition_codes])

    def transport(self, ambulance: Ambulance) -> None:
        """CR1, where there is more of the transport than its places."""
        if ambulance.reason or ambulance.miles is not None:
            weight = ambulance.patient_weight_pounds
            self.add(
                "CR1",
                "LB" if weight is not None else "",
                weight,
                "",
                ambulance.reason,
                "DH",
                ambulance.miles if ambulance.miles is not None else ZERO,
                "",
                "",
                Words(ambulance.round_trip_purpose),
                Words(ambulance.stretcher_purpose),
            )

    def places(self, ambulance: Ambulance | None) -> None:
        if ambulance is not None and ambulance.pick_up is not None:
            self.place("PW", "", ambulance.pick_up)
        if ambulance is not None and ambulance.drop_off is not None:
            self.place("45", ambulance.drop_off_name, ambulance.drop_off)

    def place(self, entity: str, name: str, address: Address) -> None:
        self.add("NM1", entity, "2", Words(name))
        self.address(address)

    def claim_providers(self, claim: Claim, facts: Professional) -> None:
        if claim.referring is not None:
            self.provider("DN", claim.referring)
        if facts.primary_care is not None:
            self.provider("P3", facts.primary_care)
        if claim.rendering is not None and not same_person(claim.rendering, claim.billing_provider):
            self.provider("82", claim.rendering, taxonomy="PE")
        if claim.facility is not None:
            self.provider("77", claim.facility, addressed=True)
            self.contact(claim.facility)
        if claim.supervising is not None:
            self.provider("DQ", claim.supervising)
        self.places(facts.ambulance)

    def line(self, line: Line, claim: Claim) -> None:
        facts = line.professional or NO_LINE_FACTS
        self.add("LX", line.number)
        self.service(line, claim, facts)
        if facts.equipment is not None:
            self.equipment(facts.equipment)
        self.attachments(line.attachments)
        ambulance = facts.ambulance or NO_TRANSPORT
        self.transport(ambulance)
        if facts.equipment is not None and facts.equipment.certification_type:
            self.add("CR3", facts.equipment.certification_type, "MO", facts.equipment.months)
        self.conditions(ambulance.conditions)
        self.conditions(facts.conditions)
        self.line_dates(line, facts)
        if ambulance.patients_carried is not None:
            self.add("QTY", "PT", ambulance.patients_carried)
        if facts.anesthesia_extra_units is not None:
            self.add("QTY", "FL", facts.anesthesia_extra_units)
        for test in facts.measurements:
            self.add("MEA", test.of, test.kind, test.value)
        self.contract(line.obligated_amount, line.contract)
        self.own_line_references(line, facts)
        self.money("T", line.sales_tax)
        self.money("F4", facts.postage)
        self.information(line.file_information)
        if line.note:
            self.add("NTE", line.note_code, Words(line.note))
        if line.third_party_note:
            self.add("NTE", "TPO", Words(line.third_party_note))
        if facts.purchased_service_id:
            self.add("PS1", Code(facts.purchased_service_id), facts.purchased_service_amount)
        self.repricing(line.repricing)
        self.drug(line.drug)
        self.line_providers(line, claim, facts)
        for adjudication in line.adjudications:
            self.adjudication(adjudication)
        for form in facts.forms:
            self.form(form)

    def service(self, line: Line, claim: Claim, facts: ProfessionalLine) -> None:
        self.add(
            "SV1",
            line_procedure(line),
            line.charge,
            line.unit_basis,
            line.units,
            line.place_of_service if line.place_of_service != claim.place_of_service else "",
            "",
            line.diagnosis_pointers,
            "",
            "Y" if line.emergency else "",
            "",
            "Y" if facts.epsdt else "",
            "Y" if facts.family_planning else "",
            "",
            "",
            "0" if facts.copay_exempt else "",
        )

    def equipment(self, equipment: Equipment) -> None:
        """SV5, where there is more of the equipment than its certificate."""
        if equipment.procedure_code:
            self.add(
                "SV5",
                ("HC", Code(equipment.procedure_code)),
                "DA",
                equipment.days,
                equipment.rental_price,
                equipment.purchase_price,
                equipment.rental_unit,
            )

    def line_dates(self, line: Line, facts: ProfessionalLine) -> None:
        self.days("472", line.date_from, line.date_to)
        for qualifier, field in LINE_DATES.items():
            self.day(qualifier, getattr(facts, field))
        if facts.equipment is not None:
            for qualifier, field in EQUIPMENT_DATES.items():
                self.day(qualifier, getattr(facts.equipment, field))

    def own_line_references(self, line: Line, facts: ProfessionalLine) -> None:
        self.repricing_references(line.repricing, of_claim=False)
        for qualifier, value in (
            ("G1", line.prior_authorization),
            ("6R", line.control_number),
            ("X4", line.clia),
            ("9F", line.referral),
        ):
            self.reference(qualifier, value)
        for qualifier, field in LINE_REFERENCES.items():
            self.reference(qualifier, getattr(facts, field))
        self.line_references(line)

    def line_providers(self, line: Line, claim: Claim, facts: ProfessionalLine) -> None:
        """2420: only what differs from the claim's. Ordering exists on the line only."""
        rendering = claim.rendering or claim.billing_provider
        if line.rendering is not None and not same_person(line.rendering, rendering):
            self.provider("82", line.rendering, taxonomy="PE")
        if facts.purchased_service_provider is not None:
            self.provider("QB", facts.purchased_service_provider)
        if line.facility is not None and line.facility != claim.facility:
            self.provider("77", line.facility, addressed=True)
        if line.supervising is not None and line.supervising != claim.supervising:
            self.provider("DQ", line.supervising)
        if line.ordering is not None:
            self.provider("DK", line.ordering, addressed=True)
            self.contact(line.ordering)
        if line.referring is not None and line.referring != claim.referring:
            self.provider("DN", line.referring)
        if facts.primary_care is not None:
            self.provider("P3", facts.primary_care)
        self.places(facts.ambulance)

    def form(self, form: Form) -> None:
        self.add("LQ", form.list_qualifier, Code(form.code))
        for answer in form.answers:
            self.add("FRM", answer.question, answer.yes_no, Words(answer.text), answer.on, answer.percent)
