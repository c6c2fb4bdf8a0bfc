"""Following a claim that is out: what is awaited next, until when, and what a payer's status answer (277) means.

Every version that is not at its end has a next step and a day on which somebody looks again; none is silently stuck.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from claimwright.billing.lifecycle import ANY_SENT, State, Trigger
from claimwright.billing.policies import DEFAULT_POLICIES, Policies
from claimwright.claims.inquiries import payer_party, provider_party, subscriber_and_dependent
from claimwright.claims.nouns import Claim, Noun
from claimwright.claims.parties import Party, Period, Reference
from claimwright.claims.status import ClaimInquiry, StatusReport, StatusStatement
from claimwright.codes.dates import add_business_days

MEDICARE = "medicare"
DOWN_DAYS = 1  # a payer whose system was down is asked again the next day
ENDED = (State.CANCELLED, State.CLOSED, State.REPLACED, State.VOIDED)


class Step(StrEnum):
    """What a version waits for, or what is to be done with it."""

    SEND = "send"  # not out yet: edits, the next file
    HOLD = "hold"
    PRIOR_PAYER = "prior_payer"
    CROSSOVER = "crossover"
    CORRECT = "correct"  # a front end refused it
    FILE_ACKNOWLEDGEMENT = "file_acknowledgement"  # TA1, 999
    CLEARINGHOUSE = "clearinghouse"  # its 277CA
    PAYER_ACKNOWLEDGEMENT = "payer_acknowledgement"  # the payer's own 277CA
    PAYER_ANSWER = "payer_answer"  # its decision
    REMITTANCE = "remittance"  # decided, says the payer; its 835 is not here
    INFORMATION = "information"  # the payer waits for something of ours
    NOT_ON_FILE = "not_on_file"  # the payer does not find it
    POSTING = "posting"  # its 835 is here and held
    SETTLE = "settle"  # decided: denial, next payer, balance


class Norm(Noun, frozen=True, kw_only=True):
    """How long each answer may take, from the day the claim went out. Zero of a kind: this partner never sends it.

    Days are calendar days but where the name says business days. Source of the defaults: domain section 6, timers.
    """

    file_acknowledgement_days: int = DEFAULT_POLICIES.file_acknowledgement_days
    clearinghouse_business_days: int = DEFAULT_POLICIES.clearinghouse_business_days
    payer_business_days: int = DEFAULT_POLICIES.payer_acknowledgement_business_days
    answer_days: int = 21
    paper_answer_days: int = DEFAULT_POLICIES.paper_answer_days
    ask_again_days: int = DEFAULT_POLICIES.status_again_days
    status_answer_days: int = DEFAULT_POLICIES.status_answer_days
    person_after_days: int = DEFAULT_POLICIES.status_person_after_days
    remittance_days: int = DEFAULT_POLICIES.missing_remittance_days
    information_notice_days: int = DEFAULT_POLICIES.information_notice_days
    information_days: int = DEFAULT_POLICIES.information_days
    crossover_days: int = DEFAULT_POLICIES.crossover_wait_days
    asks_status: bool = False  # 276 over its connection; otherwise a person asks


def norm_of(
    policies: Policies, *, usual_pay_days: int, kind: str = "", asks_status: bool = False, **own: int | None
) -> Norm:
    """The norm of one payer: its `own` days where it has them, its usual days to pay, the practice's policies.

    Medicare may not pay before its payment floor (day 14, electronic): asking earlier has one answer only.
    """
    answer = own.pop("answer_days", None) or usual_pay_days
    if kind == MEDICARE:
        answer = max(answer, policies.medicare_floor_days)
    days: dict[str, int] = {
        "file_acknowledgement_days": policies.file_acknowledgement_days,
        "clearinghouse_business_days": policies.clearinghouse_business_days,
        "payer_business_days": policies.payer_acknowledgement_business_days,
        "answer_days": answer, "paper_answer_days": max(policies.paper_answer_days, answer),
        "ask_again_days": policies.status_again_days, "status_answer_days": policies.status_answer_days,
        "person_after_days": policies.status_person_after_days, "remittance_days": policies.missing_remittance_days,
        "information_notice_days": policies.information_notice_days, "information_days": policies.information_days,
        "crossover_days": policies.crossover_wait_days,
    }  # fmt: skip
    days |= {name: count for name, count in own.items() if count is not None}
    return Norm(asks_status=asks_status, **days)


# What a 277 says -----------------------------------------------------------------------------------------------------


class Answer(StrEnum):
    """A payer's word on one claim, in the order in which one of several counts most."""

    INFORMATION = "information"  # R: it waits for something
    PAID = "paid"  # F1
    DENIED = "denied"  # F2
    NO_PAYMENT = "no_payment"  # F4: finished, nothing to pay
    FINAL = "final"  # F0, F3, F3N: finished, nothing more said
    FORWARDED = "forwarded"  # F3F: it went to another payer
    PENDING = "pending"  # P
    REJECTED = "rejected"  # A3, A6, A7, A8: it never went into adjudication
    RECEIVED = "received"  # A0, A1, A2, A5
    NOT_FOUND = "not_found"  # A4, D0
    UNAVAILABLE = "unavailable"  # E1, E2: its system was down
    ERROR = "error"  # other E: the question itself is not taken


