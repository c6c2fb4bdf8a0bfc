"""Home: what to do next, the worklists with count and dollars, and where the claims stand."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from django.db.models import Count, Min, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from claimwright.billing.lifecycle import State
from claimwright.web.core import clock
from claimwright.web.core.models import WorkItem
from claimwright.web.core.worklists import TITLES
from claimwright.web.submissions.models import ClaimVersion
from claimwright.web.workbench.claims import latest_versions
from claimwright.web.workbench.pages import page, show, with_query
from claimwright.web.workbench.policies import worklists_hidden_from

FILING_WARNING_DAYS = 15  # how near a filing limit is shown here: the default of the domain's filing alarm
ZERO = Decimal("0.00")


class Step(msgspec.Struct, frozen=True):
    """One thing to do next, in the order of its urgency."""

    words: str
    address: str
    count: int
    amount: Decimal


def queues(hidden: Iterable[str] = ()) -> list[dict[str, object]]:
    """Worklists with open items, but for `hidden` ones: count, dollars, oldest, how many are due; most urgent first."""
    today = clock.today()
    rows = (
        WorkItem.objects.filter(state=WorkItem.State.OPEN)
        .exclude(worklist__in=list(hidden))
        .values("worklist")
        .annotate(
            count=Count("id"),
            due_amount=Sum("amount", filter=Q(due_date__lte=today)),
            amount=Sum("amount"),
            oldest=Min("raised_on"),
            due=Count("id", filter=Q(due_date__lte=today)),
        )
    )
    found = [
        {
            **row,
            "title": TITLES.get(row["worklist"], row["worklist"].replace("_", " ")),
            "days": (today - row["oldest"]).days,
        }
        for row in rows
    ]
    return sorted(found, key=lambda row: (-row["due"], -(row["amount"] or ZERO), row["title"]))


def claims_by_state() -> list[dict[str, object]]:
    """The newest version of every claim, counted by state in the order of its life."""
    order = [str(state) for state in State]
    rows = (
        latest_versions()
        .values("state")
        .annotate(count=Count("id"), charge=Sum("total_charge"), oldest=Min("date_of_service"))
    )
    return sorted(rows, key=lambda row: order.index(row["state"]) if row["state"] in order else len(order))


def near_filing_limit() -> dict[str, object]:
    """Claims never sent whose filing limit is near or past."""
    limit = clock.today().toordinal() + FILING_WARNING_DAYS
    unsent = ClaimVersion.objects.filter(
        state__in=[State.DRAFT, State.EDIT_HOLD, State.READY, State.ON_HOLD, State.FILE_REJECTED],
        filing_deadline__lte=clock.today().fromordinal(limit),
    )
    return unsent.aggregate(count=Count("id"), amount=Sum("total_charge"))


def steps(lists: list[dict[str, object]], states: list[dict[str, object]]) -> list[Step]:
    """What to do next: limits first, then what is due, then what waits to go out, then the most money."""
    claims = reverse("claims")
    found = []
    near = near_filing_limit()
    if near["count"]:
        words = f"Send before the filing limit, {FILING_WARNING_DAYS} days or less left"
        found.append(Step(words, with_query(claims, limit="near"), near["count"], near["amount"] or ZERO))
    for row in lists:
        if row["due"]:
            words = f"Due today: {row['title']}"
            address = with_query(reverse("worklist", args=[row["worklist"]]), due="today")
            found.append(Step(words, address, row["due"], row["due_amount"] or ZERO))
    for row in states:
        if row["state"] == State.READY:
            found.append(
                Step("Ready to send", with_query(claims, state=State.READY), row["count"], row["charge"] or ZERO)
            )
    rest = sorted((row for row in lists if not row["due"]), key=lambda row: -(row["amount"] or ZERO))
    for row in rest[:3]:
        address = reverse("worklist", args=[row["worklist"]])
        found.append(Step(str(row["title"]), address, row["count"], row["amount"] or ZERO))
    return found[:6]


@page()
def home(request: HttpRequest) -> HttpResponse:
    lists, states = queues(worklists_hidden_from(request)), claims_by_state()
    return show(
        request,
        "workbench/home.html",
        {
            "steps": steps(lists, states),
            "queues": lists,
            "any_due": any(row["due"] for row in lists),
            "states": states,
            "items": sum(row["count"] for row in lists),
            "dollars": sum((row["amount"] or ZERO for row in lists), ZERO),
            "charge": sum((row["charge"] or ZERO for row in states), ZERO),
            "claims": sum(row["count"] for row in states),
        },
    )
