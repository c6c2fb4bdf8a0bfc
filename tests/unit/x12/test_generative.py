"""Whatever bytes come: nothing raises, nothing is lost, a stream reads what a whole read does."""

from __future__ import annotations

import io
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimwright.x12 import Envelope, read, stream_transactions, write
from claimwright.x12.acknowledge import functional_acknowledgement
from claimwright.x12.check import check
from claimwright.x12.passing import stream_claims
from tests.lib.x12_samples import CLEAN

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = [
    b"ISA",
    b"*",
    b"~",
    b":",
    b"^",
    b"\r\n",
    b" ",
    b"GS",
    b"ST*837*1~",
    b"SE*2*1~",
    b"HL*1**20*1~",
    b"IEA*1*1~",
    b"\xff",
]
junk = st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))


def holds(data: bytes) -> None:
    document = read(data)
    assert write(document) == data
    faults = check(document)
    answer = functional_acknowledgement(
        document, faults, envelope=Envelope(sender_id="A", receiver_id="B"), control_number=1, when=datetime(2026, 8, 4)
    )
    assert write(read(answer)) == answer
    whole = [transaction.text() for transaction in document.transactions()]
    assert [transaction.text() for transaction in stream_transactions(io.BytesIO(data))] == whole
    for view in stream_claims(data):
        assert view.claim.segments


@QUICK
@given(junk)
def test_junk(data: bytes) -> None:
    holds(data)


@QUICK
@given(st.sampled_from(sorted(CLEAN)), st.data())
def test_spoiled_files(kind: str, data: st.DataObject) -> None:
    """A clean file with a few bytes deleted, replaced or doubled anywhere."""
    content = bytearray(CLEAN[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        end = min(len(content), at + data.draw(st.integers(0, 40)))
        content[at:end] = data.draw(st.one_of(junk.map(lambda value: value[:20]), st.just(bytes(content[at:end]) * 2)))
        if not content:
            return
    holds(bytes(content))


@QUICK
@given(st.sampled_from(sorted(CLEAN)), st.randoms(use_true_random=False))
def test_shuffled_segments(kind: str, random: object) -> None:
    lines = CLEAN[kind].splitlines(keepends=True)
    body = lines[3:-3]
    random.shuffle(body)  # type: ignore[attr-defined]
    holds(b"".join([*lines[:3], *body, *lines[-3:]]))
