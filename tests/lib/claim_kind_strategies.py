"""Hypothesis strategies for institutional and dental claims, and for professional ones with the rarer facts.

What a guide cannot carry is not drawn, and the money balances, so that what is written passes the checks and is read
back equal.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st

from claimwright.claims.dental import Dental, DentalLine, Tooth, ToothStatus
from claimwright.claims.institutional import (
    IcdProcedure,
    InpatientAdjudication,
    Institutional,
    InstitutionalLine,
    Occurrence,
    OccurrenceSpan,
    OutpatientAdjudication,
    ValueAmount,
)
from claimwright.claims.nouns import (
    Address,
    Adjustment,
    AttachmentReference,
    Claim,
    ConditionIndicator,
    Contract,
    Coverage,
    Diagnosis,
    Drug,
    Line,
    LineAdjudication,
    Note,
    OtherPayerProvider,
    Patient,
    Payer,
    PayerReference,
    Person,
    PriorPayment,
    Provider,
    Repricing,
)
from claimwright.claims.professional import (
    Ambulance,
    Equipment,
    Form,
    FormAnswer,
    Measurement,
    Professional,
    ProfessionalLine,
    Spine,
)
from tests.lib.builders import a_billing_provider
from tests.lib.claims_strategies import addresses, cents, days, identifiers, individuals, optional, people, words

Draw = Callable[[st.SearchStrategy[Any]], Any]

FIRST = date(2026, 1, 5)
DIAGNOSES = ("J189", "I10", "E119", "M5450", "R0602", "K219", "N390", "F411", "J0190", "S93401A", "Z23", "I509", "E785")
OUTPATIENT = ("13", "85")
CAUSES = ("W19XXXA", "V4351XA", "Y9389", "X500XXA")
NPIS = ("1234567893", "1999999984", "1245319599")
CENT = Decimal("0.01")
text = st.one_of(st.just(""), words)
numbers = st.one_of(st.just(""), identifiers)
counts = st.sampled_from((Decimal(1), Decimal(3), Decimal("2.5")))
flags = st.booleans()
ORDER = ("CO", "OA", "PR")


def some(strategy: st.SearchStrategy[Any], most: int, least: int = 0, unique: bool = False) -> Any:
    return st.lists(strategy, min_size=least, max_size=most, unique=unique).map(tuple)


def payer_of(draw: Draw, at: int) -> Payer:
    """Payers of one claim differ in their ids."""
    return Payer(
        payer_id=f"P{at}{draw(identifiers)}",
        name=f"PLAN {draw(words)}",
        filing_indicator=draw(st.sampled_from(("CI", "MC", "BL", "HM"))),
        address=draw(st.one_of(st.just(Address()), addresses)),
        secondary_ids=draw(st.sampled_from(((), (("FY", "OFFICE5"),)))),
    )


def provider_of(draw: Draw, at: int, taxonomy: str = "") -> Provider:
    """A provider that is no other of the claim: its name counts."""
    drawn = draw(individuals)
    return msgspec.structs.replace(drawn, last_name=f"{'ABCDEFGHIJ'[at]}{drawn.last_name}", taxonomy=taxonomy)


def facility_of(draw: Draw, at: int) -> Provider:
    return Provider(
        npi=draw(st.sampled_from(NPIS)), is_organization=True, last_name=f"SITE {at} {draw(words)}",
        address=draw(addresses), secondary_ids=draw(st.sampled_from(((), (("G2", "SITE7"),)))),
    )  # fmt: skip


def parted(draw: Draw, total: Decimal) -> tuple[Decimal, tuple[Adjustment, ...]]:
    """What a payer paid of `total`, and the adjustments that make up the rest."""
    paid = (total * draw(st.sampled_from((Decimal(0), Decimal("0.5"), Decimal("0.8"), Decimal(1))))).quantize(CENT)
    rest, found = total - paid, []
    for group in ORDER:
        if rest > CENT and draw(flags):
            share = (rest / 2).quantize(CENT)
            found.append(
                Adjustment(group=group, reason="45", amount=share, quantity=draw(optional(st.just(Decimal(2)))))
            )
            rest -= share
    if rest:
        found.append(Adjustment(group="PR", reason="2", amount=rest))
    return paid, tuple(found)


def adjudication_of(draw: Draw, line: Line, payer_id: str) -> LineAdjudication:
    paid, adjustments = parted(draw, line.charge)
    return LineAdjudication(
        payer_id=payer_id, paid_amount=paid, procedure_code=line.procedure_code,
        procedure_qualifier=line.procedure_qualifier, modifiers=line.modifiers, revenue_code=line.revenue_code,
        units=line.units, adjustments=adjustments, adjudication_date=draw(days),
        remaining_liability=draw(optional(cents)),
    )  # fmt: skip


def prior_payment_of(draw: Draw, at: int, lines: list[Line], roles: tuple[str, ...]) -> tuple[PriorPayment, list[Line]]:
    """One other payer, which decided by line, for the whole claim, or not yet."""
    holder, payer = draw(people), payer_of(draw, at)
    subscriber = msgspec.structs.replace(holder, birth_date=None, sex="")
    coverage = Coverage(
        sequence="PS"[at], payer=payer, member_id=draw(identifiers), group_number=draw(numbers),
        relationship=draw(st.sampled_from(("18", "01", "19"))), subscriber=subscriber,
        subscriber_ids=draw(st.sampled_from(((), (("SY", "123456789"),)))),
    )  # fmt: skip
    noun = PriorPayment(coverage=coverage, adjudicated=False)
    manner = draw(st.sampled_from(("lines", "claim", "undecided")))
    total = sum((line.charge for line in lines), Decimal("0.00"))
    if manner == "lines":
        decided = [adjudication_of(draw, line, payer.payer_id) for line in lines]
        lines = [
            msgspec.structs.replace(line, adjudications=(*line.adjudications, one))
            for line, one in zip(lines, decided, strict=True)
        ]
        paid = sum((one.paid_amount for one in decided), Decimal("0.00"))
        noun = msgspec.structs.replace(noun, adjudicated=True, paid_amount=paid)
    if manner == "claim":
        paid, adjustments = parted(draw, total)
        noun = msgspec.structs.replace(
            noun, adjudicated=True, paid_amount=paid, adjustments=adjustments, adjudication_date=draw(days)
        )
    if manner != "undecided":
        noun = msgspec.structs.replace(
            noun, remaining_liability=draw(optional(cents)), payer_claim_number=draw(identifiers),
            remarks=draw(st.sampled_from(((), ("MA01",), ("MA07", "N130")))), is_adjustment=draw(flags),
        )  # fmt: skip
    providers = tuple(
        OtherPayerProvider(role=role, is_organization=role in ("77", "85"), ids=(("G2", draw(identifiers)),))
        for role in roles if draw(st.sampled_from((True, False, False)))
    )  # fmt: skip
    noun = msgspec.structs.replace(
        noun, providers=providers, prior_authorization=draw(numbers), referral=draw(numbers),
    )  # fmt: skip
    return noun, lines


def patient_and_coverage(draw: Draw, sequence: str) -> tuple[Patient, Coverage]:
    person, holder, dependent = draw(people), draw(people), draw(flags)
    patient = Patient(**{field: getattr(person, field) for field in Person.__struct_fields__})
    named = Person(
        last_name=holder.last_name, first_name=holder.first_name, middle_name=holder.middle_name, suffix=holder.suffix
    )
    coverage = Coverage(
        sequence=sequence, payer=payer_of(draw, 9), member_id=draw(identifiers), group_number=draw(numbers),
        group_name=draw(text), relationship=draw(st.sampled_from(("01", "19", "G8"))) if dependent else "18",
        subscriber=named if dependent else person, property_claim_number=draw(numbers),
        subscriber_ids=draw(st.sampled_from(((), (("SY", "123456789"),)))),
        patient_ids=draw(st.sampled_from(((), (("1W", "MEMBER12"),)))) if dependent else (),
    )  # fmt: skip
    return patient, coverage


def repricing_of(draw: Draw, *, of_claim: bool) -> Repricing | None:
    if not draw(st.sampled_from((True, False, False))):
        return None
    return Repricing(
        reference=draw(numbers), received_date=draw(optional(days)) if of_claim else None, method="03",
        allowed_amount=draw(cents), savings_amount=draw(cents), organization_id=draw(identifiers),
        rate=draw(optional(st.just(Decimal("1.25")))),
    )  # fmt: skip


def common(draw: Draw, number: int, lines: list[Line], roles: tuple[str, ...]) -> dict[str, Any]:
    """The fields that all kinds of claim have; they take the lines with what other payers decided of them."""
    others = []
    for at in range(draw(st.integers(0, 2))):
        prior, lines = prior_payment_of(draw, at, lines, roles)
        others.append(prior)
    patient, coverage = patient_and_coverage(draw, "PST"[len(others)])
    frequency = draw(st.sampled_from(("1", "1", "7", "8")))
    return {
        "control_number": f"CW{number:06d}",
        "frequency": frequency,
        "patient": patient,
        "coverage": coverage,
        "prior_payments": tuple(others),
        "billing_provider": a_billing_provider(
            fax=draw(st.sampled_from(("", "6085550199"))), email=draw(st.sampled_from(("", "BILLING@LAKESIDE.EXAMPLE")))
        ),
        "pay_to_address": draw(optional(addresses)),
        "total_charge": sum((line.charge for line in lines), Decimal("0.00")),
        "lines": tuple(lines),
        "payer_claim_number": draw(identifiers) if frequency != "1" else "",
        "prior_authorization": draw(numbers),
        "referral": draw(numbers),
        "clearinghouse_trace": draw(numbers),
        "service_exception": draw(st.sampled_from(("", "3"))),
        "delay_reason": draw(st.sampled_from(("", "7"))),
        "repricing": repricing_of(draw, of_claim=True),
        "file_information": draw(st.sampled_from(((), ("STATE DATA 1", "STATE DATA 2")))),
        "contract": draw(optional(st.just(Contract(kind="02", amount=Decimal("120.00"), code="C9", version="2")))),
    }


# Institutional -------------------------------------------------------------------------------------------------------


def institutional_line(draw: Draw, number: int, start: date, end: date) -> Line:
    coded = draw(st.sampled_from((True, True, False)))
    first = start + timedelta(days=draw(st.integers(0, (end - start).days)))
    last = draw(optional(st.just(end))) if end > first else None
    charge = draw(cents)
    return Line(
        number=number,
        control_number=f"L{number}{draw(identifiers)}",
        revenue_code=draw(st.sampled_from(("0120", "0250", "0300", "0450", "0471", "0636"))),
        procedure_code=draw(st.sampled_from(("99284", "80053", "92557", "J1100"))) if coded else "",
        procedure_qualifier="HC" if coded else "",
        modifiers=draw(st.sampled_from(((), ("25",), ("59", "LT")))) if coded else (),
        charge=charge,
        unit_basis=draw(st.sampled_from(("UN", "DA"))),
        units=draw(counts),
        non_covered_amount=draw(optional(st.just((charge / 2).quantize(CENT)))),
        date_from=first,
        date_to=last,
        attachments=draw(attachments("OZ")),
        drug=draw(optional(drugs)),
        rendering=provider_of(draw, 1) if draw(flags) else None,
        referring=provider_of(draw, 2) if draw(flags) else None,
        third_party_note=draw(text),
        repricing=repricing_of(draw, of_claim=False),
        institutional=draw(optional(st.builds(InstitutionalLine, service_tax=cents, facility_tax=optional(cents)))),
    )


@cache
def attachments(report_type: str) -> st.SearchStrategy[Any]:
    one = AttachmentReference(report_type=report_type, transmission="EL", control_number="ACN1")
    return st.sampled_from(((), (one,)))


drugs = st.builds(
    Drug,
    ndc=st.just("00409123401"),
    quantity=counts,
    unit=st.sampled_from(("ML", "UN")),
    prescription_number=numbers,
)
inpatients = st.builds(
    InpatientAdjudication,
    covered_days=st.sampled_from((Decimal(0), Decimal(7))),
    drg_amount=optional(cents),
    pps_capital_amount=optional(cents),
    cost_report_days=optional(st.just(Decimal(3))),
    capital_exception_amount=optional(cents),
    remarks=st.sampled_from(((), ("MA01",), ("MA01", "N130"))),
)
outpatients = st.builds(
    OutpatientAdjudication, reimbursement_rate=optional(st.just(Decimal("0.8"))), payable_amount=cents
)
procedures = st.builds(
    IcdProcedure, code=st.sampled_from(("0DTJ4ZZ", "3E0G76Z", "02703ZZ")), qualifier=st.just("BBQ"), performed=days
)
occurrences = st.builds(Occurrence, code=st.sampled_from(("01", "11", "A1", "C3")), on=days)
spans = st.builds(OccurrenceSpan, code=st.sampled_from(("70", "M0")), start=days, end=st.just(date(2026, 9, 2)))
values = st.builds(
    ValueAmount, code=st.sampled_from(("01", "A2", "80", "81")), amount=st.sampled_from((Decimal(5), Decimal("15.31")))
)


def diagnoses_of(draw: Draw) -> tuple[Diagnosis, ...]:
    codes = draw(st.lists(st.sampled_from(DIAGNOSES), min_size=1, max_size=len(DIAGNOSES), unique=True))
    return tuple(
        Diagnosis(
            code=code, qualifier="ABF" if at else "ABK", present_on_admission=draw(st.sampled_from(("", "Y", "N", "W")))
        )
        for at, code in enumerate(codes)
    )


def stay(draw: Draw, start: date, end: date) -> Institutional:
    principal = draw(optional(procedures))
    return Institutional(
        facility_type=draw(st.sampled_from(("11", "13", "21", "85"))),
        statement_from=start,
        statement_through=end,
        admission_time=draw(st.sampled_from(("", "0830"))),
        discharge_time=draw(st.sampled_from(("", "1415"))),
        admission_type="3",
        admission_source=draw(st.sampled_from(("", "1"))),
        patient_status="01",
        drg=draw(st.sampled_from(("", "470"))),
        admitting_diagnosis=Diagnosis(code="R0602", qualifier="ABJ"),
        visit_reasons=draw(
            some(st.builds(Diagnosis, code=st.sampled_from(DIAGNOSES), qualifier=st.just("APR")), 3, unique=True)
        ),
        external_causes=draw(
            some(st.builds(Diagnosis, code=st.sampled_from(CAUSES), qualifier=st.just("ABN")), 4, unique=True)
        ),
        principal_procedure=msgspec.structs.replace(principal, qualifier="BBR") if principal else None,
        other_procedures=draw(some(procedures, 13)) if principal else (),
        occurrences=draw(some(occurrences, 13)),
        occurrence_spans=draw(some(spans, 3)),
        values=draw(some(values, 13)),
        treatment_codes=draw(some(st.sampled_from(("A01", "B02")), 2)),
        estimated_amount_due=draw(optional(cents)),
        peer_review_authorization=draw(numbers),
        attending=provider_of(draw, 5, draw(st.sampled_from(("", "207R00000X")))),
        operating=provider_of(draw, 6) if draw(flags) else None,
        other_operating=provider_of(draw, 7) if draw(flags) else None,
    )


@cache
@st.composite
def institutional_claims(draw: st.DrawFn, number: int = 1) -> Claim:
    """A claim that an 837I carries whole; `number` makes its CLM01 unique."""
    start = FIRST + timedelta(days=draw(st.integers(0, 100)))
    end = start + timedelta(days=draw(st.integers(0, 9)))
    count = draw(st.integers(1, 4))
    lines = [institutional_line(draw, at, start, end) for at in range(1, count + 1)]
    facts = stay(draw, start, end)
    shared = common(draw, number, lines, ("71", "72", "ZZ", "77", "82", "DN", "85"))
    admitted = draw(optional(st.just(start))) if facts.facility_type in OUTPATIENT else start
    if admitted is None:
        facts = msgspec.structs.replace(facts, admission_time="")
    priors = tuple(
        msgspec.structs.replace(
            prior, inpatient=draw(optional(inpatients)), outpatient=draw(optional(outpatients)),
            non_covered_amount=draw(optional(cents)) if not prior.adjudicated else None,
        )
        for prior in shared.pop("prior_payments")
    )  # fmt: skip
    patient = msgspec.structs.replace(shared.pop("patient"), record_number=draw(numbers))
    return Claim(
        kind="I",
        **shared,
        patient=patient,
        prior_payments=priors,
        admission_date=admitted,
        diagnoses=diagnoses_of(draw),
        accident_state=draw(st.sampled_from(("", "WI"))),
        device_exemptions=draw(st.sampled_from(((), ("G123456",), ("G123456", "G654321")))),
        demonstration=draw(numbers),
        attachments=draw(attachments("OZ")),
        note=draw(text),
        further_notes=draw(some(st.builds(Note, code=st.sampled_from(("DGN", "MED", "SFM")), text=words), 3)),
        condition_codes=draw(some(st.sampled_from(("02", "09", "C5", "W2")), 14)),
        condition_indicators=draw(st.sampled_from(((), (ConditionIndicator(category="ZZ", codes=("S2",)),)))),
        rendering=provider_of(draw, 3) if draw(flags) else None,
        referring=provider_of(draw, 4) if draw(flags) else None,
        facility=facility_of(draw, 1) if draw(flags) else None,
        institutional=facts,
    )


# Dental --------------------------------------------------------------------------------------------------------------

teeth = st.builds(
    Tooth,
    number=st.sampled_from(("1", "12", "30", "A", "T")),
    surfaces=st.sampled_from(((), ("M",), ("M", "O"), ("B", "D", "F", "L", "O"))),
)
dental_lines = st.builds(
    DentalLine,
    teeth=some(teeth, 4),
    oral_cavity_areas=st.sampled_from(((), ("10",), ("10", "20", "L"))),
    predetermination_number=numbers,
    treatment_start_date=optional(days),
    treatment_completion_date=optional(days),
    appliance_placement_date=optional(days),
    replacement_date=optional(days),
)


def dental_line(draw: Draw, number: int, dated: bool, pointers: int) -> Line:
    facts = draw(dental_lines)
    placed = draw(optional(days))
    if draw(flags):
        facts = msgspec.structs.replace(
            facts,
            prosthesis="R" if placed else "I",
            prior_placement_date=placed,
            prior_placement_is_estimated=bool(placed) and draw(flags),
        )
    if draw(flags):
        facts = msgspec.structs.replace(facts, assistant_surgeon=provider_of(draw, 1, "204E00000X"))
    return Line(
        number=number,
        control_number=f"L{number}{draw(identifiers)}",
        procedure_code=draw(st.sampled_from(("D0120", "D2150", "D2750", "D7140", "D9110"))),
        procedure_qualifier="AD",
        description=draw(text),
        charge=draw(cents),
        units=draw(st.sampled_from((Decimal(1), Decimal(2)))),
        place_of_service=draw(st.sampled_from(("", "12"))),
        diagnosis_pointers=tuple(draw(st.permutations(range(1, pointers + 1)))) if draw(flags) else (),
        date_from=draw(days) if dated else None,
        prior_authorization=draw(numbers),
        referral=draw(numbers),
        other_references=draw(
            some(
                st.builds(
                    PayerReference,
                    qualifier=st.sampled_from(("G1", "9F", "G3")),
                    value=identifiers,
                    payer_id=identifiers,
                ),
                2,
            )
        ),
        sales_tax=draw(optional(cents)),
        file_information=draw(st.sampled_from(((), ("TAX NOTE",)))),
        repricing=repricing_of(draw, of_claim=False),
        supervising=provider_of(draw, 2) if draw(flags) else None,
        facility=facility_of(draw, 2) if draw(flags) else None,
        dental=facts if facts != DentalLine() else None,
    )


@cache
@st.composite
def dental_claims(draw: st.DrawFn, number: int = 1) -> Claim:
    """A claim that an 837D carries whole; `number` makes its CLM01 unique."""
    codes = draw(st.lists(st.sampled_from(DIAGNOSES), max_size=4, unique=True))
    predetermination, dated = draw(flags), draw(flags)
    count = draw(st.integers(1, 4))
    lines = [dental_line(draw, at, dated and not predetermination, len(codes)) for at in range(1, count + 1)]
    shared = common(draw, number, lines, ("DN", "82", "DQ", "85", "77", "DD"))
    causes = draw(st.sampled_from(((), ("AA",), ("EM", "OA"))))
    orthodontic = draw(flags)
    facts = Dental(
        orthodontic=draw(flags),
        orthodontic_months_total=draw(st.integers(24, 36)) if orthodontic else None,
        orthodontic_months_remaining=draw(st.integers(0, 24)) if orthodontic else None,
        tooth_statuses=draw(
            some(st.builds(ToothStatus, number=st.sampled_from(("1", "16", "32")), status=st.sampled_from("ME")), 3)
        ),
        appliance_placement_date=draw(optional(days)) if orthodontic else None,
        service_from=None if dated or predetermination else draw(days),
        predetermination=predetermination,
        predetermination_number=draw(numbers),
        primary_care=provider_of(draw, 3, "1223G0001X") if draw(flags) else None,
        assistant_surgeon=provider_of(draw, 4, "204E00000X") if draw(flags) else None,
    )
    notes = draw(some(words, 5))
    return Claim(
        kind="D",
        **shared,
        place_of_service="11",
        diagnoses=tuple(Diagnosis(code=code, qualifier="ABF" if at else "ABK") for at, code in enumerate(codes)),
        causes=causes,
        accident_state="WI" if "AA" in causes else "",
        accident_date=draw(days) if causes else None,
        special_program=draw(st.sampled_from(("", "01"))),
        attachments=draw(attachments("RB")),
        patient_paid=draw(optional(cents)),
        note=notes[0] if notes else "",
        further_notes=tuple(Note(text=one) for one in notes[1:]),
        rendering=provider_of(draw, 5, "1223G0001X"),
        referring=provider_of(draw, 6, draw(st.sampled_from(("", "1223G0001X")))) if draw(flags) else None,
        supervising=provider_of(draw, 7) if draw(flags) else None,
        facility=facility_of(draw, 1) if draw(flags) else None,
        dental=facts,
    )


# Professional: what few claims have -------------------------------------------------------------------------------------

ambulances = st.builds(
    Ambulance,
    patient_weight_pounds=optional(st.just(Decimal(140))),
    reason=st.sampled_from("ABCDE"),
    miles=st.sampled_from((Decimal(0), Decimal("12.5"))),
    round_trip_purpose=text,
    stretcher_purpose=text,
    conditions=some(
        st.builds(
            ConditionIndicator,
            category=st.just("07"),
            applies=flags,
            codes=some(st.sampled_from(("01", "04", "08", "12")), 5, 1, unique=True),
        ),
        3,
    ),
    pick_up=addresses,
    drop_off=addresses,
    drop_off_name=text,
)
equipments = st.builds(
    Equipment,
    procedure_code=st.sampled_from(("E0570", "E1390")),
    days=st.just(Decimal(30)),
    rental_price=cents,
    purchase_price=cents,
    rental_unit=st.sampled_from("146"),
    certification_type=st.sampled_from("IRS"),
    months=st.just(Decimal(12)),
    begin_therapy_date=optional(days),
    revision_date=optional(days),
    last_certification_date=optional(days),
)
measurements = st.builds(
    Measurement,
    of=st.just("TR"),
    kind=st.sampled_from(("HT", "R1", "R2")),
    value=st.sampled_from((Decimal("11.3"), Decimal(66))),
)
forms = st.builds(
    Form,
    list_qualifier=st.just("UT"),
    code=st.just("484.3"),
    answers=some(
        st.one_of(
            st.builds(FormAnswer, question=st.just("1A"), text=words),
            st.builds(FormAnswer, question=st.just("4"), yes_no=st.sampled_from("YNW")),
            st.builds(FormAnswer, question=st.just("5"), on=days),
            st.builds(FormAnswer, question=st.just("6"), percent=st.just(Decimal("88.5"))),
        ),
        4,
        1,
    ),
)


@cache
@st.composite
def rare_lines(draw: st.DrawFn) -> ProfessionalLine | None:
    found = ProfessionalLine(
        epsdt=draw(flags), family_planning=draw(flags), copay_exempt=draw(flags), equipment=draw(optional(equipments)),
        ambulance=draw(optional(ambulances.map(
            lambda one: msgspec.structs.replace(one, patients_carried=Decimal(2))
        ))),
        conditions=draw(st.sampled_from((
            (), (ConditionIndicator(category="70", codes=("65",)), ConditionIndicator(category="09", codes=("38", "ZV"))),
        ))),
        measurements=draw(some(measurements, 3)), anesthesia_extra_units=draw(optional(st.just(Decimal(3)))),
        prescription_date=draw(optional(days)), last_seen_date=draw(optional(days)),
        hemoglobin_test_date=draw(optional(days)), creatinine_test_date=draw(optional(days)),
        shipped_date=draw(optional(days)), last_xray_date=draw(optional(days)),
        initial_treatment_date=draw(optional(days)), mammography_certification=draw(numbers),
        referring_clia=draw(st.sampled_from(("", "52D7654321"))), immunization_batch=draw(numbers),
        postage=draw(optional(cents)),
        purchased_service_provider=Provider(npi=draw(st.sampled_from(NPIS))) if draw(flags) else None,
        primary_care=provider_of(draw, 1) if draw(flags) else None, forms=draw(some(forms, 2)),
    )  # fmt: skip
    if draw(flags):
        found = msgspec.structs.replace(
            found, purchased_service_id=draw(st.sampled_from(NPIS)), purchased_service_amount=draw(cents)
        )
    return found if found != ProfessionalLine() else None


@cache
@st.composite
def rare_claims(draw: st.DrawFn) -> Professional | None:
    start = draw(optional(days))
    found = Professional(
        acute_manifestation_date=draw(optional(days)), last_xray_date=draw(optional(days)),
        prescription_date=draw(optional(days)), disability_start=start,
        disability_end=draw(optional(st.just(date(2026, 9, 3)))), last_worked_date=draw(optional(days)),
        return_to_work_date=draw(optional(days)), assumed_care_date=draw(optional(days)),
        relinquished_care_date=draw(optional(days)), first_contact_date=draw(optional(days)),
        patient_weight_pounds=draw(optional(st.just(Decimal(88)))), pregnant=draw(flags),
        ambulance=draw(optional(ambulances)),
        spine=draw(optional(st.builds(Spine, condition=st.sampled_from("ACDEFGM"), description=text))),
        anesthesia_procedures=draw(st.sampled_from(((), ("33510",), ("33510", "33511")))),
        mammography_certification=draw(numbers), care_plan_oversight=draw(numbers),
        medicare_crossover=draw(st.sampled_from(("", "Y"))),
        primary_care=provider_of(draw, 2) if draw(flags) else None,
    )  # fmt: skip
    if draw(flags):
        found = msgspec.structs.replace(
            found, patient_contact_name=draw(words), patient_contact_phone="6085550142", patient_contact_extension="12"
        )
    return found if found != Professional() else None


def rare_line(draw: Draw, number: int) -> Line:
    note, anesthesia = draw(text), draw(flags)
    return Line(
        number=number,
        control_number=f"L{number}{draw(identifiers)}",
        procedure_code="00790" if anesthesia else draw(st.sampled_from(("E0570", "99213"))),
        modifiers=draw(st.sampled_from(((), ("QK", "P3"), ("RH",)))),
        charge=draw(cents),
        unit_basis="MJ" if anesthesia else "UN",
        units=draw(counts),
        diagnosis_pointers=(1,),
        date_from=draw(days),
        note=note,
        note_code="DCP" if note else "ADD",
        third_party_note=draw(text),
        attachments=draw(attachments("CT")),
        contract=draw(optional(st.just(Contract(kind="04", amount=Decimal("80.00"))))),
        repricing=repricing_of(draw, of_claim=False),
        sales_tax=draw(optional(cents)),
        file_information=draw(st.sampled_from(((), ("STATE LINE",)))),
        other_references=draw(
            some(
                st.builds(
                    PayerReference, qualifier=st.sampled_from(("G1", "9F")), value=identifiers, payer_id=identifiers
                ),
                2,
            )
        ),
        facility=facility_of(draw, 2) if draw(flags) else None,
        ordering=msgspec.structs.replace(provider_of(draw, 3), contact_name="ORDERS", phone="6085550143")
        if draw(flags)
        else None,
        rendering=msgspec.structs.replace(
            provider_of(draw, 4, "207R00000X"), npi="1999999984", other_payer_ids=(("G2", "OTHER1", "PAYER7"),)
        )
        if draw(flags)
        else None,
        professional=draw(rare_lines()),
    )


@cache
@st.composite
def professional_claims(draw: st.DrawFn, number: int = 1) -> Claim:
    """A professional claim with the facts that few have: transports, equipment, forms, repricing, other payers' ids."""
    count = draw(st.integers(1, 3))
    lines = [rare_line(draw, at) for at in range(1, count + 1)]
    shared = common(draw, number, lines, ("DN", "82", "77", "DQ", "85"))
    priors = tuple(
        msgspec.structs.replace(prior, patient_signature=draw(st.sampled_from(("", "P"))))
        for prior in shared.pop("prior_payments")
    )
    return Claim(
        **shared,
        prior_payments=priors,
        place_of_service="11",
        diagnoses=(Diagnosis(code="J069", qualifier="ABK"), Diagnosis(code="I10", qualifier="ABF")),
        currency=draw(st.sampled_from(("", "CAD"))),
        pay_to_plan=draw(
            optional(
                st.builds(
                    Payer,
                    payer_id=identifiers,
                    name=words.map(lambda one: f"PLAN {one}"),
                    address=addresses,
                    secondary_ids=st.just((("EI", "391234567"),)),
                )
            )
        ),
        causes=("AA",),
        accident_state="WI",
        accident_date=draw(days),
        special_program=draw(st.sampled_from(("", "02"))),
        demonstration=draw(numbers),
        device_exemptions=draw(st.sampled_from(((), ("G123456",)))),
        condition_codes=draw(some(st.sampled_from(("AA", "AB", "AD")), 14)),
        condition_indicators=draw(
            st.sampled_from(
                (
                    (),
                    (ConditionIndicator(category="75", codes=("IH",)),),
                    (
                        ConditionIndicator(category="E1", codes=("L1", "L3")),
                        ConditionIndicator(category="ZZ", applies=False, codes=("NU",)),
                    ),
                )
            )
        ),
        rendering=msgspec.structs.replace(provider_of(draw, 5, "207R00000X"), npi="1234567893"),
        facility=msgspec.structs.replace(facility_of(draw, 1), contact_name="DESK", phone="6085550144")
        if draw(flags)
        else None,
        professional=draw(rare_claims()),
    )
