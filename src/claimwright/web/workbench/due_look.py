"""What a run of statements would do, worked out once when a person asks and kept for the pages that follow.

It drafts the statement of every account that owes, which is too much for each click on a reason or a page. It is kept
with the person's session, for that person sees what others may not, as ids and amounts, and is worked out anew once
money has moved, a statement run was made, or ten minutes have gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest

from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.core import clock
from claimwright.web.patients.models import Patient
from claimwright.web.statements.services import preview_due_statements

KEPT_SECONDS = 600
NAME = "due_look"  # of the session: where the look is kept


class HeldAccount(msgspec.Struct):
    """A patient who owes and gets no statement; `patient` is filled in for the rows that are shown."""

    patient_id: str
    reason: str
    amount: Decimal
    patient: Any = None


class DueLook(msgspec.Struct, frozen=True, kw_only=True):
    """`due` statements that ask for `amount` dollars, and who is held, the most money first; `at` is when it was so."""

    at: datetime
    stamp: str
    due: int
    amount: Decimal
    held: list[HeldAccount]


def look_at_due(request: HttpRequest, *, anew: bool = False) -> DueLook:
    """What was worked out for this person, or `anew` and where that holds no more, what is so now."""
    last = LedgerTransfer.objects.aggregate(last=Max("sequence"))["last"]
    stamp = f"{clock.today()} {last}"
    store = import_module(settings.SESSION_ENGINE).SessionStore(request.session.get(NAME))
    kept = None if anew else store.get(NAME)
    if kept and kept["stamp"] == stamp:
        return msgspec.convert(kept, DueLook)
    run = preview_due_statements()
    held = sorted(run.held, key=lambda one: -one.amount)
    look = DueLook(
        at=clock.now(), stamp=stamp, due=len(run.issued), amount=run.amount_due,
        held=[HeldAccount(str(one.patient.pk), one.reason, one.amount) for one in held],
    )  # fmt: skip
    store[NAME] = msgspec.to_builtins(look)
    store.set_expiry(KEPT_SECONDS)
    store.save()
    request.session[NAME] = store.session_key
    return look


def forget_look(request: HttpRequest) -> None:
    request.session.pop(NAME, None)


def with_patients(rows: Iterable[HeldAccount]) -> None:
    several = list(rows)
    named = {str(one.pk): one for one in Patient.objects.filter(pk__in=[row.patient_id for row in several])}
    for row in several:
        row.patient = named.get(row.patient_id)
