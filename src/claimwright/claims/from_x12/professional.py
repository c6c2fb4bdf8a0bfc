"""837P to claims: 005010X222 and its errata, and 4010 (X098) as far as its loops are alike. Keeps going, never raises."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from claimwright.claims.from_x12.values import Values, address_of, as_person, person_of, provider_of, reference
from claimwright.claims.nouns import (
    ZERO,
    Attachment,
    Claim,
    Coverage,
    Diagnosis,
    Drug,
    IntakeProblem,
    Line,
    LineAdjudication,
    Patient,
    Payer,
    PriorPayment,
    Provider,
)
from claimwright.claims.to_x12.professional import CLAIM_DATES, CLAIM_REFERENCES, GUIDE, PAYER_ASSIGNED
from claimwright.x12 import guides, loops, reader
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

# 2310 facility: 77, and the codes 4010 had for the same loop.
FACILITY_CODES = ("77", "FA", "LI", "TL")
PHYSICIAN_GUIDES = ("X222", "X098", "X291", "X298")
OTHER_SERVICES = {"SV2": "institutional", "SV3": "dental"}


class ClaimRead(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, the ordinal of its CLM within its ST, and what of it could not be read."""

    claim: Claim
    segment: int = 0
    faults: tuple[Fault, ...] = ()


class ProfessionalRead(msgspec.Struct, frozen=True, kw_only=True):
    """One ST..SE: its claims, who sent it, and faults that belong to no claim."""

    reads: tuple[ClaimRead, ...] = ()
    faults: tuple[Fault, ...] = ()
    sender: str = ""  # GS02, else ISA06
    group_control_number: str = ""  # GS06
    transaction_control_number: str = ""  # ST02
    reference: str = ""  # BHT03
    submitter_name: str = ""

    @property
    def claims(self) -> tuple[Claim, ...]:
        return tuple(read.claim for read in self.reads)

    def problems(self) -> tuple[IntakeProblem, ...]:
        """All faults as problems for a worklist; each names its place, none a value."""
        found = [problem_of(fault, "") for fault in self.faults]
        found += [problem_of(fault, read.claim.control_number) for read in self.reads for fault in read.faults]
        return tuple(found)


def problem_of(fault: Fault, encounter: str) -> IntakeProblem:
    return IntakeProblem(
        code=fault.id,
        place=fault.place(),
        message=fault.message,
        fix=fault.fix,
        encounter=encounter,
        blocks=fault.severity == Severity.REJECT,
    )


def read_file(data: bytes) -> list[ProfessionalRead]:
    """Every 837 transaction of a file."""
    return [read_claims(transaction) for transaction in reader.read(data).transactions() if transaction.set_id == "837"]


def read_claims(transaction: Transaction) -> ProfessionalRead:
    """The claims of one ST..SE in file order."""
    professional = ProfessionalReader()
    guide = guides.find(transaction.guide) or guides.find(GUIDE)
    root = loops.parse(transaction, guide)
    other = next((OTHER_SERVICES[s.id] for s in transaction.segments if s.id in OTHER_SERVICES), "")
    named = any(mark in transaction.guide for mark in PHYSICIAN_GUIDES)
    reads: list[ClaimRead] = []
    if other and not named:
        professional.fault(
            "NOT-PROFESSIONAL", transaction.st, 3, f"These are {other} claims", "Send them to the intake of their kind"
        )
    else:
        reads = professional.claims(root)
        if not reads:
            professional.fault("NO-CLAIM", transaction.st, 0, "The transaction holds no claim", "Ask the sender")
    header, submitter = root.first("BHT"), root.find("1000A")
    gs, isa = transaction.group.gs, transaction.interchange.isa
    name = submitter.first("NM1") if submitter else None
    return ProfessionalRead(
        reads=tuple(reads),
        faults=tuple(professional.faults),
        sender=(gs[2].strip() if gs else "") or (isa[6].strip() if isa else ""),
        group_control_number=gs[6].strip() if gs else "",
        transaction_control_number=transaction.control_number.strip(),
        reference=header[3].strip() if header else "",
        submitter_name=name.text_of(3).strip() if name else "",
    )


