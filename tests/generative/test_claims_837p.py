"""Random claims: written as 837P they are read back equal, and an independent validator finds no fault.

`CLAIMWRIGHT_PROPERTY_CLAIMS` sets how many claims the independent validator is given (default 60).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import hypothesis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimwright.claims.from_x12.professional import read_file
from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.professional import build_interchange
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN
from tests.lib.claims_strategies import claims
from tests.lib.pyx12_oracle import check

CLAIMS_TO_VALIDATE = int(os.environ.get("CLAIMWRIGHT_PROPERTY_CLAIMS", "60"))
CLAIMS_PER_FILE = 20


def written(found: Sequence[Claim]) -> bytes:
    return build_interchange(
        found,
        submitter=SUBMITTER,
        receiver=RECEIVER,
        envelope=ENVELOPE,
        control_number=1,
        group_control_number=1,
        reference="BATCH1",
        when=WHEN,
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.tuples(claims(1), claims(2)))
def test_claims_are_read_back_equal(pair: tuple[Claim, Claim]) -> None:
    (read,) = read_file(written(pair))
    assert not read.problems()
    assert sorted(read.claims, key=lambda claim: claim.control_number) == list(pair)


def drawn(count: int, seed: int) -> list[Claim]:
    """`count` claims by one seed: hypothesis draws them, so that strategies and examples stay in one place."""
    found: list[Claim] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[hypothesis.Phase.generate],
    )
    @given(claims())
    def collect(claim: Claim) -> None:
        found.append(claim)

    collect()
    return found[:count]


@pytest.mark.parametrize("seed", range(-(-CLAIMS_TO_VALIDATE // CLAIMS_PER_FILE)))
def test_an_independent_validator_finds_no_fault(seed: int) -> None:
    found = drawn(CLAIMS_PER_FILE, seed)
    assert len(found) == CLAIMS_PER_FILE
    assert check(written(found)) == []


def test_the_validator_would_find_one() -> None:
    broken = written(drawn(2, 7)).replace(b"*UN*", b"*ZZ*")
    assert check(broken) != []
