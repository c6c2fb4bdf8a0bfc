"""The lifecycle is the domain's table, row by row, and nothing else."""

from __future__ import annotations

import pytest

from claimwright.billing.lifecycle import (
    ANY_SENT,
    ANY_UNSENT,
    TABLE,
    Recorded,
    Refused,
    State,
    Transition,
    Trigger,
    apply,
    may_close,
)

S, T = State, Trigger

# The domain's table again, written down by hand: (from, trigger, to, a new version).
EXPECTED = {
    (S.NONE, T.CHARGES_LOCKED): (S.DRAFT, False),
    (S.NONE, T.CORRECTION): (S.DRAFT, False),
    (S.NONE, T.LATER_PAYER): (S.AWAIT_PRIOR, False),
    (S.AWAIT_PRIOR, T.PRIOR_ADJUDICATED): (S.DRAFT, False),
    (S.AWAIT_PRIOR, T.PRIOR_FORWARDED): (S.AWAIT_CROSSOVER, False),
    (S.AWAIT_CROSSOVER, T.REMITTANCE): (S.ADJUDICATED, False),
    (S.AWAIT_CROSSOVER, T.CROSSOVER_FAILED): (S.DRAFT, False),
    (S.DRAFT, T.FINDING): (S.EDIT_HOLD, False),
    (S.EDIT_HOLD, T.FINDING): (S.EDIT_HOLD, False),
    (S.DRAFT, T.PASSED): (S.READY, False),
    (S.EDIT_HOLD, T.PASSED): (S.READY, False),
    (S.DRAFT, T.CANCEL): (S.CANCELLED, False),
    (S.EDIT_HOLD, T.CANCEL): (S.CANCELLED, False),
    (S.READY, T.CANCEL): (S.CANCELLED, False),
    (S.READY, T.BATCH): (S.BATCHED, False),
    (S.BATCHED, T.BATCH_CANCELLED): (S.READY, False),
    (S.BATCHED, T.SEND_CONFIRMED): (S.SENT, False),
    (S.BATCHED, T.ACKNOWLEDGED_BEFORE_CONFIRMED): (S.SENT, False),
    (S.READY, T.PRINTED): (S.PAPER_SENT, False),
    (S.SENT, T.FILE_REJECT): (S.FILE_REJECTED, False),
    (S.SENT, T.FILE_ACCEPT): (S.FILE_ACCEPTED, False),
    (S.FILE_REJECTED, T.FIXED): (S.READY, False),
    (S.FILE_REJECTED, T.CONTENT_MUST_CHANGE): (S.DRAFT, True),
    (S.SENT, T.CH_REJECT): (S.CH_REJECTED, False),
    (S.FILE_ACCEPTED, T.CH_REJECT): (S.CH_REJECTED, False),
    (S.SENT, T.CH_ACCEPT): (S.CH_ACCEPTED, False),
    (S.FILE_ACCEPTED, T.CH_ACCEPT): (S.CH_ACCEPTED, False),
    **{(s, T.PAYER_REJECT): (S.PAYER_REJECTED, False) for s in (S.SENT, S.FILE_ACCEPTED, S.CH_ACCEPTED)},
    **{(s, T.PAYER_ACCEPT): (S.PAYER_ACCEPTED, False) for s in (S.SENT, S.FILE_ACCEPTED, S.CH_ACCEPTED)},
    (S.CH_REJECTED, T.CORRECTION): (S.DRAFT, True),
    (S.PAYER_REJECTED, T.CORRECTION): (S.DRAFT, True),
    (S.PAYER_ACCEPTED, T.PENDING): (S.PENDED, False),
    (S.PAPER_SENT, T.PENDING): (S.PENDED, False),
    **{(s, T.REMITTANCE): (S.ADJUDICATED, False) for s in ANY_SENT},
    **{(s, T.TRANSFER): (S.TRANSFERRED, False) for s in ANY_SENT},
    (S.ADJUDICATED, T.REVERSAL): (S.REVERSED, False),
    (S.REVERSED, T.REMITTANCE): (S.ADJUDICATED, False),
    (S.ADJUDICATED, T.VOID_SENT): (S.VOID_PENDING, False),
    (S.VOID_PENDING, T.VOID_CONFIRMED): (S.VOIDED, False),
    (S.VOID_PENDING, T.VOID_REFUSED): (S.ADJUDICATED, False),
    (S.ADJUDICATED, T.CLOSE): (S.CLOSED, False),
    (S.REVERSED, T.CLOSE): (S.CLOSED, False),
    (S.CLOSED, T.REOPEN): (S.ADJUDICATED, False),
    (S.READY, T.EDITED): (S.DRAFT, False),
    (S.READY, T.FINDING): (S.EDIT_HOLD, False),
    (S.AWAIT_PRIOR, T.NOTHING_TO_BILL): (S.CANCELLED, False),
    (S.AWAIT_CROSSOVER, T.NOTHING_TO_BILL): (S.CANCELLED, False),
    (S.ADJUDICATED, T.REPLACEMENT_ADJUDICATED): (S.REPLACED, False),
    (S.ADJUDICATED, T.FURTHER_REMITTANCE): (S.ADJUDICATED, False),
    (S.REVERSED, T.CORRECTION): (S.DRAFT, True),
    (S.ADJUDICATED, T.CORRECTION): (S.DRAFT, True),
    (S.CLOSED, T.CORRECTION): (S.DRAFT, True),
    (S.TRANSFERRED, T.REFILE): (S.DRAFT, True),
    **{(s, T.HOLD): (S.ON_HOLD, False) for s in ANY_UNSENT},
    (S.DRAFT, T.TAKEN_OVER): (S.SENT, False),
    (S.SENT, T.TAKEN_OVER): (S.ADJUDICATED, False),
    **{(s, T.TAKEOVER_UNDONE): (S.CANCELLED, False) for s in (S.SENT, S.ADJUDICATED, S.CLOSED, S.AWAIT_PRIOR)},
}