DECIDED = (Answer.PAID, Answer.DENIED, Answer.NO_PAYMENT, Answer.FINAL)
_BY_CATEGORY = {
    "F1": Answer.PAID, "F2": Answer.DENIED, "F4": Answer.NO_PAYMENT, "F3F": Answer.FORWARDED, "A4": Answer.NOT_FOUND,
    "D0": Answer.NOT_FOUND, "E1": Answer.UNAVAILABLE, "E2": Answer.UNAVAILABLE, "A3": Answer.REJECTED, "A6": Answer.REJECTED, "A7": Answer.REJECTED, "A8": Answer.REJECTED,
}  # fmt: skip
_BY_LETTER = {
    "R": Answer.INFORMATION, "F": Answer.FINAL, "P": Answer.PENDING, "A": Answer.RECEIVED, "E": Answer.ERROR,
    "D": Answer.NOT_FOUND,
}  # fmt: skip
_ORDER = tuple(Answer)


class StatusFinding(Noun, frozen=True, kw_only=True):
    """What one 277 says of one claim. `paid` and `charge` in dollars; None where it does not say."""

    answer: Answer
    codes: tuple[str, ...] = ()  # category:status:entity
    effective_on: date | None = None
    finalized_on: date | None = None
    payment_on: date | None = None
    payment_trace: str = ""
    charge: Decimal | None = None
    paid: Decimal | None = None
    payer_claim_number: str = ""
    message: str = ""


def answer_of(category: str) -> Answer:
    """One status category (STC01-1). One that nobody listed is no answer."""
    return _BY_CATEGORY.get(category) or _BY_LETTER.get(category[:1], Answer.ERROR)


def read_status(report: StatusReport) -> StatusFinding:
    """The one meaning of a report: of its claim-level statements, else of its lines', that which counts most."""
    statements = report.statuses or tuple(one for line in report.lines for one in line.statuses)
    ranked: list[tuple[int, int, StatusStatement]] = sorted(
        (_ORDER.index(answer_of(code.category)), at, one)
        for at, one in enumerate(statements)
        for code in one.codes
    ) if statements else []  # fmt: skip
    if not ranked:
        return StatusFinding(answer=Answer.ERROR, payer_claim_number=report.payer_claim_number)
    at, _, chosen = ranked[0]
    return StatusFinding(
        answer=_ORDER[at],
        codes=tuple(
            ":".join(filter(None, (code.category, code.code, code.entity))) for one in statements for code in one.codes
        ),
        effective_on=chosen.effective_date, finalized_on=chosen.finalized_date, payment_on=chosen.payment_date,
        payment_trace=chosen.payment_trace, charge=chosen.charge, paid=chosen.paid,
        payer_claim_number=report.payer_claim_number, message=" ".join(filter(None, (o.message for o in statements))),
    )  # fmt: skip


def triggers_of(answer: Answer, state: State) -> tuple[Trigger, ...]:
    """The steps of the lifecycle that the answer proves; none where it says nothing new of the state.

    A payer that has the claim in process has taken it in, whatever became of its 277CA. Money and denials move by the
    835 alone: a 277 that says paid moves nothing.
    """
    early = (State.SENT, State.FILE_ACCEPTED, State.CH_ACCEPTED)
    if answer in (Answer.PENDING, Answer.INFORMATION):
        return (Trigger.PAYER_ACCEPT, Trigger.PENDING) if state in early else (
            (Trigger.PENDING,) if state in (State.PAYER_ACCEPTED, State.PAPER_SENT) else ()
        )  # fmt: skip
    if state in early and answer is Answer.REJECTED:
        return (Trigger.PAYER_REJECT,)
    if state in early and (answer in DECIDED or answer is Answer.RECEIVED):
        return (Trigger.PAYER_ACCEPT,)
    return ()


