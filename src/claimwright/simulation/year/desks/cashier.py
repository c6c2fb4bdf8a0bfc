"""The cashier: cash and checks at the counter, cards on the processor's page, the drawer counted by two, the slip."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from claimwright.simulation.year.desks.steps import attempt, items
from claimwright.simulation.year.workplace import Workplace
from claimwright.web.cashier.cards import start_checkout, take_message
from claimwright.web.cashier.counter import count_drawer, make_slip, open_drawer, take_payment
from claimwright.web.cashier.models import CardAttempt, CashDrawer, DepositSlip, ReturnedPayment
from claimwright.web.cashier.processors import SandboxProcessor
from claimwright.web.cashier.returns import settle_return
from claimwright.web.cashier.selectors import undeposited
from claimwright.web.core.services import acting_as, resolve_work_items
from claimwright.web.core.tenancy import tenant_scope
from claimwright.web.core.worklists import Worklist
from claimwright.web.payments.models import PatientReceipt, Statement
from claimwright.web.payments.services import receive_patient_payment

LISTS = (Worklist.CASH_DIFFERENCES, Worklist.RETURNED_PAYMENTS, Worklist.CARD_PAYMENTS)
FLOAT = Decimal("100.00")
# How a patient brings the money, by a roll; the rest mails a check or gives a card by telephone.
CASH, COUNTER_CHECK, CARD_PAGE, BY_TELEPHONE = Decimal("0.15"), Decimal("0.30"), Decimal("0.55"), Decimal("0.70")
DECLINED_SHARE = Decimal("0.06")
SHORT_SHARE, SHORT_BY = Decimal("0.04"), Decimal("1.00")
BOUNCED_SHARE = Decimal("0.03")
SETTLED_AFTER_DAYS = 6


def take(place: Workplace, statement: Statement, amount: Decimal, key: str, day: date) -> None:
    """One patient's answer to a statement, in the way that this patient pays. Call in the tenant's scope."""
    roll = place.chance("way", statement.number)
    patient, practice = statement.patient, statement.practice
    if roll < CASH:
        _open(place)
        take_payment(patient=patient, practice=practice, amount=amount, method="cash", key=key)
    elif roll < COUNTER_CHECK:
        number = f"{1000 + int(roll * 9000)}"
        take_payment(patient=patient, practice=practice, amount=amount, method="check", key=key, check_number=number)
    elif roll < CARD_PAGE:
        _by_page(place, statement, amount, key, day)
    else:
        method = "card" if roll < BY_TELEPHONE else "check"
        receipt = receive_patient_payment(patient=patient, practice=practice, amount=amount, key=key, method=method)
        if method == "card":
            in_batch(receipt, day)


def in_batch(receipt: PatientReceipt, day: date) -> None:
    """The card terminal's batch of the day, whose number the bank shows."""
    receipt.reference = f"{day:%y%m%d}CA"
    receipt.save(update_fields=["reference"])


def paid(key: str) -> bool:
    """Whether this payment came, or was tried with a card that was refused."""
    return PatientReceipt.objects.filter(key=key).exists() or CardAttempt.objects.filter(key=key).exists()


def _open(place: Workplace) -> None:
    if not CashDrawer.objects.filter(practice=place.practice).exclude(state="closed").exists():
        open_drawer(practice=place.practice, float_amount=FLOAT)


def _by_page(place: Workplace, statement: Statement, amount: Decimal, key: str, day: date) -> None:
    tried = start_checkout(
        patient=statement.patient, practice=statement.practice, amount=amount, key=key, statement=statement
    )
    declined = place.chance("declined", statement.number) < DECLINED_SHARE
    take_message(
        message=SandboxProcessor().outcome(
            session=tried.session, amount=amount, outcome="declined" if declined else "captured", means="card",
            on=day.isoformat(),
        )
    )  # fmt: skip


def work(place: Workplace, day: date) -> Counter[str]:
    """The end of the cashier's day: two people count, the slip is made, and the bag goes to the bank."""
    counts: Counter[str] = Counter()
    slug = place.office.slug
    with tenant_scope(place.tenant):
        for drawer in CashDrawer.objects.exclude(state="closed"):
            _count(place, drawer, day)
            counts["drawers closed"] += 1
        with acting_as(f"{slug}-supervisor"):
            slip = make_slip(practice=place.practice) if _waits(place) else None
            if slip is not None:
                counts["slips"] += 1
                _bring(place, slip, day)
        with acting_as(f"{slug}-biller"):
            _lists(place, day, counts)
    return counts


def _count(place: Workplace, drawer: CashDrawer, day: date) -> None:
    receipts = drawer.receipts.filter(receipt__method="cash", receipt__state="posted")
    held = drawer.float_amount + sum(receipts.values_list("receipt__amount", flat=True), Decimal("0.00"))
    if held > SHORT_BY and place.chance("short", day) < SHORT_SHARE:
        held -= SHORT_BY
    for who in ("biller", "supervisor"):
        with acting_as(f"{place.office.slug}-{who}"):
            count_drawer(drawer=drawer, amount=held)


def _waits(place: Workplace) -> bool:
    return undeposited(place.practice).exists()


def _bring(place: Workplace, slip: DepositSlip, day: date) -> None:
    total = slip.cash_amount + slip.check_amount + slip.over_short_amount
    place.bank.slip(kind="deposit", amount=total, on=day, number=slip.number)
    checks = slip.receipts.filter(receipt__method="check").select_related("receipt").order_by("number")
    for one in checks:
        if place.chance("bounces", day, one.number) < BOUNCED_SHARE:
            place.bank.bounce(amount=one.receipt.amount, on=day)


def _lists(place: Workplace, day: date, counts: Counter[str]) -> None:
    old = ReturnedPayment.objects.filter(
        settled_on__isnull=True, returned_on__lte=day - timedelta(days=SETTLED_AFTER_DAYS)
    )
    for row in old.order_by("returned_on", "receipt__amount"):
        attempt(
            counts, "returned payments settled",
            lambda row=row: settle_return(returned=row, note="the patient brings cash for it"),
        )  # fmt: skip
    for item in items(place, day, (Worklist.CASH_DIFFERENCES, Worklist.CARD_PAYMENTS)):
        resolve_work_items(keys=[item.key], resolution="compared with the receipts of the day")
        counts["differences looked at"] += 1
