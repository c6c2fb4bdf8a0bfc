"""Random 820s: written, they pass our own check and an independent validator, and are read back equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.from_x12 import premium as reading
from claimwright.claims.premium import PremiumPayment
from claimwright.claims.to_x12 import premium as writing
from tests.lib.enrollment_strategies import premium_payments
from tests.lib.pyx12_oracle import check
from tests.lib.round_trips import FEW, SETTINGS, as_file, written_and_read
from tests.lib.transaction_strategies import unplaced


@SETTINGS
@given(premium_payments())
def test_a_payment_is_read_back_equal(noun: PremiumPayment) -> None:
    segments = writing.premium_payment(noun)
    read = written_and_read("820", writing.GUIDE, segments, reading.premium_payment)
    assert unplaced(read) == noun
    assert read.is_balanced


@FEW
@given(premium_payments())
def test_an_independent_validator_finds_no_fault(noun: PremiumPayment) -> None:
    assert check(as_file("820", writing.GUIDE, writing.premium_payment(noun))) == []
