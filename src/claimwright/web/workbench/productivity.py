"""What was finished: by me and by the team, today and this week, by list and by kind of act. Nobody types it in.

Items count by who closed them, acts by the audit log; what a job or an interface closed is nobody's.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from django.db.models import Count, Q, Value

from claimwright.web.core import clock
from claimwright.web.core.models import AuditEvent, User, WorkItem
from claimwright.web.core.tenancy import current_tenant
from claimwright.web.core.worklists import TITLES

LISTS_SHOWN = 12
# Acts of people that end a piece of work without closing an item of a list.
ACTS: dict[str, str] = {
    "claim.revise": "Claims mended before they went out", "claim.correct": "Claims corrected or replaced",
    "claim.split": "Claims split", "claim.hold": "Claims put on hold", "claim.release": "Claims released",
    "claim.assigned": "Claims given to a person", "encounter.enter": "Visits entered", "encounter.code": "Visits coded",
    "patient.register": "Patients registered", "patient.correct": "Patients corrected",
    "eligibility.ask": "Payers asked about cover", "status.ask": "Payers asked about claims",
    "payer.contact": "Calls and letters to payers", "denial.corrected": "Denials corrected",
    "denial.appeal": "Denials appealed", "denial.cause": "Root causes named", "records.send": "Records sent",
    "dispute.sent": "Underpayments disputed", "payment.patient": "Patients' payments taken",
    "paper.post": "Paper remittances posted", "remittance.released": "Held payments released",
    "refund.issued": "Refunds issued", "write_off.approved": "Write-offs approved",
    "statement.contact": "Patients called or written to", "inquiry.resolved": "Inquiries answered",
    "plan.offered": "Plans offered",
}  # fmt: skip


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One list or kind of act with what was finished on it."""

    words: str
    my_today: int
    my_week: int
    team_today: int
    team_week: int


class Productivity(msgspec.Struct, frozen=True, kw_only=True):
    lists: tuple[Done, ...]
    acts: tuple[Done, ...]
    items: Done  # of all lists together


def finished(username: str) -> Productivity:
    """Since Monday of this week and since midnight, both in the practice's own time zone."""
    today = clock.today()
    day, week = clock.begins(today), clock.begins(today - timedelta(days=today.weekday()))
    people = User.objects.filter(tenant=current_tenant()).values("username")
    items = (
        WorkItem.objects.filter(state=WorkItem.State.DONE, resolved_at__gte=week, resolved_by__in=people)
        .values("worklist")
        .annotate(**_counts("resolved_by", "resolved_at", username, day))
    )
    acts = (
        AuditEvent.objects.filter(at__gte=week, action__in=list(ACTS), actor__in=people)
        .values("action")
        .annotate(**_counts("actor", "at", username, day))
    )
    lists = [_done(TITLES.get(row["worklist"], row["worklist"]), row) for row in items]
    return Productivity(
        lists=_largest(lists)[:LISTS_SHOWN], acts=_largest([_done(ACTS[row["action"]], row) for row in acts]),
        items=Done(
            words="Items of all lists", my_today=sum(one.my_today for one in lists),
            my_week=sum(one.my_week for one in lists), team_today=sum(one.team_today for one in lists),
            team_week=sum(one.team_week for one in lists),
        ),
    )  # fmt: skip


def _counts(who: str, when: str, username: str, day: datetime) -> dict[str, Count]:
    mine, of_today = Q(**{who: username}), Q(**{f"{when}__gte": day})
    return {
        "my_today": Count(Value(1), filter=mine & of_today), "my_week": Count(Value(1), filter=mine),
        "team_today": Count(Value(1), filter=of_today), "team_week": Count(Value(1)),
    }  # fmt: skip


def _done(words: str, row: dict[str, object]) -> Done:
    measures = ("my_today", "my_week", "team_today", "team_week")
    return Done(words=words, **{name: int(str(row[name])) for name in measures})


def _largest(rows: list[Done]) -> tuple[Done, ...]:
    return tuple(sorted(rows, key=lambda one: (-one.my_week, -one.team_week, one.words)))
