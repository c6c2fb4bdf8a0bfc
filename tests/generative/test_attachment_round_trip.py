"""Random 275s with random bytes: written, they pass our own check and are read back equal, byte for byte."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.attachment import Attachment
from claimwright.claims.from_x12 import attachment as reading
from claimwright.claims.to_x12 import attachment as writing
from tests.lib.authorization_strategies import attachments
from tests.lib.round_trips import SETTINGS, written_and_read


@SETTINGS
@given(attachments())
def test_an_attachment_is_read_back_equal(noun: Attachment) -> None:
    segments = writing.attachment(noun)
    assert written_and_read("275", writing.GUIDE, segments, reading.attachment) == noun
