"""What is asked and answered around the claims: eligibility, review, attachment, status."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from claimwright.claims.attachment import AttachedDocument, Attachment, AttachmentItem
from claimwright.claims.authorization import (
    AuthorizationEvent,
    AuthorizationService,
    Decision,
    PriorAuthRequest,
    PriorAuthResponse,
    Review,
    ReviewDiagnosis,
)
from claimwright.claims.eligibility import Benefit, PatientEligibility, PatientInquiry, Question
from claimwright.claims.inquiries import payer_party, provider_party
from claimwright.claims.nouns import Claim, Line, Person
from claimwright.claims.parties import (
    ContactPoint,
    CoveredPerson,
    Party,
    Period,
    Procedure,
    Reference,
    Trace,
)
from claimwright.claims.status import (
    ClaimInquiry,
    LineInquiry,
    LineStatus,
    StatusCode,
    StatusReport,
    StatusStatement,
)
from claimwright.claims.synthetic import payment as paying
from claimwright.claims.synthetic.claims import Episode, money, registered
from claimwright.claims.synthetic.people import (
    Plan,
    tax_id,
)

TRACE_ORIGIN = f"9{tax_id(1)}"  # TRN03 of what the practices ask
SUBMITTER_ID, SUBMITTER_NAME = "SYNSUBMIT", "SYNTHETIC BILLING SERVICE"
SUBMITTER_CONTACT, SUBMITTER_PHONE = "EDI DESK", "5555550150"
CLEARINGHOUSE_ID, CLEARINGHOUSE_NAME = "SYNCLEAR", "FICTIVE CLEARINGHOUSE"
SERVICE_TYPES = {"P": "98", "I": "48", "D": "35"}  # 271: of the copay or coinsurance told besides
WHOLE_PLAN = "30"
DETAILS = "THE RECORDS OF THIS INVENTED VISIT SUPPORT THE SERVICES BILLED. NO REAL PATIENT IS DESCRIBED."


# People as parties --------------------------------------------------------------------------------------------------


def _covered(person: Person, role: str, member_id: str = "", *, full: bool = True) -> CoveredPerson:
    return CoveredPerson(
        role=role,
        last_name=person.last_name,
        first_name=person.first_name,
        middle_name=person.middle_name,
        id_qualifier="MI" if member_id else "",
        identifier=member_id,
        birth_date=person.birth_date if full else None,
        sex=person.sex if full else "",
    )


def _people(episode: Episode, at: int, dependent_role: str, full: bool) -> tuple[CoveredPerson, CoveredPerson | None]:
    """The subscriber of the cover, and the patient where they are somebody else; as the payer knows them."""
    cover, people = episode.family.covers[at], episode.family.people
    holder = people[cover.holder]
    if cover.holder == episode.patient:
        return _covered(holder, "IL", cover.member_id, full=full), None
    subscriber = _covered(holder, "IL", cover.member_id, full=False)
    return subscriber, _covered(people[episode.patient], dependent_role, full=full)


# Eligibility --------------------------------------------------------------------------------------------------------


def eligibility_inquiry(episode: Episode, at: int) -> PatientInquiry:
    """Whether the cover at that place holds for the patient."""
    cover = episode.family.covers[at]
    subscriber, dependent = _people(episode, at, "03", full=True)
    return PatientInquiry(
        payer=payer_party(cover.plan.payer),
        receiver=provider_party(episode.practice.billing),
        subscriber=subscriber,
        dependent=dependent,
        traces=(Trace(kind="1", number=eligibility_trace(episode, at), originator=TRACE_ORIGIN),),
        questions=(Question(service_types=(WHOLE_PLAN,), dates=(Period(qualifier="291", start=episode.served),)),),
    )


def eligibility_trace(episode: Episode, at: int) -> str:
    return f"ELG{episode.tag}{at + 1}"


def eligibility_answer(episode: Episode, at: int, left: int) -> PatientEligibility:
    """Active cover with its deductible (`left` cents of it remain), coinsurance and copay: those the claims are paid by."""
    cover = episode.family.covers[at]
    plan = cover.plan
    subscriber, dependent = _people(episode, at, "03", full=True)
    begin = (Period(qualifier="346", start=date(episode.served.year, 1, 1)),)
    if dependent is None:
        subscriber = _with(subscriber, dates=begin, references=(Reference(qualifier="6P", value=cover.group_number),))
    else:
        dependent = _with(dependent, dates=begin)
    return PatientEligibility(
        payer=payer_party(plan.payer),
        receiver=provider_party(episode.practice.billing),
        subscriber=subscriber,
        dependent=dependent,
        traces=(Trace(kind="2", number=eligibility_trace(episode, at), originator=TRACE_ORIGIN),),
        benefits=_benefits(plan, episode.kind, left),
    )


def _benefits(plan: Plan, kind: str, left: int) -> tuple[Benefit, ...]:
    def benefit(code: str, service_type: str = WHOLE_PLAN, **told: object) -> Benefit:
        own = {"coverage_level": "IND", "service_types": (service_type,), "in_network": "Y", **told}
        return Benefit(kind=code, **own)  # type: ignore[arg-type]

    found = [
        benefit("1", insurance_type=plan.insurance_type, plan_name=plan.payer.name, in_network=""),
        benefit("C", period="23", amount=money(plan.deductible)),
        benefit("C", period="29", amount=money(left)),
        benefit("A", period="27", percent=Decimal(plan.coinsurance_percent).scaleb(-2).normalize()),
    ]
    if plan.copay and kind == "P":
        found.append(benefit("B", SERVICE_TYPES[kind], period="27", amount=money(plan.copay)))
    return tuple(found)


def _with(person: CoveredPerson, **told: object) -> CoveredPerson:
    values = {field: getattr(person, field) for field in person.__struct_fields__}
    return CoveredPerson(**{**values, **told})


# Services review ----------------------------------------------------------------------------------------------------


def review_request(episode: Episode, on: date) -> PriorAuthRequest:
    """What the practice asks before the service."""
    subscriber, dependent = _people(episode, 0, "QC", full=True)
    return PriorAuthRequest(
        reference=f"REV{episode.tag}",
        created=on,
        created_time="0900",
        organization=_review_organization(episode),
        requesters=(
            _with_contact(
                provider_party(episode.practice.billing),
                ContactPoint(name="REFERRAL DESK", numbers=(("TE", episode.practice.billing.phone),)),
            ),
        ),
        subscriber=subscriber,
        dependent=dependent,
        events=(_event(episode, "1", None, on),),
    )


def review_response(episode: Episode, on: date) -> PriorAuthResponse:
    """Certified, with the number that the claim carries as REF*G1."""
    subscriber, dependent = _people(episode, 0, "QC", full=True)
    decision = Decision(action="A1", certification_number=episode.claim.prior_authorization)
    return PriorAuthResponse(
        reference=f"REV{episode.tag}",
        created=on,
        created_time="1500",
        kind="18",
        organization=_review_organization(episode),
        requesters=(provider_party(episode.practice.billing),),
        subscriber=subscriber,
        dependent=dependent,
        events=(_event(episode, "2", decision, on),),
    )


def _review_organization(episode: Episode) -> Party:
    return payer_party(episode.plan.payer, "X3")


def _with_contact(party: Party, contact: ContactPoint) -> Party:
    values = {field: getattr(party, field) for field in party.__struct_fields__}
    return Party(**{**values, "contacts": (contact,)})


def _event(episode: Episode, trace_kind: str, decision: Decision | None, on: date) -> AuthorizationEvent:
    claim = episode.claim
    period = Period(qualifier="AAH", start=episode.served - timedelta(1), end=episode.served + timedelta(30))
    certified: tuple[Period, ...] = ()
    if decision is not None:
        certified = (Period(qualifier="036", start=period.end), Period(qualifier="007", start=on))
    facts = claim.institutional
    review = Review(
        category="HS",
        certification_type="I",
        facility_code=facts.facility_type if facts else claim.place_of_service,
        facility_qualifier="A" if facts else "B",
        release_of_information="Y" if decision is None else "",
    )
    performer = claim.rendering or (facts.attending if facts else None) or claim.billing_provider
    return AuthorizationEvent(
        traces=(Trace(kind=trace_kind, number=f"EVT{episode.tag}", originator=TRACE_ORIGIN),),
        review=review,
        decision=decision,
        dates=(period, *certified),
        diagnoses=tuple(ReviewDiagnosis(qualifier=one.qualifier, code=one.code) for one in claim.diagnoses),
        parties=(provider_party(performer, "SJ"),),
        services=tuple(_service(episode, line, trace_kind, decision) for line in claim.lines),
    )


def _service(episode: Episode, line: Line, trace_kind: str, decision: Decision | None) -> AuthorizationService:
    return AuthorizationService(
        traces=(Trace(kind=trace_kind, number=f"SRV{episode.tag}{line.number}", originator=TRACE_ORIGIN),),
        decision=decision,
        dates=(Period(qualifier="472", start=episode.served),),
        kind="P",
        procedure=Procedure(qualifier="HC", code=line.procedure_code, modifiers=line.modifiers),
        unit_basis="UN",
        units=line.units,
    )


# Attachment ---------------------------------------------------------------------------------------------------------


def attachment(episode: Episode, claim: Claim, on: date) -> Attachment:
    """The document that a claim's PWK announces."""
    announced = claim.attachments[0]
    patient = registered(episode)
    return Attachment(
        reference=announced.control_number,
        created=on,
        payer=payer_party(claim.coverage.payer),
        submitter=submitter(),
        provider=provider_party(claim.billing_provider),
        patient=Party(
            role="QC",
            last_name=patient.last_name,
            first_name=patient.first_name,
            middle_name=patient.middle_name,
            id_qualifier="MI",
            identifier=claim.coverage.member_id,
            references=(Reference(qualifier="EJ", value=claim.control_number),),
        ),
        service=Period(qualifier="472", start=episode.served),
        items=(
            AttachmentItem(
                traces=(Trace(kind="1", number=announced.control_number),),
                submitted=on,
                report_type="AE",
                content_format="TX",
                documents=(AttachedDocument(content=DETAILS.encode("ascii")),),
            ),
        ),
    )


