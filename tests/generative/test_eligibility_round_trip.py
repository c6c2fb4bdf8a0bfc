"""Random 270s and 271s: written, they pass our own check and are read back equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.eligibility import EligibilityInquiry, EligibilityResponse
from claimwright.claims.from_x12 import eligibility as reading
from claimwright.claims.to_x12 import eligibility as writing
from tests.lib.round_trips import SETTINGS, written_and_read
from tests.lib.transaction_strategies import eligibility_inquiries, eligibility_responses, unplaced


@SETTINGS
@given(eligibility_inquiries())
def test_an_inquiry_is_read_back_equal(noun: EligibilityInquiry) -> None:
    segments = writing.eligibility_inquiry(noun)
    read = written_and_read("270", writing.GUIDE, segments, reading.eligibility_inquiry)
    assert read == noun


@SETTINGS
@given(eligibility_responses())
def test_a_response_is_read_back_equal(noun: EligibilityResponse) -> None:
    segments = writing.eligibility_response(noun)
    read = written_and_read("271", writing.GUIDE, segments, reading.eligibility_response)
    assert unplaced(read) == noun