def test_the_table_has_no_row_twice():
    pairs = [(source, rule.trigger) for rule in TABLE for source in rule.source]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_every_pair_does_what_the_domain_says(state: State, trigger: Trigger):
    result = apply(state, trigger)
    if (state, trigger) in EXPECTED:
        target, new_version = EXPECTED[(state, trigger)]
        assert result == Transition(state, target, trigger, new_version)
    else:
        assert isinstance(result, Recorded | Refused)
        assert result.state is state and result.why


@pytest.mark.parametrize(
    ("state", "trigger"),
    [
        (S.CH_ACCEPTED, T.FILE_ACCEPT), (S.CH_ACCEPTED, T.FILE_REJECT), (S.PAYER_ACCEPTED, T.CH_REJECT),
        (S.PAYER_ACCEPTED, T.PAYER_ACCEPT), (S.ADJUDICATED, T.PAYER_REJECT), (S.SENT, T.SEND_CONFIRMED),
        (S.CLOSED, T.CH_ACCEPT), (S.PENDED, T.PENDING), (S.PAYER_REJECTED, T.PAYER_ACCEPT),
    ],
)  # fmt: skip
def test_late_and_lower_events_are_recorded(state: State, trigger: Trigger):
    assert isinstance(apply(state, trigger), Recorded)


@pytest.mark.parametrize(
    ("state", "trigger"),
    [(S.DRAFT, T.REMITTANCE), (S.CANCELLED, T.PASSED), (S.VOIDED, T.REMITTANCE), (S.READY, T.PAYER_ACCEPT),
     (S.ADJUDICATED, T.REMITTANCE), (S.ON_HOLD, T.BATCH), (S.AWAIT_PRIOR, T.REMITTANCE)],
)  # fmt: skip
def test_what_no_row_allows_is_refused(state: State, trigger: Trigger):
    assert isinstance(apply(state, trigger), Refused)


@pytest.mark.parametrize("previous", ANY_UNSENT)
def test_a_hold_goes_back_to_where_it_came_from(previous: State):
    assert apply(S.ON_HOLD, T.RELEASE, previous=previous) == Transition(S.ON_HOLD, previous, T.RELEASE)


@pytest.mark.parametrize("previous", [None, S.SENT, S.ON_HOLD])
def test_a_hold_without_its_origin_is_refused(previous: State | None):
    assert isinstance(apply(S.ON_HOLD, T.RELEASE, previous=previous), Refused)


def test_closing_needs_a_zero_balance_and_nothing_open():
    assert may_close(payer_balance_is_zero=True, open_denials=0, open_appeals=0, open_variances=0)
    for fault in ({"payer_balance_is_zero": False}, {"open_denials": 1}, {"open_appeals": 1}, {"open_variances": 1}):
        given = {"payer_balance_is_zero": True, "open_denials": 0, "open_appeals": 0, "open_variances": 0, **fault}
        assert not may_close(**given)
