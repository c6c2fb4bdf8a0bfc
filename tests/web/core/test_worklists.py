"""Whatever posting puts on a worklist has a list with a title that people see."""

from __future__ import annotations

from claimwright.billing.posting.plan import Worklist as PostingWorklist


def test_every_worklist_of_posting_has_a_title():
    from claimwright.web.core.worklists import TITLES, Worklist

    assert {worklist.value for worklist in PostingWorklist} <= set(TITLES)
    assert set(Worklist) == set(TITLES)
