"""Hypothesis strategies for enrolments (834) and premium payments (820)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from claimwright.claims.enrollment import (
    Administrator,
    Disability,
    Enrollment,
    EnrollmentTotal,
    Health,
    IdentificationCard,
    Income,
    Language,
    Member,
    MemberCoverage,
    MemberPerson,
    MemberProvider,
    OtherCoverage,
    PolicyAmount,
    ProviderChange,
    Race,
    ReportingCategory,
)
from claimwright.claims.nouns import Address
from claimwright.claims.parties import Party, Period, Reference
from claimwright.claims.premium import (
    BankAccount,
    MemberCount,
    PremiumAdjustment,
    PremiumCharge,
    PremiumDetail,
    PremiumItem,
    PremiumPayment,
    PremiumRemitter,
    RemittanceDelivery,
)
from tests.lib.spelled import DIGITS, spelled
from tests.lib.transaction_strategies import (
    addresses,
    births,
    cents,
    contacts,
    days,
    identifiers,
    individuals,
    maybe,
    optional,
    organizations,
    originators,
    periods,
    phones,
    references,
    some,
    some_address,
    times,
    words,
)

# Premium payment ----------------------------------------------------------------------------------------------------

accounts = st.one_of(
    st.just(BankAccount()),
    st.builds(
        BankAccount, bank_qualifier=st.just("01"), bank_number=st.just("999999992"),
        account_qualifier=st.just("DA"), account_number=phones,
    ),
)  # fmt: skip
signed = st.builds(lambda amount, minus: -amount if minus else amount, cents, st.booleans())
covered = optional(st.one_of(periods("582").filter(lambda one: one.end is not None), periods("582", spans=False)))


@cache
def named(role: str, *qualifiers: str) -> st.SearchStrategy[Party]:
    """An N1 party: name or number, N2, address."""
    return st.builds(
        lambda party, more, address: msgspec.structs.replace(party, additional_name=more, address=address),
        organizations(role, *qualifiers),
        maybe(words),
        some_address,
    )


@cache
def adjustments(*reasons: str) -> st.SearchStrategy[Any]:
    return some(st.builds(PremiumAdjustment, amount=signed, reason=st.sampled_from(reasons)), 2)


items = st.builds(
    PremiumItem,
    line=st.sampled_from(("1", "2")),
    charges=some(st.builds(PremiumCharge, code=st.sampled_from(("A172", "B680")), amount=cents), 4),
    counts=some(
        st.builds(
            MemberCount,
            line=st.sampled_from(("1", "2")),
            count=st.integers(1, 500).map(Decimal),
            unit=st.sampled_from(("IE", "PR", "10")),
        ),
        3,
    ),
)


@cache
@st.composite
def premium_details(draw: st.DrawFn, organization: bool) -> PremiumDetail:
    return PremiumDetail(
        reference_qualifier=draw(st.sampled_from(("11", "CT", "IK") if organization else ("11", "AZ", "IG"))),
        reference=draw(identifiers),
        action=draw(st.sampled_from(("", "PI", "PO"))) if organization else "",
        paid=draw(signed),
        billed=draw(optional(cents)),
        references=draw(references("14", "18", "38", "ZZ")),
        period=draw(covered),
        items=draw(some(items, 1)) if organization else (),
        adjustments=draw(adjustments("20", "52", "H1")),
    )


@cache
@st.composite
def premium_remitters(draw: st.DrawFn, number: int, organization: bool) -> PremiumRemitter:
    return PremiumRemitter(
        number=str(number),
        kind=draw(st.sampled_from(("2L", "AG", "UN"))) if organization else "2J",
        id_qualifier=draw(st.sampled_from(("1", "FI") if organization else ("34", "EI"))),
        identifier=draw(identifiers),
        names=() if organization else draw(some(individuals("IL", "EI", "34"), 2)),
        earlier_adjustments=draw(adjustments("52", "53", "RU")),
        details=draw(some(premium_details(organization), 3, 1)),
    )


@cache
@st.composite
def premium_payments(draw: st.DrawFn) -> PremiumPayment:
    first = draw(st.booleans())
    remitters = [draw(premium_remitters(1, True))] if first else []
    for number in range(draw(st.integers(0 if first else 1, 3))):
        remitters.append(draw(premium_remitters(number + 2, False)))
    dates = [Period(qualifier=kind, start=draw(days)) for kind in ("009", "035") if draw(st.booleans())]
    if draw(st.booleans()):
        dates.append(Period(qualifier="582", start=draw(days), end=date(2028, 1, 31)))
    foreign = draw(st.booleans())
    payment = PremiumPayment(
        transaction_control_number="0001",
        handling=draw(st.sampled_from(("C", "I", "U"))),
        method=draw(st.sampled_from(("ACH", "CHK", "NON"))),
        format=draw(st.sampled_from(("", "CCP", "CTX"))),
        sender_account=draw(accounts),
        originator_id=draw(originators),
        originator_code=draw(maybe(spelled(DIGITS, 9, 9))),
        receiver_account=draw(accounts),
        payment_date=draw(days),
        trace_kind=draw(st.sampled_from(("1", "3"))),
        trace_number=draw(identifiers),
        trace_originator=draw(maybe(originators)),
        trace_division=draw(maybe(identifiers)),
        currency_entity="PR" if foreign else "",
        currency="CAD" if foreign else "",
        references=draw(references("14", "18", "2F", "38")),
        dates=tuple(dates),
        receiver=draw(named("PE", "FI", "XV")),
        delivery=draw(optional(st.builds(
            RemittanceDelivery, method=st.sampled_from(("BM", "FX")), name=maybe(words), number=maybe(phones)
        ))),
        payer=msgspec.structs.replace(
            draw(named("PR", "FI", "24")),
            contacts=draw(some(contacts().map(lambda one: msgspec.structs.replace(one, name="BILLING")), 2)),
        ),
        intermediaries=draw(some(named("BK", "31", "94"), 2)),
        remitters=tuple(remitters),
    )  # fmt: skip
    return msgspec.structs.replace(payment, amount=payment.total)


# Enrolment ----------------------------------------------------------------------------------------------------------

numbers = ("HP", "WP", "EM", "TE")


@cache
def amounts(most: int) -> st.SearchStrategy[Any]:
    return some(st.builds(PolicyAmount, kind=st.sampled_from(("P3", "C1", "D2", "B9")), amount=cents), most)


@lru_cache(maxsize=1_000)  # a strategy made within another is new each time
def placed(party: st.SearchStrategy[Party], function: str = "", *kinds: str) -> st.SearchStrategy[Party]:
    """A party with an address and, where it has a function, someone to call."""
    people = some(contacts(function, *kinds, named=False), 1) if function else st.just(())
    return st.builds(
        lambda one, address, calls: msgspec.structs.replace(one, address=address, contacts=calls),
        party,
        some_address,
        people,
    )


@cache
@st.composite
def member_people(draw: st.DrawFn, role: str) -> MemberPerson:
    own = role != "70"
    base = draw(individuals(role, "34", "ZZ"))
    born = draw(optional(births))
    races = draw(some(st.one_of(
        st.builds(Race, code=st.sampled_from(("C", "B", "7"))),
        st.builds(Race, code=st.just("C"), code_list=st.just("RET"), list_code=st.just("2186-5")),
    ), 3)) if born else ()  # fmt: skip
    collected = bool(races) and draw(st.booleans())
    address = draw(some_address) if own else Address()
    county = own and address != Address() and draw(st.booleans())
    kept = {field: getattr(base, field) for field in Party.__struct_fields__}
    return MemberPerson(
        **kept
        | {
            "address": address,
            "location_qualifier": "CY" if county else "",
            "location": "DANE" if county else "",
            "contacts": draw(some(contacts("IP", *numbers, named=False), 1)) if own else (),
        },
        birth_date=born,
        sex=draw(st.sampled_from(("F", "M", "U"))) if born else "",
        marital_status=draw(st.sampled_from(("", "M", "I"))) if born else "",
        races=races,
        citizenship=draw(st.sampled_from(("", "1"))) if born else "",
        collection_code_list="REC" if collected else "",
        collection_code="2" if collected else "",
        employment_classes=draw(st.sampled_from(((), (("01",),), (("02", "17"), ("08",))))) if own else (),
        income=draw(optional(st.builds(
            Income, frequency=st.just("4"), amount=cents, hours=optional(st.just(Decimal("37.5"))),
            location=maybe(identifiers), salary_grade=st.sampled_from(("", "G7")),
        ))) if own else None,
        amounts=draw(amounts(3)) if own else (),
        health=draw(optional(st.builds(
            Health, code=st.just("N"), height=optional(st.just(Decimal(70))), weight=optional(st.just(Decimal(165)))
        ))) if own else None,
        languages=draw(some(st.builds(
            Language, qualifier=st.just("LE"), code=st.sampled_from(("ENG", "SPA")), use=st.sampled_from(("5", "7"))
        ), 2)) if own else (),
    )  # fmt: skip


@cache
@st.composite
def related_parties(draw: st.DrawFn) -> tuple[Party, ...]:
    """Loops 2100C to 2100H in their order."""
    found: list[Party] = []
    if draw(st.booleans()):
        found.append(Party(role="31", address=draw(addresses)))
    found.extend(draw(some(placed(organizations("36", "24"), "EP", "TE"), 1)))
    found.extend(draw(some(placed(organizations("M8"), "SK", "TE"), 1)))
    found.extend(draw(some(placed(individuals("S3", "34"), "PQ", *numbers), 1)))
    found.extend(draw(some(placed(individuals("QD", "ZZ"), "RP", *numbers), 2)))
    found.extend(draw(some(placed(individuals("45")), 1)))
    return tuple(found)


@cache
@st.composite
def member_providers(draw: st.DrawFn, number: int) -> MemberProvider:
    provider = draw(placed(st.one_of(individuals("P3", "XX"), organizations("FA", "SV")), "IC", *numbers))
    return MemberProvider(
        number=str(number),
        provider=msgspec.structs.replace(provider, relationship=draw(st.sampled_from(("25", "26", "72")))),
        change=draw(optional(st.builds(
            ProviderChange, action=st.just("2"), entity=st.just("1P"), effective_date=days,
            reason=st.sampled_from(("14", "AA")),
        ))),
    )  # fmt: skip


other_coverages = st.builds(
    OtherCoverage,
    sequence=st.sampled_from(("P", "S", "U")),
    policy_number=maybe(identifiers),
    coordination=st.sampled_from(("1", "5", "6")),
    service_types=st.lists(st.sampled_from(("1", "35", "48")), max_size=3, unique=True).map(tuple),
    references=references("60", "6P", "SY", "ZZ"),
    dates=st.sampled_from(((), ("344",), ("344", "345"))).flatmap(
        lambda kinds: st.tuples(*(periods(kind, spans=False) for kind in kinds))
    ),
    carriers=some(placed(organizations("IN", "FI", "NI"), "CN", "TE").map(
        lambda one: msgspec.structs.replace(one, contacts=tuple(
            msgspec.structs.replace(who, numbers=who.numbers[:1]) for who in one.contacts
        ))
    ), 2),
)  # fmt: skip


@cache
@st.composite
def member_coverages(draw: st.DrawFn) -> MemberCoverage:
    return MemberCoverage(
        maintenance_type=draw(st.sampled_from(("001", "021", "024", "030"))),
        insurance_line=draw(st.sampled_from(("HLT", "DEN", "VIS", "PPO"))),
        plan=draw(maybe(words)),
        coverage_level=draw(st.sampled_from(("", "EMP", "FAM"))),
        late_enrollment=draw(st.sampled_from(("", "Y", "N"))),
        dates=(Period(qualifier="348", start=draw(days)), *draw(some(periods("303", "349", "695"), 2))),
        amounts=draw(amounts(3)),
        references=draw(references("17", "1L", "CE", "ZZ", "QQ")),
        cards=draw(some(st.builds(
            IdentificationCard, plan=words, kind=st.sampled_from(("D", "H")),
            count=optional(st.integers(1, 9).map(Decimal)), action=st.sampled_from(("", "1")),
        ), 2)),
        providers=tuple(draw(member_providers(at + 1)) for at in range(draw(st.integers(0, 2)))),
        other_coverages=draw(some(other_coverages, 2)),
    )  # fmt: skip


@cache
@st.composite
def members(draw: st.DrawFn, subscriber: bool, number: str) -> Member:
    medicare = draw(st.sampled_from(("", "A", "C")))
    categories = tuple(
        ReportingCategory(
            number=str(at + 1),
            name=draw(words),
            reference=draw(optional(st.builds(Reference, qualifier=st.sampled_from(("17", "ZZ")), value=identifiers))),
            date=draw(optional(periods("007"))),
        )
        for at in range(draw(st.integers(0, 2)))
    )
    return Member(
        is_subscriber=subscriber,
        relationship="18" if subscriber else draw(st.sampled_from(("01", "19"))),
        maintenance_type=draw(st.sampled_from(("001", "021", "024", "030"))),
        maintenance_reason=draw(st.sampled_from(("", "28", "XN"))),
        benefit_status=draw(st.sampled_from(("A", "C"))),
        medicare_plan=medicare,
        medicare_reason=draw(st.sampled_from(("", "0"))) if medicare else "",
        cobra_event=draw(st.sampled_from(("", "1"))),
        employment_status=draw(st.sampled_from(("", "FT", "TE"))),
        student_status=draw(st.sampled_from(("", "F"))),
        handicapped=draw(st.sampled_from(("", "Y", "N"))),
        death_date=draw(optional(days)),
        confidentiality=draw(st.sampled_from(("", "R"))),
        birth_sequence=draw(optional(st.integers(1, 3))),
        subscriber_id=number,
        policy_number=draw(maybe(identifiers)),
        references=draw(references("17", "23", "3H", "ZZ")),
        dates=draw(some(periods("336", "356", "357", spans=False), 3)),
        person=draw(member_people(draw(st.sampled_from(("IL", "74"))))),
        incorrect=draw(optional(member_people("70"))),
        parties=draw(related_parties()),
        disabilities=draw(some(st.builds(
            Disability, kind=st.sampled_from(("1", "2")), code_qualifier=st.just("DX"), code=st.just("585"),
            dates=some(periods("360", spans=False), 1),
        ), 1)),
        coverages=draw(some(member_coverages(), 2)),
        categories=categories,
    )  # fmt: skip


@cache
@st.composite
def enrollments(draw: st.DrawFn) -> Enrollment:
    found: list[Member] = []
    for family in range(draw(st.integers(1, 2))):
        number = f"M{family:05d}"
        found.append(draw(members(True, number)))
        found.extend(draw(members(False, number)) for _ in range(draw(st.integers(0, 2))))
    administrators = some(
        st.builds(
            lambda party, account, second: Administrator(
                party=party, account_number=account, second_account_number=second if account else ""
            ),
            organizations("TV", "FI", "94"), maybe(identifiers), maybe(identifiers),
        ), 2,
    )  # fmt: skip
    return Enrollment(
        transaction_control_number="0001",
        purpose=draw(st.sampled_from(("00", "15"))),
        reference=draw(identifiers),
        created=draw(days),
        created_time=draw(times),
        time_zone=draw(st.sampled_from(("", "UT", "CT"))),
        original_reference=draw(maybe(identifiers)),
        action=draw(st.sampled_from(("2", "4", "RX"))),
        references=draw(references("38")),
        dates=draw(some(periods("007", "303", "382", spans=False), 2)),
        totals=draw(st.sampled_from(((), ("TO",), ("TO", "ET", "DT"))).map(
            lambda kinds: tuple(EnrollmentTotal(kind=kind, count=Decimal(len(found))) for kind in kinds)
        )),
        sponsor=draw(organizations("P5", "FI", "24", named=False)),
        payer=draw(organizations("IN", "FI", "XV", named=False)),
        administrators=draw(administrators),
        members=tuple(found),
    )  # fmt: skip
