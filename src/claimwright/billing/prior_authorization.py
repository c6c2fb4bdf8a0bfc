"""A prior authorization asked for by 278 and what the answer means: from a visit to the request, from the response to what
is on file. Service types and reasons stay codes of X12 lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from claimwright.claims.authorization import (
    CANCELLED,
    CERTIFIED,
    CONTACT_PAYER,
    DENIED,
    MODIFIED,
    NOT_REQUIRED,
    PARTLY_CERTIFIED,
    PENDED,
    REFERRAL,
    SERVICES,
    AuthorizationEvent,
    AuthorizationService,
    Decision,
    PriorAuthRequest,
    PriorAuthResponse,
    Review,
    ReviewDiagnosis,
)
from claimwright.claims.nouns import Coverage, Encounter, Line, Noun, Patient, Person, Provider
from claimwright.claims.parties import ContactPoint, CoveredPerson, Delivery, Party, Period, Procedure, Reference, Trace

ONE_DAY = timedelta(days=1)
EMERGENCY = "03"  # UM06
STATUS_OF_ACTION = {
    CERTIFIED: "approved",
    MODIFIED: "partial",
    PARTLY_CERTIFIED: "partial",
    DENIED: "denied",
    PENDED: "pended",
    CONTACT_PAYER: "pended",
    CANCELLED: "cancelled",
    NOT_REQUIRED: "not_required",
}
# Follow-up of an AAA (X12 list 889) after which the same request may go again: P please resubmit, R resubmission allowed.
MAY_GO_AGAIN = frozenset(("P", "R", "W"))
DIAGNOSES_ASKED = 12  # HI of 2000E


class RequestRefused(ValueError):
    """The request cannot be made; the message says what is missing. It holds no patient value."""


class Asked(Noun, frozen=True, kw_only=True):
    """What is asked for. `through` is the last day. `lines` are positions in the visit; none: all of them."""

    kind: str = "authorization"  # authorization, referral
    trace: str = ""  # TRN02 and BHT03, unique at the practice
    created: date
    created_time: str = "0000"
    on: date
    through: date | None = None
    certification_type: str = "I"  # UM02: I initial, R renewal, S revised, 4 extension, 3 cancel
    service_type: str = ""  # UM03
    expedited: bool = False
    visits: int | None = None
    lines: tuple[int, ...] = ()
    previous_number: str = ""  # of the certification that is renewed or extended
    note: str = ""


class Answer(Noun, frozen=True, kw_only=True):
    """What a response says of our request. Days are those of the payer, `through` included; None where it says none."""

    status: str  # approved, partial, denied, pended, cancelled, not_required, rejected
    number: str = ""
    reference: str = ""  # the payer's number of a request that is not decided
    reasons: tuple[str, ...] = ()  # HCR03, or the AAA reasons of a rejected request
    units: Decimal | None = None
    visits: int | None = None
    start: date | None = None
    through: date | None = None
    may_go_again: bool = False
    message: str = ""


def request_of(
    encounter: Encounter, *, patient: Patient, coverage: Coverage, requester: Provider, asked: Asked
) -> PriorAuthRequest:
    """The 278 request for a visit, done or planned. Raises RequestRefused where the guide asks for what is not there."""
    lines = _lines(encounter, asked)
    _check(coverage, patient, requester, lines, asked)
    subscriber = coverage.subscriber if coverage.relationship != "18" else _as_person(patient)
    own = CoveredPerson(
        **_person(subscriber), role="IL", is_organization=coverage.subscriber_is_organization, id_qualifier="MI",
        identifier=coverage.member_id, references=_group(coverage),
    )  # fmt: skip
    dependent = None
    if coverage.relationship != "18":
        dependent = CoveredPerson(**_person(_as_person(patient)), role="QC", insured_relationship=coverage.relationship)
    return PriorAuthRequest(
        reference=asked.trace, created=asked.created, created_time=asked.created_time, kind="",
        organization=Party(
            role="X3", is_organization=True, last_name=coverage.payer.name, id_qualifier="PI",
            identifier=coverage.payer.payer_id,
        ),
        requesters=(_provider("1P", requester),), subscriber=own, dependent=dependent,
        events=(_event(encounter, lines, asked, requester),),
    )  # fmt: skip


def _lines(encounter: Encounter, asked: Asked) -> list[Line]:
    chosen = [line for at, line in enumerate(encounter.lines) if not asked.lines or at in asked.lines]
    return [line for line in chosen if line.procedure_code or line.revenue_code]


def _check(coverage: Coverage, patient: Patient, requester: Provider, lines: Sequence[Line], asked: Asked) -> None:
    wanting = [
        (asked.trace, "a trace number"),
        (coverage.payer.payer_id, "the payer's id"),
        (coverage.member_id, "the member id"),
        (patient.last_name, "the patient's name"),
        (patient.birth_date, "the patient's date of birth"),
        (requester.npi, "the requester's NPI"),
        (lines or asked.kind == "referral", "a service to ask for"),
    ]
    missing = [name for value, name in wanting if not value]
    if asked.through is not None and asked.through < asked.on:
        missing.append("a last day that is not before the first")
    if missing:
        raise RequestRefused(f"the request needs {', '.join(missing)}")


def _event(encounter: Encounter, lines: Sequence[Line], asked: Asked, requester: Provider) -> AuthorizationEvent:
    place = next((line.place_of_service for line in lines if line.place_of_service), encounter.place_of_service)
    performing = next((line.rendering for line in lines if line.rendering), encounter.rendering)
    parties = (_provider("SJ", performing),) if performing is not None and performing.npi else ()
    visits = (Delivery(quantity_qualifier="VS", quantity=Decimal(asked.visits)),) if asked.visits else ()
    return AuthorizationEvent(
        traces=(Trace(kind="1", number=asked.trace, originator=_originator(requester)),),
        review=Review(
            category=REFERRAL if asked.kind == "referral" else SERVICES, certification_type=asked.certification_type,
            service_type=asked.service_type, facility_code=place, facility_qualifier="B" if place else "",
            causes=encounter.causes, accident_state=encounter.accident_state,
            level_of_service=EMERGENCY if asked.expedited else "",
        ),
        references=(Reference(qualifier="BB", value=asked.previous_number),) if asked.previous_number else (),
        dates=(Period(qualifier="AAH", start=asked.on, end=asked.through),),
        diagnoses=tuple(
            ReviewDiagnosis(qualifier="ABF" if at else "ABK", code=one.code)
            for at, one in enumerate(encounter.diagnoses[:DIAGNOSES_ASKED])
        ),
        deliveries=visits if not lines else (),
        messages=(asked.note,) if asked.note else (), parties=parties,
        services=tuple(_service(line, asked, visits) for line in lines),
    )  # fmt: skip


def _originator(requester: Provider) -> str:
    """TRN03: who gave the trace number; 9 before a tax id."""
    return f"9{requester.tax_id}" if requester.tax_id else requester.npi


def _service(line: Line, asked: Asked, visits: tuple[Delivery, ...]) -> AuthorizationService:
    institutional = not line.procedure_code or bool(line.revenue_code)
    procedure = None
    if line.procedure_code:
        procedure = Procedure(qualifier=line.procedure_qualifier, code=line.procedure_code, modifiers=line.modifiers)
    return AuthorizationService(
        dates=(Period(qualifier="472", start=asked.on, end=asked.through),), kind="I" if institutional else "P",
        procedure=procedure, revenue_code=line.revenue_code if institutional else "", unit_basis=line.unit_basis,
        units=line.units, diagnosis_pointers=() if institutional else line.diagnosis_pointers[:4], deliveries=visits,
    )  # fmt: skip


def _as_person(patient: Patient) -> Person:
    return Person(**{field: getattr(patient, field) for field in Person.__struct_fields__})


def _person(person: Person) -> dict[str, Any]:
    return {
        "last_name": person.last_name, "first_name": person.first_name, "middle_name": person.middle_name,
        "suffix": person.suffix, "address": person.address, "birth_date": person.birth_date, "sex": person.sex,
    }  # fmt: skip


def _group(coverage: Coverage) -> tuple[Reference, ...]:
    return (Reference(qualifier="6P", value=coverage.group_number),) if coverage.group_number else ()


def _provider(role: str, provider: Provider) -> Party:
    contacts: tuple[ContactPoint, ...] = ()
    if role == "1P" and provider.phone:
        contacts = (ContactPoint(name=provider.contact_name, numbers=(("TE", provider.phone),)),)
    return Party(
        role=role, is_organization=provider.is_organization, last_name=provider.last_name,
        first_name=provider.first_name, id_qualifier="XX", identifier=provider.npi, contacts=contacts,
        provider_code=("AD" if role == "1P" else "PE") if provider.taxonomy else "",
        taxonomy_qualifier="PXC" if provider.taxonomy else "", taxonomy=provider.taxonomy,
    )  # fmt: skip


# The answer ----------------------------------------------------------------------------------------------------------


def traces_of(response: PriorAuthResponse) -> tuple[str, ...]:
    """The numbers by which the response may be ours: the traces it gives back (TRN01 2), and BHT03."""
    found = [trace.number for event in response.events for trace in event.traces if trace.kind == "2"]
    return tuple(dict.fromkeys((*found, response.reference)))


def answer_of(response: PriorAuthResponse) -> Answer | None:
    """What the response decides, None where it neither decides nor rejects anything.

    Several services decided differently are approved in part. Of their units the certified ones count.
    """
    event = response.event
    rejections = response.rejections
    decided = [(one, event.decision_of(one)) for one in event.services]
    decisions = [decision for _, decision in decided if decision is not None] or (
        [event.decision] if event.decision is not None else []
    )
    if not decisions:
        if not rejections:
            return None
        return Answer(
            status="rejected", reasons=tuple(dict.fromkeys(one.reason for one in rejections if one.reason)),
            may_go_again=all(one.follow_up in MAY_GO_AGAIN for one in rejections), message=_messages(event),
        )  # fmt: skip
    status = _status(decisions)
    granted = [one for one, decision in decided if decision is not None and decision.action in _GRANTING]
    period = event.effective or next((found for one in granted if (found := _dates(one)) is not None), None)
    number = event.certification_number
    waiting = status in ("pended", "not_required", "denied")
    return Answer(
        status=status, number="" if waiting else number, reference=number if waiting else event.previous_certification,
        reasons=tuple(dict.fromkeys(reason for one in decisions for reason in one.reasons)),
        units=_units(granted), visits=_visits(event, granted), start=period.start if period else None,
        through=(period.end or _expires(event) or period.start) if period else _expires(event),
        message=_messages(event),
    )  # fmt: skip


_GRANTING = frozenset((CERTIFIED, MODIFIED, PARTLY_CERTIFIED))


def _status(decisions: Sequence[Decision]) -> str:
    said = {STATUS_OF_ACTION.get(one.action, "pended") for one in decisions}
    if len(said) == 1:
        return said.pop()
    if said & {"approved", "partial"}:
        return "partial"
    return "pended" if "pended" in said else "denied"


def _dates(service: AuthorizationService) -> Period | None:
    return next((one for qualifier in ("007", "472") for one in service.dates if one.qualifier == qualifier), None)


def _expires(event: AuthorizationEvent) -> date | None:
    return next((one.start for one in event.dates if one.qualifier == "036"), None)


def _units(granted: Sequence[AuthorizationService]) -> Decimal | None:
    told = [one.units for one in granted if one.units is not None]
    return sum(told, Decimal(0)) if told else None


def _visits(event: AuthorizationEvent, granted: Sequence[AuthorizationService]) -> int | None:
    deliveries = [*event.deliveries, *(one for service in granted for one in service.deliveries)]
    told = [int(one.quantity) for one in deliveries if one.quantity_qualifier == "VS" and one.quantity is not None]
    return max(told) if told else None


def _messages(event: AuthorizationEvent) -> str:
    return " ".join((*event.messages, *(text for one in event.services for text in one.messages)))