# What comes next -----------------------------------------------------------------------------------------------------


class Followed(Noun, frozen=True, kw_only=True):
    """A version as it stands. `since` is the day it came into its state, `sent_on` the last day it went out."""

    state: State
    since: date
    sent_on: date | None = None
    hold_until: date | None = None
    asked_on: date | None = None  # the open question's day; None while none waits
    unanswered_on: date | None = None  # the day of the last question that nobody answered
    answer: StatusFinding | None = None  # the last one after it was last sent
    answered_on: date | None = None
    information_by: date | None = None  # the payer's own limit for what it asked
    held_remittance: bool = False
    superseded: bool = False  # a later version stands in its place
    promised_on: date | None = None  # the next action of the last call or letter to the payer


class Next(Noun, frozen=True, kw_only=True):
    """The next step of a version: on `due_on` somebody looks. `listed` is on a worklist today; `ask` sends a 276."""

    step: Step
    due_on: date
    listed: bool = False
    ask: bool = False

    def days_over(self, today: date) -> int:
        return max((today - self.due_on).days, 0)


def next_of(claim: Followed, norm: Norm, today: date) -> Next | None:
    """What follows for the version; None once it has ended. A promise of the payer's later than the norm is waited for."""
    if claim.state in ENDED or claim.superseded:
        return None
    if claim.state not in ANY_SENT:
        return _beside(claim, norm, today)
    if claim.held_remittance:
        return Next(step=Step.POSTING, due_on=claim.since)  # the list of what holds it shows it
    found = _answered(claim, norm, today) or _awaited(claim, norm, today)
    promised = claim.promised_on
    if promised is not None and (promised > found.due_on or promised > today):
        return Next(step=found.step, due_on=promised, listed=promised <= today)
    return found


def _beside(claim: Followed, norm: Norm, today: date) -> Next:
    """The versions that wait for no answer of a partner; each has a list of its own elsewhere."""
    state, since = claim.state, claim.since
    if state is State.ON_HOLD:
        return Next(step=Step.HOLD, due_on=claim.hold_until or since)
    if state is State.AWAIT_CROSSOVER:
        return Next(step=Step.CROSSOVER, due_on=since + timedelta(days=norm.crossover_days))
    if state is State.AWAIT_PRIOR:
        return Next(step=Step.PRIOR_PAYER, due_on=since + timedelta(days=norm.answer_days))
    if state in (State.FILE_REJECTED, State.CH_REJECTED, State.PAYER_REJECTED):
        return Next(step=Step.CORRECT, due_on=since)
    if state in (State.ADJUDICATED, State.REVERSED):
        return Next(step=Step.SETTLE, due_on=since)
    if state is State.VOID_PENDING:
        due = since + timedelta(days=norm.answer_days)
        return Next(step=Step.PAYER_ANSWER, due_on=due, listed=due <= today)
    return Next(step=Step.SEND, due_on=since + timedelta(days=1))


def _answered(claim: Followed, norm: Norm, today: date) -> Next | None:
    """What the payer's last status answer leaves to do; None where it leaves the wait as it was."""
    told, on = claim.answer, claim.answered_on
    if told is None or on is None:
        return None
    if told.answer is Answer.INFORMATION:
        limit = claim.information_by or on + timedelta(days=norm.information_days)
        due = max(limit - timedelta(days=norm.information_notice_days), on)
        return Next(step=Step.INFORMATION, due_on=due, listed=True)  # the sooner it goes, the sooner it is paid
    if told.answer in DECIDED:
        base = told.payment_on or told.finalized_on or on
        due = base + timedelta(days=norm.remittance_days + 1)  # more than so many days
        return Next(step=Step.REMITTANCE, due_on=due, listed=due <= today)
    if told.answer in (Answer.NOT_FOUND, Answer.REJECTED) and on >= claim.since:
        return Next(step=Step.NOT_ON_FILE, due_on=on, listed=True)
    return None


