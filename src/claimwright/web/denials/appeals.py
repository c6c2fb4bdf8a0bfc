"""Appeals by level: drafted, sent, chased, decided. What was won is decided by the ledger; a letter is only a promise."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from claimwright.billing import appeals as rules
from claimwright.billing.denials import OPEN_STATES, AppealState, DenialState, appeal_may_become
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, raise_work_item, record_audit, resolve_work_items
from claimwright.web.core.worklists import Worklist
from claimwright.web.denials.models import Appeal, Denial
from claimwright.web.denials.services import DenialStepRefused, become, decision
from claimwright.web.practice.selectors import payer_profile

OUT = (AppealState.SENT.value, AppealState.NO_RESPONSE.value)
UNPAID_PROMISE_DAYS = 30  # how long the money of a favourable letter is waited for; our own habit


def levels_of(denial: Denial, on: date | None = None) -> tuple[rules.Level, ...]:
    return rules.appeal_levels(payer_profile(denial.payer), on or clock.today())


def level_of(appeal: Appeal) -> rules.Level:
    """The level as it stood when it was asked for; beyond the payer's last one, that."""
    levels = levels_of(appeal.denial, appeal.sent_on)
    return levels[min(appeal.level, len(levels)) - 1]


def next_level(denial: Denial) -> tuple[int, date]:
    """The level that may be asked for next, and the day of the decision it is asked against."""
    last = denial.appeals.exclude(state=AppealState.WITHDRAWN.value).order_by("-level", "-decided_on").first()
    if last is None:
        return 1, denial.received_on
    if last.state == AppealState.DISMISSED.value:  # nobody looked at the merits: the same level again, if in time
        return last.level, last.notice_on or denial.received_on
    return last.level + 1, last.decided_on or clock.today()


@transaction.atomic
def draft_appeal(
    *, denial: Denial, argument: str = "", for_patient: bool = False, good_cause: str = "",
    decision_received: date | None = None,
) -> Appeal:  # fmt: skip
    """The next level as a draft. `decision_received`: the day the decision is shown to have come, else it is presumed.

    Raises DenialStepRefused where the payer grants none, a correction is open, one is out, or the amount is too small.
    """
    denial = Denial.objects.select_for_update().get(pk=denial.pk)
    if not denial.appealable or denial.state not in OPEN_STATES:
        raise DenialStepRefused("this denial cannot be appealed: fix and resend, or write off")
    if decision(denial=denial, our_data_was_wrong=False, late_allowed=True).appeal_enabled is False:
        raise DenialStepRefused("no appeal while a correction is open, or where the payer wants a new claim or records")
    if denial.appeals.filter(state__in=[AppealState.DRAFT.value, *OUT]).exists():
        raise DenialStepRefused("an appeal of this denial is open already")
    number, notice = next_level(denial)
    try:
        level = rules.level_numbered(levels_of(denial), number)
    except rules.NoSuchLevel as refused:
        raise DenialStepRefused(str(refused)) from None
    last_day = rules.ask_by(level, notice=notice, received=decision_received)
    problem = rules.refusal(level, amount=denial.amount, last_day=last_day, on=clock.today(), good_cause=good_cause)
    if problem:
        raise DenialStepRefused(problem)
    if denial.state == DenialState.UPHELD:
        become(denial, DenialState.ESCALATED)
    appeal = Appeal.objects.create(
        denial=denial, level=number, level_name=level.name, state=AppealState.DRAFT.value, amount=denial.amount,
        notice_on=notice, last_day=last_day, argument=argument.strip(), for_patient=for_patient,
        good_cause=good_cause.strip(), method=level.method, written_by=actor(),
    )  # fmt: skip
    record_audit(action="appeal.draft", subject_type="appeal", subject_id=appeal.pk, detail=f"level {number}")
    return appeal


def rewrite_appeal(*, appeal: Appeal, argument: str, for_patient: bool) -> None:
    """Change a draft. What went out stays as it is."""
    if appeal.state != AppealState.DRAFT:
        raise DenialStepRefused("it went out already: what it says stays")
    appeal.argument, appeal.for_patient = argument.strip(), for_patient
    appeal.save(update_fields=["argument", "for_patient"])


