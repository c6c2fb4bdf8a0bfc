"""Random 278s: written, they pass our own check and are read back equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.authorization import PriorAuthRequest, PriorAuthResponse
from claimwright.claims.from_x12 import authorization as reading
from claimwright.claims.to_x12 import authorization as writing
from tests.lib.authorization_strategies import prior_auth_requests, prior_auth_responses
from tests.lib.round_trips import SETTINGS, written_and_read
from tests.lib.transaction_strategies import unplaced


@SETTINGS
@given(prior_auth_requests())
def test_a_request_is_read_back_equal(noun: PriorAuthRequest) -> None:
    segments = writing.prior_auth_request(noun)
    read = written_and_read("278", writing.GUIDE, segments, reading.prior_auth_request)
    assert unplaced(read) == noun


@SETTINGS
@given(prior_auth_responses())
def test_a_response_is_read_back_equal(noun: PriorAuthResponse) -> None:
    segments = writing.prior_auth_response(noun)
    read = written_and_read("278", writing.GUIDE, segments, reading.prior_auth_response)
    assert unplaced(read) == noun
