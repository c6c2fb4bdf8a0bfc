"""837P files of the world and from a front end that is careless: all read, nothing raised, problems named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from claimwright.claims.from_x12.intake import intake
from claimwright.claims.from_x12.professional import read_file
from claimwright.claims.to_x12.professional import build_interchange
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim, a_patient, a_secondary_claim

SAMPLES = Path(__file__).parents[3] / "demo/intake/837p"


def written(*claims: object) -> bytes:
    return build_interchange(
        claims,  # type: ignore[arg-type]
        submitter=SUBMITTER,
        receiver=RECEIVER,
        envelope=ENVELOPE,
        control_number=1,
        group_control_number=5,
        reference="B1",
        when=WHEN,
    )


def sample(name: str) -> bytes:
    (path,) = [path for path in SAMPLES.rglob("*") if path.is_file() and path.as_posix().endswith(name)]
    return path.read_bytes()


def test_every_sample_is_read() -> None:
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert len(files) >= 100
    with_claims = sum(bool(intake(path.read_bytes()).encounters) for path in files)
    assert with_claims >= 95
    for path in files:
        result = intake(path.read_bytes())
        assert result.encounters or result.problems, path.name
        raw = path.read_bytes().decode("latin-1")
        for problem in result.problems:
            assert problem.message and problem.fix, path.name
            assert raw not in problem.message


def test_a_4010_file_is_read() -> None:
    (read,) = read_file(sample("837_004010X098A1/coordination-of-benefits.837"))
    (claim,) = read.claims
    assert claim.coverage.relationship == "19"
    assert claim.diagnoses[0].qualifier == "BK"
    assert len(claim.lines) == 3
    assert all(line.date_from for line in claim.lines)


def test_another_systems_secondary_claim() -> None:
    (read,) = read_file(sample("837_005010X222A2/demo.cob.example3.B.837"))
    (claim,) = read.claims
    (prior,) = claim.prior_payments
    assert prior.paid_amount == Decimal("39.15")
    assert prior.adjudicated
    assert claim.coverage.sequence == "S"


def test_what_cannot_be_read_is_named_with_its_place() -> None:
    data = (
        written(a_claim())
        .replace(b"*472*D8*20260831", b"*472*D8*20260230")
        .replace(b"CLM*CW1001*150*", b"CLM*CW1001*1E5*")
    )
    (read,) = read_file(data)
    faults = read.reads[0].faults
    assert {(fault.id, fault.segment_id, fault.element) for fault in faults} == {
        ("837P-AMOUNT", "CLM", 2),
        ("837P-DATE", "DTP", 3),
    }
    assert read.claims[0].lines[0].date_from is None
    problems = read.problems()
    assert all("1E5" not in problem.message + problem.place for problem in problems)
    assert [problem.blocks for problem in problems if problem.code == "837P-AMOUNT"] == [True]


def test_a_claim_becomes_an_encounter_known_by_where_it_came_from() -> None:
    (encounter,) = intake(written(a_secondary_claim())).encounters
    assert encounter.external_id == "LAKESIDE01|5|0001|CW1003"
    assert [coverage.sequence for coverage in encounter.coverages] == ["P", "S"]
    assert encounter.date_from == date(2026, 8, 31)
    assert encounter.billing_npi == "1000000004"
    assert all(not line.control_number and not line.adjudications for line in encounter.lines)
    assert intake(written(a_secondary_claim())).encounters == (encounter,)


def test_the_same_claim_twice_is_taken_once_and_a_reused_number_loses_nothing() -> None:
    other = a_claim(patient=a_patient(first_name="BERTA"))
    result = intake(written(a_claim(), a_claim(), other))
    assert [encounter.external_id for encounter in result.encounters] == [
        "LAKESIDE01|5|0001|CW1001",
        "LAKESIDE01|5|0001|CW1001#2",
    ]
    assert [problem.code for problem in result.problems] == ["DUPLICATE_ENCOUNTER", "REUSED_CONTROL_NUMBER"]


@pytest.mark.parametrize("data", [b"", b"ISA", b"<html>503</html>", b"\xff\xfe\x00I", b"ISA*00*"])
def test_what_is_no_file_is_a_problem(data: bytes) -> None:
    result = intake(data)
    assert result.encounters == ()
    assert result.problems


def test_a_file_cut_anywhere_is_read() -> None:
    data = written(a_secondary_claim())
    for end in range(0, len(data), 7):
        intake(data[:end])
