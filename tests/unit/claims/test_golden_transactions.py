"""Golden files of the non-claim transactions: each reads, whatever is wrong with it; the sound ones lose nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from claimwright.claims.from_x12 import acknowledgements as read_acknowledgements
from claimwright.claims.from_x12 import attachment as read_attachment
from claimwright.claims.from_x12 import authorization as read_authorization
from claimwright.claims.from_x12 import eligibility as read_eligibility
from claimwright.claims.from_x12 import enrollment as read_enrollment
from claimwright.claims.from_x12 import premium as read_premium
from claimwright.claims.from_x12 import status as read_status
from claimwright.claims.from_x12.parties import Read
from claimwright.claims.to_x12 import (
    acknowledgements,
    attachment,
    authorization,
    eligibility,
    enrollment,
    premium,
    status,
)
from claimwright.x12 import read
from claimwright.x12.segments import Segment, Transaction
from tests.lib.golden import GOLDEN

Reader = Callable[[Transaction], Read[Any]]
Writer = Callable[[Any, str], Sequence[Segment]]


def _report(transaction: Transaction) -> Read[Any]:
    return Read(noun=read_acknowledgements.claim_acknowledgement_report(transaction))


KINDS: dict[str, tuple[Reader, Writer]] = {
    "270": (read_eligibility.eligibility_inquiry, eligibility.eligibility_inquiry),
    "271": (read_eligibility.eligibility_response, eligibility.eligibility_response),
    "275": (read_attachment.attachment, attachment.attachment),
    "276": (read_status.status_inquiry, status.status_inquiry),
    "277": (read_status.status_response, status.status_response),
    "277CA": (_report, acknowledgements.claim_acknowledgement_report),
    "278_request": (read_authorization.prior_auth_request, authorization.prior_auth_request),
    "278_response": (read_authorization.prior_auth_response, authorization.prior_auth_response),
    "820": (read_premium.premium_payment, premium.premium_payment),
    "834": (read_enrollment.enrollment, enrollment.enrollment),
}


def files(verdict: str) -> list[Any]:
    found = [(kind, path) for kind in KINDS for path in sorted((GOLDEN / kind / verdict).glob("*.edi"))]
    return [pytest.param(kind, path, id=f"{kind}-{path.stem}") for kind, path in found]


def plain(segment: Segment) -> list[str]:
    """The elements as values: names in capitals, numbers by value, separators of no account, no count of segments."""
    marks = segment.delimiters
    found = []
    for element in segment.elements if segment.id != "BIN" else segment.elements[:2]:
        text = element.strip().upper().replace(marks.component, ":").replace(marks.repetition, "^")
        found.append(" ".join(text.split()).rstrip(":"))
    if found[0] == "SE":
        found[1] = ""
    if found[0] == "ST":
        found[3:] = []
    if found[0] == "HL":
        found[4:] = []  # a sender may promise a level that does not come
    while found and not found[-1]:
        found.pop()
    return [number(value) if found[0] in ("EB", "AMT", "SVC", "STC", "RMR", "ADX", "BPR") else value for value in found]


def number(value: str) -> str:
    try:
        return str(Decimal(value).normalize()) if "." in value else value
    except InvalidOperation:
        return value


@pytest.mark.parametrize(("kind", "path"), files("pass"))
def test_a_sound_file_is_read_and_written_again(kind: str, path: Path) -> None:
    reader, writer = KINDS[kind]
    for transaction in read(path.read_bytes()).transactions():
        found = reader(transaction)
        assert found.faults == ()
        written = [plain(segment) for segment in writer(found.noun, transaction.control_number)]
        assert written == [plain(segment) for segment in transaction.segments]


@pytest.mark.parametrize(("kind", "path"), files("fail"))
def test_a_broken_file_is_read_all_the_same(kind: str, path: Path) -> None:
    reader, _ = KINDS[kind]
    for transaction in read(path.read_bytes()).transactions():
        assert reader(transaction).noun is not None
