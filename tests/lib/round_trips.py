"""Writing a transaction, checking it, and reading it back: the frame of every round trip."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, settings

from claimwright.claims.from_x12.parties import Read
from claimwright.claims.to_x12.transactions import build_interchange
from claimwright.x12 import read
from claimwright.x12.check import check
from claimwright.x12.segments import Segment, Transaction
from tests.lib.builders import ENVELOPE, WHEN

CASES = int(os.environ.get("ROUND_TRIPS", "25"))  # of each noun; 10,000 when asked to prove
SETTINGS = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # shrinking nouns this large takes minutes; the faults say enough
)
FEW = settings(SETTINGS, max_examples=15)  # for the slow validators of others


def as_file(set_id: str, guide: str, segments: Sequence[Segment]) -> bytes:
    return build_interchange(
        set_id, guide, [segments], envelope=ENVELOPE, control_number=1, group_control_number=1, when=WHEN
    )


def written_and_read(
    set_id: str, guide: str, segments: Sequence[Segment], reader: Callable[[Transaction], Read[Any]]
) -> Any:
    """The noun read back from the file. Our own check and the reader must have found no fault."""
    data = as_file(set_id, guide, segments)
    document = read(data)
    faults = [(fault.id, fault.place(), fault.message) for fault in check(document)]
    assert not faults, faults
    (transaction,) = document.transactions()
    found = reader(transaction)
    assert found.faults == ()
    return found.noun
