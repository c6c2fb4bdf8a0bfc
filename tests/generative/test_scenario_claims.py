"""Claims of every scenario, by seed: written, validated, read back equal, and the money of earlier payers balances.

Some nine hundred here, of which the slow independent validator is given 120 in turn;
`make prove ROW=30` gives it all of 10,000, `python -m tests.generative.test_scenario_claims SEEDS` as many as wanted.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec
import pytest

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.nouns import Claim, PriorPayment
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib import pyx12_oracle
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN
from tests.lib.golden_claims import golden_claims, scenarios

FRESH = int(os.environ.get("GOLDEN_SEED", secrets.randbelow(90_000) + 10))
FIXED = 2
WHOLE = 10_000
IN_SUITE = 120  # claims that the independent validator is given here: it reads 0.3 MB a second
BATCH = 250
ZERO = Decimal("0.00")


def written(claims: Sequence[Claim]) -> bytes:
    return build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1, group_control_number=1,
        reference="BATCH1", when=WHEN,
    )  # fmt: skip


def made(seed: int, kinds: str = "PID") -> list[Claim]:
    return [one.claim for one in golden_claims(seed, kinds)]


def batches(claims: Sequence[Claim], size: int = BATCH) -> Iterator[Sequence[Claim]]:
    for at in range(0, len(claims), size):
        yield claims[at : at + size]


def sound(claims: Sequence[Claim]) -> None:
    """What is written of them is right for us, comes back equal, and balances."""
    data = written(claims)
    assert [(f.id, f.place(), f.control_number) for f in check(data) if f.severity is Severity.REJECT] == []
    reads = read_file(data)
    assert [problem for read in reads for problem in read.problems()] == []
    back = {claim.control_number: claim for read in reads for claim in read.claims}
    assert len(back) == len(claims)
    for claim in claims:
        assert back[claim.control_number] == claim, claim.control_number
        balances(claim)


def balances(claim: Claim) -> None:
    """SV102 = SVD02 + CAS for each payer that decided by line; CLM02 = AMT*D + every CAS for each that decided."""
    assert sum((line.charge for line in claim.lines), ZERO) == claim.total_charge
    for prior in claim.prior_payments:
        if not prior.adjudicated:
            continue
        payer = prior.coverage.payer.payer_id
        total = prior.paid_amount + sum((one.amount for one in prior.adjustments), ZERO)
        decided = False
        for line in claim.lines:
            for one in line.adjudications:
                if one.payer_id == payer:
                    decided = True
                    cut = sum((adjustment.amount for adjustment in one.adjustments), ZERO)
                    assert one.paid_amount + cut == line.charge, claim.control_number
                    total += cut
        assert total == claim.total_charge, claim.control_number
        assert decided == (prior.adjudication_date is None)


def validated(claims: Sequence[Claim]) -> None:
    """The independent validator, which has no guide for dental claims, finds no fault."""
    for batch in batches([claim for claim in claims if claim.kind != "D"]):
        assert pyx12_oracle.check(written(batch)) == []


@pytest.mark.parametrize("seed", [FIXED, FRESH], ids=["fixed", "fresh"])
def test_every_scenario_is_sound(seed: int) -> None:
    print(f"seed {seed}")
    claims = made(seed)
    for batch in batches(claims):
        sound(batch)
    counts = Counter(claim.kind for claim in claims)
    assert len(claims) == sum(len(one.payers) for one in scenarios()) and set(counts) == set("PID")


def test_an_independent_validator_finds_no_fault() -> None:
    """Another share of the scenarios each day the seed is fresh, so that all come round."""
    print(f"seed {FRESH}")
    claims = [claim for claim in made(FRESH) if claim.kind != "D"]
    step = len(claims) // IN_SUITE + 1
    validated(claims[FRESH % step :: step])


def test_secondary_claims_are_among_them() -> None:
    claims = made(FIXED)
    by_line = [claim for claim in claims if any(line.adjudications for line in claim.lines)]
    whole = [claim for claim in claims if claim.prior_payments and not any(line.adjudications for line in claim.lines)]
    assert {claim.kind for claim in by_line} == set("PID") and {claim.kind for claim in whole} == set("PI")
    assert {len(claim.prior_payments) for claim in claims} == {0, 1, 2}


def test_a_claim_that_does_not_balance_is_caught() -> None:
    claim = next(claim for claim in made(FIXED, "P") if claim.prior_payments and claim.lines[0].adjudications)
    short: PriorPayment = msgspec.structs.replace(claim.prior_payments[0], paid_amount=Decimal("0.01"))
    broken = msgspec.structs.replace(claim, prior_payments=(short, *claim.prior_payments[1:]))
    with pytest.raises(AssertionError):
        balances(broken)
    assert any(fault.severity is Severity.REJECT for fault in check(written([broken])))


def test_the_validator_would_find_one() -> None:
    data = written(made(FIXED, "I")[:3]).replace(b"*D8*", b"*ZZ*").replace(b"*UN*", b"*ZZ*")
    assert pyx12_oracle.check(data) != []


def whole(seeds: Iterator[int], count: int = WHOLE) -> Counter[str]:
    """So many claims over all scenarios, a seed at a time: memory does not grow."""
    done: Counter[str] = Counter()
    for seed in seeds:
        claims = made(seed)[: count - done.total()]
        for batch in batches(claims):
            sound(batch)
        validated(claims)
        done.update(claim.kind for claim in claims)
        print(f"seed {seed}: {done.total():,} claims {dict(done)}", flush=True)
        if done.total() >= count:
            break
    return done


@pytest.mark.prove
def test_row30_ten_thousand_claims_of_all_scenarios() -> None:
    assert whole(iter(range(1000, 2000))).total() == WHOLE


if __name__ == "__main__":
    whole(iter(range(1000, 1000 + int(sys.argv[1]))))
