"""What of a payer's remittances posts by itself, as people set it: per payer, and by CARC for a whole practice."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from claimwright.codes.denials import carc_rule
from claimwright.web.core import clock
from claimwright.web.core.services import actor, record_audit
from claimwright.web.practice.models import NeverAutomatic, Payer, Practice


class AutomationRefused(ValueError):
    """A change of automation that is not taken; the text names what to put right. Nothing was changed."""


def _reason(text: str) -> str:
    if not text.strip():
        raise AutomationRefused("say why: who posts next month wants to know")
    return text.strip()[:200]


@transaction.atomic
def set_payer_automation(
    *, payer: Payer, posts_by_itself: bool, hold_over_amount: Decimal | None, reason: str
) -> Payer:
    """Whether the payer's remittances post without a look, and up to which payment (dollars; None: as the practice).

    It counts for what posts from now on. Raises AutomationRefused.
    """
    why = _reason(reason)
    if hold_over_amount is not None and hold_over_amount < 0:
        raise AutomationRefused("the amount is below zero: enter 0 or more, or leave it blank")
    row = Payer.objects.select_for_update(of=("self",)).get(pk=payer.pk)
    row.posts_by_itself, row.hold_over_amount = posts_by_itself, hold_over_amount
    row.save(update_fields=["posts_by_itself", "hold_over_amount"])
    says = "posts by itself" if posts_by_itself else "posts after a look"
    limit = "" if hold_over_amount is None else f", up to {hold_over_amount}"
    record_audit(
        action="payer.automation", subject_type="payer", subject_id=row.pk, detail=f"{says}{limit}: {why}"
    )  # fmt: skip
    return row


@transaction.atomic
def add_never_automatic(*, practice: Practice, carc: str, reason: str) -> NeverAutomatic:
    """No claim payment with this CARC posts unseen for the practice any more. Raises AutomationRefused."""
    why, code = _reason(reason), carc.strip().upper()
    if carc_rule(code) is None:
        raise AutomationRefused(
            f"{code[:5] or 'Nothing'} is no CARC that we know: enter the code alone, such as 29 or B7"
        )
    if practice.never_automatic.filter(carc=code, ended_on=None).exists():
        raise AutomationRefused(f"{code} is on the list already")
    row = NeverAutomatic.objects.create(
        practice=practice, carc=code, reason=why, added_by=actor(), added_on=clock.today()
    )
    record_audit(
        action="practice.never_automatic", subject_type="practice", subject_id=practice.pk, detail=f"{code}: {why}"
    )  # fmt: skip
    return row


@transaction.atomic
def end_never_automatic(*, entry: NeverAutomatic, reason: str) -> NeverAutomatic:
    """The CARC posts by itself again, from now on. Raises AutomationRefused."""
    why = _reason(reason)
    row = NeverAutomatic.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if row.ended_on is not None:
        raise AutomationRefused(f"{row.carc} was taken off the list on {row.ended_on:%m/%d/%Y}")
    row.ended_by, row.ended_on, row.ended_reason = actor(), clock.today(), why
    row.save(update_fields=["ended_by", "ended_on", "ended_reason"])
    record_audit(
        action="practice.automatic_again", subject_type="practice", subject_id=row.practice_id,
        detail=f"{row.carc}: {why}",
    )  # fmt: skip
    return row
