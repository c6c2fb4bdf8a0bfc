"""Norms by fake clock: the day before, the day, the day after; what a 277 means; and that nothing is ever stuck."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimwright.billing.following import (
    DECIDED,
    ENDED,
    Answer,
    Followed,
    InquiryRefused,
    Norm,
    StatusFinding,
    Step,
    answer_of,
    inquiry_of,
    next_of,
    norm_of,
    read_status,
    triggers_of,
)
from claimwright.billing.lifecycle import ANY_SENT, State, Transition, Trigger, apply
from claimwright.billing.policies import DEFAULT_POLICIES
from claimwright.claims.parties import Party
from claimwright.claims.status import LineStatus, StatusCode, StatusReport, StatusStatement
from tests.lib.builders import a_claim

FRIDAY = date(2026, 10, 2)
NORM = Norm(answer_days=21)
ASKING = Norm(answer_days=21, asks_status=True)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def out(state: State, **fields) -> Followed:
    return Followed(**({"state": state, "since": FRIDAY, "sent_on": FRIDAY} | fields))


def told(answer: Answer, on: date = FRIDAY, **fields) -> dict:
    return {"answer": StatusFinding(answer=answer, **fields), "answered_on": on}


# (claim, norm, step, the first day on which it is listed): the day before it is not.
BOUNDARIES = [
    (out(State.SENT), NORM, Step.FILE_ACKNOWLEDGEMENT, FRIDAY + days(1)),
    (out(State.FILE_ACCEPTED), NORM, Step.CLEARINGHOUSE, date(2026, 10, 6)),  # two business days over a weekend
    (out(State.CH_ACCEPTED), NORM, Step.PAYER_ACKNOWLEDGEMENT, date(2026, 10, 9)),
    (out(State.CH_ACCEPTED, sent_on=date(2026, 10, 9)), NORM, Step.PAYER_ACKNOWLEDGEMENT, date(2026, 10, 19)),  # Columbus
    (out(State.PAYER_ACCEPTED), NORM, Step.PAYER_ANSWER, FRIDAY + days(21)),
    (out(State.PENDED), NORM, Step.PAYER_ANSWER, FRIDAY + days(21)),
    (out(State.PAPER_SENT), NORM, Step.PAYER_ANSWER, FRIDAY + days(30)),
    (out(State.TRANSFERRED, since=FRIDAY + days(9)), NORM, Step.PAYER_ANSWER, FRIDAY + days(30)),
    (out(State.VOID_PENDING), NORM, Step.PAYER_ANSWER, FRIDAY + days(21)),
    # A partner that never sends that answer is not waited for: the next one is.
    (out(State.SENT), Norm(file_acknowledgement_days=0), Step.PAYER_ANSWER, FRIDAY + days(21)),
    (out(State.CH_ACCEPTED), Norm(payer_business_days=0), Step.PAYER_ANSWER, FRIDAY + days(21)),
    # Payers that are asked: a person sees what fourteen days of questions did not help, or a question left unanswered.
    (out(State.PAYER_ACCEPTED), ASKING, Step.PAYER_ANSWER, FRIDAY + days(35)),
    (out(State.PAYER_ACCEPTED, asked_on=FRIDAY + days(22)), ASKING, Step.PAYER_ANSWER, FRIDAY + days(25)),
    (out(State.PAYER_ACCEPTED, asked_on=FRIDAY + days(2)), ASKING, Step.PAYER_ANSWER, FRIDAY + days(21)),
    (out(State.PENDED, unanswered_on=FRIDAY + days(22)), ASKING, Step.PAYER_ANSWER, FRIDAY + days(25)),
    (out(State.PENDED, unanswered_on=FRIDAY + days(22), asked_on=FRIDAY + days(29)), ASKING, Step.PAYER_ANSWER,
     FRIDAY + days(25)),
    # What a 277 says.
    (out(State.PENDED, **told(Answer.PAID, payment_on=FRIDAY)), NORM, Step.REMITTANCE, FRIDAY + days(11)),
    (out(State.PENDED, **told(Answer.DENIED, finalized_on=FRIDAY + days(1))), NORM, Step.REMITTANCE, FRIDAY + days(12)),
    (out(State.PENDED, **told(Answer.FINAL, FRIDAY + days(2))), NORM, Step.REMITTANCE, FRIDAY + days(13)),
    (out(State.PENDED, **told(Answer.ERROR, FRIDAY + days(22))), ASKING, Step.PAYER_ANSWER, FRIDAY + days(22)),
    # A payer's promise later than the norm.
    (out(State.PAYER_ACCEPTED, promised_on=FRIDAY + days(40)), NORM, Step.PAYER_ANSWER, FRIDAY + days(40)),
    (out(State.SENT, promised_on=FRIDAY), NORM, Step.FILE_ACKNOWLEDGEMENT, FRIDAY + days(1)),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "norm", "step", "due"), BOUNDARIES)
def test_a_claim_is_listed_from_the_day_its_norm_has_passed(claim, norm, step, due):
    for today, listed in ((due - days(1), False), (due, True), (due + days(1), True)):
        found = next_of(claim, norm, today)
        assert (found.step, found.listed) == (step, listed), today
    assert next_of(claim, norm, due).due_on == due
    assert next_of(claim, norm, due + days(3)).days_over(due + days(3)) == 3


@pytest.mark.parametrize(
    ("asked", "answered", "today", "ask"),
    [
        (None, None, FRIDAY + days(20), False),
        (None, None, FRIDAY + days(21), True),
        (FRIDAY + days(21), None, FRIDAY + days(22), False),  # one at a time
        (None, FRIDAY + days(22), FRIDAY + days(28), False),
        (None, FRIDAY + days(22), FRIDAY + days(29), True),  # a week after the answer
        (None, FRIDAY + days(36), FRIDAY + days(43), True),  # a person sees it, and it is still asked
    ],
)
def test_the_payer_is_asked_from_its_norm_on_and_each_week(asked, answered, today, ask):
    fields = told(Answer.PENDING, answered) if answered else {}
    assert next_of(out(State.PENDED, asked_on=asked, **fields), ASKING, today).ask is ask
    assert not next_of(out(State.PENDED, asked_on=asked, **fields), NORM, today).ask, "this payer takes no questions"


def test_a_question_without_an_answer_stays_with_a_person_and_is_asked_again_in_a_week():
    silent = out(State.PENDED, unanswered_on=FRIDAY + days(22))
    assert [next_of(silent, ASKING, FRIDAY + days(n)).ask for n in (28, 29)] == [False, True]
    answered = msgspec.structs.replace(silent, **told(Answer.PENDING, FRIDAY + days(30)))
    assert not next_of(answered, ASKING, FRIDAY + days(31)).listed


def test_a_payer_that_was_down_is_asked_again_the_next_day():
    down = out(State.PENDED, **told(Answer.UNAVAILABLE, FRIDAY + days(22)))
    assert [next_of(down, ASKING, FRIDAY + days(n)).ask for n in (22, 23)] == [False, True]


def test_information_and_claims_not_on_file_are_listed_at_once():
    asked = next_of(out(State.PENDED, **told(Answer.INFORMATION)), NORM, FRIDAY)
    assert (asked.step, asked.due_on, asked.listed) == (Step.INFORMATION, FRIDAY + days(23), True)
    limit = next_of(out(State.PENDED, information_by=FRIDAY + days(10), **told(Answer.INFORMATION)), NORM, FRIDAY)
    assert limit.due_on == FRIDAY + days(3), "seven days before the payer's own limit"
    for answer in (Answer.NOT_FOUND, Answer.REJECTED):
        lost = next_of(out(State.PAYER_ACCEPTED, **told(answer)), NORM, FRIDAY)
        assert (lost.step, lost.listed) == (Step.NOT_ON_FILE, True)
    later = out(State.PAYER_ACCEPTED, since=FRIDAY + days(2), **told(Answer.NOT_FOUND))
    assert next_of(later, NORM, FRIDAY + days(2)).step is Step.PAYER_ANSWER, "the payer took it in after that answer"


def test_the_norm_is_the_payers_own_over_its_usual_days_over_the_policies():
    usual = norm_of(DEFAULT_POLICIES, usual_pay_days=10)
    assert (usual.answer_days, usual.paper_answer_days, usual.ask_again_days) == (10, 30, 7)
    assert norm_of(DEFAULT_POLICIES, usual_pay_days=10, kind="medicare").answer_days == 14, "the payment floor"
    own = norm_of(DEFAULT_POLICIES, usual_pay_days=10, answer_days=45, payer_business_days=0, ask_again_days=None)
    assert (own.answer_days, own.paper_answer_days, own.payer_business_days, own.ask_again_days) == (45, 45, 0, 7)
    practice = msgspec.structs.replace(DEFAULT_POLICIES, clearinghouse_business_days=4)
    assert norm_of(practice, usual_pay_days=10).clearinghouse_business_days == 4


@given(
    state=st.sampled_from([one for one in State if one is not State.NONE]), asks=st.booleans(), held=st.booleans(),
    answer=st.none() | st.sampled_from(list(Answer)), ago=st.integers(0, 400), asked=st.none() | st.integers(0, 30),
    promised=st.none() | st.integers(-30, 60), sent=st.booleans(),
)  # fmt: skip
def test_no_claim_is_ever_without_a_next_step_and_a_day(state, asks, held, answer, ago, asked, promised, sent):
    today = date(2026, 12, 31)
    since = today - days(ago)
    claim = Followed(
        state=state, since=since, sent_on=since if sent else None, held_remittance=held,
        answer=StatusFinding(answer=answer) if answer else None, answered_on=since if answer else None,
        asked_on=today - days(asked) if asked is not None else None,
        promised_on=today + days(promised) if promised is not None else None,
    )  # fmt: skip
    found = next_of(claim, Norm(asks_status=asks), today)
    assert (found is None) == (state in ENDED)
    if found is None:
        return
    assert not found.listed or found.due_on <= today or found.step is Step.INFORMATION
    if state in ANY_SENT and not held and found.due_on < today - days(60):
        assert found.listed, "nothing out for so long is off every list"
    assert next_of(msgspec.structs.replace(claim, superseded=True), Norm(), today) is None


@pytest.mark.parametrize(
    ("category", "answer"),
    [
        ("A0", "received"), ("A1", "received"), ("A2", "received"), ("A3", "rejected"), ("A4", "not_found"),
        ("A5", "received"), ("A6", "rejected"), ("A7", "rejected"), ("A8", "rejected"), ("P0", "pending"),
        ("P1", "pending"), ("P2", "pending"), ("P3", "pending"), ("P4", "pending"), ("P5", "pending"),
        ("R0", "information"), ("R3", "information"), ("R4", "information"), ("R16", "information"),
        ("RQ", "information"), ("F0", "final"), ("F1", "paid"), ("F2", "denied"), ("F3", "final"), ("F3F", "forwarded"),
        ("F3N", "final"), ("F4", "no_payment"), ("D0", "not_found"), ("E0", "error"), ("E1", "unavailable"), ("E2", "unavailable"), ("E4", "error"), ("", "error"),
        ("Z9", "error"),
    ],
)  # fmt: skip
def test_each_category_has_its_meaning(category, answer):
    assert answer_of(category) == answer


def statement(*codes: str, **fields) -> StatusStatement:
    made = tuple(StatusCode(category=one.split(":")[0], code=one.split(":")[1]) for one in codes)
    return StatusStatement(codes=made, **fields)


def test_of_several_statements_that_which_counts_most_speaks():
    paid = statement("F1:65", paid=Decimal("80.00"), payment_trace="CHK1", payment_date=FRIDAY)
    report = StatusReport(statuses=(statement("P1:20"), paid, statement("A1:19")))
    found = read_status(report)
    assert (found.answer, found.paid, found.payment_trace) == (Answer.PAID, Decimal("80.00"), "CHK1")
    assert found.codes == ("P1:20", "F1:65", "A1:19")
    assert read_status(StatusReport(statuses=(paid, statement("R4:294")))).answer is Answer.INFORMATION
    assert read_status(StatusReport(lines=(LineStatus(statuses=(statement("F2:585"),)),))).answer is Answer.DENIED
    assert read_status(StatusReport()).answer is Answer.ERROR


def test_an_answer_moves_a_claim_only_where_the_lifecycle_has_the_step_and_never_decides_it():
    moved = set()
    for state in ANY_SENT:
        for answer in Answer:
            at = state
            for trigger in triggers_of(answer, state):
                outcome = apply(at, trigger)
                assert isinstance(outcome, Transition), (state, answer, trigger)
                at = outcome.target
            assert at is not State.ADJUDICATED
            moved |= {(state, answer, at)} if at is not state else set()
    assert (State.CH_ACCEPTED, Answer.PENDING, State.PENDED) in moved
    assert (State.SENT, Answer.REJECTED, State.PAYER_REJECTED) in moved
    assert not [row for row in moved if row[0] in (State.PENDED, State.TRANSFERRED)]
    assert all(triggers_of(one, State.SENT) == (Trigger.PAYER_ACCEPT,) for one in DECIDED)


def test_a_question_names_the_claim_as_it_was_sent_and_says_what_is_missing():
    claim, receiver = a_claim(), Party(role="41", identifier="LAKESIDE01")
    made = inquiry_of(claim, trace="CS1", receiver=receiver, payer_id="PID9", payer_claim_number="ICN7")
    assert (made.payer.identifier, made.payer_claim_number, made.patient_control_number) == (
        "PID9", "ICN7", claim.control_number,
    )  # fmt: skip
    assert (made.charge, made.trace_number, made.dates.start) == (claim.total_charge, "CS1", claim.date_of_service)
    lost = msgspec.structs.replace(claim, coverage=msgspec.structs.replace(claim.coverage, member_id=""))
    with pytest.raises(InquiryRefused, match="the member's number"):
        inquiry_of(lost, trace="CS1", receiver=receiver)
