"""The life of a claim version: the transition table of the domain, as rows. Denials and appeals have their own states.

A trigger that finds no row is refused; one that comes late (the version is already further) is recorded, and the
state stays.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class State(StrEnum):
    NONE = ""
    DRAFT = "DRAFT"
    AWAIT_PRIOR = "AWAIT_PRIOR"
    AWAIT_CROSSOVER = "AWAIT_CROSSOVER"
    EDIT_HOLD = "EDIT_HOLD"
    READY = "READY"
    ON_HOLD = "ON_HOLD"
    CANCELLED = "CANCELLED"
    BATCHED = "BATCHED"
    SENT = "SENT"
    PAPER_SENT = "PAPER_SENT"
    FILE_REJECTED = "FILE_REJECTED"
    FILE_ACCEPTED = "FILE_ACCEPTED"
    CH_REJECTED = "CH_REJECTED"
    CH_ACCEPTED = "CH_ACCEPTED"
    PAYER_REJECTED = "PAYER_REJECTED"
    PAYER_ACCEPTED = "PAYER_ACCEPTED"
    PENDED = "PENDED"
    TRANSFERRED = "TRANSFERRED"
    ADJUDICATED = "ADJUDICATED"
    REVERSED = "REVERSED"
    VOID_PENDING = "VOID_PENDING"
    VOIDED = "VOIDED"
    REPLACED = "REPLACED"
    CLOSED = "CLOSED"


class Trigger(StrEnum):
    CHARGES_LOCKED = "charges_locked"
    CORRECTION = "correction"  # a new version, n+1: also coverage found later
    LATER_PAYER = "later_payer"
    PRIOR_ADJUDICATED = "prior_adjudicated"
    PRIOR_FORWARDED = "prior_forwarded"  # CLP02 19, 20, 21
    CROSSOVER_FAILED = "crossover_failed"  # the timer, or MA08, N8
    FINDING = "finding"  # an open R or H finding
    PASSED = "passed"  # no open R or H
    CANCEL = "cancel"
    NOTHING_TO_BILL = "nothing_to_bill"
    HOLD = "hold"
    RELEASE = "release"
    BATCH = "batch"
    BATCH_CANCELLED = "batch_cancelled"
    SEND_CONFIRMED = "send_confirmed"
    ACKNOWLEDGED_BEFORE_CONFIRMED = "acknowledged_before_confirmed"
    PRINTED = "printed"
    FILE_REJECT = "file_reject"
    FILE_ACCEPT = "file_accept"
    FIXED = "fixed"  # the file is built again, the content stays
    CONTENT_MUST_CHANGE = "content_must_change"
    CH_REJECT = "ch_reject"
    CH_ACCEPT = "ch_accept"
    PAYER_REJECT = "payer_reject"
    PAYER_ACCEPT = "payer_accept"
    PENDING = "pending"
    REMITTANCE = "remittance"
    FURTHER_REMITTANCE = "further_remittance"  # after REPORT_ONLY
    TRANSFER = "transfer"  # CLP02 23, CARC B11
    REVERSAL = "reversal"  # CLP02 22
    VOID_SENT = "void_sent"
    VOID_CONFIRMED = "void_confirmed"
    VOID_REFUSED = "void_refused"
    CLOSE = "close"
    REOPEN = "reopen"
    EDITED = "edited"
    REPLACEMENT_ADJUDICATED = "replacement_adjudicated"
    REFILE = "refile"
    TAKEN_OVER = "taken_over"  # another system sent it, or had it decided, before the claim came here
    TAKEOVER_UNDONE = "takeover_undone"  # what was brought is given back, while nothing has happened to it


ANY_SENT = (
    State.SENT,
    State.FILE_ACCEPTED,
    State.CH_ACCEPTED,
    State.PAYER_ACCEPTED,
    State.PENDED,
    State.PAPER_SENT,
    State.TRANSFERRED,
)
ANY_UNSENT = (State.DRAFT, State.AWAIT_PRIOR, State.AWAIT_CROSSOVER, State.EDIT_HOLD, State.READY)

# How far a version has come; acknowledgements and remittances never move it to a lower rank.
RANK: dict[State, int] = {
    State.NONE: 0,
    State.DRAFT: 10,
    State.AWAIT_PRIOR: 10,
    State.AWAIT_CROSSOVER: 15,
    State.EDIT_HOLD: 20,
    State.ON_HOLD: 20,
    State.READY: 30,
    State.BATCHED: 40,
    State.SENT: 50,
    State.PAPER_SENT: 50,
    State.FILE_REJECTED: 60,
    State.FILE_ACCEPTED: 60,
    State.CH_REJECTED: 70,
    State.CH_ACCEPTED: 70,
    State.PAYER_REJECTED: 80,
    State.PAYER_ACCEPTED: 80,
    State.PENDED: 90,
    State.TRANSFERRED: 95,
    State.ADJUDICATED: 100,
    State.REVERSED: 100,
    State.VOID_PENDING: 100,
    State.CLOSED: 110,
    State.REPLACED: 120,
    State.VOIDED: 120,
    State.CANCELLED: 120,
}

# The state each evidence from outside speaks for: below or at the version's own rank it is late, and only recorded.
EVIDENCE_RANK: dict[Trigger, int] = {
    Trigger.SEND_CONFIRMED: RANK[State.SENT],
    Trigger.FILE_REJECT: RANK[State.FILE_REJECTED],
    Trigger.FILE_ACCEPT: RANK[State.FILE_ACCEPTED],
    Trigger.CH_REJECT: RANK[State.CH_REJECTED],
    Trigger.CH_ACCEPT: RANK[State.CH_ACCEPTED],
    Trigger.PAYER_REJECT: RANK[State.PAYER_REJECTED],
    Trigger.PAYER_ACCEPT: RANK[State.PAYER_ACCEPTED],
    Trigger.PENDING: RANK[State.PENDED],
    Trigger.PRIOR_FORWARDED: RANK[State.AWAIT_CROSSOVER],
    Trigger.PRIOR_ADJUDICATED: RANK[State.AWAIT_CROSSOVER],
    Trigger.REPLACEMENT_ADJUDICATED: RANK[State.REPLACED],
    Trigger.TRANSFER: RANK[State.TRANSFERRED],
    Trigger.REVERSAL: RANK[State.REVERSED],
}


class Rule(msgspec.Struct, frozen=True):
    """One row of the table. `new_version` says that the target is version n+1, this one staying as it is."""

    source: tuple[State, ...]
    target: State
    trigger: Trigger
    new_version: bool = False


S, T = State, Trigger

TABLE: tuple[Rule, ...] = (
    Rule((S.NONE,), S.DRAFT, T.CHARGES_LOCKED),
    Rule((S.NONE,), S.DRAFT, T.CORRECTION),
    Rule((S.NONE,), S.AWAIT_PRIOR, T.LATER_PAYER),
    Rule((S.AWAIT_PRIOR,), S.DRAFT, T.PRIOR_ADJUDICATED),
    Rule((S.AWAIT_PRIOR,), S.AWAIT_CROSSOVER, T.PRIOR_FORWARDED),
    Rule((S.AWAIT_CROSSOVER,), S.ADJUDICATED, T.REMITTANCE),
    Rule((S.AWAIT_CROSSOVER,), S.DRAFT, T.CROSSOVER_FAILED),
    Rule((S.DRAFT, S.EDIT_HOLD), S.EDIT_HOLD, T.FINDING),
    Rule((S.DRAFT, S.EDIT_HOLD), S.READY, T.PASSED),
    Rule((S.DRAFT, S.EDIT_HOLD, S.READY), S.CANCELLED, T.CANCEL),
    Rule(ANY_UNSENT, S.ON_HOLD, T.HOLD),
    Rule((S.READY,), S.BATCHED, T.BATCH),
    Rule((S.BATCHED,), S.READY, T.BATCH_CANCELLED),
    Rule((S.BATCHED,), S.SENT, T.SEND_CONFIRMED),
    Rule((S.READY,), S.PAPER_SENT, T.PRINTED),
    Rule((S.SENT,), S.FILE_REJECTED, T.FILE_REJECT),
    Rule((S.SENT,), S.FILE_ACCEPTED, T.FILE_ACCEPT),
    Rule((S.FILE_REJECTED,), S.READY, T.FIXED),
    Rule((S.SENT, S.FILE_ACCEPTED), S.CH_REJECTED, T.CH_REJECT),
    Rule((S.SENT, S.FILE_ACCEPTED), S.CH_ACCEPTED, T.CH_ACCEPT),
    Rule((S.SENT, S.FILE_ACCEPTED, S.CH_ACCEPTED), S.PAYER_REJECTED, T.PAYER_REJECT),
    Rule((S.SENT, S.FILE_ACCEPTED, S.CH_ACCEPTED), S.PAYER_ACCEPTED, T.PAYER_ACCEPT),
    Rule((S.CH_REJECTED, S.PAYER_REJECTED), S.DRAFT, T.CORRECTION, new_version=True),
    Rule((S.PAYER_ACCEPTED, S.PAPER_SENT), S.PENDED, T.PENDING),
    Rule(ANY_SENT, S.ADJUDICATED, T.REMITTANCE),
    Rule(ANY_SENT, S.TRANSFERRED, T.TRANSFER),
    Rule((S.ADJUDICATED,), S.REVERSED, T.REVERSAL),
    Rule((S.REVERSED,), S.ADJUDICATED, T.REMITTANCE),
    Rule((S.ADJUDICATED,), S.VOID_PENDING, T.VOID_SENT),
    Rule((S.VOID_PENDING,), S.VOIDED, T.VOID_CONFIRMED),
    Rule((S.ADJUDICATED,), S.CLOSED, T.CLOSE),
    Rule((S.CLOSED,), S.ADJUDICATED, T.REOPEN),
    Rule((S.READY,), S.DRAFT, T.EDITED),
    Rule((S.READY,), S.EDIT_HOLD, T.FINDING),
    Rule((S.FILE_REJECTED,), S.DRAFT, T.CONTENT_MUST_CHANGE, new_version=True),
    Rule((S.BATCHED,), S.SENT, T.ACKNOWLEDGED_BEFORE_CONFIRMED),
    Rule((S.AWAIT_PRIOR, S.AWAIT_CROSSOVER), S.CANCELLED, T.NOTHING_TO_BILL),
    Rule((S.ADJUDICATED,), S.REPLACED, T.REPLACEMENT_ADJUDICATED),
    Rule((S.ADJUDICATED,), S.ADJUDICATED, T.FURTHER_REMITTANCE),
    Rule((S.REVERSED,), S.CLOSED, T.CLOSE),
    Rule((S.REVERSED,), S.DRAFT, T.CORRECTION, new_version=True),
    Rule((S.VOID_PENDING,), S.ADJUDICATED, T.VOID_REFUSED),
    Rule((S.TRANSFERRED,), S.DRAFT, T.REFILE, new_version=True),
    # A correction after adjudication is the row "– to DRAFT (n+1)": the old version stays until n+1 is adjudicated.
    Rule((S.ADJUDICATED, S.CLOSED), S.DRAFT, T.CORRECTION, new_version=True),
    Rule((S.DRAFT,), S.SENT, T.TAKEN_OVER),
    Rule((S.SENT,), S.ADJUDICATED, T.TAKEN_OVER),
    Rule((S.SENT, S.ADJUDICATED, S.CLOSED, S.AWAIT_PRIOR), S.CANCELLED, T.TAKEOVER_UNDONE),
)

_BY_CAUSE: dict[tuple[State, Trigger], Rule] = {
    (source, rule.trigger): rule for rule in TABLE for source in rule.source
}


class Transition(msgspec.Struct, frozen=True):
    """A row applies. `new_version` says that `target` is the state of version n+1 and the old version stays."""

    source: State
    target: State
    trigger: Trigger
    new_version: bool = False


class Recorded(msgspec.Struct, frozen=True):
    """The event came late or again: keep it on the timeline, the state stays."""

    state: State
    trigger: Trigger
    why: str


class Refused(msgspec.Struct, frozen=True):
    """No row allows this."""

    state: State
    trigger: Trigger
    why: str


Outcome = Transition | Recorded | Refused


def apply(state: State, trigger: Trigger, *, previous: State | None = None) -> Outcome:
    """What `trigger` does to a version in `state`. `previous` is the state before ON_HOLD, needed for RELEASE."""
    if state is State.ON_HOLD and trigger is Trigger.RELEASE:
        if previous is None or previous not in ANY_UNSENT:
            return Refused(state, trigger, "the state before the hold is not known")
        return Transition(state, previous, trigger)
    rule = _BY_CAUSE.get((state, trigger))
    if rule is not None:
        return Transition(state, rule.target, trigger, rule.new_version)
    evidence = EVIDENCE_RANK.get(trigger)
    if evidence is not None and state not in (State.NONE, *ANY_UNSENT, State.ON_HOLD, State.BATCHED):
        if evidence <= RANK[state]:
            return Recorded(state, trigger, "late or lower rank: the version is already further")
    return Refused(state, trigger, f"no transition from {state.value or 'nothing'} by {trigger.value}")


def may_close(*, payer_balance_is_zero: bool, open_denials: int, open_appeals: int, open_variances: int) -> bool:
    """Whether an adjudicated version may close: its payer's bucket is zero and nothing is open on it."""
    return payer_balance_is_zero and not (open_denials or open_appeals or open_variances)
