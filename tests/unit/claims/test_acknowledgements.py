"""TA1, 999, 997 and 277CA to nouns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from claimwright.claims.from_x12.acknowledgements import (
    claim_acknowledgement_report,
    group_acknowledgements,
    interchange_acknowledgements,
)
from claimwright.claims.nouns import ClaimStatus
from claimwright.x12 import read

ISA = "ISA*00*          *00*          *ZZ*CLEARHOUSE     *ZZ*LAKESIDE01     *260908*1000*^*00501*000000009*0*T*:~"


def wrapped(functional: str, guide: str, body: str) -> bytes:
    gs = f"GS*{functional}*CLEARHOUSE*LAKESIDE01*20260908*1000*1*X*{guide}~"
    return f"{ISA}{gs}{body}GE*1*1~IEA*1*000000009~".encode()


REJECTED_999 = wrapped(
    "FA",
    "005010X231A1",
    "ST*999*0001*005010X231A1~AK1*HC*33*005010X222A1~"
    "AK2*837*0001*005010X222A1~IK5*A~"
    "AK2*837*0002*005010X222A1~"
    "IK3*SV1*24*2400*8~CTX*CLM01:CW1001~IK4*1:3*1339*7*XX~IK4*2*782*1~"
    "IK3*REF*30**3~CTX*SITUATIONAL TRIGGER*CLM*22~CTX*CLM01:CW1002~"
    "IK5*R*5~AK9*P*2*2*1~SE*14*0001~",
)


def test_a_999_names_transactions_claims_and_elements() -> None:
    (transaction,) = read(REJECTED_999).transactions()
    (group,) = group_acknowledgements(transaction)
    assert (group.functional_id, group.control_number, group.guide) == ("HC", "33", "005010X222A1")
    assert (group.code, group.included, group.received, group.accepted) == ("P", 2, 2, 1)
    accepted, rejected = group.transactions
    assert (accepted.control_number, accepted.code, accepted.errors) == ("0001", "A", ())
    assert rejected.code == "R"
    first, second, third = rejected.errors
    assert (first.segment_id, first.segment, first.loop, first.code) == ("SV1", 24, "2400", "8")
    assert (first.element, first.component, first.element_code, first.bad_value) == (1, 3, "7", "XX")
    assert (second.element, second.component, second.element_code) == (2, 0, "1")
    assert (third.segment_id, third.code, third.element) == ("REF", "3", 0)
    assert [error.claim_control_number for error in rejected.errors] == ["CW1001", "CW1001", "CW1002"]


def test_a_997_is_read_as_well() -> None:
    body = "ST*997*0001~AK1*HC*33~AK2*837*0001~AK3*NM1*8**8~AK4*9*67*1~AK5*R*5~AK9*R*1*1*0~SE*8*0001~"
    (transaction,) = read(wrapped("FA", "005010", body)).transactions()
    (group,) = group_acknowledgements(transaction)
    (rejected,) = group.transactions
    assert (group.code, rejected.code) == ("R", "R")
    assert (rejected.errors[0].segment_id, rejected.errors[0].element) == ("NM1", 9)


def test_a_999_cut_short_is_read_as_far_as_it_goes() -> None:
    (transaction,) = read(REJECTED_999[: REJECTED_999.index(b"IK5*R")]).transactions()
    (group,) = group_acknowledgements(transaction)
    assert group.code == ""
    assert [found.code for found in group.transactions] == ["A", ""]


def test_ta1() -> None:
    data = f"{ISA}TA1*000000007*260908*0930*R*025~IEA*0*000000009~".encode()
    (found,) = interchange_acknowledgements(read(data))
    assert (found.control_number, found.code, found.note) == ("000000007", "R", "025")
    assert (found.interchange_date, found.interchange_time) == ("260908", "0930")


REPORT = wrapped(
    "HN",
    "005010X214",
    "ST*277*0001*005010X214~BHT*0085*08*RPT1*20260908*1000*TH~"
    "HL*1**20*1~NM1*AY*2*PRETEND CLEARINGHOUSE*****46*CLEARHOUSE~TRN*1*T1~DTP*050*D8*20260908~DTP*009*D8*20260908~"
    "HL*2*1*21*1~NM1*41*2*LAKESIDE FAMILY MEDICINE*****46*LAKESIDE01~TRN*2*B1~STC*A1:19:PR*20260908*WQ*340~"
    "QTY*90*1~QTY*AA*1~AMT*YU*150~AMT*YY*190~"
    "HL*3*2*19*1~NM1*85*2*LAKESIDE FAMILY MEDICINE*****XX*1000000004~TRN*1*0~"
    "HL*4*3*PT~NM1*QC*1*TESTER*ANNA****MI*W12345678~TRN*2*CW1001~STC*A2:20:PR*20260908*WQ*150~"
    "REF*1K*PCN1~REF*D9*CH77~DTP*472*D8*20260831~"
    "HL*5*3*PT~NM1*QC*1*TESTER*TIM****MI*W12345678~TRN*2*CW1003~"
    "STC*A3:247*20260908*U*190******A7:562:85**NPI NOT ON FILE~DTP*472*D8*20260831~"
    "SVC*HC:87880*40~STC*A7:507*20260908*U~REF*FJ*L1002~SE*32*0001~",
)


def test_a_277ca_tells_of_each_claim() -> None:
    (transaction,) = read(REPORT).transactions()
    report = claim_acknowledgement_report(transaction)
    assert (report.source_qualifier, report.source_id, report.trace_number, report.reference) == (
        "AY", "CLEARHOUSE", "B1", "RPT1",
    )  # fmt: skip
    batch, accepted, rejected = report.items
    assert (batch.level, batch.accepted, batch.control_number) == ("receiver", True, "B1")
    assert (accepted.control_number, accepted.accepted, accepted.charge) == ("CW1001", True, Decimal("150.00"))
    assert (accepted.payer_claim_number, accepted.clearinghouse_trace) == ("PCN1", "CH77")
    assert accepted.effective_date == date(2026, 9, 8)
    assert not rejected.accepted
    assert rejected.statuses == (
        ClaimStatus(category="A3", code="247"),
        ClaimStatus(category="A7", code="562", entity="85"),
    )
    assert rejected.message == "NPI NOT ON FILE"
    assert rejected.line_statuses == (("L1002", ClaimStatus(category="A7", code="507")),)
    assert transaction.segments[rejected.segment - 1][2] == "CW1003"


def test_a3_is_a_rejection_even_without_an_action_code() -> None:
    data = REPORT.replace(b"STC*A3:247*20260908*U*", b"STC*A3:247*20260908**").replace(
        b"STC*A2:20:PR*20260908*WQ*", b"STC*A2:20:PR*20260908**"
    )
    (transaction,) = read(data).transactions()
    assert [item.accepted for item in claim_acknowledgement_report(transaction).items] == [True, True, False]


def test_a_277ca_cut_anywhere_is_read() -> None:
    for end in range(0, len(REPORT), 7):
        for transaction in read(REPORT[:end]).transactions():
            claim_acknowledgement_report(transaction)
