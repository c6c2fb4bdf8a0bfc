"""270 and 271 (005010X279A1, and older releases as far as they are alike) to nouns. Reads everything, never raises."""

from __future__ import annotations

from collections.abc import Iterator

from claimwright.claims.eligibility import (
    Benefit,
    BenefitDetail,
    EligibilityInquiry,
    EligibilityResponse,
    PatientEligibility,
    PatientInquiry,
    Question,
)
from claimwright.claims.from_x12.parties import (
    PartyValues,
    Read,
    inner_loops,
    messages,
    opening,
    procedure,
    references,
    rejections,
    repeats,
    text,
    traces,
    tree,
)
from claimwright.claims.parties import CoveredPerson, Party
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

GUIDE = "005010X279A1"

EligibilityInquiryRead = Read[EligibilityInquiry]
EligibilityResponseRead = Read[EligibilityResponse]


def eligibility_inquiry(transaction: Transaction) -> EligibilityInquiryRead:
    """One ST..SE of a 270: a PatientInquiry for each subscriber or dependent that is asked about."""
    reader = InquiryReader("270")
    root = tree(transaction, GUIDE, "270")
    header = root.first("BHT")
    noun = EligibilityInquiry(
        transaction_control_number=transaction.control_number,
        purpose=text(header, 2),
        reference=text(header, 3),
        created=reader.day(header, 4),
        created_time=text(header, 5),
        kind=text(header, 6),
        inquiries=tuple(reader.inquiries(root)),
    )
    return Read(noun=noun, faults=tuple(reader.faults))


def eligibility_response(transaction: Transaction) -> EligibilityResponseRead:
    """One ST..SE of a 271: a PatientEligibility for each end of a branch, answered or rejected."""
    reader = ResponseReader("271")
    root = tree(transaction, GUIDE, "271")
    header = root.first("BHT")
    noun = EligibilityResponse(
        transaction_control_number=transaction.control_number,
        purpose=text(header, 2),
        reference=text(header, 3),
        created=reader.day(header, 4),
        created_time=text(header, 5),
        kind=text(header, 6),
        patients=tuple(reader.patients(root)),
    )
    return Read(noun=noun, faults=tuple(reader.faults))


class EligibilityReader(PartyValues):
    """What the readers of question and answer share."""

    def person(self, level: Loop, names: str, place: str) -> CoveredPerson:
        loop = level.find(names)
        self.loop = names
        return self.covered_person(loop, place)


class InquiryReader(EligibilityReader):
    """Reads the loops of one 270."""

    def inquiries(self, root: Loop) -> Iterator[PatientInquiry]:
        for source in root.descend("2000A"):
            payer = self.party(source.find("2100A"))
            for receiver in source.loops_of("2000B"):
                asking = self.party(receiver.find("2100B"))
                for level in receiver.loops_of("2000C"):
                    yield from self.subscriber(payer, asking, level)

    def subscriber(self, payer: Party, asking: Party, level: Loop) -> Iterator[PatientInquiry]:
        subscriber = self.person(level, "2100C", "subscriber")
        dependents = level.loops_of("2000D")
        own, asked = traces(level), self.questions(level, "2110C")
        if own or asked or not dependents:
            yield PatientInquiry(payer=payer, receiver=asking, subscriber=subscriber, traces=own, questions=asked)
        for below in dependents:
            yield PatientInquiry(
                payer=payer,
                receiver=asking,
                subscriber=subscriber,
                dependent=self.person(below, "2100D", "dependent"),
                traces=traces(below),
                questions=self.questions(below, "2110D"),
            )

    def questions(self, level: Loop, inner: str) -> tuple[Question, ...]:
        return tuple(self.question(loop) for loop in inner_loops(level, inner, "EQ"))

    def question(self, loop: Loop) -> Question:
        self.loop = loop.id
        asked, place = opening(loop, "EQ"), loop.first("III")
        return Question(
            service_types=repeats(asked, 1),
            procedure=procedure(asked, 2),
            coverage_level=text(asked, 3),
            diagnosis_pointers=self.pointers(asked, 5),
            spend_down=self.optional_amount(loop.first("AMT", "R"), 2),
            spend_down_billed=self.optional_amount(loop.first("AMT", "PB"), 2),
            place_qualifier=text(place, 1),
            place_of_service=text(place, 2),
            references=references(loop),
            dates=self.periods(loop),
        )