@transaction.atomic
def send_appeal(
    *, appeal: Appeal, method: str, tracking: str = "", sent_on: date | None = None, packet: object = None
) -> Appeal:
    """It went out. `packet` is the document that was sent, kept as it is.

    Raises DenialStepRefused for a late one without good cause, an unknown method, or mail and fax without tracking.
    """
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    on = sent_on or clock.today()
    if method not in rules.METHODS:
        raise DenialStepRefused(f"it goes by one of {', '.join(rules.METHODS)}")
    if not tracking.strip():
        raise DenialStepRefused(
            "give the tracking, confirmation or call reference number: without it nothing is proved"
        )
    if appeal.state != AppealState.DRAFT:
        raise DenialStepRefused("it went out already")
    if on > clock.today() or (appeal.notice_on and on < appeal.notice_on):
        raise DenialStepRefused("the day it was sent lies between the decision and today")
    level = level_of(appeal)
    late = appeal.last_day is not None and on > appeal.last_day
    if late and not appeal.good_cause:
        raise DenialStepRefused(f"the last day was {appeal.last_day}: give the good cause for being late, or write off")
    become(appeal.denial, DenialState.ACTION_SENT)
    appeal.state, appeal.method, appeal.tracking, appeal.sent_on = AppealState.SENT.value, method, tracking.strip(), on
    appeal.response_due = rules.response_due(level, received=on)
    appeal.packet_id = getattr(packet, "pk", None)
    appeal.save(update_fields=["state", "method", "tracking", "sent_on", "response_due", "packet"])
    record_audit(
        action="denial.appeal", subject_type="denial", subject_id=appeal.denial_id,
        detail=f"level {appeal.level} by {method}",
    )  # fmt: skip
    return appeal


def chased(*, appeal: Appeal, contact: str) -> None:
    """Somebody asked the reviewer for the answer; `contact` is whom, with the reference of the call."""
    if appeal.state not in OUT:
        raise DenialStepRefused("only an appeal that is out is chased")
    if not contact.strip():
        raise DenialStepRefused("say whom you spoke with and the reference of the call")
    appeal.state, appeal.chased_on = AppealState.NO_RESPONSE.value, clock.today()
    appeal.reviewer_contact = contact.strip()[:200]
    appeal.save(update_fields=["state", "chased_on", "reviewer_contact"])
    resolve_work_items(keys=[_key(appeal)], resolution=f"asked on {clock.today()}")
    record_audit(action="appeal.chase", subject_type="appeal", subject_id=appeal.pk)


def promised(*, appeal: Appeal, amount: Decimal, on: date | None = None) -> None:
    """A favourable letter came. Nothing is won until a remittance pays: the money is waited for."""
    if appeal.state not in OUT:
        raise DenialStepRefused("only an appeal that is out is answered")
    if amount <= 0:
        raise DenialStepRefused("a favourable decision names an amount above zero")
    appeal.promised_on, appeal.promised_amount = on or clock.today(), amount
    appeal.save(update_fields=["promised_on", "promised_amount"])
    if appeal.denial.state == DenialState.ACTION_SENT:
        become(appeal.denial, DenialState.PENDING)
    record_audit(action="appeal.promise", subject_type="appeal", subject_id=appeal.pk)


@transaction.atomic
def close_appeal(*, appeal: Appeal, state: AppealState, note: str, on: date | None = None) -> None:
    """A decision without money: UPHELD, DISMISSED (late or incomplete) or WITHDRAWN. A win comes by remittance only."""
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if state not in (AppealState.UPHELD, AppealState.DISMISSED, AppealState.WITHDRAWN):
        raise DenialStepRefused("a win is booked by the remittance that pays it: record the letter as a promise")
    if not appeal_may_become(AppealState(appeal.state), state):
        raise DenialStepRefused(f"an appeal that is {appeal.state} does not become {state.value}")
    if not note.strip():
        raise DenialStepRefused("say what the decision gives as its reason")
    was_out = appeal.state in OUT
    appeal.state, appeal.decided_on, appeal.note = state.value, on or clock.today(), note.strip()
    appeal.save(update_fields=["state", "decided_on", "note"])
    denial = appeal.denial
    if was_out and denial.state in (DenialState.ACTION_SENT, DenialState.PENDING):
        become(denial, DenialState.UPHELD)
        open_next_level(denial=denial)
    resolve_work_items(keys=[_key(appeal)], resolution=state.value.lower())
    record_audit(action="appeal.close", subject_type="appeal", subject_id=appeal.pk, detail=state.value)


