"""277CA and all that a receiver answers: valid for pyx12 and our own check, balanced, with the right verdicts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from claimwright.claims.from_x12.acknowledgements import claim_acknowledgement_report
from claimwright.codes.code_sets import shipped
from claimwright.codes.vocabulary import CodeVocabulary
from claimwright.x12 import Envelope, Fault, read
from claimwright.x12.answering import answering_envelope, answers, skeleton
from claimwright.x12.check import check
from claimwright.x12.claim_acknowledge import batches_of, claim_acknowledgement
from claimwright.x12.claim_status_table import ABOUT, ENTITIES, PARTY_CODES, STATUSES, status_of
from tests.lib.golden_x12 import name_of, of_kind
from tests.lib.pyx12_oracle import check as oracle
from tests.lib.x12_samples import CLEAN

GOOD = CLEAN["837P"].replace(b"ABF:R05~", b"ABF:R059~")
BACK = Envelope(sender_id="RECEIVER", receiver_id="SENDER")
WHEN = datetime(2026, 8, 4, 9, 5)
VOCABULARY = CodeVocabulary()
CLAIMS = of_kind("837P", "837I", "837D")
AS_SUBMITTED = {"SNIP5-NPI-UNKNOWN"}  # a wrong NPI is quoted as it came


def acknowledged(data: bytes, source: str = "PR") -> bytes:
    return claim_acknowledgement(
        batches_of(data, check(data, VOCABULARY)), envelope=BACK, control_number=7, when=WHEN, source=source
    )


def report(data: bytes):
    (transaction,) = read(data).transactions()
    return claim_acknowledgement_report(transaction)


@pytest.mark.parametrize("path", CLAIMS, ids=name_of)
def test_answers_are_valid_and_balanced(path):
    data = path.read_bytes()
    batches = list(batches_of(data, check(data, VOCABULARY)))
    if not any(batch.claims for batch in batches):
        return
    made = acknowledged(data)
    assert {fault.id for fault in check(made, VOCABULARY)} <= AS_SUBMITTED
    assert oracle(made) == []
    claims = [claim for batch in batches for claim in batch.claims]
    items = [
        item for one in read(made).transactions() for item in claim_acknowledgement_report(one).items if item.level == "claim"
    ]  # fmt: skip
    assert [item.control_number for item in items] == [claim.number for claim in claims]
    assert sum((item.charge or Decimal(0) for item in items), Decimal(0)) == sum(
        (claim.charge for claim in claims), Decimal(0)
    )
    for item in items:
        assert item.accepted == all(status.category in ("A1", "A2") for status in item.statuses)


def test_a_claim_without_fault_is_accepted():
    made = report(acknowledged(GOOD))
    (claim,) = [item for item in made.items if item.level == "claim"]
    assert claim.accepted and claim.control_number == "CLAIM-1" and claim.charge == Decimal("150.00")
    assert [(one.category, one.code) for one in claim.statuses] == [("A2", "20")]
    assert b"QTY*90*1~AMT*YU*150~" in acknowledged(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"*CLAIM-1*150*", b"*CLAIM-1*151*", ("A8", "178", "")),
        (b"*XX*1659872315~", b"*XX*1659872316~", ("A7", "562", "82")),
        (b"*XX*1234567893~", b"*XX*1234567890~", ("A7", "562", "85")),
        (b"N4*SPRINGFIELD*IL*627011234~", b"N4*SPRINGFIELD*IL*62701~", ("A7", "500", "85")),
        (b"ABK:J069", b"ABK:J06", ("A7", "255", "")),
    ],
)
def test_a_fault_rejects_the_claim_with_its_status(old, new, status):
    data = GOOD.replace(old, new, 1)
    assert data != GOOD
    (claim,) = [item for item in report(acknowledged(data)).items if item.level == "claim"]
    assert not claim.accepted
    assert status in [(one.category, one.code, one.entity) for one in claim.statuses]
    made = acknowledged(data)
    assert b"QTY*AA*1~AMT*YY*" in made and b"QTY*QC*1~" in made


def test_a_fault_of_a_line_is_told_at_the_line():
    data = GOOD.replace(b"UN*1***1:2~", b"UN*1***1:9~")
    (claim,) = [item for item in report(acknowledged(data)).items if item.level == "claim"]
    assert [(one.category, one.code) for one in claim.statuses] == [("A7", "247")]
    assert [(number, one.code) for number, one in claim.line_statuses] == [("LINE1", "477")]


def test_a_fault_of_one_claim_leaves_the_others_alone():
    text = GOOD.decode()
    claim = text[text.index("CLM*") : text.index("SE*42")]
    other = claim.replace("CLAIM-1*150", "CLAIM-2*149")
    data = text.replace(claim, claim + other).replace("SE*42*", f"SE*{42 + claim.count('~')}*").encode()
    verdicts = {
        item.control_number: item.accepted for item in report(acknowledged(data)).items if item.level == "claim"
    }
    assert verdicts == {"CLAIM-1": True, "CLAIM-2": False}


def test_a_clearinghouse_answers_under_its_own_code():
    assert b"NM1*AY*2*CLEARING HOUSE*****46*RECV01~" in acknowledged(GOOD, source="AY")


def test_every_status_is_in_the_code_lists_and_every_entity_may_stand_there():
    sets = shipped()
    for category, code, entity in STATUSES.values():
        assert str(sets.state("claim_status_category", category, None)) == "valid", category
        assert str(sets.state("claim_status", code, None)) == "valid", code
        assert entity in ("", "*") or entity in PARTY_CODES
    for code in ABOUT.values():
        assert str(sets.state("claim_status", code, None)) == "valid", code
    assert set(ENTITIES.values()) <= PARTY_CODES


def test_the_longest_beginning_of_an_id_decides():
    def code(fault_id: str, **more: object) -> tuple[str, str, str]:
        return status_of(Fault(id=fault_id, message="", **more))  # type: ignore[arg-type]

    assert code("SNIP4-DIAGNOSIS-POINTER-GAP")[1] == "477"
    assert code("SNIP4-DIAGNOSIS-DATE")[1] == "255"
    assert code("SNIP9-NEVER-HEARD-OF") == ("A7", "21", "")
    assert code("SNIP2-ELEMENT-MISSING", segment_id="DMG", element=2)[:2] == ("A6", "158")


# All that a receiver answers -------------------------------------------------------------------------------------------


def all_answers(data: bytes):
    return list(answers(skeleton(data), data, check(data, VOCABULARY), when=WHEN, control_number=1))


def test_a_good_file_gets_all_three():
    (answer,) = all_answers(GOOD)
    assert answer.accepted and (answer.interchange_code, answer.claims_accepted) == ("A", 1)
    for data in (answer.ta1, answer.functional, answer.claims):
        assert check(data) == []
    assert b"IK5*A~AK9*A*1*1*1~" in answer.functional


def test_a_rejected_transaction_gets_no_277ca():
    (answer,) = all_answers(GOOD.replace(b"SV1*HC:99213*100*UN", b"SV1*HC:99213*100*XX"))
    assert answer.transactions_rejected == 1 and not answer.claims
    assert b"IK5*R*5~" in answer.functional


def test_a_rejected_interchange_gets_its_ta1_alone():
    (answer,) = all_answers(GOOD.replace(b"IEA*1*000000101", b"IEA*1*000000102"))
    assert answer.interchange_code == "R" and not answer.functional and not answer.claims


def test_each_interchange_is_answered_by_itself():
    two = GOOD + CLEAN["835"].replace(b"000000101", b"000000102")
    first, second = all_answers(two)
    assert (first.control_number, second.control_number) == ("000000101", "000000102")
    assert first.claims and second.functional and not second.claims
    assert b"AK1*HP*" in second.functional and b"AK1*HC*" not in second.functional


@pytest.mark.parametrize("path", CLAIMS, ids=name_of)
def test_a_skeleton_is_answered_like_the_whole(path):
    from claimwright.x12.acknowledge import functional_acknowledgement

    data = path.read_bytes()
    faults = check(data, VOCABULARY)
    how = {"envelope": BACK, "control_number": 1, "when": WHEN, "with_ta1": True}
    assert functional_acknowledgement(skeleton(data), faults, **how) == functional_acknowledgement(
        read(data), faults, **how
    )


def test_the_answer_goes_back_to_the_sender():
    envelope = answering_envelope(read(CLEAN["835"]).interchanges[0].isa)
    assert (envelope.sender_id, envelope.receiver_id, envelope.usage) == ("RECEIVER", "SENDER", "T")
    assert answering_envelope(None).sender_id == "UNKNOWN"
