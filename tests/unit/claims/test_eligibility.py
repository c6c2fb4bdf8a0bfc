"""Eligibility: what a 271 says, and readings that give it with its source or say why they cannot."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims import eligibility as rules
from claimwright.claims.eligibility import (
    Benefit,
    EligibilityInquiry,
    EligibilityResponse,
    PatientEligibility,
    PatientInquiry,
    Question,
    coinsurance,
    copay,
    is_active,
    out_of_pocket_remaining,
    prior_authorization,
    remaining_deductible,
)
from claimwright.claims.from_x12.eligibility import eligibility_inquiry, eligibility_response
from claimwright.claims.inquiries import payer_party, provider_party, subscriber_and_dependent
from claimwright.claims.parties import CoveredPerson, Period, Rejection
from claimwright.claims.to_x12 import eligibility as writing
from claimwright.x12 import ValueRefused, read
from tests.lib.builders import COMMERCIAL, a_billing_provider, a_coverage, a_dependent_claim, a_patient
from tests.lib.golden_nouns import golden_noun, wrapped

BENEFITS = """ST*271*0001*005010X279A1~BHT*0022*11*Q1*20260908*1000~HL*1**20*1~NM1*PR*2*NORTHERN*****PI*60054~
HL*2*1*21*1~NM1*1P*2*LAKESIDE*****XX*1000000004~HL*3*2*22*0~TRN*2*OURS1*9LAKESIDE1~TRN*1*THEIRS*9NORTHERN1~
NM1*IL*1*TESTER*ANNA****MI*W1~REF*6P*GRP7~DMG*D8*19800101*F~DTP*346*D8*20260101~
EB*1*IND*30*PR*GOLD~EB*C*IND*30***23*1500*****Y~EB*C*IND*30***29*412.5*****Y~EB*C*FAM*30***29*2000*****Y~
EB*C*IND*30***29*3000*****N~EB*G*IND*30***29*5250.1*****W~EB*B*IND*98***27*25*****Y~EB*B*IND*98***27*60*****N~
EB*A*IND*98*****.2***Y*Y~EB*A*IND*MH*****20***N*Y~EB*B*IND*UC***27*75~EB*B*IND*33***27*40*****Y~MSG*FIRST TEN VISITS~
EB*B*IND*33***27*55*****Y~MSG*AFTER TEN VISITS~EB*C*IND*47***29*100*****Y~DTP*348*D8*20270101~
SE*36*0001~"""


@pytest.fixture(scope="module")
def answer() -> EligibilityResponse:
    (transaction,) = read(wrapped("HB", "005010X279A1", BENEFITS)).transactions()
    found = eligibility_response(transaction)
    assert found.faults == ()
    return found.noun


def test_an_answer_names_patient_plan_and_question(answer: EligibilityResponse) -> None:
    (patient,) = answer.patients
    assert patient.trace_number == "OURS1"
    assert patient.patient is not None and patient.patient.member_id == "W1"
    assert patient.group_number == "GRP7"
    assert patient.benefits[0].plan_name == "GOLD"
    assert patient.rejections == ()


def test_deductibles_are_read_by_level_and_network(answer: EligibilityResponse) -> None:
    own = remaining_deductible(answer, on=date(2026, 9, 8))
    assert own.value == Decimal("412.50")
    assert [benefit.segment for benefit in own.benefits] == [16]
    assert remaining_deductible(answer, "FAM").value == Decimal("2000.00")
    assert remaining_deductible(answer, in_network=False).value == Decimal("3000.00")
    assert remaining_deductible(answer, "FAM", in_network=False).reason == rules.NOT_STATED
    assert out_of_pocket_remaining(answer).value == out_of_pocket_remaining(answer, in_network=False).value
    assert out_of_pocket_remaining(answer).value == Decimal("5250.10")


def test_copay_and_coinsurance(answer: EligibilityResponse) -> None:
    assert copay(answer, "98").value == Decimal("25.00")
    assert copay(answer, "98", in_network=False).value == Decimal("60.00")
    assert coinsurance(answer, "98").value == Decimal("0.2")
    assert prior_authorization(answer, "98") == "Y"
    assert prior_authorization(answer, "MH") == "N"


def test_nothing_is_guessed(answer: EligibilityResponse) -> None:
    several = copay(answer, "33")
    assert (several.value, several.reason) == (None, rules.SEVERAL_VALUES)
    assert [benefit.messages for benefit in several.benefits] == [("FIRST TEN VISITS",), ("AFTER TEN VISITS",)]
    unsaid = copay(answer, "UC")
    assert (unsaid.value, unsaid.reason, len(unsaid.benefits)) == (None, rules.NETWORK_NOT_STATED, 1)
    assert copay(answer, "UC", in_network=None).value == Decimal("75.00")
    assert copay(answer, "AL").reason == rules.NOT_STATED
    assert coinsurance(answer, "MH").reason == rules.NO_FRACTION
    early = remaining_deductible(answer, service_type="47", on=date(2026, 12, 31))
    assert (early.value, early.reason) == (None, rules.OUTSIDE_DATES)
    assert remaining_deductible(answer, service_type="47", on=date(2027, 1, 1)).value == Decimal("100.00")
    twice = msgspec.structs.replace(answer, patients=answer.patients * 2)
    assert remaining_deductible(twice).reason == rules.SEVERAL_PATIENTS
    assert is_active(twice).reason == rules.SEVERAL_PATIENTS


def test_activity_by_the_dates_of_the_coverage(answer: EligibilityResponse) -> None:
    assert is_active(answer).active is True
    assert is_active(answer, date(2026, 1, 1)).active is True
    before = is_active(answer, date(2025, 12, 31))
    assert (before.active, before.reason) == (None, rules.OUTSIDE_DATES)
    assert is_active(answer, service_type="35").reason == rules.NOT_STATED


def of(*benefits: Benefit, dates: tuple[Period, ...] = ()) -> PatientEligibility:
    return PatientEligibility(subscriber=CoveredPerson(dates=dates), benefits=benefits)


def test_inactive_coverage() -> None:
    gone = Benefit(kind="6", service_types=("30",), dates=(Period(qualifier="349", start=date(2026, 3, 31)),))
    assert is_active(of(gone), date(2026, 9, 8)).active is False
    assert is_active(of(gone), date(2026, 3, 31)).reason == rules.OUTSIDE_DATES  # it had not ended yet
    active = Benefit(kind="1", service_types=("30",))
    assert is_active(of(gone, active)).reason == rules.SEVERAL_VALUES
    refused = PatientEligibility(
        subscriber=CoveredPerson(rejections=(Rejection(level="subscriber", valid="N", reason="72", follow_up="C"),))
    )
    assert is_active(refused).reason == rules.REJECTED


def test_rejections_say_their_level_and_what_to_do() -> None:
    refused = golden_noun("271/pass/own-provider-may-not-ask", eligibility_response)
    (patient,) = refused.patients
    assert [(item.level, item.follow_up) for item in patient.rejections] != []
    assert {item.level for item in patient.rejections} <= {"source", "payer", "receiver", "subscriber", "dependent"}
    source = golden_noun("271/pass/own-source-cannot-answer", eligibility_response)
    assert source.patients[0].receiver is None


def test_the_published_example_by_hand() -> None:
    name = "271/pass/kputnam-response-to-generic-request-by-physician-for-patient-dependent-eligibility"
    (patient,) = golden_noun(name, eligibility_response).patients
    assert patient.dependent is not None and patient.subscriber is not None
    assert (patient.dependent.first_name, patient.dependent.insured_relationship) == ("MARY", "19")
    assert patient.subscriber.member_id == "123456789"
    assert is_active(patient, date(2006, 5, 1)).active is True
    assert copay(patient, "98").value == Decimal("10.00")
    assert copay(patient, "98", in_network=False).value == Decimal("30.00")
    (entity,) = patient.benefits[-1].entities
    assert (entity.role, entity.last_name, entity.identifier) == ("P3", "JONES", "0202034")


def test_benefits_after_a_misplaced_trace_are_not_lost() -> None:
    body = """ST*271*0001~BHT*0022*11*REF*20240101*1200~HL*1**20*1~NM1*PR*2*ACME*****PI*P1~HL*2*1*21*1~
