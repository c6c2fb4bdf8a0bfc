"""835 to Remittance and back; what cannot be read is a fault with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.from_x12.remittance import RemittanceRead, fingerprint, remittance
from claimwright.claims.nouns import ClaimPayment, Payer, Person, ProviderAdjustment, Remittance
from claimwright.claims.to_x12.remittance import build_interchange
from claimwright.x12 import read
from tests.lib.builders import ENVELOPE, WHEN, a_claim_payment, a_remittance, a_remittance_line, an_adjustment
from tests.lib.pyx12_oracle import check


def written(*found: Remittance) -> bytes:
    return build_interchange(found, envelope=ENVELOPE, control_number=1, group_control_number=1, when=WHEN)


def read_one(data: bytes) -> RemittanceRead:
    (transaction,) = read(data).transactions()
    return remittance(transaction)


def bare(noun: Remittance) -> Remittance:
    """Without what only a file gives: segment numbers and the fingerprint."""
    claims = tuple(
        msgspec.structs.replace(
            claim, segment=0, lines=tuple(msgspec.structs.replace(line, segment=0) for line in claim.lines)
        )
        for claim in noun.claims
    )
    adjustments = tuple(msgspec.structs.replace(item, segment=0) for item in noun.provider_adjustments)
    return msgspec.structs.replace(noun, claims=claims, provider_adjustments=adjustments, fingerprint="")


def full() -> Remittance:
    line = a_remittance_line(
        modifiers=("25",),
        original_procedure_code="99214",
        original_modifiers=("25",),
        units_billed=Decimal(2),
        date_to=date(2026, 9, 1),
        remarks=("N130", "MA01"),
    )
    forwarded = a_claim_payment(
        status="19",
        forwarded_to=Payer(payer_id="87726", name="PRAIRIE HEALTH PLAN"),
        original_reference="PCN0",
        remarks=("MA18",),
        interest=Decimal("1.98"),
        received_date=date(2026, 9, 1),
        date_from=date(2026, 8, 31),
        subscriber_id="S1",
        corrected_insured=Person(last_name="TESTER", first_name="ANNE"),
        corrected_member_id="W999",
        lines=(line,),
    )
    reversal = a_claim_payment(
        (
            a_remittance_line(
                charge="-150.00",
                paid="-85.00",
                adjustments=(("CO", "45", "-40.00"), ("PR", "3", "-25.00")),
                units_paid=Decimal(-1),
            ),
        ),
        status="22",
    )
    whole = ClaimPayment(
        control_number="CW9",
        status="4",
        charge=Decimal("100.00"),
        adjustments=tuple(an_adjustment("CO", "29", "10.00") for _ in range(8)),
        frequency="1",
        facility_code="11",
        patient=Person(last_name="OTHER"),
        segment=0,
    )
    adjustments = tuple(
        ProviderAdjustment(
            code=code,
            reference=reference,
            amount=Decimal(amount),
            provider_id="1000000004",
            fiscal_period_end=date(2026, 12, 31),
        )
        for code, reference, amount in (("FB", "OLD1", "-25.00"), ("L6", "", "-1.98"), ("WO", "PCN5 ABC", "30.00"))
    )
    return a_remittance((forwarded, reversal, whole), provider_adjustments=adjustments)


def test_a_full_remittance_is_read_back_equal() -> None:
    result = read_one(written(full()))
    assert result.faults == ()
    assert bare(result.remittance) == full()


def test_segments_are_numbered_within_the_transaction() -> None:
    result = read_one(written(a_remittance()))
    (transaction,) = read(written(a_remittance())).transactions()
    (claim,) = result.remittance.claims
    assert transaction.segments[claim.segment - 1].id == "CLP"
    assert transaction.segments[claim.lines[0].segment - 1].id == "SVC"


def test_an_independent_validator_finds_no_fault() -> None:
    assert check(written(a_remittance())) == []


@pytest.mark.parametrize("text", [b"1E5", b"+5", b"1,000.00", b"12.345", b"", b"abc", b"1" * 20])
def test_an_amount_that_is_none_is_a_fault_with_its_place(text: bytes) -> None:
    data = written(a_remittance()).replace(b"CLP*CW1001*1*150*85", b"CLP*CW1001*1*150*" + text)
    result = read_one(data)
    (fault,) = result.faults
    assert (fault.id, fault.segment_id, fault.element, fault.control_number) == ("835-AMOUNT", "CLP", 4, "CW1001")
    assert fault.segment == result.remittance.claims[0].segment
    assert result.remittance.claims[0].paid == Decimal("0.00")


@pytest.mark.parametrize(("text", "value"), [(b".5", "0.50"), (b"5.", "5.00"), (b"-0", "0.00"), (b"-12.3", "-12.30")])
def test_lawful_amounts_are_read_exactly(text: bytes, value: str) -> None:
    data = written(a_remittance()).replace(b"CLP*CW1001*1*150*85", b"CLP*CW1001*1*150*" + text)
    assert read_one(data).remittance.claims[0].paid == Decimal(value)


@pytest.mark.parametrize("text", [b"20250230", b"00000000", b"2026091", b"TODAY"])
def test_a_payment_date_that_is_none_stops_posting(text: bytes) -> None:
    data = written(a_remittance()).replace(b"*20260914~TRN", b"*" + text + b"~TRN")
    (fault,) = read_one(data).faults
    assert (fault.id, fault.segment_id, fault.element, str(fault.severity)) == ("835-DATE", "BPR", 16, "reject")


def test_a_missing_trace_or_payment_is_a_fault() -> None:
    data = written(a_remittance())
    blank = data.replace(b"TRN*1*EFT0001001*", b"TRN*1*          *")
    assert [fault.id for fault in read_one(blank).faults] == ["835-NO-TRN"]
    without = b"~".join(part for part in data.split(b"~") if not part.startswith(b"BPR"))
    assert "835-NO-BPR" in [fault.id for fault in read_one(without).faults]


def test_an_empty_triple_is_passed_over_and_half_a_one_is_a_fault() -> None:
    data = written(a_remittance())
    gap = data.replace(b"CAS*CO*45*40~", b"CAS*CO*45*40**  *  **253*2~")
    assert len(read_one(gap).remittance.claims[0].lines[0].adjustments) == 3
    assert read_one(gap).faults == ()
    half = data.replace(b"CAS*CO*45*40~", b"CAS*CO*45*40***5~")
    assert [fault.id for fault in read_one(half).faults] == ["835-CAS"]
    groupless = data.replace(b"CAS*CO*45*40~", b"CAS**45*40~")
    assert [fault.id for fault in read_one(groupless).faults] == ["835-CAS"]


def test_the_fingerprint_sees_through_envelope_separators_and_blanks() -> None:
    data = written(a_remittance())
    (one,) = read(data).transactions()
    other = (
        data.replace(b"000000001", b"000000099").replace(b"*0001~", b"*0777~").replace(b"0001*005010", b"0777*005010")
    )
    other = other.replace(b"~", b"~\r\n").replace(b"NORTHERN MUTUAL", b"NORTHERN  MUTUAL ")
    (two,) = read(other).transactions()
    (three,) = read(data.replace(b"*", b"|").replace(b":", b">")).transactions()
    assert two.control_number == "0777"
    assert fingerprint(one) == fingerprint(two) == fingerprint(three)
    (changed,) = read(data.replace(b"*85*25*", b"*84*26*")).transactions()
    assert fingerprint(changed) != fingerprint(one)


def test_currency_is_kept() -> None:
    assert read_one(written(a_remittance(currency="CAD"))).remittance.currency == "CAD"


def test_a_remittance_cut_anywhere_is_read() -> None:
    data = written(full())
    for end in range(0, len(data), 5):
        for transaction in read(data[:end]).transactions():
            remittance(transaction)
