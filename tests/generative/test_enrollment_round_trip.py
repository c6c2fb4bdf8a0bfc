"""Random 834s: written, they pass our own check and an independent validator, and are read back equal."""

from __future__ import annotations

from typing import Any

import msgspec
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
    assert unplaced(written_and_read("834", writing.GUIDE, segments, reading.enrollment)) == noun


def unrepeated(noun: Any) -> Any:
    """pyx12 takes the repeats of an element for one value that is too long: give it one of each."""
    if isinstance(noun, tuple):
        return tuple(unrepeated(item) for item in noun)
    if not isinstance(noun, msgspec.Struct):
        return noun
    changed = {field: unrepeated(getattr(noun, field)) for field in noun.__struct_fields__}
    for field in ("races", "service_types"):
        if field in changed:
            changed[field] = changed[field][:1]
    return msgspec.structs.replace(noun, **changed)


@FEW
@given(enrollments())
def test_an_independent_validator_finds_no_fault(noun: Enrollment) -> None:
    assert check(as_file("834", writing.GUIDE, writing.enrollment(unrepeated(noun)))) == []
