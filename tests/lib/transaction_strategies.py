"""Hypothesis strategies for the nouns that are neither claims nor remittances.

Each draws what its guide allows, so that what is written passes our own check and can be read back equal.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from claimwright.claims.eligibility import (
    Benefit,
    BenefitDetail,
    EligibilityInquiry,
    EligibilityResponse,
    PatientEligibility,
    PatientInquiry,
    Question,
)
from claimwright.claims.nouns import Address, Diagnosis
from claimwright.claims.parties import (
    ContactPoint,
    CoveredPerson,
    Delivery,
    MilitaryService,
    Party,
    Period,
    Procedure,
    Reference,
    Rejection,
    Trace,
)
from tests.lib.spelled import DIGITS, LETTERS, names, spelled, words

identifiers = spelled(LETTERS + DIGITS, 4, 15)
originators = spelled(DIGITS, 10, 10, first="19")
cents = st.integers(1, 900_000).map(lambda value: (Decimal(value) / 100).quantize(Decimal("0.01")))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
births = st.dates(date(1930, 1, 1), date(2025, 12, 31))
times = st.builds(lambda hour, minute: f"{hour:02d}{minute:02d}", st.integers(0, 23), st.integers(0, 59))
phones = spelled(DIGITS, 10, 10, first="23456789")
npis = st.sampled_from(("1234567893", "1000000004", "1999999984", "1245319599"))
modifiers = st.lists(st.sampled_from(("25", "59", "RT", "LT", "76")), max_size=4, unique=True).map(tuple)
fractions = st.integers(0, 100).map(lambda value: Decimal(value) / 100)
SERVICE_TYPES = ("30", "1", "33", "35", "47", "48", "50", "86", "88", "98", "AL", "MH", "UC", "A4")


@lru_cache(maxsize=1_000)  # a strategy made within another is new each time
def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


@lru_cache(maxsize=1_000)  # a strategy made within another is new each time
def maybe(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), strategy)


@lru_cache(maxsize=1_000)  # a strategy made within another is new each time
def some(strategy: st.SearchStrategy[Any], most: int = 3, least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


addresses = st.builds(
    Address,
    line1=words,
    line2=maybe(words),
    city=names,
    state=st.sampled_from(("WI", "MN", "IL", "CA")),
    postal_code=spelled(DIGITS, 9, 9, first=DIGITS[1:]) | spelled(DIGITS, 5, 5, first=DIGITS[1:]),
)
some_address = st.one_of(st.just(Address()), addresses)


def unplaced(noun: Any) -> Any:
    """The noun without the places in the file it was read from: those of a written file are not known before."""
    if isinstance(noun, tuple):
        return tuple(unplaced(item) for item in noun)
    if not isinstance(noun, msgspec.Struct):
        return noun
    changed = {field: unplaced(getattr(noun, field)) for field in noun.__struct_fields__}
    if "segment" in changed:
        changed["segment"] = 0
    return msgspec.structs.replace(noun, **changed)


@cache
@st.composite
def periods(draw: st.DrawFn, *qualifiers: str, spans: bool = True) -> Period:
    start = draw(days)
    end = draw(optional(st.just(date(2028, 6, 30)))) if spans else None
    return Period(qualifier=draw(st.sampled_from(qualifiers)), start=start, end=end)


@cache
def references(*qualifiers: str, described: bool = False) -> st.SearchStrategy[Any]:
    """Each qualifier at most once."""
    return st.lists(st.sampled_from(qualifiers), max_size=3, unique=True).flatmap(
        lambda kinds: st.tuples(
            *(
                st.builds(
                    Reference, qualifier=st.just(kind), value=identifiers,
                    description=maybe(words) if described else st.just(""),
                )
                for kind in kinds
            )
        )
    )  # fmt: skip


@cache
def contacts(function: str = "IC", *kinds: str, named: bool = True) -> st.SearchStrategy[Any]:
    chosen = kinds or ("TE", "EM", "FX")
    return st.builds(
        ContactPoint,
        function=st.just(function),
        name=maybe(words) if named else st.just(""),
        numbers=st.lists(st.tuples(st.sampled_from(chosen), phones), min_size=1, max_size=3).map(tuple),
    )


@cache
@st.composite
def organizations(draw: st.DrawFn, role: str, *qualifiers: str, named: bool = True) -> Party:
    qualifier = draw(st.sampled_from(qualifiers)) if qualifiers else ""
    number = draw(npis if qualifier == "XX" else identifiers) if qualifier else ""
    return Party(
        role=role,
        is_organization=True,
        last_name=draw(words if named else maybe(words)),
        id_qualifier=qualifier,
        identifier=number,
    )


@cache
@st.composite
def individuals(draw: st.DrawFn, role: str, *qualifiers: str) -> Party:
    qualifier = draw(st.sampled_from(qualifiers)) if qualifiers else ""
    number = draw(npis if qualifier == "XX" else identifiers) if qualifier else ""
    return Party(
        role=role,
        last_name=draw(names),
        first_name=draw(names),
        middle_name=draw(maybe(names)),
        suffix=draw(st.sampled_from(("", "JR", "III"))),
        id_qualifier=qualifier,
        identifier=number,
    )


@cache
def parties(role: str, *qualifiers: str) -> st.SearchStrategy[Party]:
    return st.one_of(organizations(role, *qualifiers), individuals(role, *qualifiers))


@cache
def rejections(level: str, *reasons: str) -> st.SearchStrategy[Any]:
    return st.builds(
        Rejection,
        level=st.just(level),
        valid=st.sampled_from(("Y", "N")),
        reason=st.sampled_from(reasons),
        follow_up=st.sampled_from(("C", "N", "R", "Y")),
    )


@cache
def traces(*kinds: str) -> st.SearchStrategy[Any]:
    return st.builds(
        Trace, kind=st.sampled_from(kinds), number=identifiers, originator=originators, division=maybe(identifiers)
    )


procedures = st.builds(
    Procedure, qualifier=st.just("HC"), code=st.sampled_from(("99213", "71046", "J1100")), modifiers=modifiers
)

deliveries = st.builds(
    Delivery,
    quantity_qualifier=st.sampled_from(("VS", "DY", "HS")),
    quantity=st.sampled_from((Decimal(3), Decimal("1.5"))),
    unit=st.sampled_from(("", "DA", "WK")),
    sampling=optional(st.just(Decimal(2))),
    period=st.sampled_from(("7", "34", "35")),
    period_count=optional(st.integers(1, 60)),
    pattern=st.sampled_from(("", "1", "SX")),
    time_pattern=st.sampled_from(("", "A")),
)

# Eligibility --------------------------------------------------------------------------------------------------------

payer_names = organizations("PR", "PI", "XV", "FI")


@cache
@st.composite
def asking_parties(draw: st.DrawFn) -> Party:
    base = draw(parties("1P", "XX", "SV", "FI"))
    coded = draw(st.booleans())
    return msgspec.structs.replace(
        base,
        address=draw(some_address),
        references=draw(references("0B", "TJ", "EO", "N5")),
        provider_code=draw(st.sampled_from(("PE", "BI"))) if coded else "",
        taxonomy_qualifier="PXC" if coded else "",
        taxonomy="207Q00000X" if coded else "",
    )


@cache
@st.composite
def insured_people(draw: st.DrawFn, subscriber: bool, answered: bool) -> CoveredPerson:
    base = draw(individuals("IL" if subscriber else "03", *(("MI",) if subscriber else ())))
    level = "subscriber" if subscriber else "dependent"
    sequence = draw(optional(st.integers(1, 3)))
    diagnoses = draw(st.sampled_from(((), ("J069",), ("I10", "E119"))))
    if answered:
        dates = draw(some(periods("291", "346", "347", "356", "307"), 3))
    else:
        dates = draw(st.sampled_from(((), ("102",), ("291",), ("102", "291"))).flatmap(
            lambda kinds: st.tuples(*(periods(kind) for kind in kinds))
        ))  # fmt: skip
    return CoveredPerson(
        **{field: getattr(base, field) for field in Party.__struct_fields__ if field not in CHANGED},
        address=draw(some_address),
        references=draw(references("1L", "6P", "EJ", "SY", "18")),
        rejections=draw(some(rejections(level, "15", "58", "71"), 1)) if answered else (),
        birth_date=draw(optional(births)),
        sex=draw(st.sampled_from(("", "F", "M", "U"))),
        insured_relationship=("18" if subscriber else draw(st.sampled_from(("01", "19")))) if sequence else "",
        birth_sequence=sequence,
        diagnoses=tuple(Diagnosis(qualifier="ABF" if at else "ABK", code=code) for at, code in enumerate(diagnoses)),
        dates=dates,
        military=draw(optional(military)) if answered else None,
    )


CHANGED = ("address", "references", "rejections")

military = st.builds(
    MilitaryService,
    information_status=st.just("C"),
    employment_status=st.just("AE"),
    affiliation=st.just("F"),
    description=maybe(words),
    rank=st.sampled_from(("", "C4")),
    start=st.just(date(2020, 1, 1)),
    end=optional(st.just(date(2028, 1, 1))),
)


@cache
@st.composite
def questions(draw: st.DrawFn, subscriber: bool) -> Question:
    return Question(
        service_types=draw(st.lists(st.sampled_from(SERVICE_TYPES), min_size=1, max_size=5, unique=True).map(tuple)),
        procedure=draw(optional(procedures)),
        coverage_level=draw(st.sampled_from(("", "FAM"))) if subscriber else "",
        diagnosis_pointers=draw(st.sampled_from(((), (1,), (1, 2)))),
        spend_down=draw(optional(cents)) if subscriber else None,
        spend_down_billed=draw(optional(cents)) if subscriber else None,
        place_qualifier="ZZ" if (place := draw(st.sampled_from(("", "11")))) else "",
        place_of_service=place,
        references=draw(st.one_of(st.just(()), st.tuples(st.builds(
            Reference, qualifier=st.sampled_from(("9F", "G1")), value=identifiers
        )))),
        dates=draw(some(periods("291"), 1)),
    )  # fmt: skip


@st.composite
def patient_inquiries(draw: st.DrawFn, payer: Party, receiver: Party) -> PatientInquiry:
    dependent = draw(optional(insured_people(False, False)))
    return PatientInquiry(
        payer=payer,
        receiver=receiver,
        subscriber=draw(insured_people(True, False)),
        dependent=dependent,
        traces=draw(some(traces("1"), 2)),
        questions=draw(some(questions(dependent is None), 3, 1)),
    )


@cache
@st.composite
def eligibility_inquiries(draw: st.DrawFn) -> EligibilityInquiry:
    payer, receiver = draw(payer_names), draw(asking_parties())
    found = draw(st.lists(patient_inquiries(payer, receiver), min_size=1, max_size=3))
    if draw(st.booleans()) and found[0].dependent is not None:  # a second dependent of the same family
        found.insert(1, msgspec.structs.replace(found[0], dependent=draw(insured_people(False, False))))
    return EligibilityInquiry(
        transaction_control_number="0001",
        purpose=draw(st.sampled_from(("13", "01"))),
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        kind=draw(st.sampled_from(("", "RT"))),
        inquiries=tuple(found),
    )


related_entities = st.builds(
    lambda party, address, people: msgspec.structs.replace(party, address=address, contacts=people),
    st.one_of(individuals("P3", "XX"), organizations("PRP", "PI"), organizations("VN", "SV")),
    some_address,
    some(contacts("IC", "TE", "UR", "EM"), 2),
)


@cache
@st.composite
def benefits(draw: st.DrawFn) -> Benefit:
    counted = draw(st.booleans())
    return Benefit(
        kind=draw(st.sampled_from(("1", "6", "A", "B", "C", "D", "F", "G", "L", "R", "CB"))),
        coverage_level=draw(st.sampled_from(("", "IND", "FAM", "ESP"))),
        service_types=draw(st.lists(st.sampled_from(SERVICE_TYPES), max_size=6, unique=True).map(tuple)),
        insurance_type=draw(st.sampled_from(("", "HM", "PR", "MB"))),
        plan_name=draw(maybe(words)),
        period=draw(st.sampled_from(("", "23", "24", "27", "29"))),
        amount=draw(optional(cents)),
        percent=draw(optional(fractions)),
        quantity_qualifier=draw(st.sampled_from(("VS", "DY", "P6"))) if counted else "",
        quantity=draw(st.integers(0, 60).map(Decimal)) if counted else None,
        authorization_required=draw(st.sampled_from(("", "Y", "N", "U"))),
        in_network=draw(st.sampled_from(("", "Y", "N", "W", "U"))),
        procedure=draw(optional(procedures)),
        diagnosis_pointers=draw(st.sampled_from(((), (1,), (2, 3)))),
        deliveries=draw(some(deliveries, 2)),
        references=draw(references("18", "1L", "6P", "9F", described=True)),
        dates=draw(some(periods("291", "292", "348", "349", "472"), 3)),
        rejections=draw(some(rejections("benefit", "15", "57", "AE"), 1)),
        messages=draw(some(words, 3)),
        details=draw(some(st.one_of(
            st.builds(BenefitDetail, qualifier=st.just("ZZ"), code=st.sampled_from(("11", "21"))),
            st.builds(BenefitDetail, category=st.just("44"), message=words),
        ), 2)),
        entities=draw(some(related_entities, 2)),
    )  # fmt: skip


@st.composite
def patient_eligibilities(draw: st.DrawFn, payer: Party, receiver: Party) -> PatientEligibility:
    return PatientEligibility(
        payer=payer,
        receiver=receiver,
        subscriber=draw(insured_people(True, True)),
        dependent=draw(optional(insured_people(False, True))),
        traces=draw(some(traces("1", "2"), 3)),
        benefits=draw(some(benefits(), 4, 1)),
    )


@cache
@st.composite
def eligibility_responses(draw: st.DrawFn) -> EligibilityResponse:
    payer = msgspec.structs.replace(draw(payer_names), contacts=draw(some(contacts(), 2)))
    receiver = draw(asking_parties())
    found: tuple[PatientEligibility, ...]
    kind = draw(st.sampled_from(("answered", "answered", "answered", "source", "payer", "receiver")))
    if kind == "answered":
        found = draw(some(patient_eligibilities(payer, receiver), 3, 1))
    elif kind == "source":
        refused = draw(some(rejections("source", "42", "79"), 2, 1))
        found = (PatientEligibility(source_rejections=refused, payer=payer),)
    elif kind == "payer":
        refused = draw(some(rejections("payer", "42", "T4"), 2, 1))
        found = (PatientEligibility(payer=msgspec.structs.replace(payer, rejections=refused)),)
    else:
        refused = draw(some(rejections("receiver", "50", "51"), 2, 1))
        found = (PatientEligibility(payer=payer, receiver=msgspec.structs.replace(receiver, rejections=refused)),)
    return EligibilityResponse(
        transaction_control_number="0001",
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        patients=found,
    )
