"""What the readers of 837P, 837I and 837D share: everything around the services of a claim. Never raises.

A reader notes each segment that it takes; what is left over at the end of a claim, or around the claims, becomes an
INFO fault `...-NOT-KEPT` at its place, so that nothing that came in is dropped unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.from_x12.values import LEGACY_TAX_QUALIFIERS, Values, address_of, as_person, person_of
from claimwright.claims.nouns import (
    ZERO,
    Address,
    Adjustment,
    AttachmentReference,
    Claim,
    ConditionIndicator,
    Contract,
    Coverage,
    Diagnosis,
    Note,
    OtherPayerProvider,
    Patient,
    Payer,
    Person,
    PriorPayment,
    Provider,
    Repricing,
)
from claimwright.claims.positions.claim import PAYER_ASSIGNED
from claimwright.codes.dates import DateError, parse_date8
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment

FACILITY_CODES = ("77", "FA", "LI", "TL")  # 77, and the codes 4010 had for the same loop
OTHER_PAYER_REFERENCES = {
    "F8": "payer_claim_number",
    "G1": "prior_authorization",
    "9F": "referral",
    "G3": "predetermination_number",
}
CLAIM_REFERENCES = {
    "9F": "referral",
    "G1": "prior_authorization",
    "F8": "payer_claim_number",
    "D9": "clearinghouse_trace",
    "4N": "service_exception",
    "P4": "demonstration",
}
FIX_NOT_KEPT = "Look it up in the file where it matters"
NOT_OF_A_CLAIM = ("ST", "SE", "BHT", "HL")
PROVIDER_LOOPS = ("2310", "2420")
REPRICED_CLAIM = {"9A": "reference", "9C": "adjusted_reference"}
REPRICED_LINE = {"9B": "reference", "9D": "adjusted_reference", **REPRICED_CLAIM}  # dental lines have either pair
RECEIVED = {"050": "received_date"}


class ClaimRead(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, the ordinal of its CLM within its ST, and what of it could not be read or kept."""

    claim: Claim
    segment: int = 0
    faults: tuple[Fault, ...] = ()


