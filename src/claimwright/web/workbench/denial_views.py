"""What each view of the denials shows and what of it is due: home counts what the list behind its link shows."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from claimwright.billing.denials import OPEN_STATES, AppealState
from claimwright.web.denials.appeals import OUT
from claimwright.web.denials.models import Appeal, Denial

VIEWS = (
    ("work", "To work"), ("expired", "Past their deadline"), ("appeals", "Appeals to send or late"),
    ("waiting", "Waiting for the payer"), ("asleep", "Asleep"), ("all", "All"),
)  # fmt: skip
FIRST = "work"
WITH_PAYER = ("ACTION_SENT", "PENDING")


def appeals_to_act_on(today: date) -> QuerySet[Appeal]:
    """Drafts, which have to go out, and those sent whose answer is late."""
    return Appeal.objects.filter(Q(state=AppealState.DRAFT.value) | _late(today))


def appeal_due(today: date) -> Q:
    """Of `appeals_to_act_on`: a late answer, and a draft of which the last day is today or has passed."""
    return _late(today) | Q(last_day__lte=today)


def _late(today: date) -> Q:
    return Q(state__in=OUT, response_due__lte=today)


def denial_due(today: date) -> Q:
    """A first step that the office's own limit asks for, or a deadline of the payer: today or late."""
    return Q(state="NEW", act_by__lte=today) | Q(corrected_deadline__lte=today) | Q(appeal_deadline__lte=today)


def _past(today: date) -> Q:
    """Neither a correction nor an appeal is in time any more."""
    past = Q(appeal_deadline__lt=today) & (Q(corrected_deadline__lt=today) | Q(corrected_deadline=None))
    return past | Q(corrected_deadline__lt=today, appeal_deadline=None)


def in_view(rows: QuerySet[Denial], view: str, today: date) -> QuerySet[Denial]:
    """`view` is a key of VIEWS. To work is what is open, ours and awake, past its deadline too: it is written off."""
    if view == "all":
        return rows
    if view == "appeals":
        return rows.filter(pk__in=appeals_to_act_on(today).values("denial"))
    rows = rows.filter(state__in=OPEN_STATES)
    if view == "waiting":
        return rows.filter(state__in=WITH_PAYER)
    rows = rows.exclude(state__in=WITH_PAYER)
    if view == "asleep":
        return rows.filter(snoozed_until__gt=today)
    rows = rows.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=today))
    return rows.filter(_past(today)) if view == "expired" else rows


def due_in_view(rows: QuerySet[Denial], view: str, today: date) -> QuerySet[Denial]:
    """Of the rows of a view, those that are due today or late."""
    if view == "appeals":
        return rows.filter(pk__in=appeals_to_act_on(today).filter(appeal_due(today)).values("denial"))
    return rows.filter(denial_due(today))
