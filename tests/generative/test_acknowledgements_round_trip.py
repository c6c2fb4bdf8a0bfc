"""Random TA1s, 999s and 277CAs: written, they pass our own check and an independent validator, and are read back
equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.from_x12 import acknowledgements as reading
from claimwright.claims.from_x12.parties import Read
from claimwright.claims.nouns import ClaimAcknowledgementReport, GroupAcknowledgement, InterchangeAcknowledgement
from claimwright.claims.to_x12 import acknowledgements as writing
from claimwright.x12 import InterchangeBuilder, read
from claimwright.x12.check import check as own_check
from claimwright.x12.segments import Transaction
from tests.lib.acknowledgement_strategies import (
    claim_acknowledgement_reports,
    group_acknowledgements,
    interchange_acknowledgements,
)
from tests.lib.builders import ENVELOPE, WHEN
from tests.lib.pyx12_oracle import check
from tests.lib.round_trips import FEW, SETTINGS, as_file, written_and_read
from tests.lib.transaction_strategies import unplaced


def group_of(transaction: Transaction) -> Read[GroupAcknowledgement]:
    (group,) = reading.group_acknowledgements(transaction)
    return Read(noun=group)


def report_of(transaction: Transaction) -> Read[ClaimAcknowledgementReport]:
    return Read(noun=reading.claim_acknowledgement_report(transaction))


@SETTINGS
@given(group_acknowledgements())
def test_a_999_is_read_back_equal(noun: GroupAcknowledgement) -> None:
    segments = writing.group_acknowledgement(noun)
    assert written_and_read("999", writing.GUIDE_999, segments, group_of) == noun


@SETTINGS
@given(claim_acknowledgement_reports())
def test_a_277ca_is_read_back_equal(noun: ClaimAcknowledgementReport) -> None:
    segments = writing.claim_acknowledgement_report(noun)
    assert unplaced(written_and_read("277", writing.GUIDE_277CA, segments, report_of)) == noun


@SETTINGS
@given(interchange_acknowledgements)
def test_a_ta1_is_read_back_equal(noun: InterchangeAcknowledgement) -> None:
    builder = InterchangeBuilder(ENVELOPE, 1, WHEN)
    writing.add_interchange_acknowledgement(builder, noun)
    document = read(builder.build())
    assert own_check(document) == []
    assert reading.interchange_acknowledgements(document) == [noun]
    (segment,) = document.interchanges[0].ta1s
    assert writing.interchange_acknowledgement(noun).text() == segment.text().strip()


@FEW
@given(group_acknowledgements())
def test_an_independent_validator_finds_no_fault_with_a_999(noun: GroupAcknowledgement) -> None:
    assert check(as_file("999", writing.GUIDE_999, writing.group_acknowledgement(noun))) == []


@FEW
@given(claim_acknowledgement_reports())
def test_an_independent_validator_finds_no_fault_with_a_277ca(noun: ClaimAcknowledgementReport) -> None:
    assert check(as_file("277", writing.GUIDE_277CA, writing.claim_acknowledgement_report(noun))) == []
