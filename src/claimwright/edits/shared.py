"""What several edits ask of one claim, found once in a run of the engine.

An answer lives as long as the run: it is of a patient, and nothing of a patient outlasts the call in memory of this
room. Each thread has its own. Asked outside a run, or about another claim or other facts, a question is answered anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from claimwright.claims.nouns import Claim
from claimwright.edits.facts import Facts

Answer = TypeVar("Answer")
Question = Callable[..., Any]


class _Run(threading.local):
    """The claim that this thread's engine is at, with its facts and the answers found so far."""

    claim: Claim | None = None
    facts: Facts | None = None
    answers: dict[Question, Any] | None = None


_run = _Run()


def begin(claim: Claim, facts: Facts) -> None:
    """From here to `end`, questions about this very claim with these very facts are answered once."""
    _run.claim, _run.facts, _run.answers = claim, facts, {}


def end() -> None:
    """Forgets the claim, its facts and every answer."""
    _run.claim = _run.facts = _run.answers = None


def once_a_claim(question: Callable[[Claim], Answer]) -> Callable[[Claim], Answer]:
    """The question, asked once a run. Its answer must be a value that can be read twice: no iterator."""

    @wraps(question)
    def answer(claim: Claim) -> Answer:
        if _run.claim is not claim:
            return question(claim)
        answers: dict[Question, Answer] = _run.answers  # type: ignore[assignment]
        if question in answers:
            return answers[question]
        found = answers[question] = question(claim)
        return found

    return answer


def once_with_facts(question: Callable[[Claim, Facts], Answer]) -> Callable[[Claim, Facts], Answer]:
    """As `once_a_claim`, for a question whose answer depends on the facts too."""

    @wraps(question)
    def answer(claim: Claim, facts: Facts) -> Answer:
        if _run.claim is not claim or _run.facts is not facts:
            return question(claim, facts)
        answers: dict[Question, Answer] = _run.answers  # type: ignore[assignment]
        if question in answers:
            return answers[question]
        found = answers[question] = question(claim, facts)
        return found

    return answer
