"""Claim status: what a 277 says of claims, and which claims a 276 asks about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.from_x12.status import status_inquiry, status_response
from claimwright.claims.parties import CoveredPerson, Party, Period, Reference
from claimwright.claims.status import (
    ClaimInquiry,
    StatusCode,
    StatusInquiry,
    StatusReport,
    StatusResponse,
    StatusStatement,
)
from claimwright.claims.to_x12 import status as writing
from claimwright.x12 import ValueRefused, read
from tests.lib.golden_nouns import golden_noun, wrapped

PAID = """ST*277*0001*005010X212~BHT*0010*08*R1*20260908*0900*DG~HL*1**20*1~NM1*PR*2*NORTHERN*****PI*60054~
PER*IC*CLAIMS*TE*8005550100~HL*2*1*21*1~NM1*41*2*LAKESIDE*****46*LAKE01~HL*3*2*19*1~
NM1*1P*2*LAKESIDE*****XX*1000000004~HL*4*3*22*0~NM1*IL*1*TESTER*ANNA****MI*W1~TRN*2*CW1~
STC*F1:65*20260901**250*180.4*20260830**20260902*CHK77~REF*1K*PCN9~REF*EJ*CW1~DTP*472*D8*20260801~
SVC*HC:99213:25*150*100.4*0450***1~STC*F1:65*20260901~REF*FJ*L1~DTP*472*D8*20260801~
SVC*HC:36415*100*80****2~STC*F2:88:QC*20260901********F2:107::RX~DTP*472*RD8*20260801-20260802~SE*23*0001~"""


def test_a_paid_claim_with_its_check_and_lines() -> None:
    (transaction,) = read(wrapped("HN", "005010X212", PAID)).transactions()
    found = status_response(transaction)
    assert found.faults == ()
    (report,) = found.noun.claims
    assert (report.trace_number, report.payer_claim_number, report.patient_control_number) == ("CW1", "PCN9", "CW1")
    (statement,) = report.statuses
    assert (statement.charge, statement.paid) == (Decimal("250.00"), Decimal("180.40"))
    assert (statement.finalized_date, statement.payment_date) == (date(2026, 8, 30), date(2026, 9, 2))
    assert statement.payment_trace == "CHK77"
    assert report.is_final and not report.is_pending and not report.asks_for_more and not report.is_error
    first, second = report.lines
    assert first.procedure is not None and first.procedure.modifiers == ("25",)
    assert (first.paid, first.control_number, first.revenue_code) == (Decimal("100.40"), "L1", "0450")
    assert (second.units, second.dates) == (
        Decimal(2),
        Period(qualifier="472", start=date(2026, 8, 1), end=date(2026, 8, 2)),
    )
    assert [(code.category, code.code, code.entity, code.code_list) for code in second.statuses[0].codes] == [
        ("F2", "88", "QC", ""),
        ("F2", "107", "", "RX"),
    ]
    assert report.payer.contacts[0].number("TE") == "8005550100"


def test_the_published_answer_by_hand() -> None:
    response = golden_noun("277/pass/kputnam-claim-response", status_response)
    pending, paid, denied = response.claims
    assert (pending.categories, pending.statuses[0].charge) == (("P3",), Decimal("8513.88"))
    assert pending.is_pending and not pending.is_final
    assert (paid.payer_claim_number, paid.statuses[0].paid) == ("0529675341", Decimal("7599.00"))
    assert denied.dependent is not None and denied.dependent.first_name == "JOSEPH"
    assert (denied.categories, denied.lines[0].charge, denied.lines[0].paid) == (
        ("F2",), Decimal("150.00"), Decimal("0.00"),
    )  # fmt: skip


def test_an_answer_to_the_whole_question_and_to_one_provider() -> None:
    (whole,) = golden_noun("277/pass/kputnam-info-receiver-response", status_response).reports
    assert (whole.level, whole.trace_number, whole.categories) == ("receiver", "ABC276XXX", ("E0",))
    assert whole.is_error and whole.patient is None
    claim, provider = golden_noun("277/pass/kputnam-provider-response", status_response).reports
    assert (claim.level, provider.level, provider.statuses[0].codes[0].code) == ("claim", "provider", "24")


def test_the_published_question_by_hand() -> None:
    inquiry = golden_noun("276/pass/kputnam-claim-request", status_inquiry)
    fred, mary, joseph = inquiry.claims
    assert (fred.charge, fred.dates) == (
        Decimal("8513.88"),
        Period(qualifier="472", start=date(2005, 8, 31), end=date(2005, 9, 6)),
    )
    assert fred.subscriber.birth_date == date(1930, 12, 10)
    assert mary.patient_control_number == "JO234567"
    assert joseph.patient.first_name == "JOSEPH" and joseph.lines[0].units == Decimal(1)


def test_claims_of_one_person_share_a_level() -> None:
    claim = ClaimInquiry(
        payer=Party(role="PR", is_organization=True, last_name="P", id_qualifier="PI", identifier="60054"),
        receiver=Party(role="41", is_organization=True, last_name="R", id_qualifier="46", identifier="R1"),
        providers=(Party(role="1P", is_organization=True, last_name="L", id_qualifier="XX", identifier="1000000004"),),
        subscriber=CoveredPerson(role="IL", last_name="TESTER", id_qualifier="MI", identifier="W1"),
        trace_number="CW1",
        references=(Reference(qualifier="EJ", value="CW1"),),
    )
    other = msgspec.structs.replace(claim, trace_number="CW2")
    segments = writing.status_inquiry(StatusInquiry(claims=(claim, other)))
    assert [segment[3] for segment in segments if segment.id == "HL"] == ["20", "21", "19", "22"]
    assert [segment[2] for segment in segments if segment.id == "TRN"] == ["CW1", "CW2"]


def test_more_than_three_codes_in_a_statement_are_refused() -> None:
    codes = (StatusCode(category="F1", code="1"),) * 4
    report = StatusReport(trace_number="1", statuses=(StatusStatement(codes=codes),))
    with pytest.raises(ValueRefused):
        writing.status_response(StatusResponse(reports=(report,)))
