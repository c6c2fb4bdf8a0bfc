"""Institutional claims to an 837I and back: what stands where, and what the reader makes of odd files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.from_x12.professional import read_file as read_professional
from claimwright.claims.institutional import InpatientAdjudication
from claimwright.claims.nouns import Claim, PriorPayment
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_coverage, subscriber_on_wire
from tests.lib.kind_builders import an_inpatient_claim
from tests.lib.pyx12_oracle import check as pyx12_check


def written(*claims: Claim) -> bytes:
    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=7, group_control_number=3,
        reference="B1", when=WHEN,
    )  # fmt: skip


def read(data: bytes) -> Claim:
    ((claim,),) = [transaction.claims for transaction in read_file(data)]
    return claim


def test_a_stay_and_its_codes() -> None:
    text = written(an_inpatient_claim()).decode()
    assert "*X*005010X223A2~ST*837*0001*005010X223A2~" in text
    assert (
        "CLM*CW2001*13200***11:A:1**A*Y*Y~DTP*096*TM*1415~DTP*434*RD8*20260803-20260806~DTP*435*DT*202608030830~"
        "CL1*3*1*01~" in text
    )
    assert (
        "HI*ABK:K353:::::::Y~HI*ABJ:R1031~HI*ABN:W19XXXA:::::::Y~HI*DR:343~HI*ABF:I10:::::::N~"
        "HI*BBR:0DTJ4ZZ:D8:20260804~HI*BI:70:RD8:20260803-20260806~HI*BH:11:D8:20260802~"
        "HI*BE:80:::3*BE:A2:::15.31~HI*BG:C5~"
        "NM1*71*1*ODELL*MARIA****XX*1245319599~PRV*AT*PXC*207R00000X~NM1*72*1*OKAFOR*DANIEL****XX*1999999984~" in text
    )
    assert "LX*1~SV2*0120**4200*DA*3~REF*6R*L2001~LX*2~SV2*0360**9000*UN*1**100~DTP*472*D8*20260804~" in text


def test_what_is_written_passes_and_is_read_back_equal() -> None:
    data = written(an_inpatient_claim())
    assert [fault for fault in check(data) if fault.severity is Severity.REJECT] == []
    assert pyx12_check(data) == []
    assert read(data) == an_inpatient_claim()


def test_the_words_of_the_form() -> None:
    claim = an_inpatient_claim(lines=())
    assert claim.type_of_bill == "0111"
    assert (claim.date_of_service, claim.date_through) == (date(2026, 8, 3), date(2026, 8, 6))
    assert claim.institutional is not None
    assert claim.institutional.covered_days == 3
    assert claim.institutional.non_covered_days is None


def test_codes_go_on_in_another_segment() -> None:
    claim = an_inpatient_claim(condition_codes=tuple(f"{n:02d}" for n in range(1, 15)))
    text = written(claim).decode()
    assert text.count("~HI*BG:") == 2
    assert read(written(claim)) == claim


def test_what_an_institutional_claim_has_no_place_for_is_left_out() -> None:
    patient = msgspec.structs.replace(an_inpatient_claim().patient, death_date=date(2026, 8, 6))
    claim = an_inpatient_claim(patient=patient, coverage=a_coverage(insurance_type="12"))
    text = written(claim).decode()
    assert "SBR*P*18*GRP100******CI~" in text
    assert "PAT*" not in text


def test_a_prior_payers_inpatient_decision() -> None:
    subscriber = subscriber_on_wire(a_coverage().subscriber)
    prior = PriorPayment(
        coverage=a_coverage(subscriber=subscriber),
        paid_amount=Decimal("13200.00"),
        inpatient=InpatientAdjudication(covered_days=Decimal(3), drg_amount=Decimal("800.00"), remarks=("MA07", "N1")),
    )
    other = msgspec.structs.replace(a_coverage().payer, payer_id="87726")
    claim = an_inpatient_claim(coverage=a_coverage(sequence="S", payer=other), prior_payments=(prior,))
    data = written(claim)
    assert b"MIA*3***800*MA07***************N1~" in data
    assert pyx12_check(data) == []
    assert read(data) == claim


def test_what_is_kept_nowhere_is_named_with_its_place() -> None:
    data = written(an_inpatient_claim()).replace(b"~CL1*", b"~REF*ZZ*SECRET~CL1*").replace(b"HI*BG:C5", b"HI*QQ:C5")
    (transaction,) = read_file(data)
    found = {(fault.id, fault.segment_id, fault.severity) for fault in transaction.reads[0].faults}
    assert found == {
        ("837I-NOT-KEPT", "REF", Severity.INFO),
        ("837I-CODE-NOT-KEPT", "HI", Severity.WARN),
    }
    assert all("SECRET" not in problem.place + problem.message for problem in transaction.problems())
    assert not any(problem.blocks for problem in transaction.problems())


def test_impossible_values_are_faults_and_never_raise() -> None:
    data = (
        written(an_inpatient_claim())
        .replace(b"D8:20260804", b"D8:20260899")
        .replace(b"RD8*20260803-20260806", b"RD8*20260803")
        .replace(b"BE:A2:::15.31", b"BE:A2:::1E5")
        .replace(b"SV2*0360**9000", b"SV2*0360**9,000")
    )
    (transaction,) = read_file(data)
    assert {(fault.id, fault.segment_id, fault.component) for fault in transaction.reads[0].faults} == {
        ("837I-DATE", "HI", 4),
        ("837I-DATE", "DTP", 0),
        ("837I-QUANTITY", "HI", 5),
        ("837I-AMOUNT", "SV2", 0),
    }


def test_kinds_go_into_groups_of_their_guides() -> None:
    data = written(a_claim(), an_inpatient_claim(), a_claim(control_number="CW2"))
    assert data.count(b"~GS*HC*") == 2
    assert [(read.kind, len(read.reads)) for read in read_file(data)] == [("P", 2), ("I", 1)]
    assert pyx12_check(data) == []
    (one, other) = read_professional(data)
    assert [fault.id for fault in (*one.faults, *other.faults)] == ["837P-NOT-PROFESSIONAL"]


@pytest.mark.parametrize("end", range(1200, 2400, 61))
def test_a_file_cut_anywhere_is_read(end: int) -> None:
    read_file(written(an_inpatient_claim())[:end])
