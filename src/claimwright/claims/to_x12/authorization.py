"""PriorAuthRequest and PriorAuthResponse to 278, 005010X217."""

from __future__ import annotations

from collections.abc import Sequence

from claimwright.claims.authorization import (
    AuthorizationEvent,
    AuthorizationService,
    Decision,
    OtherReview,
    PriorAuth,
    PriorAuthRequest,
    PriorAuthResponse,
    Review,
    ReviewAttachment,
    ReviewDiagnosis,
)
from claimwright.claims.parties import CoveredPerson
from claimwright.claims.to_x12.parties import Code, Words
from claimwright.claims.to_x12.text import TextNotice
from claimwright.claims.to_x12.transactions import TransactionWriter, procedure_parts, transaction_number
from claimwright.x12.segments import Segment
from claimwright.x12.writer import Raw, TransactionBuilder, ValueRefused

GUIDE = "005010X217"
STRUCTURE = "0007"
DIAGNOSES_PER_HI = 12
REASONS_OF_OTHERS = 3
CAUSES = 3


def prior_auth_request(
    request: PriorAuthRequest, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 278 request. `control_number` overrides the noun's own ST02; text changes go to `notices`."""
    return _build(request, control_number, notices)


def prior_auth_response(
    response: PriorAuthResponse, control_number: str = "", *, notices: list[TextNotice] | None = None
) -> list[Segment]:
    """One ST..SE of a 278 response. `control_number` overrides the noun's own ST02; text changes go to `notices`.

    Levels below the last that the noun has are left out, as where a payer refuses one.
    """
    return _build(response, control_number, notices)


def _build(noun: PriorAuth, control_number: str, notices: list[TextNotice] | None) -> list[Segment]:
    writer = AuthorizationWriter(TransactionBuilder("278", transaction_number(noun, control_number), GUIDE))
    writer.beginning(STRUCTURE, noun.purpose, noun.reference, noun.created, noun.created_time, noun.kind)
    writer.levels(noun)
    if notices is not None:
        notices.extend(writer.notices)
    return writer.builder.build()


class AuthorizationWriter(TransactionWriter):
    """Writes the loops of the 278 in their order."""

    def levels(self, noun: PriorAuth) -> None:
        if (noun.subscriber is None and (noun.dependent is not None or noun.events)) or (
            noun.subscriber is not None and not noun.requesters
        ):
            raise ValueRefused("HL", 3, "a level below is told and one above it is not")
        level = self.hierarchy(0, "20", _flag(noun.requesters))
        if isinstance(noun, PriorAuthResponse):
            self.rejections(noun.source_rejections)
        self.party(noun.organization)
        if not noun.requesters:
            return
        level = self.hierarchy(level, "21", _flag(noun.subscriber))
        for requester in noun.requesters:
            self.party(requester)
        if noun.subscriber is None:
            return
        level = self.hierarchy(level, "22", _flag(noun.dependent or noun.events))
        self.person(noun.subscriber, True)
        if noun.dependent is not None:
            level = self.hierarchy(level, "23", _flag(noun.events))
            self.person(noun.dependent, False)
        for event in noun.events:
            self.event(level, event)

    def person(self, person: CoveredPerson, subscriber: bool) -> None:
        self.party(person, "REF N3 PER AAA")
        self.demographics(person)
        self.insured(person, subscriber)

    def event(self, parent: int, event: AuthorizationEvent) -> None:
        level = self.hierarchy(parent, "EV", _flag(event.services))
        self.control_number = event.traces[0].number if event.traces else ""
        self.traces(event.traces)
        self.rejections(event.rejections)
        if event.review != Review():
            self.review(event.review)
        self.decision(event.decision)
        self.reference_list(event.references)
        self.periods(event.dates)
        self.codes(event.diagnoses)
        self.deliveries(event.deliveries)
        for condition in event.conditions:
            self.add("CRC", condition.category, "Y" if condition.applies else "N", *condition.codes)
        admitted = (event.admission_type, event.admission_source, event.patient_status, event.nursing_status)
        if any(admitted):
            self.add("CL1", *admitted)
        for certification in event.certifications:
            self.add(certification.kind, *(Words(value) for value in certification.elements))
        self.attachments(event.attachments)
        self.messages(event.messages)
        for party in event.parties:
            self.party(party)
        for other in event.other_reviews:
            self.other_review(other)
        for service in event.services:
            self.service(level, service)

    def review(self, review: Review) -> None:
        causes: list[str] = [*review.causes, "", "", ""][:CAUSES]
        self.add(
            "UM",
            review.category,
            review.certification_type,
            review.service_type,
            (review.facility_code, review.facility_qualifier),
            (*causes, review.accident_state, review.accident_country),
            review.level_of_service,
            review.health_condition,
            review.prognosis,
            review.release_of_information,
            review.delay_reason,
        )

    def decision(self, decision: Decision | None) -> None:
        if decision is not None:
            reasons = Raw(self.builder.repeated("HCR", 3, decision.reasons))
            self.add("HCR", decision.action, Code(decision.certification_number), reasons, decision.second_opinion)

    def codes(self, diagnoses: Sequence[ReviewDiagnosis]) -> None:
        for at in range(0, len(diagnoses), DIAGNOSES_PER_HI):
            self.add(
                "HI",
                *(
                    (one.qualifier, Code(one.code), "D8" if one.date else "", f"{one.date:%Y%m%d}" if one.date else "")
                    for one in diagnoses[at : at + DIAGNOSES_PER_HI]
                ),
            )

    def attachments(self, attachments: Sequence[ReviewAttachment]) -> None:
        for one in attachments:
            qualifier = "AC" if one.control_number else ""
            self.add(
                "PWK",
                one.report_type,
                one.transmission,
                "",
                "",
                qualifier,
                Code(one.control_number),
                Words(one.description),
            )

    def other_review(self, other: OtherReview) -> None:
        self.party_name(other.organization)
        if other.reasons:
            first, *more = other.reasons[:REASONS_OF_OTHERS]
            pairs = [part for reason in more for part in ("ZZ", Code(reason))]
            self.add("REF", "ZZ", Code(first), "", tuple(pairs))
        if other.decided is not None:
            self.add("DTP", "598", "D8", other.decided)

    def service(self, parent: int, service: AuthorizationService) -> None:
        self.hierarchy(parent, "SS", "0")
        self.traces(service.traces)
        self.rejections(service.rejections)
        if service.review is not None:
            self.review(service.review)
        self.decision(service.decision)
        self.reference_list(service.references)
        self.periods(service.dates)
        self.codes(service.information_asked)
        self.service_line(service)
        for tooth in service.teeth:
            self.add("TOO", "JP", tooth.code, tooth.surfaces)
        self.deliveries(service.deliveries)
        self.attachments(service.attachments)
        self.messages(service.messages)
        for party in service.parties:
            self.party(party)

    def service_line(self, service: AuthorizationService) -> None:
        code = procedure_parts(service.procedure)
        if service.kind == "P":
            self.add(
                "SV1", code, service.charge, service.unit_basis, service.units, "", "", service.diagnosis_pointers,
                "", "", "", service.epsdt, *([""] * 8), service.level_of_care,
            )  # fmt: skip
        elif service.kind == "I":
            self.add(
                "SV2", service.revenue_code, code, service.charge, service.unit_basis, service.units,
                service.unit_rate, "", "", service.nursing_status, service.level_of_care,
            )  # fmt: skip
        elif service.kind == "D":
            self.add(
                "SV3", code, service.charge, "", service.oral_cavity, service.prosthesis, service.units,
                Words(service.description),
            )  # fmt: skip


def _flag(below: object) -> str:
    """HL04."""
    return "1" if below else "0"
