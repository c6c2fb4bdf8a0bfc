"""Hypothesis strategies for prior authorizations (278), attachments (275) and acknowledgements (TA1, 999, 277CA)."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from claimwright.claims.attachment import AttachedDocument, Attachment, AttachmentItem
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
from claimwright.claims.nouns import ConditionIndicator
from claimwright.claims.parties import CoveredPerson, Delivery, Party, Procedure
from claimwright.claims.status import StatusCode, StatusStatement
from tests.lib.transaction_strategies import (
    births,
    cents,
    contacts,
    days,
    identifiers,
    individuals,
    maybe,
    optional,
    organizations,
    parties,
    periods,
    procedures,
    references,
    rejections,
    some,
    some_address,
    times,
    traces,
    words,
)

# Prior authorization ------------------------------------------------------------------------------------------------

reviews = st.builds(
    Review,
    category=st.sampled_from(("AR", "HS", "SC")),
    certification_type=st.sampled_from(("I", "R", "3")),
    service_type=st.sampled_from(("", "2", "56")),
    facility_code=st.just("21"),
    facility_qualifier=st.just("B"),
    causes=st.sampled_from(((), ("AA",), ("EM", "OA"))),
    level_of_service=st.sampled_from(("", "03", "U")),
    health_condition=st.sampled_from(("", "1")),
    prognosis=st.sampled_from(("", "2")),
    release_of_information=st.sampled_from(("", "Y")),
    delay_reason=st.sampled_from(("", "7")),
).map(lambda one: msgspec.structs.replace(one, accident_state="WI") if "AA" in one.causes else one)
decisions = st.builds(
    Decision,
    action=st.sampled_from(("A1", "A3", "A4", "A6", "NA")),
    certification_number=maybe(identifiers),
    reasons=st.lists(st.sampled_from(("0U", "0L", "1A")), max_size=3, unique=True).map(tuple),
    second_opinion=st.sampled_from(("", "Y", "N")),
)
review_deliveries = st.builds(
    Delivery,
    quantity_qualifier=st.just("VS"),
    quantity=st.integers(1, 40).map(Decimal),
    unit=st.sampled_from(("", "WK")),
    period=st.just("34"),
    period_count=optional(st.integers(1, 12)),
)
certifications = st.sampled_from((
    (), (Certification(kind="CR1", elements=("LB", "155", "X", "A", "DH", "12")),),
    (Certification(kind="CR6", elements=("1", "20260105", "RD8", "20260105-20260301", "", "", "W", "I")),),
))  # fmt: skip


@cache
def review_attachments(*ways: str) -> st.SearchStrategy[Any]:
    return some(
        st.builds(
            ReviewAttachment, report_type=st.sampled_from(("OB", "03")), transmission=st.sampled_from(ways),
            control_number=maybe(identifiers), description=maybe(words),
        ), 2,
    )  # fmt: skip


@cache
@st.composite
def review_diagnoses(draw: st.DrawFn) -> tuple[ReviewDiagnosis, ...]:
    codes = draw(st.lists(st.sampled_from(("J069", "I10", "E119", "M5450")), max_size=4, unique=True))
    return tuple(
        ReviewDiagnosis(qualifier="ABF" if at else "ABK", code=code, date=draw(optional(days)))
        for at, code in enumerate(codes)
    )


@cache
@st.composite
def provider_parties(draw: st.DrawFn, *roles: str, answered: bool, coded: str = "PE") -> Party:
    base = draw(parties(draw(st.sampled_from(roles)), "XX", "24"))
    taxonomy = draw(st.booleans())
    return msgspec.structs.replace(
        base,
        address=draw(some_address),
        contacts=draw(some(contacts(), 1)),
        references=draw(references("0B", "1G", "N5")),
        provider_code=coded if taxonomy else "",
        taxonomy_qualifier="PXC" if taxonomy else "",
        taxonomy="207Q00000X" if taxonomy else "",
        rejections=draw(some(no_rejections("provider"), 1)) if answered else (),
    )


@cache
def no_rejections(level: str) -> st.SearchStrategy[Any]:
    return rejections(level, "33", "T5").map(lambda one: msgspec.structs.replace(one, valid="N"))


stops = st.builds(
    lambda role, party, address: msgspec.structs.replace(party, role=role, address=address),
    st.sampled_from(("PW", "FS", "45")), organizations("PW"), some_address,
)  # fmt: skip
information_contacts = st.builds(
    lambda party, address, people: msgspec.structs.replace(party, address=address, contacts=people),
    organizations("L5", "PI"), some_address, some(contacts(), 1),
)  # fmt: skip


@cache
@st.composite
def services(draw: st.DrawFn, answered: bool) -> AuthorizationService:
    kind = draw(st.sampled_from(("P", "I", "D", "")))
    counted = draw(st.booleans())
    told = {"kind": kind, "charge": draw(optional(cents)) if kind else None}
    if kind == "P":
        told |= {"diagnosis_pointers": draw(st.sampled_from(((), (1,), (1, 2)))), "epsdt": draw(maybe(st.just("Y")))}
    if kind in ("P", "I"):
        told |= {
            "procedure": draw(procedures),
            "unit_basis": "UN" if counted else "",
            "units": draw(st.sampled_from((Decimal(1), Decimal("2.5")))) if counted else None,
            "level_of_care": draw(maybe(st.just("1"))),
        }
    if kind == "I":
        told |= {"revenue_code": draw(maybe(st.just("0450"))), "unit_rate": draw(optional(st.just(Decimal("12.5"))))}
        told |= {"nursing_status": draw(maybe(st.just("1")))}
    if kind == "D":
        told |= {
            "procedure": Procedure(qualifier="AD", code="D2740"),
            "oral_cavity": draw(st.sampled_from(((), ("10",), ("10", "20")))),
            "prosthesis": draw(maybe(st.just("I"))),
            "units": draw(optional(st.just(Decimal(1)))),
            "description": draw(maybe(words)),
            "teeth": draw(some(st.builds(
                Tooth, code=st.sampled_from(("12", "3")), surfaces=st.sampled_from(((), ("B", "O")))
            ), 2)),
        }  # fmt: skip
    service = AuthorizationService(
        **told,
        traces=draw(some(traces("1", "2") if answered else traces("1"), 2)),
        review=draw(optional(reviews.map(lambda one: msgspec.structs.replace(one, category="HS")))),
        references=draw(references("BB", "NT")),
        dates=draw(some(periods("472"), 1)),
        deliveries=draw(some(review_deliveries, 1)),
        attachments=draw(review_attachments("EL", "FX")),
        messages=draw(some(words, 1)),
        parties=draw(some(provider_parties("SJ", "72", answered=answered), 2)),
    )
    if not answered:
        return service
    asked = tuple(ReviewDiagnosis(qualifier="LOI", code=code) for code in draw(st.sampled_from(((), ("18657-7",)))))
    return msgspec.structs.replace(
        service,
        rejections=draw(some(no_rejections("service"), 1)),
        decision=draw(optional(decisions)),
        information_asked=asked,
        parties=service.parties + draw(some(information_contacts, 1)),
    )


@cache
def one_of_each(*kinds: str, spans: bool) -> st.SearchStrategy[Any]:
    """Periods of some of the kinds, in their order."""
    return st.lists(st.sampled_from(kinds), max_size=3, unique=True).flatmap(
        lambda chosen: st.tuples(*(periods(kind, spans=spans) for kind in sorted(chosen, key=kinds.index)))
    )


@cache
@st.composite
def events(draw: st.DrawFn, answered: bool) -> AuthorizationEvent:
    found = AuthorizationEvent(
        traces=draw(some(traces("1", "2") if answered else traces("1"), 2)),
        review=draw(reviews),
        references=draw(references("BB", "NT")),
        dates=draw(one_of_each("439", "431", "096", spans=False)) + draw(one_of_each("AAH", "435", spans=True)),
        diagnoses=draw(review_diagnoses()),
        deliveries=draw(some(review_deliveries, 1)),
        admission_type=draw(maybe(st.just("2"))),
        admission_source=draw(maybe(st.just("1"))),
        patient_status=draw(maybe(st.just("01"))),
        nursing_status=draw(maybe(st.just("1"))),
        certifications=draw(certifications),
        attachments=draw(review_attachments("EL", "VO")),
        messages=draw(some(words, 1)),
        parties=draw(some(provider_parties("FA", "71", "SJ", answered=answered), 2)),
        services=draw(some(services(answered), 2)),
    )
    moved = draw(some(stops, 2))
    if answered:
        return msgspec.structs.replace(
            found,
            rejections=draw(some(no_rejections("event"), 1)),
            decision=draw(optional(decisions)),
            dates=found.dates + draw(one_of_each("102", "036", spans=False)),
            parties=found.parties + draw(some(information_contacts, 1)) + moved,
        )
    return msgspec.structs.replace(
        found,
        conditions=draw(st.sampled_from(
            ((), (ConditionIndicator(category="07", codes=("09",)),
                  ConditionIndicator(category="75", applies=False, codes=("35", "37"))))
        )),
        parties=found.parties + moved,
        other_reviews=draw(some(st.builds(
            OtherReview, organization=organizations("00"),
            reasons=st.sampled_from(((), ("DENIED",), ("DENIED", "LATE", "OTHER"))), decided=optional(days),
        ), 1)),
    )  # fmt: skip


@cache
@st.composite
def reviewed_people(draw: st.DrawFn, subscriber: bool, answered: bool) -> CoveredPerson:
    base = draw(individuals("IL" if subscriber else "QC", *(("MI",) if subscriber else ())))
    born = draw(optional(births))
    sequence = None if subscriber else draw(optional(st.integers(1, 3)))
    insured = draw(st.booleans()) or sequence is not None
    level = "subscriber" if subscriber else "dependent"
    kept = {field: getattr(base, field) for field in Party.__struct_fields__}
    return CoveredPerson(
        **kept
        | {
            "address": draw(some_address),
            "references": draw(references(*(("1L", "6P", "SY") if subscriber else ("EJ", "SY")))),
            "rejections": draw(some(rejections(level, "15", "72"), 1)) if answered else (),
        },
        birth_date=born,
        sex=draw(st.sampled_from(("", "F", "M"))) if born else "",
        insured_relationship=("18" if subscriber else draw(st.sampled_from(("01", "19")))) if insured else "",
        employment_status=draw(maybe(st.just("RT"))) if insured and subscriber else "",
        birth_sequence=sequence,
    )


@cache
@st.composite
def requesters(draw: st.DrawFn, answered: bool) -> Party:
    base = draw(provider_parties("1P", "FA", answered=answered))
    return msgspec.structs.replace(
        base,
        address=base.address if not answered else Party().address,
        contacts=() if answered else base.contacts,
        references=draw(references("1G", "EI", "N5")),
        rejections=draw(some(rejections("receiver", "43", "51"), 1)) if answered else (),
    )


def header_of(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "transaction_control_number": "0001",
        "reference": draw(identifiers),
        "created": draw(days),
        "created_time": draw(times),
        "subscriber": None,
    }


@cache
@st.composite
def prior_auth_requests(draw: st.DrawFn) -> PriorAuthRequest:
    return PriorAuthRequest(
        **header_of(draw)
        | {
            "purpose": draw(st.sampled_from(("13", "01"))),
            "kind": draw(st.sampled_from(("", "RU"))),
            "organization": draw(organizations("X3", "46", "PI")),
            "requesters": (draw(requesters(False)),),
            "subscriber": draw(reviewed_people(True, False)),
            "dependent": draw(optional(reviewed_people(False, False))),
            "events": (draw(events(False)),),
        }
    )


@cache
@st.composite
def prior_auth_responses(draw: st.DrawFn) -> PriorAuthResponse:
    organization = msgspec.structs.replace(
        draw(organizations("X3", "46", "PI")),
        contacts=draw(some(contacts(), 1)),
        rejections=draw(some(rejections("payer", "42", "79"), 1)),
    )
    depth = draw(st.sampled_from((0, 1, 2, 3, 3, 3, 3)))
    people = draw(reviewed_people(True, True)) if depth > 1 else None
    return PriorAuthResponse(
        **header_of(draw)
        | {
            "kind": draw(st.sampled_from(("18", "19", ""))),
            "organization": organization,
            "source_rejections": draw(some(rejections("source", "42", "79"), 1)),
            "requesters": draw(some(requesters(True), 2, 1)) if depth else (),
            "subscriber": people,
            "dependent": draw(optional(reviewed_people(False, True))) if depth > 1 else None,
            "events": draw(some(events(True), 2, 1)) if depth > 2 else (),
        }
    )


# Attachment ---------------------------------------------------------------------------------------------------------

documents = st.builds(
    AttachedDocument,
    note=maybe(words),
    compression=st.just(""),
    content=st.binary(min_size=1, max_size=200),
)
asked = st.builds(
    StatusStatement,
    codes=some(
        st.builds(
            StatusCode,
            category=st.just("R4"),
            code=st.sampled_from(("18657-7", "11504-8")),
            entity=st.just(""),
            code_list=st.just("LOI"),
        ),
        2,
        1,
    ),
    effective_date=optional(days),
)


@cache
@st.composite
def attachment_items(draw: st.DrawFn, number: int) -> AttachmentItem:
    return AttachmentItem(
        number=str(number),
        traces=draw(some(traces("1", "2"), 1, 1)),
        statuses=draw(some(asked, 2)),
        references=draw(references("FJ", "6R")),
        service=draw(optional(periods("472"))),
        submitted=draw(days),
        report_type=draw(st.sampled_from(("AE", "OB"))),
        content_format=draw(st.sampled_from(("HL", "TX", "IA"))),
        documents=draw(some(documents, 2)),
    )


@cache
@st.composite
def attachments(draw: st.DrawFn) -> Attachment:
    provider = draw(parties("1P", "XX", "FI"))
    coded = draw(st.booleans())
    return Attachment(
        transaction_control_number="0001",
        purpose=draw(st.sampled_from(("02", "11"))),
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(maybe(times)),
        payer=msgspec.structs.replace(draw(organizations("PR", "PI", "XV")), contacts=draw(some(contacts(), 1))),
        submitter=draw(organizations("41", "46")),
        provider=msgspec.structs.replace(
            provider,
            provider_code="BI" if coded else "",
            taxonomy_qualifier="PXC" if coded else "",
            taxonomy="207Q00000X" if coded else "",
            references=draw(references("G2", "LU")),
            address=draw(some_address),
        ),
        patient=msgspec.structs.replace(
            draw(individuals("QC", "MI", "EI")), references=draw(references("EJ", "BLT", "EA", "1K"))
        ),
        service=draw(optional(periods("472"))),
        items=tuple(draw(attachment_items(at + 1)) for at in range(draw(st.integers(1, 3)))),
    )
