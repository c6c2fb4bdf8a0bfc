"""Working denials: what a person decides of one. The outcome comes from the ledger, through posting."""

from __future__ import annotations

from datetime import date

from claimwright.billing.denials import (
    OPEN_STATES,
    AppealState,
    Decision,
    DenialState,
    correct_or_appeal,
    denial_may_become,
    refine,
)
from claimwright.billing.root_causes import CAUSES
from claimwright.billing.work_in_hand import WorkRefused, check_snooze
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, record_audit, resolve_work_items
from claimwright.web.denials.models import Appeal, Denial

KEY = "denial:"  # of the item by which a denial stands on the list of denials; its id follows
UNDECIDED = (AppealState.DRAFT.value, AppealState.SENT.value, AppealState.NO_RESPONSE.value)


class DenialStepRefused(ValueError):
    """A step that this denial does not allow; the message says why."""


def decision(
    *, denial: Denial, our_data_was_wrong: bool | None = None, documentation_supports: bool = False,
    late_allowed: bool = False,
) -> Decision:  # fmt: skip
    """The next step by the rules: correct, appeal, send records, another payer. `appeal_enabled` is the appeal button.

    `late_allowed` leaves the deadline aside, for who has good cause.
    """
    last_day = None if late_allowed else denial.appeal_deadline or denial.corrected_deadline
    return correct_or_appeal(
        refine(denial.group, denial.carc, tuple(denial.rarcs)), our_data_was_wrong=our_data_was_wrong,
        documentation_supports=documentation_supports,
        days_left=(last_day - clock.today()).days if last_day else None,
        correction_open=denial.version.claim.versions.filter(number__gt=denial.version.number).exists(),
    )  # fmt: skip


def become(denial: Denial, target: DenialState) -> None:
    """Move a denial by its table of states; what is done or given up leaves the worklist. Raises DenialStepRefused."""
    if not denial_may_become(DenialState(denial.state), target):
        raise DenialStepRefused(f"a denial that is {denial.state} does not become {target.value}")
    denial.state = target.value
    denial.save(update_fields=["state"])
    if target not in OPEN_STATES or target is DenialState.ACTION_SENT:
        resolve_work_items(keys=[f"{KEY}{denial.pk}"], resolution=target.value.lower())


def start_appeal(*, denial: Denial, level: int = 1, response_due: date | None = None, note: str = "") -> Appeal:
    """An appeal went out without a letter of ours. Refused where the payer grants none, a correction is open, or one is
    pending already."""
    if not denial.appealable or not decision(denial=denial, our_data_was_wrong=False).appeal_enabled:
        raise DenialStepRefused("this denial cannot be appealed: fix and resend, or write off")
    if denial.appeals.filter(state__in=UNDECIDED).exists():
        raise DenialStepRefused("an appeal of this denial is pending")
    become(denial, DenialState.ACTION_SENT)
    appeal = Appeal.objects.create(
        denial=denial, level=level, state=AppealState.SENT.value, sent_on=clock.today(), response_due=response_due,
        note=note, amount=denial.amount, notice_on=denial.received_on, written_by=actor(),
    )  # fmt: skip
    record_audit(action="denial.appeal", subject_type="denial", subject_id=denial.pk, detail=f"level {level}")
    return appeal


def correction_sent(*, denial: Denial) -> None:
    """A corrected claim answers this denial."""
    if denial.state in OPEN_STATES:
        become(denial, DenialState.ACTION_SENT)
        record_audit(action="denial.corrected", subject_type="denial", subject_id=denial.pk)


def analyzed(*, denial: Denial) -> None:
    """A person has looked and knows what to do."""
    become(denial, DenialState.ANALYZED)


def name_cause(*, denial: Denial, cause: str, preventable: bool) -> None:
    """A person says where it began. Raises DenialStepRefused for a cause that is in no list."""
    if cause not in CAUSES:
        raise DenialStepRefused(f"the root cause is one of {', '.join(CAUSES)}")
    denial.root_cause, denial.preventable = cause, preventable
    denial.save(update_fields=["root_cause", "preventable"])
    record_audit(action="denial.cause", subject_type="denial", subject_id=denial.pk, detail=cause)


def assign(*, denial: Denial, owner: str) -> None:
    """The denial and its item are this person's; "" gives them back to their desk."""
    denial.owner = owner.strip()
    denial.save(update_fields=["owner"])
    WorkItem.objects.filter(key=f"{KEY}{denial.pk}").exclude(state=WorkItem.State.DONE).update(owner=denial.owner)
    record_audit(action="denial.assign", subject_type="denial", subject_id=denial.pk)


def check_sleep(denial: Denial, *, until: date | None, reason: str) -> None:
    """Raises WorkRefused for what `billing.work_in_hand` refuses, by the nearest of the denial's deadlines that is ahead:
    what sleeps through it is lost."""
    today = clock.today()
    ahead = [day for day in (denial.corrected_deadline, denial.appeal_deadline) if day is not None and day > today]
    check_snooze(until=until, reason=reason, today=today, due_on=min(ahead, default=None))


def snooze(*, denial: Denial, until: date | None, reason: str) -> None:
    """The denial and its item are off the lists until a day, with the reason. Raises DenialStepRefused."""
    try:
        check_sleep(denial, until=until, reason=reason)
    except WorkRefused as refused:
        raise DenialStepRefused(str(refused)) from None
    _sleep(denial, until, reason.strip()[:200])
    record_audit(action="denial.snooze", subject_type="denial", subject_id=denial.pk, detail=f"until {until}")


def wake(*, denial: Denial) -> None:
    """On the lists again before its day. Raises DenialStepRefused for what does not sleep."""
    if denial.snoozed_until is None or denial.snoozed_until <= clock.today():
        raise DenialStepRefused("it is awake")
    _sleep(denial, None, "")
    record_audit(action="denial.wake", subject_type="denial", subject_id=denial.pk)


def _sleep(denial: Denial, until: date | None, reason: str) -> None:
    denial.snoozed_until, denial.snooze_reason = until, reason
    denial.save(update_fields=["snoozed_until", "snooze_reason"])
    items = WorkItem.objects.filter(key=f"{KEY}{denial.pk}").exclude(state=WorkItem.State.DONE)
    items.update(state=WorkItem.State.OPEN, snoozed_until=until, snooze_reason=reason)


def wake_denials() -> int:
    """Denials whose day has come are back on the list; says how many. Their items wake by themselves, but for those that
    an earlier release put to sleep by their state."""
    due = list(Denial.objects.filter(snoozed_until__lte=clock.today()))
    keys = [f"{KEY}{row.pk}" for row in due]
    WorkItem.objects.filter(key__in=keys, state=WorkItem.State.SNOOZED).update(state=WorkItem.State.OPEN)
    Denial.objects.filter(pk__in=[row.pk for row in due]).update(snoozed_until=None, snooze_reason="")
    return len(due)
