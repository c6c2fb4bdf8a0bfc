"""Random 276s and 277s: written, they pass our own check and are read back equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.from_x12 import status as reading
from claimwright.claims.status import StatusInquiry, StatusResponse
from claimwright.claims.to_x12 import status as writing
from tests.lib.round_trips import SETTINGS, written_and_read
from tests.lib.status_strategies import status_inquiries, status_responses
from tests.lib.transaction_strategies import unplaced


@SETTINGS
@given(status_inquiries())
def test_an_inquiry_is_read_back_equal(noun: StatusInquiry) -> None:
    segments = writing.status_inquiry(noun)
    read = written_and_read("276", writing.GUIDE, segments, reading.status_inquiry)
    assert read == noun


@SETTINGS
@given(status_responses())
def test_a_response_is_read_back_equal(noun: StatusResponse) -> None:
    segments = writing.status_response(noun)
    read = written_and_read("277", writing.GUIDE, segments, reading.status_response)
    assert unplaced(read) == noun
