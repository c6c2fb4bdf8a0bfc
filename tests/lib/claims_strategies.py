"""Hypothesis strategies for claims: all that an 837P carries, so that what is written can be read back equal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import msgspec
from hypothesis import strategies as st

from claimwright.claims.nouns import (
    Address,
    Adjustment,
    AttachmentReference,
    Claim,
    Coverage,
    Diagnosis,
    Drug,
    Line,
    LineAdjudication,
    Patient,
    Payer,
    Person,
    PriorPayment,
    Provider,
)
from tests.lib.builders import a_billing_provider, a_rendering_provider, person_of
from tests.lib.spelled import DIGITS, LETTERS, names, spelled, words

identifiers = spelled(LETTERS + DIGITS, 5, 15, first=LETTERS)
cents = (
    st.integers(1, 500_000).map(lambda value: Decimal(value) / 100).map(lambda value: value.quantize(Decimal("0.01")))
)
days = st.dates(date(2026, 1, 1), date(2026, 9, 1))
births = st.dates(date(1930, 1, 1), date(2025, 12, 31))
LINE_NPI = "1999999984"  # of a line's own rendering provider: one of the claim's NPI is, rightly, not sent again
npis = st.sampled_from(("1234567893", "1000000004", "1999999984", "1245319599"))
diagnosis_codes = ("J069", "I10", "E119", "M5450", "R0602", "Z0000", "K219", "N390", "F411", "J0190", "S93401A", "Z23")
procedures = ("99213", "99214", "87880", "20610", "36415", "71046", "96372", "J1100")
modifiers = st.lists(st.sampled_from(("25", "59", "RT", "LT", "76", "GA", "95")), max_size=4, unique=True).map(tuple)
maybe = st.booleans()


@cache
def optional(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


addresses = st.builds(
    Address,
    line1=words,
    line2=st.one_of(st.just(""), words),
    city=names,
    state=st.sampled_from(("WI", "MN", "IL", "CA")),
    postal_code=spelled(DIGITS, 9, 9, first="123456789"),
)
people = st.builds(
    Person,
    last_name=names,
    first_name=names,
    middle_name=st.one_of(st.just(""), names),
    suffix=st.sampled_from(("", "JR", "III")),
    birth_date=births,
    sex=st.sampled_from(("F", "M", "U")),
    address=addresses,
)
individuals = st.builds(
    Provider,
    npi=npis,
    last_name=names,
    first_name=names,
    middle_name=st.one_of(st.just(""), names),
    suffix=st.sampled_from(("", "JR")),
    secondary_ids=st.sampled_from(((), (("0B", "LIC123"),), (("G2", "PAY77"), ("0B", "LIC9")))),
)
renderers = st.builds(lambda provider: msgspec.structs.replace(provider, taxonomy="207R00000X"), individuals)
facilities = st.builds(
    Provider,
    npi=npis,
    is_organization=st.just(True),
    last_name=words.map(lambda text: f"CLINIC {text}"),
    address=addresses,
)
payers = st.builds(
    Payer,
    payer_id=identifiers,
    name=words.map(lambda text: f"PLAN {text}"),
    filing_indicator=st.sampled_from(("CI", "MB", "MC", "BL", "HM")),
    address=st.one_of(st.just(Address()), addresses),
    secondary_ids=st.sampled_from(((), (("2U", "ALT55"),))),
)
adjustments = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from(("CO", "PR", "OA")),
        reason=st.sampled_from(("45", "1", "2", "3", "253", "23", "97", "96")),
        amount=cents,
        quantity=st.one_of(st.none(), st.just(Decimal(2))),
    ),
    max_size=9,
).map(lambda found: tuple(sorted(found, key=lambda item: ("CO", "PR", "OA").index(item.group))))


@st.composite
def line_adjudications(draw: st.DrawFn, payer_id: str, code: str) -> LineAdjudication:
    return LineAdjudication(
        payer_id=payer_id,
        paid_amount=draw(cents),
        procedure_code=code,
        modifiers=draw(modifiers),
        units=draw(st.sampled_from((Decimal(1), Decimal(2), Decimal("1.5")))),
        bundled_into=draw(st.sampled_from((0, 0, 1))),
        adjustments=draw(adjustments),
        adjudication_date=draw(days),
        remaining_liability=draw(optional(cents)),
    )


@st.composite
def lines(draw: st.DrawFn, number: int, diagnoses: int, payer_ids: tuple[str, ...], control: str) -> Line:
    code = draw(st.sampled_from(procedures))
    start = draw(days)
    pointers = draw(st.lists(st.integers(1, diagnoses), min_size=1, max_size=min(4, diagnoses), unique=True))
    return Line(
        number=number,
        control_number=f"{control}-{number}",
        procedure_code=code,
        modifiers=draw(modifiers),
        description=draw(st.one_of(st.just(""), words)),
        charge=draw(cents),
        units=draw(st.sampled_from((Decimal(1), Decimal(3), Decimal("2.5")))),
        place_of_service=draw(st.sampled_from(("", "", "12"))),
        diagnosis_pointers=tuple(pointers),
        emergency=draw(maybe),
        date_from=start,
        date_to=draw(optional(st.just(date(start.year, 9, 20)))),
        drug=draw(optional(st.builds(
            Drug, ndc=st.just("00409123401"), quantity=st.sampled_from((Decimal(1), Decimal("0.5"))),
            unit=st.sampled_from(("ML", "UN")), prescription_number=st.one_of(st.just(""), identifiers),
        ))),
        rendering=draw(optional(renderers.filter(lambda p: p.npi == LINE_NPI))),
        ordering=draw(optional(individuals)),
        referring=draw(optional(individuals)),
        supervising=draw(optional(individuals)),
        prior_authorization=draw(st.one_of(st.just(""), identifiers)),
        referral=draw(st.one_of(st.just(""), identifiers)),
        clia=draw(st.sampled_from(("", "52D1234567"))),
        note=draw(st.one_of(st.just(""), words)),
        obligated_amount=draw(optional(cents)),
        adjudications=tuple(draw(line_adjudications(payer_id, code)) for payer_id in payer_ids if draw(maybe)),
    )  # fmt: skip


@st.composite
def prior_payments(draw: st.DrawFn, sequence: str, accepts: str) -> PriorPayment:
    holder = draw(people)
    subscriber = Person(
        last_name=holder.last_name, first_name=holder.first_name, middle_name=holder.middle_name, suffix=holder.suffix,
        address=holder.address,
    )  # fmt: skip
    payer = draw(payers)
    return PriorPayment(
        coverage=Coverage(
            sequence=sequence,
            payer=payer,
            member_id=draw(identifiers),
            group_number=draw(st.one_of(st.just(""), identifiers)),
            relationship=draw(st.sampled_from(("18", "01", "19"))),
            subscriber=subscriber,
            insurance_type="47" if payer.filing_indicator == "MB" else "",
        ),
        paid_amount=draw(cents),
        adjustments=draw(adjustments),
        remaining_liability=draw(optional(cents)),
        non_covered_amount=draw(optional(cents)),
        adjudication_date=draw(optional(days)),
        payer_claim_number=draw(st.one_of(st.just(""), identifiers)),
        remarks=draw(st.sampled_from(((), ("MA01",), ("MA07", "N130")))),
    )


def unlike_the_claims(line: Line, referring: Provider | None, supervising: Provider | None) -> Line:
    """A line's provider that is the claim's is, rightly, not sent again."""
    return msgspec.structs.replace(
        line,
        referring=line.referring if line.referring != referring else None,
        supervising=line.supervising if line.supervising != supervising else None,
    )


@cache
@st.composite
def claims(draw: st.DrawFn, number: int = 1) -> Claim:
    """A claim that the wire carries whole; `number` makes its CLM01 unique."""
    control = f"CW{number:06d}"
    person = draw(people)
    patient = Patient(
        **{field: getattr(person, field) for field in Person.__struct_fields__},
        record_number=draw(st.one_of(st.just(""), identifiers)),
    )
    dependent = draw(maybe)
    holder = draw(people)
    # Of a subscriber who is not the patient the wire carries the name only.
    subscriber = Person(
        last_name=holder.last_name, first_name=holder.first_name, middle_name=holder.middle_name, suffix=holder.suffix
    )
    count = draw(st.integers(0, 2))
    others = tuple(draw(prior_payments("PS"[at], "A")) for at in range(count))
    if len({prior.coverage.payer.payer_id for prior in others}) < count:
        others = others[:1]
    coverage = Coverage(
        sequence="PST"[len(others)],
        payer=draw(payers),
        member_id=draw(identifiers),
        group_number=draw(st.one_of(st.just(""), identifiers)),
        group_name=draw(st.one_of(st.just(""), words)),
        relationship=draw(st.sampled_from(("01", "19", "G8"))) if dependent else "18",
        subscriber=subscriber if dependent else person_of(patient),
        insurance_type="12" if others else "",
        property_claim_number=draw(st.one_of(st.just(""), identifiers)),
    )
    codes = draw(st.lists(st.sampled_from(diagnosis_codes), min_size=1, max_size=12, unique=True))
    ids = tuple(prior.coverage.payer.payer_id for prior in others)
    found = tuple(draw(lines(at, len(codes), ids, control)) for at in range(1, draw(st.integers(1, 4)) + 1))
    referring, supervising = draw(optional(individuals)), draw(optional(individuals))
    found = tuple(unlike_the_claims(line, referring, supervising) for line in found)
    frequency = draw(st.sampled_from(("1", "1", "7", "8")))
    causes = draw(st.sampled_from(((), ("AA",), ("EM", "OA"))))
    return Claim(
        control_number=control,
        frequency=frequency,
        patient=patient,
        coverage=coverage,
        prior_payments=others,
        billing_provider=a_billing_provider(
            secondary_ids=draw(st.sampled_from(((), (("0B", "LIC5"), ("G2", "PIN8")))))
        ),
        pay_to_address=draw(optional(addresses)),
        rendering=draw(st.one_of(st.just(a_rendering_provider()), renderers.filter(lambda p: p.npi != LINE_NPI))),
        referring=referring,
        supervising=supervising,
        facility=draw(optional(facilities)),
        place_of_service="11",
        total_charge=sum((line.charge for line in found), Decimal("0.00")),
        diagnoses=tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(codes)),
        lines=found,
        patient_signature=draw(st.sampled_from(("", "P"))),
        causes=causes,
        accident_state="WI" if "AA" in causes else "",
        accident_date=draw(days) if causes else None,
        onset_date=draw(optional(days)),
        initial_treatment_date=draw(optional(days)),
        last_seen_date=draw(optional(days)),
        last_menstrual_period=draw(optional(days)),
        admission_date=draw(optional(days)),
        discharge_date=draw(optional(days)),
        delay_reason=draw(st.sampled_from(("", "7"))),
        patient_paid=draw(optional(cents)),
        obligated_amount=draw(optional(cents)),
        prior_authorization=draw(st.one_of(st.just(""), identifiers)),
        referral=draw(st.one_of(st.just(""), identifiers)),
        payer_claim_number="PCN123" if frequency != "1" else "",
        clia=draw(st.sampled_from(("", "52D7654321"))),
        clearinghouse_trace=draw(st.one_of(st.just(""), identifiers)),
        attachments=draw(
            st.sampled_from(((), (AttachmentReference(report_type="OZ", transmission="EL", control_number="ACN1"),)))
        ),
        note=draw(st.one_of(st.just(""), words)),
    )
