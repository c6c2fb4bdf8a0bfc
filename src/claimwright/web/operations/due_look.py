"""What a run of statements would do, worked out and kept: it drafts the statement of every account that owes.

In an office of ordinary size that is done while a person looks. In a large one it takes minutes: a job does it, for the
office as a whole, and pages show what it found and when.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from claimwright.web.accounts.models import LedgerTransfer
from claimwright.web.core import clock
from claimwright.web.core.models import Tenant
from claimwright.web.core.tenancy import current_tenant, tenant_scope
from claimwright.web.statements.services import preview_due_statements

LARGE = 500_000  # ledger rows: from here on drafting all accounts takes longer than a person waits
JOB = "look_at_statements"
KEPT_DAYS = 7


class HeldAccount(msgspec.Struct):
    """A patient who owes and gets no statement; `patient` is filled in for the rows that are shown."""

    patient_id: str
    reason: str
    amount: Decimal
    patient: Any = None


class DueLook(msgspec.Struct, frozen=True, kw_only=True):
    """`due` statements that ask for `amount` dollars, and who is held, the most money first; `at` is when it was so.

    `stamp` tells the books it was made of.
    """

    at: datetime
    stamp: str
    due: int
    amount: Decimal
    held: list[HeldAccount]


def last_row() -> int:
    return int(LedgerTransfer.objects.aggregate(last=Max("sequence"))["last"] or 0)


def stamp_of(last: int) -> str:
    """Other once money has moved, a statement run was made, or a day has gone."""
    return f"{clock.today()} {last}"


def work_out() -> DueLook:
    """Of what the open scope may see."""
    stamp = stamp_of(last_row())
    run = preview_due_statements()
    held = sorted(run.held, key=lambda one: -one.amount)
    return DueLook(
        at=clock.now(), stamp=stamp, due=len(run.issued), amount=run.amount_due,
        held=[HeldAccount(str(one.patient.pk), one.reason, one.amount) for one in held],
    )  # fmt: skip


def _key(tenant: Tenant) -> str:
    """Where the office's look is kept: nobody's session, under a name of its own."""
    return f"due-{tenant.pk.hex}"


def look_for_office(*, tenant: Tenant) -> dict[str, int]:
    """The job: worked out for the whole office and kept for its pages."""
    with tenant_scope(tenant):
        look = work_out()
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store.get_model_class().objects.update_or_create(
        session_key=_key(tenant),
        defaults={
            "session_data": store.encode({"look": msgspec.to_builtins(look)}),
            "expire_date": timezone.now() + timedelta(days=KEPT_DAYS),
        },
    )
    return {"statements due": look.due, "patients held": len(look.held)}


def office_look() -> DueLook | None:
    """What the job found last; None where it never ran."""
    kept = import_module(settings.SESSION_ENGINE).SessionStore(_key(current_tenant())).get("look")
    return msgspec.convert(kept, DueLook) if kept else None
