"""The credits desk: what is owed back is looked into by one person, approved by another, and paid or left to the payer."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.simulation.year.desks.steps import attempt
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.models import Refund
from claimwright.web.payments.payer_refunds import (
    choose_recoupment,
    issue_payer_refund,
    name_cause,
    stop_payment,
)
from claimwright.web.payments.refunds import approve_refund, issue_refund, request_refund

LISTS = (Worklist.CREDIT_BALANCES, Worklist.REFUNDS_OUT)
LOOKED_INTO_AFTER_DAYS = 10  # corrections of the payer often settle a credit by themselves
RECOUPED_SHARE = Decimal("0.3")  # payers that are asked to take it from the next payment
TODAY_SHARE = Decimal("0.35")
OPEN = ("IDENTIFIED", "HOLD")


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    slug = place.office.slug
    with tenant_scope(place.tenant):
        for row in _rows(place, day, OPEN):
            _look_into(place, row, counts)
        for row in _rows(place, day, ("VALIDATED",)):
            for role in ("supervisor", "manager", "owner"):
                with acting_as(f"{slug}-{role}"):
                    if attempt(counts, "refunds approved", lambda row=row: approve_refund(refund=row)):
                        break
        with acting_as(f"{slug}-manager"):
            for row in _rows(place, day, ("APPROVED",)):
                if row.payer_id is None:
                    attempt(
                        counts, "refunds issued", lambda row=row: issue_refund(refund=row, reference=_number(row, day))
                    )
                else:
                    attempt(
                        counts, "payer refunds issued",
                        lambda row=row: issue_payer_refund(refunds=[row], reference=_number(row, day)),
                    )  # fmt: skip
            _stale(day, counts)
    return counts


def _rows(place: Workplace, day: date, states: tuple[str, ...]) -> list[Refund]:
    """Each is looked at every third day or so: what waits for a payer is refused until the payer has decided."""
    rows = Refund.objects.filter(
        state__in=states, identified_on__lte=day - timedelta(days=LOOKED_INTO_AFTER_DAYS), recoup=False
    )
    rows = rows.select_related("payer", "patient").order_by("identified_on", "line_id", "bucket", "amount", "key")
    return [
        row for row in rows if place.chance("credit", row.line_id, row.amount, row.identified_on, day) < TODAY_SHARE
    ]


def _look_into(place: Workplace, row: Refund, counts: Counter[str]) -> None:
    slug = place.office.slug
    with acting_as(f"{slug}-biller"):
        if row.payer_id is None:
            attempt(counts, "refunds asked for", lambda: request_refund(refund=row))
            return
        if place.chance("recoups", row.line_id, row.amount) < RECOUPED_SHARE:
            attempt(counts, "left to the payer", lambda: choose_recoupment(refund=row))
            return

        def step() -> None:
            name_cause(refund=row, cause="payer_overpaid", note="compared with both remittances")
            request_refund(refund=row)

        attempt(counts, "payer refunds asked for", step)


def _number(row: Refund, day: date) -> str:
    """The check's number: the day, and the last digits of what it is for."""
    return f"{day:%y%m%d}{(row.line_id or row.bucket or 'P')[-5:]}{row.amount:.0f}"


def _stale(day: date, counts: Counter[str]) -> None:
    """A check that the state would soon call unclaimed is stopped, for it to be paid again."""
    for row in Refund.objects.filter(state="ISSUED", dormant_on__lte=day).order_by("issued_on", "amount"):
        attempt(counts, "checks stopped", lambda row=row: stop_payment(refund=row, reason="never cashed"))
