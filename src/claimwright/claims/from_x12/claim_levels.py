"""One claim and its lines, as far as professional, institutional and dental claims are alike; each kind adds its own."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import msgspec

from claimwright.claims.from_x12.claim_reader import (
    CLAIM_REFERENCES,
    FACILITY_CODES,
    FIX_NOT_KEPT,
    ClaimRead,
    CoverageReader,
    diagnosis_at,
    whole_number,
)
from claimwright.claims.nouns import (
    Claim,
    Diagnosis,
    Drug,
    IntakeProblem,
    Line,
    LineAdjudication,
    PayerReference,
)
from claimwright.claims.positions.claim import PAYER_ASSIGNED
from claimwright.x12 import guides, loops
from claimwright.x12.faults import Fault, Severity
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

PRINCIPAL_AND_OTHER = ("ABK", "ABF", "BK", "BF", "TQ")  # TQ: SNODENT, dental claims only
KIND_NAMES = {"P": "professional", "I": "institutional", "D": "dental"}
SERVICES = {"P": "SV1", "I": "SV2", "D": "SV3"}

Coded = dict[str, list[tuple[Segment, int]]]


class TransactionRead(msgspec.Struct, frozen=True, kw_only=True):
    """One ST..SE: its claims, who sent it, and faults that belong to no claim. `kind` is P, I or D."""

    kind: str = "P"
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


class ClaimReader(CoverageReader):
    """Reads the loops of one 837 from the top down; each claim knows the loops above it by its parents.

    A kind sets `kind` and `guide_id`, and reads what is its own in `own_claim`, `own_line` and `service`.
    """

    kind = ""
    guide_id = ""
    diagnosis_qualifiers: tuple[str, ...] = PRINCIPAL_AND_OTHER

    def __init__(self) -> None:
        super().__init__(f"837{self.kind}")
        self.transaction_type = "CH"
        self._levels: dict[Loop, dict[str, Any]] = {}

    def read(self, transaction: Transaction) -> TransactionRead:
        """The claims of one ST..SE in file order."""
        guide = guides.find(transaction.guide, "837")
        if guide is None or guide.id != self.guide_id:
            guide = guides.find(self.guide_id, "837")
        root = loops.parse(transaction, guide)
        reads = self.claims(root)
        if reads:
            self.not_kept(root, ("2300", "1000A", "1000B"))
        else:
            self.fault("NO-CLAIM", transaction.st, 0, "The transaction holds no claim", "Ask the sender")
        return read_as(self.kind, transaction, root, reads, self.faults)

    def claims(self, root: Loop) -> list[ClaimRead]:
        self.begin(root)
        return [self.read_claim(loop) for loop in root.descend("2300")]

    def begin(self, root: Loop) -> None:
        """Note what the transaction says of all its claims."""
        header = root.first("BHT")
        self.transaction_type = header[6].strip() if header and header[6].strip() else "CH"

    def read_claim(self, loop: Loop) -> ClaimRead:
        """One claim with what of it could not be read or kept; other faults stay with the reader."""
        before, self.faults = self.faults, []
        self.forget_loops()
        claim = self.claim(loop)
        self.not_kept(loop)
        head = loop.first("CLM") or loop.segments[0]
        read = ClaimRead(claim=claim, segment=head.number, faults=tuple(self.faults))
        self.faults, self.loop, self.control_number = before, "", ""
        return read

    def claim(self, loop: Loop) -> Claim:
        head = self.first(loop, "CLM") or loop.segments[0]
        self.loop, self.control_number = loop.id, head[1].strip()
        billing_loop, subscriber_loop = loop.ancestor("2000A"), loop.ancestor("2000B")
        patient, coverage = self.patient_and_coverage(subscriber_loop, loop.ancestor("2000C"), loop, head)
        lines = tuple(self.line(line) for line in loop.descend("2400"))
        self.loop = loop.id
        decided = {item.payer_id for line in lines for item in line.adjudications}
        coded = self.coded(loop)
        noun = Claim(
            control_number=self.control_number,
            kind=self.kind,
            frequency=head.component(5, 3),
            transaction_type=self.transaction_type,
            patient=patient,
            coverage=coverage,
            prior_payments=tuple(self.prior_payment(other, decided) for other in loop.loops_of("2320")),
            rendering=self.provider_below(loop, "82"),
            referring=self.provider_below(loop, "DN"),
            supervising=self.provider_below(loop, "DQ"),
            facility=self.provider_below(loop, *FACILITY_CODES),
            total_charge=self.amount(head, 2),
            diagnoses=self.diagnoses(coded, *self.diagnosis_qualifiers),
            lines=lines,
            delay_reason=head[20].strip(),
            attachments=self.attachments(loop),
            repricing=self.repricing(loop),
            file_information=self.information(loop),
            **self.billing(billing_loop, subscriber_loop),
        )
        self.loop = loop.id
        references = self.named_references(loop, CLAIM_REFERENCES)
        noun = msgspec.structs.replace(noun, **references, **self.own_claim(loop, head, coded))
        self.leftover_codes(coded)
        return noun

    def own_claim(self, loop: Loop, head: Segment, coded: Coded) -> dict[str, Any]:
        """The fields of Claim that this kind of claim has besides the common ones; takes its codes out of `coded`."""
        raise NotImplementedError

    def own_line(self, loop: Loop) -> dict[str, Any]:
        """The fields of Line that this kind of claim has besides the common ones."""
        raise NotImplementedError

    def service(self, service: Segment) -> dict[str, Any]:
        """The fields of Line in the SV1, SV2 or SV3."""
        raise NotImplementedError

    def place_and_causes(self, head: Segment) -> dict[str, Any]:
        """CLM05-1, 06, 11 and 12, which institutional claims do not have or use otherwise."""
        return {
            "place_of_service": head.component(5, 1),
            "provider_signature": head[6].strip(),
            "causes": tuple(cause for at in (1, 2, 3) if (cause := head.component(11, at))),
            "accident_state": head.component(11, 4),
            "accident_country": head.component(11, 5),
            "special_program": head[12].strip(),
        }

    def contracted(self, loop: Loop) -> dict[str, Any]:
        obligated, contract = self.contract(loop)
        return {"obligated_amount": obligated, "contract": contract}

    def coded(self, loop: Loop) -> Coded:
        """The codes of all HI by their qualifier: each as its segment and element."""
        found: Coded = defaultdict(list)
        for segment in self.all(loop, "HI"):
            for at in range(1, len(segment) + 1):
                if segment[at]:
                    found[segment.component(at, 1)].append((segment, at))
        return found

    def diagnoses(self, coded: Coded, *qualifiers: str) -> tuple[Diagnosis, ...]:
        """The diagnoses of those qualifiers as the file has them in order; they are out of `coded` then."""
        places = [place for qualifier in qualifiers for place in coded.pop(qualifier, ())]
        places.sort(key=lambda place: (place[0].number, place[1]))
        return tuple(diagnosis_at(segment, at) for segment, at in places)

    def codes(self, coded: Coded, *qualifiers: str) -> tuple[str, ...]:
        places = [place for qualifier in qualifiers for place in coded.pop(qualifier, ())]
        return tuple(segment.component(at, 2).strip() for segment, at in places)

    def leftover_codes(self, coded: Coded) -> None:
        for places in coded.values():
            for segment, at in places:
                says = "A code without a qualifier that this kind of claim has"
                self.fault("CODE-NOT-KEPT", segment, at, says, FIX_NOT_KEPT, Severity.WARN)

    def billing(self, loop: Loop | None, subscriber: Loop | None) -> dict[str, Any]:
        """2000A with the identifiers the payer assigned to the billing provider, which stand in 2010BB."""
        level = self._levels.get(loop) if loop is not None else {}
        if level is None:
            assert loop is not None
            level = self._levels[loop] = self.billing_level(loop)
        if "billing_provider" not in level:
            self.fault("NO-BILLING", None, 0, "The claim has no billing provider", "Choose the practice", Severity.WARN)
            return level
        payer = subscriber.find("2010BB") if subscriber else None
        assigned = [one for one in self.sorted_segments(payer).get("REF", ()) if one[1] in PAYER_ASSIGNED]
        if not assigned:
            return level
        self.taken.update(segment.number for segment in assigned)
        provider = level["billing_provider"]
        ids = (*provider.secondary_ids, *((segment[1], segment[2].strip()) for segment in assigned))
        return {**level, "billing_provider": msgspec.structs.replace(provider, secondary_ids=ids)}

    def billing_level(self, loop: Loop) -> dict[str, Any]:
        """2010AA with the taxonomy of 2000A, 2010AB, 2010AC and the currency. Read once, however many claims it has."""
        own = {below.id: below for below in reversed(loop.loops) if below.id.startswith("2010A")}
        names, pay_to, plan = own.get("2010AA"), own.get("2010AB"), own.get("2010AC")
        currency, taxonomy = self.first(loop, "CUR"), self.first(loop, "PRV")
        self.first(pay_to, "NM1")
        found: dict[str, Any] = {
            "pay_to_address": self.address(pay_to) if pay_to else None,
            "pay_to_plan": self.payer(plan, None) if plan else None,
            "currency": currency[2].strip() if currency else "",
        }
        if names is not None:
            code = taxonomy[3].strip() if taxonomy else ""
            found["billing_provider"] = msgspec.structs.replace(self.provider(names), taxonomy=code)
        return found

    def line(self, loop: Loop) -> Line:
        self.loop = loop.id
        number, service = self.first(loop, "LX"), self.first(loop, SERVICES[self.kind])
        date_from, date_to = self.span(self.first(loop, "DTP", "472"))
        if service is None:
            says = f"The line has no {KIND_NAMES[self.kind]} service ({SERVICES[self.kind]})"
            self.fault("NO-SERVICE", number, 0, says, "Ask the sender")
        noun = Line(
            number=whole_number(number[1]) if number else 0,
            control_number=self.reference(loop, "6R"),
            date_from=date_from,
            date_to=date_to,
            rendering=self.provider_below(loop, "82"),
            referring=self.provider_below(loop, "DN"),
            drug=self.drug(loop),
            attachments=self.attachments(loop),
            repricing=self.repricing(loop),
            adjudications=tuple(self.adjudication(item) for item in loop.descend("2430")),
        )
        self.loop = loop.id
        blank = {"procedure_qualifier": "", "unit_basis": "", "units": Decimal(0)}
        return msgspec.structs.replace(noun, **(self.service(service) if service else blank), **self.own_line(loop))

    def line_references(self, loop: Loop) -> dict[str, Any]:
        """REF*G1, 9F and G3 of a line: the destination payer's, and those of other payers, which REF04 names."""
        fields = {"G1": "prior_authorization", "9F": "referral", "G3": ""}
        found: dict[str, Any] = {}
        others = []
        for segment in self.sorted_segments(loop).get("REF", ()):
            if segment[1] in fields and segment.component(4, 2):
                others.append(
                    PayerReference(qualifier=segment[1], value=segment[2].strip(), payer_id=segment.component(4, 2))
                )
            elif fields.get(segment[1]) and fields[segment[1]] not in found:
                found[fields[segment[1]]] = segment.text_of(2).strip()
            else:
                continue
            self.taken.add(segment.number)
        return {**found, "other_references": tuple(others)}

    def procedure(self, segment: Segment, element: int) -> dict[str, Any]:
        """A composite medical procedure: qualifier, code, modifiers and description."""
        code = segment.components(element)
        return {
            "procedure_qualifier": code[0] if code else "",
            "procedure_code": code[1].strip() if len(code) > 1 else "",
            "modifiers": tuple(part for part in code[2:6] if part),
            "description": code[6].strip() if len(code) > 6 else "",
        }

    def drug(self, loop: Loop) -> Drug | None:
        drug = loop.find("2410")
        name = self.first(drug, "LIN")
        if drug is None or name is None:
            return None
        amount = self.first(drug, "CTP")
        return Drug(
            ndc=name[3].strip(),
            qualifier=name[2].strip(),
            quantity=self.number_at(amount, 4),
            unit=amount.component(5, 1) if amount else "",
            prescription_number=self.reference(drug, "XZ"),
            link_number=self.reference(drug, "VY"),
        )

    def adjudication(self, loop: Loop) -> LineAdjudication:
        self.loop = loop.id
        segment = self.first(loop, "SVD") or loop.segments[0]
        units = self.number_at(segment, 5)
        return LineAdjudication(
            payer_id=segment[1].strip(),
            paid_amount=self.amount(segment, 2),
            **self.procedure(segment, 3),
            revenue_code=segment[4].strip(),
            units=units if units is not None else Decimal(0),
            bundled_into=whole_number(segment[6]),
            adjustments=self.adjustments(loop),
            adjudication_date=self.dated(loop, "573"),
            remaining_liability=self.money(loop, "EAF"),
        )


def read_as(
    kind: str, transaction: Transaction, root: Loop | None, reads: list[ClaimRead], faults: list[Fault]
) -> TransactionRead:
    """The claims with what the transaction says of itself."""
    header, submitter = (root.first("BHT"), root.find("1000A")) if root is not None else (None, None)
    gs, isa = transaction.group.gs, transaction.interchange.isa
    name = submitter.first("NM1") if submitter else None
    return TransactionRead(
        kind=kind,
        reads=tuple(reads),
        faults=tuple(faults),
        sender=(gs[2].strip() if gs else "") or (isa[6].strip() if isa else ""),
        group_control_number=gs[6].strip() if gs else "",
        transaction_control_number=transaction.control_number.strip(),
        reference=header[3].strip() if header else "",
        submitter_name=name.text_of(3).strip() if name else "",
    )
