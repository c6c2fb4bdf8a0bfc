"""837P to claims: 005010X222 and its errata, and 4010 (X098) as far as its loops are alike. Keeps going, never raises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from claimwright.claims.from_x12.claim_levels import (
    KIND_NAMES,
    ClaimReader,
    Coded,
    TransactionRead,
    problem_of,
    read_as,
)
from claimwright.claims.from_x12.claim_reader import ClaimRead, whole_number
from claimwright.claims.from_x12.kinds import kind_of
from claimwright.claims.positions.professional import (
    CLAIM_DATES,
    EQUIPMENT_DATES,
    GUIDE,
    LINE_DATES,
    LINE_REFERENCES,
    PROFESSIONAL_DATES,
    PROFESSIONAL_REFERENCES,
)
from claimwright.claims.professional import (
    Ambulance,
    Equipment,
    Form,
    FormAnswer,
    Measurement,
    Professional,
    ProfessionalLine,
    Spine,
)
from claimwright.x12 import loops, reader
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

ProfessionalRead = TransactionRead

__all__ = ["ClaimRead", "ProfessionalRead", "ProfessionalReader", "problem_of", "read_claims", "read_file"]

DISABILITY = ("314", "360", "361")  # from-to, start, end
SPINE_TEXTS = (10, 11)
ANESTHESIA = ("BP", "BO")
TRANSPORT = {"CR1", "QTY", "PW", "45"}  # segments, and NM101 of the two places


def read_file(data: bytes) -> list[ProfessionalRead]:
    """Every 837 transaction of a file; those that are not professional are refused with a fault."""
    return [read_claims(transaction) for transaction in reader.read(data).transactions() if transaction.set_id == "837"]


def read_claims(transaction: Transaction) -> ProfessionalRead:
    """The claims of one ST..SE in file order."""
    professional = ProfessionalReader()
    kind = kind_of(transaction)
    if kind == "P":
        return professional.read(transaction)
    says = f"These are {KIND_NAMES[kind]} claims"
    professional.fault("NOT-PROFESSIONAL", transaction.st, 3, says, "Send them to the intake of their kind")
    return read_as("P", transaction, loops.parse(transaction), [], professional.faults)


class ProfessionalReader(ClaimReader):
    kind = "P"
    guide_id = GUIDE

    def own_claim(self, loop: Loop, head: Segment, coded: Coded) -> dict[str, Any]:
        notes = self.notes(loop)
        transport = self.all(loop, "CRC", "07")
        exemption = self.reference(loop, "LX")
        return {
            **self.place_and_causes(head),
            **self.dates(loop, CLAIM_DATES),
            **self.contracted(loop),
            "patient_signature": head[10].strip(),
            "patient_paid": self.money(loop, "F5"),
            "clia": self.reference(loop, "X4"),
            "device_exemptions": (exemption,) if exemption else (),
            "note": " ".join(note.text for note in notes),
            "note_code": notes[0].code if notes else "ADD",
            "condition_codes": self.codes(coded, "BG"),
            "condition_indicators": self.conditions(s for s in self.all(loop, "CRC") if s[1] != "07"),
            "professional": self.professional(loop, coded, self.ambulance(loop, transport)),
        }

    def professional(self, loop: Loop, coded: Coded, ambulance: Ambulance | None) -> Professional | None:
        patient, subscriber = loop.ancestor("2000C"), loop.ancestor("2000B")
        condition = self.first(patient or subscriber, "PAT")
        names = patient.find("2010CA") if patient else subscriber.find("2010BA") if subscriber else None
        contact = self.contact(names)
        start, end = self.disability(loop)
        spine = self.first(loop, "CR2")
        found = Professional(
            **self.dates(loop, PROFESSIONAL_DATES),
            **self.named_references(loop, PROFESSIONAL_REFERENCES),
            disability_start=start,
            disability_end=end,
            patient_weight_pounds=self.number_at(condition, 8),
            pregnant=condition is not None and condition[9] == "Y",
            patient_contact_name=contact["contact_name"],
            patient_contact_phone=contact["phone"],
            patient_contact_extension=contact["phone_extension"],
            ambulance=ambulance,
            spine=Spine(
                condition=spine[8].strip(),
                description=spine.text_of(SPINE_TEXTS[0]).strip(),
                more_description=spine.text_of(SPINE_TEXTS[1]).strip(),
            )
            if spine is not None
            else None,
            anesthesia_procedures=self.codes(coded, *ANESTHESIA),
            primary_care=self.provider_below(loop, "P3"),
        )
        return found if found != Professional() else None

    def disability(self, loop: Loop) -> tuple[Any, Any]:
        both, start, end = (self.first(loop, "DTP", qualifier) for qualifier in DISABILITY)
        if both is None:
            return self.day(start, 3), self.day(end, 3)
        first_day, last_day = self.span(both)
        return first_day, last_day or first_day

    def ambulance(self, loop: Loop, conditions: list[Segment]) -> Ambulance | None:
        """CR1, CRC*07, QTY*PT and the two places of a transport, of a claim or a line."""
        if not (conditions or TRANSPORT & {*self.sorted_segments(loop), *self.providers_below(loop)}):
            return None
        transport = self.first(loop, "CR1")
        pick_up, drop_off = (self.provider_below(loop, code) for code in ("PW", "45"))
        found = Ambulance(
            patient_weight_pounds=self.number_at(transport, 2),
            reason=transport[4].strip() if transport else "",
            miles=self.number_at(transport, 6),
            round_trip_purpose=transport.text_of(9).strip() if transport else "",
            stretcher_purpose=transport.text_of(10).strip() if transport else "",
            conditions=self.conditions(conditions),
            pick_up=pick_up.address if pick_up else None,
            drop_off=drop_off.address if drop_off else None,
            drop_off_name=drop_off.last_name if drop_off else "",
            patients_carried=self.number_at(self.first(loop, "QTY", "PT"), 2),
        )
        return found if found != Ambulance() else None

    def service(self, service: Segment) -> dict[str, Any]:
        units = self.quantity(service, 4)
        return {
            **self.procedure(service, 1),
            "charge": self.amount(service, 2),
            "unit_basis": service[3].strip(),
            "units": units if units is not None else Decimal(0),
            "place_of_service": service[5].strip(),
            "diagnosis_pointers": tuple(whole_number(part) for part in service.components(7) if part),
            "emergency": service[9] == "Y",
        }

    def own_line(self, loop: Loop) -> dict[str, Any]:
        notes = [segment for segment in loop.all("NTE") if segment[1] != "TPO"][:1]
        self.taken.update(segment.number for segment in notes)
        third_party = self.first(loop, "NTE", "TPO")
        return {
            **self.line_references(loop),
            **self.contracted(loop),
            "ordering": self.provider_below(loop, "DK"),
            "supervising": self.provider_below(loop, "DQ"),
            "facility": self.provider_below(loop, "77"),
            "clia": self.reference(loop, "X4"),
            "note": notes[0].text_of(2).strip() if notes else "",
            "note_code": notes[0][1].strip() if notes else "ADD",
            "third_party_note": third_party.text_of(2).strip() if third_party else "",
            "sales_tax": self.money(loop, "T"),
            "file_information": self.information(loop),
            "professional": self.professional_line(loop),
        }

    def professional_line(self, loop: Loop) -> ProfessionalLine | None:
        service, purchase = loop.first("SV1"), self.first(loop, "PS1")
        conditions = [segment for segment in self.all(loop, "CRC") if segment[1] != "07"]
        found = ProfessionalLine(
            **self.dates(loop, LINE_DATES),
            **self.named_references(loop, LINE_REFERENCES),
            epsdt=service is not None and service[11] == "Y",
            family_planning=service is not None and service[12] == "Y",
            copay_exempt=service is not None and service[15] == "0",
            equipment=self.equipment(loop),
            ambulance=self.ambulance(loop, self.all(loop, "CRC", "07")),
            conditions=self.conditions(conditions),
            measurements=tuple(
                Measurement(of=s[1].strip(), kind=s[2].strip(), value=self.number_at(s, 3))
                for s in self.all(loop, "MEA")
            ),
            anesthesia_extra_units=self.number_at(self.first(loop, "QTY", "FL"), 2),
            postage=self.money(loop, "F4"),
            purchased_service_provider=self.provider_below(loop, "QB"),
            purchased_service_id=purchase[1].strip() if purchase else "",
            purchased_service_amount=self.optional_amount(purchase, 2),
            primary_care=self.provider_below(loop, "P3"),
            forms=tuple(self.form(below) for below in loop.loops_of("2440")),
        )
        return found if found != ProfessionalLine() else None

    def equipment(self, loop: Loop) -> Equipment | None:
        service, certificate = self.first(loop, "SV5"), self.first(loop, "CR3")
        found = Equipment(
            **self.dates(loop, EQUIPMENT_DATES),
            procedure_code=service.component(1, 2).strip() if service else "",
            days=self.number_at(service, 3),
            rental_price=self.optional_amount(service, 4),
            purchase_price=self.optional_amount(service, 5),
            rental_unit=service[6].strip() if service else "",
            certification_type=certificate[1].strip() if certificate else "",
            months=self.number_at(certificate, 3),
        )
        return found if found != Equipment() else None

    def form(self, loop: Loop) -> Form:
        kind = self.first(loop, "LQ")
        return Form(
            list_qualifier=kind[1].strip() if kind else "",
            code=kind[2].strip() if kind else "",
            answers=tuple(
                FormAnswer(
                    question=segment[1].strip(),
                    yes_no=segment[2].strip(),
                    text=segment.text_of(3).strip(),
                    on=self.day(segment, 4),
                    percent=self.number_at(segment, 5),
                )
                for segment in self.all(loop, "FRM")
            ),
        )