class ResponseReader(EligibilityReader):
    """Reads the loops of one 271."""

    def patients(self, root: Loop) -> Iterator[PatientEligibility]:
        for source in root.descend("2000A"):
            refused = rejections(source, "source")
            payer = self.party(source.find("2100A"), "payer")
            receivers = source.loops_of("2000B")
            if not receivers:
                yield PatientEligibility(source_rejections=refused, payer=payer)
            for level in receivers:
                asking = self.party(level.find("2100B"), "receiver")
                subscribers = level.loops_of("2000C")
                if not subscribers:
                    yield PatientEligibility(source_rejections=refused, payer=payer, receiver=asking)
                for below in subscribers:
                    base = PatientEligibility(source_rejections=refused, payer=payer, receiver=asking)
                    yield from self.subscriber(base, below)

    def subscriber(self, base: PatientEligibility, level: Loop) -> Iterator[PatientEligibility]:
        subscriber = self.person(level, "2100C", "subscriber")
        dependents = level.loops_of("2000D")
        own, told = traces(level), self.benefits(level, "2110C")
        if own or told or not dependents:
            yield self._with(base, subscriber, None, level, told)
        for below in dependents:
            dependent = self.person(below, "2100D", "dependent")
            yield self._with(base, subscriber, dependent, below, self.benefits(below, "2110D"))

    def _with(
        self,
        base: PatientEligibility,
        subscriber: CoveredPerson,
        dependent: CoveredPerson | None,
        level: Loop,
        benefits: tuple[Benefit, ...],
    ) -> PatientEligibility:
        return PatientEligibility(
            source_rejections=base.source_rejections,
            payer=base.payer,
            receiver=base.receiver,
            subscriber=subscriber,
            dependent=dependent,
            traces=traces(level),
            benefits=benefits,
        )

    def benefits(self, level: Loop, inner: str) -> tuple[Benefit, ...]:
        return tuple(self.benefit(loop) for loop in inner_loops(level, inner, "EB"))

    def benefit(self, loop: Loop) -> Benefit:
        self.loop = loop.id
        stated = opening(loop, "EB")
        deeper = loop.id[-1]
        return Benefit(
            kind=text(stated, 1),
            coverage_level=text(stated, 2),
            service_types=repeats(stated, 3),
            insurance_type=text(stated, 4),
            plan_name=text(stated, 5),
            period=text(stated, 6),
            amount=self.optional_amount(stated, 7),
            percent=self.quantity(stated, 8),
            quantity_qualifier=text(stated, 9),
            quantity=self.quantity(stated, 10),
            authorization_required=text(stated, 11),
            in_network=text(stated, 12),
            procedure=procedure(stated, 13),
            diagnosis_pointers=self.pointers(stated, 14),
            deliveries=tuple(self.delivery(segment) for segment in loop.all("HSD")),
            references=references(loop),
            dates=self.periods(loop),
            rejections=rejections(loop, "benefit"),
            messages=messages(loop),
            details=tuple(_detail(segment) for segment in _details(loop, f"2115{deeper}")),
            entities=tuple(self.party(entity) for entity in loop.descend(f"2120{deeper}")),
            segment=stated.number,
        )


def _details(loop: Loop, detail: str) -> Iterator[Segment]:
    yield from loop.all("III")
    for inner in loop.descend(detail):
        yield from inner.all("III")


def _detail(segment: Segment) -> BenefitDetail:
    return BenefitDetail(
        qualifier=text(segment, 1), code=text(segment, 2), category=text(segment, 3), message=text(segment, 4)
    )
