"""The 837P writer, scenario by scenario of domain.md section 5."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.nouns import Address, Adjustment, AttachmentReference, Claim, Drug, LineAdjudication, Person
from claimwright.claims.to_x12.professional import build_interchange, build_transaction, shares
from claimwright.x12 import ValueRefused
from tests.lib.builders import (
    ENVELOPE,
    MEDICARE,
    RECEIVER,
    SUBMITTER,
    WHEN,
    a_billing_provider,
    a_claim,
    a_coverage,
    a_dependent_claim,
    a_line,
    a_patient,
    a_referring_provider,
    a_rendering_provider,
    a_secondary_claim,
)
from tests.lib.pyx12_oracle import check


def interchange(*claims: Claim, **options: object) -> bytes:
    return build_interchange(
        claims,
        submitter=SUBMITTER,
        receiver=RECEIVER,
        envelope=ENVELOPE,
        control_number=7,
        group_control_number=3,
        reference="B1",
        when=WHEN,
        **options,  # type: ignore[arg-type]
    )


def segments(*claims: Claim) -> list[str]:
    return [
        segment.text().rstrip("~")
        for segment in build_transaction(
            claims, submitter=SUBMITTER, receiver=RECEIVER, reference="B1", when=WHEN, control_number="0001"
        )
    ]


def test_a_plain_claim_and_its_envelope() -> None:
    text = interchange(a_claim()).decode()
    assert "GS*HC*LAKESIDE01*CLEARHOUSE*20260908*0930*3*X*005010X222A1~" in text
    assert "BHT*0019*00*B1*20260908*0930*CH~" in text
    assert "HL*2*1*22*0~SBR*P*18*GRP100******CI~NM1*IL*1*TESTER*ANNA****MI*W12345678~" in text
    assert "CLM*CW1001*150***11:B:1*Y*A*Y*Y~REF*EA*MRN1001~HI*ABK:J069~" in text
    assert "LX*1~SV1*HC:99213*150*UN*1***1~DTP*472*D8*20260831~REF*6R*L1001~" in text
    assert check(interchange(a_claim())) == []


def test_claims_share_the_loops_they_have_in_common() -> None:
    second = a_claim(control_number="CW2")
    other_payer = a_claim(control_number="CW3", coverage=a_coverage(member_id="OTHER9"))
    other_billing = a_claim(control_number="CW4", billing_provider=a_billing_provider(npi="1245319599"))
    found = segments(a_claim(), other_billing, second, other_payer)
    assert [s.split("*")[1:4] for s in found if s.startswith("HL*")] == [
        ["1", "", "20"], ["2", "1", "22"], ["3", "1", "22"], ["4", "", "20"], ["5", "4", "22"],
    ]  # fmt: skip
    assert [s.split("*")[1] for s in found if s.startswith("CLM*")] == ["CW1001", "CW2", "CW3", "CW4"]


def test_a_dependent_stands_in_2000c() -> None:
    found = segments(a_dependent_claim())
    assert "HL*2*1*22*1" in found
    assert "SBR*P**GRP100******CI" in found
    at = found.index("HL*3*2*23*0")
    assert found[at + 1 : at + 3] == ["PAT*19", "NM1*QC*1*TESTER*TIM"]
    assert not any(s.startswith("DMG") for s in found[:at])


def test_a_secondary_claim_carries_what_the_first_payer_decided() -> None:
    found = segments(a_secondary_claim())
    at = found.index("SBR*P*18*GRP100******CI")
    assert found[at + 1 : at + 3] == ["AMT*D*85", "OI***Y***Y"]
    assert "REF*F8*PCN778899" in found[at:]
    assert found.index("SVD*60054*85*HC:99213**1") < found.index("CAS*CO*45*40") < found.index("CAS*PR*3*25")
    assert found.count("DTP*573*D8*20260904") == 2


def test_a_payer_that_has_not_decided_has_no_amount() -> None:
    claim = a_secondary_claim()
    (prior,) = claim.prior_payments
    prior = msgspec.structs.replace(prior, adjudicated=False, payer_claim_number="")
    assert not any(s.startswith("AMT*D") for s in segments(msgspec.structs.replace(claim, prior_payments=(prior,))))


def adjusted(count: int) -> Claim:
    triples = tuple(Adjustment(group="CO", reason="45", amount=Decimal(n)) for n in range(1, count + 1))
    decided = LineAdjudication(payer_id="60054", procedure_code="99213", adjustments=triples)
    claim = a_secondary_claim()
    return msgspec.structs.replace(claim, lines=(a_line(adjudications=(decided,)),))


def test_more_than_six_adjustments_of_a_group_go_on_in_another_segment() -> None:
    found = [s for s in segments(adjusted(8)) if s.startswith("CAS")]
    assert [s.count("*45*") for s in found] == [6, 2]
    with pytest.raises(ValueRefused) as refusal:
        segments(adjusted(31))
    assert refusal.value.segment_id == "CAS"


def test_overrides_are_sent_only_when_they_differ() -> None:
    same = a_line(rendering=a_rendering_provider(), referring=a_referring_provider())
    claim = a_claim(lines=(same,), referring=a_referring_provider())
    assert [s for s in segments(claim) if s.startswith("NM1*82") or s.startswith("NM1*DN")] == [
        "NM1*DN*1*OKAFOR*DANIEL****XX*1999999984",
        "NM1*82*1*HALVORSEN*INGRID****XX*1234567893",
    ]
    other = a_line(rendering=a_referring_provider())
    assert sum(s.startswith("NM1*82") for s in segments(a_claim(lines=(other,)))) == 2
    alone = a_rendering_provider(tax_id="391234567", address=a_billing_provider().address)
    assert not any(s.startswith("NM1*82") for s in segments(a_claim(billing_provider=alone)))


def test_replacement_accident_attachment_and_drug() -> None:
    drug = Drug(ndc="00409123401", quantity=Decimal("2.50"), unit="ML", prescription_number="RX1")
    claim = a_claim(
        frequency="7",
        payer_claim_number="PCN1",
        causes=("AA",),
        accident_state="WI",
        accident_date=date(2026, 8, 1),
        attachments=(AttachmentReference(report_type="OZ", transmission="EL", control_number="ACN1"),),
        patient_paid=Decimal("25.00"),
        note="SEE REPORT",
        lines=(a_line(drug=drug, description="UNLISTED"),),
        pay_to_address=Address(line1="PO BOX 9", city="MADISON", state="WI", postal_code="537010009"),
    )
    found = segments(claim)
    for expected in (
        "NM1*87*2",
        "CLM*CW1001*150***11:B:7*Y*A*Y*Y**AA:::WI",
        "DTP*439*D8*20260801",
        "PWK*OZ*EL***AC*ACN1",
        "AMT*F5*25",
        "REF*F8*PCN1",
        "NTE*ADD*SEE REPORT",
        "SV1*HC:99213:::::UNLISTED*150*UN*1***1",
        "LIN**N4*00409123401",
        "CTP****2.5*ML",
        "REF*XZ*RX1",
    ):
        assert expected in found
    assert check(interchange(claim)) == []


def test_workers_compensation_has_the_employer_as_subscriber() -> None:
    coverage = a_coverage(
        relationship="20",
        subscriber=Person(last_name="NORTH MILL CO"),
        subscriber_is_organization=True,
        property_claim_number="WC55",
        member_id="WC0055",
        payer=msgspec.structs.replace(MEDICARE, filing_indicator="WC"),
    )
    claim = a_claim(coverage=coverage, patient=a_patient(), causes=("EM",), accident_date=date(2026, 8, 1))
    found = segments(claim)
    assert "NM1*IL*2*NORTH MILL CO*****MI*WC0055" in found
    assert found.index("PAT*20") < found.index("REF*Y4*WC55")
    assert check(interchange(claim)) == []


def test_medicare_as_second_payer_says_why() -> None:
    coverage = a_coverage(sequence="S", payer=MEDICARE, insurance_type="12", group_number="")
    claim = a_secondary_claim(coverage=coverage, obligated_amount=Decimal("160.00"))
    found = segments(claim)
    assert "SBR*S*18***12****MB" in found
    assert "CN1*09*160" in found
    assert check(interchange(claim)) == []


def test_more_claims_than_a_transaction_holds_are_split() -> None:
    claims = [a_claim(control_number=f"C{number}") for number in range(5)]
    text = interchange(*claims, claims_per_transaction=2).decode()
    assert text.count("~ST*837*") == 3
    assert "*B1*" in text and "*B1-2*" in text and "*B1-3*" in text
    assert "GE*3*3~" in text
    assert [len(share) for share in shares(claims, 2)] == [2, 2, 1]
    with pytest.raises(ValueRefused):
        segments(*[a_claim()] * 5001)


def test_reporting_and_chargeable_claims_do_not_mix() -> None:
    reporting = a_claim(control_number="R1", transaction_type="RP")
    with pytest.raises(ValueRefused):
        segments(a_claim(), reporting)
    text = interchange(a_claim(), reporting).decode()
    assert text.count("~ST*837*") == 2 and "*RP~" in text


@pytest.mark.parametrize("number", ["", " ", "   "])
def test_a_record_number_of_blanks_is_no_reference(number: str) -> None:
    def of(record_number: str) -> list[str]:
        claim = a_claim()
        patient = msgspec.structs.replace(claim.patient, record_number=record_number)
        return segments(msgspec.structs.replace(claim, patient=patient))

    written = of("MRN1001")[:-1]  # but for SE, which counts them
    assert [one for one in written if one.startswith("REF*EA")] == ["REF*EA*MRN1001"]
    assert of(number)[:-1] == [one for one in written if not one.startswith("REF*EA")]