class SegmentTaker(Values):
    """Reads elements of one transaction and remembers which of its segments were read.

    A claim is asked for many segments that few claims have, so the segments of a loop are sorted by their ids once.
    """

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.taken: set[int] = set()
        self._sorted: dict[Loop, dict[str, list[Segment]]] = {}
        self._providers: dict[Loop, dict[str, Loop]] = {}

    def sorted_segments(self, loop: Loop | None) -> dict[str, list[Segment]]:
        """The segments of the loop itself by their ids."""
        if loop is None:
            return {}
        found = self._sorted.get(loop)
        if found is None:
            found = self._sorted[loop] = {}
            for segment in loop.segments:
                found.setdefault(segment.elements[0], []).append(segment)
        return found

    def forget_loops(self) -> None:
        self._sorted.clear()
        self._providers.clear()

    def first(self, loop: Loop | None, segment_id: str, qualifier: str | None = None) -> Segment | None:
        for segment in self.sorted_segments(loop).get(segment_id, ()):
            if qualifier is None or segment[1] == qualifier:
                self.taken.add(segment.number)
                return segment
        return None

    def all(self, loop: Loop | None, segment_id: str, qualifier: str | None = None) -> list[Segment]:
        found = self.sorted_segments(loop).get(segment_id)
        if not found:
            return []
        if qualifier is not None:
            found = [segment for segment in found if segment[1] == qualifier]
        self.taken.update(segment.number for segment in found)
        return found

    def dated(self, loop: Loop, qualifier: str, segment_id: str = "DTP", element: int = 3) -> date | None:
        return self.day(self.first(loop, segment_id, qualifier), element)

    def adjustments(self, loop: Loop) -> tuple[Adjustment, ...]:
        return super().adjustments(loop) if self.all(loop, "CAS") else ()

    def reference(self, loop: Loop | None, qualifier: str) -> str:
        """The value of that REF; one that REF04 says another payer gave is passed over."""
        for segment in self.sorted_segments(loop).get("REF", ()):
            if segment[1] == qualifier and not segment.component(4, 2):
                self.taken.add(segment.number)
                return segment.text_of(2).strip()
        return ""

    def references(self, loop: Loop | None, without: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
        """All REF of the loop but those qualifiers."""
        found = [segment for segment in self.sorted_segments(loop).get("REF", ()) if segment[1] not in without]
        self.taken.update(segment.number for segment in found)
        return tuple((segment[1], segment[2].strip()) for segment in found)

    def dates(self, loop: Loop, table: Mapping[str, str]) -> dict[str, Any]:
        """The fields whose qualifiers the loop has a DTP of, with their days."""
        found: dict[str, Any] = {}
        for segment in self.sorted_segments(loop).get("DTP", ()):
            field = table.get(segment[1])
            if field is not None and field not in found:
                self.taken.add(segment.number)
                found[field] = self.day(segment, 3)
        return found

    def named_references(self, loop: Loop | None, table: Mapping[str, str]) -> dict[str, Any]:
        """The fields whose qualifiers the loop has a REF of, with their values."""
        found: dict[str, Any] = {}
        for segment in self.sorted_segments(loop).get("REF", ()):
            field = table.get(segment[1])
            if field is not None and field not in found and not segment.component(4, 2):
                self.taken.add(segment.number)
                found[field] = segment.text_of(2).strip()
        return found

    def money(self, loop: Loop, qualifier: str) -> Decimal | None:
        """The amount of the AMT with that qualifier."""
        return self.optional_amount(self.first(loop, "AMT", qualifier), 2)

    def number_at(self, segment: Segment | None, element: int, component: int = 0) -> Decimal | None:
        """A number with any places: a rate, count or percentage; None when absent, None with a fault when it is none."""
        return self.quantity(segment, element, component) if segment is not None else None

    def day_at(self, segment: Segment, element: int, component: int) -> date | None:
        """The D8 of a composite's component."""
        return self._day(segment.component(element, component), segment, element, component)

    def days_at(self, segment: Segment, element: int, component: int) -> tuple[date | None, date | None]:
        """First and last day of the RD8 (or D8, both the same) of a composite's component."""
        first, _, last = segment.component(element, component).partition("-")
        start = self._day(first, segment, element, component)
        return start, self._day(last, segment, element, component) if last else start

    def _day(self, text: str, segment: Segment, element: int, component: int) -> date | None:
        if not text.strip():
            return None
        try:
            return parse_date8(text.strip())
        except DateError as error:
            says = f"This is no date: {error}"
            self.fault("DATE", segment, element, says, "Ask the sender for the date", Severity.WARN, component)
            return None

    def not_kept(self, loop: Loop, into: tuple[str, ...] = ()) -> None:
        """A fault for each segment at or below the loop that nothing has read; does not look into loops of `into`."""
        pending = [loop]
        while pending:
            one = pending.pop()
            for segment in one.segments:
                if segment.number not in self.taken and segment.id not in NOT_OF_A_CLAIM:
                    self.loop = one.id
                    self.not_kept_segment(segment)
            pending.extend(below for below in reversed(one.loops) if below.id not in into)

    def not_kept_segment(self, segment: Segment) -> None:
        says = "No field of the claim holds this segment"
        self.fault("NOT-KEPT", segment, 0, says, FIX_NOT_KEPT, Severity.INFO)


class PartyReader(SegmentTaker):
    """Addresses, providers and payers of a claim."""

    def address(self, loop: Loop | None) -> Address:
        if loop is None:
            return Address()
        self.first(loop, "N3")
        self.first(loop, "N4")
        return address_of(loop)

    def provider(self, loop: Loop) -> Provider:
        """NM1, PRV, N3, N4, REF and PER. An NM108 of 24 or 34 (4010) is a tax number, not an NPI."""
        name, taxonomy = self.first(loop, "NM1"), self.first(loop, "PRV")
        person = person_of(name)
        qualifier, number = (name[8].strip(), name[9].strip()) if name else ("", "")
        tax_id, tax_qualifier = (number, LEGACY_TAX_QUALIFIERS[qualifier]) if qualifier in LEGACY_TAX_QUALIFIERS else (
            "", "EI",
        )  # fmt: skip
        own: list[tuple[str, str]] = []
        other: list[tuple[str, str, str]] = []
        for segment in self.all(loop, "REF"):
            if segment.component(4, 2):
                other.append((segment[1], segment[2].strip(), segment.component(4, 2)))
            elif segment[1] in ("EI", "SY"):
                tax_id, tax_qualifier = segment[2].strip(), segment[1]
            else:
                own.append((segment[1], segment[2].strip()))
        return Provider(
            npi=number if qualifier == "XX" else "",
            is_organization=name is not None and name[2] == "2",
            last_name=person.last_name,
            first_name=person.first_name,
            middle_name=person.middle_name,
            suffix=person.suffix,
            taxonomy=taxonomy[3].strip() if taxonomy else "",
            tax_id=tax_id,
            tax_id_qualifier=tax_qualifier,
            address=self.address(loop),
            secondary_ids=tuple(own),
            other_payer_ids=tuple(other),
            **self.contact(loop),
        )

    def contact(self, loop: Loop | None) -> dict[str, str]:
        """Name and numbers of the PER segments, the first of each kind."""
        segments = self.all(loop, "PER")
        pairs = [(segment[at], segment[at + 1].strip()) for segment in segments for at in (3, 5, 7)]
        numbers = dict(reversed(pairs))
        return {
            "contact_name": segments[0].text_of(2).strip() if segments else "",
            "phone": numbers.get("TE", ""),
            "phone_extension": numbers.get("EX", ""),
            "fax": numbers.get("FX", ""),
            "email": numbers.get("EM", ""),
        }

    def providers_below(self, loop: Loop) -> dict[str, Loop]:
        """The first provider loop below this one for each NM101."""
        found = self._providers.get(loop)
        if found is None:
            found = self._providers[loop] = {}
            for below in loop.loops:
                if below.id[:4] in PROVIDER_LOOPS:
                    for name in self.sorted_segments(below).get("NM1", ())[:1]:
                        found.setdefault(name[1], below)
        return found

    def provider_below(self, loop: Loop, *codes: str) -> Provider | None:
        """The provider of the loop below this one whose NM101 is one of `codes`, the first code that there is."""
        below = self.providers_below(loop)
        return next((self.provider(below[code]) for code in codes if code in below), None) if below else None

    def payer(self, loop: Loop | None, information: Segment | None, without: Iterable[str] = ()) -> Payer:
        """2010BB or 2330B; the filing indicator stands in the SBR, identifiers of the provider elsewhere."""
        filing = information[9].strip() if information else ""
        if loop is None:
            return Payer(filing_indicator=filing)
        name = self.first(loop, "NM1")
        return Payer(
            payer_id=name[9].strip() if name else "",
            name=name.text_of(3).strip() if name else "",
            id_qualifier=name[8].strip() if name else "",
            filing_indicator=filing,
            address=self.address(loop),
            secondary_ids=self.references(loop, without),
        )

    def person(self, loop: Loop | None) -> tuple[Person, str, bool]:
        """The person of NM1, N3, N4 and DMG, the member id, and whether it is an organization."""
        name, demographics = self.first(loop, "NM1"), self.first(loop, "DMG")
        person = msgspec.structs.replace(
            person_of(name),
            birth_date=self.day(demographics, 2),
            sex=demographics[3].strip() if demographics else "",
            address=self.address(loop),
        )
        return person, name[9].strip() if name else "", name is not None and name[2] == "2"

    def attachments(self, loop: Loop) -> tuple[AttachmentReference, ...]:
        return tuple(
            AttachmentReference(report_type=s[1], transmission=s[2], control_number=s[6].strip())
            for s in self.all(loop, "PWK")
        )

    def contract(self, loop: Loop) -> tuple[Decimal | None, Contract | None]:
        """The amount of a plain CN1*09, or the terms of any other."""
        segment = self.first(loop, "CN1")
        if segment is None:
            return None, None
        if segment[1] == "09" and segment[2].strip() and not any(segment[at].strip() for at in range(3, 7)):
            return self.optional_amount(segment, 2), None
        return None, Contract(
            kind=segment[1].strip(),
            amount=self.optional_amount(segment, 2),
            percent=self.number_at(segment, 3),
            code=segment[4].strip(),
            discount_percent=self.number_at(segment, 5),
            version=segment[6].strip(),
        )

    def repricing(self, loop: Loop) -> Repricing | None:
        """HCP with the repricer's references and the day it had the claim; None where there is none of them."""
        facts = self.named_references(loop, REPRICED_CLAIM if loop.id == "2300" else REPRICED_LINE)
        facts.update(self.dates(loop, RECEIVED))
        terms = self.first(loop, "HCP")
        if terms is None and not facts:
            return None
        found = Repricing(**facts)
        if terms is None:
            return found
        return msgspec.structs.replace(
            found,
            method=terms[1].strip(),
            allowed_amount=self.optional_amount(terms, 2),
            savings_amount=self.optional_amount(terms, 3),
            organization_id=terms[4].strip(),
            rate=self.number_at(terms, 5),
            group_code=terms[6].strip(),
            group_amount=self.optional_amount(terms, 7),
            revenue_code=terms[8].strip(),
            procedure_qualifier=terms[9].strip(),
            procedure_code=terms[10].strip(),
            unit_basis=terms[11].strip(),
            units=self.number_at(terms, 12),
            reject_reason=terms[13].strip(),
            compliance=terms[14].strip(),
            exception=terms[15].strip(),
        )

    def conditions(self, segments: Iterable[Segment]) -> tuple[ConditionIndicator, ...]:
        return tuple(
            ConditionIndicator(
                category=segment[1].strip(),
                applies=segment[2].strip() == "Y",
                codes=tuple(code for at in range(3, 8) if (code := segment[at].strip())),
            )
            for segment in segments
        )

    def information(self, loop: Loop) -> tuple[str, ...]:
        return tuple(segment.text_of(1).strip() for segment in self.all(loop, "K3"))


class CoverageReader(PartyReader):
    """The destination payer's coverage with the patient, and the other payers with what they decided."""

    def patient_and_coverage(
        self, subscriber: Loop | None, patient_loop: Loop | None, claim: Loop, head: Segment
    ) -> tuple[Patient, Coverage]:
        """Under 2000C the patient is another person than the subscriber; else both are the person of 2010BA."""
        information = self.first(subscriber, "SBR")
        names = subscriber.find("2010BA") if subscriber else None
        payer_loop = subscriber.find("2010BB") if subscriber else None
        holder, member_id, organization = self.person(names)
        condition = self.first(patient_loop or subscriber, "PAT")
        own = patient_loop.find("2010CA") if patient_loop else names
        person = self.person(own)[0] if patient_loop else holder
        patient = Patient(
            **{field: getattr(person, field) for field in Person.__struct_fields__ if field != "death_date"},
            death_date=self.day(condition, 6),
            record_number=self.reference(claim, "EA"),
        )
        coverage = self.coverage(information)
        return patient, msgspec.structs.replace(
            coverage,
            payer=self.payer(payer_loop, information, PAYER_ASSIGNED),
            member_id=member_id,
            relationship=condition[1].strip() if condition and patient_loop else "18",
            subscriber=holder if patient_loop else as_person(patient),
            subscriber_is_organization=organization,
            accepts_assignment=head[7].strip(),
            benefits_assigned=head[8].strip(),
            release_of_information=head[9].strip(),
            property_claim_number=self.reference(own, "Y4"),
            subscriber_ids=self.references(names, ("Y4",)),
            patient_ids=self.references(own, ("Y4",)) if patient_loop else (),
        )

    def coverage(self, information: Segment | None) -> Coverage:
        """What the SBR says."""
        if information is None:
            return Coverage(sequence="", relationship="")
        return Coverage(
            sequence=information[1].strip(),
            relationship=information[2].strip(),
            group_number=information[3].strip(),
            group_name=information.text_of(4).strip(),
            insurance_type=information[5].strip(),
        )

    def prior_payment(self, loop: Loop, payer_ids_on_lines: set[str]) -> PriorPayment:
        self.loop = loop.id
        information, other = self.first(loop, "SBR"), self.first(loop, "OI")
        holder, payer_loop = loop.find("2330A"), loop.find("2330B")
        person, member_id, organization = self.person(holder)
        payer = self.payer(payer_loop, information, (*OTHER_PAYER_REFERENCES, "T4"))
        paid = self.money(loop, "D")
        adjustments = self.adjustments(loop)
        coverage = msgspec.structs.replace(
            self.coverage(information),
            payer=payer,
            member_id=member_id,
            subscriber=person,
            subscriber_is_organization=organization,
            benefits_assigned=other[3].strip() if other else "",
            release_of_information=other[6].strip() if other else "",
            subscriber_ids=self.references(holder),
        )
        moa = self.first(loop, "MOA")
        noun = PriorPayment(
            coverage=coverage,
            paid_amount=paid if paid is not None else ZERO,
            adjustments=adjustments,
            remaining_liability=self.money(loop, "EAF"),
            non_covered_amount=self.money(loop, "A8"),
            adjudication_date=self.dated(payer_loop, "573") if payer_loop else None,
            remarks=tuple(moa[at].strip() for at in range(3, 8) if moa[at].strip()) if moa else (),
            is_adjustment=self.reference(payer_loop, "T4") == "Y",
            providers=tuple(self.other_payer_providers(loop)),
            patient_signature=other[4].strip() if other else "",
            adjudicated=paid is not None or bool(adjustments) or payer.payer_id in payer_ids_on_lines,
        )
        ids = self.named_references(payer_loop, OTHER_PAYER_REFERENCES)
        return msgspec.structs.replace(noun, **ids, **self.adjudication_details(loop, moa))

    def adjudication_details(self, loop: Loop, moa: Segment | None) -> dict[str, Any]:
        """Further fields of PriorPayment, where the kind of claim has them."""
        return {}

    def other_payer_providers(self, loop: Loop) -> Iterable[OtherPayerProvider]:
        for below in loop.loops:
            if below.id.startswith("2330") and below.id not in ("2330A", "2330B"):
                name = self.first(below, "NM1")
                yield OtherPayerProvider(
                    role=name[1].strip() if name else "",
                    is_organization=name is not None and name[2] == "2",
                    ids=self.references(below),
                )

    def notes(self, loop: Loop) -> list[Note]:
        return [Note(code=s[1].strip(), text=s.text_of(2).strip()) for s in self.all(loop, "NTE")]


def diagnosis_at(segment: Segment, element: int) -> Diagnosis:
    return Diagnosis(
        code=segment.component(element, 2).strip().replace(".", ""),
        qualifier=segment.component(element, 1),
        present_on_admission=segment.component(element, 9).strip(),
    )


def whole_number(value: str) -> int:
    """Digits as a number; 0 for anything else."""
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
