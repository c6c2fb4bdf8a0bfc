"""Random claims under random limits: nothing lost, nothing doubled, every file right, every number new.

ROUND_TRIPS sets the number of cases; an independent validator, which has no guide for dental claims, is given a few.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.nouns import Claim
from claimwright.claims.to_x12.batches import Batch, Manifest, write_batch
from claimwright.x12 import Delimiters, Severity, read
from claimwright.x12.check import check
from claimwright.x12.control_numbers import MemoryControlNumbers
from claimwright.x12.limits import PartnerLimits
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_coverage, a_patient, person_of
from tests.lib.claim_kind_strategies import dental_claims, institutional_claims, professional_claims
from tests.lib.kind_builders import a_dental_claim, an_inpatient_claim
from tests.lib.pyx12_oracle import check as pyx12_check
from tests.lib.round_trips import FEW, SETTINGS

MOST = 40
DELIMITERS = (Delimiters(), Delimiters(terminator="\n"), Delimiters("|", ">", "!", "\x1c"))
BASES = {"P": a_claim(), "I": an_inpatient_claim(), "D": a_dental_claim()}
limits = st.builds(
    PartnerLimits,
    envelope=st.sampled_from((ENVELOPE, msgspec.structs.replace(ENVELOPE, usage="P", sender_qualifier="30"))),
    claims_per_transaction=st.sampled_from((0, 1, 2, 3, 7, 5_000)),
    transactions_per_group=st.sampled_from((0, 1, 2, 5)),
    groups_per_interchange=st.sampled_from((0, 1, 2, 3)),
    bytes_per_file=st.one_of(st.just(0), st.integers(1_024, 12_000)),
    one_guide_per_file=st.booleans(),
    line_break=st.sampled_from(("", "\n", "\r\n")),
)
# What a claim of the batch is: its kind, whose it is, and what is wrong with it, if anything.
sketches = st.tuples(
    st.sampled_from("PPPID"),
    st.integers(0, 5),
    st.sampled_from(("", "", "", "", "balance", "letters", "kind", "lines")),
)


def drawn(at: int, kind: str, who: int, wrong: str) -> Claim:
    person = a_patient(first_name=f"ANNA{who}", record_number="")
    claim = msgspec.structs.replace(
        BASES[kind], control_number=f"CW{at}", patient=person,
        coverage=a_coverage(member_id=f"W{who}", subscriber=person_of(person)),
    )  # fmt: skip
    if wrong == "balance":
        return msgspec.structs.replace(claim, total_charge=claim.total_charge + Decimal("0.01"))
    if wrong == "letters":
        return msgspec.structs.replace(claim, control_number=f"CW\u0141{at}")
    if wrong == "kind":
        return msgspec.structs.replace(claim, kind="?")
    return msgspec.structs.replace(claim, lines=()) if wrong == "lines" else claim


def made(claims: list[Claim], limits: PartnerLimits) -> tuple[Batch, list[tuple[bytes, Manifest]]]:
    batch = write_batch(
        claims, submitter=SUBMITTER, receiver=RECEIVER, limits=limits, numbers=MemoryControlNumbers(),
        reference="BATCH1", when=WHEN,
    )  # fmt: skip
    return batch, list(batch)


def within(data: bytes, manifest: Manifest, limits: PartnerLimits) -> None:
    """The file keeps to the limits, agrees with its manifest, and no receiver has a word to say."""
    assert not [(one.id, one.place()) for one in check(data, level=4) if one.severity is Severity.REJECT]
    assert not limits.bytes_per_file or len(data) <= limits.bytes_per_file
    assert manifest.size == len(data)
    (interchange,) = read(data).interchanges
    assert not limits.groups_per_interchange or len(interchange.groups) <= limits.groups_per_interchange
    if limits.one_guide_per_file:
        assert len({group.guide for group in manifest.groups}) == 1
    for group in interchange.groups:
        assert not limits.transactions_per_group or len(group.transactions) <= limits.transactions_per_group
    assert int(interchange.control_number) == manifest.control_number
    told = [one for group in manifest.groups for one in group.transactions]
    for transaction, entry in zip(read_file(data), told, strict=True):
        assert not limits.claims_per_transaction or len(entry.claims) <= limits.claims_per_transaction
        assert sorted(claim.control_number for claim in transaction.claims) == sorted(
            claim.control_number for claim in entry.claims
        )


def numbered(files: list[tuple[bytes, Manifest]]) -> None:
    """Control numbers go up by one from file to file and within each."""
    interchanges, groups, transactions = [], [], []
    for data, _ in files:
        for interchange in read(data).interchanges:
            interchanges.append(int(interchange.control_number))
            groups += [int(group.gs[6]) for group in interchange.groups if group.gs is not None]
            transactions += [int(one.control_number) for one in interchange.transactions()]
    for series in (interchanges, groups, transactions):
        assert series == list(range(1, len(series) + 1))


@SETTINGS
@given(st.lists(sketches, max_size=MOST), limits, st.sampled_from(DELIMITERS))
def test_each_claim_is_in_one_file_or_set_aside(
    drawings: list[tuple[str, int, str]], limits: PartnerLimits, delimiters: Delimiters
) -> None:
    if delimiters.terminator != "\n":
        limits = msgspec.structs.replace(limits, delimiters=delimiters)
    claims = [drawn(at, *drawing) for at, drawing in enumerate(drawings)]
    batch, files = made(claims, limits)
    for data, manifest in files:
        within(data, manifest, limits)
    numbered(files)
    placed = [entry.position for _, manifest in files for entry in manifest.claims()]
    aside = [one.position for one in batch.set_aside]
    assert sorted([*placed, *aside]) == list(range(len(claims)))
    written = [claim.control_number for data, _ in files for one in read_file(data) for claim in one.claims]
    assert sorted(written) == sorted(claims[position].control_number for position in placed)
    for one in batch.set_aside:
        assert one.claim is claims[one.position]
        assert [fault for fault in one.faults if fault.severity is Severity.REJECT]
    bad = {at for at, (_, _, wrong) in enumerate(drawings) if wrong}
    too_large = {one.position for one in batch.set_aside if one.faults[0].id == "BATCH-CLAIM-TOO-LARGE"}
    assert set(aside) == bad | too_large


def of_any_kind(most: int) -> st.SearchStrategy[list[Claim]]:
    kinds = (professional_claims, institutional_claims, dental_claims)
    return st.lists(st.sampled_from(kinds), min_size=1, max_size=most).flatmap(
        lambda chosen: st.tuples(*(kind(number) for number, kind in enumerate(chosen, 1))).map(list)
    )


@FEW
@given(of_any_kind(5), limits)
def test_whatever_a_claim_holds_it_comes_back_equal(claims: list[Claim], limits: PartnerLimits) -> None:
    batch, files = made(claims, limits)
    for data, manifest in files:
        within(data, manifest, limits)
    found = [claim for data, _ in files for one in read_file(data) for claim in one.claims]
    found += [one.claim for one in batch.set_aside]
    assert {fault.id for one in batch.set_aside for fault in one.faults} <= {"BATCH-CLAIM-TOO-LARGE"}
    assert sorted(found, key=lambda claim: claim.control_number) == sorted(
        claims, key=lambda claim: claim.control_number
    )


@FEW
@given(st.lists(st.tuples(st.sampled_from("PI"), st.integers(0, 3), st.just("")), min_size=1, max_size=8), limits)
def test_an_independent_validator_finds_no_fault(drawings: list[tuple[str, int, str]], limits: PartnerLimits) -> None:
    for data, _ in made([drawn(at, *drawing) for at, drawing in enumerate(drawings)], limits)[1]:
        assert pyx12_check(data) == []
