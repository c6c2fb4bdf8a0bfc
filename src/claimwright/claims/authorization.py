"""Prior authorization: what is asked of a review organization and what it decides (278 request and response, X217)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.nouns import AttachmentReference, ConditionIndicator, Noun
from claimwright.claims.parties import (
    CoveredPerson,
    Delivery,
    Party,
    Period,
    Procedure,
    Reference,
    Rejection,
    Trace,
    period_of,
    reference_of,
)

# UM01
ADMISSION, SERVICES, INDIVIDUAL, REFERRAL = "AR", "HS", "IN", "SC"
# HCR01
CERTIFIED, PARTLY_CERTIFIED, DENIED, PENDED, MODIFIED = "A1", "A2", "A3", "A4", "A6"
CANCELLED, CONTACT_PAYER, NOT_REQUIRED = "C", "CT", "NA"
TRANSPORT_ROLES = ("45", "FS", "ND", "PW", "R3")
INFORMATION_CONTACT = "L5"
LOINC = "LOI"


class Review(Noun, frozen=True):
    """UM: what kind of review is asked for."""

    category: str = ""  # UM01: AR admission, HS services, IN individual, SC referral for specialty care
    certification_type: str = ""  # UM02: I initial, R renewal, S revised, 3 cancel, 4 extension ...
    service_type: str = ""  # UM03
    facility_code: str = ""  # UM04-1
    facility_qualifier: str = ""  # UM04-2: B place of service, A facility type of the bill
    causes: tuple[str, ...] = ()  # UM05-1..3: AA, EM, OA, AP
    accident_state: str = ""  # UM05-4
    accident_country: str = ""  # UM05-5
    level_of_service: str = ""  # UM06: 03 emergency, U urgent, E elective
    health_condition: str = ""  # UM07
    prognosis: str = ""  # UM08
    release_of_information: str = ""  # UM09
    delay_reason: str = ""  # UM10


class Decision(Noun, frozen=True):
    """HCR: what was decided."""

    action: str = ""  # HCR01: A1 certified, A2 partly, A3 not certified, A4 pended, A6 modified, C, CT, NA
    certification_number: str = ""  # HCR02: goes on the claim as REF*G1
    reasons: tuple[str, ...] = ()  # HCR03: why not, at most five
    second_opinion: str = ""  # HCR04: Y a second surgical opinion is asked for

    @property
    def is_certified(self) -> bool:
        """Certified in total or as modified. A part only (A2) is not enough to say so."""
        return self.action in (CERTIFIED, MODIFIED)

    @property
    def is_pending(self) -> bool:
        return self.action == PENDED


class ReviewDiagnosis(Noun, frozen=True):
    """One HI composite: a diagnosis with the day it was known, or a LOINC code (LOI) of what is asked to be sent."""

    qualifier: str = ""  # ABK principal, ABF, ABJ admitting, DR, LOI ...
    code: str = ""
    date: date | None = None


class ReviewAttachment(AttachmentReference, frozen=True):
    """One PWK with what it is about."""

    description: str = ""  # PWK07


class Certification(Noun, frozen=True):
    """Medical necessity in figures, element by element as sent: CR1 ambulance, CR2 spinal, CR5 oxygen, CR6 home health.

    `elements[0]` is element 1; blank ones at the end are left out.
    """

    kind: str = ""
    elements: tuple[str, ...] = ()


class OtherReview(Noun, frozen=True):
    """Another review organization that decided before: loop 2010EC of a request."""

    organization: Party = Party()
    reasons: tuple[str, ...] = ()  # REF*ZZ: REF02, REF04-2, REF04-4
    decided: date | None = None  # DTP*598


class Tooth(Noun, frozen=True):
    """One TOO."""

    code: str = ""
    surfaces: tuple[str, ...] = ()


class AuthorizationService(Noun, frozen=True):
    """One service of an event, loop 2000F. `kind` P, I, D: told as SV1, SV2 or SV3; blank without any.

    `segment` is the HL's ordinal within its ST.
    """

    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    review: Review | None = None
    decision: Decision | None = None
    references: tuple[Reference, ...] = ()  # BB earlier certification, NT administrative
    dates: tuple[Period, ...] = ()  # 472 service; 102 issued, 036 expires, 007 effective
    information_asked: tuple[ReviewDiagnosis, ...] = ()  # HI*LOI
    kind: str = ""
    procedure: Procedure | None = None
    revenue_code: str = ""  # SV201
    charge: Decimal | None = None
    unit_basis: str = ""  # UN, DA, MJ ...; of a dental service always units
    units: Decimal | None = None
    unit_rate: Decimal | None = None  # SV206
    diagnosis_pointers: tuple[int, ...] = ()  # SV107
    epsdt: str = ""  # SV111
    nursing_status: str = ""  # SV209
    level_of_care: str = ""  # SV120, SV210
    oral_cavity: tuple[str, ...] = ()  # SV304
    prosthesis: str = ""  # SV305: I initial, R replacement
    description: str = ""  # SV307
    teeth: tuple[Tooth, ...] = ()
    deliveries: tuple[Delivery, ...] = ()  # HSD
    attachments: tuple[ReviewAttachment, ...] = ()
    messages: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()  # SJ service provider, 72 operating ... and L5, whom to send information to
    segment: int = 0


class AuthorizationEvent(Noun, frozen=True):
    """One patient event, loop 2000E: an admission, a course of treatment, a referral, a transport.

    `segment` is the HL's ordinal within its ST.
    """

    traces: tuple[Trace, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    review: Review = Review()
    decision: Decision | None = None
    references: tuple[Reference, ...] = ()  # BB earlier certification, NT administrative
    dates: tuple[Period, ...] = ()  # AAH event, 435 admission, 096 discharge ...; 102, 036, 007 of the certification
    diagnoses: tuple[ReviewDiagnosis, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    conditions: tuple[ConditionIndicator, ...] = ()  # CRC
    admission_type: str = ""  # CL101
    admission_source: str = ""  # CL102
    patient_status: str = ""  # CL103
    nursing_status: str = ""  # CL104
    certifications: tuple[Certification, ...] = ()  # CR1, CR2, CR5, CR6
    attachments: tuple[ReviewAttachment, ...] = ()
    messages: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()  # providers, stops of a transport, L5 whom to send information to
    other_reviews: tuple[OtherReview, ...] = ()
    services: tuple[AuthorizationService, ...] = ()
    segment: int = 0

    @property
    def providers(self) -> tuple[Party, ...]:
        return tuple(one for one in self.parties if one.role not in (*TRANSPORT_ROLES, INFORMATION_CONTACT))

    @property
    def stops(self) -> tuple[Party, ...]:
        """Where a transport begins, halts and ends."""
        return tuple(one for one in self.parties if one.role in TRANSPORT_ROLES)

    @property
    def certification_number(self) -> str:
        """The number for the claim's REF*G1: of the event, else of the first service that has one."""
        decisions = [self.decision, *(service.decision for service in self.services)]
        return next((one.certification_number for one in decisions if one and one.certification_number), "")

    @property
    def previous_certification(self) -> str:
        return reference_of(self.references, "BB")

    @property
    def effective(self) -> Period | None:
        """When the certification holds: DTP*007, else the event's own AAH."""
        return period_of(self.dates, "007", "AAH")

    def decision_of(self, service: AuthorizationService) -> Decision | None:
        """The service's own decision, else the event's: what is decided of the whole holds for its parts."""
        return service.decision or self.decision