def submitter() -> Party:
    return Party(role="41", is_organization=True, last_name=SUBMITTER_NAME, id_qualifier="46", identifier=SUBMITTER_ID)


def clearinghouse() -> Party:
    return Party(
        role="AY", is_organization=True, last_name=CLEARINGHOUSE_NAME, id_qualifier="46", identifier=CLEARINGHOUSE_ID
    )


# Claim status -------------------------------------------------------------------------------------------------------


def status_inquiry(episode: Episode, claim: Claim, payer_claim_number: str) -> ClaimInquiry:
    """How it stands with a claim that the payer has taken in."""
    subscriber, dependent = _people(episode, 0, "QC", full=True)
    return ClaimInquiry(
        payer=payer_party(claim.coverage.payer),
        receiver=submitter(),
        providers=(provider_party(claim.billing_provider),),
        subscriber=subscriber,
        dependent=dependent,
        trace_number=f"STA{episode.tag}",
        references=(
            Reference(qualifier="1K", value=payer_claim_number),
            Reference(qualifier="EJ", value=claim.control_number),
        ),
        charge=claim.total_charge,
        dates=_dates_of(episode),
        lines=tuple(_line_inquiry(episode, line) for line in claim.lines),
    )


def _dates_of(episode: Episode) -> Period:
    end = episode.served + timedelta(episode.visit.days) if episode.visit.is_stay else None
    return Period(qualifier="472", start=episode.served, end=end)


