"""Which months of the books are closed, closing and opening them, and the day that an entry counts on.

The rule itself stands in the database: a trigger on the ledger refuses a row dated into a closed month.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection
from django.db.models import Max

from claimwright.codes.dates import add_months
from claimwright.web.accounts.models import LedgerTransfer, PeriodEvent
from claimwright.web.core import chain, clock
from claimwright.web.core.models import User
from claimwright.web.core.services import record_audit
from claimwright.web.core.tenancy import current_tenant, every_practice

_day: contextvars.ContextVar[date | None] = contextvars.ContextVar("posting_day", default=None)


class PeriodClosed(RuntimeError):
    """An entry was dated into a closed month, or a month cannot be closed or opened now; nothing was changed."""


def closed_through() -> date | None:
    """The first day of the latest closed month; every month up to it is closed. None: nothing is closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT max(month) FROM (SELECT DISTINCT ON (month) month, kind FROM accounts_periodevent
               ORDER BY month, number DESC) last WHERE kind = 'locked'"""
        )
        (month,) = cursor.fetchone()
    return month  # type: ignore[no-any-return]


def is_closed(day: date) -> bool:
    through = closed_through()
    return through is not None and day.replace(day=1) <= through


@contextmanager
def posting_as_of(day: date) -> Iterator[None]:
    """Entries inside count on `day`: for work in a month that was opened again. A day to come is refused."""
    if day > clock.today():
        raise PeriodClosed(f"{day} is to come: nothing is posted ahead")
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)


def posting_day() -> date:
    """The day that entries count on now. Raises PeriodClosed when its month is closed."""
    day = _day.get() or clock.today()
    if is_closed(day):
        raise PeriodClosed(
            f"the books are closed through {closed_through():%B %Y}: post on a later day, or have the month opened again"
        )
    return day


def hold_ledger() -> tuple[int, str]:
    """Keep everybody else from writing the ledger until this transaction ends; the head of its chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{LedgerTransfer._meta.db_table}:{current_tenant().pk}"],
        )
    with every_practice():
        last = LedgerTransfer.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return last or (0, chain.GENESIS)


def last_event(month: date) -> PeriodEvent | None:
    return PeriodEvent.objects.filter(month=month).order_by("-number").first()


def close_month(*, month: date, by: User) -> PeriodEvent:
    """Close `month` and all before it. Raises PeriodClosed for one that has not ended or is closed already."""
    if add_months(month, 1) > clock.today():
        raise PeriodClosed(f"{month:%B %Y} has not ended")
    if is_closed(month):
        raise PeriodClosed(f"{month:%B %Y} is closed already")
    return _event(month, PeriodEvent.Kind.LOCKED, by, "")


def reopen_month(*, month: date, by: User, reason: str) -> PeriodEvent:
    """Open the latest closed month again: by an owner, with a reason, on the record. Earlier ones stay closed."""
    hold_ledger()
    if by.role != User.Role.OWNER:
        raise PeriodClosed("only an owner opens a closed month again")
    if not reason.strip():
        raise PeriodClosed("a closed month is not opened without a reason")
    if closed_through() != month:
        raise PeriodClosed(f"{month:%B %Y} is not the latest closed month: that one is opened first")
    return _event(month, PeriodEvent.Kind.REOPENED, by, reason.strip())


def _event(month: date, kind: PeriodEvent.Kind, by: User, reason: str) -> PeriodEvent:
    sequence, digest = hold_ledger()
    locked = PeriodEvent.objects.filter(month=month, kind=PeriodEvent.Kind.LOCKED).count()
    made = PeriodEvent.objects.create(
        number=(PeriodEvent.objects.aggregate(last=Max("number"))["last"] or 0) + 1, month=month, kind=kind,
        revision=locked + (kind == PeriodEvent.Kind.LOCKED), reason=reason, actor=by.get_username(), role=by.role,
        at=clock.now(), ledger_sequence=sequence, ledger_hash=digest,
    )  # fmt: skip
    record_audit(
        action=f"period.{kind.value}", subject_type="month", subject_id=f"{month:%Y-%m}",
        detail=f"revision {made.revision}, ledger {sequence}",
    )  # fmt: skip
    return made
