"""Named places where a test kills the process, to show that what was committed is enough to go on from.

`FAIL_AT=name` ends the process at the first pass of that point, `FAIL_AT=name:3` at the third. Exit status 86, without
any clean-up: what a power cut would leave. An unknown name in FAIL_AT is refused, so that no kill test passes by a typo.
"""

from __future__ import annotations

import os
from collections import Counter

FAILPOINTS = frozenset(
    {
        "exchange.after_store",
        "exchange.after_archive",
        "exchange.after_prepare",
        "exchange.after_uploading",
        "exchange.after_upload",
        "exchange.before_rename",
        "exchange.after_rename",
        "exchange.after_sent",
        "real_time.after_start",
        "real_time.after_answer",
        "submissions.after_batch",
        "submissions.before_confirm",
        "receive.after_fetch",
        "receive.after_split",
        "receive.after_acknowledgement",
        "receive.after_part",
        "interfaces.after_store",
        "interfaces.before_commit",
        "interfaces.before_answer",
        "intake.after_encounter",
        "intake.after_file",
        "posting.before_transfers",
        "posting.after_claim",
        "posting.after_transfers",
        "posting.before_commit",
        "posting.after_commit",
    }
)
EXIT_STATUS = 86

_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here when FAIL_AT says so. Raises KeyError for a name that is not in FAILPOINTS."""
    if name not in FAILPOINTS:
        raise KeyError(name)
    wanted = os.environ.get("FAIL_AT", "")
    if not wanted:
        return
    point, _, nth = wanted.partition(":")
    if point not in FAILPOINTS:
        raise KeyError(point)
    if point == name:
        _passed[name] += 1
        if _passed[name] >= int(nth or 1):
            os._exit(EXIT_STATUS)
