"""Home: what to do next and why, the queues by stage, where the claims stand, and what was finished."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from django.http import HttpRequest, HttpResponse

from claimwright.billing.order_of_day import order_of, suggest
from claimwright.codes.money import ZERO
from claimwright.web.core import clock
from claimwright.web.practice.models import Practice
from claimwright.web.workbench import queues
from claimwright.web.workbench.code_sets import ending_notices
from claimwright.web.workbench.pages import page, show
from claimwright.web.workbench.policies import may
from claimwright.web.workbench.productivity import finished


class Step(msgspec.Struct, frozen=True):
    """One thing to do next, in the order of its urgency."""

    words: str
    why: str
    address: str
    count: int
    amount: Decimal


def steps(role: str, rows: list[queues.Shown]) -> list[Step]:
    """What to do next, by the role: `billing.order_of_day` decides, here is only where it is done."""
    by_key = {row.key: row for row in rows}
    wanted = suggest(role, (row.tally for row in rows if row.address), today=clock.today())
    return [
        Step(
            by_key[one.key].title, one.why,
            by_key[one.key].due_address if one.only_due else by_key[one.key].address, one.count, one.amount,
        )
        for one in wanted
    ]  # fmt: skip


@page()
def home(request: HttpRequest) -> HttpResponse:
    of = queues.whose(request)
    role = getattr(request.user, "role", "")
    states = queues.claim_states(of, clock.today())
    rows = queues.shown(request, of, states)
    busy = [row for row in rows if row.tally.count]
    return show(
        request,
        "workbench/home.html",
        {
            "steps": steps(role, rows),
            "endings": ending_notices() if may(request, "code_sets") else (),
            "no_practice": not busy and may(request, "save_new_practice") and not Practice.objects.exists(),
            "rows": busy,
            "empty": [row for row in rows if not row.tally.count],
            "whose": of.which,
            "states": states,
            "claims": sum(int(str(row["count"])) for row in states),
            "charge": sum((Decimal(str(row["charge"] or ZERO)) for row in states), ZERO),
            "due": sum(row.tally.due for row in busy),
            "done": finished(request.user.get_username()),
            "may_take": may(request, "take_next") and bool(queues.lists_in_order(request, order_of(role))),
        },
    )
