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
from claimwright.web.core import clock
from claimwright.web.core.services import record_audit, resolve_work_items
from claimwright.web.denials.models import Appeal, Denial


class DenialStepRefused(ValueError):
    """A step that this denial does not allow; the message says why."""


def decision(
    *, denial: Denial, our_data_was_wrong: bool | None = None, documentation_supports: bool = False
) -> Decision:
    """The next step by the rules: correct, appeal, send records, another payer. `appeal_enabled` is the appeal button."""
    last_day = denial.appeal_deadline or denial.corrected_deadline
    return correct_or_appeal(
        refine(denial.group, denial.carc, tuple(denial.rarcs)), our_data_was_wrong=our_data_was_wrong,
        documentation_supports=documentation_supports,
        days_left=(last_day - clock.today()).days if last_day else None,
        correction_open=denial.version.claim.versions.filter(number__gt=denial.version.number).exists(),
    )  # fmt: skip


def _become(denial: Denial, target: DenialState) -> None:
    if not denial_may_become(DenialState(denial.state), target):
        raise DenialStepRefused(f"a denial that is {denial.state} does not become {target.value}")
    denial.state = target.value
    denial.save(update_fields=["state"])
    if target not in OPEN_STATES or target is DenialState.ACTION_SENT:
        resolve_work_items(keys=[f"denial:{denial.pk}"], resolution=target.value.lower())


def start_appeal(*, denial: Denial, level: int = 1, response_due: date | None = None, note: str = "") -> Appeal:
    """An appeal went out. Refused where the payer grants none, a correction is open, or one is pending already."""
    if not denial.appealable or not decision(denial=denial, our_data_was_wrong=False).appeal_enabled:
        raise DenialStepRefused("this denial cannot be appealed: fix and resend, or write off")
    if denial.appeals.filter(state=AppealState.SENT.value).exists():
        raise DenialStepRefused("an appeal of this denial is pending")
    _become(denial, DenialState.ACTION_SENT)
    appeal = Appeal.objects.create(
        denial=denial, level=level, state=AppealState.SENT.value, sent_on=clock.today(), response_due=response_due,
        note=note,
    )  # fmt: skip
    record_audit(action="denial.appeal", subject_type="denial", subject_id=denial.pk, detail=f"level {level}")
    return appeal


def correction_sent(*, denial: Denial) -> None:
    """A corrected claim answers this denial."""
    if denial.state in OPEN_STATES:
        _become(denial, DenialState.ACTION_SENT)
        record_audit(action="denial.corrected", subject_type="denial", subject_id=denial.pk)


def analyzed(*, denial: Denial) -> None:
    """A person has looked and knows what to do."""
    _become(denial, DenialState.ANALYZED)