def _awaited(claim: Followed, norm: Norm, today: date) -> Next:
    """The next answer by the norm: the file's, the clearinghouse's, the payer's, then its decision."""
    sent = claim.sent_on or claim.since
    ladder = (
        (State.SENT, Step.FILE_ACKNOWLEDGEMENT, norm.file_acknowledgement_days, _days_after),
        (State.FILE_ACCEPTED, Step.CLEARINGHOUSE, norm.clearinghouse_business_days, add_business_days),
        (State.CH_ACCEPTED, Step.PAYER_ACKNOWLEDGEMENT, norm.payer_business_days, add_business_days),
    )
    for state, step, days, after in ladder:
        if claim.state is state and days:
            due = after(sent, days)
            return Next(step=step, due_on=due, listed=due <= today)
    start = claim.since if claim.state is State.TRANSFERRED else sent
    days = norm.paper_answer_days if claim.state is State.PAPER_SENT else norm.answer_days
    return _decision(claim, norm, start + timedelta(days=days), today)


def _days_after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _decision(claim: Followed, norm: Norm, due: date, today: date) -> Next:
    """The payer's norm, then a question each week. A person sees it when no question goes, or none helped in time."""
    step = Step.PAYER_ANSWER
    if not norm.asks_status:
        return Next(step=step, due_on=due, listed=due <= today)
    silent = claim.unanswered_on
    if silent is not None and (claim.answered_on is None or claim.answered_on < silent):
        wait = max(due, silent + timedelta(days=norm.status_answer_days))
        again = max(due, silent + timedelta(days=norm.ask_again_days))
        return Next(step=step, due_on=wait, listed=wait <= today, ask=claim.asked_on is None and again <= today)
    if claim.asked_on is not None:
        wait = claim.asked_on + timedelta(days=norm.status_answer_days)
        return Next(step=step, due_on=max(due, wait), listed=max(due, wait) <= today)
    last = due + timedelta(days=norm.person_after_days)
    again = due
    if claim.answered_on is not None:
        said = claim.answer.answer if claim.answer is not None else Answer.ERROR
        wait_days = DOWN_DAYS if said is Answer.UNAVAILABLE else norm.ask_again_days
        again = max(due, claim.answered_on + timedelta(days=wait_days))
        if said is Answer.ERROR:  # the same question has the same answer: a person mends it
            last = max(due, claim.answered_on)
    if last <= today:
        return Next(step=step, due_on=last, listed=True, ask=again <= today)
    return Next(step=step, due_on=min(again, last), ask=again <= today)


# The question --------------------------------------------------------------------------------------------------------


class InquiryRefused(ValueError):
    """A question that cannot be asked over a connection; the text says why and what to do."""


def inquiry_of(
    claim: Claim, *, trace: str, receiver: Party, payer_id: str = "", payer_claim_number: str = ""
) -> ClaimInquiry:
    """The 276's question about a claim as it was sent. `receiver` is who asks (41), `payer_id` the payer's id on 276s.

    Raises InquiryRefused where the guide asks for what the claim does not have.
    """
    payer = payer_party(claim.coverage.payer)
    if payer_id:
        payer = msgspec.structs.replace(payer, identifier=payer_id)
    first = min((line.date_from for line in claim.lines if line.date_from), default=None)
    last = max((line.date_to or line.date_from for line in claim.lines if line.date_from), default=None)
    subscriber, dependent = subscriber_and_dependent(claim.coverage, claim.patient, "QC")
    lacks = [
        name
        for name, value in (
            ("the payer's id", payer.identifier), ("the member's number", claim.coverage.member_id),
            ("a date of service", first), ("the billing provider's NPI", claim.billing_provider.npi),
        ) if not value
    ]  # fmt: skip
    if lacks:
        raise InquiryRefused(f"the claim lacks {', '.join(lacks)}")
    numbers = (("1K", payer_claim_number), ("EJ", claim.control_number))
    return ClaimInquiry(
        payer=payer, receiver=receiver, providers=(provider_party(claim.billing_provider),), subscriber=subscriber,
        dependent=dependent, trace_number=trace,
        references=tuple(Reference(qualifier=kind, value=value) for kind, value in numbers if value),
        charge=claim.total_charge, dates=Period(qualifier="472", start=first, end=last if last != first else None),
    )  # fmt: skip