class ProfessionalReader(Values):
    """Reads the loops of one 837P from the top down; each claim knows the loops above it by its parents."""

    def __init__(self) -> None:
        super().__init__("837P")
        self.kind = "CH"

    def claims(self, root: Loop) -> list[ClaimRead]:
        header = root.first("BHT")
        self.kind = header[6].strip() if header and header[6].strip() else "CH"
        found = []
        for loop in root.descend("2300"):
            before, self.faults = self.faults, []
            claim = self.claim(loop)
            head = loop.first("CLM") or loop.segments[0]
            found.append(ClaimRead(claim=claim, segment=head.number, faults=tuple(self.faults)))
            self.faults, self.loop, self.control_number = before, "", ""
        return found

    def claim(self, loop: Loop) -> Claim:
        head = loop.first("CLM") or loop.segments[0]
        self.loop, self.control_number = loop.id, head[1].strip()
        billing_loop, subscriber_loop = loop.ancestor("2000A"), loop.ancestor("2000B")
        patient_loop = loop.ancestor("2000C")
        billing = self.billing(billing_loop, subscriber_loop)
        patient, coverage = self.patient_and_coverage(subscriber_loop, patient_loop, loop, head)
        pay_to = billing_loop.find("2010AB") if billing_loop else None
        contract, paid, note = loop.first("CN1", "09"), loop.first("AMT", "F5"), loop.first("NTE")
        causes = head.components(11)
        lines = tuple(self.line(line) for line in loop.descend("2400"))
        self.loop = loop.id
        dates = {field: self.dated(loop, qualifier) for qualifier, field in CLAIM_DATES}
        references = {field: reference(loop, qualifier) for qualifier, field in CLAIM_REFERENCES}
        noun = Claim(
            control_number=self.control_number,
            frequency=head.component(5, 3),
            transaction_type=self.kind,
            patient=patient,
            coverage=coverage,
            prior_payments=tuple(self.prior_payment(other, lines) for other in loop.loops_of("2320")),
            billing_provider=billing,
            pay_to_address=address_of(pay_to) if pay_to else None,
            rendering=_provider(loop, ("82",)),
            referring=_provider(loop, ("DN",)),
            supervising=_provider(loop, ("DQ",)),
            facility=_provider(loop, FACILITY_CODES),
            place_of_service=head.component(5, 1),
            total_charge=self.amount(head, 2),
            diagnoses=tuple(_diagnoses(loop)),
            lines=lines,
            provider_signature=head[6].strip(),
            patient_signature=head[10].strip(),
            causes=tuple(cause for cause in causes[:3] if cause),
            accident_state=head.component(11, 4),
            delay_reason=head[20].strip(),
            patient_paid=self.optional_amount(paid, 2),
            obligated_amount=self.optional_amount(contract, 2),
            attachments=tuple(
                Attachment(report_type=s[1], transmission=s[2], control_number=s[6].strip()) for s in loop.all("PWK")
            ),
            note=" ".join(s.text_of(2).strip() for s in loop.all("NTE")),
            note_code=note[1] if note else "ADD",
        )
        return msgspec.structs.replace(noun, **dates, **references)

    def billing(self, loop: Loop | None, subscriber: Loop | None) -> Provider:
        """2010AA with the taxonomy of 2000A and the identifiers the payer assigned, which stand in 2010BB."""
        names = loop.find("2010AA") if loop else None
        if loop is None or names is None:
            self.fault("NO-BILLING", None, 0, "The claim has no billing provider", "Choose the practice", Severity.WARN)
            return Provider()
        provider = provider_of(names)
        taxonomy = loop.first("PRV")
        payer = subscriber.find("2010BB") if subscriber else None
        assigned = [(s[1], s[2].strip()) for s in payer.all("REF") if s[1] in PAYER_ASSIGNED] if payer else []
        return msgspec.structs.replace(
            provider,
            taxonomy=taxonomy[3].strip() if taxonomy else "",
            secondary_ids=(*provider.secondary_ids, *assigned),
        )

    def patient_and_coverage(
        self, subscriber: Loop | None, patient_loop: Loop | None, claim: Loop, head: Segment
    ) -> tuple[Patient, Coverage]:
        """Under 2000C the patient is another person than the subscriber; else both are the person of 2010BA."""
        information = subscriber.first("SBR") if subscriber else None
        names = subscriber.find("2010BA") if subscriber else None
        payer_loop = subscriber.find("2010BB") if subscriber else None
        payer = payer_of(payer_loop, information)
        place = patient_loop or subscriber
        own = patient_loop.find("2010CA") if patient_loop else names
        patient = self.patient(own, place.first("PAT") if place else None, reference(claim, "EA"))
        name = names.first("NM1") if names else None
        relation = patient_loop.first("PAT") if patient_loop else None
        holder = self.patient(names, None, "") if patient_loop else patient
        coverage = Coverage(
            sequence=information[1].strip() if information else "",
            payer=payer,
            member_id=name[9].strip() if name else "",
            group_number=information[3].strip() if information else "",
            group_name=information.text_of(4).strip() if information else "",
            relationship=relation[1].strip() if relation else "18",
            subscriber=as_person(holder),
            subscriber_is_organization=name is not None and name[2] == "2",
            insurance_type=information[5].strip() if information else "",
            accepts_assignment=head[7].strip(),
            benefits_assigned=head[8].strip(),
            release_of_information=head[9].strip(),
            property_claim_number=reference(own, "Y4") if own else "",
        )
        return patient, coverage

    def patient(self, loop: Loop | None, condition: Segment | None, record_number: str) -> Patient:
        if loop is None:
            return Patient(record_number=record_number)
        person = person_of(loop.first("NM1"))
        demographics = loop.first("DMG")
        return Patient(
            last_name=person.last_name,
            first_name=person.first_name,
            middle_name=person.middle_name,
            suffix=person.suffix,
            birth_date=self.day(demographics, 2),
            sex=demographics[3].strip() if demographics else "",
            address=address_of(loop),
            death_date=self.day(condition, 6),
            record_number=record_number,
        )

    def prior_payment(self, loop: Loop, lines: tuple[Line, ...]) -> PriorPayment:
        self.loop = loop.id
        information, other = loop.first("SBR"), loop.first("OI")
        holder, payer_loop = loop.find("2330A"), loop.find("2330B")
        name = holder.first("NM1") if holder else None
        payer = payer_of(payer_loop, information, without=("F8",))
        moa, paid = loop.first("MOA"), loop.first("AMT", "D")
        adjustments = self.adjustments(loop)
        on_lines = any(item.payer_id == payer.payer_id for line in lines for item in line.adjudications)
        coverage = Coverage(
            sequence=information[1].strip() if information else "",
            payer=payer,
            member_id=name[9].strip() if name else "",
            group_number=information[3].strip() if information else "",
            group_name=information.text_of(4).strip() if information else "",
            relationship=information[2].strip() if information else "",
            subscriber=msgspec.structs.replace(person_of(name), address=address_of(holder))
            if holder
            else person_of(name),
            subscriber_is_organization=name is not None and name[2] == "2",
            insurance_type=information[5].strip() if information else "",
            benefits_assigned=other[3].strip() if other else "",
            release_of_information=other[6].strip() if other else "",
        )
        return PriorPayment(
            coverage=coverage,
            paid_amount=self.optional_amount(paid, 2) or ZERO,
            adjustments=adjustments,
            remaining_liability=self.optional_amount(loop.first("AMT", "EAF"), 2),
            non_covered_amount=self.optional_amount(loop.first("AMT", "A8"), 2),
            adjudication_date=self.dated(payer_loop, "573") if payer_loop else None,
            payer_claim_number=reference(payer_loop, "F8") if payer_loop else "",
            remarks=tuple(moa[at].strip() for at in range(3, 8) if moa[at].strip()) if moa else (),
            adjudicated=paid is not None or bool(adjustments) or on_lines,
        )

    def line(self, loop: Loop) -> Line:
        self.loop = loop.id
        number, service = loop.first("LX"), loop.first("SV1")
        date_from, date_to = self.span(loop.first("DTP", "472"))
        note, contract = loop.first("NTE"), loop.first("CN1", "09")
        if service is None:
            self.fault("NO-SERVICE", number, 0, "The line has no professional service (SV1)", "Ask the sender")
        code = service.components(1) if service else []
        units = self.quantity(service, 4) if service else None
        return Line(
            number=_number(number[1]) if number else 0,
            control_number=reference(loop, "6R"),
            procedure_code=service.component(1, 2).strip() if service else "",
            procedure_qualifier=code[0] if code else "",
            modifiers=tuple(part for part in code[2:6] if part),
            description=code[6].strip() if len(code) > 6 else "",
            charge=self.amount(service, 2) if service else ZERO,
            unit_basis=service[3].strip() if service else "",
            units=units if units is not None else Decimal(0),
            place_of_service=service[5].strip() if service else "",
            diagnosis_pointers=tuple(_number(part) for part in service.components(7) if part) if service else (),
            emergency=bool(service) and service[9] == "Y" if service else False,
            date_from=date_from,
            date_to=date_to,
            drug=self.drug(loop),
            rendering=_provider(loop, ("82",)),
            ordering=_provider(loop, ("DK",)),
            referring=_provider(loop, ("DN",)),
            supervising=_provider(loop, ("DQ",)),
            prior_authorization=reference(loop, "G1"),
            referral=reference(loop, "9F"),
            clia=reference(loop, "X4"),
            note=note.text_of(2).strip() if note else "",
            obligated_amount=self.optional_amount(contract, 2),
            adjudications=tuple(self.adjudication(item) for item in loop.descend("2430")),
        )

    def drug(self, loop: Loop) -> Drug | None:
        drug = loop.find("2410")
        name = drug.first("LIN") if drug else None
        if drug is None or name is None:
            return None
        amount = drug.first("CTP")
        return Drug(
            ndc=name[3].strip(),
            quantity=self.quantity(amount, 4) if amount else None,
            unit=amount.component(5, 1) if amount else "",
            prescription_number=reference(drug, "XZ"),
        )

    def adjudication(self, loop: Loop) -> LineAdjudication:
        self.loop = loop.id
        segment = loop.first("SVD") or loop.segments[0]
        code = segment.components(3)
        units = self.quantity(segment, 5)
        return LineAdjudication(
            payer_id=segment[1].strip(),
            paid_amount=self.amount(segment, 2),
            procedure_code=segment.component(3, 2).strip(),
            procedure_qualifier=code[0] if code else "",
            modifiers=tuple(part for part in code[2:6] if part),
            units=units if units is not None else Decimal(0),
            bundled_into=_number(segment[6]),
            adjustments=self.adjustments(loop),
            adjudication_date=self.dated(loop, "573"),
            remaining_liability=self.optional_amount(loop.first("AMT", "EAF"), 2),
        )


