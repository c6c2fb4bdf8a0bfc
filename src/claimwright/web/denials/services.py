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
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.services import actor, record_audit, resolve_work_items
from claimwright.web.denials.models import Appeal, Denial

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
        resolve_work_items(keys=[f"denial:{denial.pk}"], resolution=target.value.lower())


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
    denial.owner = owner.strip()
    denial.save(update_fields=["owner"])
    WorkItem.objects.filter(key=f"denial:{denial.pk}").update(owner=denial.owner)
    record_audit(action="denial.assign", subject_type="denial", subject_id=denial.pk)


def snooze(*, denial: Denial, until: date, reason: str) -> None:
    """Off the list until a day, with the reason. Never past a deadline: what sleeps through it is lost."""
    if not reason.strip():
        raise DenialStepRefused("say why it can wait")
    if until <= clock.today():
        raise DenialStepRefused("it wakes on a day that is to come")
    last = min(filter(None, (denial.corrected_deadline, denial.appeal_deadline)), default=None)
    if last is not None and until > last:
        raise DenialStepRefused(f"its deadline is {last}: wake it before")
    denial.snoozed_until, denial.snooze_reason = until, reason.strip()[:200]
    denial.save(update_fields=["snoozed_until", "snooze_reason"])
    WorkItem.objects.filter(key=f"denial:{denial.pk}", state=WorkItem.State.OPEN).update(state=WorkItem.State.SNOOZED)
    record_audit(action="denial.snooze", subject_type="denial", subject_id=denial.pk, detail=f"until {until}")


def wake_denials() -> int:
    """Denials whose day has come are back on the list; says how many."""
    due = list(Denial.objects.filter(snoozed_until__lte=clock.today()))
    keys = [f"denial:{row.pk}" for row in due]
    WorkItem.objects.filter(key__in=keys, state=WorkItem.State.SNOOZED).update(state=WorkItem.State.OPEN)
    Denial.objects.filter(pk__in=[row.pk for row in due]).update(snoozed_until=None, snooze_reason="")
    return len(due)
