"""Random claims of each kind: written they pass the checks, and read back they are equal.

ROUND_TRIPS sets the number of cases of each kind; an independent validator, which has no guide for dental claims, is
given a few of them.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN
from tests.lib.claim_kind_strategies import dental_claims, institutional_claims, professional_claims
from tests.lib.pyx12_oracle import check as pyx12_check
from tests.lib.round_trips import FEW, SETTINGS


def written(*claims: Claim) -> bytes:
    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1, group_control_number=1,
        reference="BATCH1", when=WHEN,
    )  # fmt: skip


def returns(claim: Claim) -> None:
    data = written(claim)
    rejected = [(fault.id, fault.place()) for fault in check(data) if fault.severity is Severity.REJECT]
    assert rejected == []
    (transaction,) = read_file(data)
    assert transaction.problems() == ()
    assert transaction.claims == (claim,)


@SETTINGS
@given(institutional_claims())
def test_institutional_claims_return_equal(claim: Claim) -> None:
    returns(claim)


@SETTINGS
@given(dental_claims())
def test_dental_claims_return_equal(claim: Claim) -> None:
    returns(claim)


@SETTINGS
@given(professional_claims())
def test_rare_professional_claims_return_equal(claim: Claim) -> None:
    returns(claim)


@FEW
@given(st.tuples(institutional_claims(1), professional_claims(2), dental_claims(3), institutional_claims(4)))
def test_all_kinds_in_one_file(claims: tuple[Claim, ...]) -> None:
    read = [claim for transaction in read_file(written(*claims)) for claim in transaction.claims]
    assert sorted(read, key=lambda claim: claim.control_number) == list(claims)


@pytest.mark.parametrize("kind", [institutional_claims, professional_claims])
def test_an_independent_validator_finds_no_fault(kind) -> None:
    @FEW
    @given(kind())
    def passes(claim: Claim) -> None:
        assert pyx12_check(written(claim)) == []

    passes()
