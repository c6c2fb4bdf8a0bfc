"""278 request and response (005010X217) to nouns. Reads everything, judges nothing, never raises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from claimwright.claims.authorization import (
    AuthorizationEvent,
    AuthorizationService,
    Certification,
    Decision,
    OtherReview,
    PriorAuthRequest,
    PriorAuthResponse,
    Review,
    ReviewAttachment,
    ReviewDiagnosis,
    Tooth,
)
from claimwright.claims.from_x12.parties import (
    PartyValues,
    Read,
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
from claimwright.claims.nouns import ConditionIndicator
from claimwright.claims.parties import Party
from claimwright.x12.loops import Loop
from claimwright.x12.segments import Segment, Transaction

GUIDE = "005010X217"
REQUEST, RESPONSE = "13", "11"
CERTIFICATIONS = ("CR1", "CR2", "CR5", "CR6")
CODES_OF_CRC = range(3, 8)

PriorAuthRequestRead = Read[PriorAuthRequest]
PriorAuthResponseRead = Read[PriorAuthResponse]


def prior_auth_request(transaction: Transaction) -> PriorAuthRequestRead:
    """One ST..SE of a 278 request."""
    reader = AuthorizationReader("278", tree(transaction, GUIDE, "278", REQUEST), answer=False)
    noun = PriorAuthRequest(transaction_control_number=transaction.control_number, **reader.read())
    return Read(noun=noun, faults=tuple(reader.faults))


def prior_auth_response(transaction: Transaction) -> PriorAuthResponseRead:
    """One ST..SE of a 278 response."""
    reader = AuthorizationReader("278", tree(transaction, GUIDE, "278", RESPONSE), answer=True)
    source = next(reader.root.descend("2000A"), None)
    noun = PriorAuthResponse(
        transaction_control_number=transaction.control_number,
        source_rejections=rejections(source, "source") if source is not None else (),
        **reader.read(),
    )
    return Read(noun=noun, faults=tuple(reader.faults))


class AuthorizationReader(PartyValues):
    """Reads the loops of one 278; request and response differ in the names of a few."""

    def __init__(self, prefix: str, root: Loop, *, answer: bool) -> None:
        super().__init__(prefix)
        self.root = root
        self.event_parties = ("2010EA", "2010EB", "2010EC") if answer else ("2010EA", "2010EB")
        self.other_reviews = "" if answer else "2010EC"
        self.service_parties = ("2010FA", "2010FB") if answer else ("2010F",)

    def read(self) -> dict[str, Any]:
        root, header = self.root, self.root.first("BHT")
        subscriber, dependent = next(root.descend("2010C"), None), next(root.descend("2010D"), None)
        return {
            "purpose": text(header, 2),
            "reference": text(header, 3),
            "created": self.day(header, 4),
            "created_time": text(header, 5),
            "kind": text(header, 6),
            "organization": self.party(next(root.descend("2010A"), None), "payer"),
            "requesters": tuple(self.party(loop, "receiver") for loop in root.descend("2010B")),
            "subscriber": self.covered_person(subscriber, "subscriber") if subscriber is not None else None,
            "dependent": self.covered_person(dependent, "dependent") if dependent is not None else None,
            "events": tuple(self.event(loop) for loop in root.descend("2000E")),
        }

    def event(self, loop: Loop) -> AuthorizationEvent:
        self.loop = loop.id
        admitted = loop.first("CL1")
        return AuthorizationEvent(
            traces=traces(loop),
            rejections=rejections(loop, "event"),
            review=_review(loop.first("UM")) or Review(),
            decision=_decision(loop.first("HCR")),
            references=references(loop),
            dates=self.periods(loop),
            diagnoses=self.diagnoses(loop),
            deliveries=tuple(self.delivery(segment) for segment in loop.all("HSD")),
            conditions=tuple(_condition(segment) for segment in loop.all("CRC")),
            admission_type=text(admitted, 1),
            admission_source=text(admitted, 2),
            patient_status=text(admitted, 3),
            nursing_status=text(admitted, 4),
            certifications=tuple(_certification(one) for one in loop.segments if one.id in CERTIFICATIONS),
            attachments=tuple(_attachment(segment) for segment in loop.all("PWK")),
            messages=messages(loop),
            parties=tuple(self.providers(loop, self.event_parties)),
            other_reviews=tuple(self.other_review(one) for one in loop.loops if one.id == self.other_reviews),
            services=tuple(self.service(one) for one in loop.descend("2000F")),
            segment=opening(loop, "HL").number,
        )

    def providers(self, loop: Loop, names: tuple[str, ...]) -> Iterator[Party]:
        for inner in loop.loops:
            if inner.id in names:
                yield self.party(inner, "provider")

    def other_review(self, loop: Loop) -> OtherReview:
        self.loop = loop.id
        organization = self.party(loop)
        reasons = [
            value for told in organization.references for value in (told.value, *(one for _, one in told.related))
        ]
        return OtherReview(
            organization=Party(
                **{field: getattr(organization, field) for field in Party.__struct_fields__ if field != "references"}
            ),
            reasons=tuple(reason for reason in reasons if reason),
            decided=self.dated(loop, "598"),
        )

    def service(self, loop: Loop) -> AuthorizationService:
        self.loop = loop.id
        return AuthorizationService(
            traces=traces(loop),
            rejections=rejections(loop, "service"),
            review=_review(loop.first("UM")),
            decision=_decision(loop.first("HCR")),
            references=references(loop),
            dates=self.periods(loop),
            information_asked=self.diagnoses(loop),
            **self._service(loop),
            teeth=tuple(_tooth(segment) for segment in loop.all("TOO")),
            deliveries=tuple(self.delivery(segment) for segment in loop.all("HSD")),
            attachments=tuple(_attachment(segment) for segment in loop.all("PWK")),
            messages=messages(loop),
            parties=tuple(self.providers(loop, self.service_parties)),
            segment=opening(loop, "HL").number,
        )

    def _service(self, loop: Loop) -> dict[str, Any]:
        professional, institutional, dental = loop.first("SV1"), loop.first("SV2"), loop.first("SV3")
        if professional is not None:
            return {
                "kind": "P",
                "procedure": procedure(professional, 1),
                "charge": self.optional_amount(professional, 2),
                "unit_basis": text(professional, 3),
                "units": self.quantity(professional, 4),
                "diagnosis_pointers": self.pointers(professional, 7),
                "epsdt": text(professional, 11),
                "level_of_care": text(professional, 20),
            }
        if institutional is not None:
            return {
                "kind": "I",
                "revenue_code": text(institutional, 1),
                "procedure": procedure(institutional, 2),
                "charge": self.optional_amount(institutional, 3),
                "unit_basis": text(institutional, 4),
                "units": self.quantity(institutional, 5),
                "unit_rate": self.quantity(institutional, 6),
                "nursing_status": text(institutional, 9),
                "level_of_care": text(institutional, 10),
            }
        if dental is not None:
            return {
                "kind": "D",
                "procedure": procedure(dental, 1),
                "charge": self.optional_amount(dental, 2),
                "oral_cavity": tuple(part.strip() for part in dental.components(4) if part.strip()),
                "prosthesis": text(dental, 5),
                "units": self.quantity(dental, 6),
                "description": text(dental, 7),
            }
        return {}

    def diagnoses(self, loop: Loop) -> tuple[ReviewDiagnosis, ...]:
        return tuple(
            ReviewDiagnosis(
                qualifier=segment.component(at, 1).strip(),
                code=segment.component(at, 2).strip(),
                date=self._known(segment, at),
            )
            for segment in loop.all("HI")
            for at in range(1, len(segment) + 1)
            if segment.component(at, 2).strip()
        )

    def _known(self, segment: Segment, element: int) -> date | None:
        return self._day(segment, element, segment.component(element, 4))


def _review(segment: Segment | None) -> Review | None:
    if segment is None:
        return None
    causes = tuple(segment.component(5, at).strip() for at in (1, 2, 3))
    return Review(
        category=text(segment, 1),
        certification_type=text(segment, 2),
        service_type=text(segment, 3),
        facility_code=segment.component(4, 1).strip(),
        facility_qualifier=segment.component(4, 2).strip(),
        causes=tuple(cause for cause in causes if cause),
        accident_state=segment.component(5, 4).strip(),
        accident_country=segment.component(5, 5).strip(),
        level_of_service=text(segment, 6),
        health_condition=text(segment, 7),
        prognosis=text(segment, 8),
        release_of_information=text(segment, 9),
        delay_reason=text(segment, 10),
    )


def _decision(segment: Segment | None) -> Decision | None:
    if segment is None:
        return None
    return Decision(
        action=text(segment, 1),
        certification_number=text(segment, 2),
        reasons=repeats(segment, 3),
        second_opinion=text(segment, 4),
    )


def _condition(segment: Segment) -> ConditionIndicator:
    codes = (text(segment, at) for at in CODES_OF_CRC)
    return ConditionIndicator(
        category=text(segment, 1), applies=text(segment, 2) != "N", codes=tuple(code for code in codes if code)
    )


def _certification(segment: Segment) -> Certification:
    elements = [text(segment, at) for at in range(1, len(segment) + 1)]
    while elements and not elements[-1]:
        elements.pop()
    return Certification(kind=segment.id, elements=tuple(elements))


def _attachment(segment: Segment) -> ReviewAttachment:
    return ReviewAttachment(
        report_type=text(segment, 1),
        transmission=text(segment, 2),
        control_number=text(segment, 6),
        description=text(segment, 7),
    )


def _tooth(segment: Segment) -> Tooth:
    return Tooth(code=text(segment, 2), surfaces=tuple(part.strip() for part in segment.components(3) if part.strip()))
