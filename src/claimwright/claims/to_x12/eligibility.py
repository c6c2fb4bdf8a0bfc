"""EligibilityInquiry to 270 and EligibilityResponse to 271, 005010X279A1."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.eligibility import (
    Benefit,
    EligibilityInquiry,
    EligibilityResponse,
    PatientEligibility,
    PatientInquiry,
    Question,
)
from claimwright.claims.parties import CoveredPerson, Party
from claimwright.claims.to_x12.parties import Code, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import Node, TransactionWriter, levels, procedure_parts, transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Raw, TransactionBuilder, ValueRefused

GUIDE = "005010X279A1"
STRUCTURE = "0022"


def eligibility_inquiry(
    inquiry: EligibilityInquiry, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 270. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Neighbouring inquiries to one payer, from one provider, about one family share their levels.
    """
    writer = InquiryWriter(TransactionBuilder("270", transaction_number(inquiry, control_number), GUIDE))
    writer.beginning(STRUCTURE, inquiry.purpose, inquiry.reference, inquiry.created, inquiry.created_time, inquiry.kind)
    for node in levels(inquiry.inquiries, _inquiry_path, 1):
        writer.source(node)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def eligibility_response(
    response: EligibilityResponse, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 271. `control_number` overrides the noun's own ST02; text changes are appended to `notices`.

    Raises ValueRefused for a patient without who asked, or a dependent without a subscriber.
    """
    writer = ResponseWriter(TransactionBuilder("271", transaction_number(response, control_number), GUIDE))
    writer.beginning(
        STRUCTURE, response.purpose, response.reference, response.created, response.created_time, response.kind
    )
    for node in levels(response.patients, _answer_path, 1):
        writer.source(node)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


def _inquiry_path(item: PatientInquiry) -> list[tuple[str, object]]:
    path: list[tuple[str, object]] = [
        ("20", item.payer), ("21", item.receiver), ("22", (item.subscriber, _silent(item, item.questions)))
    ]  # fmt: skip
    if item.dependent is not None:
        path[-1] = ("22", (item.subscriber, None))
        path.append(("23", item.dependent))
    return path


def _answer_path(item: PatientEligibility) -> list[tuple[str, object]]:
    path: list[tuple[str, object]] = [("20", (item.source_rejections, item.payer))]
    above = (item.receiver is None and item.subscriber is not None, item.subscriber is None and item.dependent)
    if any(above):
        raise ValueRefused("HL", 3, "a level below is told and one above it is not")
    if item.receiver is not None:
        path.append(("21", item.receiver))
        if item.subscriber is not None:
            silent = _silent(item, item.benefits) if item.dependent is None else None
            path.append(("22", (item.subscriber, silent)))
            if item.dependent is not None:
                path.append(("23", item.dependent))
    return path


def _silent(item: PatientInquiry | PatientEligibility, told: Sequence[object]) -> object:
    """A mark that keeps a subscriber of whom nothing is told apart from one who only stands above dependents."""
    return None if item.traces or told else "silent"


class InquiryWriter(TransactionWriter):
    """Writes the loops of the 270 in their order."""

    def source(self, node: Node[PatientInquiry]) -> None:
        payer = node.key
        assert isinstance(payer, Party)
        parent = self.hierarchy(0, "20", "1")
        self.party_name(payer)
        for receiver in node.children:
            asking = receiver.key
            assert isinstance(asking, Party)
            above = self.hierarchy(parent, "21", "1")
            self.party(asking, "REF N3 PRV")
            for subscriber in receiver.children:
                self.subscriber(above, subscriber)

    def subscriber(self, parent: int, node: Node[PatientInquiry]) -> None:
        first = node.own[0] if node.own else node.children[0].own[0]
        level = self.hierarchy(parent, "22", "1" if node.children else "0")
        self.patient(first.subscriber, True, node.own)
        for dependent in node.children:
            self.hierarchy(level, "23", "0")
            asked = dependent.own[0]
            assert asked.dependent is not None
            self.patient(asked.dependent, False, dependent.own)

    def patient(self, person: CoveredPerson, subscriber: bool, asked: Sequence[PatientInquiry]) -> None:
        for item in asked:
            self.traces(item.traces)
        self.party(person, "REF N3 PRV")
        self.person_data(person, subscriber)
        for item in asked:
            for question in item.questions:
                self.question(question)

    def question(self, question: Question) -> None:
        types = self.builder.repeated("EQ", 1, question.service_types)
        self.add(
            "EQ",
            Raw(types),
            procedure_parts(question.procedure),
            question.coverage_level,
            "",
            question.diagnosis_pointers,
        )
        if question.spend_down is not None:
            self.add("AMT", "R", question.spend_down)
        if question.spend_down_billed is not None:
            self.add("AMT", "PB", question.spend_down_billed)
        if question.place_qualifier or question.place_of_service:
            self.add("III", question.place_qualifier, question.place_of_service)
        self.reference_list(question.references)
        self.periods(question.dates)


class ResponseWriter(TransactionWriter):
    """Writes the loops of the 271 in their order."""

    def source(self, node: Node[PatientEligibility]) -> None:
        first = _first(node)
        parent = self.hierarchy(0, "20", "1" if node.children else "0")
        self.rejections(first.source_rejections)
        self.party(first.payer, "REF PER AAA")
        for receiver in node.children:
            asking = receiver.key
            assert isinstance(asking, Party)
            above = self.hierarchy(parent, "21", "1" if receiver.children else "0")
            self.party(asking, "REF N3 AAA PRV")
            for subscriber in receiver.children:
                self.subscriber(above, subscriber)

    def subscriber(self, parent: int, node: Node[PatientEligibility]) -> None:
        person = _first(node).subscriber
        assert person is not None
        level = self.hierarchy(parent, "22", "1" if node.children else "0")
        self.patient(person, True, node.own)
        for dependent in node.children:
            self.hierarchy(level, "23", "0")
            below = dependent.own[0].dependent
            assert below is not None
            self.patient(below, False, dependent.own)

    def patient(self, person: CoveredPerson, subscriber: bool, answers: Sequence[PatientEligibility]) -> None:
        for item in answers:
            self.traces(item.traces)
        self.party(person, "REF N3 PER AAA PRV")
        self.person_data(person, subscriber)
        for item in answers:
            for benefit in item.benefits:
                self.benefit(benefit)

    def benefit(self, benefit: Benefit) -> None:
        self.add(
            "EB",
            benefit.kind,
            benefit.coverage_level,
            Raw(self.builder.repeated("EB", 3, benefit.service_types)),
            benefit.insurance_type,
            Words(benefit.plan_name),
            benefit.period,
            benefit.amount,
            benefit.percent,
            benefit.quantity_qualifier,
            benefit.quantity,
            benefit.authorization_required,
            benefit.in_network,
            procedure_parts(benefit.procedure),
            benefit.diagnosis_pointers,
        )
        self.deliveries(benefit.deliveries)
        self.reference_list(benefit.references)
        self.periods(benefit.dates)
        self.rejections(benefit.rejections)
        self.messages(benefit.messages)
        for detail in benefit.details:
            self.add("III", detail.qualifier, Code(detail.code), detail.category, Words(detail.message))
        if benefit.entities:
            self.add("LS", "2120")
            for entity in benefit.entities:
                self.party(entity, "REF N3 PER PRV")
            self.add("LE", "2120")


def _first(node: Node[PatientEligibility]) -> PatientEligibility:
    while not node.own:
        node = node.children[0]
    return node.own[0]
