"""The close: each day's sheet, the month's checklist signed off with reasons, the lock, and the fee of the billing service.

A month is closed once its first days of grace are over, as an office does: what is open by then is signed for.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.billing.closing import what_keeps_it_open
from claimwright.billing.service_invoices import Fee, FeeItem, FeeTerms, Tier
from claimwright.codes.dates import add_months
from claimwright.simulation.year.desks.steps import attempt
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.accounts import periods
from claimwright.web.clients import services as clients
from claimwright.web.clients.selectors import terms_in
from claimwright.web.close.selectors import open_days
from claimwright.web.close.services import record_audit_result
from claimwright.web.core.services import acting_as
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.reports.closing import checklist, close_day, lock_month, prove_month, sign_off

FIRST_MONTH = date(2026, 1, 1)
GRACE_DAYS = 6  # after the month's end, for the bank's last lines
REASON = "looked at line by line: each has its owner, and is carried into the next month"
PAID_AFTER_DAYS = 12
TERMS = FeeTerms(
    items=(
        FeeItem(
            fee=Fee.PERCENT, words="Billing service",
            tiers=(Tier(percent=Decimal("5.00"), up_to=Decimal("60000.00")), Tier(percent=Decimal("4.50"))),
        ),
        FeeItem(fee=Fee.FLAT, words="Statements and portal", rate=Decimal("75.00")),
    ),
    minimum=Decimal("500.00"),
)  # fmt: skip


def agree_terms(place: Workplace, first: date) -> None:
    """The contract of the billing service with this practice, from the first month on."""
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-owner"):
        if terms_in(place.practice, first) is None:
            clients.set_terms(practice=place.practice, first_month=first, terms=TERMS)


def work(place: Workplace, day: date) -> Counter[str]:
    counts: Counter[str] = Counter()
    month = add_months(day.replace(day=1), -1)
    with tenant_scope(place.tenant), acting_as(f"{place.office.slug}-supervisor"):
        for on in open_days(day - timedelta(days=10), day - timedelta(days=1)):
            attempt(counts, "days closed", lambda on=on: close_day(day=on))
        through = periods.closed_through()
        is_open = through is None or through < month
        if is_open and day.day > GRACE_DAYS and month >= FIRST_MONTH:
            _close(place, month, counts)
    with tenant_scope(place.tenant), acting_as("billing service"):
        _paid(place, day, counts)
    return counts


def _close(place: Workplace, month: date, counts: Counter[str]) -> None:
    for one in what_keeps_it_open(checklist(month)):
        attempt(counts, "signed off", lambda one=one: sign_off(month=month, item=one.rule.item, reason=REASON))
    if attempt(counts, "months locked", lambda: lock_month(month=month, by=place.person("supervisor"))):
        attempt(counts, "invoices", lambda: clients.issue_invoice(practice=place.practice, month=month))


def _paid(place: Workplace, day: date, counts: Counter[str]) -> None:
    for invoice in place.practice.client_invoices.filter(issued_on=day - timedelta(days=PAID_AFTER_DAYS)).order_by(
        "number"
    ):
        attempt(
            counts, "invoices paid",
            lambda invoice=invoice: clients.record_payment(
                practice=place.practice, amount=invoice.total, received_on=day, key=f"invoice:{invoice.number}"
            ),
        )  # fmt: skip


def note_audit(place: Workplace, examined: int, faults: int) -> None:
    """What the day's audit found of the books as they stand: the month's checklist asks for one after its last posting."""
    with tenant_scope(place.tenant), acting_as("auditor"):
        sequence, digest = periods.hold_ledger()
        record_audit_result(ledger_sequence=sequence, ledger_hash=digest, examined=examined, faults=faults)


def prove_closed(place: Workplace, first: date) -> list[str]:
    """Each closed month's ledger reports made again from the ledger: names of those that are not the same bytes."""
    differ: list[str] = []
    with tenant_scope(place.tenant):
        through = periods.closed_through()
        month = first.replace(day=1)
        while through is not None and month <= through:
            differ += [f"{month:%Y-%m} {proof.name}" for proof in prove_month(month) if not proof.same]
            month = add_months(month, 1)
    return differ