def open_next_level(*, denial: Denial) -> None:
    """After a decision against us: until when the next level may be asked for, and the denial is back on its list."""
    number, notice = next_level(denial)
    level = next((one for one in levels_of(denial) if one.number == number), None)
    denial.appeal_deadline = rules.ask_by(level, notice=notice) if level is not None else None
    denial.save(update_fields=["appeal_deadline"])
    what = (
        f"Ask for the {level.name}"
        if level is not None
        else "No level is left: write off, or bill whom the law lets you"
    )
    raise_work_item(
        worklist=Worklist.DENIALS, key=f"denial:{denial.pk}", reason_code=denial.carc, amount=denial.amount,
        reason=f"{denial.group}-{denial.carc} was upheld on appeal", what_to_do=what, subject_type="denial",
        subject_id=denial.pk, practice_id=denial.practice_id, claim_number=denial.version.control_number,
        due_date=denial.appeal_deadline, reopen=True,
    )  # fmt: skip


def _key(appeal: Appeal) -> str:
    return f"appeal:{appeal.pk}:answer"


def follow_appeals() -> int:
    """What appeals that are out need today: a reminder, the next level, or the money of a promise. Says how many."""
    listed: list[str] = []
    rows = Appeal.objects.filter(state__in=OUT).select_related("denial__payer", "denial__version")
    for appeal in rows:
        says = _today(appeal)
        if says is None:
            continue
        code, reason, what = says
        raise_work_item(
            worklist=Worklist.APPEALS_UNANSWERED, key=_key(appeal), reason_code=code, reason=reason, what_to_do=what,
            amount=appeal.amount, subject_type="denial", subject_id=appeal.denial_id,
            practice_id=appeal.denial.practice_id, claim_number=appeal.denial.version.control_number,
            due_date=appeal.response_due, reopen=True,
        )  # fmt: skip
        listed.append(_key(appeal))
    answered = WorkItem.objects.filter(worklist=Worklist.APPEALS_UNANSWERED).exclude(key__in=listed)
    resolve_work_items(keys=list(answered.values_list("key", flat=True)), resolution="answered, or asked again")
    return len(listed)


def _today(appeal: Appeal) -> tuple[str, str, str] | None:
    if appeal.promised_on is not None:
        if (clock.today() - appeal.promised_on).days <= UNPAID_PROMISE_DAYS:
            return None
        return (
            "PROMISE_UNPAID", f"Decided for us on {appeal.promised_on}, and no remittance has paid it",
            "Ask the payer for the check or EFT number of the payment",
        )  # fmt: skip
    level = level_of(appeal)
    step = rules.follow_up(
        level, state=AppealState(appeal.state), due=appeal.response_due, chased=appeal.chased_on, on=clock.today(),
        last_level=level.number == len(levels_of(appeal.denial, appeal.sent_on)),
    )  # fmt: skip
    if step is rules.FollowUp.CHASE:
        return (
            "NO_ANSWER", f"The {level.name} of {appeal.sent_on} was due by {appeal.response_due}",
            f"Ask the reviewer, with tracking {appeal.tracking}, and record whom you spoke with",
        )  # fmt: skip
    if step is rules.FollowUp.LEVEL_UP:
        return (
            "LEVEL_UP", f"The {level.name} of {appeal.sent_on} has no answer, and a reminder neither",
            "Take silence for a denial and ask for the next level",
        )  # fmt: skip
    return None


@transaction.atomic
def level_up(*, appeal: Appeal) -> Appeal:
    """Take silence for a denial, where the payer's rules let us: this level ends, and the next is drafted."""
    says = _today(appeal)
    if says is None or says[0] != "LEVEL_UP":
        raise DenialStepRefused("silence does not open the next level yet: chase the reviewer first")
    close_appeal(appeal=appeal, state=AppealState.UPHELD, note="no answer in time, nor after a reminder")
    return draft_appeal(denial=appeal.denial, argument=appeal.argument, for_patient=appeal.for_patient)