NM1*1P*2*GROUP*****XX*1000000004~HL*3*2*22*0~NM1*IL*1*DOE*JOHN****MI*M99~TRN*2*T55*9999999999~
EB*1*IND*30**GOLD PPO~EB*B*IND*30****27.5~DTP*291*D8*20240101~SE*13*0001~"""
    (transaction,) = read(wrapped("HB", "005010X279A1", body)).transactions()
    (patient,) = eligibility_response(transaction).noun.patients
    assert [benefit.kind for benefit in patient.benefits] == ["1", "B"]
    assert patient.benefits[1].amount == Decimal("27.50")


def test_an_amount_that_is_none_is_a_fault_with_its_place() -> None:
    body = BENEFITS.replace("*412.5*", "*4I2*")
    (transaction,) = read(wrapped("HB", "005010X279A1", body)).transactions()
    (fault,) = eligibility_response(transaction).faults
    assert (fault.id, fault.segment_id, fault.segment, fault.element, fault.loop) == (
        "271-AMOUNT",
        "EB",
        16,
        7,
        "2110C",
    )


def test_a_question_from_the_nouns_of_a_claim() -> None:
    patient = a_patient()
    subscriber, dependent = subscriber_and_dependent(a_coverage(), patient)
    assert dependent is None
    inquiry = EligibilityInquiry(
        reference="Q1",
        created=date(2026, 9, 8),
        created_time="1000",
        inquiries=(
            PatientInquiry(
                payer=payer_party(COMMERCIAL),
                receiver=provider_party(a_billing_provider(), provider_code="BI"),
                subscriber=subscriber,
                questions=(Question(service_types=("30", "98")),),
            ),
        ),
    )
    written = [segment.text() for segment in writing.eligibility_inquiry(inquiry, "0007")]
    assert written[0] == "ST*270*0007*005010X279A1~"
    assert "NM1*1P*2*LAKESIDE FAMILY MEDICINE*****XX*1000000004~" in written
    assert "EQ*30^98~" in written
    claim = a_dependent_claim()
    subscriber, dependent = subscriber_and_dependent(claim.coverage, claim.patient)
    assert dependent is not None and dependent.role == "03" and subscriber.role == "IL"


def test_a_family_shares_its_levels() -> None:
    inquiry = golden_noun("270/pass/own-everything", eligibility_inquiry)
    levels = [segment[3] for segment in writing.eligibility_inquiry(inquiry) if segment.id == "HL"]
    assert levels.count("22") <= len(inquiry.inquiries)


def test_a_subscriber_without_who_asked_cannot_be_written() -> None:
    answer = EligibilityResponse(patients=(PatientEligibility(subscriber=CoveredPerson(last_name="X")),))
    with pytest.raises(ValueRefused):
        writing.eligibility_response(answer)