class PriorAuth(Noun, frozen=True):
    """What request and response have in common: one ST..SE of a 278."""

    transaction_control_number: str = ""  # ST02
    purpose: str = ""  # BHT02
    reference: str = ""  # BHT03
    created: date | None = None  # BHT04
    created_time: str = ""  # BHT05, HHMM
    kind: str = ""  # BHT06
    organization: Party = Party()  # 2010A: X3 review organization, PR payer
    requesters: tuple[Party, ...] = ()  # 2010B; an answer may name several
    subscriber: CoveredPerson | None = None
    dependent: CoveredPerson | None = None
    events: tuple[AuthorizationEvent, ...] = ()  # the guide has one in a request

    @property
    def patient(self) -> CoveredPerson | None:
        return self.dependent or self.subscriber

    @property
    def requester(self) -> Party:
        return self.requesters[0] if self.requesters else Party()

    @property
    def event(self) -> AuthorizationEvent:
        """The first event, a blank one where there is none."""
        return self.events[0] if self.events else AuthorizationEvent()


class PriorAuthRequest(PriorAuth, frozen=True):
    """A 278 request. Purpose 13 request, 01 cancellation, 36 authority to deduct."""

    purpose: str = "13"


class PriorAuthResponse(PriorAuth, frozen=True):
    """A 278 response. Kind 18 no further answer follows, 19 a further one does, AT, RU."""

    purpose: str = "11"
    source_rejections: tuple[Rejection, ...] = ()  # AAA of 2000A

    @property
    def rejections(self) -> tuple[Rejection, ...]:
        """All AAA from the source down; each says its level and what to do."""
        people = (self.organization, *self.requesters, self.subscriber, self.dependent)
        found = list(self.source_rejections)
        found.extend(item for party in people if party is not None for item in party.rejections)
        for event in self.events:
            found.extend(event.rejections)
            found.extend(item for party in event.parties for item in party.rejections)
            for service in event.services:
                found.extend(service.rejections)
                found.extend(item for party in service.parties for item in party.rejections)
        return tuple(found)
