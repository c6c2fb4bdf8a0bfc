"""The life of an encounter before it is a claim, as a table: which event leads from which state to which.

SCHEDULED > ARRIVED > NOTE_OPEN > NOTE_SIGNED > CODING > QUERY > CODED > CHARGES_LOCKED > CLAIMED
exits: NO_SHOW, CANCELLED, NON_BILLABLE with a reason; HELD waits for set-up (a payer, a code, a price)
"""

from __future__ import annotations

from enum import StrEnum


class EncounterState(StrEnum):
    SCHEDULED = "SCHEDULED"
    ARRIVED = "ARRIVED"
    NOTE_OPEN = "NOTE_OPEN"
    NOTE_SIGNED = "NOTE_SIGNED"
    CODING = "CODING"
    QUERY = "QUERY"
    HELD = "HELD"
    CODED = "CODED"
    CHARGES_LOCKED = "CHARGES_LOCKED"
    CLAIMED = "CLAIMED"
    NO_SHOW = "NO_SHOW"
    CANCELLED = "CANCELLED"
    NON_BILLABLE = "NON_BILLABLE"


class EncounterEvent(StrEnum):
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    REINSTATE = "reinstate"  # cancelled or missed by mistake
    NO_SHOW = "no_show"
    ARRIVE = "arrive"
    OPEN_NOTE = "open_note"
    SIGN_NOTE = "sign_note"
    REOPEN_NOTE = "reopen_note"  # an addendum after signing
    START_CODING = "start_coding"
    ASK = "ask"  # a provider query
    SETTLE = "settle"  # the last open query is answered or withdrawn
    RECEIVE = "receive"  # an interface delivered the coded visit
    HOLD = "hold"
    FINISH_CODING = "finish_coding"
    REOPEN_CODING = "reopen_coding"
    LOCK = "lock"
    CLAIM = "claim"
    MARK_NON_BILLABLE = "mark_non_billable"


class NotAllowed(ValueError):
    """The event cannot happen in that state. Says what can; holds no patient value."""

    def __init__(self, state: EncounterState, event: EncounterEvent, why: str = "") -> None:
        self.state, self.event = state, event
        possible = ", ".join(sorted(allowed(state))) or "nothing"
        super().__init__(why or f"{event} cannot happen to an encounter that is {state}: possible are {possible}")


_S, _E = EncounterState, EncounterEvent
BEFORE_NOTE = frozenset((_S.SCHEDULED, _S.ARRIVED, _S.NOTE_OPEN))
AWAITING_CHARGES = frozenset((_S.NOTE_SIGNED, _S.CODING, _S.QUERY, _S.HELD, _S.CODED))
CHARGED = frozenset((_S.CHARGES_LOCKED, _S.CLAIMED))
EXITS = frozenset((_S.NO_SHOW, _S.CANCELLED, _S.NON_BILLABLE))
NEEDS_REASON = frozenset((_E.CANCEL, _E.MARK_NON_BILLABLE, _E.HOLD, _E.REOPEN_NOTE, _E.REOPEN_CODING, _E.REINSTATE))

_WHEREVER_NOT_CHARGED = (_S.ARRIVED, _S.NOTE_OPEN, *sorted(AWAITING_CHARGES))
_TABLE: tuple[tuple[EncounterEvent, tuple[EncounterState, ...], EncounterState], ...] = (
    (_E.RESCHEDULE, (_S.SCHEDULED, _S.NO_SHOW, _S.CANCELLED), _S.SCHEDULED),
    (_E.CANCEL, (_S.SCHEDULED,), _S.CANCELLED),
    (_E.REINSTATE, (_S.CANCELLED, _S.NO_SHOW), _S.SCHEDULED),
    (_E.NO_SHOW, (_S.SCHEDULED,), _S.NO_SHOW),
    (_E.ARRIVE, (_S.SCHEDULED, _S.NO_SHOW), _S.ARRIVED),  # who comes late has come
    (_E.OPEN_NOTE, (_S.ARRIVED,), _S.NOTE_OPEN),
    (_E.SIGN_NOTE, (_S.ARRIVED, _S.NOTE_OPEN), _S.NOTE_SIGNED),
    (_E.REOPEN_NOTE, (_S.NOTE_SIGNED, _S.CODING, _S.CODED), _S.NOTE_OPEN),
    (_E.START_CODING, (_S.NOTE_SIGNED,), _S.CODING),
    (_E.ASK, (_S.CODING, _S.CODED, _S.HELD, _S.QUERY), _S.QUERY),
    (_E.ASK, (_S.CHARGES_LOCKED,), _S.CHARGES_LOCKED),  # the claim is held by the open query; charges stand
    (_E.ASK, (_S.CLAIMED,), _S.CLAIMED),
    (_E.SETTLE, (_S.QUERY,), _S.CODING),
    (_E.SETTLE, (_S.CHARGES_LOCKED,), _S.CHARGES_LOCKED),
    (_E.SETTLE, (_S.CLAIMED,), _S.CLAIMED),
    (_E.RECEIVE, (*sorted(BEFORE_NOTE), _S.NOTE_SIGNED, _S.CODING, _S.HELD, _S.NO_SHOW), _S.CODED),
    (_E.HOLD, (*sorted(BEFORE_NOTE), _S.NOTE_SIGNED, _S.CODING, _S.CODED, _S.HELD, _S.NO_SHOW), _S.HELD),
    (_E.FINISH_CODING, (_S.CODING, _S.HELD), _S.CODED),
    (_E.REOPEN_CODING, (_S.CODED, _S.HELD, _S.NON_BILLABLE), _S.CODING),
    (_E.LOCK, (_S.CODED,), _S.CHARGES_LOCKED),
    (_E.CLAIM, (_S.CHARGES_LOCKED,), _S.CLAIMED),
    (_E.MARK_NON_BILLABLE, _WHEREVER_NOT_CHARGED, _S.NON_BILLABLE),
)
_NEXT = {(state, event): to for event, states, to in _TABLE for state in states}


def after(state: EncounterState, event: EncounterEvent, *, reason: str = "", open_queries: int = 0) -> EncounterState:
    """The state that follows. Raises NotAllowed for an event out of turn, without its reason, or past an open query.

    `open_queries` counts those still open once the event has happened: while there is one, coding is not finished,
    charges are not locked, and the encounter does not leave QUERY.
    """
    to = _NEXT.get((state, event))
    if to is None:
        raise NotAllowed(state, event)
    if event in NEEDS_REASON and not reason.strip():
        raise NotAllowed(state, event, f"{event} needs a reason: say why in a few words")
    if open_queries and event in (_E.FINISH_CODING, _E.LOCK, _E.CLAIM, _E.SETTLE):
        raise NotAllowed(
            state, event, f"{event} waits for {open_queries} open provider queries: answer or withdraw them"
        )
    return to


def allowed(state: EncounterState) -> frozenset[EncounterEvent]:
    """The events that can happen in a state."""
    return frozenset(event for found, event in _NEXT if found is state)


def transitions() -> tuple[tuple[EncounterState, EncounterEvent, EncounterState], ...]:
    """Every row of the table, for a drawing or a test."""
    return tuple((state, event, to) for (state, event), to in _NEXT.items())
