"""Files of all three kinds through one door: read whole, and written back they pass what they passed before."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimwright.claims.from_x12.claims import read_file
from claimwright.claims.to_x12.claims import build_interchange
from claimwright.x12.check import check
from claimwright.x12.faults import Severity
from tests.lib.builders import ENVELOPE, RECEIVER, SUBMITTER, WHEN, a_claim
from tests.lib.kind_builders import a_dental_claim

GOLDEN = Path(__file__).parents[2] / "golden"
GOOD = sorted(GOLDEN.glob("837[PID]/pass/*.edi"))
ALL = sorted(GOLDEN.glob("837[PID]/*/*.edi"))
# A subscriber that is an organization and the patient at once, which no one is.
ODD = ("837I/pass/own-every-loop.edi",)


def name(path: Path) -> str:
    return path.relative_to(GOLDEN).as_posix()


def rejected(data: bytes) -> set[str]:
    return {fault.id for fault in check(data) if fault.severity is Severity.REJECT}


@pytest.mark.parametrize("path", GOOD, ids=name)
def test_a_good_file_is_read_and_written_back_good(path: Path) -> None:
    data = path.read_bytes()
    reads = read_file(data)
    claims = [claim for read in reads for claim in read.claims]
    assert {claim.kind for claim in claims} == {path.parts[-3][-1]}
    assert not [problem for read in reads for problem in read.problems() if problem.blocks]
    again = build_interchange(
        claims, submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1, group_control_number=1,
        reference="B1", when=WHEN,
    )  # fmt: skip
    if name(path) not in ODD:
        assert rejected(again) <= rejected(data)


@pytest.mark.parametrize("path", ALL, ids=name)
def test_any_file_is_read_without_a_crash(path: Path) -> None:
    data = path.read_bytes()
    for read in read_file(data):
        assert read.claims or read.problems()
        for problem in read.problems():
            assert problem.message and problem.fix and problem.code.startswith(f"837{read.kind}-")


def test_every_loop_of_an_institutional_claim_is_kept() -> None:
    (read,) = read_file((GOLDEN / "837I/pass/own-every-loop.edi").read_bytes())
    assert read.problems() == ()


def test_the_guide_says_the_kind_unless_the_services_say_otherwise() -> None:
    data = build_interchange(
        [a_claim()], submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1,
        group_control_number=1, reference="B1", when=WHEN,
    )  # fmt: skip
    assert [read.kind for read in read_file(data.replace(b"X222A1", b"X223A2"))] == ["P"]
    assert [read.kind for read in read_file(data.replace(b"X222A1", b"X224A2").replace(b"SV1*", b"SV3*"))] == ["D"]
    assert [read.kind for read in read_file(data.replace(b"005010X222A1", b"").replace(b"SV1*", b"SV2*"))] == ["I"]


def test_another_payers_number_is_not_the_payers_own() -> None:
    data = build_interchange(
        [a_dental_claim()], submitter=SUBMITTER, receiver=RECEIVER, envelope=ENVELOPE, control_number=1,
        group_control_number=1, reference="B1", when=WHEN,
    )  # fmt: skip
    ((claim,),) = [read.claims for read in read_file(data.replace(b"~REF*6R", b"~REF*G1*AUTH7**2U:60054~REF*6R"))]
    (line,) = claim.lines
    assert line.prior_authorization == ""
    assert [(one.qualifier, one.value, one.payer_id) for one in line.other_references] == [("G1", "AUTH7", "60054")]