def payer_of(loop: Loop | None, information: Segment | None, without: tuple[str, ...] = ()) -> Payer:
    """2010BB or 2330B; the filing indicator stands in the SBR, identifiers the payer gave the provider elsewhere."""
    filing = information[9].strip() if information else ""
    if loop is None:
        return Payer(filing_indicator=filing)
    name = loop.first("NM1")
    skipped = (*PAYER_ASSIGNED, *without)
    return Payer(
        payer_id=name[9].strip() if name else "",
        name=name.text_of(3).strip() if name else "",
        id_qualifier=name[8].strip() if name else "",
        filing_indicator=filing,
        address=address_of(loop),
        secondary_ids=tuple((s[1], s[2].strip()) for s in loop.all("REF") if s[1] not in skipped),
    )


def _provider(loop: Loop, codes: tuple[str, ...]) -> Provider | None:
    """The provider loop below this one whose NM101 is one of `codes`."""
    for below in loop.loops:
        name = below.first("NM1") if below.id.startswith(("2310", "2420")) else None
        if name is not None and name[1] in codes:
            return provider_of(below)
    return None


def _diagnoses(loop: Loop) -> list[Diagnosis]:
    found = []
    for segment in loop.all("HI"):
        for at in range(1, 13):
            if segment.component(at, 1) in ("ABK", "ABF", "BK", "BF"):
                code = segment.component(at, 2).strip().replace(".", "")
                found.append(Diagnosis(code=code, qualifier=segment.component(at, 1)))
    return found


def _number(value: str) -> int:
    text = value.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
