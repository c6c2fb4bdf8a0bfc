"""Provider queries: what may be asked, how it is settled, when it is late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from claimwright.coding.advice import OTHER, UNDETERMINED, Evidence
from claimwright.coding.queries import (
    QueryRefused,
    QueryState,
    allows_change,
    answer,
    ask,
    escalation,
    faults_of,
    holds_claim,
    next_escalation,
    withdraw,
)

AT = datetime(2026, 5, 4, 15, 0, tzinfo=UTC)
ASKED = date(2026, 5, 4)
NOTE = (Evidence(excerpt="ankle swollen and tender over the lateral malleolus", source="note 12, exam"),)
OPTIONS = ("Right ankle", "Left ankle", "Both ankles", OTHER, UNDETERMINED)
QUESTION = "The exam describes a swollen ankle. Which side was examined?"


def a_query(**changes):
    given = {
        "question": QUESTION, "options": OPTIONS, "evidence": NOTE, "provider_npi": "1234567893", "asked_by": "coder",
        "asked_at": AT, "asked_on": ASKED,
    }  # fmt: skip
    return ask(**(given | changes))


def test_a_fair_query_is_open_and_holds_the_claim():
    query = a_query()
    assert query.state is QueryState.OPEN and holds_claim([query]) and not allows_change(query)


@pytest.mark.parametrize(
    ("question", "options", "evidence", "fault"),
    [
        ("", OPTIONS, NOTE, "QUESTION"),
        ("x?" * 600, OPTIONS, NOTE, "QUESTION"),
        ("Say the side.", OPTIONS, NOTE, "NO_QUESTION"),
        ("Please document the right ankle?", OPTIONS, NOTE, "LEADING"),
        ("Would you agree that it is the right ankle?", OPTIONS, NOTE, "LEADING"),
        ("Which side? The left one has a higher level of reimbursement.", OPTIONS, NOTE, "LEADING"),
        (QUESTION, ("Right ankle, raises the DRG", *OPTIONS[1:]), NOTE, "LEADING"),
        (QUESTION, OPTIONS, (), "NO_EVIDENCE"),
        (QUESTION, OPTIONS, (Evidence(excerpt="swollen"),), "NO_EVIDENCE"),
        (QUESTION, OPTIONS[:4], NOTE, "NO_UNDETERMINED"),
        (QUESTION, (*OPTIONS[:3], UNDETERMINED), NOTE, "NO_OTHER"),
        (QUESTION, ("Right ankle", OTHER, UNDETERMINED), NOTE, "ONE_OPTION"),
        (QUESTION, (*OPTIONS, "right ankle"), NOTE, "OPTIONS"),
    ],
)
def test_what_may_not_be_asked(question, options, evidence, fault):
    assert {found.id for found in faults_of(question, options, evidence)} == {fault}
    with pytest.raises(QueryRefused):
        a_query(question=question, options=options, evidence=evidence)


def test_an_open_question_needs_no_options():
    query = a_query(options=())
    with pytest.raises(QueryRefused, match="in words"):
        answer(query, outcome="", by="dr", at=AT)
    assert answer(query, outcome="", words="Left.", by="dr", at=AT).answer == "Left."


def test_answering():
    query = answer(a_query(), outcome="left ankle", by="dr", at=AT)
    assert (query.outcome, query.state) == ("Left ankle", QueryState.ANSWERED)
    assert allows_change(query) and not holds_claim([query])
    for again in (
        lambda: answer(query, outcome="Right ankle", by="dr", at=AT),
        lambda: withdraw(query, because="x", at=AT),
    ):
        with pytest.raises(QueryRefused, match="already"):
            again()


def test_answers_that_are_none():
    for outcome, words, by in (("Neither", "", "dr"), (OTHER, "", "dr"), ("Left ankle", "", "")):
        with pytest.raises(QueryRefused):
            answer(a_query(), outcome=outcome, words=words, by=by, at=AT)


def test_undetermined_and_withdrawn_change_no_code():
    assert not allows_change(answer(a_query(), outcome=UNDETERMINED, by="dr", at=AT))
    assert not allows_change(withdraw(a_query(), because="asked twice", at=AT))
    with pytest.raises(QueryRefused, match="why"):
        withdraw(a_query(), because=" ", at=AT)


@pytest.mark.parametrize(
    ("days", "times", "following"),
    [(0, 0, 2), (1, 0, 2), (2, 1, 5), (4, 1, 5), (5, 2, 10), (9, 2, 10), (10, 3, None), (40, 3, None)],
)
def test_escalation_at_two_five_and_ten_days(days, times, following):
    query, today = a_query(), ASKED + timedelta(days=days)
    assert escalation(query, today) == times
    assert next_escalation(query, today) == (ASKED + timedelta(days=following) if following else None)
    settled = withdraw(query, because="x", at=AT)
    assert escalation(settled, today) == 0 and next_escalation(settled, today) is None
