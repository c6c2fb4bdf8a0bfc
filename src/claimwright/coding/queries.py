"""Provider queries: a question that does not lead, its evidence and options, its answer, and when it is late.

A query is open until it is answered or withdrawn. While one is open the claim is held; a code is changed on the ground
of a query only when it is answered. Practice: ACDIS/AHIMA guidelines for compliant queries, 2022.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from claimwright.claims.basis import Noun
from claimwright.codes.tables import read_table
from claimwright.coding.advice import OTHER, UNDETERMINED, Evidence

ESCALATION_DAYS = (2, 5, 10)  # domain: a reminder, then the supervisor, then the medical director
_FEWEST_CLINICAL_OPTIONS = 2
_LONGEST_QUESTION = 1000


class QueryState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class QueryRefused(ValueError):
    """A query that may not be sent, answered or withdrawn; the message says what to mend and holds no patient value."""


class ProviderQuery(Noun, frozen=True):
    """One question to one provider about one encounter. `outcome` is the option chosen, `answer` the words beside it.

    No options make an open question. `asked_at` and `settled_at` are moments in UTC; `asked_on` is the local day, from
    which lateness is counted.
    """

    question: str = ""
    options: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    provider_npi: str = ""
    place: str = ""  # the field it is about: diagnoses[1], lines[2].modifiers
    asked_by: str = ""
    asked_at: datetime | None = None
    asked_on: date | None = None
    state: QueryState = QueryState.OPEN
    outcome: str = ""
    answer: str = ""
    answered_by: str = ""
    settled_at: datetime | None = None
    withdrawn_because: str = ""


class QueryFault(Noun, frozen=True):
    """What makes a query unfit to send, and how to mend it."""

    id: str = ""
    message: str = ""
    fix: str = ""


@lru_cache(maxsize=1)
def _leading() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile(rf"\b{re.escape(row['words'])}", re.IGNORECASE), row["why"])
        for row in read_table("leading_words.tsv")
    )


def faults_of(question: str, options: Iterable[str], evidence: Iterable[Evidence]) -> tuple[QueryFault, ...]:
    """Everything that makes the query leading or bare."""
    options = tuple(option.strip() for option in options)
    found = []
    if not question.strip() or len(question) > _LONGEST_QUESTION:
        found.append(QueryFault(id="QUESTION", message="The question is empty or too long", fix="Ask in a few lines"))
    elif "?" not in question:
        found.append(QueryFault(id="NO_QUESTION", message="It asks nothing", fix="End with a question"))
    for text in (question, *options):
        for pattern, why in _leading():
            if pattern.search(text):
                found.append(
                    QueryFault(
                        id="LEADING", message=f"The wording {why}", fix="Describe what the record shows and ask openly"
                    )
                )
    if not any(one.excerpt.strip() and one.source.strip() for one in evidence):
        fix = "Quote what the record says and where"
        found.append(QueryFault(id="NO_EVIDENCE", message="No excerpt of the record is given", fix=fix))
    if options:
        found += _faults_of_options(options)
    return tuple(dict.fromkeys(found))


def _faults_of_options(options: tuple[str, ...]) -> list[QueryFault]:
    found = []
    lowered = [option.lower() for option in options]
    if UNDETERMINED.lower() not in lowered:
        fix = f"Add the option {UNDETERMINED}"
        found.append(QueryFault(id="NO_UNDETERMINED", message="The provider cannot say it is undetermined", fix=fix))
    if not any(option.startswith("other") for option in lowered):
        found.append(QueryFault(id="NO_OTHER", message="The provider cannot answer otherwise", fix=f"Add {OTHER}"))
    clinical = [option for option in lowered if option != UNDETERMINED.lower() and not option.startswith("other")]
    if len(clinical) < _FEWEST_CLINICAL_OPTIONS:
        fix = "Give each option that the evidence supports, or ask an open question without options"
        found.append(QueryFault(id="ONE_OPTION", message="A single option leads", fix=fix))
    if len(set(lowered)) != len(lowered) or "" in lowered:
        found.append(QueryFault(id="OPTIONS", message="An option is empty or given twice", fix="Remove it"))
    return found


def ask(
    *, question: str, options: Iterable[str], evidence: Iterable[Evidence], provider_npi: str, place: str = "",
    asked_by: str, asked_at: datetime, asked_on: date,
) -> ProviderQuery:  # fmt: skip
    """An open query. Raises QueryRefused with every fault of its wording."""
    options, evidence = tuple(options), tuple(evidence)
    faults = faults_of(question, options, evidence)
    if faults:
        raise QueryRefused("; ".join(f"{fault.message}: {fault.fix}" for fault in faults))
    if not asked_by or not provider_npi:
        raise QueryRefused("A query needs who asks and which provider is asked")
    return ProviderQuery(
        question=question.strip(), options=options, evidence=evidence, provider_npi=provider_npi, place=place,
        asked_by=asked_by, asked_at=asked_at, asked_on=asked_on,
    )  # fmt: skip


def answer(query: ProviderQuery, *, outcome: str, words: str = "", by: str, at: datetime) -> ProviderQuery:
    """The answered query. The outcome is one of the options; words are needed for Other and for an open question."""
    _still_open(query)
    if not by:
        raise QueryRefused("An answer needs who gives it")
    chosen = next((option for option in query.options if option.lower() == outcome.strip().lower()), "")
    if query.options and not chosen:
        raise QueryRefused("The answer is none of the options: choose one")
    if (not query.options or chosen.lower().startswith("other")) and not words.strip():
        raise QueryRefused("Say the answer in words")
    return msgspec.structs.replace(
        query, state=QueryState.ANSWERED, outcome=chosen or "answered", answer=words.strip(), answered_by=by,
        settled_at=at,
    )  # fmt: skip


def withdraw(query: ProviderQuery, *, because: str, at: datetime) -> ProviderQuery:
    """The query taken back, with a reason."""
    _still_open(query)
    if not because.strip():
        raise QueryRefused("Say why the query is withdrawn")
    return msgspec.structs.replace(query, state=QueryState.WITHDRAWN, withdrawn_because=because.strip(), settled_at=at)


def _still_open(query: ProviderQuery) -> None:
    if query.state is not QueryState.OPEN:
        raise QueryRefused(f"The query is {query.state} already: ask a new one")


def allows_change(query: ProviderQuery) -> bool:
    """Whether a code may be changed on the ground of it: answered, and with something other than "undetermined"."""
    return query.state is QueryState.ANSWERED and query.outcome != UNDETERMINED


def holds_claim(queries: Iterable[ProviderQuery]) -> bool:
    """Whether the encounter's claim waits: while any query is open."""
    return any(query.state is QueryState.OPEN for query in queries)


def escalation(query: ProviderQuery, today: date) -> int:
    """How often an open query was to be escalated by `today`: 0 before 2 days, then 1, at 5 days 2, at 10 days 3."""
    if query.state is not QueryState.OPEN or query.asked_on is None:
        return 0
    waited = (today - query.asked_on).days
    return sum(waited >= days for days in ESCALATION_DAYS)


def next_escalation(query: ProviderQuery, today: date) -> date | None:
    """The next day on which an open query is escalated; None once all are past or it is settled."""
    if query.state is not QueryState.OPEN or query.asked_on is None:
        return None
    done = escalation(query, today)
    if done >= len(ESCALATION_DAYS):
        return None
    return date.fromordinal(query.asked_on.toordinal() + ESCALATION_DAYS[done])
