"""The life of an encounter, row by row."""

from __future__ import annotations

import pytest

from claimwright.coding.states import (
    EXITS,
    NEEDS_REASON,
    EncounterEvent,
    EncounterState,
    NotAllowed,
    after,
    allowed,
    transitions,
)

S, E = EncounterState, EncounterEvent


def test_the_straight_way():
    state = S.SCHEDULED
    way = [E.ARRIVE, E.OPEN_NOTE, E.SIGN_NOTE, E.START_CODING, E.ASK, E.SETTLE, E.FINISH_CODING, E.LOCK, E.CLAIM]
    seen = []
    for event in way:
        state = after(state, event)
        seen.append(state)
    assert seen == [
        S.ARRIVED, S.NOTE_OPEN, S.NOTE_SIGNED, S.CODING, S.QUERY, S.CODING, S.CODED, S.CHARGES_LOCKED, S.CLAIMED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.SCHEDULED, E.SIGN_NOTE), (S.SCHEDULED, E.LOCK), (S.ARRIVED, E.CANCEL), (S.ARRIVED, E.NO_SHOW),
        (S.CODING, E.LOCK), (S.QUERY, E.FINISH_CODING), (S.CLAIMED, E.REOPEN_CODING), (S.CLAIMED, E.MARK_NON_BILLABLE),
        (S.CHARGES_LOCKED, E.MARK_NON_BILLABLE), (S.CANCELLED, E.ARRIVE), (S.NON_BILLABLE, E.LOCK),
    ],
)  # fmt: skip
def test_out_of_turn(state, event):
    with pytest.raises(NotAllowed, match="possible are"):
        after(state, event, reason="x")


@pytest.mark.parametrize("event", sorted(NEEDS_REASON))
def test_reasons(event):
    state = next(state for state, found, _ in transitions() if found is event)
    with pytest.raises(NotAllowed, match="needs a reason"):
        after(state, event, reason="  ")
    assert after(state, event, reason="wrong day")


@pytest.mark.parametrize("event", [E.FINISH_CODING, E.LOCK, E.CLAIM, E.SETTLE])
def test_an_open_query_holds_what_comes_next(event):
    for state, found, to in transitions():
        if found is event:
            assert after(state, event) is to
            with pytest.raises(NotAllowed, match="2 open provider queries"):
                after(state, event, open_queries=2)


def test_every_state_is_reached_and_every_event_is_used():
    reached, ways = {S.SCHEDULED}, transitions()
    for _ in S:
        reached |= {to for state, _, to in ways if state in reached}
    assert reached == set(S)
    assert {event for _, event, _ in ways} == set(E)


def test_charged_encounters_only_go_on():
    for state in (S.CHARGES_LOCKED, S.CLAIMED):
        assert {after(state, event, reason="x") for event in allowed(state)} <= {S.CHARGES_LOCKED, S.CLAIMED}
    assert not any(E.LOCK in allowed(state) for state in EXITS)
