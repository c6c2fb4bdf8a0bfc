"""Acknowledgement nouns written: TA1, 999 and 277CA."""

from __future__ import annotations

from claimwright.claims.from_x12.acknowledgements import claim_acknowledgement_report, group_acknowledgements
from claimwright.claims.nouns import (
    GroupAcknowledgement,
    InterchangeAcknowledgement,
    SyntaxError999,
    TransactionAcknowledgement,
)
from claimwright.claims.to_x12 import acknowledgements as writing
from claimwright.x12 import read
from tests.lib.golden import GOLDEN
from tests.unit.claims.test_acknowledgements import REJECTED_999


def test_the_999_again() -> None:
    (transaction,) = read(REJECTED_999).transactions()
    (group,) = group_acknowledgements(transaction)
    written = [segment.text() for segment in writing.group_acknowledgement(group)]
    assert written[1:5] == [
        "AK1*HC*33*005010X222A1~",
        "AK2*837*0001*005010X222A1~",
        "IK5*A~",
        "AK2*837*0002*005010X222A1~",
    ]
    assert written[5:9] == ["IK3*SV1*24*2400*8~", "CTX*CLM01:CW1001~", "IK4*1:3**7*XX~", "IK4*2**1~"]
    assert written[-2:] == ["AK9*P*2*2*1~", f"SE*{len(written)}*0001~"]


def test_a_copied_value_breaks_nothing() -> None:
    error = SyntaxError999(segment_id="NM1", segment=3, code="8", element=9, element_code="6", bad_value="A*B~C:D\x00")
    group = GroupAcknowledgement(
        functional_id="HC",
        control_number="1",
        code="R",
        transactions=(TransactionAcknowledgement(set_id="837", control_number="0001", code="R", errors=(error,)),),
    )
    assert "IK4*9**6*ABCD~" in [segment.text() for segment in writing.group_acknowledgement(group)]


def test_a_ta1() -> None:
    noun = InterchangeAcknowledgement(
        control_number="000000007", interchange_date="260908", interchange_time="0930", code="E", note="022"
    )
    assert writing.interchange_acknowledgement(noun).text() == "TA1*000000007*260908*0930*E*022~"


def test_the_277ca_keeps_parties_dates_and_totals() -> None:
    (transaction,) = read((GOLDEN / "277CA" / "pass" / "own-one-claim-accepted.edi").read_bytes()).transactions()
    report = claim_acknowledgement_report(transaction)
    assert report.receiver.role == "41" and report.received_date is not None
    claim = next(item for item in report.items if item.level == "claim")
    assert claim.patient is not None and claim.patient.role == "QC" and claim.service is not None
    batch = next(item for item in report.items if item.level == "receiver")
    assert batch.accepted_count is not None