def _procedure(line: Line) -> Procedure:
    if not line.procedure_code:
        return Procedure(qualifier="NU", code=line.revenue_code)
    return Procedure(qualifier=line.procedure_qualifier, code=line.procedure_code, modifiers=line.modifiers)


def _line_inquiry(episode: Episode, line: Line) -> LineInquiry:
    return LineInquiry(
        procedure=_procedure(line),
        charge=line.charge,
        revenue_code=line.revenue_code if line.procedure_code else "",
        units=line.units,
        control_number=line.control_number,
        dates=_dates_of(episode),
    )


def status_report(
    episode: Episode, inquiry: ClaimInquiry, decision: paying.Decision | None, trace: str, paid_on: date, on: date
) -> StatusReport:
    """The answer: finished with what was paid by which transfer, or still in process (`decision` None)."""
    code = _status_code(decision)
    statement = StatusStatement(codes=(code,), effective_date=on, charge=inquiry.charge)
    lines: tuple[LineStatus, ...] = ()
    if decision is not None:
        statement = StatusStatement(
            codes=(code,),
            effective_date=on,
            charge=inquiry.charge,
            paid=money(decision.paid),
            finalized_date=paid_on,
            payment_date=paid_on if trace else None,
            payment_trace=trace,
        )
        lines = tuple(
            LineStatus(
                procedure=asked.procedure,
                charge=asked.charge,
                paid=money(decided.paid),
                revenue_code=asked.revenue_code,
                units=asked.units,
                statuses=(StatusStatement(codes=(_line_code(decided),), effective_date=on),),
                control_number=asked.control_number,
                dates=asked.dates,
            )
            for asked, decided in zip(inquiry.lines, decision.lines, strict=False)
        )
    return StatusReport(
        payer=inquiry.payer,
        receiver=inquiry.receiver,
        providers=inquiry.providers,
        subscriber=_plain(inquiry.subscriber),
        dependent=_plain(inquiry.dependent) if inquiry.dependent else None,
        trace_number=inquiry.trace_number,
        statuses=(statement,),
        references=inquiry.references,
        dates=inquiry.dates,
        lines=lines,
    )


def _plain(person: CoveredPerson) -> CoveredPerson:
    return _with(person, birth_date=None, sex="")


def _status_code(decision: paying.Decision | None) -> StatusCode:
    if decision is None:
        return StatusCode(category="P1", code="20")
    return _finished(decision.paid, decision.is_denied)


def _line_code(decided: paying.LineDecision) -> StatusCode:
    return _finished(decided.paid, not decided.paid and paying.is_refusal(decided.reductions))


def _finished(paid: int, denied: bool) -> StatusCode:
    if paid:
        return StatusCode(category="F1", code="65")
    return StatusCode(category="F2" if denied else "F4", code="104")
